// How many wrong tokens are answered as such. A token cannot be guessed; but somebody who tries should not cost much, and the
// user should hear of it.

/** Ours: as many at once ... */
const BURST = 20;
/** ... and one more after each of these. */
const PER_MS = 3_000;

export class WrongTokens {
  readonly #nowMs: () => number;
  readonly #onMany: () => void;
  #left = BURST;
  #countedAtMs: number;
  #hasTold = false;

  /** `onMany` is called once, when there have been too many. */
  constructor(nowMs: () => number, onMany: () => void) {
    this.#nowMs = nowMs;
    this.#onMany = onMany;
    this.#countedAtMs = nowMs();
  }

  /** Counts one. False: there have been too many. */
  count(): boolean {
    const nowMs = this.#nowMs();
    this.#left = Math.min(BURST, this.#left + (nowMs - this.#countedAtMs) / PER_MS);
    this.#countedAtMs = nowMs;
    if (this.#left >= 1) {
      this.#left -= 1;
      return true;
    }
    if (!this.#hasTold) this.#onMany();
    this.#hasTold = true;
    return false;
  }
}
