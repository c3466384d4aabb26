// Handlers that remember, and promises for what they remember.

import { EventEmitter, once } from "node:events";
import type { LinkHandlers } from "../../../src/node/websocket/link.ts";

export class Recorder implements LinkHandlers {
  readonly frames: Uint8Array[] = [];
  drains = 0;
  end: { code: number; clean: boolean } | undefined;
  readonly #events = new EventEmitter();

  frame(bytes: Uint8Array): void {
    this.frames.push(bytes);
    this.#events.emit("change");
  }

  closed(how: { code: number; clean: boolean }): void {
    this.end = how;
    this.#events.emit("change");
  }

  drained(): void {
    this.drains += 1;
    this.#events.emit("change");
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await once(this.#events, "change");
  }

  async ended(): Promise<{ code: number; clean: boolean }> {
    await this.until(() => this.end !== undefined);
    return this.end!;
  }
}
