// HELLO (docs/PROTOCOL.md §3.4): how a side introduces itself, and every way to do it wrongly.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { fromUtf8, toUtf8 } from "../../../src/core/bytes.ts";
import { type Hello, isName, isRekeyWindow, packHello, unpackHello } from "../../../src/core/channel/hello.ts";
import { packRecords, RECORD, unpackRecords } from "../../../src/core/channel/record.ts";
import { throwsLair } from "../../throws-lair.ts";
import { isSignatureKey } from "../../../src/core/noise/index.ts";

const SIGNATURE_KEY = new Uint8Array(32).fill(7);
const SIG = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
const ADA: Hello = {
  signatureKey: SIGNATURE_KEY,
  name: "ada",
  agent: "lair/0.1.0",
  rekey: { minMs: 30_000, maxMs: 120_000 },
  capabilities: [],
};
const BOB: Hello = { signatureKey: SIGNATURE_KEY, name: "bob", agent: "lair/0.1.0", capabilities: [] };

/** A payload with this JSON, or this text, as its HELLO. */
function payloadOf(json: unknown): Uint8Array {
  return packRecords([{ type: RECORD.hello, body: toUtf8(typeof json === "string" ? json : JSON.stringify(json)) }]);
}

const right = { v: 1, name: "eve", agent: "rogue/1", sig: SIG, caps: [] as unknown[] };

const shortText = (most: number): fc.Arbitrary<string> =>
  fc.string({ unit: "grapheme", maxLength: most }).filter((text) => toUtf8(text).length <= most);

const hellos: fc.Arbitrary<Hello> = fc
  .record({
    name: shortText(64).filter(isName),
    agent: shortText(64),
    signatureKey: fc.uint8Array({ minLength: 32, maxLength: 32 }).filter(isSignatureKey),
    window: fc.option(fc.tuple(fc.integer({ min: 1_000, max: 3_600_000 }), fc.integer({ min: 1_000, max: 3_600_000 }))),
    capabilities: fc.array(fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" }), { maxLength: 16 }),
  })
  .map(({ name, agent, signatureKey, window, capabilities }) => {
    if (window === null) return { name, agent, signatureKey, capabilities };
    return {
      name,
      agent,
      signatureKey,
      rekey: { minMs: Math.min(...window), maxMs: Math.max(...window) },
      capabilities,
    };
  });

const bodyOf = (hello: Hello): string | undefined => fromUtf8(unpackRecords(packHello(hello))[0]!.body);

describe("packHello and unpackHello (§3.4)", () => {
  it("write the examples of §15", () => {
    assert.equal(bodyOf(ADA), `{"v":1,"name":"ada","agent":"lair/0.1.0","sig":"${SIG}","rekey":[30,120],"caps":[]}`);
    assert.equal(bodyOf(BOB), `{"v":1,"name":"bob","agent":"lair/0.1.0","sig":"${SIG}","caps":[]}`);
    assert.equal(packHello(ADA).length, 256);
  });

  it("are each other's inverse, to the millisecond", () => {
    fc.assert(fc.property(hellos, (hello) => assert.deepEqual(unpackHello(packHello(hello)), hello)));
  });

  it("have an address, if there is one", () => {
    const url = "ws://192.0.2.7:8080/";
    assert.deepEqual(unpackHello(packHello({ ...BOB, url })), { ...BOB, url });
    assert.equal(packHello({ ...BOB, url }).length, 256);
  });

  it("fit into a handshake message of 1,024 bytes with all members at their limits", () => {
    const largest: Hello = {
      name: "n".repeat(64),
      agent: "a".repeat(64),
      signatureKey: SIGNATURE_KEY,
      rekey: { minMs: 1_001, maxMs: 3_599_999 },
      capabilities: Array.from({ length: 16 }, () => "c".repeat(32)),
    };
    const payload = packHello(largest);
    assert.ok(payload.length <= 1_024 - 96, `${payload.length} bytes`);
    assert.deepEqual(unpackHello(payload), largest);
  });
});

describe("packHello (§3.4)", () => {
  const bad: Record<string, Hello> = {
    "no name": { ...BOB, name: "" },
    "a name over 64 bytes": { ...BOB, name: "ü".repeat(33) },
    "a control character in its name": { ...BOB, name: "a\u0085b" },
    "an agent over 64 bytes": { ...BOB, agent: "a".repeat(65) },
    "a signature key of 31 bytes": { ...BOB, signatureKey: new Uint8Array(31).fill(7) },
    "a signature key of low order": { ...BOB, signatureKey: new Uint8Array(32) },
    "17 capabilities": { ...BOB, capabilities: Array.from({ length: 17 }, () => "c") },
    "an address that is none": { ...BOB, url: "http://example" },
    "an address over 255 bytes": { ...BOB, url: `ws://${"a".repeat(251)}` },
    "an empty capability": { ...BOB, capabilities: [""] },
    "a capability over 32 bytes": { ...BOB, capabilities: ["c".repeat(33)] },
    "more JSON than fits": { ...BOB, capabilities: Array.from({ length: 16 }, () => '"'.repeat(32)) },
    "a window that starts below 1 s": { ...BOB, rekey: { minMs: 999, maxMs: 2_000 } },
    "a window that is upside down": { ...BOB, rekey: { minMs: 3_000, maxMs: 2_000 } },
    "a window that ends over an hour": { ...BOB, rekey: { minMs: 3_000, maxMs: 3_600_001 } },
  };
  for (const [fault, hello] of Object.entries(bad)) {
    it(`refuses ${fault}`, () => {
      assert.throws(() => packHello(hello), RangeError);
    });
  }
});

describe("unpackHello (§3.4)", () => {
  const hello = { type: RECORD.hello, body: toUtf8(JSON.stringify(right)) };

  it("ignores members that it does not know", () => {
    const read = unpackHello(payloadOf({ ...right, colour: "blue", toString: 1 }));
    assert.deepEqual(read, { name: "eve", agent: "rogue/1", signatureKey: SIGNATURE_KEY, capabilities: [] });
  });

  const payloads: Record<string, Uint8Array> = {
    "no record": new Uint8Array(256),
    "another record": packRecords([{ ...hello, type: RECORD.data }]),
    "a record of an optional type": packRecords([hello, { type: 0x80, body: new Uint8Array(0) }]),
    "two HELLOs": packRecords([hello, hello]),
    "bytes that are not UTF-8": packRecords([{ ...hello, body: Uint8Array.of(0x22, 0xff, 0x22) }]),
    "an empty body": payloadOf(""),
    "a byte order mark": payloadOf(`\ufeff${JSON.stringify(right)}`),
    "JSON with something behind it": payloadOf(`${JSON.stringify(right)}{}`),
    "a list": payloadOf([right]),
    null: payloadOf(null),
    "a number": payloadOf(1),
    "a body over 925 bytes": payloadOf({ ...right, more: "x".repeat(925) }),
  };
  for (const [fault, payload] of Object.entries(payloads)) {
    it(`refuses ${fault}`, () => {
      throwsLair(() => unpackHello(payload), "hello-malformed");
    });
  }

  const members: Record<string, object> = {
    "no version": { v: undefined },
    "another version": { v: 2 },
    "a version that is a string": { v: "1" },
    "no name": { name: undefined },
    "a name that is no string": { name: 7 },
    "an empty name": { name: "" },
    "a name of white space": { name: "  \u3000" },
    "a name over 64 bytes": { name: "ü".repeat(33) },
    "an escape sequence in the name": { name: "\u001b[2J" },
    "a newline in the name": { name: "a\nb" },
    "no agent": { agent: undefined },
    "an agent that is no string": { agent: {} },
    "an agent over 64 bytes": { agent: "ü".repeat(33) },
    "no signature key": { sig: undefined },
    "a signature key of null": { sig: null },
    "a signature key that is a list": { sig: [...SIGNATURE_KEY] },
    "a signature key in hex": { sig: "07".repeat(32) },
    "a signature key with padding": { sig: `${SIG}=` },
    "a signature key of 31 bytes": { sig: SIG.slice(0, -2) + "w" },
    "a signature key of 33 bytes": { sig: `${SIG.slice(0, -1)}cH` },
    "a signature key with a bit behind its end": { sig: `${SIG.slice(0, -1)}d` },
    "a signature key of low order": { sig: "A".repeat(43) },
    "a signature key that is not canonical": { sig: `${"_".repeat(42)}8` },
    "no capabilities": { caps: undefined },
    "capabilities that are no list": { caps: { length: 0 } },
    "17 capabilities": { caps: Array.from({ length: 17 }, () => "c") },
    "a capability that is no string": { caps: [1] },
    "an empty capability": { caps: ["a", ""] },
    "a capability over 32 bytes": { caps: ["ü".repeat(17)] },
    "an address that is no string": { url: 7 },
    "an address of another scheme": { url: "http://example" },
    "an address over 255 bytes": { url: `ws://${"a".repeat(251)}` },
    "an escape sequence in the address": { url: "ws://a\u001b[2J" },
    "a window that is no list": { rekey: "30-120" },
    "a window of null": { rekey: null },
    "a window of one": { rekey: [30] },
    "a window of three": { rekey: [30, 60, 120] },
    "a window of strings": { rekey: ["30", "120"] },
    "half a window of strings": { rekey: [30, "120"] },
  };
  for (const [fault, member] of Object.entries(members)) {
    it(`refuses ${fault}`, () => {
      throwsLair(() => unpackHello(payloadOf({ ...right, ...member })), "hello-malformed");
    });
  }

  it("refuses a window outside 1 s to 3,600 s with a code of its own", () => {
    for (const rekey of ["[0.999,2]", "[2,1]", "[1,3600.001]", "[-1,2]", "[1e999,1e999]", "[1,1e999]"]) {
      const json = JSON.stringify(right).replace("{", `{"rekey":${rekey},`);
      throwsLair(() => unpackHello(payloadOf(json)), "rekey-window", rekey);
    }
    assert.deepEqual(unpackHello(payloadOf({ ...right, rekey: [1, 3_600] })).rekey, { minMs: 1_000, maxMs: 3_600_000 });
    assert.deepEqual(unpackHello(payloadOf({ ...right, rekey: [1.5, 1.5] })).rekey, { minMs: 1_500, maxMs: 1_500 });
  });
});

describe("isName and isRekeyWindow (§3.4)", () => {
  it("accept names in any script, and limit bytes rather than letters", () => {
    for (const name of ["ada", "Ada Lovelace", "李", "é".repeat(32), "👩‍👩‍👧"]) assert.equal(isName(name), true, name);
    for (const name of ["é".repeat(33), "\u007f", "a\tb", " "]) assert.equal(isName(name), false, name);
  });

  it("accept whole windows between 1 s and 3,600 s, and no other", () => {
    assert.equal(isRekeyWindow({ minMs: 1_000, maxMs: 3_600_000 }), true);
    assert.equal(isRekeyWindow({ minMs: 5_000, maxMs: 5_000 }), true);
    for (const [minMs, maxMs] of [
      [999, 5_000],
      [5_000, 4_999],
      [5_000, 3_600_001],
      [Number.NaN, 5_000],
      [5_000, Number.NaN],
    ] as const) {
      assert.equal(isRekeyWindow({ minMs, maxMs }), false);
    }
  });
});
