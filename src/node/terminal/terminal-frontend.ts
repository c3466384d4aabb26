// The frontend for a person: shows the program's events in a terminal, and converts typed lines to commands. Chooses
// between the live prompt and plain lines; knows nothing of the protocol.

import type { ProgramName } from "../../app/command-table.ts";
import type { Command } from "../../app/events.ts";
import type { Frontend } from "../../app/frontend.ts";
import type { TerminalOutput } from "./frontend-parts.ts";
import { LiveFrontend } from "./live-frontend.ts";
import { PlainFrontend } from "./plain-frontend.ts";
import { createStyle } from "./create-style.ts";
import type { Clock } from "../../app/ports.ts";
import { SCREEN_CLOCK } from "../clock.ts";
import { type ProcessHooks, systemHooks } from "./terminal-host.ts";

interface TerminalFrontendOptions {
  readonly program: ProgramName;
  readonly version: string;
  /** Both are terminals. */
  readonly input: NodeJS.ReadStream;
  readonly output: TerminalOutput;
  /** Gets a copy of every error if it is not a terminal itself: with `2>errors.txt`, the screen shows errors too. */
  readonly error: NodeJS.WritableStream;
  /** `--plain` or TERM=dumb: nothing is ever redrawn, no escape sequence at all. */
  readonly plain: boolean;
  readonly color: boolean;
  readonly unicode: boolean;
  /** From --bell. */
  readonly bell?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly hooks?: ProcessHooks;
  onCommand(command: Command): void;
}

/**
 * Takes over the terminal until `close`, which leaves the cursor at the start of an empty row. Ctrl-C arrives as a
 * command. Nothing is shown after it is closed.
 */
export function createTerminalFrontend(options: TerminalFrontendOptions): Frontend {
  const parts = {
    ...options,
    onCommand: (command: Command): void => options.onCommand(command),
    bell: options.bell === true,
    env: options.env ?? process.env,
    clock: options.clock ?? SCREEN_CLOCK,
    hooks: options.hooks ?? systemHooks,
    style: createStyle(options.color && !options.plain, options.unicode),
  };
  return options.plain ? new PlainFrontend(parts) : new LiveFrontend(parts);
}
