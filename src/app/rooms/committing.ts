// The commits of one room: the member's goals, one after the other, each with as many commits as it takes.
//
//   wanted ──planned──► made, stored ──sent──► the hub has it ──the log brings it──► applied ──► planned again, or reached
//      ▲                     │ stale: another was faster                │ it does not
//      └──after a pause──────┴────────────────────────────────────────-─┘

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import { decodeCall, type Refused } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import { encodeLogView, logFrom } from "../../core/room/log-hash.ts";
import { makeCommit, type Made } from "./commit-making.ts";
import type { FullRoom } from "./full-room.ts";
import { HubRefusal } from "./hub-calls.ts";
import type { LiveRoom } from "./live-room.ts";
import { type OpenGroup, randomPause } from "./room-ground.ts";
import { errorReport } from "./room-showing.ts";
import { type Goal, left, leaversGone, renewed } from "./room-goals.ts";
import { AGAIN, forNow, type Next, OUT, REST, type WorkerParts } from "./turns.ts";
import { giveUpSeat } from "./unused-seats.ts";

/** What a member wants of the room, and who waits for it. */
interface Wanted {
  readonly goal: Goal;
  /** How many commits of it were applied. */
  applied: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A member's keys are renewed with a commit of its own so often. */
const RENEWAL_MS = 86_400_000;
/** Ours: the first pause after another commit was faster; it doubles. */
const CONFLICT_MS = 50;
const LONGEST_CONFLICT_MS = 400;
/** Ours: one of the members removes who has left; the others see it before their time has come. */
const LEAVERS_MS = 2_000;
/** Ours: after so many conflicts with nothing new in the log, commits are missing that the hub has deleted. */
const CONFLICTS_WITHOUT_NEWS = 2;
/** Ours: what a member wants by itself is tried again so late when it was refused. */
const REFUSED_MS = 600_000;

export class Committing {
  readonly #parts: WorkerParts;
  readonly #live: LiveRoom;
  readonly #full: FullRoom;
  readonly #goals: Wanted[] = [];
  /** Whose commit is pending. */
  #committing: Wanted | undefined;
  /** Commits of others that were faster, one after the other. */
  #conflicts = 0;
  /** Such, with nothing new in the log that would explain them. */
  #unexplained = 0;
  #leaversAtMs: number | undefined;
  /** Nothing is wanted by itself before. */
  #notBeforeMs = 0;

  constructor(parts: WorkerParts, live: LiveRoom, full: FullRoom) {
    this.#parts = parts;
    this.#live = live;
    this.#full = full;
  }

  /** Resolves once the goal is reached. Rejects with LairError if it cannot be. */
  async want(goal: Goal): Promise<void> {
    await new Promise<void>((done, failed) => this.#goals.push({ goal, applied: 0, done, failed }));
  }

  /** When something is wanted by time alone, by the wall clock. */
  get dueMs(): number {
    const { renewedAtMs } = this.#live.room;
    return Math.max(Math.min(renewedAtMs + RENEWAL_MS, this.#leaversAtMs ?? Infinity), this.#notBeforeMs);
  }

  /** Drops all goals with this error. Leaving counts as reached. */
  giveUp(error: unknown): void {
    this.#committing = undefined;
    for (const { failed, goal, done } of this.#goals.splice(0)) {
      if (goal === left) done();
      else failed(error);
    }
  }

  /** The log has brought something new. */
  progressed(): void {
    this.#unexplained = 0;
  }

  /** The log has brought the pending commit. */
  applied(): void {
    this.#conflicts = 0;
    if (this.#committing !== undefined) this.#committing.applied += 1;
    this.#committing = undefined;
  }

  /** The pending commit is forgotten: the log is read anew. */
  forgetPending(): void {
    this.#committing = undefined;
  }

  /** Makes the next commit towards what is wanted; undefined: nothing is. Rejects with LairError store-*. */
  async advance(group: OpenGroup): Promise<Next | undefined> {
    this.#wantByItself(group);
    const [wanted] = this.#goals;
    if (wanted === undefined) return undefined;
    const { view, context } = group;
    const { by: invitedBy } = this.#live.room;
    try {
      const plan = wanted.goal({ view, context, self: this.#parts.identity, applied: wanted.applied, invitedBy });
      if (plan === undefined) {
        this.#goals.shift();
        wanted.done();
        return AGAIN;
      }
      await this.keep(await makeCommit(this.#parts, this.#live.room, group, plan));
      this.#committing = wanted;
    } catch (error) {
      if (error instanceof LairError && error.kind === "store") throw error;
      await this.#fail(wanted, error);
    }
    return AGAIN;
  }

  /** Stores a commit that was made, with the state in which its key is used up. */
  async keep({ pending, state }: Made): Promise<void> {
    const { room, group } = this.#live;
    await this.#live.change({ pending, state: state ?? room.state });
    if (state !== undefined && group !== undefined) this.#live.usedKeys({ ...group, state });
  }

  /** Sends the pending commit. Rejects with LairError `hub-away`, and `hub-refused` for what is refused for now. */
  async send(call: Uint8Array): Promise<Next> {
    const { standing } = this.#live.room;
    const asked = decodeCall("commit", call);
    const outcome = await this.#parts.hub.call("commit", asked);
    if (outcome.type === "answered") {
      this.#full.taken();
      // Who leaves has no seat from then on, and does not read it.
      const own = this.#parts.identity.publicKey;
      if (asked.removed.some((key) => equalInConstantTime(key, own))) return OUT;
      await this.#taken(outcome.answer.seq);
      return standing === "joining" ? AGAIN : REST;
    }
    if (outcome.refusal === "stale") return standing === "joining" ? await this.conflict() : REST;
    if (outcome.refusal === "no-room") return OUT;
    const error = new HubRefusal(outcome);
    if (forNow(error) !== undefined || standing === "joining") throw error;
    return await this.#refused(outcome, error);
  }

  /** The log's end was read, and the pending commit is not there: another one was faster. */
  async conflict(): Promise<Next> {
    this.#unexplained += 1;
    const isBehind = this.#unexplained >= CONFLICTS_WITHOUT_NEWS && this.#live.room.standing !== "joining";
    await this.#live.change({ pending: undefined, ...(isBehind ? { lost: "gap" } : {}) });
    this.#committing = undefined;
    const ms = Math.min(CONFLICT_MS * 2 ** this.#conflicts, LONGEST_CONFLICT_MS);
    this.#conflicts += 1;
    return { type: "pause", ms: randomPause(this.#parts.random, ms) };
  }

  /** The hub has the commit, as this entry. */
  async #taken(seq: number): Promise<void> {
    const { room } = this.#live;
    const { pending, standing } = room;
    if (pending === undefined) return;
    const place = standing === "joining" ? { next: seq, first: seq, log: encodeLogView(logFrom(seq)) } : {};
    await this.#live.change({ pending: { ...pending, seq }, ...place });
  }

  async #refused(refused: Refused, error: HubRefusal): Promise<Next> {
    const wanted = this.#committing;
    const isForGood = refused.retryAfterMs === undefined;
    // Of an earlier life of the program: nobody waits for the answer.
    const told = wanted === undefined && isForGood ? [errorReport(error, this.#live.view)] : [];
    await this.#live.change({ pending: undefined }, ...told);
    this.#committing = undefined;
    // With a time, it is tried again then.
    if (refused.retryAfterMs !== undefined) {
      this.#full.refused(refused);
      return { type: "pause", ms: refused.retryAfterMs };
    }
    if (wanted !== undefined) await this.#fail(wanted, error);
    return AGAIN;
  }

  async #fail(wanted: Wanted, error: unknown): Promise<void> {
    const index = this.#goals.indexOf(wanted);
    if (index >= 0) this.#goals.splice(index, 1);
    if (wanted.goal !== left) return wanted.failed(error);
    const { room, group } = this.#live;
    if (room.by === undefined) {
      // Who cannot leave stays.
      await this.#live.change({ standing: "joined" });
      return wanted.failed(error);
    }
    // Nobody comes into a room by declining.
    await giveUpSeat(this.#parts, { room: room.id, commits: room.commits, epoch: group?.epoch ?? 0 });
    await this.#live.change({ standing: "over", state: undefined, pending: undefined });
    await this.#live.see(undefined);
    wanted.done();
  }

  #wantByItself({ view, context }: OpenGroup): void {
    const { clock, identity, random } = this.#parts;
    const nowMs = clock.now().wallMs;
    if (this.#live.room.standing === "leaving") return this.#add(left);
    const own = toHex(identity.signatureKey);
    const hasLeavers = view.roster.some(({ signatureKey }) => {
      const key = toHex(signatureKey);
      return key !== own && context.leaving.has(key);
    });
    if (!hasLeavers) this.#leaversAtMs = undefined;
    else this.#leaversAtMs ??= nowMs + randomPause(random, LEAVERS_MS);
    if (nowMs < this.#notBeforeMs) return;
    if (nowMs - this.#live.room.renewedAtMs >= RENEWAL_MS) this.#add(renewed);
    if (this.#leaversAtMs !== undefined && nowMs >= this.#leaversAtMs) this.#add(leaversGone);
  }

  #add(goal: Goal): void {
    if (this.#goals.some((one) => one.goal === goal)) return;
    const failed = (error: unknown): void => {
      if (goal !== left) this.#notBeforeMs = this.#parts.clock.now().wallMs + REFUSED_MS;
      this.#parts.showing.error(error, this.#live.view);
    };
    this.#goals.push({ goal, applied: 0, done: () => {}, failed });
  }
}
