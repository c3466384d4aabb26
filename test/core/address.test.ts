import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  formatAddress,
  fromSystemHost,
  isLoopbackName,
  isOnionName,
  parseAddress,
  parseHostAndPort,
  systemHost,
} from "../../src/core/address.ts";
import { anyText } from "../any-text.ts";

describe("an address", () => {
  it("is read into its parts", () => {
    assert.deepEqual(parseAddress("WSS://[FE80::1%25Eth0]:9/lair?a=b"), {
      isTls: true,
      host: "fe80::1",
      zone: "Eth0",
      port: 9,
      path: "/lair?a=b",
    });
    const plain = { isTls: false, zone: undefined, path: "/" };
    assert.deepEqual(parseAddress("ws://B\u{dc}CHER.example"), { ...plain, host: "xn--bcher-kva.example", port: 80 });
    assert.deepEqual(parseAddress("ws://h", { ws: 7, wss: 8 }), { ...plain, host: "h", port: 7 });
  });

  it("is read back as it was printed", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."az09-_.~".split("")), minLength: 1, maxLength: 9 });
    const host = fc.oneof(
      fc.record({ host: fc.oneof(fc.domain(), fc.ipV4()), zone: fc.constant(undefined) }),
      fc.record({
        host: fc.constantFrom("::1", "fe80::1", "2001:db8::5"),
        zone: fc.option(letters, { nil: undefined }),
      }),
    );
    const path = fc.constantFrom("/", "/lair", "/lair/", "/a/b?c=d", "/?x", "/%C3%A9", "//x");
    fc.assert(
      fc.property(fc.boolean(), host, fc.integer({ min: 1, max: 65_535 }), path, (isTls, place, port, way) => {
        const address = { isTls, ...place, host: place.host.toLowerCase(), port, path: way };
        const text = formatAddress(address);
        // As a zone, "25..." cannot be told from the mark in front of it: it is always written.
        assert.deepEqual(parseAddress(text), address);
        assert.equal(formatAddress(parseAddress(text)!), text);
        assert.match(text, /^[!-~]+$/);
        assert.deepEqual(fromSystemHost(systemHost(address)), { host: address.host, zone: address.zone });
      }),
    );
  });

  it("is none with anything else in it, and what is none never throws", () => {
    const bad = [
      "ws:/h",
      "ws:///h",
      "ws://",
      "ws://u@h",
      "ws://h#x",
      "ws://h:",
      "ws://h:0",
      "ws://h:65536",
      "ws://::1",
    ];
    bad.push("ws://h\\x", "ws://h x", "ws://h/ x", "ws://h\t", "ws://[::1", "ws://::1]", "ws://[1.2.3.4]", "ws://[h]");
    bad.push("ws://1.2.3.256", "ws://a%2fb", "ws://xn--a", "ws://-h", "http://h", "h", `ws://h/${"x".repeat(1_000)}`);
    for (const text of bad) assert.equal(parseAddress(text), undefined, text);
    fc.assert(fc.property(anyText(), (rest) => void parseAddress(`ws://${rest}`)));
  });

  it("has no host that ends in another one", () => {
    for (const mark of ["/", "?", "#", "\\", "@", " "]) {
      assert.equal(parseHostAndPort(`evil.example${mark}.localhost`), undefined, mark);
    }
  });
});

describe("names with a meaning of their own", () => {
  it("are loopback names with a dot behind, and all below them", () => {
    for (const name of ["localhost", "localhost.", "LOCALHOST", "a.b.localhost", "a.localhost."]) {
      assert.ok(isLoopbackName(name), name);
    }
    for (const name of ["localhost.example", "xlocalhost", "localhost..", "local", ""]) {
      assert.ok(!isLoopbackName(name), name);
    }
  });

  it("are those of Tor", () => {
    for (const name of ["abc.onion", "a.abc.ONION.", "onion"]) assert.ok(isOnionName(name), name);
    for (const name of ["onion.example", "abconion", "abc.onion.example"]) assert.ok(!isOnionName(name), name);
  });
});
