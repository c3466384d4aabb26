// Randomness that a seed repeats: sfc32 (Chris Doty-Humphrey, PractRand). For tests; it is no CSPRNG.

export class SeededRandom {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = Uint32Array.of(seed, seed / 2 ** 32, 0x9e3779b9, 1);
    for (let i = 0; i < 12; i++) this.word();
  }

  /** 0 to 2^32-1. */
  word(): number {
    const state = this.#state;
    const out = (state[0]! + state[1]! + state[3]!) >>> 0;
    state[3]!++;
    state[0] = state[1]! ^ (state[1]! >>> 9);
    state[1] = state[2]! + (state[2]! << 3);
    state[2] = ((state[2]! << 21) | (state[2]! >>> 11)) + out;
    return out;
  }

  /** 0 to `count` - 1. The bias of the modulo does not matter here. */
  below(count: number): number {
    return this.word() % count;
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** A RandomSource. */
  readonly bytes = (length: number): Uint8Array => {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.word());
    return new Uint8Array(words.buffer).slice(0, length);
  };
}
