// What a program keeps, opened as the programs open it: pairings that move from files into the store, and --no-store.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { Persistence } from "../../src/app/persistence.ts";
import { openPersistence } from "../../src/cli/persistence.ts";
import type { Identity } from "../../src/core/identity/identity.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import type { Home } from "../../src/node/home/home.ts";
import { openHome } from "../node/home/open-home.ts";
import { HUB, OPS, room } from "../app/rooms/room-samples.ts";
import { bytesOf, newPlace, openInviteOf, pairOf, peerOf } from "../node/home/places.ts";

const IDENTITY: Identity = pairOf(200);

/** Opens the persistence of a server of this home, and closes it at the end of the test. */
async function open(t: TestContext, home: Home, options: Parameters<typeof openPersistence>[3]): Promise<Persistence> {
  const persistence = await openPersistence(home, IDENTITY, OPENSSL_SUITE, options);
  t.after(() => persistence.close());
  return persistence;
}

const WITH_STORE = { noStore: false };
const WITHOUT_STORE = { noStore: true };

function noticesOf(persistence: Persistence): string[] {
  const texts: string[] = [];
  persistence.onNotice((text) => texts.push(text));
  return texts;
}

/** A home of before the store kept pairings. */
function oldHome(): Home {
  const home = openHome(newPlace(), "server");
  home.pairings.savePeer(peerOf(1));
  home.pairings.savePeer(peerOf(2));
  home.pairings.changeInvites(() => [openInviteOf(3)]);
  return home;
}

/** A home whose pairings the store keeps. */
async function movedHome(t: TestContext): Promise<Home> {
  const home = oldHome();
  (await open(t, home, WITH_STORE)).close();
  return home;
}

const both = ({ pairings }: Persistence) => [pairings.peers(), pairings.invites()];
const OLD = [[peerOf(1), peerOf(2)], [openInviteOf(3)]];

function textOfFiles({ ownDirectory }: Home): string {
  return readdirSync(ownDirectory)
    .map((name) => readFileSync(join(ownDirectory, name), "latin1"))
    .join("\n");
}

describe("an existing home", () => {
  it("is moved over at its first start: the store has the pairings, no file has a psk, and nobody is bothered", async (t) => {
    const home = oldHome();
    const psk = Buffer.from(bytesOf(2)).toString("base64url");
    assert.ok(textOfFiles(home).includes(psk));
    const first = await open(t, home, WITH_STORE);
    assert.deepEqual([both(first), noticesOf(first)], [OLD, []]);
    first.pairings.savePeer(peerOf(4));
    first.close();
    assert.ok(!textOfFiles(home).includes(psk));
    const second = await open(t, home, WITH_STORE);
    assert.deepEqual(second.pairings.peers(), [peerOf(1), peerOf(2), peerOf(4)]);
  });

  it("is left as it is by a program that only reads, which finds the pairings where they are", async (t) => {
    const home = oldHome();
    (await open(t, home, { noStore: true })).close();
    const before = textOfFiles(home);
    const reader = await open(t, home, { noStore: false, mode: "read" });
    assert.deepEqual(both(reader), OLD);
    assert.equal(textOfFiles(home), before);
    const moved = await movedHome(t);
    assert.deepEqual(both(await open(t, moved, { noStore: false, mode: "read" })), OLD);
  });

  it("in which a file was put back from a backup gets what is newer in it, and the person is told", async (t) => {
    const home = await movedHome(t);
    const other = oldHome();
    other.pairings.savePeer(peerOf(7));
    writeFileSync(join(home.ownDirectory, "peers.json"), readFileSync(join(other.ownDirectory, "peers.json")), {
      mode: 0o600,
    });
    const persistence = await open(t, home, WITH_STORE);
    assert.deepEqual(persistence.pairings.peers(), [peerOf(1), peerOf(2), peerOf(7)]);
    assert.match(
      noticesOf(persistence).join(),
      /from a backup\. One pairing from it was added; forget-peer removes it/,
    );
    assert.equal(home.pairings.state, "moved");
  });

  it("whose store is gone says so, also with --no-store, and begins with no peer", async (t) => {
    const home = await movedHome(t);
    for (const name of readdirSync(home.ownDirectory)) {
      if (name.includes(".db")) rmSync(join(home.ownDirectory, name));
    }
    for (const options of [WITHOUT_STORE, WITH_STORE]) {
      const persistence = await open(t, home, options);
      assert.deepEqual(both(persistence), [[], []]);
      assert.match(noticesOf(persistence).join(), /there is no store-\w+\.db, so no peer is known.*backup.*invite/);
      persistence.close();
    }
    assert.deepEqual(noticesOf(await open(t, home, WITH_STORE)), [], "once");
  });

  it("whose used invite is put back from a backup does not open it again, and the person is told", async (t) => {
    const home = oldHome();
    const path = join(home.ownDirectory, "invites.json");
    const backup = readFileSync(path);
    const first = await open(t, home, WITH_STORE);
    first.pairings.pair(peerOf(4), openInviteOf(3).id);
    first.close();
    writeFileSync(path, backup, { mode: 0o600 });
    const second = await open(t, home, WITH_STORE);
    assert.deepEqual(second.pairings.invites(), []);
    assert.match(noticesOf(second).join(), /invites from a backup/);
  });

  it("that is damaged is not moved, and the program does not start", async (t) => {
    const home = oldHome();
    const path = join(home.ownDirectory, "peers.json");
    const cut = readFileSync(path).subarray(0, 100);
    writeFileSync(path, cut);
    await assert.rejects(open(t, home, WITH_STORE), { code: "home-damaged" });
    assert.deepEqual(readFileSync(path), cut);
    // Nor does it hold the store any more.
    rmSync(path);
    assert.deepEqual((await open(t, home, WITH_STORE)).pairings.peers(), []);
  });
});

describe("--no-store", () => {
  it("works on the files of a home without a store, as ever", async (t) => {
    const home = oldHome();
    const first = await open(t, home, WITHOUT_STORE);
    assert.deepEqual([both(first), noticesOf(first)], [OLD, []]);
    first.pairings.pair(peerOf(4), openInviteOf(3).id);
    const second = await open(t, home, WITHOUT_STORE);
    assert.deepEqual(both(second), [[peerOf(1), peerOf(2), peerOf(4)], []]);
    assert.deepEqual(readdirSync(home.ownDirectory).toSorted(), ["invites.json", "peers.json"]);
  });

  it("knows the pairings that the store has, and stores a change of them there", async (t) => {
    const home = await movedHome(t);
    const without = await open(t, home, WITHOUT_STORE);
    assert.deepEqual(both(without), OLD);
    without.pairings.pair(peerOf(4), openInviteOf(3).id);
    without.pairings.savePeer(peerOf(1));
    without.pairings.savePeer({ ...peerOf(1), name: "ada" });
    without.pairings.forgetPeer(peerOf(2).publicKey);
    without.pairings.changeInvites((invites) => [...invites, openInviteOf(5)]);
    const expected = [[{ ...peerOf(1), name: "ada" }, peerOf(4)], [openInviteOf(5)]];
    assert.deepEqual([both(without), noticesOf(without)], [expected, []]);
    assert.deepEqual(both(await open(t, home, WITH_STORE)), expected);
  });

  it("finishes a move that was interrupted first, so that nothing that is done then is undone by it", async (t) => {
    const home = oldHome();
    (await open(t, home, WITH_STORE)).close();
    // As if the program had been killed between the store's commit and the marks in the files.
    for (const file of ["peers.json", "invites.json"]) rmSync(join(home.ownDirectory, file));
    home.pairings.savePeer(peerOf(1));
    home.pairings.savePeer(peerOf(2));
    home.pairings.changeInvites(() => [openInviteOf(3)]);
    const { pairings } = await open(t, home, WITHOUT_STORE);
    pairings.forgetPeer(peerOf(1).publicKey);
    pairings.pair(peerOf(4), openInviteOf(3).id);
    assert.deepEqual(both(await open(t, home, WITH_STORE)), [[peerOf(2), peerOf(4)], []]);
  });

  it("does not bring back a peer that another program has forgotten since it was read", async (t) => {
    const home = await movedHome(t);
    const { pairings } = await open(t, home, WITHOUT_STORE);
    const other = await open(t, home, WITH_STORE);
    other.pairings.forgetPeer(peerOf(1).publicKey);
    other.close();
    assert.throws(() => pairings.savePeer({ ...peerOf(1), name: "bobby" }), { code: "peer-unknown" });
    assert.deepEqual((await open(t, home, WITH_STORE)).pairings.peers(), [peerOf(2)]);
  });

  it("notices that another program has forgotten a peer, in the store or in the files", async (t) => {
    const moved = await movedHome(t);
    const inFiles = oldHome();
    for (const home of [moved, inFiles]) {
      const { pairings, isForgotten } = await open(t, home, WITHOUT_STORE);
      const [one, two] = [peerOf(1).publicKey, peerOf(2).publicKey];
      assert.deepEqual([isForgotten!(one), isForgotten!(two)], [false, false]);
      const other = await open(t, home, home === moved ? WITH_STORE : WITHOUT_STORE);
      other.pairings.forgetPeer(one);
      other.close();
      assert.deepEqual([isForgotten!(one), isForgotten!(two)], [true, false]);
      assert.deepEqual(
        pairings.peers().map(({ name }) => name),
        ["peer 2"],
      );
    }
  });

  it("takes nobody for forgotten whom the store never had, or while it cannot be read", async (t) => {
    const home = await movedHome(t);
    const other = await open(t, home, WITH_STORE);
    const { pairings, isForgotten } = await open(t, home, WITHOUT_STORE);
    pairings.savePeer(peerOf(4));
    assert.equal(isForgotten!(peerOf(4).publicKey), false);
    other.close();
    const [name] = readdirSync(home.ownDirectory).filter((file) => file.endsWith(".db"));
    const path = join(home.ownDirectory, name!);
    writeFileSync(
      path,
      readFileSync(path).map((byte) => byte ^ 0x5a),
    );
    assert.equal(isForgotten!(peerOf(1).publicKey), false);
  });

  it("does not let an invite in that another program has used since it was read", async (t) => {
    const home = await movedHome(t);
    const { pairings } = await open(t, home, WITHOUT_STORE);
    const other = await open(t, home, WITH_STORE);
    other.pairings.pair(peerOf(4), openInviteOf(3).id);
    other.close();
    assert.throws(() => pairings.pair(peerOf(5), openInviteOf(3).id), { code: "proof-unknown" });
    pairings.pair({ ...peerOf(4), name: "again" }, openInviteOf(3).id);
    assert.deepEqual(
      (await open(t, home, WITH_STORE)).pairings.peers().map(({ name }) => name),
      ["peer 1", "peer 2", "again"],
    );
  });

  it("finds them also where there never were any files", async (t) => {
    const home = openHome(newPlace(), "client");
    const first = await open(t, home, WITH_STORE);
    first.pairings.savePeer(peerOf(1));
    first.close();
    assert.equal(home.pairings.state, "none");
    assert.deepEqual((await open(t, home, WITHOUT_STORE)).pairings.peers(), [peerOf(1)]);
  });

  it("keeps a change for the run, and says so, while another program has the store", async (t) => {
    const home = await movedHome(t);
    const other = await open(t, home, WITH_STORE);
    const without = await open(t, home, WITHOUT_STORE);
    const texts = noticesOf(without);
    assert.deepEqual([both(without), texts], [OLD, []]);
    without.pairings.savePeer(peerOf(1));
    assert.deepEqual(texts, [], "unchanged, so nothing is stored");
    without.pairings.savePeer(peerOf(4));
    assert.match(texts.join(), /could not be stored, so it lasts until this program ends\. Another Lair program/);
    assert.equal(without.pairings.peers().length, 3);
    assert.deepEqual(both(other), OLD);
  });

  it("refuses what would come back at the next start: a peer forgotten or a stored invite used, with the store out of reach", async (t) => {
    const home = await movedHome(t);
    const other = await open(t, home, WITH_STORE);
    const { pairings } = await open(t, home, WITHOUT_STORE);
    assert.throws(() => pairings.forgetPeer(peerOf(1).publicKey), { code: "store-locked" });
    assert.throws(() => pairings.pair(peerOf(4), openInviteOf(3).id), { code: "store-locked" });
    assert.deepEqual([pairings.peers(), pairings.invites()], OLD);
    // What the store does not have can be used and forgotten in this run.
    pairings.changeInvites((invites) => [...invites, openInviteOf(5)]);
    pairings.pair(peerOf(4), openInviteOf(5).id);
    pairings.forgetPeer(peerOf(4).publicKey);
    assert.deepEqual([pairings.peers(), pairings.invites()], OLD);
    other.close();
    pairings.pair(peerOf(4), openInviteOf(3).id);
    assert.deepEqual(both(await open(t, home, WITH_STORE)), [[peerOf(1), peerOf(2), peerOf(4)], []]);
  });

  it("knows nobody, and says why, when the store cannot be read", async (t) => {
    const home = await movedHome(t);
    const [name] = readdirSync(home.ownDirectory).filter((file) => file.endsWith(".db"));
    const path = join(home.ownDirectory, name!);
    const whole = readFileSync(path);
    writeFileSync(
      path,
      whole.map((byte) => byte ^ 0x5a),
    );
    const without = await open(t, home, WITHOUT_STORE);
    assert.deepEqual(both(without), [[], []]);
    assert.match(noticesOf(without).join(), /in the store, which cannot be read, so no peer is known.*garbled/);
    // It pairs anew for the run, and writes nothing over the store.
    without.pairings.savePeer(peerOf(4));
    assert.deepEqual(without.pairings.peers(), [peerOf(4)]);
    writeFileSync(path, whole);
    assert.deepEqual(both(await open(t, home, WITH_STORE)), OLD);
  });
});

/** Stores a room, and returns those that are there. */
async function roomsAfter(persistence: Persistence): Promise<number> {
  const rooms = await persistence.rooms!();
  assert.equal(await persistence.rooms!(), rooms, "always the same store");
  await rooms.change({ room: room() });
  assert.deepEqual(await rooms.room(OPS), room());
  return (await rooms.rooms(HUB)).length;
}

describe("the rooms of a program", () => {
  it("are in the store, and end with it", async (t) => {
    const home = openHome(newPlace(), "client");
    const first = await open(t, home, WITH_STORE);
    assert.equal(await roomsAfter(first), 1);
    const rooms = await first.rooms!();
    const reader = await open(t, home, { noStore: false, mode: "read" });
    assert.deepEqual(await (await reader.rooms!()).room(OPS), room());
    await assert.rejects((await reader.rooms!()).change({ forget: OPS }), TypeError);
    first.close();
    await assert.rejects(rooms.room(OPS), TypeError);
    const second = await open(t, home, WITH_STORE);
    assert.deepEqual(await (await second.rooms!()).room(OPS), room());
    second.close();
    // The other role has a store of its own.
    const server = await open(t, openHome(newPlace(), "server"), WITH_STORE);
    assert.equal(await (await server.rooms!()).room(OPS), undefined);
  });

  it("are gone with the program if there is no store", async (t) => {
    const home = openHome(newPlace(), "client");
    const first = await open(t, home, WITHOUT_STORE);
    assert.equal(await roomsAfter(first), 1);
    first.close();
    const second = await open(t, home, WITHOUT_STORE);
    assert.equal(await (await second.rooms!()).room(OPS), undefined);
    assert.deepEqual(readdirSync(home.ownDirectory), []);
  });
});
