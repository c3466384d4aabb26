// The store on the disk against its twin in memory: whatever is committed, both load the same, also after every reopening.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryStore } from "../../../src/core/delivery/memory-store.ts";
import { advanced } from "../../../src/core/delivery/cursors.ts";
import type {
  Change,
  Cursors,
  NewMessage,
  Store,
  StoredLife,
  StoredMessage,
  StoredPeer,
} from "../../../src/core/delivery/store.ts";
import { effort } from "../../effort.ts";
import { SeededRandom } from "../../core/channel/seeded-random.ts";
import { ADA, BOB, newPlace, open, said, stampOf } from "./places.ts";
import { outboxOf } from "../../core/delivery/whole-outbox.ts";

const STEPS = effort(60, 250);
const NOW_MS = 1_800_000_000_000;

/** Of a few lives, so that they take turns. */
const randomStamp = (random: SeededRandom): Uint8Array => stampOf(random.below(1_000), random.below(4));

function randomMessage(random: SeededRandom): Pick<NewMessage, "message" | "content" | "route"> {
  if (random.chance(20)) {
    return {
      message: random.bytes(random.below(40)),
      route: { kind: 2 + random.below(3), stream: 1 + random.below(2) },
    };
  }
  if (random.chance(20)) return { message: random.bytes(random.below(40)), content: { kind: "unreadable" } };
  return said(`line ${random.word()}`, NOW_MS, random.chance(30) ? random.between(1, 10) : undefined);
}

/** A change that follows on `peer`, mostly; now and then one that does not. */
function randomChange(random: SeededRandom, peer: Cursors): Change {
  const off = random.chance(2) ? 1 : 0;
  const atMs = NOW_MS + random.below(20_000);
  // Only when everything has been shown, and now and then when not.
  if (random.chance(peer.shown === peer.expected ? 10 : 1)) return { type: "begun-anew" };
  switch (random.below(12)) {
    case 0:
    case 1:
      return { type: "queued", seq: peer.next + off, stamp: randomStamp(random), atMs, ...randomMessage(random) };
    case 2:
    case 3:
      return {
        type: "arrived",
        seq: peer.expected + off,
        stamp: randomStamp(random),
        atMs,
        ...randomMessage(random),
      };
    case 4:
      return { type: "released", next: random.between(peer.released, peer.next + off) };
    case 5:
      return { type: "acknowledged", next: random.between(peer.acknowledged, peer.next + off), atMs };
    case 6:
    case 7:
      return { type: "shown", next: random.between(peer.shown, peer.expected + off) };
    case 8:
      return { type: "renumbered", first: random.below(20) };
    case 9:
      return { type: "skipped", next: Math.max(0, peer.expected + random.below(4) - off) };
    case 10:
      return { type: "ignored", seq: peer.expected + off, stamp: randomStamp(random) };
    default:
      return random.chance(50)
        ? { type: "peer-store-seen", peerStore: random.bytes(16) }
        : { type: "setting", value: random.bytes(random.below(50)) };
  }
}

function afterwards(cursors: Cursors, change: Change): Cursors {
  try {
    return advanced(cursors, change);
  } catch {
    return cursors;
  }
}

const order = (one: StoredLife, other: StoredLife): number =>
  one.lastSeq - other.lastSeq || Buffer.compare(one.life, other.life);

/** The lives have no order. */
function loaded(store: Store, key: Uint8Array): StoredPeer & { readonly messages: readonly StoredMessage[] } {
  const peer = store.load(key);
  return { ...peer, lives: peer.lives.toSorted(order), messages: outboxOf(store, key) };
}

describe("the store on the disk beside its twin in memory", () => {
  const seed = Number(process.env.STORE_SEED ?? Date.now() % 2 ** 31);
  it(`loads the same after ${STEPS} random commits (STORE_SEED=${seed})`, () => {
    const random = new SeededRandom(seed);
    const place = newPlace();
    let store = open(place);
    const twin = new MemoryStore(store.life, store.id);
    let refused = 0;
    for (let step = 0; step < STEPS; step++) {
      const peer = random.pick([ADA, BOB]);
      let ahead: Cursors = twin.load(peer);
      const changes: Change[] = [];
      for (let count = random.between(1, 8); count > 0; count--) {
        const change = randomChange(random, ahead);
        changes.push(change);
        ahead = afterwards(ahead, change);
      }
      const outcomes = [store, twin].map((each) => {
        try {
          each.commit(peer, changes);
          return "done";
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          return error.message;
        }
      });
      assert.equal(outcomes[0], outcomes[1], `step ${step}`);
      if (outcomes[0] !== "done") refused++;
      if (random.chance(5)) store.setRetention(peer, random.pick(["off", "forever", { ms: 5_000 }] as const));
      if (random.chance(5)) store.purge(NOW_MS + random.below(40_000));
      if (random.chance(3)) store.forget(peer);
      if (random.chance(3)) store.setLimit(peer, random.below(1_000));
      if (random.chance(5)) {
        store.close();
        store = open(place);
      }
      for (const each of [ADA, BOB]) assert.deepEqual(loaded(store, each), loaded(twin, each), `step ${step}`);
    }
    assert.ok(refused < STEPS / 2, `${refused} commits were refused`);
    // A short run may have none of them.
    if (STEPS > 100) assert.ok(refused > 0);
  });
});
