// The frontend for screen readers, logs and dumb terminals: every event is a line, or several if the terminal is
// narrower. Nothing is redrawn; there is no prompt and no escape sequence. Typed text is echoed as it arrives.

import type { ProgramEvent } from "../../app/events.ts";
import type { PeerView } from "../../core/identity/peer-view.ts";
import type { Frontend } from "../../app/frontend.ts";
import type { RoomView } from "../../app/rooms/room-reports.ts";
import { type FrontendParts, createErrorCopy } from "./frontend-parts.ts";
import { MAX_ROWS } from "../../ui/conversation-rows.ts";
import { PlainInput } from "./plain-input.ts";
import { PromptState } from "../../ui/prompt-state.ts";
import { RoomAttention } from "../../ui/room-attention.ts";
import { Submission } from "../../ui/submission.ts";
import { View } from "../../ui/view.ts";

const TOO_LONG = "that was too long for one message; its end was left out";

export class PlainFrontend implements Frontend {
  readonly #parts: FrontendParts;
  readonly #input: PlainInput;
  readonly #submission: Submission;
  readonly #view: View;
  readonly #state: PromptState;
  readonly #attention: RoomAttention;
  readonly #copyError: (event: ProgramEvent) => void;
  #toldWaiting = 0;
  #stopTimer: (() => void) | undefined;
  #closed = false;

  constructor(parts: FrontendParts) {
    this.#parts = parts;
    this.#copyError = createErrorCopy(parts.error);
    this.#view = new View({
      program: parts.program,
      style: parts.style,
      unicode: parts.unicode,
      // If the terminal itself wraps a row, it continues in the first column, where lines of the program begin.
      columns: () => parts.output.columns || Number.POSITIVE_INFINITY,
      nowMs: () => parts.clock.now().wallMs,
      merges: false,
      maxRows: MAX_ROWS,
      hasPrompt: true,
      isTyping: () => this.#input.isTyping,
    });
    this.#state = new PromptState(this.#view.selection, (who, room) => this.#view.memberName(who, room));
    this.#attention = new RoomAttention({
      room: () => this.#view.selection.room,
      nowMs: () => parts.clock.now().wallMs,
      setTimer: (ms, action) => parts.clock.setTimer(ms, action),
      command: (command) => this.#parts.onCommand({ type: "room", command }),
    });
    this.#submission = new Submission(parts.program, this.#view, {
      // It is on the screen already.
      echo: () => {},
      print: (rows) => this.#print(rows),
      putBack: (line) => this.#input.putBack(line),
      command: (command) => this.#parts.onCommand(command),
    });
    this.#input = new PlainInput(parts, {
      submit: (text) => this.#submit(text),
      interrupt: () => this.#parts.onCommand({ type: "interrupt" }),
      end: () => this.#quit(),
      tooLong: () => this.#print(this.#view.notice(TOO_LONG)),
      write: (text) => this.#parts.output.write(text),
    });
  }

  isAt(peer: PeerView): boolean {
    return this.#view.selection.isAt(peer);
  }

  isAtRoom(room: RoomView): boolean {
    return this.#view.selection.isAtRoom(room);
  }

  show(event: ProgramEvent): void {
    if (this.#closed) return;
    const { rows } = this.#view.render(event);
    this.#print(rows);
    this.#copyError(event);
    this.#submission.learn(event);
    this.#state.learn(event, this.#parts.clock.now().wallMs);
    this.#attention.shown(event);
    // Their rows say how much is waiting.
    const isTold = event.type === "disconnected" || event.type === "backlog";
    if (isTold && rows.length > 0) this.#toldWaiting = this.#state.waiting(this.#parts.clock.now().wallMs);
    this.#tellWaiting();
  }

  /** Typed input comes in any case. */
  regulateInput(): void {}

  whenTaken(action: (isTaken: boolean) => void): void {
    if (this.#closed) action(false);
    else this.#parts.output.whenTaken(action);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimer?.();
    this.#attention.close();
    this.#input.close();
  }

  #submit(line: string): void {
    if (this.#closed) return;
    this.#submission.submit(line);
    this.#attention.entered();
  }

  /** Says as a line what the prompt would show, when it changes: messages begin to wait, or no longer do. */
  #tellWaiting(): void {
    const now = this.#parts.clock.now().wallMs;
    const waiting = this.#state.waiting(now);
    if (this.#toldWaiting === 0 && waiting > 0) {
      this.#print(this.#view.notice(`${waiting === 1 ? "1 message" : `${waiting} messages`} not delivered yet`));
    }
    if (this.#toldWaiting > 0 && waiting === 0) this.#print(this.#view.notice("nothing is waiting any more"));
    this.#toldWaiting = waiting;
    this.#stopTimer?.();
    const delayMs = this.#state.changesInMs(now);
    this.#stopTimer =
      delayMs === undefined ? undefined : this.#parts.clock.setTimer(delayMs, () => this.#tellWaiting());
  }

  #quit(): void {
    if (!this.#closed) this.#parts.onCommand({ type: "quit" });
  }

  #print(rows: readonly string[]): void {
    if (rows.length === 0) return;
    this.#input.breakRow();
    this.#parts.output.write(`${rows.join("\n")}\n`);
  }
}
