// How much of everything a hub gives (docs/HUB.md §6). lair-hub has no options for these numbers. A hub that is built with
// others must keep to the two that are marked below: they are what one answer carries, and nothing checks them.

import type { RoomQuota } from "./store.ts";

/** So many at once, and one more after each `everyMs` milliseconds. */
export interface Ration {
  readonly atOnce: number;
  readonly everyMs: number;
}

export interface HubQuotas {
  /** Members of the hub. */
  readonly accounts: number;
  /** Rooms in which somebody may sit: MAX_ROOMS at most, which one answer names. */
  readonly rooms: number;
  /** Rooms into which others have put somebody, and of which she has read nothing yet. */
  readonly unreadRooms: number;
  /** What is kept of one room. */
  readonly room: RoomQuota;
  /** Links of one room, used up and expired ones included: MAX_LINKS at most, which one answer names. */
  readonly links: number;
  /** Letters that wait for one person. */
  readonly letters: number;
  /** Key packages of one person, beside the last resort. */
  readonly packages: number;
  /** How long from now a key package may be handed out, in milliseconds. */
  readonly packageLifetimeMs: number;
  readonly calls: Ration;
  /** Commits that are appended, in all rooms together: every member of a room has to work on each. */
  readonly commits: Ration;
  /** Key packages that somebody takes, of all others together. */
  readonly takes: Ration;
  /** Key packages that somebody takes of one other. */
  readonly takesOfOne: Ration;
  /** Rooms into which somebody puts one other. */
  readonly seatsOfOne: Ration;
  readonly knocks: Ration;
  readonly signals: Ration;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MIB = 2 ** 20;

export const DEFAULT_QUOTAS: HubQuotas = {
  accounts: 10_000,
  rooms: 200,
  unreadRooms: 64,
  room: { entries: 100_000, bytes: 256 * MIB, posterEntries: 25_000, posterBytes: 64 * MIB },
  links: 64,
  letters: 256,
  packages: 64,
  packageLifetimeMs: 90 * DAY_MS,
  calls: { atOnce: 1_000, everyMs: 5 },
  commits: { atOnce: 100, everyMs: 2 * SECOND_MS },
  takes: { atOnce: 300, everyMs: 10 * SECOND_MS },
  takesOfOne: { atOnce: 5, everyMs: MINUTE_MS },
  seatsOfOne: { atOnce: 10, everyMs: 10 * MINUTE_MS },
  knocks: { atOnce: 5, everyMs: MINUTE_MS },
  signals: { atOnce: 20, everyMs: 200 },
};
