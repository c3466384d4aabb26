// The kept conversation, if the user wants one (docs/history.md): the port behind which it is kept, and the words for
// how long. Knows no disk and no screen.

/** How long a conversation is kept: not at all, for ever, or this many milliseconds. */
export type Retention = "off" | "forever" | { readonly ms: number };

/** One line of a conversation, as it is kept. The text is raw: sanitise it before it is shown. */
export interface HistoryEntry {
  readonly from: "you" | "peer";
  /** Its number in its direction, when it was stored. */
  readonly seq: number;
  /** When it was said, according to its sender. */
  readonly atMs: number;
  readonly text: string;
  /** For our own lines: whether the peer has acknowledged it. True for the peer's. */
  readonly isDelivered: boolean;
  /** When it disappears, if it does. */
  readonly expiresAtMs: number | undefined;
}

/** A part of the kept lines, oldest first. Every line has a number, which goes up from line to line and stays. */
export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** The page before this one ends before the line of this number; undefined: there is none. */
  readonly before: number | undefined;
  /** The page behind this one begins after the line of this number; undefined: there is none. */
  readonly after: number | undefined;
}

export interface HistoryFound {
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
  /** Of each, its number. */
  readonly numbers: readonly number[];
  readonly total: number;
}

/** Ours: how many bytes of lines are kept with a peer, unless its person says otherwise: years of talk. */
export const HISTORY_LIMIT_BYTES = 256 * 2 ** 20;

/** Ours: the maximum of search results that are counted. */
export const MOST_COUNTED = 10_000;

/** Every call is about one peer: `peer` is its public key, 32 bytes. Every call throws LairError store-*. */
export interface History {
  retention(peer: Uint8Array): Retention;
  /**
   * Remembers it for this peer. Older lines are no longer read; {@link purge} deletes them. With "off", kept lines stay
   * until {@link forget}.
   */
  setRetention(peer: Uint8Array, retention: Retention): void;
  /** How many bytes of lines are kept with this peer, as they are stored; {@link HISTORY_LIMIT_BYTES} at first. */
  limit(peer: Uint8Array): number;
  /**
   * Remembers it for this peer. If there are more, {@link purge} deletes the oldest lines. Waiting messages do not count
   * and stay; with "off", the lines stay too.
   */
  setLimit(peer: Uint8Array, bytes: number): void;
  /** The last `count` lines, oldest first. */
  last(peer: Uint8Array, count: number, nowMs: number): readonly HistoryEntry[];
  /**
   * The last `count` lines before the one of this number; without it the newest. Lines that come or go meanwhile move no
   * other from its page.
   */
  page(peer: Uint8Array, before: number | undefined, count: number, nowMs: number): HistoryPage;
  /** The first `count` lines after the one of this number. */
  pageAfter(peer: Uint8Array, after: number, count: number, nowMs: number): HistoryPage;
  /**
   * The newest lines that contain all these words, oldest first, at most `limit`; and the total, where {@link
   * MOST_COUNTED} + 1 means more than that.
   */
  search(peer: Uint8Array, words: string, limit: number, nowMs: number): HistoryFound;
  /** The number of kept lines. */
  count(peer: Uint8Array, nowMs: number): number;
  /** Every line, oldest first, read on demand. */
  all(peer: Uint8Array, nowMs: number): Iterable<HistoryEntry>;
  /**
   * Removes every existing line. Returns how many. From then on they are no longer read; {@link purge} deletes them.
   * Waiting messages are delivered or shown anyway, and then not kept.
   */
  forget(peer: Uint8Array): number;
  /**
   * Deletes lines of all peers that were forgotten, have disappeared, are too old or beyond the limit; returns when more will be due, by
   * the wall clock. One call is one step: it ends soon after `isOver`, which is called after each line, first returns
   * true. If the step was not enough it returns `nowMs`: the next step is due.
   */
  purge(nowMs: number, isOver?: () => boolean): number | undefined;
  /**
   * Adds words of new lines to the index; {@link search} finds the others too, but more slowly. One call is one step, as
   * of {@link purge}. Returns whether all are in it.
   */
  indexWords(isOver?: () => boolean): boolean;
  /** The number of forgotten lines that are still to be deleted. */
  readonly leftToDelete: number;
  /** The number of lines that {@link purge} has deleted for their age or their timer, since this was opened. */
  readonly deletedByTime: number;
  /** The peers whose oldest lines {@link purge} has deleted because of their {@link limit}, since this was opened. */
  readonly deletedByLimit: readonly Uint8Array[];
  /** What the previous program stored for the next one; undefined if there was none. */
  seen(): SeenTimes | undefined;
  /** Stores it; it may reach the disk later. */
  see(times: SeenTimes): void;
}

/**
 * What a program must know about the times that the previous one saw, to judge the clock. Milliseconds of the wall
 * clock.
 */
export interface SeenTimes {
  /** The last trusted time. */
  readonly seenMs: number;
  /** The wall time when a doubted clock was first seen in that state. */
  readonly doubtedMs: number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Ours: 100 years count as for ever. */
const LONGEST_MS = 36_525 * 86_400_000;

/** "10m", "12h", "30d", "45s" in milliseconds; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text);
  const ms = match === null ? Number.NaN : Number(match[1]) * UNITS[match[2]!]!;
  return ms <= LONGEST_MS ? ms : undefined;
}

const SIZES: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
/** Ours: a few of the longest lines. */
const LEAST_BYTES = 64 * 2 ** 10;
/** Ours: 1 TiB counts as without a limit. */
const MOST_BYTES = 2 ** 40;

/** "500K", "256M", "1G" in bytes, of 1,024 each way; undefined for anything else, for less than 64K and more than 1024G. */
export function parseSize(text: string): number | undefined {
  const match = /^([1-9]\d{0,9})([KMG])$/i.exec(text);
  const bytes = match === null ? Number.NaN : Number(match[1]) * SIZES[match[2]!.toUpperCase()]!;
  return bytes >= LEAST_BYTES && bytes <= MOST_BYTES ? bytes : undefined;
}

/** "forever", "off", or a time span; undefined for anything else. */
export function parseRetention(text: string): Retention | undefined {
  if (text === "off" || text === "forever") return text;
  const ms = parseSpan(text);
  return ms === undefined ? undefined : { ms };
}
