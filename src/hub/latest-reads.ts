// What was read last of the log of each room: all members of a room ask for the same when it has a new entry, and the store is
// asked once. Any news of the room ends it.

import { toHex } from "../core/bytes.ts";
import type { Answered } from "../core/hub/calls.ts";

/** Ours. With the next, the most that is held: 4 MiB. */
const MOST_ROOMS = 64;
const MOST_BYTES = 64 * 1_024;
/** Of an entry, beside its body: an object with three arrays. A body may be empty, and a read may have thousands. */
const BESIDE_BYTES = 1_024;

/** A read, from its beginning. */
interface LatestRead {
  readonly from: number;
  answer: Answered<"read"> | undefined;
}

export class LatestReads {
  /** By the room's id in hex; the one that was begun first is the first. */
  readonly #reads = new Map<string, LatestRead>();

  /** The answer to a read from this number on; undefined: the store is to be asked. */
  find(room: Uint8Array, from: number): Answered<"read"> | undefined {
    const read = this.#reads.get(toHex(room));
    return read?.from === from ? read.answer : undefined;
  }

  /** Before the store is asked: what changes the room meanwhile ends this read too. */
  begin(room: Uint8Array, from: number): LatestRead {
    const read: LatestRead = { from, answer: undefined };
    const name = toHex(room);
    this.#reads.delete(name);
    this.#reads.set(name, read);
    const [oldest] = this.#reads.keys();
    if (this.#reads.size > MOST_ROOMS && oldest !== undefined) this.#reads.delete(oldest);
    return read;
  }

  /** The store has answered. */
  end(read: LatestRead, answer: Answered<"read">): void {
    const bytes = answer.entries.reduce((sum, entry) => sum + BESIDE_BYTES + entry.bytes.length, 0);
    if (bytes <= MOST_BYTES) read.answer = answer;
  }

  /** The room has changed. */
  forget(room: Uint8Array): void {
    this.#reads.delete(toHex(room));
  }

  /** Entries were pruned, of whichever rooms. */
  clear(): void {
    this.#reads.clear();
  }
}
