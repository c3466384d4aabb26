// What was said and will not arrive, counted until the program leaves: it leaves with 1 then, and says how much.

export class Losses {
  #lost = 0;
  /** As much of it as the ends of lines have told. */
  #told = 0;
  /** Refused, and said so at once: it matters only to whoever has no other chance to say it. */
  #refused = 0;

  /** In flight when a line ended. */
  atEnd(count: number, isTold: boolean): void {
    this.#lost += count;
    if (isTold) this.#told += count;
  }

  /** Never said, and nobody has been told yet. */
  unsaid(count: number): void {
    this.#lost += count;
  }

  /** One was refused when it was said. */
  refused(): void {
    this.#refused += 1;
  }

  /** Whoever leaves by `quit` has seen the refusals. */
  forgetRefused(): void {
    this.#refused = 0;
  }

  /** How many there are in all, and whether some of them have not been told. Counts anew afterwards. */
  settle(): { readonly count: number; readonly isTold: boolean } {
    const count = this.#lost + this.#refused;
    const isTold = count <= this.#told;
    this.#lost = 0;
    this.#told = 0;
    this.#refused = 0;
    return { count, isTold };
  }
}
