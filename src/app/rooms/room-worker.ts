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

import { LairError } from "../../core/errors.ts";
import type { Receipt } from "../receipts.ts";
import { CatchingUp } from "./catching-up.ts";
import { Committing } from "./committing.ts";
import { Departing } from "./departing.ts";
import { Entering } from "./entering.ts";
import { Following, type LogEntry } from "./following.ts";
import { FullRoom } from "./full-room.ts";
import { GhostSeats } from "./ghost-seats.ts";
import { LiveRoom } from "./live-room.ts";
import { Posting } from "./posting.ts";
import type { OpenGroup } from "./room-ground.ts";
import type { Goal } from "./room-goals.ts";
import type { KnownRoom, RoomView } from "./room-reports.ts";
import { errorReport } from "./room-showing.ts";
import type { Outgoing, StoredRoom } from "./room-store.ts";
import { takeEntries } from "./taking.ts";
import { AGAIN, afterError, type Next, OUT, REST, TROUBLE_MS, UNABLE_MS, untilMs, type WorkerParts } from "./turns.ts";

type State =
  | { readonly name: "resting"; readonly cancel: () => void }
  | { readonly name: "working"; isWoken: boolean }
  | { readonly name: "pausing"; readonly cancel: () => void }
  | { readonly name: "stopped" };

/** Ours: a first pause when the hub takes no line though nothing is new; it doubles. */
const STALE_MS = 100;
const LONGEST_STALE_MS = 60_000;
/** Ours: a hub that takes a line so much later does not keep somebody who leaves. */
const LONGEST_LEAVING_MS = 5_000;
/** Ours: what is due and was not done is not tried more often. */
const OVERDUE_MS = 1_000;
/** Ours: after so many tries without anything new, the hub counts epochs that no member has. */
const STALE_WITHOUT_NEWS = 2;

const NOTHING = (): void => {};

export class RoomWorker {
  readonly #parts: WorkerParts;
  readonly #live: LiveRoom;
  readonly #posting: Posting;
  readonly #committing: Committing;
  readonly #entering: Entering;
  readonly #catchingUp: CatchingUp;
  readonly #ghosts: GhostSeats;
  readonly #full: FullRoom;
  readonly #departing: Departing;
  readonly #following: Following;
  readonly #concerned: Parameters<typeof takeEntries>[1];
  /** Changes of the room that others ask for: they wait for the step that is being done. */
  readonly #tasks: (() => Promise<void>)[] = [];
  #state: State = { name: "resting", cancel: NOTHING };
  #stopped: Promise<void> = Promise.resolve();
  /** By the monotonic clock: before that, nothing is sent; news are read. */
  #notBeforeMs = 0;
  /** What the next turn asks the hub for first: a line that came too soon for it is due before another read. */
  #first: "read" | "post" = "read";

  private constructor(parts: WorkerParts, live: LiveRoom, outgoing: readonly Outgoing[]) {
    this.#parts = parts;
    this.#live = live;
    this.#posting = new Posting(parts, outgoing);
    this.#full = new FullRoom(parts, live);
    this.#committing = new Committing(parts, live, this.#full);
    this.#entering = new Entering(parts, live, this.#committing);
    this.#catchingUp = new CatchingUp(parts, live, this.#committing, this.#posting);
    this.#ghosts = new GhostSeats(parts, live, this.#committing);
    const others = { live, posting: this.#posting, committing: this.#committing, entering: this.#entering };
    this.#departing = new Departing(parts, others);
    this.#following = new Following(parts.hub);
    this.#concerned = { ...others, ghosts: this.#ghosts, departing: this.#departing };
  }

  /** A room as it is stored. Rejects with LairError store-*. */
  static async open(parts: WorkerParts, room: StoredRoom): Promise<RoomWorker> {
    return new RoomWorker(parts, await LiveRoom.open(parts, room), await parts.store.outgoing(room.id));
  }

  get room(): StoredRoom {
    return this.#live.room;
  }

  get group(): OpenGroup | undefined {
    return this.#live.group;
  }

  get view(): RoomView {
    return this.#live.view;
  }

  /** How many lines wait that the log does not have yet. */
  get waiting(): number {
    return this.#posting.waiting;
  }

  /** See {@link Posting.lastSaid}. */
  get lastSaid(): Pick<Outgoing, "id" | "content"> | undefined {
    return this.#posting.lastSaid;
  }

  /** As the frontend must know it. */
  async known(): Promise<KnownRoom> {
    return await this.#live.known();
  }

  /** Whether there is nothing that it could do now. */
  get isIdle(): boolean {
    const { name } = this.#state;
    if (name === "stopped") return true;
    const isAbleTo = this.#parts.isHere() || this.#parts.isComing();
    return name === "resting" && (this.waiting === 0 || !isAbleTo);
  }

  // --- what others ask of it ----------------------------------------------------------------------------------------

  /** Something may have changed: a session, a goal; or there are entries, nobody says how many. */
  wake(): void {
    this.#following.doubt();
    this.#stir();
  }

  /** The hub says that there are entries before `next`. */
  expect(next: number): void {
    this.#following.expect(next);
    this.#stir();
  }

  /** The hub tells an entry as it is. */
  hear(entry: LogEntry): void {
    const { standing } = this.room;
    // At the beginning of a session, and of a room, everything is read.
    if ((standing !== "joined" && standing !== "leaving") || !this.#parts.isHere()) return;
    this.#following.hear(entry);
    this.#stir();
  }

  #stir(): void {
    const state = this.#state;
    if (state.name === "working") state.isWoken = true;
    if (state.name === "resting" || state.name === "pausing") {
      state.cancel();
      this.#stopped = this.#work();
    }
  }

  /** A session with the hub has begun. `cursor`: up to where this member has read, as the hub has it; it never goes back. */
  begin(cursor: number | undefined): void {
    this.#catchingUp.begin(cursor);
    this.#ghosts.begin();
    this.#following.begin();
    this.#posting.again();
    this.#notBeforeMs = 0;
    this.#first = "read";
    this.wake();
  }

  /** Resolves once nothing more is done; what was asked for is stored before. */
  async stop(): Promise<void> {
    if (this.#state.name === "resting" || this.#state.name === "pausing") this.#state.cancel();
    this.#state = { name: "stopped" };
    this.#committing.giveUp(ends());
    this.#entering.end(ends());
    await this.#stopped;
    for (const task of this.#tasks.splice(0)) await task();
  }

  /** Resolves once the goal is reached. Rejects with LairError if it cannot be. */
  async want(goal: Goal): Promise<void> {
    if (this.#state.name === "stopped") throw ends();
    const reached = this.#committing.want(goal);
    this.wake();
    await reached;
  }

  /** Makes or joins the room, as its standing says. Rejects with LairError; with `hub-away` the next session goes on. */
  async enter(): Promise<void> {
    if (this.#state.name === "stopped") throw ends();
    const entered = this.#entering.wait();
    this.wake();
    await entered;
  }

  /** Stores what is to be said; it is posted when it can be. Rejects with LairError `group-not-allowed`, store-*. */
  async say(content: Parameters<Posting["add"]>[2], receipt?: Receipt): Promise<Uint8Array> {
    const { room, group } = this.#live;
    if (room.standing !== "joined" || group === undefined) throw notInRoom();
    const id = await this.#posting.add(room, group, content, receipt);
    this.#parts.onChange();
    this.#stir();
    return id;
  }

  /** An invitation is accepted or declined; or the room is left. Rejects with LairError store-*. */
  async stand(standing: "joined" | "leaving"): Promise<void> {
    if (this.#state.name === "stopped") throw ends();
    await new Promise<void>((done, failed) => {
      const change = standing === "joined" ? { standing, by: undefined } : { standing };
      this.#tasks.push(async () => await this.#live.change(change).then(done, failed));
      this.wake();
    });
    this.#parts.onChange();
  }

  /** Shows again what may not have been shown before the program stopped. */
  async recall(): Promise<void> {
    const { showing, names, store } = this.#parts;
    const { by, standing, id } = this.room;
    if (standing === "invited" && by !== undefined) {
      showing.tell({ type: "invited", room: this.view, by: await names.view(by) });
    }
    const lines = standing === "leaving" ? [] : await store.unshown(id);
    for (const one of [...lines, ...(await store.untold(id))].toSorted((a, b) => a.seq - b.seq)) {
      if ("report" in one) showing.notice(one, true);
      else await showing.line(this.view, one, true);
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
        if (next.type === "out") await this.#departing.gone();
      } catch (error) {
        next = this.#trouble(error);
      }
      if (this.#state !== working) return;
      if (next.type === "again" || (next.type !== "pause" && working.isWoken)) continue;
      this.#rest(next);
      return;
    }
  }

  #rest(next: Next): void {
    const { clock, onChange } = this.#parts;
    const ms = next.type === "pause" ? next.ms : this.#nextDueMs;
    if (next.type === "pause") this.#notBeforeMs = clock.now().monotonicMs + next.ms;
    const goOn = (): void => (next.type === "pause" ? this.wake() : this.#stir());
    const cancel = ms === undefined ? NOTHING : clock.setTimer(ms, goOn);
    this.#state = { name: next.type === "pause" ? "pausing" : "resting", cancel };
    onChange();
  }

  /** In how long something is to be done by time alone. */
  get #nextDueMs(): number | undefined {
    if (this.room.standing !== "joined" || !this.#parts.isHere()) return undefined;
    return untilMs(
      this.#parts.clock,
      Math.min(this.#committing.dueMs, this.#catchingUp.dueMs, this.#ghosts.dueMs),
      OVERDUE_MS,
    );
  }

  #trouble(error: unknown): Next {
    const next = afterError(error);
    if (next !== undefined) return next;
    this.#parts.showing.error(error, this.view);
    return { type: "pause", ms: TROUBLE_MS };
  }

  async #turn(): Promise<Next> {
    switch (this.room.standing) {
      case "creating":
        return await this.#entering.create();
      case "joining":
        this.#following.doubt();
        return (await this.#entering.join()) ?? (await this.#read());
      case "joined":
      case "leaving":
        return await this.#keepUp();
      case "over":
        if (this.room.isUnwanted === true) await this.#departing.over();
        return REST;
      case "invited":
        return REST;
    }
  }

  async #keepUp(): Promise<Next> {
    const { pending, lost, standing } = this.room;
    // What follows then depends on what is in the log, and what is not.
    if (pending !== undefined || lost !== undefined || standing === "leaving") this.#following.doubt();
    const pause = this.#pauseLeft();
    if (pause === undefined && pending !== undefined && pending.seq === undefined) {
      const sent = await this.#committing.send(pending.call);
      if (sent.type !== "rest") return sent;
    }
    if ((await this.#catchingUp.lookBack()) === "rewound") return this.#readAgain();
    const posted = pause === undefined ? await this.#postRefused() : undefined;
    if (posted !== undefined && posted.type !== "rest") return posted;
    const read = await this.#read();
    if (read.type !== "rest") return read;
    if ((await this.#catchingUp.acknowledge()) === "rewound") return this.#readAgain();
    if (pause !== undefined) return pause;
    if (this.room.pending !== undefined) return await this.#committing.conflict();
    if (this.room.lost !== undefined) return await this.#catchingUp.comeBack();
    const { group } = this;
    if (group === undefined) return REST;
    await this.#ghosts.look(group);
    const before = await this.#saidBeforeLeaving(group);
    if (before !== undefined) return before;
    const advanced = await this.#committing.advance(group);
    if (advanced !== undefined) return advanced;
    if (this.room.standing === "leaving") return REST;
    // The keys that the next line would use were used already, by what this store does not know.
    if (this.room.renewedAtMs === 0) return { type: "pause", ms: TROUBLE_MS };
    return await this.#post(group);
  }

  /**
   * Posts what the hub has refused because there were too many calls, before anything is read: else the reads alone would use
   * up the calls that the hub allows, again and again. undefined: there is no such line, or something else comes first.
   */
  async #postRefused(): Promise<Next | undefined> {
    if (this.#first === "read") return undefined;
    this.#first = "read";
    const { group } = this;
    const { standing, pending, lost, renewedAtMs } = this.room;
    if (group === undefined || pending !== undefined || lost !== undefined || renewedAtMs === 0) return undefined;
    return standing === "leaving" ? await this.#saidBeforeLeaving(group) : await this.#post(group);
  }

  /** Posts what was said before the user wanted to leave; undefined: that is done, or the hub would keep the user waiting. */
  async #saidBeforeLeaving(group: OpenGroup): Promise<Next | undefined> {
    const { standing, by, renewedAtMs } = this.room;
    if (standing !== "leaving" || by !== undefined || renewedAtMs === 0) return undefined;
    const next = await this.#post(group);
    const isKept = next.type === "pause" && next.ms > LONGEST_LEAVING_MS;
    return next.type === "rest" || isKept ? undefined : next;
  }

  #pauseLeft(): Next | undefined {
    const ms = this.#notBeforeMs - this.#parts.clock.now().monotonicMs;
    return ms > 0 ? { type: "pause", ms } : undefined;
  }

  /** Reads the next entries. "rest": there are none now. */
  async #read(): Promise<Next> {
    const entries = await this.#following.next(this.room);
    if (entries === "no-room") return OUT;
    return entries.length === 0 ? REST : await takeEntries(this.#parts, this.#concerned, entries);
  }

  /** To the end of the log, whatever was told of it. */
  #readAgain(): Next {
    this.#following.doubt();
    return AGAIN;
  }

  async #post(group: OpenGroup): Promise<Next> {
    const posted = await this.#posting.post(this.room, group, (sealed) => this.#live.usedKeys(sealed));
    switch (posted.type) {
      case "nothing":
        return REST;
      case "posted":
        this.#full.taken();
        this.#following.expect(posted.seq + 1);
        return AGAIN;
      case "stale":
        // The hub counts epochs that no member has, after commits that all have refused: one more makes them equal.
        if (posted.times < STALE_WITHOUT_NEWS) return this.#readAgain();
        await this.#live.change({ renewedAtMs: 0 });
        return { type: "pause", ms: Math.min(STALE_MS * 2 ** posted.times, LONGEST_STALE_MS) };
      case "behind":
        await this.#catchingUp.rewind(posted.seq);
        return this.#readAgain();
      case "no-room":
        return OUT;
      case "wait":
        this.#full.refused(posted.refused);
        // A room that is full may stay so until somebody is removed from it: everything else goes on meanwhile.
        if (posted.refused.refusal === "too-often") this.#first = "post";
        return { type: "pause", ms: posted.ms ?? UNABLE_MS };
      case "refused":
        await this.#live.tell({ sent: [posted.id] }, errorReport(posted.error, this.view, posted.id));
        this.#posting.sent([posted.id]);
        return AGAIN;
    }
  }
}

function ends(): LairError {
  return new LairError("hub-away", "The program ends before this was done.");
}

function notInRoom(): LairError {
  return new LairError("hub-refused", "You are not in this room.", {
    hint: "Type rooms to see your rooms.",
  });
}
