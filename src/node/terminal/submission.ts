// What happens to a line once Enter was pressed, in every face of a terminal: said, a command, or refused.
// `help` is answered here, since only a face knows what can be typed into it.

import { doubtAbout, type ProgramName, parseCommand } from "../../core/chat/command.ts";
import type { Command } from "../../core/chat/events.ts";
import { hasMisread } from "./typed-text.ts";
import type { View } from "./view.ts";

const NOT_UTF8 = {
  message: "This line holds something that is not UTF-8, so it was not sent.",
  hint: "Set the terminal to UTF-8, and the locale too: LANG=C.UTF-8, without LC_ALL.",
  code: "input-malformed",
} as const;

export interface SubmissionActions {
  /** Leaves the line in the conversation, above its answer. */
  echo(line: string): void;
  print(rows: readonly string[]): void;
  /** Puts a line back where it was typed, for another Enter. Absent where it can't be: there an empty line sends it. */
  putBack?(line: string): void;
  command(command: Command): void;
}

export class Submission {
  readonly #program: ProgramName;
  readonly #view: View;
  readonly #actions: SubmissionActions;
  /** What the person was asked about last, and may send as it is. */
  #asked: string | undefined;

  constructor(program: ProgramName, view: View, actions: SubmissionActions) {
    this.#program = program;
    this.#view = view;
    this.#actions = actions;
  }

  /** A line, once Enter was pressed. */
  submit(text: string): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (hasMisread(text)) this.#actions.print(this.#view.problem(NOT_UTF8));
    else if (asked !== undefined && this.#isConfirmed(text, asked)) this.#actions.command({ type: "say", text: asked });
    else this.#parse(text);
  }

  #isConfirmed(text: string, asked: string): boolean {
    return text.trimEnd() === asked || (this.#actions.putBack === undefined && text.trim() === "");
  }

  #parse(text: string): void {
    const parsed = parseCommand(text, this.#program);
    if (parsed.type === "nothing") return;
    if (parsed.type === "say") {
      const question = doubtAbout(text, this.#program);
      if (question !== undefined) this.#ask(question, parsed.text);
      // Not echoed: it returns as an event and takes its place in the conversation.
      else this.#actions.command(parsed);
      return;
    }
    this.#actions.echo(text.trim());
    if (parsed.type === "help") this.#actions.print(this.#view.help());
    else if (parsed.type === "unknown") {
      const message = `Not understood: ${parsed.word}`;
      this.#actions.print(this.#view.problem({ message, hint: parsed.hint, code: "unknown-command" }));
    } else this.#actions.command(parsed);
  }

  #ask(question: string, text: string): void {
    this.#asked = text;
    this.#actions.print(this.#view.notice(question));
    this.#actions.putBack?.(text);
  }
}
