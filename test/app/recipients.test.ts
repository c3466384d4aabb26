// From the typed line to whom it is said, when people change in between: `all` with its question, and a prompt that was
// turned to somebody whose fingerprint changes.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgramEvent } from "../../src/app/events.ts";
import { Messenger } from "../../src/app/messenger.ts";
import { Recipients } from "../../src/app/recipients.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { findPeer, pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { createStyle } from "../../src/node/terminal/create-style.ts";
import { Submission } from "../../src/ui/submission.ts";
import { View } from "../../src/ui/view.ts";
import { keyPair } from "../core/channel/pair.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { TOY_SUITE as suite } from "../core/channel/toy-suite.ts";
import { LastingStore } from "../core/delivery/lasting-store.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { throwsLair } from "../throws-lair.ts";
import { turn } from "./fake-carrier.ts";

const random = new SeededRandom(1);
const person = (claimedName: string): Peer =>
  pairedPeer(suite, { ...keyPair(suite, random.bytes), claimedName, atMs: 0 }, []);
const [BOB, CY, DAN] = ["bob", "cy", "dan"].map((name) => person(name)) as [Peer, Peer, Peer];

/** A server's prompt, which is paired with bob and cy. */
function prompt(peers: Peer[] = [BOB, CY]) {
  const saidTo: string[] = [];
  const errors: string[] = [];
  const view = new View({
    program: "lair-server",
    style: createStyle(false, true),
    unicode: true,
    columns: () => Number.POSITIVE_INFINITY,
    nowMs: () => 0,
    merges: true,
  });
  const show = (event: ProgramEvent): void => {
    if (event.type === "queued") saidTo.push(`${event.peer.name}: ${event.text}`);
    if (event.type === "error") errors.push(event.message);
    view.render(event);
    submission.learn(event);
  };
  const messenger = new Messenger({
    frontend: { show, regulateInput() {}, whenTaken: (action) => action(true), close() {} },
    random: random.bytes,
    exportHistory: () => assert.fail("nothing is exported"),
    clock: new ManualClock(),
    suite,
    self: keyPair(suite, random.bytes),
    verbose: false,
    persistence: { store: new LastingStore(random.bytes(16)), history: undefined, isLasting: true },
    retention: undefined,
    peers: () => peers,
    savePeer: (peer) => void peers.splice(peers.indexOf(findPeer(peers, peer.publicKey)!), 1, peer),
    forgetPeer: (peer) => void peers.splice(peers.indexOf(findPeer(peers, peer.publicKey)!), 1),
    isAwaiting: false,
  });
  const submission = new Submission("lair-server", view, {
    echo() {},
    print() {},
    putBack() {},
    command: (command) => messenger.command(command),
  });
  messenger.recall();
  /** What was said is stored at the end of the turn. */
  const enter = async (line: string): Promise<void> => {
    submission.submit(line);
    await turn();
  };
  return { peers, messenger, saidTo, errors, enter };
}

describe("the one whom --to names", () => {
  it("is one person: another of that name does not take the place when that one is forgotten", () => {
    const peers = [BOB, CY];
    const recipients = new Recipients({ suite, known: () => peers, talksWith: () => true, to: "bob" });
    assert.equal(recipients.ofMessage(undefined), BOB);
    peers[0] = { ...BOB, name: "robert" };
    assert.equal(recipients.ofMessage(undefined)?.name, "robert", "the same person, renamed");
    peers[0] = { ...DAN, name: "bob" };
    assert.equal(throwsLair(() => recipients.ofMessage(undefined)).code, "peer-unknown");
    assert.equal(throwsLair(() => recipients.only).code, "peer-unknown");
    assert.equal(recipients.ofMessage("bob"), peers[0], "if a line names that one itself");
  });
});

describe("the id of a room", () => {
  it("names a room if a hub is known, unless somebody is called so", () => {
    const id = "0123456789abcdef".repeat(2);
    const hub: Peer = { ...DAN, isHub: true };
    const isRoomId = (peers: readonly Peer[], to = id): boolean =>
      new Recipients({ suite, known: () => peers, talksWith: () => true, to: undefined }).isRoomId(to);
    assert.equal(isRoomId([BOB, hub]), true);
    assert.equal(isRoomId([BOB]), false);
    assert.equal(isRoomId([BOB, hub], id.slice(1)), false);
    assert.equal(isRoomId([{ ...BOB, name: id }, hub]), false);
  });
});

describe("all, when it is confirmed", () => {
  it("goes to those whom the question named, and to nobody who was paired since", async () => {
    const { peers, messenger, saidTo, enter } = prompt();
    await enter("all hello");
    assert.deepEqual(saidTo, []);
    peers.push(DAN);
    messenger.tellPeople();
    await enter("yes");
    assert.deepEqual(saidTo, ["bob: hello", "cy: hello"]);
    await enter("all again");
    await enter("yes");
    assert.deepEqual(saidTo.slice(2), ["bob: again", "cy: again", "dan: again"]);
  });

  it("does not go to somebody who was forgotten since, and to nobody if all were", async () => {
    const { messenger, saidTo, errors, enter } = prompt();
    await enter("all hello");
    messenger.command({ type: "forget-peer", who: "bob", history: false, confirmed: true });
    await enter("yes");
    assert.deepEqual(saidTo, ["cy: hello"]);
    const other = prompt();
    await other.enter("all hello");
    other.peers.splice(0, 2, DAN);
    other.messenger.tellPeople();
    await other.enter("yes");
    assert.deepEqual([other.saidTo, errors], [[], []]);
    assert.deepEqual(other.errors, ["None of them is paired here any more, so this was not sent."]);
  });

  it("goes to somebody whose second key was pinned since", async () => {
    const young = { ...BOB, signatureKey: undefined };
    const { peers, saidTo, enter } = prompt([young, CY]);
    await enter("all hello");
    peers[0] = BOB;
    await enter("yes");
    assert.deepEqual(saidTo, ["bob: hello", "cy: hello"]);
  });
});

describe("a prompt that was turned to somebody", () => {
  it("stays there when that one's second key is pinned, whatever others are called", async () => {
    const young = { ...BOB, signatureKey: undefined };
    const former = fingerprint(suite, young).replaceAll(" ", "");
    const impostor = { ...DAN, name: former };
    const { peers, messenger, saidTo, errors, enter } = prompt([impostor, young, CY]);
    await enter("to bob");
    await enter("one");
    peers[1] = BOB;
    await enter("two");
    messenger.tellPeople();
    await enter("three");
    await enter("@bob four");
    assert.deepEqual([saidTo, errors], [["bob: one", "bob: two", "bob: three", "bob: four"], []]);
    messenger.command({ type: "forget-peer", who: "bob", history: false, confirmed: true });
    await enter("five");
    assert.equal(saidTo.length, 4);
  });
});
