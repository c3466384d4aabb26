import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { chosenName, cleanName } from "../../../src/core/identity/peer-name.ts";
import {
  type Peer,
  decodeOpenInvite,
  decodePeer,
  encodeOpenInvite,
  encodePeer,
} from "../../../src/core/identity/peer.ts";
import { isSignatureKey } from "../../../src/core/noise/index.ts";
import { alicePublic, somePsk } from "./known-keys.ts";
import { anyText } from "../../any-text.ts";
import { effort } from "../../effort.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const time = fc.maxSafeNat();
const orNothing = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const peer: fc.Arbitrary<Peer> = fc.record(
  {
    publicKey: bytes32,
    name: anyText().map(cleanName),
    psk: orNothing(bytes32),
    pairedAtMs: time,
    comparedAtMs: orNothing(time),
    url: orNothing(fc.constantFrom("ws://127.0.0.1:8080", "wss://[::1]:443/lair?x=y")),
    invitePsk: orNothing(bytes32),
    signatureKey: bytes32.filter(isSignatureKey),
  },
  { noNullPrototype: true },
);
const ada: Peer = {
  publicKey: alicePublic,
  name: "ada",
  psk: somePsk,
  pairedAtMs: 1_800_000_000_000,
  comparedAtMs: undefined,
  url: undefined,
  invitePsk: undefined,
  signatureKey: new Uint8Array(32).fill(3),
};

const normal = (one: Peer | undefined) => (one === undefined ? one : encodePeer(one));

describe("peer in a file", () => {
  it("is read back as it was written, through JSON", () => {
    fc.assert(fc.property(peer, (it) => assert.deepEqual(decodePeer(JSON.parse(JSON.stringify(encodePeer(it)))), it)));
  });

  it("has who introduced it, and whether it is muted, only if that is so", () => {
    assert.deepEqual(Object.keys(encodePeer(ada)), Object.keys(encodePeer({ ...ada, introducedBy: undefined })));
    for (const more of [
      { isMuted: true as const },
      { introducedBy: "eve" },
      { isMuted: true as const, introducedBy: "" },
    ]) {
      const encoded = encodePeer({ ...ada, ...more });
      assert.deepEqual(decodePeer(JSON.parse(JSON.stringify(encoded))), { ...ada, ...more });
      for (const wrong of [null, false, 1, "\n"]) {
        const member = "isMuted" in more ? "muted" : "introducedBy";
        assert.equal(decodePeer({ ...encoded, [member]: wrong }), undefined, JSON.stringify(wrong));
      }
    }
  });

  it("has its introducer's key only beside the name, and only with 32 bytes", () => {
    const introduced = { ...ada, introducedBy: "eve", introducerKey: new Uint8Array(32).fill(5) };
    const encoded = encodePeer(introduced);
    assert.deepEqual(decodePeer(JSON.parse(JSON.stringify(encoded))), introduced);
    const { introducedBy: _, ...without } = encoded as typeof encoded & { readonly introducedBy: string };
    assert.equal(decodePeer(without), undefined);
    for (const introducerKey of [null, "", "AAAA", 1])
      assert.equal(decodePeer({ ...encoded, introducerKey }), undefined);
    assert.throws(() => encodePeer({ ...introduced, introducerKey: new Uint8Array(31) }), RangeError);
  });

  it("is a hub only if that is so", () => {
    const encoded = encodePeer({ ...ada, isHub: true });
    assert.deepEqual(decodePeer(JSON.parse(JSON.stringify(encoded))), { ...ada, isHub: true });
    assert.equal("hub" in encodePeer(ada), false);
    for (const hub of [null, false, 1, "yes"]) assert.equal(decodePeer({ ...encoded, hub }), undefined);
  });

  it("is refused with any member missing, unknown or of another kind", () => {
    const encoded = encodePeer(ada);
    for (const member of Object.keys(encoded)) {
      const { [member as keyof typeof encoded]: _, ...without } = encoded;
      // Peers that were paired before there were signature keys.
      const read = member === "signatureKey" ? { ...ada, signatureKey: undefined } : undefined;
      assert.deepEqual(normal(decodePeer(without)), normal(read), `without ${member}`);
      assert.equal(decodePeer({ ...without, other: null }), undefined, `other for ${member}`);
      for (const wrong of [true, {}, [], -1, 0.5, Number.NaN, "\n"]) {
        assert.equal(decodePeer({ ...encoded, [member]: wrong }), undefined, `${member}: ${JSON.stringify(wrong)}`);
      }
    }
    assert.equal(decodePeer({ ...encoded, more: 1 }), undefined);
    for (const value of [undefined, null, 1, "x", [], {}]) assert.equal(decodePeer(value), undefined);
  });

  it("is refused with a key or a psk of another length", () => {
    const encoded = encodePeer(ada);
    for (const wrong of ["", "AAAA", `${"A".repeat(43)}A`, "A".repeat(44), `${"A".repeat(42)}B`, "+".repeat(43)]) {
      for (const member of ["publicKey", "psk", "invitePsk"]) {
        assert.equal(decodePeer({ ...encoded, [member]: wrong }), undefined, `${member}: ${wrong}`);
      }
    }
  });

  it("is refused with a name that is too long or holds controls", () => {
    const encoded = encodePeer(ada);
    for (const name of ["a".repeat(65), "ä".repeat(33), "a\u{1b}[2J", "a\u{7f}", "a\u{9b}", "a\nb"]) {
      assert.equal(decodePeer({ ...encoded, name }), undefined);
    }
    assert.equal(decodePeer({ ...encoded, name: "a".repeat(64) })?.name.length, 64);
    assert.equal(decodePeer({ ...encoded, name: "a\u{202e}b" })?.name, "ab");
  });

  it("is written with its name cleaned, and not at all when it could not be read again", () => {
    assert.equal(encodePeer({ ...ada, name: "\u{1b}]0;x\u{7}ada\u{202e}\n" }).name, "]0;xada");
    assert.throws(() => encodePeer({ ...ada, publicKey: somePsk.slice(1) }), RangeError);
    assert.throws(() => encodePeer({ ...ada, psk: new Uint8Array(0) }), RangeError);
    assert.throws(() => encodePeer({ ...ada, pairedAtMs: 0.5 }), RangeError);
    assert.throws(() => encodePeer({ ...ada, url: "http://x" }), RangeError);
  });
});

describe("open invite in a file", () => {
  it("is read back as it was written, through JSON", () => {
    const invite = fc.record(
      { id: fc.stringMatching(/^[!-~]{1,64}$/), psk: bytes32, expiresAtMs: time },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(invite, (it) =>
        assert.deepEqual(decodeOpenInvite(JSON.parse(JSON.stringify(encodeOpenInvite(it)))), it),
      ),
    );
  });

  it("is refused with anything out of range", () => {
    const invite = { id: "a", psk: somePsk, expiresAtMs: 1 };
    const encoded = encodeOpenInvite(invite);
    for (const wrong of [
      { id: "" },
      { id: "a b" },
      { id: "a".repeat(65) },
      { psk: "AA" },
      { expiresAtMs: -1 },
      { more: 1 },
    ]) {
      assert.equal(decodeOpenInvite({ ...encoded, ...wrong }), undefined);
    }
    assert.equal(decodeOpenInvite(null), undefined);
    assert.throws(() => encodeOpenInvite({ ...invite, id: "" }), RangeError);
    assert.throws(() => encodeOpenInvite({ ...invite, psk: new Uint8Array(31) }), RangeError);
  });
});

describe("name", () => {
  it("is clean, fits in 64 bytes, and cleaning it again changes nothing", () => {
    fc.assert(
      fc.property(anyText(100), (text) => {
        const name = cleanName(text);
        assert.ok(toUtf8(name).length <= 64);
        assert.ok(!/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u115f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164]/u.test(name));
        assert.equal(name, name.trim());
        assert.equal(cleanName(name), name);
      }),
      { numRuns: effort(200, 2_000) },
    );
  });

  it("keeps what people are called, with joiners and selectors where they do something", () => {
    for (const name of [
      "ada",
      "Ada Lovelace",
      "Łukasz",
      "李小龍",
      "O'Neill-Sørensen 🙂",
      "José",
      "Jose\u{301}",
      "רָחֵל",
      "فاطِمَة",
      "ธนา",
      "علی\u{200c}رضا",
      "مُحَمَّد",
      "بِ\u{200c}رضا",
      "ᠨᠠ\u{180b}ᠮ",
      "ᠨᠠ\u{180e}ᠠ",
      "क्\u{200d}ष",
      "क्\u{200c}षमा",
      "র\u{200d}্যাচেল",
      "രാജന്\u{200d}",
      "ශ්\u{200d}රී",
      "க்\u{200c}ஷ",
      "葛\u{e0100}城",
      "羽\u{fe00}",
      "👩\u{200d}💻 Eva",
      "👩🏽\u{200d}🚀",
      "🏳\u{fe0f}\u{200d}🌈",
      "❤\u{fe0f}",
      "1\u{fe0f}\u{20e3}",
      "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    ]) {
      assert.equal(cleanName(name), name);
      assert.equal(chosenName(` ${name} `), name);
    }
  });

  it("loses a joiner, a selector or a mark of direction that does nothing where it stands", () => {
    for (const [text, clean] of [
      ["a\u{200d}da"],
      ["a\u{200c}da"],
      ["\u{200d}ada"],
      ["ada\u{200c}"],
      ["ad\u{fe0f}a"],
      ["ad\u{e0100}a"],
      ["ad\u{180b}a"],
      ["a\u{34f}da"],
      ["ad\u{ad}a"],
      ["ada\u{3164}"],
      ["a\u{115f}da"],
      ["a\u{200f}da"],
      ["a\u{61c}da"],
      ["a\u{2060}da"],
      // Behind a letter that joins nothing after it, at an end, between a letter and another script, twice.
      ["زهرا\u{200c}سادات", "زهراسادات"],
      ["علی\u{200c}", "علی"],
      ["علی\u{200c}ada", "علیada"],
      ["علی\u{200d}", "علی"],
      ["علی\u{200c}\u{200c}رضا", "علی\u{200c}رضا"],
      ["क\u{200c}ष", "कष"],
      ["क\u{200d}ष", "कष"],
      ["क्\u{200c}", "क्"],
      ["👩\u{200d}Eva", "👩Eva"],
      ["葛\u{e0100}\u{e0101}", "葛\u{e0100}"],
      ["🏴\u{e0067}\u{e0062}", "🏴"],
      ["ada\u{2800}", "ada"],
    ] as const) {
      assert.equal(cleanName(text), clean ?? "ada", JSON.stringify(text));
    }
    // Cut inside a picture of two: what is left has no end that hangs loose.
    assert.equal(cleanName(`${"a".repeat(58)}👩\u{200d}💻`), `${"a".repeat(58)}👩`);
  });

  it("is taken from a person without the joiners and marks that do nothing, and with nothing else invisible", () => {
    assert.equal(chosenName("زهرا\u{200c}سادات\u{200f}"), "زهراسادات");
    assert.equal(chosenName("\u{200e}ada"), "ada");
    for (const name of [
      "",
      " ",
      "\u{200c}",
      "a\u{202e}da",
      "a\u{200b}da",
      "a\u{3164}",
      "a\nb",
      "a".repeat(65),
      "a\u{fffd}",
    ])
      assert.equal(chosenName(name), undefined, JSON.stringify(name));
  });

  it("loses what moves the cursor, hides or reorders", () => {
    assert.equal(cleanName("\u{1b}[31mada\r\n14:03\tyou\u{2028}hi\u{200b}\u{202e}\u{d800}"), "[31mada 14:03 you hi");
    assert.equal(cleanName(" \u{200b} \u{7} "), "");
    assert.equal(cleanName("ä".repeat(40)), "ä".repeat(32));
    assert.equal(cleanName(`${"a".repeat(62)}🙂`), "a".repeat(62));
  });
});
