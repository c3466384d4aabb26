// RESUME (docs/PROTOCOL.md §7.1): what each side says of its store before anything else, and what the two of them follow
// from both. Pure; who carries it out is `delivery.ts`.
//   store 16 ‖ known 16 ‖ next u64 ‖ first u64 ‖ sent u64 ‖ last 12

import { concat, equalInConstantTime as isSame, readU64, u64 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { type Cursors, STAMP_BYTES, STORE_ID_BYTES, type StoredMessage } from "./store.ts";

const RESUME_BYTES = 2 * STORE_ID_BYTES + 3 * 8 + STAMP_BYTES;
/** Ours: far from where plain numbers end. */
const MAX_SEQ = 2 ** 52;
/** Ours: nobody has said so many messages that the other has never heard of. Numbers that were lied up cannot be taken back. */
const MAX_JUMP = 2 ** 32;

/** What one side says in RESUME: where it stands. */
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
  /** 12 bytes: the stamp of the last message that it took; zeros when it took none. */
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
  /** Messages that had reached that store and are not in it now. */
  readonly missing: number;
}

/** Where the two sides go on, as one of them sees it. */
export interface Agreement {
  /** Ours below this have arrived. */
  readonly acknowledged: number;
  /**
   * The number that our oldest message gets then. More than {@link acknowledged} when the peer has numbers of ours that we do
   * not remember giving; what it has of our messages it knows by their stamps.
   */
  readonly firstToSend: number;
  /** What we expect from now on. More than before when the peer no longer has what we expect. */
  readonly expected: number;
  /**
   * Whether the two do not fit: both see that, and neither goes on before it knows that the other has seen it. Otherwise a
   * cut in between would mend the numbers before one of the two persons was told.
   */
  readonly hasDiverged: boolean;
  readonly notices: readonly MemoryNotice[];
}

/**
 * Where the two go on; `outbox` is what waits here. The receiver's `next` is a floor for the sender's numbers, and the
 * sender's `first` one for what the receiver expects; so nothing is taken twice, and whatever is missing is told on both
 * sides. Throws LairError `resume-jump` when the peer is more than 2^32 messages ahead of what was said to it or heard
 * from it: nothing of that may be stored.
 */
export function agree(
  own: Resume,
  theirs: Resume,
  cursors: Pick<Cursors, "acknowledged" | "released">,
  outbox: readonly Pick<StoredMessage, "stamp">[],
): Agreement {
  refuseJump(own, theirs);
  const { acknowledged, released } = cursors;
  // The last that they took under a number of ours is what we sent under it, unless that was another copy of this store.
  const last = outbox[theirs.next - 1 - acknowledged];
  const isOurs =
    theirs.next <= acknowledged || (theirs.next <= released && last !== undefined && isSame(last.stamp, theirs.last));
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
  // Whom the peer does not know yet has nothing to remember.
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

/** Whether a store outlives its program. */
function isLasting(id: Uint8Array): boolean {
  return id.some((byte) => byte !== 0);
}

function malformed(reason: string): LairError {
  return new LairError("resume-malformed", `The other side's RESUME cannot be read: ${reason}.`);
}
