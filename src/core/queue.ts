// A queue: what comes first goes first, and what goes costs the same however many wait. Knows nothing of what waits.

/** Below this many a shorter array is not worth the copy. */
const LEAST_DROPPED = 64;
/** The items of all queues in which nothing waits: every session has ten of these. Nothing is ever put into it. */
const NOTHING: never[] = [];

export class Queue<T> implements Iterable<T> {
  /** The first #gone have left already, and are still here so that not each of them moves all others. */
  #items: T[];
  #gone = 0;

  constructor(items: Iterable<T> = NOTHING) {
    const own = [...items];
    this.#items = own.length === 0 ? NOTHING : own;
  }

  get length(): number {
    return this.#items.length - this.#gone;
  }

  /** The one that goes next. */
  get first(): T | undefined {
    return this.#items[this.#gone];
  }

  get last(): T | undefined {
    return this.length === 0 ? undefined : this.#items[this.#items.length - 1];
  }

  /** The one before which `index` others go. */
  at(index: number): T | undefined {
    return this.#items[this.#gone + index];
  }

  push(item: T): void {
    if (this.#items === NOTHING) this.#items = [item];
    else this.#items.push(item);
  }

  /** Takes the first one out. */
  shift(): T | undefined {
    const { first } = this;
    if (this.length > 0) this.drop(1);
    return first;
  }

  /** Takes the first `count` out, or all if they are fewer. */
  drop(count: number): void {
    this.#gone = Math.min(this.#gone + count, this.#items.length);
    if (this.#gone === this.#items.length) this.clear();
    else if (this.#gone >= LEAST_DROPPED && this.#gone * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#gone);
      this.#gone = 0;
    }
  }

  clear(): void {
    this.#items = NOTHING;
    this.#gone = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#gone; index < this.#items.length; index++) yield this.#items[index]!;
  }
}
