// Deletes entries that everybody has, or that are older than a hub keeps them: a part at each tick, so that the store
// is free for calls in between.
//
//   waiting ── tick ──> deleting ── done ──> waiting: a minute, or a moment if there may be more
//      └──────── end ───────┴──> ended

import type { Clock } from "../app/ports.ts";
import type { HubRooms } from "./store.ts";

/** Ours: acknowledged entries are gone after a minute or two. */
const TICK_MS = 60_000;
const SOON_MS = 100;
/** Ours: entries that are deleted in one step of the store. */
const MOST_AT_ONCE = 1_000;

interface PruningOptions {
  readonly rooms: Pick<HubRooms, "prune">;
  readonly clock: Clock;
  /** How long an entry is kept that not everybody has. */
  readonly keepMs: number;
  /** Called at each tick, for what else grows old. */
  readonly tick: () => void;
  readonly pruned: (entries: number) => void;
  readonly failed: (error: unknown) => void;
}

export class Pruning {
  readonly #options: PruningOptions;
  #state: "waiting" | "deleting" | "ended" = "waiting";
  #cancel: () => void;
  #deleting: Promise<void> = Promise.resolve();

  constructor(options: PruningOptions) {
    this.#options = options;
    this.#cancel = this.#in(TICK_MS);
  }

  /** Resolves once nothing is being deleted any more. */
  async end(): Promise<void> {
    this.#state = "ended";
    this.#cancel();
    await this.#deleting;
  }

  #in(delayMs: number): () => void {
    return this.#options.clock.setTimer(delayMs, () => {
      this.#state = "deleting";
      this.#deleting = this.#delete();
    });
  }

  async #delete(): Promise<void> {
    const { rooms, clock, keepMs, tick, pruned, failed } = this.#options;
    let count = 0;
    tick();
    try {
      count = await rooms.prune(clock.now().wallMs - keepMs, MOST_AT_ONCE);
      if (count > 0) pruned(count);
    } catch (error) {
      failed(error);
    }
    if (this.#state === "ended") return;
    this.#state = "waiting";
    this.#cancel = this.#in(count < MOST_AT_ONCE ? TICK_MS : SOON_MS);
  }
}
