// One room of a member: the log is read, what the member wants is committed, what it says is posted. One thing after the other;
// state, cursor and lines of a step are stored together, and only then shown.
//
//   resting ──wake──► working ──nothing to do──► resting
//                      │   ▲
//   to wait (refused, or │   │ the time is over, or wake
//   another was faster)  ▼   │
//                     pausing                     stop, from anywhere ──► stopped
//
// What a turn does is said by the room's standing (room-store.ts). In the room: send the commit that is pending; read to the
// end of the log; come back, if the own state does not follow any more; then one commit towards a goal; then what is said.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import { decodeCall, type Refused } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import { encodeLogView, logFrom } from "../../core/room/log-hash.ts";
import { makeCommit, makeExternalCommit, type Made } from "./commit-making.ts";
import { ask, HubRefusal, isAway, type HubCalls } from "./hub-calls.ts";
import { LogReader } from "./log-reader.ts";
import type { PeopleMet } from "./people-met.ts";
import { Posting } from "./posting.ts";
import { hubLostEntries, rewound } from "./rewinding.ts";
import { type OpenGroup, openGroup, randomPause, type RoomParts } from "./room-ground.ts";
import { type Goal, left, leaversGone, renewed } from "./room-goals.ts";
import type { RoomNames } from "./room-names.ts";
import type { KnownRoom, RoomReport, RoomView } from "./room-reports.ts";
import { RoomShowing } from "./room-showing.ts";
import type { Outgoing, StoredRoom } from "./room-store.ts";

export interface WorkerParts extends RoomParts {
  readonly names: RoomNames;
  readonly people: PeopleMet;
  readonly hub: HubCalls;
  /** Whether a session with the hub is open, and its letters are read. */
  readonly isHere: () => boolean;
  /** Whether it will be, unless the session ends. */
  readonly isComing: () => boolean;
  readonly showing: RoomShowing;
  /** The room's name, people or standing have changed, or what waits. */
  readonly onChange: () => void;
}

/** What a member wants of the room, and who waits for it. */
interface Wanted {
  readonly goal: Goal;
  applied: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

type Next = { readonly type: "again" | "rest" } | { readonly type: "pause"; readonly ms: number };

type State =
  | { readonly name: "resting"; readonly cancel: () => void }
  | { readonly name: "working"; isWoken: boolean }
  | { readonly name: "pausing"; readonly cancel: () => void }
  | { readonly name: "stopped" };

const AGAIN: Next = { type: "again" };
const REST: Next = { type: "rest" };
/** A member's keys are renewed with a commit of its own so often. */
const RENEWAL_MS = 86_400_000;
/** Ours: who waits for a hub that cannot now, or for another commit. */
const UNABLE_MS = 1_000;
const CONFLICT_MS = 50;
const LONGEST_CONFLICT_MS = 1_600;
/** Ours: one of the members removes who has left; the others see it before their time has come. */
const LEAVERS_MS = 2_000;
/** Ours: a hub keeps what was read so much, and so long, more. */
const MOST_UNACKNOWLEDGED = 64;
const ACKNOWLEDGE_MS = 1_000;
/** Ours: what nobody expected is tried again so late that it does no harm. */
const TROUBLE_MS = 30_000;
/** Ours: after so many tries without anything new, the hub counts epochs that no member has. */
const STALE_WITHOUT_NEWS = 2;

const NOTHING = (): void => {};

export class RoomWorker {
  readonly #parts: WorkerParts;
  readonly #posting: Posting;
  readonly #goals: Wanted[] = [];
  /** Changes of the room that others ask for: they wait for the step that is being done. */
  readonly #tasks: (() => Promise<void>)[] = [];
  /** Whose commit is pending. */
  #committing: Wanted | undefined;
  #room: StoredRoom;
  #group: OpenGroup | undefined;
  #view: RoomView;
  #state: State = { name: "resting", cancel: NOTHING };
  #stopped: Promise<void> = Promise.resolve();
  /** Commits of others that were faster, one after the other. */
  #conflicts = 0;
  /** Such, with nothing new in the log that would explain them. */
  #unexplained = 0;
  #leaversAtMs: number | undefined;
  /** In this session: so that a hub which was restored from an older copy is noticed. */
  #acknowledged = -1;
  /** When the hub is told at the latest what was read, by the wall clock. */
  #acknowledgeAtMs: number | undefined;
  /** Once in a session, however often a hub says that it has lost something. */
  #rewinding: "possible" | "done" = "possible";
  /** Who waits until the room is made or joined. */
  #entering: { readonly done: () => void; readonly failed: (error: unknown) => void } | undefined;
  /** By which it is made, in this program's life. */
  #listedName: string | undefined;

  private constructor(parts: WorkerParts, room: StoredRoom, outgoing: readonly Outgoing[]) {
    this.#parts = parts;
    this.#room = room;
    this.#view = { id: toHex(room.id), name: room.name };
    this.#posting = new Posting(parts, outgoing);
  }

  /** A room as it is stored. */
  static async open(parts: WorkerParts, room: StoredRoom): Promise<RoomWorker> {
    const worker = new RoomWorker(parts, room, await parts.store.outgoing(room.id));
    if (room.state !== undefined) await worker.#see(await openGroup(parts.groups, room.state));
    return worker;
  }

  get room(): StoredRoom {
    return this.#room;
  }

  get group(): OpenGroup | undefined {
    return this.#group;
  }

  get view(): RoomView {
    return this.#view;
  }

  /** How many lines wait that the log does not have yet. */
  get waiting(): number {
    return this.#posting.waiting;
  }

  /** As the frontend must know it. */
  async known(): Promise<KnownRoom> {
    const roster = this.#group?.view.roster ?? [];
    const people = await Promise.all(roster.map(async (who) => await this.#parts.names.view(who)));
    const { standing } = this.#room;
    const shown = standing === "joined" || standing === "invited" ? standing : "waiting";
    const away = this.#parts.isHere() ? {} : { isAway: true as const };
    return { ...this.#view, standing: shown, ...away, people };
  }

  /** Whether there is nothing that it could do now. */
  get isIdle(): boolean {
    const { name } = this.#state;
    if (name === "stopped") return true;
    const isAbleTo = this.#parts.isHere() || this.#parts.isComing();
    return name === "resting" && (this.waiting === 0 || !isAbleTo);
  }

  // --- what others ask of it ----------------------------------------------------------------------------------------

  /** Something may have changed: a session, entries, a goal. */
  wake(): void {
    const state = this.#state;
    if (state.name === "working") state.isWoken = true;
    if (state.name === "resting" || state.name === "pausing") {
      state.cancel();
      this.#stopped = this.#work();
    }
  }

  /** A session with the hub has begun. */
  begin(): void {
    this.#acknowledged = -1;
    this.#rewinding = "possible";
    this.wake();
  }

  /** Resolves once nothing more is done. */
  async stop(): Promise<void> {
    if (this.#state.name === "resting" || this.#state.name === "pausing") this.#state.cancel();
    this.#state = { name: "stopped" };
    const error = new LairError("hub-away", "The program ends before this was done.");
    for (const { failed } of this.#goals.splice(0)) failed(error);
    this.#entering?.failed(error);
    await this.#stopped;
  }

  /** Resolves once the goal is reached. Rejects with LairError if it cannot be. */
  async want(goal: Goal): Promise<void> {
    await new Promise<void>((done, failed) => {
      this.#goals.push({ goal, applied: 0, done, failed });
      this.wake();
    });
  }

  /** Makes or joins the room, as its standing says. Rejects with LairError; then it is forgotten. */
  async enter(listedName?: string): Promise<void> {
    this.#listedName = listedName;
    await new Promise<void>((done, failed) => {
      this.#entering = { done, failed };
      this.wake();
    });
  }

  /** Stores what is to be said; it is posted when it can be. Rejects with LairError `group-not-allowed`, store-*. */
  async say(content: Parameters<Posting["add"]>[2]): Promise<Uint8Array> {
    if (this.#room.standing !== "joined" || this.#group === undefined) throw notInRoom();
    const id = await this.#posting.add(this.#room, this.#group, content);
    this.#parts.onChange();
    this.wake();
    return id;
  }

  /** An invitation is accepted or declined; or the room is left. Rejects with LairError store-*. */
  async stand(standing: "joined" | "leaving"): Promise<void> {
    await new Promise<void>((done, failed) => {
      this.#tasks.push(async () => await this.#store({ ...this.#room, standing }).then(done, failed));
      this.wake();
    });
    this.#parts.onChange();
  }

  /** The hub says that there is no seat here any more: the member was removed, or the room is closed. */
  async #gone(): Promise<void> {
    const { standing } = this.#room;
    if (standing === "over") return;
    const who = await this.#parts.names.view(this.#parts.identity);
    const lost = await this.#posting.drop(this.#room);
    await this.#store({ ...this.#room, standing: "over", state: undefined, pending: undefined });
    this.#group = undefined;
    const error = new LairError("hub-refused", "You are not in this room any more.");
    for (const { failed, goal, done } of this.#goals.splice(0)) {
      if (goal === left) done();
      else failed(error);
    }
    const { showing } = this.#parts;
    showing.tell(
      standing === "leaving" ? { type: "left", room: this.#view } : { type: "removed", room: this.#view, who },
    );
    if (lost > 0) showing.tell(notSent(this.#view, lost));
    this.#parts.onChange();
  }

  /** Shows again what may not have been shown before the program stopped. */
  async recall(): Promise<void> {
    const { by, standing } = this.#room;
    if (standing === "invited" && by !== undefined) {
      this.#parts.showing.tell({ type: "invited", room: this.#view, by: await this.#parts.names.view(by) });
    }
    for (const line of await this.#parts.store.unshown(this.#room.id)) {
      if (this.#room.standing === "joined") await this.#parts.showing.line(this.#view, line, true);
    }
  }

  // --- the queue ----------------------------------------------------------------------------------------------------

  async #work(): Promise<void> {
    const working: State = { name: "working", isWoken: false };
    this.#state = working;
    for (;;) {
      working.isWoken = false;
      let next: Next;
      try {
        for (const task of this.#tasks.splice(0)) await task();
        next = this.#parts.isHere() ? await this.#turn() : REST;
      } catch (error) {
        next = this.#trouble(error);
      }
      if (this.#state !== working) return;
      if (next.type === "again" || (next.type === "rest" && working.isWoken)) continue;
      this.#rest(next);
      return;
    }
  }

  #rest(next: Next): void {
    const { clock, onChange } = this.#parts;
    const ms = next.type === "pause" ? next.ms : this.#nextDueMs;
    const cancel = ms === undefined ? NOTHING : clock.setTimer(ms, () => this.wake());
    this.#state = { name: next.type === "pause" ? "pausing" : "resting", cancel };
    onChange();
  }

  /** When something is to be done by time alone. */
  get #nextDueMs(): number | undefined {
    if (this.#room.standing !== "joined" || !this.#parts.isHere()) return undefined;
    const nowMs = this.#parts.clock.now().wallMs;
    const { renewedAtMs } = this.#room;
    const atMs = Math.min(renewedAtMs + RENEWAL_MS, this.#leaversAtMs ?? Infinity, this.#acknowledgeAtMs ?? Infinity);
    // A timer has 31 bits.
    return Math.min(Math.max(atMs - nowMs, 0), 2 ** 31 - 1);
  }

  async #turn(): Promise<Next> {
    switch (this.#room.standing) {
      case "creating":
        return await this.#create();
      case "joining":
        return await this.#join();
      case "joined":
      case "leaving":
        return await this.#keepUp();
      case "invited":
      case "over":
        return REST;
    }
  }

  #trouble(error: unknown): Next {
    if (isAway(error)) return REST;
    if (error instanceof HubRefusal) {
      const { refused } = error;
      if (refused.refusal === "too-often") return { type: "pause", ms: refused.retryAfterMs ?? UNABLE_MS };
      if (refused.refusal === "unable") return { type: "pause", ms: UNABLE_MS };
    }
    this.#parts.showing.error(error, this.#view);
    return { type: "pause", ms: TROUBLE_MS };
  }

  // --- making and joining -------------------------------------------------------------------------------------------

  async #create(): Promise<Next> {
    const outcome = await this.#parts.hub.call("create", { room: this.#room.id, listedName: this.#listedName });
    // It has the id already if the answer to an earlier call was lost: nobody else draws the same one.
    if (outcome.type === "refused" && outcome.refusal !== "exists") return await this.#refusedEntry(outcome);
    await this.#store({ ...this.#room, standing: "joined" });
    this.#parts.showing.tell({ type: "room-created", room: this.#view });
    this.#entered();
    return AGAIN;
  }

  async #join(): Promise<Next> {
    const { link, pending } = this.#room;
    if (link === undefined) throw new LairError("store-damaged", "What was stored of a room cannot be read.");
    if (pending?.seq !== undefined) return (await this.#read()) ? AGAIN : REST;
    if (pending !== undefined) return await this.#send(pending.call);
    const outcome = await this.#parts.hub.call("outside", { room: this.#room.id, link: toHex(link.id) });
    if (outcome.type === "refused") return await this.#refusedEntry(outcome);
    try {
      const made = await makeExternalCommit(this.#parts, this.#room, outcome.answer, { kind: "link", ...link });
      if (made !== undefined) await this.#keep(made);
      return AGAIN;
    } catch (error) {
      await this.#giveUpEntry(error);
      return REST;
    }
  }

  #entered(): void {
    this.#entering?.done();
    this.#entering = undefined;
    this.#parts.onChange();
  }

  async #refusedEntry(refused: Refused): Promise<Next> {
    if (refused.refusal === "too-often" || refused.refusal === "unable") throw new HubRefusal(refused);
    await this.#giveUpEntry(new HubRefusal(refused));
    return REST;
  }

  /** The room is forgotten, unless there are lines from when the member was in it before. */
  async #giveUpEntry(error: unknown): Promise<void> {
    const { store } = this.#parts;
    const { id } = this.#room;
    const over = { ...this.#room, standing: "over", link: undefined, pending: undefined } as const;
    const [line] = await store.lines(id, Number.MAX_SAFE_INTEGER, 1);
    await store.change(line === undefined ? { forget: id } : { room: over });
    this.#room = over;
    if (this.#entering === undefined) this.#parts.showing.error(error, this.#view);
    this.#entering?.failed(error);
    this.#entering = undefined;
    this.#parts.onChange();
  }

  // --- in the room --------------------------------------------------------------------------------------------------

  async #keepUp(): Promise<Next> {
    const { pending } = this.#room;
    if (pending !== undefined && pending.seq === undefined) {
      const next = await this.#send(pending.call);
      if (next.type !== "rest" || this.#isOut()) return next;
    }
    if (await this.#read()) return AGAIN;
    if (this.#isOut()) return REST;
    if ((await this.#acknowledge()) === "rewound") return AGAIN;
    // The log's end was read, and it is not there: another one was faster.
    if (this.#room.pending !== undefined) return await this.#conflict();
    if (this.#room.lost !== undefined) return await this.#comeBack();
    const group = this.#group;
    if (group === undefined) return REST;
    this.#plan(group);
    const [wanted] = this.#goals;
    if (wanted !== undefined) return await this.#advance(wanted, group);
    if (this.#room.standing === "leaving") return REST;
    return await this.#post(group);
  }

  /** Sends the commit that is pending. */
  async #send(call: Uint8Array): Promise<Next> {
    const outcome = await this.#parts.hub.call("commit", decodeCall("commit", call));
    if (outcome.type === "answered") {
      await this.#taken(outcome.answer.seq);
      return REST;
    }
    switch (outcome.refusal) {
      case "stale":
        if (this.#room.standing === "joining") return await this.#conflict();
        return REST;
      case "no-room":
        await this.#gone();
        return REST;
      case "too-often":
      case "unable":
        throw new HubRefusal(outcome);
      default:
        return await this.#refusedCommit(outcome);
    }
  }

  /** The hub has the commit, as this entry. */
  async #taken(seq: number): Promise<void> {
    const { pending, standing } = this.#room;
    if (pending === undefined) return;
    if (standing === "joining") {
      const log = encodeLogView(logFrom(seq));
      await this.#store({ ...this.#room, pending: { ...pending, seq }, next: seq, first: seq, log });
      this.wake();
      return;
    }
    // Who leaves has no seat from then on, and does not read it.
    if (standing === "leaving") return await this.#gone();
    this.#room = { ...this.#room, pending: { ...pending, seq } };
  }

  async #refusedCommit(refused: Refused): Promise<Next> {
    if (this.#room.standing === "joining") return await this.#refusedEntry(refused);
    await this.#store({ ...this.#room, pending: undefined });
    const error = new HubRefusal(refused);
    const wanted = this.#committing;
    this.#committing = undefined;
    if (wanted === undefined) this.#parts.showing.error(error, this.#view);
    else this.#goals.splice(this.#goals.indexOf(wanted), 1);
    wanted?.failed(error);
    return refused.retryAfterMs === undefined ? AGAIN : { type: "pause", ms: refused.retryAfterMs };
  }

  async #conflict(): Promise<Next> {
    this.#unexplained += 1;
    // The hub has deleted the commits that this member has missed.
    const isBehind = this.#unexplained >= STALE_WITHOUT_NEWS && this.#room.standing === "joined";
    await this.#store({ ...this.#room, pending: undefined, ...(isBehind ? { lost: "gap" } : {}) });
    const ms = Math.min(CONFLICT_MS * 2 ** this.#conflicts, LONGEST_CONFLICT_MS);
    this.#conflicts += 1;
    return { type: "pause", ms: randomPause(this.#parts.random, ms) };
  }

  /** Reads the next entries; false: there are none now. */
  async #read(): Promise<boolean> {
    const { hub, store } = this.#parts;
    const outcome = await hub.call("read", { room: this.#room.id, from: this.#room.next });
    if (outcome.type === "refused") {
      if (outcome.refusal !== "no-room") throw new HubRefusal(outcome);
      await this.#gone();
      return false;
    }
    const { entries } = outcome.answer;
    if (entries.length === 0) return false;
    const reader = new LogReader(this.#parts, this.#room, this.#group, this.#posting.byId);
    for (const entry of entries) await reader.take(entry);
    const { step, group, told, applied } = reader.reading;
    await store.change(step);
    const before = this.#room;
    this.#room = step.room;
    this.#posting.sent(step.sent ?? []);
    if (group !== this.#group) await this.#see(group);
    if (applied) this.#applied();
    if (before.standing === "joining" && this.#room.standing === "joined") this.#entered();
    if (step.room.next > before.next) {
      this.#posting.progressed();
      this.#unexplained = 0;
    }
    for (const one of told) {
      if (typeof one === "function") this.#parts.showing.tell(one(this.#view));
      else await this.#parts.showing.line(this.#view, one, false);
    }
    if (this.#room.standing === "over") this.#over();
    return step.room.next > before.next;
  }

  #applied(): void {
    this.#conflicts = 0;
    if (this.#committing !== undefined) this.#committing.applied += 1;
    this.#committing = undefined;
  }

  #over(): void {
    const error = new LairError("hub-refused", "You are not in this room any more.");
    for (const { failed } of this.#goals.splice(0)) failed(error);
    this.#parts.onChange();
  }

  #isOut(): boolean {
    return this.#room.standing === "over";
  }

  async #acknowledge(): Promise<"rewound" | undefined> {
    const { id: room, next } = this.#room;
    if (next === this.#acknowledged || !this.#isAcknowledgementDue(next)) return undefined;
    this.#acknowledgeAtMs = undefined;
    const outcome = await this.#parts.hub.call("acknowledge", { room, next });
    this.#acknowledged = next;
    return outcome.type === "refused" && outcome.refusal === "stale" ? await this.#rewind() : undefined;
  }

  /** At the beginning of a session, after many entries, or after a while: each is a write of the hub's. */
  #isAcknowledgementDue(next: number): boolean {
    const nowMs = this.#parts.clock.now().wallMs;
    if (this.#acknowledged < 0 || next - this.#acknowledged >= MOST_UNACKNOWLEDGED) return true;
    this.#acknowledgeAtMs ??= nowMs + ACKNOWLEDGE_MS;
    return nowMs >= this.#acknowledgeAtMs;
  }

  /** The hub's log ends before what was read here. `posted`: the number that it has given to a line. */
  async #rewind(posted?: number): Promise<"rewound" | undefined> {
    const { hub, store, showing } = this.#parts;
    if (this.#rewinding === "done") return undefined;
    this.#rewinding = "done";
    const { rooms } = await ask(hub, "rooms", {});
    const [last] = await store.lines(this.#room.id, this.#room.next, 1);
    const here = rooms.find(({ room }) => equalInConstantTime(room, this.#room.id));
    const room = rewound(this.#room, here, { last: last?.seq, posted });
    if (room === undefined) return undefined;
    await this.#store(room);
    this.#committing = undefined;
    this.#posting.again();
    showing.error(hubLostEntries(), this.#view);
    return "rewound";
  }

  /** Comes back by an external commit, once everything was read. */
  async #comeBack(): Promise<Next> {
    const known = this.#group;
    if (known === undefined) return REST;
    const outcome = await this.#parts.hub.call("outside", { room: this.#room.id, link: undefined });
    if (outcome.type === "refused") return await this.#staysAway(new HubRefusal(outcome));
    // Without a gap everything was read: who leads further must have had the right to.
    const mustBeAllowed = this.#room.lost === "epoch";
    try {
      const outsider = { kind: "member", known, mustBeAllowed } as const;
      const made = await makeExternalCommit(this.#parts, this.#room, outcome.answer, outsider);
      if (made !== undefined) await this.#keep(made);
      // Nobody was further: what was taken for a later epoch was none.
      else await this.#store({ ...this.#room, lost: undefined });
    } catch (error) {
      return await this.#staysAway(error);
    }
    return AGAIN;
  }

  /**
   * It cannot come back now. If nothing is missing, the others may be where it is: it goes on there, until something of a
   * later epoch comes again. Else a member could stop everybody by one line that says another epoch.
   */
  async #staysAway(error: unknown): Promise<Next> {
    const { lost } = this.#room;
    const isForNow =
      error instanceof HubRefusal && (error.refused.refusal === "too-often" || error.refused.refusal === "unable");
    if (lost !== "epoch" || isForNow || !(error instanceof LairError) || error.kind === "store") throw error;
    await this.#store({ ...this.#room, lost: undefined });
    if (!(error instanceof HubRefusal)) this.#parts.showing.error(error, this.#view);
    return AGAIN;
  }

  /** Adds what is to be done by itself. */
  #plan(group: OpenGroup): void {
    const nowMs = this.#parts.clock.now().wallMs;
    const add = (goal: Goal): void => {
      if (this.#goals.some((one) => one.goal === goal)) return;
      const failed = (error: unknown): void => this.#parts.showing.error(error, this.#view);
      this.#goals.push({ goal, applied: 0, done: NOTHING, failed });
    };
    if (this.#room.standing === "leaving") return add(left);
    if (nowMs - this.#room.renewedAtMs >= RENEWAL_MS) add(renewed);
    const own = toHex(this.#parts.identity.signatureKey);
    const hasLeavers = group.view.roster.some(({ signatureKey }) => {
      const key = toHex(signatureKey);
      return key !== own && group.context.leaving.has(key);
    });
    if (!hasLeavers) this.#leaversAtMs = undefined;
    else if (this.#leaversAtMs === undefined) this.#leaversAtMs = nowMs + randomPause(this.#parts.random, LEAVERS_MS);
    else if (nowMs >= this.#leaversAtMs) add(leaversGone);
  }

  /** Makes the next commit towards a goal. */
  async #advance(wanted: Wanted, group: OpenGroup): Promise<Next> {
    const { view, context } = group;
    try {
      const plan = wanted.goal({ view, context, self: this.#parts.identity, applied: wanted.applied });
      if (plan === undefined) {
        this.#goals.shift();
        wanted.done();
        return AGAIN;
      }
      await this.#keep(await makeCommit(this.#parts, this.#room, group, plan));
      this.#committing = wanted;
    } catch (error) {
      if (error instanceof LairError && error.kind === "store") throw error;
      this.#goals.shift();
      if (this.#room.standing === "leaving") await this.#store({ ...this.#room, standing: "joined" });
      wanted.failed(error);
    }
    return AGAIN;
  }

  async #keep({ pending, state }: Made): Promise<void> {
    await this.#store({ ...this.#room, pending, state: state ?? this.#room.state });
    if (state !== undefined && this.#group !== undefined) this.#group = { ...this.#group, state };
  }

  async #post(group: OpenGroup): Promise<Next> {
    const posted = await this.#posting.post(this.#room, group, (sealed) => {
      this.#group = sealed;
      this.#room = { ...this.#room, state: sealed.state };
    });
    switch (posted.type) {
      case "nothing":
        return REST;
      case "posted":
        return AGAIN;
      case "stale":
        // The hub counts epochs that no member has, after commits that all have refused: one more makes them equal.
        if (posted.times >= STALE_WITHOUT_NEWS) await this.#store({ ...this.#room, renewedAtMs: 0 });
        return AGAIN;
      case "behind":
        await this.#rewind(posted.seq);
        return AGAIN;
      case "no-room":
        await this.#gone();
        return REST;
      case "wait":
        return { type: "pause", ms: posted.ms ?? UNABLE_MS };
      case "refused":
        this.#parts.showing.error(posted.error, this.#view, posted.id);
        return AGAIN;
    }
  }

  // --- helpers ------------------------------------------------------------------------------------------------------

  async #store(room: StoredRoom): Promise<void> {
    await this.#parts.store.change({ room });
    this.#room = room;
  }

  async #see(group: OpenGroup | undefined): Promise<void> {
    const isNew = group?.view !== this.#group?.view;
    this.#group = group;
    if (group === undefined || !isNew) return;
    const { context, view } = group;
    if (context.kind === "direct") {
      const other = view.roster.find(
        ({ publicKey }) => !equalInConstantTime(publicKey, this.#parts.identity.publicKey),
      );
      const name = other === undefined ? this.#view.name : (await this.#parts.names.view(other)).name;
      this.#view = { id: this.#view.id, name, isDirect: true };
    } else this.#view = { id: this.#view.id, name: context.name };
    this.#parts.onChange();
  }
}

function notInRoom(): LairError {
  return new LairError("hub-refused", "You are not in this room.", { hint: "rooms lists those in which you are" });
}

function notSent(room: RoomView, count: number): RoomReport {
  const message =
    count === 1
      ? "One line was not sent: you are not in the room."
      : `${count} lines were not sent: you are not in the room.`;
  return { type: "room-error", room, code: "hub-refused", message };
}
