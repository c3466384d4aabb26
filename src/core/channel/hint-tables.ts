// The hints that a server expects (docs/PROTOCOL.md §3.2): of the hour of its clock, the one before and the one after, for
// each psk that it accepts. When the hour turns, the new hour's are computed a few at each call, so that no call takes
// long. A hint that is not here yet is no error: its psk is found by a search.

import { toHex } from "../bytes.ts";
import type { Instant } from "../clock.ts";
import type { HashFunctions } from "../noise/suite.ts";
import { hourOf, makeHint } from "./first-message.ts";

/** Ours: less than 0.5 ms; 10,000 psks are done after 157 calls. */
const HINTS_EACH_CALL = 64;

/** The hints of one hour. */
interface Table<Entry> {
  readonly hour: number;
  /** By the hex of the hint. */
  readonly byHint: Map<string, Entry>;
  /** What is still to be computed; undefined: nothing. */
  rest: Iterator<Entry> | undefined;
}

/** The entries of an {@link Admission} by the hints of three hours. */
export class HintTables<Entry extends { readonly key: Uint8Array }> {
  readonly #hash: HashFunctions;
  readonly #entries: ReadonlyMap<string, Entry>;
  #tables: readonly Table<Entry>[] = [];

  /** `entries` is the caller's, and is read whenever the hour turns. */
  constructor(hash: HashFunctions, entries: ReadonlyMap<string, Entry>, now: Instant) {
    this.#hash = hash;
    this.#entries = entries;
    this.advance(now);
  }

  /** Follows the clock, and computes at most {@link HINTS_EACH_CALL} hints that are missing. Whether none is left. */
  advance(now: Instant): boolean {
    const hour = hourOf(now);
    if (this.#tables[0]?.hour !== hour) this.#tables = [hour, hour - 1, hour + 1].map((one) => this.#tableOf(one));
    let left = HINTS_EACH_CALL;
    for (const table of this.#tables) {
      for (; table.rest !== undefined && left > 0; left--) {
        const next = table.rest.next();
        if (next.done === true) table.rest = undefined;
        else table.byHint.set(this.#hintOf(next.value, table), next.value);
      }
    }
    return this.#tables.every(({ rest }) => rest === undefined);
  }

  /** Three HMACs. */
  add(entry: Entry): void {
    for (const table of this.#tables) table.byHint.set(this.#hintOf(entry, table), entry);
  }

  /** Three HMACs. Its key must not have been overwritten yet. */
  remove(entry: Entry): void {
    for (const table of this.#tables) {
      const hint = this.#hintOf(entry, table);
      // Another entry with the same psk may have replaced it.
      if (table.byHint.get(hint) === entry) table.byHint.delete(hint);
    }
  }

  find(hint: Uint8Array): Entry | undefined {
    const hex = toHex(hint);
    let found: Entry | undefined;
    for (const { byHint } of this.#tables) found = byHint.get(hex) ?? found;
    return found;
  }

  /** An hour that stays keeps its table. */
  #tableOf(hour: number): Table<Entry> {
    const kept = this.#tables.find((table) => table.hour === hour);
    // The iterator also finds what is added to the entries later.
    return kept ?? { hour, byHint: new Map(), rest: this.#entries.values() };
  }

  #hintOf({ key }: Entry, { hour }: Table<Entry>): string {
    return toHex(makeHint(this.#hash, key, hour));
  }
}
