// Runs the calls of one member one after the other: a slow one delays only that member's own.

import { LairError } from "../core/errors.ts";
import { MAX_TRANSFER_BYTES } from "../core/transfers/pieces.ts";

/** Ours: calls that wait behind one that is being done, and their bytes together. */
const MOST_WAITING = 64;
const MOST_WAITING_BYTES = 2 * MAX_TRANSFER_BYTES;

export class CallsInOrder {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #bytes = 0;

  /** Runs `work` after those before. Throws LairError `call-flood` if too much waits. */
  add<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= MOST_WAITING || this.#bytes + bytes > MOST_WAITING_BYTES) {
      throw new LairError("call-flood", "The other side made too many calls without waiting for the answers.");
    }
    this.#waiting += 1;
    this.#bytes += bytes;
    const result = this.#last.then(work).finally(() => {
      this.#waiting -= 1;
      this.#bytes -= bytes;
    });
    // Without the answer, which may be long, and nobody needs here.
    this.#last = result.then(forget, forget);
    return result;
  }
}

function forget(): void {}
