// What a hub counts since its start, for an operator's /status and /metrics.

import type { CallName, Refusal } from "../core/hub/calls.ts";
import type { TurnedAway } from "./events.ts";

export interface HubNumbers {
  readonly connected: number;
  /** Calls that were done, answered or refused. */
  readonly calls: Readonly<Partial<Record<CallName, number>>>;
  readonly refusals: Readonly<Partial<Record<Refusal, number>>>;
  readonly turnedAway: Readonly<Partial<Record<TurnedAway, number>>>;
  /** Entries of all rooms that this hub has taken. */
  readonly entriesAppended: number;
  /** Bytes of these. */
  readonly bytesAppended: number;
  readonly newsSent: number;
  readonly entriesPruned: number;
  readonly storeFailures: number;
}

/** Counts. */
export class Counts {
  readonly calls: Partial<Record<CallName, number>> = {};
  readonly refusals: Partial<Record<Refusal, number>> = {};
  readonly turnedAway: Partial<Record<TurnedAway, number>> = {};
  entriesAppended = 0;
  bytesAppended = 0;
  newsSent = 0;
  entriesPruned = 0;
  storeFailures = 0;

  /** An entry of so many bytes has been taken. */
  appended(bytes: number): void {
    this.entriesAppended += 1;
    this.bytesAppended += bytes;
  }

  /** As they are now. */
  with(connected: number): HubNumbers {
    const { calls, refusals, turnedAway, ...rest } = this;
    return { connected, calls: { ...calls }, refusals: { ...refusals }, turnedAway: { ...turnedAway }, ...rest };
  }
}

/** Adds one. */
export function count<Name extends string>(counts: Partial<Record<Name, number>>, name: Name): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
