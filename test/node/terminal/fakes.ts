// Stand-ins for a terminal's two ends, for time and for the process. Only what a frontend uses.

import { PassThrough } from "node:stream";
import type { ProcessHooks } from "../../../src/node/terminal/terminal-host.ts";
import { ManualClock } from "../manual-clock.ts";
import { Grid } from "./grid.ts";

/** A clock that stands at a minute of a day, wherever the tests run. */
export class FakeClock extends ManualClock {
  constructor() {
    super();
    this.time.setWall(new Date(2026, 10, 20, 14, 3).getTime() - this.wallMs);
  }

  get wallMs(): number {
    return this.now().wallMs;
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
    // A bell of our own comes alone and moves nothing; one among other text is refused by the grid.
    if (text !== "\u0007") this.grid.write(text.replace(/(?<!\r)\n/g, "\r\n"));
    return true;
  }
  /** Everything is taken at once. */
  whenTaken(action: (isTaken: boolean) => void): void {
    action(true);
  }
  resize(columns: number): void {
    this.grid.resize(columns);
    this.emit("resize");
  }
}
