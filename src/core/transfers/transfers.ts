// The calls, answers and news of one session between a member and a hub (docs/HUB.md §1): what is to be sent goes into the
// channel piece by piece, and what has come is put together. Knows nothing of what they say.

import type { Channel } from "../channel/index.ts";
import { Queue } from "../queue.ts";
import { PieceReader, toPieces, type Transfer } from "./pieces.ts";

/** Ours: how much a channel gets at a time. */
const MOST_WAITING_BYTES = 256 * 1_024;

interface Outgoing {
  readonly pieces: readonly Uint8Array[];
  /** Of the next piece. */
  at: number;
  readonly onTaken: (() => void) | undefined;
}

/** The transfers of one session. */
export class Transfers {
  readonly #channel: Channel;
  readonly #reader = new PieceReader();
  readonly #waiting = new Queue<Outgoing>();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** How many transfers wait for the channel, the one included of which it has a part. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Queues a transfer; its bytes are copied. `onTaken` is called once the channel has all of it: a sender that has much to
   * send waits for that. Throws RangeError over 4 MiB.
   */
  send(transfer: Transfer, onTaken?: () => void): void {
    this.#waiting.push({ pieces: toPieces(transfer), at: 0, onTaken });
  }

  /** Passes on as much as the channel takes now; before both sides have sent RESUME, and once it is ending, nothing. */
  transmit(): void {
    for (let next = this.#waiting.first; next !== undefined && this.#isWelcome; next = this.#waiting.first) {
      this.#channel.sendCall(next.pieces[next.at]!);
      next.at += 1;
      if (next.at === next.pieces.length) {
        this.#waiting.shift();
        next.onTaken?.();
      }
    }
  }

  /** Takes the body of a record; returns the transfer that it completes. Throws like {@link PieceReader.take}. */
  receive(body: Uint8Array): Transfer | undefined {
    return this.#reader.take(body);
  }

  get #isWelcome(): boolean {
    return this.#channel.takesData && this.#channel.waitingBytes < MOST_WAITING_BYTES;
  }
}
