// The frontend for commands without a conversation, such as `lair-client history`: prints and exits. The answer goes to
// standard output, everything else to standard error. No prompt, no input, nothing redrawn.

import type { ProgramName } from "../app/command-table.ts";
import type { ProgramEvent } from "../app/events.ts";
import type { Report } from "../app/frontend.ts";
import type { Style } from "./style.ts";
import { View } from "./view.ts";

interface PrintFrontendOptions {
  readonly program: ProgramName;
  readonly output: { write(text: string): unknown };
  readonly error: { write(text: string): unknown };
  readonly style: Style;
  readonly unicode: boolean;
  /** The width of the terminal of standard output; Infinity if it is not a terminal. */
  readonly columns: () => number;
  readonly nowMs: () => number;
}

export class PrintFrontend implements Report {
  readonly #options: PrintFrontendOptions;
  readonly #view: View;

  constructor(options: PrintFrontendOptions) {
    this.#options = options;
    const { program, style, unicode, columns, nowMs } = options;
    this.#view = new View({ program, unicode, columns, nowMs, style, merges: false });
  }

  show(event: ProgramEvent): void {
    const { rows } = this.#view.render(event);
    if (rows.length === 0) return;
    const { type } = event.type === "room" ? event.report : event;
    const isAnswer = ["history", "found", "room-history", "room-found"].includes(type);
    const { output, error } = this.#options;
    (isAnswer ? output : error).write(`${rows.join("\n")}\n`);
  }

  close(): void {}
}
