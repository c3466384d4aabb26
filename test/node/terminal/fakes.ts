// Stand-ins for a terminal's two ends, for time and for the process. Only what a face uses.

import { PassThrough } from "node:stream";
import type { ProcessHooks, TerminalClock } from "../../../src/node/terminal/terminal-host.ts";
import { Grid } from "./grid.ts";

export class FakeClock implements TerminalClock {
  now = new Date(2026, 10, 20, 14, 3).getTime();
  readonly #timers = new Map<number, { at: number; fire: () => void }>();
  #next = 0;

  nowMs(): number {
    return this.now;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { at: this.now + delayMs, fire });
    return () => void this.#timers.delete(id);
  }

  get pending(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).toSorted((a, b) => a[1].at - b[1].at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.now = due[1].at;
      due[1].fire();
    }
    this.now = end;
  }
}

/** Remembers whether it was suspended, and who listens. */
export class FakeHooks implements ProcessHooks {
  suspended = 0;
  readonly onContinueListeners = new Set<() => void>();
  readonly onExitListeners = new Set<() => void>();

  suspend(): void {
    this.suspended += 1;
  }
  onContinue(listener: () => void): () => void {
    this.onContinueListeners.add(listener);
    return () => void this.onContinueListeners.delete(listener);
  }
  onExit(listener: () => void): () => void {
    this.onExitListeners.add(listener);
    return () => void this.onExitListeners.delete(listener);
  }
}

export class FakeInput extends PassThrough {
  isTTY = true;
  isRaw = false;
  setRawMode(on: boolean): this {
    this.isRaw = on;
    return this;
  }
  /** What a person types, at once and in one chunk. */
  type(text: string): void {
    this.emit("data", Buffer.from(text));
  }
}

export class FakeOutput extends PassThrough {
  isTTY = true;
  readonly grid: Grid;
  written = "";

  constructor(columns: number, rows: number) {
    super();
    this.grid = new Grid(columns, rows);
  }
  get columns(): number {
    return this.grid.columns;
  }
  get rows(): number {
    return this.grid.rows;
  }
  override write(chunk: unknown): boolean {
    const text = String(chunk);
    this.written += text;
    this.grid.write(text.replace(/(?<!\r)\n/g, "\r\n"));
    return true;
  }
  resize(columns: number): void {
    this.grid.resize(columns);
    this.emit("resize");
  }
}
