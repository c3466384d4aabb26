// RESUME (docs/PROTOCOL.md §7.1): what each side says of its store before anything else, and what the two of them follow
// from both. Pure; who carries it out is `delivery.ts`.
//   store 16 ‖ known 16 ‖ next u64 ‖ first u64 ‖ sent u64

import { concat, equalInConstantTime as isSame, readU64, u64 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { STORE_ID_BYTES } from "./store.ts";

export const RESUME_LENGTH = 2 * STORE_ID_BYTES + 3 * 8;
/** Ours: far from where plain numbers end. */
const MAX_SEQ = 2 ** 52;

export interface Resume {
  /** 16 bytes: the id of its own store; zeros when that outlives no program. */
  readonly store: Uint8Array;
  /** 16 bytes: the id of the other's store as it knows it; zeros when it knows none. */
  readonly known: Uint8Array;
  /** The number that it expects next. */
  readonly next: number;
  /** The lowest number that it can still send. */
  readonly first: number;
  /** Numbers below this it has sent, at some time. */
  readonly sent: number;
}

export function encodeResume({ store, known, next, first, sent }: Resume): Uint8Array {
  return concat(store, known, ...[next, first, sent].map((number) => u64(BigInt(number))));
}

/** Throws LairError `resume-malformed`. */
export function decodeResume(body: Uint8Array): Resume {
  if (body.length !== RESUME_LENGTH) throw malformed("its length is wrong");
  const numbers = body.subarray(2 * STORE_ID_BYTES);
  const [next, first, sent] = [readU64(numbers, 0), readU64(numbers, 8), readU64(numbers, 16)];
  if (next > MAX_SEQ || first > sent || sent > MAX_SEQ) throw malformed("its numbers are out of range");
  return {
    store: body.slice(0, STORE_ID_BYTES),
    known: body.slice(STORE_ID_BYTES, 2 * STORE_ID_BYTES),
    next: Number(next),
    first: Number(first),
    sent: Number(sent),
  };
}

/** A store that was begun anew, or that is an older copy of itself. */
export interface MemoryNotice {
  readonly whose: "own" | "peer";
  readonly what: "new" | "older";
  /** Messages that had reached that store and are not in it now. */
  readonly missing: number;
  /** Messages of ours that count as delivered though nobody can tell. */
  readonly assumed: number;
}

/** Ours, as numbers. */
export interface Outbox {
  readonly acknowledged: number;
  /** Those below may have been sent: in this life of our store, or in another if it is an older copy. Not below `sent`. */
  readonly mayHaveSent: number;
}

export interface Agreement {
  /** Ours below this count as delivered. */
  readonly acknowledged: number;
  /** The number that our oldest message gets then. More than {@link acknowledged} when the peer has numbers of ours that we do not remember. */
  readonly firstToSend: number;
  /** What we expect from now on. More than before when the peer no longer has what we expect. */
  readonly expected: number;
  readonly notices: readonly MemoryNotice[];
}

/**
 * Where the two go on. The receiver's `next` is a floor for the sender's numbers, and the sender's `first` one for what
 * the receiver expects; so nothing is taken twice, and whatever is left out is told on both sides.
 */
export function agree(own: Resume, theirs: Resume, outbox: Outbox): Agreement {
  const { acknowledged, mayHaveSent } = outbox;
  const firstToSend = Math.max(acknowledged, theirs.next);
  // A number is given under a link only, so whoever has one from beyond ours has all of ours up to there. But what was
  // only queued in a store that has never met the peer, in no life of its own, has no number there.
  const hasMet = isLasting(own.known) || isSame(own.store, theirs.known);
  const delivered = Math.min(firstToSend, hasMet ? mayHaveSent : own.sent);
  // With another store of ours in between, the numbers that the peer has may be that one's.
  const isCertain = theirs.next <= own.sent && isSame(theirs.known, own.store);
  return {
    acknowledged: delivered,
    firstToSend,
    expected: Math.max(own.next, theirs.first),
    notices: [...ownNotice(own, theirs, isCertain ? 0 : delivered - acknowledged), ...peerNotice(own, theirs)],
  };
}

function ownNotice(own: Resume, theirs: Resume, assumed: number): MemoryNotice[] {
  if (!isLasting(own.store)) return [];
  const missing = Math.max(0, theirs.first - own.next);
  if (isLasting(theirs.known) && !isSame(theirs.known, own.store)) {
    return [{ whose: "own", what: "new", missing, assumed }];
  }
  const isOlder = theirs.next > own.sent || missing > 0;
  // Whom the peer does not know yet has nothing to remember; unless we had no store last time, and something was under way.
  return (isOlder && isLasting(theirs.known)) || assumed > 0 ? [{ whose: "own", what: "older", missing, assumed }] : [];
}

function peerNotice(own: Resume, theirs: Resume): MemoryNotice[] {
  if (!isLasting(theirs.store)) return [];
  const missing = Math.max(0, own.first - theirs.next);
  if (isLasting(own.known) && !isSame(own.known, theirs.store)) {
    return [{ whose: "peer", what: "new", missing, assumed: 0 }];
  }
  const isOlder = own.next > theirs.sent || missing > 0;
  return isOlder && isLasting(own.known) ? [{ whose: "peer", what: "older", missing, assumed: 0 }] : [];
}

/** Whether a store outlives its program. */
function isLasting(id: Uint8Array): boolean {
  return id.some((byte) => byte !== 0);
}

function malformed(reason: string): LairError {
  return new LairError("resume-malformed", `The other side's RESUME cannot be read: ${reason}.`);
}
