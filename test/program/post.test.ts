// The post: what is said to each peer is stored at the end of the turn, together, whether a line carries it or not.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CorrespondenceEvent } from "../../src/core/chat/correspondence.ts";
import { pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { Post } from "../../src/program/post.ts";
import { FakeClock } from "../core/channel/fake-clock.ts";
import { throwsLair } from "../core/channel/throws-lair.ts";
import { SpyStore } from "../core/delivery/spy-store.ts";

const peerOf = (seed: number): Peer =>
  pairedPeer({ publicKey: new Uint8Array(32).fill(seed), claimedName: `peer ${seed}`, atMs: 1 }, []);

function open(store = new SpyStore()) {
  const told: CorrespondenceEvent[][] = [];
  const errors: unknown[] = [];
  const post = new Post({
    store,
    onEvents: (events) => told.push([...events]),
    onError: (error) => errors.push(error),
  });
  return { store, post, told, errors, now: new FakeClock().now };
}

describe("the post", () => {
  it("has one correspondence for each peer, by its key", () => {
    const { post } = open();
    assert.equal(post.with(peerOf(1)), post.with({ ...peerOf(1), name: "renamed" }));
    assert.notEqual(post.with(peerOf(1)), post.with(peerOf(2)));
  });

  it("stores what was said at the end of the turn, in one transaction for each peer", async () => {
    const { post, told, store, now } = open();
    for (const text of ["a", "b"]) {
      post.with(peerOf(1)).say(text, now);
      post.wake();
    }
    post.with(peerOf(2)).say("c", now);
    assert.deepEqual([told, store.commits], [[], []]);
    await Promise.resolve();
    assert.deepEqual(store.commits, [["queued", "queued"], ["queued"]]);
    assert.deepEqual(
      told.map((events) => events.map((event) => event.type === "queued" && event.text)),
      [["a", "b"], ["c"]],
    );
    post.flush();
    assert.equal(told.length, 2);
  });

  it("tells what a store refuses, and goes on with the next peer", () => {
    const { post, told, errors, store, now } = open();
    post.with(peerOf(1)).say("a", now);
    store.failsCommit = true;
    post.flush();
    assert.equal(errors.length, 1);
    assert.deepEqual([told, post.undelivered], [[], 0]);
    store.failsCommit = false;
    post.with(peerOf(1)).say("b", now);
    post.flush();
    assert.equal(told.length, 1);
  });

  it("counts what was said since the program began, and not what waited before", () => {
    const { post, store, now } = open();
    post.with(peerOf(1)).say("a", now);
    post.with(peerOf(2)).say("b", now);
    post.flush();
    assert.equal(post.undelivered, 2);
    const { post: restarted } = open(store);
    assert.equal(restarted.with(peerOf(1)).undelivered, 1);
    assert.equal(restarted.undelivered, 0);
    restarted.with(peerOf(1)).say("c", now);
    restarted.flush();
    assert.equal(restarted.undelivered, 1);
  });

  it("fails where the store cannot be read", () => {
    const { post, store } = open();
    store.failsLoad = true;
    throwsLair(() => post.with(peerOf(1)), "store-unwritable");
  });
});
