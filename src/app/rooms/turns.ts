// The results of a turn of a room's worker, and what its parts need.

import { LairError } from "../../core/errors.ts";
import type { Clock } from "../ports.ts";
import { HubRefusal, isAway, type HubCalls } from "./hub-calls.ts";
import type { PeopleMet } from "./people-met.ts";
import type { RoomParts } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomShowing } from "./room-showing.ts";

export interface WorkerParts extends RoomParts {
  readonly names: RoomNames;
  readonly people: PeopleMet;
  readonly hub: HubCalls;
  /** Whether a session with the hub is open, and its letters are read. */
  readonly isHere: () => boolean;
  /** Whether it will be, unless the session ends. */
  readonly isComing: () => boolean;
  readonly showing: RoomShowing;
  /** Nothing is stored of the room any more. */
  readonly onForgotten: () => void;
  /** The room's name, people or standing have changed, or what waits. */
  readonly onChange: () => void;
}

/** What comes next: another turn, nothing for now, a turn in `ms` milliseconds; or the member has no seat any more. */
export type Next = { readonly type: "again" | "rest" | "out" } | { readonly type: "pause"; readonly ms: number };

export const AGAIN: Next = { type: "again" };
export const REST: Next = { type: "rest" };
export const OUT: Next = { type: "out" };

/** Ours: who waits for a hub that cannot now. */
export const UNABLE_MS = 1_000;

/** Ours: what nobody expected is tried again so late that it does no harm. */
export const TROUBLE_MS = 30_000;

/** How long to wait for a hub that refuses for now; undefined: it refuses for good, or it is something else. */
export function forNow(error: unknown): number | undefined {
  if (!(error instanceof HubRefusal)) return undefined;
  const { refusal, retryAfterMs = UNABLE_MS } = error.refused;
  return refusal === "too-often" || refusal === "unable" ? retryAfterMs : undefined;
}

/** What follows on an error that no part has handled; undefined: the user is to be told. */
export function afterError(error: unknown): Next | undefined {
  // Who is suspended is told when the session ends.
  if (isAway(error) || (error instanceof HubRefusal && error.refused.refusal === "suspended")) return REST;
  const ms = forNow(error);
  return ms === undefined ? undefined : { type: "pause", ms };
}

/** Whether it failed here, at the disk or by a bug: it may work later, whatever the hub says. */
export function failedHere(error: unknown): boolean {
  return !(error instanceof LairError) || error.kind === "store";
}

/** In how long `atMs` is, by the wall clock: what a timer can wait, which has 31 bits. `least`: if it is over. */
export function untilMs(clock: Clock, atMs: number, least: number): number {
  return Math.min(Math.max(atMs - clock.now().wallMs, least), 2 ** 31 - 1);
}
