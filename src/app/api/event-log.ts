// The events of an API: the newest of this run of the program, so that a page or a program which was away goes on behind the
// last one that it has. Answers that others have asked for never get here (`frontends.ts`).
//
//   an event ---told to who listens---> kept ---too many, or too large together---> gone: who asks for what is behind it gets `gap`
//                                        +------its line has disappeared, or was deleted---> empty: it is not told again

import type { ProgramEvent } from "../events.ts";
import type { Onlooker } from "../frontends.ts";
import type { ApiEvent } from "./api.ts";

/** Ours: minutes of a flood, days of talk. */
const MOST_EVENTS = 10_000;
/** In characters of JSON. */
const MOST_CHARACTERS = 8 * 2 ** 20;

export type EventObject = ApiEvent["event"];

interface EventLogOptions {
  /** Of this run of the program, so that the ids of another one are not taken for its own: 1 to 32 letters and digits. */
  readonly run: string;
  /** By the wall clock. */
  readonly nowMs: () => number;
  /** An event as an object; if it has `expires`, it is kept no longer. Undefined for what only a person's screen needs. */
  readonly toObject: (event: ProgramEvent) => EventObject | undefined;
  /** Absent: {@link MOST_EVENTS} and {@link MOST_CHARACTERS}. */
  readonly most?: { readonly events: number; readonly characters: number };
}

interface Kept {
  readonly number: number;
  /** Undefined: it is empty. */
  event: EventObject | undefined;
  readonly characters: number;
}

export class EventLog implements Onlooker {
  readonly #options: EventLogOptions;
  readonly #listeners = new Set<(event: ApiEvent) => void>();
  /** Who waits until somebody looks. */
  readonly #waiting = new Set<() => void>();
  /** The oldest first; those before `#first` are gone, and are cut off now and then. */
  #kept: Kept[] = [];
  #first = 0;
  #characters = 0;
  /** Those that become empty. */
  #expiring: { readonly kept: Kept; readonly expiresAtMs: number }[] = [];
  /** None of them does before. */
  #soonestMs = Infinity;
  /** The number of the newest. */
  #last = 0;

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  /** The id of the newest event, or what stands for the time before the first. */
  get lastId(): string {
    return this.#idOf(this.#last);
  }

  show(event: ProgramEvent): void {
    const object = this.#options.toObject(event);
    if (object === undefined) return;
    const characters = JSON.stringify(object).length;
    this.#last += 1;
    const kept: Kept = { number: this.#last, event: object, characters };
    this.#kept.push(kept);
    this.#characters += characters;
    const { expires } = object;
    if (typeof expires === "string") this.#expireAt(kept, Date.parse(expires));
    this.#expire();
    this.#cut();
    const told: ApiEvent = { id: this.lastId, event: object };
    for (const listener of this.#listeners) listener(told);
  }

  /** Empties the newest of the events that are meant, at this time. */
  emptyNewestAt(expiresAtMs: number, isMeant: (event: EventObject) => boolean): void {
    const kept = this.#kept.findLast(({ event }) => event !== undefined && isMeant(event));
    if (kept !== undefined) this.#expireAt(kept, expiresAtMs);
  }

  /** Empties all events that are meant. */
  empty(isMeant: (event: EventObject) => boolean): void {
    for (const kept of this.#kept) if (kept.event !== undefined && isMeant(kept.event)) kept.event = undefined;
  }

  whenTaken(action: () => void): () => void {
    if (this.#listeners.size > 0) {
      action();
      return () => {};
    }
    this.#waiting.add(action);
    return () => void this.#waiting.delete(action);
  }

  /**
   * Tells each event from now on, or from behind the event `since`, those of the past before it returns. Returns a function
   * that ends it.
   */
  listen(listener: (event: ApiEvent) => void, since?: string): () => void {
    if (since !== undefined) for (const event of this.#behind(since)) listener(event);
    // The same function may listen twice.
    const own = (event: ApiEvent): void => listener(event);
    this.#listeners.add(own);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const action of waiting) action();
    return () => void this.#listeners.delete(own);
  }

  /** Whether there is anybody who listens. */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  #behind(since: string): readonly ApiEvent[] {
    this.#expire();
    const number = this.#numberOf(since);
    const oldest = this.#kept[this.#first]?.number ?? this.#last + 1;
    // What was asked for is of another run, or what came right behind it is gone.
    if (number === undefined || number + 1 < oldest) return [{ id: this.lastId, event: { event: "gap" } }];
    return this.#kept
      .slice(this.#first + (number + 1 - oldest))
      .flatMap(({ number: own, event }) => (event === undefined ? [] : { id: this.#idOf(own), event }));
  }

  #numberOf(id: string): number | undefined {
    const [, run, digits] = /^([A-Za-z0-9]{1,32})-(0|[1-9]\d{0,14})$/u.exec(id) ?? [];
    const number = Number(digits);
    return run === this.#options.run && number <= this.#last ? number : undefined;
  }

  #idOf(number: number): string {
    return `${this.#options.run}-${number}`;
  }

  #expireAt(kept: Kept, expiresAtMs: number): void {
    this.#expiring.push({ kept, expiresAtMs });
    this.#soonestMs = Math.min(this.#soonestMs, expiresAtMs);
  }

  #expire(): void {
    const nowMs = this.#options.nowMs();
    if (nowMs < this.#soonestMs) return;
    for (const { kept, expiresAtMs } of this.#expiring) if (expiresAtMs <= nowMs) kept.event = undefined;
    this.#expiring = this.#expiring.filter(({ kept }) => kept.event !== undefined);
    this.#soonestMs = this.#expiring.reduce((least, { expiresAtMs }) => Math.min(least, expiresAtMs), Infinity);
  }

  #cut(): void {
    const { events, characters } = this.#options.most ?? { events: MOST_EVENTS, characters: MOST_CHARACTERS };
    while (this.#kept.length - this.#first > events || this.#characters > characters) {
      this.#characters -= this.#kept[this.#first]?.characters ?? 0;
      this.#first += 1;
    }
    // Seldom, so that each event costs the same.
    if (this.#first > this.#kept.length / 2) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
      const oldest = this.#kept[0]?.number ?? this.#last + 1;
      this.#expiring = this.#expiring.filter(({ kept }) => kept.number >= oldest);
    }
  }
}
