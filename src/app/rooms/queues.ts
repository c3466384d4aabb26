// Named queues of work: the tasks of one queue run one after the other, and wait for no other queue. A task without a
// name waits for all earlier tasks, and all later tasks wait for it.

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
