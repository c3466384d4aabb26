// A value that others follow. Changes within one turn are told once.

export class Store<State extends object> {
  #state: State;
  #isTold = true;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** Replaces these members. A member that is `undefined` is taken out. */
  set(change: { readonly [Name in keyof State]?: State[Name] | undefined }): void {
    const next: Record<string, unknown> = { ...this.#state, ...change };
    for (const name of Object.keys(change)) if (next[name] === undefined) delete next[name];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members are those of State
    this.#state = next as State;
    if (!this.#isTold) return;
    this.#isTold = false;
    queueMicrotask(() => {
      this.#isTold = true;
      for (const listener of this.#listeners) listener();
    });
  }

  /** Returns a function that ends it. */
  follow(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
