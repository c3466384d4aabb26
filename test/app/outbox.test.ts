// The post: what is said to each peer is stored at the end of the turn, together, whether a line carries it or not.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ChatEvent } from "../../src/core/chat/chat.ts";
import { pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { Outbox } from "../../src/app/outbox.ts";
import { FakeClock } from "../core/channel/fake-clock.ts";
import { throwsLair } from "../core/channel/throws-lair.ts";
import { SpyStore } from "../core/delivery/spy-store.ts";

const peerOf = (seed: number): Peer =>
  pairedPeer({ publicKey: new Uint8Array(32).fill(seed), claimedName: `peer ${seed}`, atMs: 1 }, []);

function open(store = new SpyStore()) {
  const told: ChatEvent[][] = [];
  const errors: unknown[] = [];
  const outbox = new Outbox({
    store,
    onEvents: (events) => told.push([...events]),
    onError: (error) => errors.push(error),
  });
  return { store, outbox, told, errors, now: new FakeClock().now };
}

describe("the post", () => {
  it("has one correspondence for each peer, by its key", () => {
    const { outbox } = open();
    assert.equal(outbox.with(peerOf(1)), outbox.with({ ...peerOf(1), name: "renamed" }));
    assert.notEqual(outbox.with(peerOf(1)), outbox.with(peerOf(2)));
  });

  it("stores what was said at the end of the turn, in one transaction for each peer", async () => {
    const { outbox, told, store, now } = open();
    for (const text of ["a", "b"]) {
      outbox.with(peerOf(1)).say(text, now);
      outbox.wake();
    }
    outbox.with(peerOf(2)).say("c", now);
    assert.deepEqual([told, store.commits], [[], []]);
    await Promise.resolve();
    assert.deepEqual(store.commits, [["queued", "queued"], ["queued"]]);
    assert.deepEqual(
      told.map((events) => events.map((event) => event.type === "queued" && event.text)),
      [["a", "b"], ["c"]],
    );
    outbox.flush();
    assert.equal(told.length, 2);
  });

  it("tells what a store refuses, and goes on with the next peer", () => {
    const { outbox, told, errors, store, now } = open();
    outbox.with(peerOf(1)).say("a", now);
    store.failsCommit = true;
    outbox.flush();
    assert.equal(errors.length, 1);
    assert.deepEqual([told, outbox.undelivered], [[], 0]);
    store.failsCommit = false;
    outbox.with(peerOf(1)).say("b", now);
    outbox.flush();
    assert.equal(told.length, 1);
  });

  it("counts what was said since the program began, and not what waited before", () => {
    const { outbox, store, now } = open();
    outbox.with(peerOf(1)).say("a", now);
    outbox.with(peerOf(2)).say("b", now);
    outbox.flush();
    assert.equal(outbox.undelivered, 2);
    const { outbox: restarted } = open(store);
    assert.equal(restarted.with(peerOf(1)).undelivered, 1);
    assert.equal(restarted.undelivered, 0);
    restarted.with(peerOf(1)).say("c", now);
    restarted.flush();
    assert.equal(restarted.undelivered, 1);
  });

  it("fails where the store cannot be read", () => {
    const { outbox, store } = open();
    store.failsLoad = true;
    throwsLair(() => outbox.with(peerOf(1)), "store-unwritable");
  });
});
