// Seats at the hub of people who are not in the group. The hub gives seats as the poster of a commit says, and cannot
// see whether the commit does the same; a hub that was restored from a copy also has old ones. Somebody with such a
// seat decrypts nothing, but sees when and how much is said, can fill the log, and keeps it from being deleted. The
// programs of admins and moderators compare the seats with the group, and take those that belong to nobody.
//
//   quiet ──a session, or a commit──► due ──a seat of nobody──► suspected ──still there──► taken, once
//     ▲                                │ none                      │ gone
//     └────────────────────────────────┴───────────────────────────┘

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import type { Answered } from "../../core/hub/calls.ts";
import type { Committing } from "./committing.ts";
import { HubRefusal, isAway } from "./hub-calls.ts";
import type { LiveRoom } from "./live-room.ts";
import { type OpenGroup, randomPause } from "./room-ground.ts";
import { seatsReleased } from "./room-goals.ts";
import { forNow, type WorkerParts } from "./turns.ts";

type Seats = Answered<"seats">["seats"];

/** Ours: seats and group change at the same moment, and are read one after the other. */
const LOOK_MS = 30_000;

export class GhostSeats {
  readonly #parts: WorkerParts;
  readonly #live: LiveRoom;
  readonly #committing: Committing;
  /** By the wall clock. */
  #dueMs = Infinity;
  /** Seen in the last look; keys in hex. */
  #suspected: ReadonlySet<string> = new Set();
  /** Taken in this session: a hub that keeps them anyway is not asked again. */
  readonly #taken = new Set<string>();

  constructor(parts: WorkerParts, live: LiveRoom, committing: Committing) {
    this.#parts = parts;
    this.#live = live;
    this.#committing = committing;
  }

  /** A session with the hub has begun. */
  begin(): void {
    this.#taken.clear();
    this.#suspected = new Set();
    this.#dueMs = Infinity;
    this.expect();
  }

  /** Seats may have changed. */
  expect(): void {
    const { clock, random } = this.#parts;
    if (this.#dueMs === Infinity) this.#dueMs = clock.now().wallMs + randomPause(random, LOOK_MS);
  }

  /** When it looks next, by the wall clock. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** Looks, if it is time. Rejects with LairError `hub-away`, and `hub-refused` for what is refused for now. */
  async look(group: OpenGroup): Promise<void> {
    const { clock, hub } = this.#parts;
    if (clock.now().wallMs < this.#dueMs) return;
    const outcome = mayTake(group, this.#parts) ? await hub.call("seats", { room: this.#live.room.id }) : undefined;
    if (outcome?.type === "refused" && forNow(new HubRefusal(outcome)) !== undefined) throw new HubRefusal(outcome);
    this.#dueMs = Infinity;
    const ghosts = outcome?.type === "answered" ? this.#ghostsAmong(outcome.answer.seats, group) : [];
    const again = ghosts.filter(({ key }) => this.#suspected.has(toHex(key)));
    this.#suspected = new Set(ghosts.map(({ key }) => toHex(key)));
    if (again.length > 0) this.#take(again);
    else if (ghosts.length > 0) this.expect();
  }

  /** Those that this member may take. */
  #ghostsAmong(seats: Seats, { view }: OpenGroup): Seats {
    const own = seats.find(({ key }) => equalInConstantTime(key, this.#parts.identity.publicKey))?.role ?? "member";
    if (own === "member") return [];
    const present = new Set(view.roster.map(({ publicKey }) => toHex(publicKey)));
    return seats.filter(
      ({ key, role }) =>
        !present.has(toHex(key)) && !this.#taken.has(toHex(key)) && (own === "admin" || role === "member"),
    );
  }

  #take(ghosts: Seats): void {
    for (const { key } of ghosts) this.#taken.add(toHex(key));
    this.#committing.want(seatsReleased(ghosts)).catch((error: unknown) => {
      if (!isAway(error)) this.#parts.showing.error(error, this.#live.view);
    });
  }
}

/** By the room's data; in a room of two nobody has a role, and who has made it may take seats at the hub. */
function mayTake({ context }: OpenGroup, { identity }: WorkerParts): boolean {
  return context.kind === "direct" || context.roles.has(toHex(identity.signatureKey));
}
