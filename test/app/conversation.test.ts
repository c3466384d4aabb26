// What a program does with its lines: what is said without one waits, what comes is shown once and marked when it was, and
// what has not arrived makes the exit code 1. Lines over carriers in memory, a frontend that notes what it is shown.

import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command, ProgramEvent } from "../../src/app/events.ts";
import type { ClientCredential } from "../../src/core/pairing/client-session.ts";
import type { LairError } from "../../src/core/errors.ts";
import type { Peer } from "../../src/core/identity/peer.ts";
import type { Demand } from "../../src/app/frontend.ts";
import { CLOSE_REASON } from "../../src/core/channel/index.ts";
import type { Conversation } from "../../src/app/conversation.ts";
import { Messenger } from "../../src/app/messenger.ts";
import { ClientPerson, ServerPerson, Meeting } from "../core/pairing/fixture.ts";
import { TOY_SUITE } from "../core/channel/toy-suite.ts";
import type { LastingStore } from "../core/delivery/lasting-store.ts";
import { SpyStore } from "../core/delivery/spy-store.ts";
import { drive, type Driven, exchange, turn } from "./fake-carrier.ts";
import { ManualClock } from "../node/manual-clock.ts";
import type { Session } from "../../src/core/chat/session.ts";

interface Options {
  readonly store?: LastingStore;
  readonly isLasting?: boolean;
  readonly isAwaiting?: boolean;
  /** Whether the client knows at its start for whom it is. */
  readonly knows?: boolean;
}

/** bert's client, which is paired with anna's server. */
function setup({ store, isLasting = true, isAwaiting = true, knows = true }: Options = {}) {
  const clock = new ManualClock();
  const serverPerson = new ServerPerson({ name: "anna", seed: 1, clock: clock.time });
  const clientPerson = new ClientPerson({ name: "bert", seed: 2, clock: clock.time });
  if (store !== undefined) clientPerson.store = store;
  const { psk, serverKey } = serverPerson.makeInvite();
  const byInvite: ClientCredential = { type: "invite", psk, serverKey, peer: undefined };
  new Meeting(clientPerson, serverPerson, byInvite).run().cut();
  const anna = clientPerson.stored!;
  const known = [anna];
  let addressee: Peer | undefined = knows ? anna : undefined;

  /** A program over bert's store. What it shows is taken at once, or when the test says so. */
  const program = ({ isTakenLater = false, isQueueing = false } = {}) => {
    const shown: ProgramEvent[] = [];
    const audiences: Demand[] = [];
    const waiting: ((isTaken: boolean) => void)[] = [];
    const activity: unknown[] = [];
    let code: number | undefined;
    const messenger = new Messenger({
      random: () => assert.fail("nobody is introduced"),
      exportHistory: () => assert.fail("nothing is exported"),
      frontend: {
        show: (event) => {
          // For the prompt alone.
          if (!["people", "selected", "unread"].includes(event.type)) shown.push(event);
        },
        regulateInput: (demand) => void audiences.push(demand),
        whenTaken: (action) => (isTakenLater ? void waiting.push(action) : action(true)),
        close() {},
      },
      clock,
      suite: TOY_SUITE,
      self: clientPerson.identity,
      verbose: false,
      persistence: { store: clientPerson.store.reopen(), history: undefined, isLasting },
      retention: undefined,
      // As from a store, which decodes them anew each time.
      peers: () => known.map((peer) => ({ ...peer })),
      savePeer: (peer) => void known.splice(0, 1, peer),
      forgetPeer: () => void known.pop(),
      talksWith: () => addressee !== undefined,
      isAwaiting,
      isQueueing,
      onActivity: () => activity.push(undefined),
    });
    const conversation = knows ? messenger.with(anna) : messenger.withSomebody();
    void messenger.finished.then((exit) => {
      code = exit;
    });
    clientPerson.chatWith = (peer) => messenger.chatWith(peer as Peer);
    const say = (...texts: readonly string[]): void => {
      for (const text of texts) messenger.command({ type: "say", text });
    };
    /** The output takes all that was shown, or never will. */
    const take = async (isTaken: boolean): Promise<void> => {
      for (const action of waiting.splice(0)) action(isTaken);
      await turn();
    };
    return { messenger, conversation, shown, audiences, waiting, take, activity, say, code: () => code };
  };

  /** A new connection, on which everything arrives. */
  const connect = async (conversation: Conversation): Promise<{ client: Driven<Session>; server: Driven<Session> }> => {
    const server: Driven<Session> = drive(serverPerson.machine.session(clock.now()), clock);
    const client: Driven<Session> = drive(clientPerson.session(clientPerson.credentials()[0]!), clock);
    conversation.attach(client.runner);
    client.onEvent = (event) => {
      if (event.type === "opened") addressee = anna;
      conversation.event(event);
    };
    client.onEnd = (end) => void conversation.ended(end);
    await turn();
    await exchange(client, server);
    return { client, server };
  };
  const sayAsServer = async (server: Driven<Session>, text: string): Promise<void> => {
    server.runner.session.chatSession!.chat!.say(text, clock.now());
    server.runner.wake();
    await turn();
  };
  return { clock, serverPerson, clientPerson, anna, known, program, connect, sayAsServer };
}

const texts = (events: readonly { readonly type: string }[], type: string): unknown[] =>
  events.flatMap((event) => (event.type === type ? [(event as { text?: string }).text] : []));
const seen = (shown: readonly ProgramEvent[]): unknown[] =>
  shown.map((event) => (event.type === "error" ? event.code : event.type));

/** What of the peer's has been shown, and whether as something that may have been shown before. */
const again = (shown: readonly ProgramEvent[]): unknown[] =>
  shown.flatMap((event) => (event.type === "message" ? [[event.text, event.again]] : []));

describe("status", () => {
  it("has a line for each of the others, unless it names one", () => {
    const { program, known, anna } = setup();
    const cy = { ...anna, name: "cy", publicKey: anna.publicKey.map((byte) => byte ^ 1) };
    known.push(cy);
    const { messenger, shown } = program();
    const names = (): unknown => {
      const { status } = shown.splice(0).find((event) => event.type === "status")!;
      return [status.peer?.name, ...status.others.map(({ peer }) => peer.name)];
    };
    messenger.command({ type: "status" });
    assert.deepEqual(names(), [undefined, "anna", "cy"]);
    messenger.command({ type: "status", to: "cy" });
    assert.deepEqual(names(), ["cy"]);
    messenger.command({ type: "status", to: "cy", withOthers: true });
    assert.deepEqual(names(), ["cy", "anna"]);
    known.pop();
    messenger.command({ type: "status" });
    assert.deepEqual(names(), ["anna"]);
  });
});

describe("a peer from before there were signature keys", () => {
  it("is told of once: what its fingerprint was, and what it is", async () => {
    const { program, connect, clientPerson, serverPerson } = setup();
    const { signatureKey: _, ...former } = clientPerson.stored!;
    clientPerson.stored = former;
    const { conversation, shown } = program();
    const { client, server } = await connect(conversation);
    const [is, was] = [serverPerson.identity, former].map((keys) => fingerprint(TOY_SUITE, keys));
    const expected =
      "The fingerprint of anna now covers a second key, which this session has proven. " +
      `It is ${is}; it was ${was}. The words have changed with it.`;
    assert.deepEqual(texts(shown, "notice"), [expected]);
    client.runner.session.destroy();
    server.runner.session.destroy();
    const again = program();
    await connect(again.conversation);
    assert.deepEqual(texts(again.shown, "notice"), []);
  });
});

describe("what is said without a line", () => {
  it("is told of at the start, also when nothing waits for the only person", async () => {
    const { program } = setup();
    const { messenger, shown } = program();
    messenger.recall();
    await turn();
    assert.deepEqual(
      shown.map(({ type }) => type),
      ["backlog"],
    );
  });

  it("is stored at the end of the turn, and sent over the next one", async () => {
    const { program, connect } = setup();
    const { conversation, shown, say } = program();
    say("one", "two");
    assert.deepEqual(shown, []);
    await turn();
    assert.deepEqual(texts(shown, "queued"), ["one", "two"]);
    const { server } = await connect(conversation);
    assert.deepEqual(texts(server.events, "message"), ["one", "two"]);
    assert.deepEqual(seen(shown).slice(2), ["connected", "released", "released", "delivered", "delivered"]);
  });

  it("outlives the program, which tells at its end that it is kept, and at its start that it waits", async () => {
    const { program, connect } = setup();
    const first = program();
    first.say("one");
    await turn();
    first.messenger.command({ type: "quit" });
    await turn();
    const last = first.shown.at(-1);
    assert.ok(last?.type === "error" && last.code === "not-delivered", JSON.stringify(last));
    assert.match(`${last.message} ${last.hint}`, /1 message was not delivered yet\. It is kept and will be sent/);
    assert.equal(first.code(), 1);

    const second = program();
    second.messenger.recall();
    const [backlog] = second.shown;
    assert.deepEqual(backlog?.type === "backlog" && backlog.seqs, [0]);
    const { server } = await connect(second.conversation);
    assert.deepEqual(texts(server.events, "message"), ["one"]);
    second.messenger.command({ type: "quit" });
    await turn();
    second.conversation.runner?.terminate();
    assert.deepEqual(
      second.shown.filter(({ type }) => type === "error"),
      [],
    );
  });

  it("is not kept with --no-store, and said to be lost", async () => {
    const { program } = setup({ isLasting: false });
    const { messenger, say, shown, code } = program();
    say("one", "two");
    messenger.command({ type: "quit" });
    await turn();
    assert.match(String((shown.at(-1) as { message?: string }).message), /2 messages were not delivered\.$/);
    assert.equal(code(), 1);
  });

  it("waits until it is clear to whom, in order, with the timer between", async () => {
    const { program, connect } = setup({ knows: false });
    const { messenger, conversation, say, shown } = program();
    say("one");
    messenger.command({ type: "timer", seconds: 60 });
    say("two");
    await turn();
    assert.deepEqual(shown, []);
    const { server } = await connect(conversation);
    assert.deepEqual(
      server.events.filter(({ type }) => type === "message" || type === "timer").map(({ type }) => type),
      ["message", "timer", "message"],
    );
  });

  it("counts as lost when it never became clear to whom", async () => {
    const { program } = setup({ knows: false });
    const { messenger, say, shown, code } = program();
    say("one");
    messenger.conclude(3);
    await turn();
    assert.deepEqual([seen(shown), code()], [["not-delivered"], 3]);
  });

  it("is refused where nobody is awaited and nobody known", async () => {
    const { program } = setup({ knows: false, isAwaiting: false });
    const { messenger, say, shown, code } = program();
    say("one");
    assert.deepEqual(seen(shown), ["not-connected"]);
    messenger.command({ type: "end" });
    await turn();
    assert.equal(code(), 1);
  });

  it("is refused before it is said when the store fails, and the next is taken", async () => {
    const store = new SpyStore();
    const { program } = setup({ store });
    const { say, shown } = program();
    store.failsCommit = true;
    say("one");
    await turn();
    assert.deepEqual(seen(shown), ["store-unwritable"]);
    assert.match((shown[0] as unknown as LairError).details.join(), /not stored, and will not be sent/);
    store.failsCommit = false;
    say("two");
    await turn();
    assert.deepEqual(texts(shown, "queued"), ["two"]);
  });
});

describe("a line", () => {
  it("that is cut leaves what was under way to the next one; it arrives once", async () => {
    const { program, connect } = setup();
    const { conversation, say, shown } = program();
    const first = await connect(conversation);
    say("under way");
    await turn();
    first.client.carrier.handlers!.closed({ clean: false });
    const end = shown.at(-1);
    assert.deepEqual(end?.type === "disconnected" && [end.reason, end.undelivered], ["cut", 1]);
    first.server.runner.terminate();
    const second = await connect(conversation);
    assert.deepEqual(
      [...texts(first.server.events, "message"), ...texts(second.server.events, "message")],
      ["under way"],
    );
    assert.equal(shown.filter(({ type }) => type === "delivered").length, 1);
    assert.equal(texts(shown, "sent").length, 1);
  });

  it("shows what came right before its end, and before that it ended", async () => {
    const { program, connect, sayAsServer } = setup();
    const { conversation, shown } = program();
    const { client, server } = await connect(conversation);
    await sayAsServer(server, "the last words");
    client.carrier.handlers!.frame(server.carrier.sent.at(-1)!);
    client.carrier.handlers!.closed({ clean: false });
    assert.deepEqual(seen(shown).slice(-2), ["message", "disconnected"]);
  });

  it("shows what came right before what ended it", async () => {
    const { program, connect, sayAsServer } = setup();
    const { conversation, shown } = program();
    const { client, server } = await connect(conversation);
    await sayAsServer(server, "before the nonsense");
    client.carrier.handlers!.frame(server.carrier.sent.at(-1)!);
    client.carrier.handlers!.frame(new Uint8Array(272));
    assert.deepEqual(seen(shown).slice(-3), ["message", "noise-authentication", "disconnected"]);
  });

  it("ends with the store: what came is neither shown nor acknowledged, and comes again", async () => {
    const store = new SpyStore();
    const { program, connect, sayAsServer } = setup({ store });
    const { conversation, shown } = program();
    const { client, server } = await connect(conversation);
    store.failsCommit = true;
    await sayAsServer(server, "hello");
    await exchange(client, server);
    assert.deepEqual(texts(shown, "message"), []);
    assert.deepEqual(seen(shown).slice(-2), ["store-unwritable", "disconnected"]);
    store.failsCommit = false;
    server.runner.terminate();
    const second = await connect(conversation);
    assert.deepEqual(texts(shown, "message"), ["hello"]);
    assert.deepEqual(second.client.ends, []);
  });

  it("tells of a store that is older, and whose peer it is", async () => {
    const { program, connect, clientPerson, serverPerson, anna } = setup();
    const { conversation } = program();
    const { server } = await connect(conversation);
    server.runner.terminate();
    conversation.runner?.terminate();
    // Anna begins her store anew.
    serverPerson.store = new SpyStore();
    serverPerson.restart();
    const second = program();
    await connect(second.conversation);
    const persistence = second.shown.find(({ type }) => type === "memory");
    assert.ok(persistence?.type === "memory", "it was not told");
    assert.deepEqual([persistence.whose, persistence.what, persistence.peer.name], ["peer", "new", anna.name]);
    assert.equal(clientPerson.stored?.name, anna.name);
  });
});

describe("renumber", () => {
  it("is refused while a line is open, and begins the numbers anew afterwards; everything arrives", async () => {
    const { program, connect } = setup();
    const { messenger, conversation, shown, say } = program();
    const first = await connect(conversation);
    say("one", "two");
    await turn();
    await exchange(first.client, first.server);
    messenger.command({ type: "renumber" });
    const refusal = shown.at(-1);
    assert.ok(refusal?.type === "error" && refusal.code === "usage", "it was not refused");
    first.server.runner.terminate();
    first.client.carrier.handlers!.closed({ clean: false });
    await turn();
    say("three");
    await turn();
    messenger.command({ type: "renumber" });
    const backlog = shown.at(-1);
    assert.ok(backlog?.type === "backlog", "what waits was not told");
    assert.deepEqual(backlog.seqs, [0]);
    const { server } = await connect(conversation);
    await turn();
    assert.deepEqual(texts(server.events, "message"), ["three"]);
  });
});

describe("what comes", () => {
  it("is marked as shown when the face's output has it; until then it is shown again after a restart", async () => {
    const { program, connect, sayAsServer } = setup();
    const first = program({ isTakenLater: true });
    const { client, server } = await connect(first.conversation);
    await sayAsServer(server, "one");
    await exchange(client, server);
    await turn();
    assert.deepEqual([texts(first.shown, "message"), first.waiting.length], [["one"], 1]);

    const second = program({ isTakenLater: true });
    second.messenger.recall();
    assert.deepEqual(again(second.shown), [["one", true]]);
    await turn();
    await second.take(true);
    const third = program();
    third.messenger.recall();
    assert.deepEqual(again(third.shown), []);
  });

  it("is not marked when the output never has it", async () => {
    const { program, connect, sayAsServer } = setup();
    const first = program({ isTakenLater: true });
    const { client, server } = await connect(first.conversation);
    await sayAsServer(server, "one");
    await exchange(client, server);
    await turn();
    await first.take(false);
    const second = program();
    second.messenger.recall();
    assert.deepEqual(again(second.shown), [["one", true]]);
  });
});

describe("the end of a session that never opened", () => {
  it("is told as disconnected if it was refused, and not if another session of this identity took its place", () => {
    const { conversation, shown } = setup().program();
    const { busy, replaced } = CLOSE_REASON;
    for (const reason of [replaced, busy]) conversation.ended({ type: "closed", by: "them", reason });
    assert.deepEqual(
      shown.map((event) => event.type === "disconnected" && event.reason),
      ["busy"],
    );
  });
});

describe("the end of the program", () => {
  it("waits until its output is taken, and marks then what was shown", async () => {
    const { program, connect, sayAsServer, clock } = setup();
    const first = program({ isTakenLater: true });
    const { client, server } = await connect(first.conversation);
    await sayAsServer(server, "one");
    await exchange(client, server);
    first.messenger.conclude(0);
    await turn();
    clock.pass(499);
    await turn();
    assert.equal(first.code(), undefined);
    await first.take(true);
    assert.equal(first.code(), 0);
    const second = program();
    second.messenger.recall();
    assert.deepEqual(again(second.shown), []);
  });

  it("waits half a second for an output that nobody reads, and marks nothing then", async () => {
    const { program, connect, sayAsServer, clock } = setup();
    const first = program({ isTakenLater: true });
    const { client, server } = await connect(first.conversation);
    await sayAsServer(server, "one");
    await exchange(client, server);
    client.runner.terminate();
    server.runner.terminate();
    first.messenger.conclude(0);
    clock.pass(499);
    await turn();
    assert.equal(first.code(), undefined);
    clock.pass(1);
    await turn();
    assert.deepEqual([first.code(), seen(first.shown).at(-1)], [1, "not-shown"]);
    // Too late: nobody is told twice.
    await first.take(false);
    assert.equal(seen(first.shown).filter((code) => code === "not-shown").length, 1);
    const second = program();
    second.messenger.recall();
    assert.deepEqual(again(second.shown), [["one", true]]);
  });

  it("keeps the exit code of a signal though something was not shown", async () => {
    const { program, anna, connect, sayAsServer } = setup();
    const first = program({ isTakenLater: true });
    const { client, server } = await connect(first.conversation);
    await sayAsServer(server, "one");
    await exchange(client, server);
    client.runner.terminate();
    server.runner.terminate();
    first.messenger.conclude(143);
    await first.take(false);
    assert.deepEqual([first.code(), anna.name], [143, "anna"]);
  });

  it("comes when the output has failed: ours is still delivered, and what came is not lost", async () => {
    for (const isLasting of [true, false]) {
      const { program, connect, sayAsServer, clock } = setup({ isLasting });
      const { messenger, conversation, say, code, shown, take } = program({ isTakenLater: true });
      const { client, server } = await connect(conversation);
      say("ours");
      await sayAsServer(server, "theirs");
      await exchange(client, server);
      messenger.outputFailed();
      await turn();
      // Where nothing is kept, what cannot be shown is not taken either.
      assert.equal(client.carrier.isPaused, !isLasting);
      await exchange(client, server);
      await take(false);
      clock.pass(2_900);
      await turn();
      await take(false);
      assert.deepEqual(texts(server.events, "message"), ["ours"]);
      assert.equal(code(), 1);
      const told = shown.at(-1);
      assert.ok(told?.type === "error" && told.code === "not-shown", JSON.stringify(told));
      assert.match(told.hint ?? "", isLasting ? /shown at the next start/ : /lost/);
    }
  });

  it("is like after quit when the reader of the output has gone and everything was shown", async () => {
    const { program, connect } = setup();
    const { messenger, conversation, code, shown } = program();
    const { client } = await connect(conversation);
    messenger.outputFailed();
    await turn();
    client.carrier.handlers!.closed({ clean: true });
    await turn();
    assert.equal(code(), 0);
    assert.deepEqual(
      shown.filter(({ type }) => type === "error"),
      [],
    );
  });

  it("needs no wait where the output takes everything at once", async () => {
    const { program, clock } = setup();
    const { messenger, code } = program();
    messenger.conclude(0);
    await turn();
    assert.deepEqual([code(), clock.pending], [0, []]);
  });
});

/** The program ends ten seconds after its input, and not earlier. */
async function endAfterTenSeconds(clock: ManualClock, code: () => number | undefined): Promise<void> {
  clock.pass(9_999);
  await turn();
  assert.equal(code(), undefined);
  clock.pass(1);
  await turn();
  assert.notEqual(code(), undefined);
}

describe("the end of the input", () => {
  it("without a line gives what waits ten seconds to be sent", async () => {
    const { program, clock } = setup();
    const { messenger, say, code, shown } = program();
    say("one");
    messenger.command({ type: "end" });
    await turn();
    await endAfterTenSeconds(clock, code);
    assert.equal(code(), 1);
    assert.equal(seen(shown).at(-1), "not-delivered");
  });

  it("is no failure after those with --queue, which tells what it keeps, and what it kept before", async () => {
    const { program, clock } = setup();
    program().say("from before");
    await turn();
    const { messenger, say, code, shown } = program({ isQueueing: true });
    messenger.recall();
    say("one");
    messenger.command({ type: "end" });
    await turn();
    await endAfterTenSeconds(clock, code);
    const notice = shown.at(-1);
    assert.deepEqual(
      [code(), notice?.type === "notice" && notice.text],
      [0, "2 messages were not delivered yet. They are kept and will be sent next time."],
    );
  });

  it("is not waited for any longer once no line is made any more, and with --queue what follows is kept", async () => {
    const { program } = setup();
    const first = program({ isQueueing: true });
    first.messenger.command({ type: "end" });
    await turn();
    assert.equal(first.code(), undefined);
    first.messenger.rest(4);
    await turn();
    assert.equal(first.code(), 4);

    const second = program({ isQueueing: true });
    second.messenger.rest(0);
    second.say("late");
    await turn();
    assert.deepEqual([texts(second.shown, "queued"), second.code()], [["late"], undefined]);
    second.messenger.command({ type: "end" });
    await turn();
    assert.equal(second.code(), 0);
  });

  it("is a failure, with --queue too, where it never became clear to whom something was said", async () => {
    const { program } = setup({ knows: false });
    const { messenger, shown, say, code } = program({ isQueueing: true });
    say("to nobody");
    messenger.rest(0);
    messenger.command({ type: "end" });
    await turn();
    const last = shown.at(-1);
    assert.ok(last?.type === "error" && last.code === "not-delivered", JSON.stringify(last));
    assert.equal(code(), 1);
  });

  it("ends in order once a line has brought everything over", async () => {
    const { program, clock, connect } = setup();
    const { messenger, conversation, say, code } = program();
    say("one");
    messenger.command({ type: "end" });
    await turn();
    const { client, server } = await connect(conversation);
    await turn();
    await exchange(client, server);
    client.carrier.handlers!.closed({ clean: true });
    await turn();
    assert.deepEqual(texts(server.events, "message"), ["one"]);
    assert.equal(code(), 0);
    assert.deepEqual(clock.pending, []);
  });
});

describe("commands", () => {
  it("hurry whoever waits before another try", () => {
    const { program } = setup();
    const { messenger, activity, say } = program();
    for (const command of [{ type: "status" }, { type: "peers" }] satisfies Command[]) messenger.command(command);
    say("one");
    assert.equal(activity.length, 3);
  });

  it("rename holds at once while the peer is away, for status too", () => {
    const { program } = setup();
    const { messenger, shown } = program();
    messenger.command({ type: "rename", name: "Annette" });
    assert.equal(seen(shown).at(-1), "renamed");
    messenger.command({ type: "status" });
    const report = shown.at(-1);
    assert.ok(report?.type === "status", "no status");
    assert.equal(report.status.peer?.name, "Annette");
  });

  it("status tells what waits and where it is kept", async () => {
    const { program } = setup();
    const { messenger, say, shown } = program();
    say("one", "two");
    await turn();
    messenger.command({ type: "status" });
    const report = shown.at(-1);
    assert.ok(report?.type === "status", "no status");
    const { undelivered, queued, store, history, timerS } = report.status;
    assert.deepEqual({ undelivered, queued, store, timerS }, { undelivered: 2, queued: 2, store: "file", timerS: 0 });
    assert.ok(history !== undefined, "no retention");
  });

  it("status tells when the next try is, 0 while one is under way, and nothing once a line is open", async () => {
    const { program, connect, clock } = setup();
    const { messenger, conversation, shown } = program();
    const look = (): unknown => {
      messenger.command({ type: "status" });
      const report = shown.at(-1);
      assert.ok(report?.type === "status", "no status");
      return [report.status.state, report.status.retryInMs];
    };
    assert.deepEqual(look(), ["nobody", undefined]);
    conversation.nextTry = "under-way";
    assert.deepEqual(look(), ["connecting", 0]);
    const { monotonicMs } = clock.now();
    for (const [aheadMs, told] of [
      [1_500, 1_500],
      [0.4, 1],
      [-20, 1],
    ] as const) {
      conversation.nextTry = { atMs: monotonicMs + aheadMs };
      assert.deepEqual(look(), ["nobody", told]);
    }
    conversation.nextTry = "under-way";
    const attach = conversation.attach.bind(conversation);
    conversation.attach = (runner) => {
      attach(runner);
      assert.deepEqual(look(), ["handshaking", 0]);
    };
    const { server } = await connect(conversation);
    assert.deepEqual(look(), ["open", undefined]);
    server.runner.terminate();
  });
});

const forget = (history: boolean): Command => ({ type: "forget-peer", who: "anna", history, confirmed: true });

describe("a peer that is forgotten while the program runs", () => {
  for (const history of [false, true]) {
    it(`is told goodbye, and nothing is said to it any more${history ? "; nothing of it is kept" : ""}`, async () => {
      const { program, connect, known, clientPerson, anna, sayAsServer } = setup();
      const { messenger, conversation, shown, say, code } = program();
      const { client, server } = await connect(conversation);
      await sayAsServer(server, "hello");
      say("hi");
      await exchange(client, server);
      shown.length = 0;
      messenger.command(forget(history));
      say("too late");
      await turn();
      await exchange(client, server);
      assert.deepEqual(seen(shown), ["peer-forgotten", "not-connected", "disconnected"]);
      const disconnected = shown.at(-1);
      assert.ok(disconnected?.type === "disconnected");
      assert.deepEqual([disconnected.reason, disconnected.undelivered], ["forgotten", 0]);
      assert.deepEqual(known, []);
      assert.equal(server.runner.session.state, "closed");
      assert.ok(conversation.isAbandoned, "nobody is to be tried any more");
      const { next, expected } = clientPerson.store.load(anna.publicKey);
      assert.deepEqual([next, expected], history ? [0, 0] : [1, 1]);
      say("nor now");
      assert.equal(seen(shown).at(-1), "not-connected");
      assert.equal(clientPerson.store.load(anna.publicKey).next, next);
      messenger.command({ type: "quit" });
      await turn();
      assert.equal(code(), 0, "what was refused since is as if it were never said");
    });
  }

  it("is not waited for, and what waits for it is no failure", async () => {
    const { program, clientPerson, anna } = setup();
    const { messenger, conversation, shown, say, code } = program();
    say("kept for anna");
    await turn();
    messenger.command(forget(false));
    assert.ok(conversation.isAbandoned);
    assert.equal(clientPerson.store.load(anna.publicKey).outbox.length, 1);
    messenger.command({ type: "quit" });
    await turn();
    assert.deepEqual(seen(shown), ["queued", "peer-forgotten"]);
    assert.equal(code(), 0);
  });

  it("is dropped in the middle of a handshake, before it is told whose", async () => {
    const { program, clientPerson, serverPerson, clock, known } = setup();
    const { messenger, conversation } = program();
    const server: Driven<Session> = drive(serverPerson.machine.session(clock.now()), clock);
    const client: Driven<Session> = drive(clientPerson.session(clientPerson.credentials()[0]!), clock);
    conversation.attach(client.runner);
    const events: unknown[] = [];
    client.onEvent = (event) => events.push(event);
    await turn();
    messenger.command(forget(false));
    await exchange(client, server);
    assert.deepEqual([events, known], [[], []]);
    assert.equal(server.runner.session.chatSession, undefined, "message 3 was never sent");
  });

  it("stays known when the store does not take it, and the person is told", async () => {
    const store = new SpyStore();
    const { program, connect, known } = setup({ store });
    const { messenger, conversation, shown } = program();
    const { client, server } = await connect(conversation);
    shown.length = 0;
    store.failsCommit = true;
    messenger.command(forget(true));
    await exchange(client, server);
    assert.equal(seen(shown)[0], "store-unwritable");
    assert.equal(known.length, 1);
  });
});
