// Waiting for what others bring about: asked whenever something has happened, never longer than it may take.
// Knows nothing of what it waits for.

export class Watch {
  readonly #checks = new Set<() => void>();

  /** Something has happened. */
  wake(): void {
    for (const check of this.#checks) check();
  }

  /** Waits until `look` finds something. After `patienceMs` it throws, with what `describe` says of the state then. */
  async until<T>(what: string, look: () => T | undefined, patienceMs: number, describe: () => string): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        this.#checks.delete(check);
        action();
      };
      const check = (): void => {
        try {
          const found = look();
          if (found !== undefined) settle(() => resolve(found));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${what}: not within ${patienceMs} ms.\n${describe()}`))),
        patienceMs,
      );
      this.#checks.add(check);
      check();
    });
  }
}
