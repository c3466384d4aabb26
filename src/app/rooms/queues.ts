// Queues of work, each by a name: what is in one is done one after the other, and waits for no other. Work without a name
// waits for everything that is there, and all that comes later waits for it.

export class Queues {
  readonly #ends = new Map<string, Promise<void>>();
  /** Of the last work without a name. */
  #ofAll: Promise<void> = Promise.resolve();

  /** Does the work once those before it are done; it must not reject. */
  add(name: string | undefined, work: () => Promise<void>): Promise<void> {
    if (name === undefined) {
      const done = this.done.then(work);
      this.#ofAll = done;
      this.#ends.clear();
      return done;
    }
    const done = (this.#ends.get(name) ?? this.#ofAll).then(work);
    this.#ends.set(name, done);
    return done;
  }

  /** Resolves once everything is done that is there now. */
  get done(): Promise<void> {
    return Promise.all([this.#ofAll, ...this.#ends.values()]).then(() => undefined);
  }
}
