// Peers and invites as rows of the store: the contract, what a failing disk leaves, what somebody with the file may do, and
// the taking over of what was kept in files.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { concat, toUtf8, u64 } from "../../../src/core/bytes.ts";
import { encodePeer, type Peer } from "../../../src/core/identity/peer.ts";
import { storeKeys } from "../../../src/core/identity/store-keys.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { Connection } from "../../../src/node/store/connection.ts";
import { MIGRATIONS } from "../../../src/node/store/schema.ts";
import { Sealing } from "../../../src/node/store/sealing.ts";
import type { Pairings } from "../../../src/core/pairing/pairings.ts";
import { openHome } from "../home/open-home.ts";
import { describePairings, inviteOf, peerOf } from "../../core/pairing/pairings-contract.ts";
import { MortalDisk } from "../home/mortal-disk.ts";
import type { TakenOver } from "../../../src/node/store/pairing-rows.ts";
import { ADA, newPlace, open, PRIVATE_KEY, queued, rawly, rowsOf } from "./places.ts";
import { CODES, Trouble } from "./trouble.ts";
import { throwsLair } from "../../throws-lair.ts";

describePairings("the store", () => {
  const place = newPlace();
  const { pairings } = open(place);
  return { pairings, later: () => open(place, { mode: "read" }).pairings };
});

/** Two peers and two invites. */
function filled(place = newPlace()) {
  const trouble = new Trouble();
  const store = open(place, { open: trouble.open });
  for (const seed of [1, 2]) store.pairings.savePeer(peerOf(seed));
  store.pairings.changeInvites(() => [inviteOf(1), inviteOf(2)]);
  return { place, store, pairings: store.pairings, trouble };
}

/** Puts a peer into the first row as an earlier version did: without a member for its signature key. */
function sealAsBefore(place: string, peer: Peer): void {
  const connection = new Connection(join(place, "store.db"), storeKeys(OPENSSL_SUITE, PRIVATE_KEY).page, 0);
  const sealing = new Sealing(connection, OPENSSL_SUITE, storeKeys(OPENSSL_SUITE, PRIVATE_KEY).rows, randomBytes);
  const storeId = connection.get("SELECT id FROM meta")!.bytes(0);
  const { signatureKey: _, ...body } = encodePeer(peer);
  sealing.record();
  const aad = concat(toUtf8("lair/1 pairing"), storeId, u64(1n), peer.publicKey);
  const { generation, nonce, bytes } = sealing.seal(aad, toUtf8(JSON.stringify(body)));
  const row = [peer.publicKey, generation, nonce, bytes];
  connection.run("INSERT INTO pairings (id, key, opening, nonce, body) VALUES (1, ?, ?, ?, ?)", ...row);
  connection.close();
}

const all = (pairings: Pairings) => [pairings.peers(), pairings.invites()];

describe("pairings in the store", () => {
  const changes: Readonly<Record<string, (pairings: Pairings) => void>> = {
    "a new peer": (pairings) => pairings.savePeer(peerOf(3)),
    "a changed peer": (pairings) => pairings.savePeer(peerOf(1, { name: "ada" })),
    "a pairing": (pairings) => pairings.pair(peerOf(3), inviteOf(1).id),
    "a forgotten peer": (pairings) => pairings.forgetPeer(peerOf(1).publicKey),
    "another invite": (pairings) => pairings.changeInvites((open) => [...open, inviteOf(3)]),
  };
  for (const [name, change] of Object.entries(changes)) {
    it(`are as before whichever statement fails, and the next try works: ${name}`, () => {
      const { place, store, pairings, trouble } = filled();
      const before = all(pairings);
      for (const code of [CODES.full, CODES.ioFsync]) {
        let failures = 0;
        for (let failing = 0; failing < 3; failing++) {
          // Only statements that write: the begin, a row, the end.
          let count = 0;
          trouble.judge = (sql) =>
            /^(?:BEGIN|INSERT INTO inv|INSERT OR REPLACE|DELETE|COMMIT)/.test(sql) && count++ === failing
              ? { code }
              : undefined;
          const { code: said } = throwsLair(() => change(pairings));
          trouble.judge = () => undefined;
          assert.equal(said, "store-unwritable");
          assert.deepEqual(all(pairings), before, `statement ${failing}`);
          failures++;
        }
        assert.equal(failures, 3);
      }
      change(pairings);
      assert.notDeepEqual(all(pairings), before);
      store.close();
      assert.notDeepEqual(all(open(place, { mode: "read" }).pairings), before);
    });
  }

  it("write nothing for a peer that comes again unchanged, so that a full disk keeps nobody from talking", () => {
    const { pairings, trouble } = filled();
    trouble.judge = (sql) => (sql.startsWith("BEGIN") ? { code: CODES.full } : undefined);
    pairings.savePeer(peerOf(2));
    assert.equal(throwsLair(() => pairings.savePeer(peerOf(2, { name: "bob" }))).code, "store-unwritable");
  });

  for (const [what, sql] of Object.entries({
    "a peer's body put into the row of another": `UPDATE pairings SET (opening, nonce, body) = (SELECT opening, nonce, body FROM pairings WHERE id = 1) WHERE id = 2`,
    "a peer's key changed": "UPDATE pairings SET key = zeroblob(32) WHERE id = 1",
    "a peer's row under another number": "UPDATE pairings SET id = 9 WHERE id = 1",
    "a peer's body that is garbled": "UPDATE pairings SET body = zeroblob(60) WHERE id = 1",
    "an invite's body put into the row of another": `UPDATE invites SET (opening, nonce, body) = (SELECT opening, nonce, body FROM invites WHERE id = 1) WHERE id = 2`,
    "a peer's body in the row of an invite": `UPDATE invites SET (opening, nonce, body) = (SELECT opening, nonce, body FROM pairings WHERE id = 1) WHERE id = 1`,
  })) {
    it(`notice what was changed from outside: ${what}`, () => {
      const { place, store } = filled();
      store.close();
      rawly(place, sql);
      const { pairings } = open(place, { mode: "read" });
      assert.equal(throwsLair(() => all(pairings)).code, "store-damaged");
    });
  }

  it("are sealed: somebody with the page key sees whose keys they are, and no psk, name or address", () => {
    const { place, store } = filled();
    store.close();
    const values = rowsOf(place, "SELECT key, body FROM pairings").flat() as Buffer[];
    assert.deepEqual(new Uint8Array(values[0]!), peerOf(1).publicKey);
    const content = Buffer.concat(values).toString("latin1");
    for (const secret of ["peer 1", "127.0.0.1", "psk", Buffer.from(peerOf(1).psk!).toString("base64url")]) {
      assert.ok(!content.includes(secret), secret);
    }
  });

  it("are not left in the log for long after they were deleted or replaced", () => {
    const changes: readonly ((pairings: Pairings) => void)[] = [
      (pairings) => pairings.forgetPeer(peerOf(1).publicKey),
      (pairings) => pairings.pair(peerOf(3), inviteOf(1).id),
      (pairings) => pairings.savePeer(peerOf(2, { name: "bob" })),
      (pairings) => pairings.dropInvite(inviteOf(2).id),
    ];
    for (const change of changes) {
      const { place, store, pairings } = filled();
      store.purge(0);
      change(pairings);
      assert.notEqual(statSync(join(place, "store.db-wal")).size, 0);
      store.purge(0);
      assert.equal(statSync(join(place, "store.db-wal")).size, 0);
    }
  });

  it("are read from a store of before there were signature keys, which is upgraded", () => {
    const place = newPlace();
    const { signatureKey, ...former } = peerOf(1);
    open(place, { migrations: MIGRATIONS.slice(0, -1) }).close();
    sealAsBefore(place, former);
    const { pairings } = open(place);
    assert.deepEqual(pairings.peers(), [former]);
    pairings.savePeer({ ...former, signatureKey });
    assert.deepEqual(open(place, { mode: "read" }).pairings.peers(), [peerOf(1)]);
    assert.deepEqual(rowsOf(place, "PRAGMA user_version"), [[MIGRATIONS.length]]);
  });

  it("stay when a history is forgotten, and the history stays when a pairing goes", () => {
    const { store, pairings } = filled();
    store.setRetention(ADA, "forever");
    store.commit(ADA, [queued(0, "kept")]);
    pairings.savePeer(peerOf(5, { publicKey: ADA }));
    store.forget(ADA);
    assert.equal(pairings.peers().length, 3);
    store.commit(ADA, [queued(1, "kept too")]);
    pairings.forgetPeer(ADA);
    assert.equal(store.load(ADA).next, 2);
  });
});

/** The first peer came by an invite that a crash has left in its file. */
const FIRST = peerOf(1, { invitePsk: inviteOf(2).psk });

/** A home as it was before the store kept pairings, and a store without any. */
function oldHome() {
  const place = newPlace();
  const { pairings, ownDirectory } = openHome(place, "server");
  for (const seed of [1, 2]) pairings.savePeer(peerOf(seed));
  pairings.changeInvites(() => [inviteOf(1), inviteOf(2)]);
  pairings.savePeer(FIRST);
  return { place, directory: ownDirectory };
}

function move(place: string, store: ReturnType<typeof open>, disk?: MortalDisk): TakenOver | undefined {
  return openHome(place, "server", disk === undefined ? {} : { disk }).pairings.move("store.db", (peers, invites) =>
    store.pairings.takeOver(peers, invites),
  );
}

describe("taking over pairings from files", () => {
  const moved = [[FIRST, peerOf(2)], [inviteOf(1)]];

  it("moves them once", () => {
    const { place, directory } = oldHome();
    const store = open(directory);
    assert.deepEqual(move(place, store), { isFirst: true, peers: 2, droppedInvites: 0 });
    assert.deepEqual(all(store.pairings), moved);
    assert.equal(move(place, store), undefined);
  });

  it("loses and doubles nothing, whichever statement of the store fails", () => {
    const { place, directory } = oldHome();
    const trouble = new Trouble();
    const store = open(directory, { open: trouble.open });
    let failures = 0;
    for (let failing = 0; ; failing++) {
      let count = 0;
      let isOver = false;
      trouble.judge = () => (!isOver && count++ === failing ? ((isOver = true), { code: CODES.ioWrite }) : undefined);
      try {
        move(place, store);
        break;
      } catch (error) {
        failures++;
        assert.match(String(error), /store\.db/);
      } finally {
        trouble.judge = () => undefined;
      }
      assert.deepEqual(all(store.pairings), [[], []]);
      assert.deepEqual(openHome(place, "server").pairings.state, "lists");
    }
    assert.ok(failures >= 8, `${failures} statements were made to fail`);
    assert.deepEqual(all(store.pairings), moved);
  });

  for (const end of ["fails once", "dies"] as const) {
    it(`loses and doubles nothing, whichever call of the disk ${end}, and is finished at the next start`, () => {
      let count = 0;
      for (let call = 0; ; call++) {
        const { place, directory } = oldHome();
        const store = open(directory);
        const disk = new MortalDisk(call, end);
        try {
          move(place, store, disk);
        } catch (error) {
          assert.match(String(error), /peers\.json|invites\.json|server/);
        }
        store.close();
        const again = open(directory);
        const repeated = move(place, again);
        assert.deepEqual(all(again.pairings), moved, `call ${call}`);
        // What the interruption left is no file from a backup, of which the person would be told.
        if (repeated?.isFirst === false) assert.deepEqual([repeated.peers, repeated.droppedInvites], [0, 0]);
        assert.equal(openHome(place, "server").pairings.state, "moved");
        again.close();
        if (disk.isUnharmed) break;
        count++;
      }
      // Two files, each with a new file, its bytes, two syncs and a rename.
      assert.ok(count >= 10, `${count} calls were made to fail`);
    });
  }

  it("takes the later of two pairings with the same peer, and keeps what is in the store else", () => {
    const { pairings } = filled();
    const later = peerOf(1, { pairedAtMs: peerOf(1).pairedAtMs + 1, name: "later" });
    const earlier = peerOf(2, { pairedAtMs: peerOf(2).pairedAtMs - 1, name: "earlier" });
    const files = [
      [later, earlier, peerOf(3)],
      [inviteOf(2), inviteOf(3)],
    ] as const;
    assert.deepEqual(pairings.takeOver(...files), { isFirst: true, peers: 2, droppedInvites: 0 });
    const peers = [later, peerOf(2), peerOf(3)];
    assert.deepEqual(all(pairings), [peers, [inviteOf(1), inviteOf(2), inviteOf(3)]]);
    assert.deepEqual(pairings.takeOver(...files), { isFirst: false, peers: 0, droppedInvites: 0 });
    assert.deepEqual(all(pairings), [peers, [inviteOf(1), inviteOf(2), inviteOf(3)]]);
    // A file that is there again is from a backup: an invite in it may have been used since.
    pairings.pair(peerOf(4), inviteOf(3).id);
    assert.deepEqual(pairings.takeOver([], files[1]), { isFirst: false, peers: 0, droppedInvites: 1 });
    assert.deepEqual(all(pairings), [
      [...peers, peerOf(4)],
      [inviteOf(1), inviteOf(2)],
    ]);
  });
});
