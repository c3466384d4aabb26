// Who somebody is after a meeting: what stays of what was known, and a name that nobody else bears.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { fingerprint, shortFingerprint } from "../../../src/core/identity/fingerprint.ts";
import { bearerOf, pairedPeer, type Peer } from "../../../src/core/identity/peer.ts";
import { cleanName, columnsOfName } from "../../../src/core/identity/peer-name.ts";
import { looksLike } from "../../../src/core/identity/skeleton.ts";
import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { keysOf } from "./keys-of.ts";

const keyOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);
const groupOf = (seed: number): string => fingerprint(NOBLE_SUITE, keysOf(seed)).slice(0, 4);
const proven = (seed: number, claimedName: string) => ({ ...keysOf(seed), claimedName, atMs: 1_000 });

const KNOWN: Peer = {
  ...keysOf(1),
  name: "Anna from work",
  psk: keyOf(11),
  pairedAtMs: 5,
  comparedAtMs: 6,
  url: "ws://127.0.0.1:1",
  invitePsk: keyOf(12),
};

describe("pairedPeer", () => {
  it("keeps all that was known of a peer under a psk file", () => {
    assert.deepEqual(pairedPeer(NOBLE_SUITE, proven(1, "anna"), [KNOWN]), KNOWN);
  });

  it("takes the psk, the invite's psk and the time of a new pairing, and keeps name and comparison", () => {
    const pairing = { psk: keyOf(21), invitePsk: undefined };
    const url = "ws://127.0.0.1:2";
    assert.deepEqual(pairedPeer(NOBLE_SUITE, { ...proven(1, "anna"), pairing, url }, [KNOWN]), {
      ...KNOWN,
      ...pairing,
      url,
      pairedAtMs: 1_000,
    });
  });

  it("notes that the words were compared only when the person said so", () => {
    assert.equal(pairedPeer(NOBLE_SUITE, proven(2, "bob"), [KNOWN]).comparedAtMs, undefined);
    assert.equal(pairedPeer(NOBLE_SUITE, { ...proven(2, "bob"), compared: true }, [KNOWN]).comparedAtMs, 1_000);
  });

  it("cleans the claimed name, and calls somebody without one by the fingerprint", () => {
    assert.equal(pairedPeer(NOBLE_SUITE, proven(2, " b\u202eob "), []).name, "bob");
    assert.equal(pairedPeer(NOBLE_SUITE, proven(2, "\u200b"), []).name, shortFingerprint(NOBLE_SUITE, keysOf(2)));
  });

  it("puts the first group of the fingerprint behind a name that somebody else bears", () => {
    const bob = pairedPeer(NOBLE_SUITE, proven(2, "bob"), []);
    assert.equal(pairedPeer(NOBLE_SUITE, proven(3, "b\u200bob"), [bob]).name, `bob ${groupOf(3)}`);
    assert.equal(pairedPeer(NOBLE_SUITE, proven(3, "BOB"), [bob]).name, `BOB ${groupOf(3)}`);
    assert.equal(pairedPeer(NOBLE_SUITE, proven(2, "bob"), [bob]).name, "bob");
  });

  it("puts it behind a name that looks like somebody's, where the screen shows it", () => {
    const long = "Anna-Katharina Schmidt-Meier";
    const wide = "日本".repeat(10);
    for (const [borne, claimed] of [
      ["anna", "аnnа"],
      ["علی\u{200c}رضا", "علیرضا"],
      [long, `${long.slice(0, -3)}x`],
      [wide, `${wide}本`],
    ] as const) {
      const { name } = pairedPeer(NOBLE_SUITE, proven(3, claimed), [pairedPeer(NOBLE_SUITE, proven(2, borne), [])]);
      assert.ok(name.endsWith(` ${groupOf(3)}`), name);
      assert.ok(columnsOfName(name) <= 24, name);
    }
    assert.equal(
      pairedPeer(NOBLE_SUITE, proven(3, "anne"), [pairedPeer(NOBLE_SUITE, proven(2, "anna"), [])]).name,
      "anne",
    );
  });

  it("puts more of it there when somebody has claimed that name too", () => {
    const others = [
      pairedPeer(NOBLE_SUITE, proven(2, "bob"), []),
      pairedPeer(NOBLE_SUITE, proven(4, `bob ${groupOf(3)}`), []),
    ];
    assert.equal(
      pairedPeer(NOBLE_SUITE, proven(3, "bob"), others).name,
      `bob ${fingerprint(NOBLE_SUITE, keysOf(3)).slice(0, 9)}`,
    );
  });

  it("gives names that fit, are clean and are nobody else's, whatever is claimed", () => {
    const name = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 80 }),
      fc.constantFrom("bob", "\u{1f600}".repeat(30)),
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 2, maxLength: 6 }), (claims) => {
        const peers: Peer[] = [];
        for (const [index, claim] of claims.entries()) {
          const peer = pairedPeer(NOBLE_SUITE, proven(index + 1, claim), peers);
          assert.ok(toUtf8(peer.name).length <= 64);
          assert.equal(peer.name, cleanName(peer.name));
          assert.equal(bearerOf(peer.name, peer.publicKey, peers), undefined);
          peers.push(peer);
        }
      }),
    );
  });
});

describe("looksLike", () => {
  it("is so for letters of other scripts, forms and marks that are drawn alike", () => {
    for (const [one, ...others] of [
      [
        "you",
        "yσu",
        "ʏou",
        "уou",
        "YOU",
        "ｙｏｕ",
        "𝐲𝐨𝐮",
        "y0u",
        "yöu",
        "ყօս",
        "γου",
        "ᎩᎾᏌ",
        "ꓬꓳꓴ",
        "🅨🅞🅤",
        "🇾🇴🇺",
        "y\u{200d}ou",
        "yo\u{902}u",
      ],
      ["nobody", "поbody", "ΝΟΒΟDΥ", "ɴoʙoᴅʏ", "n\u{335}obody"],
      ["apple", "аррlе", "АРРLЕ", "app1e", "appIe", "applе"],
      ["Mary", "rnary", "Маrу", "ⅿary"],
      ["William", "VVilliam", "Wi11iam", "WiIIiam"],
      ["Fiona", "ﬁona", "Fιona"],
      ["Łukasz", "Lukasz"],
      ["Мария", "МАРИЯ", "Mapия"],
      ["Ηλίας", "ΗΛΙΑΣ", "ηλίας"],
      ["O'Neill-Smith", "O’Neill–Smith"],
      ["葛城", "葛\u{e0100}城"],
    ] as const) {
      for (const other of others) assert.ok(looksLike(one)(other), `${one} and ${other}`);
    }
  });

  it("is not so for names that people tell apart", () => {
    const names = [
      "ada",
      "adam",
      "anna",
      "bob",
      "rob",
      "Мария",
      "Марина",
      "राम",
      "रमा",
      "かき",
      "がき",
      "日本",
      "علی",
      "Ηλίας",
    ];
    for (const one of names)
      for (const other of names) assert.equal(looksLike(one)(other), one === other, `${one}, ${other}`);
  });
});
