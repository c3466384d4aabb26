// RESUME (docs/PROTOCOL.md §7.1): what each side first says about its store, and the conclusions that both draw from
// it. Pure; `delivery.ts` carries them out.
//   store 16 ‖ known 16 ‖ next u64 ‖ first u64 ‖ sent u64 ‖ last 12

import { concat, equalInConstantTime as isSame, readU64, u64 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { type Cursors, STAMP_BYTES, STORE_ID_BYTES } from "./store.ts";

const RESUME_BYTES = 2 * STORE_ID_BYTES + 3 * 8 + STAMP_BYTES;
/** Ours: far from the limit of plain numbers. */
const MAX_SEQ = 2 ** 52;
/** Ours: nobody has sent that many messages that the other has never seen. Inflated numbers cannot be taken back. */
const MAX_JUMP = 2 ** 32;

/** The state that one side reports in RESUME. */
export interface Resume {
  /** 16 bytes: the id of its own store; zeros if that survives no program. */
  readonly store: Uint8Array;
  /** 16 bytes: the id of the other's store as it knows it; zeros if it knows none. */
  readonly known: Uint8Array;
  /** The number that it expects next. */
  readonly next: number;
  /** The lowest number that it can still send. */
  readonly first: number;
  /** All its numbers below this one have been used. */
  readonly sent: number;
  /** 12 bytes: the stamp of the last message that it accepted; zeros if there was none. */
  readonly last: Uint8Array;
}

export function encodeResume({ store, known, next, first, sent, last }: Resume): Uint8Array {
  return concat(store, known, ...[next, first, sent].map((number) => u64(BigInt(number))), last);
}

/** Throws LairError `resume-malformed`. */
export function decodeResume(body: Uint8Array): Resume {
  if (body.length !== RESUME_BYTES) throw malformed("its length is wrong");
  const numbers = body.subarray(2 * STORE_ID_BYTES);
  const [next, first, sent] = [readU64(numbers, 0), readU64(numbers, 8), readU64(numbers, 16)];
  if (next > MAX_SEQ || first > sent || sent > MAX_SEQ) throw malformed("its numbers are out of range");
  return {
    store: body.slice(0, STORE_ID_BYTES),
    known: body.slice(STORE_ID_BYTES, 2 * STORE_ID_BYTES),
    next: Number(next),
    first: Number(first),
    sent: Number(sent),
    last: body.slice(RESUME_BYTES - STAMP_BYTES),
  };
}

/** A store that is new, or that is an older copy of itself. */
export interface MemoryNotice {
  readonly whose: "own" | "peer";
  readonly what: "new" | "older";
  /** Messages that had reached that store and are no longer in it. */
  readonly missing: number;
}

/** Where the two sides continue, as seen by one of them. */
export interface Agreement {
  /** Our messages below this number have arrived. */
  readonly acknowledged: number;
  /**
   * The number that our oldest message gets then. More than {@link acknowledged} if the peer has numbers of ours that
   * we do not remember assigning; it recognises our messages by their stamps.
   */
  readonly firstToSend: number;
  /** The number that we expect from now on. More than before if the peer no longer has the message that we expect. */
  readonly expected: number;
  /**
   * Whether the two stores have diverged: both see that, and neither continues before it knows that the other has seen it.
   * Otherwise a cut in between would make the numbers match before one of the two users was told.
   */
  readonly hasDiverged: boolean;
  readonly notices: readonly MemoryNotice[];
}

/**
 * Where the two continue; `stampOf` gives the stamp of a message that waits here. The receiver's `next` is a minimum for the sender's numbers, and
 * the sender's `first` one for what the receiver expects; so nothing is accepted twice, and missing messages are
 * reported on both sides. Throws LairError `resume-jump` if the peer is more than 2^32 messages ahead of what was sent
 * to it or received from it: nothing of that may be stored.
 */
export function agree(
  own: Resume,
  theirs: Resume,
  cursors: Pick<Cursors, "acknowledged" | "released">,
  stampOf: (seq: number) => Uint8Array,
): Agreement {
  refuseJump(own, theirs);
  const { acknowledged, released } = cursors;
  // The last message that they accepted under a number of ours is what we sent under it, unless another copy of this
  // store sent it.
  const isOurs =
    theirs.next <= acknowledged || (theirs.next <= released && isSame(stampOf(theirs.next - 1), theirs.last));
  return {
    acknowledged: isOurs ? Math.max(acknowledged, theirs.next) : acknowledged,
    firstToSend: Math.max(acknowledged, theirs.next),
    expected: Math.max(own.next, theirs.first),
    hasDiverged: theirs.next > own.sent || own.next > theirs.sent || theirs.first > own.next || own.first > theirs.next,
    notices: [...ownNotice(own, theirs, isOurs), ...peerNotice(own, theirs)],
  };
}

function refuseJump(own: Resume, theirs: Resume): void {
  if (theirs.next - own.sent <= MAX_JUMP && theirs.sent - own.next <= MAX_JUMP) return;
  throw new LairError(
    "resume-jump",
    "The other side counts messages that were never sent, so nothing was accepted from it.",
  );
}

function ownNotice(own: Resume, theirs: Resume, isOurs: boolean): MemoryNotice[] {
  if (!isLasting(own.store)) return [];
  const missing = Math.max(0, theirs.first - own.next);
  if (isLasting(theirs.known) && !isSame(theirs.known, own.store)) return [{ whose: "own", what: "new", missing }];
  // A peer that does not know us yet has nothing to remember.
  return (!isOurs || missing > 0) && isLasting(theirs.known) ? [{ whose: "own", what: "older", missing }] : [];
}

function peerNotice(own: Resume, theirs: Resume): MemoryNotice[] {
  if (!isLasting(theirs.store)) return [];
  const missing = Math.max(0, own.first - theirs.next);
  if (isLasting(own.known) && !isSame(own.known, theirs.store)) {
    return [{ whose: "peer", what: "new", missing }];
  }
  const isOlder = own.next > theirs.sent || missing > 0;
  return isOlder && isLasting(own.known) ? [{ whose: "peer", what: "older", missing }] : [];
}

/** Whether a store survives its program. */
function isLasting(id: Uint8Array): boolean {
  return id.some((byte) => byte !== 0);
}

function malformed(reason: string): LairError {
  return new LairError("resume-malformed", `The other side's RESUME cannot be read: ${reason}.`);
}
