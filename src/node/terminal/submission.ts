// What happens to a line once Enter was pressed, in every face of a terminal: said, a command, or refused.
// `help` is answered here, since only a face knows what can be typed into it.

import { type ProgramName, parseCommand } from "../../core/chat/command.ts";
import type { Command } from "../../core/chat/events.ts";
import type { View } from "./view.ts";

export interface SubmissionActions {
  /** Leaves the line in the conversation, above its answer. */
  echo(line: string): void;
  print(rows: readonly string[]): void;
  command(command: Command): void;
}

export function submitLine(text: string, program: ProgramName, view: View, actions: SubmissionActions): void {
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
