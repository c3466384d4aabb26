// The parts that both terminal frontends share, and a copy of the errors for a standard error that is not the terminal.

import type { Command, ProgramEvent } from "../../app/events.ts";
import type { ProgramName } from "../../app/command-table.ts";
import type { FrontendOutput } from "../../app/frontend.ts";
import { sanitiseText } from "../../ui/sanitise.ts";
import type { ScreenOutput } from "./screen.ts";
import type { Style } from "../../ui/style.ts";
import type { Clock } from "../../app/ports.ts";
import type { ProcessHooks } from "./terminal-host.ts";

/** A terminal's output. */
export interface TerminalOutput extends ScreenOutput, FrontendOutput {
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

export interface FrontendParts {
  readonly program: ProgramName;
  readonly input: NodeJS.ReadStream;
  readonly output: TerminalOutput;
  readonly error: NodeJS.WritableStream;
  readonly unicode: boolean;
  /** From --bell: the live prompt rings when a message arrives. */
  readonly bell: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly hooks: ProcessHooks;
  readonly style: Style;
  onCommand(command: Command): void;
}

/** Writes errors to a standard error that is not a terminal; on a terminal they are on the screen already. */
export function createErrorCopy(error: NodeJS.WritableStream): (event: ProgramEvent) => void {
  if ("isTTY" in error && error.isTTY === true) return () => {};
  // A closed pipe must not end a conversation.
  error.on("error", () => {});
  return (event) => {
    if (event.type !== "error") return;
    const parts = [event.message, ...(event.details ?? []), ...(event.hint === undefined ? [] : [event.hint])];
    error.write(`${sanitiseText(`${parts.join(" ")} [${event.code}]`).replaceAll("\n", "\n  ")}\n`);
  };
}
