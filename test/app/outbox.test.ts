// The outbox: what is said to each peer is stored at the end of the turn, together, whether a session carries it or not; and
// what is not stored is counted until the program says so at its end.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ChatEvent } from "../../src/core/chat/chat.ts";
import type { LairError } from "../../src/core/errors.ts";
import { pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { Outbox } from "../../src/app/outbox.ts";
import { FakeClock } from "../core/channel/fake-clock.ts";
import { throwsLair } from "../throws-lair.ts";
import { SpyStore } from "../core/delivery/spy-store.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { keysOf } from "../core/identity/keys-of.ts";

const peerOf = (seed: number): Peer =>
  pairedPeer(OPENSSL_SUITE, { ...keysOf(seed), claimedName: `peer ${seed}`, atMs: 1 }, []);

function open(store = new SpyStore(), isAwaiting = false, isOpen = false) {
  const told: ChatEvent[][] = [];
  const errors: LairError[] = [];
  /** Whom each error concerns. */
  const concerned: (Peer | undefined)[] = [];
  const recipient: { peer: Peer | undefined } = { peer: undefined };
  const { now } = new FakeClock();
  const outbox: Outbox = new Outbox({
    store,
    clock: { now: () => now },
    isOpen: () => isOpen,
    isAwaiting,
    onEvents: (_peer, events) => {
      told.push([...events]);
      for (const event of events) outbox.note(event);
    },
    showError: (error, peer) => {
      errors.push(error as LairError);
      concerned.push(peer);
    },
  });
  const say = (text: string): void => outbox.say({ type: "say", text }, recipient.peer);
  /** What is told at the end. */
  const report = (): unknown[] => outbox.report("the-rest").errors.map(({ message }) => message);
  return { store, outbox, told, errors, concerned, recipient, say, report, now };
}

const codes = (errors: readonly LairError[]): unknown[] => errors.map(({ code }) => code);
const texts = (told: readonly ChatEvent[][]): unknown[] =>
  told.flat().map((event) => (event.type === "queued" ? event.text : event.type));

describe("the outbox", () => {
  it("leaves to an open session what is staged, at the end of the turn, and stores it when it must be stored now", async () => {
    const { store, outbox, recipient, say } = open(undefined, false, true);
    recipient.peer = peerOf(1);
    say("one");
    outbox.wake();
    await Promise.resolve();
    assert.deepEqual(store.commits, []);
    outbox.flush();
    assert.deepEqual(store.commits, [["queued"]]);
  });

  it("says to whom a message was too long", () => {
    const { errors, concerned, recipient, say } = open();
    const peer = peerOf(1);
    recipient.peer = peer;
    say("a".repeat(70_000));
    assert.deepEqual([codes(errors), concerned], [["message-too-long"], [peer]]);
  });

  it("has one chat for each peer, by its key", () => {
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

describe("what is typed", () => {
  it("is held back until it is clear to whom, and said then in order", () => {
    const { outbox, told, say, report } = open(new SpyStore(), true);
    say("a");
    outbox.say({ type: "timer", seconds: 60 }, undefined);
    say("b");
    outbox.flush();
    assert.deepEqual(told, []);
    outbox.sayHeld(peerOf(1));
    outbox.flush();
    assert.deepEqual(texts(told), ["a", "timer", "b"]);
    assert.deepEqual(report(), ["3 messages were not delivered yet."]);
  });

  it("is lost when it never becomes clear to whom, and told as such once", () => {
    const { outbox, errors, say, report } = open(new SpyStore(), true);
    say("a");
    say("b");
    outbox.giveUpHeld();
    assert.deepEqual(errors, []);
    assert.deepEqual(report(), ["2 messages were not delivered, and will not be."]);
    assert.deepEqual(report(), []);
    say("c");
    assert.deepEqual(codes(errors), ["not-connected"]);
  });

  it("is refused beyond a thousand, and where nobody is awaited", () => {
    const awaiting = open(new SpyStore(), true);
    for (let count = 0; count < 1_001; count++) awaiting.say("x");
    assert.deepEqual(codes(awaiting.errors), ["queue-full"]);
    const { errors, say, outbox, report } = open();
    say("a");
    assert.deepEqual(codes(errors), ["not-connected"]);
    outbox.forgetRefused();
    assert.deepEqual(report(), []);
  });

  it("is lost with a store that takes nothing, and counted with what else was", () => {
    const { outbox, store, errors, recipient, say, report } = open();
    recipient.peer = peerOf(1);
    say("a");
    say("b");
    store.failsCommit = true;
    outbox.flush();
    assert.deepEqual(codes(errors), ["store-unwritable"]);
    outbox.lost(3);
    assert.deepEqual(report(), ["5 messages were not delivered, and will not be."]);
  });

  it("that was no text makes the end a failure, which quit does not forget", () => {
    const { outbox } = open();
    outbox.misread();
    outbox.forgetRefused();
    assert.equal(outbox.report("the-rest").isComplete, false);
  });
});
