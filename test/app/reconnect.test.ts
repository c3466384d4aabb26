// A client that comes back by itself: after which ends, after how long, and with which exit code it does not. A scripted
// link, and a clock that the test moves.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EndReason, ProgramEvent } from "../../src/app/events.ts";
import { LairError, type LairErrorCode } from "../../src/core/errors.ts";
import { pairedPeer } from "../../src/core/identity/peer.ts";
import { Backoff } from "../../src/app/backoff.ts";
import type { Connecting, SessionOver } from "../../src/app/connecting.ts";
import type { ConnectTarget } from "../../src/app/connect-target.ts";
import { Reconnecting } from "../../src/app/reconnect.ts";
import type { NextTry } from "../../src/app/status-report.ts";
import type { Conversation } from "../../src/app/conversation.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { keysOf } from "../core/identity/keys-of.ts";

const URL = "ws://127.0.0.1:8080";
const FIRST: ConnectTarget = { url: URL, how: "invite", credentials: [] };
const PEER = pairedPeer(OPENSSL_SUITE, { ...keysOf(1), claimedName: "anna", atMs: 1 }, []);

/** What a try comes to: a line that ended so, or an error. */
type Try = SessionOver | Error;

const over = (reason: EndReason, code?: LairErrorCode): SessionOver => ({
  reason,
  error: code === undefined ? undefined : new LairError(code, "why"),
  peer: PEER,
  gone: Promise.resolve(),
});
const failure = (code: LairErrorCode): LairError =>
  new LairError(code, `${code}.`, { hint: "Try. [ECONNREFUSED]", systemCode: "ECONNREFUSED" });

interface Options {
  readonly once?: boolean;
  readonly patient?: boolean;
  /** Of --queue. */
  readonly queueing?: boolean;
  /** Of --dial. */
  readonly mutual?: boolean;
  /** Whether there has been a conversation before. */
  readonly talked?: boolean;
  /** By which it is tried first. */
  readonly how?: ConnectTarget["how"];
  /** How long each line stands. */
  readonly standsMs?: number;
}

function setup(
  tries: readonly Try[],
  { once = false, patient = false, queueing = false, mutual = false, talked = true, standsMs = 0 }: Options = {},
) {
  const clock = new ManualClock();
  const shown: ProgramEvent[] = [];
  const plans: ConnectTarget[] = [];
  const atMs: number[] = [];
  const conversation = {
    isLeaving: false,
    isAbandoned: false,
    hasTalked: talked,
    admission: "unsaid",
    nextTry: undefined as NextTry | undefined,
    address: { url: "", proxy: undefined },
  };
  const nextTries: (NextTry | undefined)[] = [];
  const connecting = {
    converse(target: ConnectTarget): Promise<SessionOver> {
      nextTries.push(conversation.nextTry);
      atMs.push(clock.now().monotonicMs);
      plans.push(target);
      const next = tries[plans.length - 1];
      clock.time.pass(standsMs);
      // The person leaves when the script is at its end.
      if (next === undefined) conversation.isLeaving = true;
      if (next instanceof Error) return Promise.reject(next);
      return Promise.resolve(next ?? over("left"));
    },
  };
  const reconnecting = new Reconnecting({
    connecting: connecting as unknown as Connecting,
    conversation: conversation as unknown as Conversation,
    frontend: { show: (event) => void shown.push(event), regulateInput() {}, whenTaken() {}, close() {} },
    clock,
    suite: OPENSSL_SUITE,
    backoff: new Backoff((upTo) => upTo),
    isOnce: once,
    isPatient: patient,
    isQueueing: queueing,
    isMutual: mutual,
    targetFor: (peer, target) => ({ ...target, how: "known", url: `${target.url}/${peer.name}` }),
  });
  return { clock, shown, plans, atMs, conversation, nextTries, reconnecting };
}

async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Plays the script; every pause passes. */
async function play(tries: readonly Try[], options: Options = {}) {
  const { reconnecting, clock, ...seen } = setup(tries, options);
  const exit: number[] = [];
  void reconnecting.converse({ ...FIRST, how: options.how ?? FIRST.how }).then((code) => exit.push(code));
  for (await turns(); exit.length === 0; await turns()) {
    if (!clock.fireNext()) throw new Error("nothing goes on");
  }
  return { ...seen, clock, code: exit[0]! };
}

/** Whether it tries again after this, or the exit code. */
async function verdict(one: Try, options: Options = {}): Promise<"again" | number> {
  const { plans, code } = await play([one], options);
  return plans.length > 1 ? "again" : code;
}

const lastWord = (shown: readonly ProgramEvent[]): unknown =>
  shown.map((event) => (event.type === "notice" ? event.text : event.type)).at(-1);

describe("a peer that is forgotten", () => {
  it("is not tried again, whether it was forgotten in the pause or in the middle of a try that fails", async () => {
    for (const isInPause of [true, false]) {
      const { reconnecting, clock, plans, shown, conversation } = setup([over("cut"), failure("handshake-rejected")]);
      const exit: number[] = [];
      void reconnecting.converse(FIRST).then((code) => exit.push(code));
      await turns();
      const forgottenAt = isInPause ? 1 : 2;
      Object.defineProperty(conversation, "isAbandoned", { get: () => plans.length >= forgottenAt });
      clock.fireNext();
      await turns();
      assert.deepEqual([exit, plans.length], [[0], isInPause ? 1 : 2]);
      assert.ok(!shown.some(({ type }) => type === "error"), "nothing has failed");
    }
  });
});

describe("after the end of a line", () => {
  const VERDICTS: Record<EndReason, { patient: "again" | number; waiting: "again" | number; once: number }> = {
    cut: { patient: "again", waiting: "again", once: 1 },
    silent: { patient: "again", waiting: "again", once: 1 },
    "key-expired": { patient: "again", waiting: "again", once: 1 },
    protocol: { patient: "again", waiting: "again", once: 1 },
    "shutting-down": { patient: "again", waiting: "again", once: 0 },
    closed: { patient: "again", waiting: 0, once: 0 },
    left: { patient: 0, waiting: 0, once: 0 },
    muted: { patient: 0, waiting: 0, once: 0 },
    forgotten: { patient: 0, waiting: 0, once: 0 },
    busy: { patient: 1, waiting: 1, once: 1 },
    replaced: { patient: 1, waiting: 1, once: 1 },
    "not-trusted": { patient: 4, waiting: 4, once: 4 },
    unable: { patient: "again", waiting: "again", once: 1 },
    failed: { patient: 1, waiting: 1, once: 1 },
  };
  for (const [reason, expected] of Object.entries(VERDICTS) as [EndReason, (typeof VERDICTS)[EndReason]][]) {
    it(`${reason}: ${expected.patient} at a prompt, ${expected.waiting} without, ${expected.once} with --once`, async () => {
      assert.equal(await verdict(over(reason), { patient: true }), expected.patient);
      assert.equal(await verdict(over(reason)), expected.waiting);
      assert.equal(await verdict(over(reason), { once: true }), expected.once);
      assert.equal(await verdict(over(reason), { once: true, patient: true }), expected.once);
    });
  }

  it("leaves when the other side could not store the pairing, and nothing had been said yet", async () => {
    assert.equal(await verdict(over("unable"), { patient: true, talked: false }), 1);
    assert.equal(await verdict(over("unable"), { talked: false }), 1);
  });

  it("by an error it comes back, unless the same would come of it again", async () => {
    const again: LairErrorCode[] = [
      "noise-authentication",
      "record-malformed",
      "record-unexpected",
      "rekey-timeout",
      "key-expired",
      "peer-silent",
      "sequence",
      "resume-malformed",
      "control-flood",
    ];
    for (const code of again) {
      assert.equal(await verdict(over("protocol", code)), "again", code);
      assert.equal(await verdict(over("protocol", code), { once: true }), 1, code);
    }
    const ends: [LairErrorCode, number][] = [
      ["peer-key-changed", 4],
      ["not-trusted", 4],
      ["store-unwritable", 1],
      ["store-damaged", 1],
      ["home-unwritable", 1],
      ["internal", 1],
    ];
    for (const [code, exit] of ends) {
      for (const patient of [true, false]) assert.equal(await verdict(over("protocol", code), { patient }), exit, code);
    }
  });

  it("with --once a mute server is an unreachable one", async () => {
    assert.equal(await verdict(over("protocol", "handshake-rejected"), { once: true }), 3);
  });

  it("tells why the next try is needed, and what to do where there is none", async () => {
    const { shown } = await play([over("cut"), over("silent", "peer-silent"), over("busy")]);
    assert.deepEqual(
      shown.map((event) => (event.type === "reconnecting" ? [event.attempt, event.inMs, event.code] : event.type)),
      [[1, 500, "cut"], [2, 1_000, "peer-silent"], "notice"],
    );
    const later = "Start lair-client again later";
    assert.equal(lastWord(shown), `${later}.`, "after a line it is known");
    const { shown: invited } = await play([over("busy")]);
    assert.equal(lastWord(invited), `You are paired now, and the invite is used up. ${later}; it needs no invite.`);
    const { shown: refused } = await play([over("not-trusted")]);
    assert.deepEqual(
      refused.map((event) => (event.type === "error" ? event.code : event.type)),
      ["not-trusted"],
    );
  });

  it("waits for a hub that does not let in any more whom it knew; not without a person, or with an invite", async () => {
    const hub = { ...over("not-trusted"), peer: { ...PEER, name: "club", isHub: true } } as const;
    assert.equal(await verdict(hub, { patient: true }), 4, "the invite may be used up");
    assert.equal(await verdict(hub, { patient: true, how: "known" }), "again");
    assert.equal(await verdict(hub, { how: "known" }), 4);
    assert.equal(await verdict(hub, { how: "known", patient: true, once: true }), 4);
    assert.equal(await verdict(over("not-trusted"), { how: "known", patient: true }), 4, "a person");
    const { shown, atMs } = await play([hub, hub, hub], { how: "known", patient: true });
    assert.deepEqual(
      shown.map(({ type }) => type),
      ["error"],
    );
    assert.deepEqual(
      atMs.map((at) => at - atMs[0]!),
      [0, 500, 1_500, 3_500],
    );
  });

  it("says of a hub that it lets nobody in whom its operator does not want, and when it is full", async () => {
    const hub = { ...PEER, name: "club", isHub: true } as const;
    for (const [reason, advice] of [
      ["not-trusted", "Ask for a new one, or ask its operator."],
      ["busy", "If this continues, ask its operator."],
    ] as const) {
      const { shown } = await play([{ ...over(reason), peer: hub }]);
      const error = shown.find((event) => event.type === "error");
      assert.ok(error !== undefined);
      assert.equal(error.code, reason);
      assert.match(error.message, /^The hub club /);
      assert.ok(error.hint?.endsWith(advice), error.hint);
    }
  });
});

describe("after no line", () => {
  it("it tries again at a prompt or after a conversation; without either, unreachable is 3", async () => {
    assert.equal(await verdict(failure("unreachable"), { patient: true, talked: false }), "again");
    assert.equal(await verdict(failure("unreachable"), { talked: true }), "again");
    assert.equal(await verdict(failure("unreachable"), { talked: false }), 3);
    assert.equal(await verdict(failure("unreachable"), { patient: true, once: true }), 3);
  });

  it("it believes a server that hangs up at first, and later after ten times in a row", async () => {
    for (const [code, exit] of [
      ["handshake-rejected", 4],
      ["not-connected", 1],
    ] as const) {
      assert.equal(await verdict(failure(code), { talked: false, patient: true }), exit);
      const hangUps = (count: number): Error[] => Array.from({ length: count }, () => failure(code));
      const all = await play(hangUps(20));
      assert.deepEqual([all.plans.length, all.code], [11, exit]);
      assert.deepEqual(all.shown.at(-1)?.type, "error");
      // Neither a line nor a network that is down is such a hang-up.
      const mixed = await play([...hangUps(10), over("cut"), ...hangUps(10), failure("unreachable"), ...hangUps(11)]);
      assert.deepEqual([mixed.plans.length, mixed.code], [10 + 1 + 10 + 1 + 11, exit]);
      assert.equal((await play(hangUps(2), { once: true })).plans.length, 1);
    }
  });

  it("it ends with whatever else went wrong, and shows it", async () => {
    for (const [error, exit, code] of [
      [failure("peer-key-changed"), 4, "peer-key-changed"],
      [failure("not-trusted"), 4, "not-trusted"],
      [failure("store-unwritable"), 1, "store-unwritable"],
      [failure("home-damaged"), 1, "home-damaged"],
      [failure("usage"), 2, "usage"],
      [new TypeError("a mistake of ours"), 1, "internal"],
    ] as const) {
      const { code: exitCode, shown, plans } = await play([error], { patient: true });
      assert.deepEqual([exitCode, plans.length], [exit, 1]);
      assert.deepEqual(
        shown.map((event) => event.type === "error" && event.code),
        [code],
      );
    }
  });

  it("it says what the network said", async () => {
    const { shown } = await play([failure("unreachable")]);
    assert.deepEqual(shown, [
      {
        type: "reconnecting",
        peer: undefined,
        url: URL,
        attempt: 1,
        inMs: 500,
        message: "unreachable.",
        code: "ECONNREFUSED",
      },
    ]);
  });
});

describe("a muted peer", () => {
  it("is tried all the same if the user has asked for it by name, and not any more once it is muted meanwhile", async () => {
    for (const [mutedAtFirst, tries] of [
      [true, 2],
      [false, 1],
    ] as const) {
      const { reconnecting, clock, plans, conversation } = setup([over("cut"), over("left")]);
      let isMuted = mutedAtFirst;
      Object.defineProperty(conversation, "peer", { get: () => ({ ...PEER, ...(isMuted ? { isMuted } : {}) }) });
      const exit: number[] = [];
      void reconnecting.converse(FIRST).then((code) => exit.push(code));
      await turns();
      isMuted = true;
      clock.fireNext();
      await turns();
      assert.equal(plans.length, tries);
    }
  });
});

describe("with --dial, beside which the program goes on", () => {
  const mutual = { mutual: true, patient: true, talked: false };

  it("tries again where the other side is busy, and after a session in the place of this one", async () => {
    for (const reason of ["busy", "replaced"] as const) {
      assert.equal(await verdict(over(reason), mutual), "again", reason);
      assert.notEqual(await verdict(over(reason), { ...mutual, mutual: false }), "again", reason);
    }
    assert.notEqual(await verdict(over("not-trusted"), mutual), "again");
  });

  it("does not replace another program of its identity for ever: ten times in a row, sessions of a minute apart", async () => {
    const replaced = (count: number): SessionOver[] => Array.from({ length: count }, () => over("replaced"));
    const { plans, code, shown } = await play(replaced(20), mutual);
    assert.deepEqual([plans.length, code], [11, 1]);
    assert.deepEqual(
      shown.filter((event) => event.type === "error").map(({ code: error, hint }) => [error, hint?.slice(0, 25)]),
      [["replaced", "End the other program and"]],
    );
    const short = await play(replaced(20), { ...mutual, standsMs: 59_999 });
    assert.equal(short.plans.length, 11);
    const long = await play(replaced(20), { ...mutual, standsMs: 60_000 });
    assert.equal(long.plans.length, 21);
    // Anything else in between counts anew.
    assert.equal((await play([...replaced(10), over("cut"), ...replaced(20)], mutual)).plans.length, 10 + 1 + 11);
  });

  it("believes a server that hangs up after ten times in a row", async () => {
    const hangUps = Array.from({ length: 12 }, () => failure("handshake-rejected"));
    const { plans, shown, code } = await play(hangUps, mutual);
    assert.equal(plans.length, 11);
    assert.equal(shown.at(-1)!.type, "error");
    assert.equal(code, 4);
    assert.equal((await play(hangUps, { ...mutual, mutual: false })).plans.length, 1);
  });
});

describe("with --queue, which keeps what is said", () => {
  const queueing = { queueing: true, talked: false } as const;

  it("goes on trying where nobody answers, at the first start too", async () => {
    assert.equal(await verdict(failure("unreachable")), "again");
    assert.equal(await verdict(failure("unreachable"), queueing), "again");
    assert.equal(await verdict(failure("unreachable"), { ...queueing, queueing: false }), 3);
  });

  it("is no failure when nobody takes it: 0, and not a word", async () => {
    for (const reason of ["busy", "replaced", "unable", "closed"] as const) {
      const { code, shown } = await play([over(reason)], queueing);
      assert.deepEqual([code, shown], [0, []], reason);
    }
    for (const one of [over("cut"), failure("unreachable")]) {
      const { code, shown } = await play([one], { ...queueing, once: true });
      assert.deepEqual([code, shown], [0, []]);
    }
  });

  it("is one when it is not who was expected, or when our own store fails", async () => {
    assert.equal(await verdict(over("not-trusted"), queueing), 4);
    assert.equal(await verdict(over("protocol", "peer-key-changed"), queueing), 4);
    assert.equal(await verdict(failure("handshake-rejected"), queueing), 4);
    assert.equal(await verdict(over("failed", "store-unwritable"), queueing), 1);
  });
});

describe("the next try", () => {
  it("comes after a wait that doubles up to 30 s, and is shown and told with the time", async () => {
    const { atMs } = await play(Array.from({ length: 9 }, () => failure("unreachable")));
    const waits = atMs.slice(1).map((at, index) => at - atMs[index]!);
    assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("comes after a short wait again when a line has stood for a minute", async () => {
    for (const [standsMs, inMs] of [
      [59_999, 4_000],
      [60_000, 500],
    ] as const) {
      const { shown } = await play([over("cut"), over("cut"), over("cut"), over("cut")], { standsMs });
      const last = shown.at(-1);
      assert.equal(last?.type === "reconnecting" ? last.inMs : last?.type, inMs);
    }
  });

  it("uses what is stored of the peer, and the plan before when it failed", async () => {
    const { plans } = await play(
      [failure("unreachable"), over("cut"), failure("unreachable"), { ...over("cut"), peer: undefined }],
      {
        patient: true,
      },
    );
    const known = { ...FIRST, how: "known", url: `${URL}/anna` };
    assert.deepEqual(plans, [FIRST, FIRST, known, known, known]);
  });

  it("is now when the person is there or the machine was woken, but not within 250 ms of the last", async () => {
    for (const [waitedMs, leftMs] of [
      [0, 250],
      [100, 150],
      [250, 0],
      [7_000, 0],
    ] as const) {
      const tries = Array.from({ length: 5 }, () => failure("unreachable"));
      const { reconnecting, clock, plans, conversation } = setup(tries);
      void reconnecting.converse(FIRST);
      // The fifth pause is 8 s long.
      for (await turns(); plans.length < 5; await turns()) clock.fireNext();
      assert.deepEqual(conversation.nextTry, { atMs: clock.now().monotonicMs + 8_000 });
      clock.pass(waitedMs);
      reconnecting.hurry();
      reconnecting.hurry();
      assert.deepEqual(clock.pending, [leftMs]);
      clock.pass(leftMs);
      await turns();
      assert.equal(plans.length, 6);
      reconnecting.hurry();
      assert.deepEqual(clock.pending, []);
    }
  });

  it("is never later because somebody is in a hurry", async () => {
    const { reconnecting, clock, plans } = setup([failure("unreachable")]);
    // The first pause is half a second.
    void reconnecting.converse(FIRST);
    await turns();
    clock.pass(400);
    reconnecting.hurry();
    clock.pass(0);
    await turns();
    assert.equal(plans.length, 2);
  });

  it("is under way while it is, and is none any more when it is the last", async () => {
    const { nextTries, conversation } = await play([failure("unreachable"), over("cut"), over("busy")]);
    assert.deepEqual(nextTries, ["under-way", "under-way", "under-way"]);
    assert.equal(conversation.nextTry, undefined);
  });

  it("is told from the end of a line on, and waits until that is gone", async () => {
    const goodbyes: (() => void)[] = [];
    const gone = new Promise<void>((resolve) => void goodbyes.push(resolve));
    const { reconnecting, clock, plans, conversation } = setup([{ ...over("cut"), gone }, over("left")]);
    const finished = reconnecting.converse(FIRST);
    await turns();
    assert.deepEqual(conversation.nextTry, { atMs: clock.now().monotonicMs + 500 });
    clock.pass(500);
    await turns();
    assert.equal(plans.length, 1);
    for (const isGone of goodbyes) isGone();
    assert.equal(await finished, 0);
    assert.equal(plans.length, 2);
  });

  it("does not come when the person leaves meanwhile, which is 0", async () => {
    const { reconnecting, clock, plans, conversation } = setup([failure("unreachable")]);
    const finished = reconnecting.converse(FIRST);
    await turns();
    conversation.isLeaving = true;
    clock.fireNext();
    assert.equal(await finished, 0);
    assert.equal(plans.length, 1);
  });
});
