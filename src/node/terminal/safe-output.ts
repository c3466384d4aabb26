// A terminal's output that may go away at any moment (EPIPE, EIO: the window was closed) without an exception.
// Knows nothing of what is written.

import type { ScreenOutput } from "./screen.ts";

export class SafeOutput implements ScreenOutput {
  readonly #stream: NodeJS.WriteStream;
  readonly #onGone: () => void;
  #gone = false;
  readonly #failed = (): void => {
    if (this.#gone) return;
    this.#gone = true;
    this.#onGone();
  };

  /** `onGone` is called once, when a write has failed for the first time. */
  constructor(stream: NodeJS.WriteStream, onGone: () => void) {
    this.#stream = stream;
    this.#onGone = onGone;
    // The listener stays for good: an error may arrive long after the last write, and would be thrown without it.
    stream.on("error", this.#failed);
  }

  get columns(): number {
    return this.#stream.columns;
  }

  get rows(): number {
    return this.#stream.rows;
  }

  write(text: string): void {
    if (this.#gone) return;
    try {
      this.#stream.write(text);
    } catch {
      this.#failed();
    }
  }
}
