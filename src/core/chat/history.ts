// What is kept of a conversation, where its person wants that (docs/history.md): the port behind which it is kept, and
// the words for how long. Knows no disk and no screen.

/** How long a conversation is kept: not at all, for ever, or so many milliseconds. */
export type Retention = "off" | "forever" | { readonly ms: number };

/** One line of a conversation, as it is kept. The text is raw: pass it through a sanitiser before it is shown. */
export interface HistoryEntry {
  readonly from: "you" | "peer";
  /** Its number in its direction, when it was stored. */
  readonly seq: number;
  /** When it was said, as its sender puts it. */
  readonly atMs: number;
  readonly text: string;
  /** Of the person's own: whether the peer has acknowledged it. True for the peer's. */
  readonly isDelivered: boolean;
  /** When it disappears, if it does. */
  readonly expiresAtMs: number | undefined;
}

/** Ours: lines found by a search that are counted; more are just more. */
export const MOST_COUNTED = 10_000;

/** One peer's is meant throughout: `peer` is its public key, 32 bytes. Everything throws LairError store-*. */
export interface History {
  retention(peer: Uint8Array): Retention;
  /**
   * Remembers it for this peer. What is older already is not read any more; it is deleted by {@link purge}. With "off" what has been kept stays until {@link forget}.
   */
  setRetention(peer: Uint8Array, retention: Retention): void;
  /** The last `count` lines, oldest first. */
  last(peer: Uint8Array, count: number, nowMs: number): readonly HistoryEntry[];
  /**
   * The newest lines that hold all these words, oldest first, `limit` at most; and how many there are in all, where
   * {@link MOST_COUNTED} + 1 says that there are more than that.
   */
  search(
    peer: Uint8Array,
    words: string,
    limit: number,
    nowMs: number,
  ): { readonly entries: readonly HistoryEntry[]; readonly total: number };
  /** How many lines are kept. */
  count(peer: Uint8Array, nowMs: number): number;
  /** Every line, oldest first, read as it is asked for. */
  all(peer: Uint8Array, nowMs: number): Iterable<HistoryEntry>;
  /**
   * Removes every line that is there. Returns how many. From then on they are not read any more; they are deleted by
   * {@link purge}. What still waits is delivered or shown all the same, and is then not kept.
   */
  forget(peer: Uint8Array): number;
  /**
   * Deletes what was forgotten, has disappeared or grown too old, of all peers; returns when there will be more, by the wall
   * clock. One call is one step: it ends soon after `isOver` first says so, which is asked after each line. Where the step
   * was not enough it returns `nowMs`: the next is due.
   */
  purge(nowMs: number, isOver?: () => boolean): number | undefined;
  /** How many lines were forgotten and are still to be deleted. */
  readonly leftToDelete: number;
  /** How many lines {@link purge} has deleted for their age or their timer, since this was opened. */
  readonly deletedByTime: number;
  /** What the program before has left for the next; undefined when there was none. */
  seen(): SeenTimes | undefined;
  /** Keeps it; it may reach the disk later. */
  see(times: SeenTimes): void;
}

/** What a program must know of the times that the one before has seen, to judge the clock. Milliseconds of the wall clock. */
export interface SeenTimes {
  /** The time that was trusted last. */
  readonly seenMs: number;
  /** Where a clock that is in doubt stood when it was first seen so. */
  readonly doubtedMs: number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Ours: 100 years are for ever. */
const LONGEST_MS = 36_525 * 86_400_000;

/** "10m", "12h", "30d", "45s" in milliseconds; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text);
  const ms = match === null ? Number.NaN : Number(match[1]) * UNITS[match[2]!]!;
  return ms <= LONGEST_MS ? ms : undefined;
}

/** "forever", "off", or a span; undefined for anything else. */
export function parseRetention(text: string): Retention | undefined {
  if (text === "off" || text === "forever") return text;
  const ms = parseSpan(text);
  return ms === undefined ? undefined : { ms };
}
