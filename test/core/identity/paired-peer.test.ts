// Who somebody is after a meeting: what stays of what was known, and a name that nobody else bears.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { fingerprint, shortFingerprint } from "../../../src/core/identity/fingerprint.ts";
import { isNameTaken, pairedPeer, type Peer } from "../../../src/core/identity/peer.ts";
import { cleanName } from "../../../src/core/identity/peer-name.ts";

const keyOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);
const groupOf = (seed: number): string => fingerprint(keyOf(seed)).slice(0, 4);
const met = (seed: number, claimedName: string) => ({ publicKey: keyOf(seed), claimedName, atMs: 1_000 });

const KNOWN: Peer = {
  publicKey: keyOf(1),
  name: "Anna from work",
  psk: keyOf(11),
  pairedAtMs: 5,
  comparedAtMs: 6,
  url: "ws://127.0.0.1:1",
  invitePsk: keyOf(12),
};

describe("pairedPeer", () => {
  it("keeps all that was known of somebody met under a psk file", () => {
    assert.deepEqual(pairedPeer(met(1, "anna"), [KNOWN]), KNOWN);
  });

  it("takes the psk, the invite's psk and the time of a new pairing, and keeps name and comparison", () => {
    const pairing = { psk: keyOf(21), invitePsk: undefined };
    const url = "ws://127.0.0.1:2";
    assert.deepEqual(pairedPeer({ ...met(1, "anna"), pairing, url }, [KNOWN]), {
      ...KNOWN,
      ...pairing,
      url,
      pairedAtMs: 1_000,
    });
  });

  it("notes that the words were compared only when the person said so", () => {
    assert.equal(pairedPeer(met(2, "bob"), [KNOWN]).comparedAtMs, undefined);
    assert.equal(pairedPeer({ ...met(2, "bob"), compared: true }, [KNOWN]).comparedAtMs, 1_000);
  });

  it("cleans the claimed name, and calls somebody without one by the fingerprint", () => {
    assert.equal(pairedPeer(met(2, " b\u202eob "), []).name, "bob");
    assert.equal(pairedPeer(met(2, "\u200b"), []).name, shortFingerprint(keyOf(2)));
  });

  it("puts the first group of the fingerprint behind a name that somebody else bears", () => {
    const bob = pairedPeer(met(2, "bob"), []);
    assert.equal(pairedPeer(met(3, "b\u200bob"), [bob]).name, `bob ${groupOf(3)}`);
    assert.equal(pairedPeer(met(3, "BOB"), [bob]).name, `BOB ${groupOf(3)}`);
    assert.equal(pairedPeer(met(2, "bob"), [bob]).name, "bob");
  });

  it("puts more of it there when somebody has claimed that name too", () => {
    const others = [pairedPeer(met(2, "bob"), []), pairedPeer(met(4, `bob ${groupOf(3)}`), [])];
    assert.equal(pairedPeer(met(3, "bob"), others).name, `bob ${fingerprint(keyOf(3)).slice(0, 9)}`);
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
          const peer = pairedPeer(met(index + 1, claim), peers);
          assert.ok(toUtf8(peer.name).length <= 64);
          assert.equal(peer.name, cleanName(peer.name));
          assert.equal(isNameTaken(peer.name, peer.publicKey, peers), false);
          peers.push(peer);
        }
      }),
    );
  });
});
