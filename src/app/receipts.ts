// Receipts: which calls with a key of their caller have said something already, and what. A receipt is stored in one
// transaction with what was said, so that a call which is repeated after the program was killed is not carried out twice.
//
//   none ---what was said is stored---> kept ---too old, or too many newer ones---> gone

/** What is kept of a call before it is carried out. */
export interface Receipt {
  /** Of the caller's key: 32 bytes. */
  readonly key: Uint8Array;
  /** Of the key, the call and what was handed in: 32 bytes. Who does not know the key cannot tell which call it was. */
  readonly call: Uint8Array;
  /** By the wall clock. */
  readonly atMs: number;
}

export interface KeptReceipt extends Receipt {
  /** To whom something was said: a person's public key, 32 bytes, or a room's id, 16 bytes. */
  readonly place: Uint8Array;
  /** What: the number of a message to a person, or the id of an entry in a room, 16 bytes. */
  readonly line: number | Uint8Array;
}

/** Ours: for how long a receipt is kept. */
export const RECEIPT_MS = 7 * 86_400_000;
/** Ours: how many are kept. */
export const MOST_RECEIPTS = 10_000;

/** The receipts of a store. Calls throw LairError store-*. */
export interface Receipts {
  /** All of this key that are kept. */
  receiptsOf(key: Uint8Array, nowMs: number): readonly KeptReceipt[];
  /** What `work` stores for people has this receipt: of each person the last message. Nothing else may be staged before. */
  under<Result>(receipt: Receipt, work: () => Result): Result;
}
