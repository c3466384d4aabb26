// Peers and invites in the files of a home: the contract, a pairing that a full disk or a crash interrupts, and the move.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { encodePeer } from "../../../src/core/identity/peer.ts";
import { type Disk, realDisk } from "../../../src/node/disk.ts";
import { openHome } from "./open-home.ts";
import { describePairings, inviteOf, peerOf } from "../../core/pairing/pairings-contract.ts";
import { MortalDisk } from "./mortal-disk.ts";
import { filesIn, newPlace } from "./places.ts";
import { throwsLair } from "../../throws-lair.ts";

const pairingsOf = (place: string, disk: Disk = realDisk) => openHome(place, "server", { disk }).pairings;

describePairings("files", () => {
  const place = newPlace();
  return { pairings: pairingsOf(place), later: () => pairingsOf(place) };
});

describe("peers in a file of an earlier version", () => {
  it("are read, and have a signature key once they are saved with one", () => {
    const place = newPlace();
    const { signatureKey, ...former } = peerOf(1);
    const { signatureKey: _, ...item } = encodePeer(former);
    const check = createHash("sha256")
      .update(JSON.stringify([item]))
      .digest("base64url")
      .slice(0, 16);
    pairingsOf(place);
    const path = join(place, "server", "peers.json");
    writeFileSync(path, `{"version":1,"check":"${check}","peers":[\n${JSON.stringify(item)}]}`, { mode: 0o600 });
    assert.deepEqual(pairingsOf(place).peers(), [former]);
    pairingsOf(place).savePeer({ ...former, signatureKey });
    assert.deepEqual(pairingsOf(place).peers(), [peerOf(1)]);
    assert.match(readFileSync(path, "utf8"), /^\{"version":3,/);
  });
});

describe("a pairing in files", () => {
  for (const end of ["fails once", "dies"] as const) {
    it(`is stored or not, whichever call of the disk ${end}; never with an invite that opens again`, () => {
      let outcomes = "";
      for (let call = 0; ; call++) {
        const place = newPlace();
        const before = pairingsOf(place);
        before.savePeer(peerOf(1));
        before.changeInvites(() => [inviteOf(1), inviteOf(2)]);
        const disk = new MortalDisk(call, end);
        let isStored = true;
        try {
          pairingsOf(place, disk).pair(peerOf(2), inviteOf(1).id);
        } catch {
          isStored = false;
        }
        disk.revive();
        const after = pairingsOf(place);
        const isPaired = after.peers().length === 2;
        if (isStored) assert.equal(isPaired, true, `call ${call}`);
        // A failure after the rename may leave it stored; the invite is gone with it.
        assert.deepEqual(after.invites(), isPaired ? [inviteOf(2)] : [inviteOf(1), inviteOf(2)], `call ${call}`);
        // The next change finishes it.
        after.savePeer(peerOf(3));
        const text = readFileSync(join(place, "server", "invites.json"), "utf8");
        assert.equal(text.includes(inviteOf(1).id), !isPaired, `call ${call}`);
        outcomes += isPaired ? "1" : "0";
        if (disk.isUnharmed) break;
      }
      assert.match(outcomes, /^0{4,}1{8,}$/);
    });
  }

  it("leaves no psk of the invite behind", () => {
    const place = newPlace();
    const pairings = pairingsOf(place);
    pairings.changeInvites(() => [inviteOf(1)]);
    pairings.pair(peerOf(2), inviteOf(1).id);
    assert.deepEqual(pairings.peers(), [peerOf(2)]);
  });
});

/** A home with two peers, one of whom has used one of the two invites that are stored. */
function full(): string {
  const place = newPlace();
  const pairings = pairingsOf(place);
  pairings.changeInvites(() => [inviteOf(1), inviteOf(2)]);
  pairings.savePeer(peerOf(1, { invitePsk: inviteOf(2).psk }));
  pairings.savePeer(peerOf(2));
  return place;
}

function fail(): never {
  throw new Error("full");
}

describe("moving the pairings out of their files", () => {
  it("hands over what counts, then says in each file where it is, for good", () => {
    const place = full();
    const pairings = pairingsOf(place);
    assert.equal(pairings.state, "lists");
    const taken: unknown[] = [];
    const result = pairings.move("store-abc.db", (peers, invites) => {
      taken.push(structuredClone(peers), structuredClone(invites));
      return 7;
    });
    // The second invite has paired the first peer.
    const peers = [peerOf(1, { invitePsk: inviteOf(2).psk }), peerOf(2)];
    assert.deepEqual([result, taken], [7, [peers, [inviteOf(1)]]]);
    for (const name of ["peers", "invites"]) {
      const text = readFileSync(join(place, "server", `${name}.json`), "utf8");
      // A program of before finds a version that is newer than its own, and says so.
      assert.deepEqual(JSON.parse(text), { version: 2, moved: "store-abc.db" });
    }
    const later = pairingsOf(place);
    assert.deepEqual([later.state, later.peers(), later.invites()], ["moved", [], []]);
    assert.equal(later.move("store-abc.db", fail), undefined, "not taken over twice");
  });

  it("writes nothing where there is nothing", () => {
    const place = newPlace();
    const pairings = pairingsOf(place);
    assert.equal(pairings.state, "none");
    assert.equal(
      pairings.move("store-abc.db", () => assert.fail("nothing")),
      undefined,
    );
    assert.deepEqual(filesIn(place), []);
  });

  it("is refused to a program that has not noticed it, and its change is not lost in silence", () => {
    const place = full();
    const beside = pairingsOf(place);
    assert.equal(beside.peers().length, 2);
    pairingsOf(place).move("store-abc.db", () => 0);
    for (const change of [
      () => beside.savePeer(peerOf(9)),
      () => beside.pair(peerOf(9), inviteOf(1).id),
      () => beside.forgetPeer(peerOf(1).publicKey),
      () => beside.changeInvites(() => []),
    ]) {
      const { code, message, hint } = throwsLair(change);
      assert.equal(code, "home-unwritable");
      assert.match(`${message} ${hint}`, /moved the pairings into the store.*Start this program again/);
    }
    assert.equal(pairingsOf(place).state, "moved");
  });

  it("leaves the files as they are when the taking over fails", () => {
    const place = full();
    assert.throws(() => pairingsOf(place).move("store-abc.db", fail), /full/);
    assert.deepEqual(pairingsOf(place).peers().length, 2);
  });

  it("takes over what a file put back from a backup says, and damage in it is told", () => {
    const place = full();
    pairingsOf(place).move("store-abc.db", () => 0);
    const other = full();
    const backup = openHome(other, "server");
    const path = join(place, "server", "peers.json");
    openHome(place, "server");
    realDisk.renameSync(join(backup.ownDirectory, "peers.json"), path);
    // One of the two is enough to say that the store has them.
    assert.equal(pairingsOf(place).state, "moved");
    const counts = pairingsOf(place).move("store-abc.db", (peers, invites) => [peers.length, invites.length]);
    assert.deepEqual(counts, [2, 0]);
  });
});
