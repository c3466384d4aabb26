// How a member keeps up with the log of a room: it acknowledges what it has read, rejoins by an external commit if its
// state can no longer follow, and reads again if the log ends before what it has read.

import { equalInConstantTime } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { Committing } from "./committing.ts";
import { makeExternalCommit } from "./commit-making.ts";
import { ask, HubRefusal } from "./hub-calls.ts";
import type { LiveRoom } from "./live-room.ts";
import type { Posting } from "./posting.ts";
import { hubLostEntries, rewound } from "./rewinding.ts";
import { errorReport } from "./room-showing.ts";
import { AGAIN, forNow, type Next, REST, type WorkerParts } from "./turns.ts";

/** Ours: a hub keeps what was read so much, and so long, more: each acknowledgement is a write of the hub's. */
const MOST_UNACKNOWLEDGED = 64;
const ACKNOWLEDGE_MS = 1_000;

export class CatchingUp {
  readonly #parts: WorkerParts;
  readonly #live: LiveRoom;
  readonly #committing: Committing;
  readonly #posting: Posting;
  /** In this session: so that a hub which was restored from an older copy is noticed. */
  #acknowledged = -1;
  /** In the life of this program. */
  #everAcknowledged = -1;
  /** The hub had an earlier cursor than it was told: it was restored from an older copy, whatever it has by now. */
  #hasForgotten = false;
  /** As the hub had it when the session began. */
  #cursor: number | undefined;
  #acknowledgeAtMs: number | undefined;
  /** Once in a session, however often a hub says that it has lost something. */
  #rewinding: "possible" | "done" = "possible";
  /** Once in a session, too: going on without having come back. */
  #goingOn: "possible" | "done" = "possible";

  constructor(parts: WorkerParts, live: LiveRoom, committing: Committing, posting: Posting) {
    this.#parts = parts;
    this.#live = live;
    this.#committing = committing;
    this.#posting = posting;
  }

  /** A session with the hub has begun. `cursor`: up to where this member has read, as the hub has it; it never goes back. */
  begin(cursor: number | undefined): void {
    this.#cursor = cursor;
    this.#hasForgotten = cursor !== undefined && cursor < this.#everAcknowledged;
    this.#acknowledged = -1;
    this.#acknowledgeAtMs = undefined;
    this.#rewinding = "possible";
    this.#goingOn = "possible";
  }

  /** When the hub is told at the latest what was read, by the wall clock. */
  get dueMs(): number {
    return this.#acknowledgeAtMs ?? Infinity;
  }

  /** Tells the hub what was read, if it is time. "rewound": the log is to be read again. */
  async acknowledge(): Promise<"rewound" | undefined> {
    const { id: room, next } = this.#live.room;
    if (next === this.#acknowledged || !this.#isDue(next)) return undefined;
    this.#acknowledgeAtMs = undefined;
    const outcome = await this.#parts.hub.call("acknowledge", { room, next });
    this.#acknowledged = next;
    if (outcome.type === "answered") this.#everAcknowledged = next;
    return outcome.type === "refused" && outcome.refusal === "stale" ? await this.rewind() : undefined;
  }

  #isDue(next: number): boolean {
    const nowMs = this.#parts.clock.now().wallMs;
    if (this.#acknowledged < 0 || next - this.#acknowledged >= MOST_UNACKNOWLEDGED) return true;
    this.#acknowledgeAtMs ??= nowMs + ACKNOWLEDGE_MS;
    return nowMs >= this.#acknowledgeAtMs;
  }

  /** Before anything is read: "rewound" if the hub has forgotten what it was told. */
  async lookBack(): Promise<"rewound" | undefined> {
    return this.#hasForgotten ? await this.rewind() : undefined;
  }

  /** The hub's log ends before what was read here. `posted`: the number that it has given to a line. */
  async rewind(posted?: number): Promise<"rewound" | undefined> {
    const { hub, store } = this.#parts;
    if (this.#rewinding === "done") return undefined;
    const { room } = this.#live;
    const { rooms } = await ask(hub, "rooms", {});
    this.#rewinding = "done";
    const [last] = await store.lines(room.id, room.next, 1);
    const here = rooms.find((one) => equalInConstantTime(one.room, room.id));
    const known = { last: last?.seq, posted, cursor: this.#cursor, hasForgotten: this.#hasForgotten };
    this.#hasForgotten = false;
    const again = rewound(room, here, known);
    if (again === undefined) return undefined;
    await this.#live.change(again, errorReport(hubLostEntries(), this.#live.view));
    this.#everAcknowledged = -1;
    this.#committing.forgetPending();
    this.#posting.again();
    return "rewound";
  }

  /** Comes back by an external commit, once everything was read. */
  async comeBack(): Promise<Next> {
    const { room, group: known } = this.#live;
    if (known === undefined) return REST;
    const outcome = await this.#parts.hub.call("outside", { room: room.id, link: undefined });
    if (outcome.type === "refused") return await this.#stayAway(new HubRefusal(outcome));
    // Without a gap everything was read: who leads further must have had the right to.
    const outsider = { kind: "member", known, mustBeAllowed: room.lost === "epoch" } as const;
    try {
      const made = await makeExternalCommit(this.#parts, room, outcome.answer, outsider);
      if (made !== undefined) await this.#committing.keep(made);
      // Nobody was further: what was taken for a later epoch was none.
      else await this.#live.change({ lost: undefined });
    } catch (error) {
      return await this.#stayAway(error);
    }
    return AGAIN;
  }

  /**
   * It cannot come back now. If nothing is missing, the others may be where it is: it goes on there, until something of a
   * later epoch comes again. Else a member could stop everybody by one line that says another epoch.
   */
  async #stayAway(error: unknown): Promise<Next> {
    if (error instanceof HubRefusal && error.refused.refusal === "not-allowed" && this.#goingOn === "possible") {
      // The last commit brought nothing to come back by: members bring it always, so it was none of theirs. Once.
      this.#goingOn = "done";
      await this.#live.change({ lost: undefined, renewedAtMs: 0 });
      return AGAIN;
    }
    const isOurs = !(error instanceof LairError) || error.kind === "store";
    if (this.#live.room.lost !== "epoch" || forNow(error) !== undefined || isOurs) throw error;
    await this.#live.change({ lost: undefined });
    if (!(error instanceof HubRefusal)) this.#parts.showing.error(error, this.#live.view);
    return AGAIN;
  }
}
