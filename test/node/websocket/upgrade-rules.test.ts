import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAllowedHost, refusalOf, type UpgradeRules } from "../../../src/node/websocket/upgrade-rules.ts";

const RULES: UpgradeRules = { allowOrigins: ["https://good.example"], allowHosts: [], loopback: true };

function statusOf(
  changes: Record<string, string | undefined>,
  rules: Partial<UpgradeRules> = {},
  url = "/",
  httpVersion = "1.1",
): number | undefined {
  const all = { host: "localhost:8080", "sec-websocket-protocol": "lair.1", "sec-websocket-version": "13", ...changes };
  const entries = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const headers = Object.fromEntries(entries);
  const headersDistinct = Object.fromEntries(entries.map(([name, value]) => [name, value.split("|")]));
  return refusalOf({ httpVersion, url, headers, headersDistinct }, { ...RULES, ...rules })?.status;
}

describe("refusalOf", () => {
  it("lets a client without an Origin in", () => assert.equal(statusOf({}), undefined));

  it("refuses every Origin that is not listed, to the letter", () => {
    assert.equal(statusOf({ origin: "https://good.example" }), undefined);
    for (const origin of ["https://evil.example", "null", "", "https://good.example.evil", "http://good.example"]) {
      assert.equal(statusOf({ origin }), 403, origin);
    }
    assert.equal(statusOf({ "sec-websocket-origin": "https://evil.example" }), 403);
  });

  it("wants exactly one Host and a path, wherever it is bound", () => {
    const wide = { loopback: false };
    assert.equal(statusOf({ host: "chat.example" }, wide, "/lair?x"), undefined);
    assert.equal(statusOf({ host: undefined }, wide), 400);
    assert.equal(statusOf({ host: "a.example|b.example" }, wide), 400);
    for (const url of ["http://evil.example/", "ws://127.0.0.1/", "*", "", "evil.example:80"]) {
      assert.equal(statusOf({}, {}, url), 400, url);
    }
  });

  it("wants a Host that is a name or an address with a port, wherever it is bound", () => {
    for (const host of ["evil..example", "user@chat.example", "chat.example:65536", "", "chat.example/x"]) {
      assert.equal(statusOf({ host }, { loopback: false }), 400, host);
    }
  });

  it("wants HTTP/1.1 and no body", () => {
    for (const version of ["0.9", "1.0", "2.0"]) assert.equal(statusOf({}, {}, "/", version), 400, version);
    for (const length of ["0", "5"]) assert.equal(statusOf({ "content-length": length }), 400, length);
    for (const coding of ["chunked", "identity", ""]) assert.equal(statusOf({ "transfer-encoding": coding }), 400);
  });

  it("wants the subprotocol lair.1 among those offered", () => {
    assert.equal(statusOf({ "sec-websocket-protocol": "chat, lair.1 ,x" }), undefined);
    for (const offered of [undefined, "", "lair.10", "lair", "LAIR.1", "chat,lair.2"]) {
      assert.equal(statusOf({ "sec-websocket-protocol": offered }), 400, offered);
    }
  });

  it("refuses the drafts of WebSocket", () => {
    assert.equal(statusOf({ "sec-websocket-version": "8" }), 400);
    assert.equal(statusOf({ "sec-websocket-version": undefined }), 400);
  });

  it("refuses a foreign, a missing and a second Host while bound to loopback, and only then", () => {
    for (const host of ["evil.example", undefined, "localhost|evil.example"]) {
      assert.equal(statusOf({ host }), 403, host);
    }
    assert.equal(statusOf({ host: "evil.example" }, { loopback: false }), undefined);
    assert.equal(statusOf({ host: "chat.example:443" }, { allowHosts: ["chat.example"] }), undefined);
  });
});

describe("isAllowedHost", () => {
  it("knows the loopback names with any port", () => {
    for (const host of [
      "localhost",
      "LOCALHOST:1",
      "a.localhost:8080",
      "127.0.0.1",
      "127.8.9.1:65535",
      "[::1]",
      "[::1]:80",
      "localhost.",
      "localhost.:8080",
      "chat.localhost.",
      "[::ffff:7f00:1]:80",
      `${"a".repeat(63)}.localhost`,
      "A.LocalHost.:65535",
    ]) {
      assert.ok(isAllowedHost(host, []), host);
    }
  });

  it("is not taken in by names that look like one", () => {
    const hosts = [
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "evil-localhost",
      "127.1",
      "0x7f.0.0.1",
      "[::2]",
      "evil.com/.localhost",
      "evil.example\\.localhost",
      "evil.example#.localhost",
      "evil.example?.localhost",
      "%6cocalhost",
      "127.0.1",
      "2130706433",
      "[::ffff:8000:1]",
      "localhost..",
      "l\u{f6}calhost",
    ];
    hosts.push("evil..localhost", ".localhost", "..localhost", ".", "localhost:0", "localhost:65536", "@localhost");
    hosts.push(
      `${"a".repeat(64)}.localhost`,
      `${"a.".repeat(123)}localhost`,
      " localhost",
      "localhost ",
      "127.0.0.1..",
    );
    hosts.push("::1", "[::1", "localhost:", "localhost:80:80", "localhost:123456", "user@localhost", "localhost/x", "");
    for (const host of hosts) assert.equal(isAllowedHost(host, []), false, host);
  });

  it("takes the listed names with any port, and names listed with a port with that one", () => {
    assert.ok(isAllowedHost("Chat.example:99", ["chat.example"]));
    assert.ok(isAllowedHost("chat.example:99", ["chat.example:99"]));
    assert.equal(isAllowedHost("chat.example:98", ["chat.example:99"]), false);
    assert.ok(isAllowedHost("chat.example.", ["chat.example"]));
    assert.ok(isAllowedHost("xn--bcher-kva.example:1", ["bücher.example"]));
    assert.equal(isAllowedHost("x.chat.example", ["chat.example"]), false);
  });
});
