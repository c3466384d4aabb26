// The hash of a room's log, by which its members notice a hub that leaves entries out, changes their order, or shows two
// people different logs (docs/ROOMS.md). A chain over the entries:
//
//   d(n) = SHA-256(seq u64 ‖ type u8 ‖ id 16 ‖ epoch u64 ‖ poster 32 ‖ SHA-256(bytes))
//   h(n) = SHA-256(h(n-1) ‖ d(n)),  h(-1) = 32 zeros
//
// A member who writes a message says h(n) of the last entry that she has read. A member who comes into a room later, or
// has missed entries, can't compute h; she takes it from the first message of another member that says one within what she
// has read.
//
//   unanchored ─► anchored      a member's mark lies in what was read
//       ▲             │
//       └─────────────┘         entries are missing
//
// Pure: SHA-256 is handed in.

import { concat, equalInConstantTime, readU64, u64 } from "../bytes.ts";
import { LairError } from "../errors.ts";

/** SHA-256: 32 bytes. */
type Sha256 = (data: Uint8Array) => Uint8Array;

const HASH_BYTES = 32;
/** seq ‖ hash. */
const MARK_BYTES = 8 + HASH_BYTES;
/** Ours: a mark is compared if it is at most so many entries old. 2 kB are stored with each change of a room. */
const WINDOW = 64;
const TYPES = ["commit", "message", "notice"] as const;
/** In the order of their bytes in the store. */
const STATES = ["unanchored", "anchored"] as const;
/** state ‖ next. */
const HEAD_BYTES = 1 + 8;
const ZEROS = new Uint8Array(HASH_BYTES);

/** An entry of the log, as far as its hash goes. */
export interface HashedEntry {
  readonly seq: number;
  readonly type: (typeof TYPES)[number];
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly epoch: number;
  /** 32 bytes. */
  readonly poster: Uint8Array;
  readonly bytes: Uint8Array;
}

/** What somebody says of the log: h after entry `seq`, 32 bytes. */
export interface LogMark {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** What one member knows of the log's hash. A value; what changes it returns another one. */
export interface LogView {
  /** `anchored`: `recent` are hashes h; `unanchored`: they are digests d. */
  readonly state: (typeof STATES)[number];
  /** The number of the entry after those that were read. */
  readonly next: number;
  /** Of the last entries, at most {@link WINDOW}, 32 bytes each. */
  readonly recent: readonly Uint8Array[];
}

/** Of somebody who sees the log from its beginning. */
export const WHOLE_LOG: LogView = { state: "anchored", next: 0, recent: [] };

/** Of somebody who sees the log from entry `next` on. */
export function logFrom(next: number): LogView {
  return next === 0 ? WHOLE_LOG : { state: "unanchored", next, recent: [] };
}

/** d of an entry. */
function digestOf(sha256: Sha256, { seq, type, id, epoch, poster, bytes }: HashedEntry): Uint8Array {
  const numbers = [u64(BigInt(seq)), Uint8Array.of(TYPES.indexOf(type)), id, u64(BigInt(epoch))];
  return sha256(concat(...numbers, poster, sha256(bytes)));
}

/** The view after the next entry. One with a number further on: those between are missing. Throws RangeError for an older one. */
export function afterEntry(sha256: Sha256, view: LogView, entry: HashedEntry): LogView {
  if (entry.seq < view.next) throw new RangeError("afterEntry: an entry that was read before");
  const from = entry.seq === view.next ? view : logFrom(entry.seq);
  const digest = digestOf(sha256, entry);
  const added = from.state === "anchored" ? sha256(concat(from.recent.at(-1) ?? ZEROS, digest)) : digest;
  return { state: from.state, next: entry.seq + 1, recent: [...from.recent, added].slice(-WINDOW) };
}

/** What this member says of the log; undefined: nothing yet. */
export function markOf({ state, next, recent }: LogView): LogMark | undefined {
  const hash = recent.at(-1);
  return state === "unanchored" || hash === undefined ? undefined : { seq: next - 1, hash };
}

/**
 * Compares what another member says. `unknown`: it is too old, or of entries that were not read. An unanchored view is
 * anchored by it.
 */
export function compareMark(
  sha256: Sha256,
  view: LogView,
  { seq, hash }: LogMark,
): { readonly verdict: "same" | "differs" | "unknown"; readonly view: LogView } {
  const first = view.next - view.recent.length;
  if (view.state === "unanchored") {
    if (seq < first - 1 || seq >= view.next) return { verdict: "unknown", view };
    const recent: Uint8Array[] = [hash];
    for (const digest of view.recent.slice(seq + 1 - first)) recent.push(sha256(concat(recent.at(-1)!, digest)));
    return { verdict: "same", view: { state: "anchored", next: view.next, recent: recent.slice(-WINDOW) } };
  }
  const own = view.recent[seq - first];
  if (own === undefined) return { verdict: "unknown", view };
  return { verdict: equalInConstantTime(own, hash) ? "same" : "differs", view };
}

/** seq u64 ‖ hash 32: the authenticated data of a commit. Without a mark nothing. */
export function encodeMark(mark: LogMark | undefined): Uint8Array {
  return mark === undefined ? new Uint8Array(0) : concat(u64(BigInt(mark.seq)), mark.hash);
}

/** The mark in a commit's authenticated data; undefined if they are something else. */
export function decodeMark(bytes: Uint8Array): LogMark | undefined {
  if (bytes.length !== MARK_BYTES) return undefined;
  const seq = readU64(bytes, 0);
  return seq > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : { seq: Number(seq), hash: bytes.slice(8) };
}

/** A view as bytes, for the store: state u8 ‖ next u64 ‖ recent. */
export function encodeLogView({ state, next, recent }: LogView): Uint8Array {
  return concat(Uint8Array.of(STATES.indexOf(state)), u64(BigInt(next)), ...recent);
}

/** Throws LairError `store-damaged`. */
export function decodeLogView(bytes: Uint8Array): LogView {
  const count = (bytes.length - HEAD_BYTES) / HASH_BYTES;
  const state = STATES[bytes[0] ?? -1];
  const next = bytes.length < HEAD_BYTES ? -1 : Number(readU64(bytes, 1));
  const isWhole =
    Number.isInteger(count) && count >= 0 && count <= WINDOW && Number.isSafeInteger(next) && count <= next;
  // A chain has its last hash, unless it has not begun; it is always known from the beginning of the log.
  const isPossible = state === "anchored" ? count > 0 || next === 0 : next > 0;
  if (state === undefined || !isWhole || !isPossible) {
    throw new LairError("store-damaged", "The stored log of a room cannot be read.");
  }
  const recent = Array.from({ length: count }, (_, at) =>
    bytes.slice(HEAD_BYTES + at * HASH_BYTES, HEAD_BYTES + (at + 1) * HASH_BYTES),
  );
  return { state, next, recent };
}
