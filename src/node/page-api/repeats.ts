// Calls that were made under a key of the caller's: a call that comes again, because its answer was lost, is not made again and
// gets the same answer. For as long as the program runs, and for the last of them.

import { Problem } from "../http/problem.ts";
import type { Answer } from "../http/route.ts";

/** Ours. */
const MOST = 1_000;
const KEY = /^[\x21-\x7e]{1,64}$/;

interface Made {
  /** The call and its input, to tell it from another with the same key. */
  readonly what: string;
  readonly answer: Promise<Answer>;
}

export class Repeats {
  /** The one used last is the last. */
  readonly #made = new Map<string, Made>();

  /** Makes the call, unless it was made under this key. Throws Problem `bad-request`, `key-reused`. */
  async once(key: string | undefined, what: string, make: () => Promise<Answer>): Promise<Answer> {
    if (key === undefined) return await make();
    if (!KEY.test(key)) throw new Problem("bad-request", "An Idempotency-Key has 1 to 64 letters, without blanks.");
    const before = this.#made.get(key);
    if (before !== undefined && before.what !== what) {
      throw new Problem("key-reused", "This Idempotency-Key was used for another call.", { hint: "Choose another." });
    }
    const made = before ?? { what, answer: make() };
    this.#made.delete(key);
    this.#made.set(key, made);
    if (this.#made.size > MOST) this.#forgetOldest();
    try {
      return await made.answer;
    } catch (error) {
      // What was refused may be tried again.
      if (this.#made.get(key) === made) this.#made.delete(key);
      throw error;
    }
  }

  #forgetOldest(): void {
    for (const key of this.#made.keys()) {
      this.#made.delete(key);
      return;
    }
  }
}
