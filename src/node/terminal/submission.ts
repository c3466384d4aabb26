// What happens to a line once Enter was pressed, in every face of a terminal: said, a command, or refused.
// `help` is answered here, since only a face knows what can be typed into it.

import { type ProgramName, parseCommand } from "../../core/chat/command.ts";
import type { Command } from "../../core/chat/events.ts";
import { hasMisread } from "./typed-text.ts";
import type { View } from "./view.ts";

const NOT_UTF8 = {
  message: "This line holds something that is not UTF-8, so it was not sent.",
  hint: "Set the terminal to UTF-8, and start Lair with LANG=C.UTF-8.",
  code: "input-malformed",
} as const;

export interface SubmissionActions {
  /** Leaves the line in the conversation, above its answer. */
  echo(line: string): void;
  print(rows: readonly string[]): void;
  command(command: Command): void;
}

export function submitLine(text: string, program: ProgramName, view: View, actions: SubmissionActions): void {
  if (hasMisread(text)) {
    actions.print(view.problem(NOT_UTF8));
    return;
  }
  const parsed = parseCommand(text, program);
  if (parsed.type === "nothing") return;
  if (parsed.type === "say") {
    // Not echoed: it returns as an event and takes its place in the conversation.
    actions.command(parsed);
    return;
  }
  actions.echo(text.trim());
  if (parsed.type === "help") actions.print(view.help());
  else if (parsed.type === "unknown") {
    actions.print(
      view.problem({ message: `Not understood: ${parsed.word}`, hint: parsed.hint, code: "unknown-command" }),
    );
  } else actions.command(parsed);
}
