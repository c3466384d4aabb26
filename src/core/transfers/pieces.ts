// Calls, answers and news as bodies of records (docs/HUB.md). What is longer than a frame goes in pieces, so that a welcome
// of 400 KB never stands before a line of chat for longer than one of its pieces.
//   kind u8 (0 call, 1 answer, 2 news) ‖ number u32 ‖ is last u8 ‖ piece
// The number is the caller's own: its answer has the same, and news count for themselves. Pure but for what is incomplete.

import { concat, readU32, writeU32 } from "../bytes.ts";
import { MAX_BODY_BYTES } from "../channel/index.ts";
import { LairError } from "../errors.ts";
import { SparseMap } from "../sparse-map.ts";

const KINDS = ["call", "answer", "news"] as const;
type TransferKind = (typeof KINDS)[number];

/** One call, answer or piece of news, whole. */
export interface Transfer {
  readonly kind: TransferKind;
  /** u32. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

const HEAD_BYTES = 6;
/** Ours: four pieces of different transfers fit into a frame, so a short one waits for a quarter of it at most. */
const PIECE_BYTES = Math.floor(MAX_BODY_BYTES / 4) - HEAD_BYTES;
/** Ours: of one transfer: a commit with its group info and a welcome. */
export const MAX_TRANSFER_BYTES = 4 * 1_048_576;
/**
 * The fewest bytes of a piece that is not the last: many short ones would cost more memory than they count.
 */
const MIN_PIECE_BYTES = 1_024;
/** Ours: so many may be incomplete at a time; their bytes together have the limit of one. */
export const MAX_INCOMPLETE = 4;

/** The record bodies that carry it, in their order. Throws RangeError if it is over {@link MAX_TRANSFER_BYTES}. */
export function toPieces({ kind, number, bytes }: Transfer): Uint8Array[] {
  if (bytes.length > MAX_TRANSFER_BYTES) throw new RangeError("toPieces: a transfer is 4 MiB at most");
  const pieces: Uint8Array[] = [];
  let offset = 0;
  do {
    const piece = bytes.subarray(offset, offset + PIECE_BYTES);
    offset += piece.length;
    const body = new Uint8Array(HEAD_BYTES + piece.length);
    body[0] = KINDS.indexOf(kind);
    writeU32(body, 1, number);
    body[HEAD_BYTES - 1] = offset === bytes.length ? 1 : 0;
    body.set(piece, HEAD_BYTES);
    pieces.push(body);
  } while (offset < bytes.length);
  return pieces;
}

/** Puts pieces together again. One for each session. */
export class PieceReader {
  /** By kind and number. */
  readonly #incomplete = new SparseMap<string, Uint8Array[]>();
  #bytes = 0;

  /**
   * The transfer that this record body completes, if it does. Throws LairError `call-malformed` for a body that is none, and
   * `call-flood` for more than the other side may leave incomplete.
   */
  take(body: Uint8Array): Transfer | undefined {
    const kind = KINDS[body[0] ?? KINDS.length];
    const isLast = body[HEAD_BYTES - 1];
    if (body.length < HEAD_BYTES || kind === undefined || isLast === undefined || isLast > 1) {
      throw new LairError("call-malformed", "The other side sent a piece of a call that cannot be read.");
    }
    const number = readU32(body, 1);
    const key = `${kind} ${number}`;
    const pieces = this.#incomplete.get(key) ?? [];
    const piece = body.slice(HEAD_BYTES);
    this.#bytes += piece.length;
    pieces.push(piece);
    if (isLast === 0) {
      if (piece.length < MIN_PIECE_BYTES) {
        throw new LairError("call-malformed", "The other side sent a call in pieces that are too short.");
      }
      this.#incomplete.set(key, pieces);
    }
    if (this.#bytes > MAX_TRANSFER_BYTES || this.#incomplete.size > MAX_INCOMPLETE) {
      throw new LairError("call-flood", "The other side sent more than a call may have, or left too many incomplete.");
    }
    if (isLast === 0) return undefined;
    this.#incomplete.delete(key);
    const bytes = pieces.length === 1 ? piece : concat(...pieces);
    this.#bytes -= bytes.length;
    return { kind, number, bytes };
  }
}
