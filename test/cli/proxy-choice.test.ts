// By way of which proxy a client connects: --proxy, the environment, and what is exempt.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatProxy } from "../../src/node/websocket/proxy-address.ts";
import { parseClientArguments } from "../../src/cli/arguments.ts";
import { proxyFor } from "../../src/cli/proxy-choice.ts";
import { throwsLair } from "../throws-lair.ts";
import { client, refuses } from "./command-lines.ts";

function chosen(url: string, environment: Record<string, string>, argument?: string): string | undefined {
  const named = argument === undefined ? undefined : client("--proxy", argument).proxy;
  const proxy = proxyFor(url, named, environment);
  return proxy === undefined ? undefined : formatProxy(proxy);
}

describe("--proxy", () => {
  it("takes socks5h and http, and socks5 for the former", () => {
    const proxies: Record<string, string> = {
      "socks5h://127.0.0.1:9050": "socks5h://127.0.0.1:9050",
      "socks5://127.0.0.1:9050": "socks5h://127.0.0.1:9050",
      "SOCKS5H://[::1]": "socks5h://[::1]:1080",
      "http://bücher.example:3128/": "http://xn--bcher-kva.example:3128",
      "proxy.example:3128": "http://proxy.example:3128",
    };
    for (const [text, shown] of Object.entries(proxies))
      assert.equal(formatProxy(client("--proxy", text).proxy!), shown);
  });

  it("is refused for other kinds, and with a password, which is not repeated", () => {
    for (const text of [
      "socks4://h:1",
      "socks4a://h:1",
      "socks://h:1",
      "https://h:1",
      "ftp://h",
      "",
      "http://h:0",
      "a b",
    ]) {
      const error = refuses(parseClientArguments, [`--proxy=${text}`], /^--proxy takes socks5h:\/\/HOST:PORT or http/);
      assert.equal(/SOCKS 4/.test(error.message), /^socks4a?:/.test(text), text);
      assert.equal(/Write socks5h/.test(error.message), text.startsWith("socks:"), text);
    }
    const error = refuses(parseClientArguments, ["--proxy", "socks5h://ada:pw@h:1"], /takes no name and password/);
    assert.doesNotMatch(`${error.message}${error.hint}`, /ada|pw/);
  });

  it("counts for every address, whatever the environment says", () => {
    const environment = { ALL_PROXY: "http://other:1", NO_PROXY: "*" };
    for (const url of ["ws://a.example:8080", "ws://127.0.0.1:8080", "ws://localhost:8080", "ws://abc.onion:80"]) {
      assert.equal(chosen(url, environment, "socks5h://tor:9050"), "socks5h://tor:9050");
    }
  });
});

describe("the proxy of the environment", () => {
  it("is the one for the scheme, else the one for all, lower case first; an empty one is none", () => {
    const all = { ALL_PROXY: "socks5://all:1", HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "tls:1" };
    assert.equal(chosen("ws://a:1", all), "http://plain:1");
    assert.equal(chosen("wss://a:1", all), "http://tls:1");
    assert.equal(chosen("wss://a:1", { ...all, HTTPS_PROXY: "" }), "socks5h://all:1");
    assert.equal(chosen("ws://a:1", { ...all, http_proxy: "http://lower:1" }), "http://lower:1");
    assert.equal(
      chosen("ws://a:1", { all_proxy: "socks5h://lower:1", ALL_PROXY: "socks5h://upper:1" }),
      "socks5h://lower:1",
    );
    assert.equal(chosen("ws://a:1", {}), undefined);
  });

  it("has its name and password there", () => {
    const proxy = proxyFor("ws://a:1", undefined, { ALL_PROXY: "socks5h://ada:p%40w:x@h:1" });
    assert.deepEqual(proxy?.credentials, { name: "ada", password: "p@w:x" });
  });

  it("never leads to loopback", () => {
    for (const host of [
      "localhost",
      "localhost.",
      "a.localhost",
      "127.0.0.1",
      "127.8.8.8",
      "[::1]",
      "[::ffff:127.0.0.1]",
    ]) {
      assert.equal(chosen(`ws://${host}:1`, { ALL_PROXY: "socks5h://h:1", HTTP_PROXY: "h:1" }), undefined, host);
    }
  });

  it("leads to a name of Tor's only where no resolver is asked", () => {
    assert.equal(chosen("ws://abc.onion:1", { ALL_PROXY: "socks5h://h:1" }), "socks5h://h:1");
    assert.equal(chosen("ws://abc.onion:1", { HTTP_PROXY: "http://h:1" }), undefined);
  });

  it("gives way to NO_PROXY", () => {
    const exempt: [list: string, url: string, isExempt: boolean][] = [
      ["*", "ws://a:1", true],
      ["a.example", "ws://a.example:1", true],
      ["a.example", "ws://b.a.example.:1", true],
      ["a.example", "ws://ba.example:1", false],
      [".example", "ws://a.example:1", true],
      ["*.example", "ws://a.example:1", true],
      ["x, a.example:81 ,y", "ws://a.example:81", true],
      ["a.example:81", "ws://a.example:82", false],
      ["10.0.0.0/8", "ws://10.1.2.3:1", true],
      ["10.0.0.0/8", "ws://11.1.2.3:1", false],
      ["192.0.2.1", "ws://192.0.2.1:1", true],
      ["fd00::/8", "ws://[fd12::1]:1", true],
      ["fd00::1", "ws://[fd00::1]:1", true],
      ["10.0.0.0/99,::/x,/,:", "ws://10.1.2.3:1", false],
      ["bücher.example", "ws://xn--bcher-kva.example:1", true],
      ["", "ws://a:1", false],
    ];
    for (const [list, url, isExempt] of exempt) {
      const environment = { ALL_PROXY: "http://h:1", no_proxy: list };
      assert.equal(chosen(url, environment) === undefined, isExempt, `${list} ${url}`);
    }
  });

  it("is named with its variable, and not repeated, where it is none", () => {
    const error = throwsLair(() => chosen("ws://a:1", { ALL_PROXY: "socks4://ada:pw@h:1" }), "usage", "socks4");
    assert.match(error.message, /^ALL_PROXY takes socks5h/);
    assert.doesNotMatch(`${error.message}${error.hint}`, /ada|pw/);
  });
});
