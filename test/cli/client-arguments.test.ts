// The command line of lair-client: its own options, and every refusal.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseClientArguments } from "../../src/cli/arguments.ts";
import { CLIENT, client, refuses } from "./command-lines.ts";

describe("the arguments of lair-client", () => {
  it("take everything at once", () => {
    assert.deepEqual(client("ws://127.0.0.1:9000", "--invite-file", "invite.txt", "--json"), {
      ...CLIENT,
      url: "ws://127.0.0.1:9000",
      inviteFile: "invite.txt",
      json: true,
    });
  });

  it("take --once", () => {
    assert.deepEqual(client("--once"), { ...CLIENT, once: true });
  });

  it("take --peer, but for an invite, which says itself whose it is", () => {
    assert.deepEqual(client("--peer", " ada "), { ...CLIENT, peer: "ada" });
    refuses(parseClientArguments, ["--peer", " "], /^--peer takes a name/);
    refuses(parseClientArguments, ["--peer", "ada", "--invite-file", "a"], /an invite already names its server/);
  });

  it("take --http with an address or without one, on this machine only", () => {
    const http = { host: "127.0.0.1", port: 0, tokenFile: undefined };
    assert.deepEqual(client("--http"), { ...CLIENT, http });
    assert.deepEqual(client("--http="), { ...CLIENT, http });
    assert.deepEqual(client("--http", "127.0.0.1:9"), { ...CLIENT, http: { ...http, port: 9 } });
    assert.deepEqual(client("--http=[::1]:9"), { ...CLIENT, http: { ...http, host: "::1", port: 9 } });
    assert.deepEqual(client("--http", "localhost:9"), { ...CLIENT, http: { ...http, host: "localhost", port: 9 } });
    // What follows is something else, unless it is HOST:PORT.
    assert.deepEqual(client("--http", "ws://a:9"), { ...CLIENT, http, url: "ws://a:9" });
    assert.deepEqual(client("--http", "bob"), { ...client("bob"), http });
    assert.deepEqual(client("a:9", "--http"), { ...CLIENT, http, url: "ws://a:9" });
    assert.deepEqual(client("--http", "--json"), { ...CLIENT, http, json: true });
    assert.deepEqual(client("--name", "ada", "--http", "--", "ws://a:9"), { ...client("ws://a:9"), name: "ada", http });
    const file = client("--http", "--http-token-file", "t");
    assert.deepEqual(file, { ...CLIENT, http: { ...http, tokenFile: "t" } });
    for (const place of ["0.0.0.0:9", "[::]:9", "192.0.2.1:9", "chat.example:9", "127.0.0.1.example:9"]) {
      refuses(parseClientArguments, ["--http", place], /^--http listens on this machine only/);
    }
    refuses(parseClientArguments, ["--http=bob"], /^--http takes HOST:PORT/);
    refuses(parseClientArguments, ["--http", "127.0.0.1:9", "127.0.0.1:8", "x"], /one name or URL at most/);
    refuses(parseClientArguments, ["--http-token-file", "t"], /can only be used with --http/);
    refuses(parseClientArguments, ["--http", "history"], /--http/);
  });

  it("take --queue, though not where nothing is kept", () => {
    assert.deepEqual(client("--queue"), { ...CLIENT, queue: true });
    refuses(parseClientArguments, ["--queue", "--no-store"], /--no-store keeps nothing/);
  });

  const urls: Record<string, string> = {
    "ws://127.0.0.1:8080": "ws://127.0.0.1:8080",
    "ws://127.0.0.1:8080/": "ws://127.0.0.1:8080",
    "wss://chat.example": "wss://chat.example:443",
    "wss://chat.example:8443": "wss://chat.example:8443",
    "ws://chat.example": "ws://chat.example:8080",
    "WS://Chat.Example:9": "ws://chat.example:9",
    "127.0.0.1:9000": "ws://127.0.0.1:9000",
    localhost: "ws://localhost:8080",
    "ws://history": "ws://history:8080",
    "ws://status": "ws://status:8080",
    "status:8080": "ws://status:8080",
    time: "ws://time:8080",
    "history:8080": "ws://history:8080",
    "[::1]:9000": "ws://[::1]:9000",
    "ws://[::1]": "ws://[::1]:8080",
    "ws://[FE80::1]:65535": "ws://[fe80::1]:65535",
    "ws://bücher.example:9": "ws://xn--bcher-kva.example:9",
    "bücher.example": "ws://xn--bcher-kva.example:8080",
    "ws://[fe80::1%25eth0]:9": "ws://[fe80::1%25eth0]:9",
    "ws://[fe80::1%eth0]:9": "ws://[fe80::1%25eth0]:9",
    "[fe80::1%wlan0.2]": "ws://[fe80::1%25wlan0.2]:8080",
    "wss://chat.example/lair": "wss://chat.example:443/lair",
    "wss://chat.example/a%20b/?room=1": "wss://chat.example:443/a%20b/?room=1",
    "chat.example/lair": "ws://chat.example:8080/lair",
    "ws://a?query": "ws://a:8080/?query",
    "ws://localhost.": "ws://localhost.:8080",
  };
  for (const [text, url] of Object.entries(urls)) {
    it(`connect to ${text}`, () => {
      assert.equal(client(text).url, url);
    });
  }

  const noUrls = [
    "",
    "http://127.0.0.1:8080",
    "https://a",
    "ftp://a",
    "ws://",
    "ws:///",
    "ws://:8080",
    "ws://a:65536",
    "ws://a:0",
  ].concat([
    "ws://a:123456",
    "ws://a:b",
    "ws://a:",
    "ws://a/path#fragment",
    "ws://a/a path",
    "ws:///path",
    "ws://[fe80::1%25]x",
    "ws://[fe80::1%et/0]",
    "ws://a\\b",
    "ws://xn--a",
    "ws://a#fragment",
    "ws://user:password@a",
    "ws://user@a",
    "ws://a b",
    "ws://::1",
    "::1",
    "ws://[::1",
    "ws://[g::1]",
    "/tmp/socket",
    " ",
  ]);
  for (const text of noUrls) {
    it(`do not connect to "${text}"`, () => {
      refuses(parseClientArguments, ["--", text], /^A server's address is ws:\/\/HOST:PORT/);
    });
  }

  it("say how an IPv6 address is written", () => {
    for (const text of ["fe80::1", "fe80::1%eth0", "fe80::1%25eth0"]) {
      const { hint } = refuses(parseClientArguments, [text], /^A server's address/);
      assert.equal(hint, `Put an IPv6 address in brackets: ws://[${text}]:8080`);
    }
    for (const text of ["fe80::1%", "fe80::1%a b", "fe80:::1%eth0"])
      assert.match(refuses(parseClientArguments, [text], /^A server's address/).hint!, /--help/);
  });

  it("are refused with two URLs", () => {
    refuses(parseClientArguments, ["ws://a:1", "ws://b:1"], /one name or URL at most/);
  });

  it("are refused with an invite and a psk file at once", () => {
    refuses(parseClientArguments, ["--invite-file", "a", "--psk-file", "b"], /choose one/);
  });

  for (const option of [
    "--listen=1",
    "--rekey=high",
    "--invite",
    "--allow-origin=a",
    "--allow-host=a",
    "--tls-key=a",
  ]) {
    it(`are refused with ${option}, which only lair-server takes`, () => {
      refuses(parseClientArguments, [option], new RegExp(option.split("=")[0]!));
    });
  }
});
