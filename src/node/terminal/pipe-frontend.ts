// The frontend if standard input or output is not a terminal: each line of input is a message, received text goes to
// standard output and everything else to standard error. Text passes the same sanitiser as in a terminal. If both
// streams are the same terminal or file, text is indented after its time and name; otherwise it could imitate a line of
// the program.

import type { ProgramName } from "../../app/command-table.ts";
import type { Command, ProgramEvent } from "../../app/events.ts";
import type { Demand, Frontend, FrontendOutput } from "../../app/frontend.ts";
import { MAX_TEXT_BYTES } from "../../core/chat/message.ts";
import { type MisreadLine, misreadPhrases } from "../../app/input-text.ts";
import { sanitiseText } from "../../ui/sanitise.ts";
import { createStyle } from "./create-style.ts";
import { typedText } from "./key-decoder.ts";
import { Submission } from "../../ui/submission.ts";
import { View } from "../../ui/view.ts";

/** The source of lines. */
export interface PipeInput {
  handlers: { line(text: string): void; tooLong(): void; misread(misread: MisreadLine): void; end(): void };
  resume(): void;
  pause(): void;
  close(): void;
}

/** Where standard output goes: to a terminal, to the file or pipe of standard error, or to one of its own. */
type OutputPlace = "terminal" | "with-errors" | "own";

export interface PipeFrontendOptions {
  readonly program: ProgramName;
  /** Absent: there is no input, and its end means nothing. */
  readonly input: PipeInput | undefined;
  /** A person types, although the output goes elsewhere: then `status` and the other commands work. */
  readonly hasCommands: boolean;
  /** Lines are accepted even if nobody receives them, because they are kept. */
  readonly isQueueing?: boolean;
  /** Shows messages and problems, but nothing about making and ending connections. */
  readonly isQuiet?: boolean;
  readonly output: FrontendOutput & { readonly columns?: number | undefined };
  readonly error: NodeJS.WritableStream & { readonly columns?: number | undefined };
  /** Whether a terminal that shows the output understands UTF-8. */
  readonly unicode: boolean;
  /** In a file or program of its own, text is unchanged except for control characters. */
  readonly place: OutputPlace;
  readonly nowMs: () => number;
  onCommand(command: Command): void;
}

/** Not shown if a line only has to be handed in: cron would mail it. */
const ROUTINE: ReadonlySet<ProgramEvent["type"]> = new Set([
  "started",
  "connecting",
  "reconnecting",
  "connected",
  "backlog",
  "disconnected",
]);

export class PipeFrontend implements Frontend {
  readonly #options: PipeFrontendOptions;
  readonly #view: View;
  readonly #submission: Submission;
  /** The width of the terminal for the next rows; undefined if they do not go to a terminal. */
  #columns: number | undefined;
  /** The number of input lines that were not text. */
  #misread = 0;

  constructor(options: PipeFrontendOptions) {
    this.#options = options;
    this.#columns = options.error.columns;
    this.#view = new View({
      program: options.program,
      style: createStyle(false, options.unicode),
      // Files and programs get UTF-8 unchanged.
      unicode: options.unicode || options.place === "with-errors",
      // If the terminal itself wraps a row, it continues in the first column, where lines of the program begin.
      columns: () => this.#columns || Number.POSITIVE_INFINITY,
      nowMs: options.nowMs,
      merges: false,
      hasPrompt: options.hasCommands,
    });
    this.#submission = new Submission(options.program, this.#view, {
      echo: () => {},
      print: (rows) => this.#printError(rows),
      command: (command) => this.#options.onCommand(command),
    });
    options.error.on("error", () => {});
    if (options.input === undefined) return;
    options.input.handlers = {
      line: (text) => this.#onLine(text),
      tooLong: () => this.#onTooLong(),
      misread: (misread) => this.#onMisread(misread),
      end: () => this.#onEnd(),
    };
    // A person may type `status` or `quit` at any time; a pipe waits until somebody is connected.
    if (options.hasCommands || options.isQueueing === true) options.input.resume();
  }

  show(event: ProgramEvent): void {
    this.#submission.learn(event);
    if (this.#options.isQuiet === true && ROUTINE.has(event.type)) {
      // The view learns from these events whose text comes.
      this.#view.render(event);
      return;
    }
    switch (event.type) {
      case "message":
        this.#showMessage(event);
        break;
      case "queued":
      case "sent":
      case "released":
      case "delivered":
      case "rekeyed":
        break;
      case "room":
        this.#showRoom(event);
        break;
      case "history":
        // The reminder is for a person; a log would get it at every start.
        if (event.occasion === "start" && !this.#options.hasCommands) break;
        this.#tell(event);
        break;
      default:
        this.#tell(event);
    }
  }

  regulateInput(demand: Demand): void {
    const { input, hasCommands, isQueueing } = this.#options;
    // Kept lines wait only for space.
    const isTaken = isQueueing === true ? demand !== "overrun" : demand === "listening";
    if (isTaken) input?.resume();
    else if (!hasCommands) input?.pause();
  }

  whenTaken(action: (isTaken: boolean) => void): void {
    this.#options.output.whenTaken(action);
  }

  close(): void {
    this.#options.input?.close();
  }

  #showMessage(event: Extract<ProgramEvent, { type: "message" }>): void {
    if (this.#options.place !== "own") {
      this.#showLine(event);
      return;
    }
    this.#printError(this.#view.again(event));
    this.#writeText(event.text);
  }

  /** What is said in a room is text as everything that is said; the rest is news. */
  #showRoom(event: Extract<ProgramEvent, { type: "room" }>): void {
    const { report } = event;
    const isReminder = report.type === "room-history" && report.occasion === "start" && !this.#options.hasCommands;
    if (report.type === "message" && this.#options.place === "own") {
      this.#view.render(event);
      this.#writeText(report.text);
    } else if (report.type === "message") this.#showLine(event);
    else if (report.type !== "queued" && report.type !== "sent" && !isReminder) this.#tell(event);
  }

  #writeText(text: string): void {
    this.#options.output.write(`${sanitiseText(text, { keepsTabs: true, isBounded: true })}\n`);
  }

  /** On the screen or in the file that the errors go to as well. */
  #showLine(event: ProgramEvent): void {
    const { output, error } = this.#options;
    this.#columns = output.columns;
    output.write(`${this.#view.render(event).rows.join("\n")}\n`);
    this.#columns = error.columns;
  }

  #tell(event: ProgramEvent): void {
    this.#printError(this.#view.render(event).rows);
  }

  #onLine(text: string): void {
    if (!this.#options.hasCommands) {
      this.#options.onCommand({ type: "say", text });
      return;
    }
    this.#submission.submit(typedText(text));
  }

  /** Sent as a message, it is refused like any message over the limit, and counts as not delivered. */
  #onTooLong(): void {
    this.#options.onCommand({ type: "say", text: " ".repeat(MAX_TEXT_BYTES + 1) });
  }

  /**
   * The first one is reported at once, with its line number; in a file in an old code page, the others would fill the
   * screen.
   */
  #onMisread(misread: MisreadLine): void {
    const { hasCommands } = this.#options;
    this.#misread += 1;
    if (hasCommands || this.#misread === 1) {
      const phrases = misreadPhrases(misread, "it was not sent");
      this.#printError(this.#view.problem({ ...phrases, code: "input-malformed" }));
    }
    // A person who types has seen it, and can type it again.
    if (!hasCommands) this.#options.onCommand({ type: "misread" });
  }

  #onEnd(): void {
    const { hasCommands } = this.#options;
    if (!hasCommands && this.#misread > 1) {
      this.#printError(this.#view.notice(`${this.#misread} lines of the input in all were not sent for this reason`));
    }
    this.#options.onCommand({ type: "end" });
  }

  #printError(rows: readonly string[]): void {
    if (rows.length > 0) this.#options.error.write(`${rows.join("\n")}\n`);
  }
}
