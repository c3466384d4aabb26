// The live prompt: keys go to the line, events appear above it, and the prompt shows the state. Owns the terminal's
// modes (raw, bracketed paste), and restores them however it ends. It connects the parts, which do not know each other.
//
//   ours ---Ctrl-Z---> suspended ---continued, or 500 ms without a stop---> ours
//   ours ---a resize---> resizing ---300 ms without another---> ours       in both, output is held back
//   any ---close---> closed

import type { ProgramEvent } from "../../app/events.ts";
import type { PeerView } from "../../core/identity/peer-view.ts";
import type { Frontend } from "../../app/frontend.ts";
import type { RoomView } from "../../app/rooms/room-reports.ts";
import { type FrontendParts, createErrorCopy } from "./frontend-parts.ts";
import { KeyDecoder, terminalMarksPastes } from "./key-decoder.ts";
import { complete } from "../../ui/completion.ts";
import type { Key } from "../../ui/keys.ts";
import { LineEditor } from "../../ui/line-editor.ts";
import { type Frame, layOutPrompt } from "../../ui/prompt-frame.ts";
import { PromptState } from "../../ui/prompt-state.ts";
import { listenToInput, setRawMode } from "./raw-input.ts";
import { RoomAttention } from "../../ui/room-attention.ts";
import type { LineRows } from "../../ui/room-line-rows.ts";
import { sanitiseCluster } from "../../ui/sanitise.ts";
import { Screen, terminalReflows } from "./screen.ts";
import { Submission } from "../../ui/submission.ts";
import { View } from "../../ui/view.ts";

const PASTE_MARKS_ON = "\x1b[?2004h";
const PASTE_MARKS_OFF = "\x1b[?2004l";
/**
 * An Esc that nothing follows for this long was a key by itself; a letter after it is then not Alt with that letter.
 */
const ESCAPE_MS = 1_000;
/** Without job control in the shell, nothing stops the program, and nothing tells it to continue. */
const NOT_SUSPENDED_MS = 500;

/** tmux reports further resizes of a series up to 250 ms late; what is drawn meanwhile may be misplaced. */
const SETTLE_MS = 300;

const LINE_FEED = 0x0a;
const BELL = "\u0007";
const TYPED_AHEAD =
  "This was typed before the prompt appeared. Enter takes it as one line or message; Ctrl-U clears it.";

export class LiveFrontend implements Frontend {
  readonly #parts: FrontendParts;
  readonly #screen: Screen;
  readonly #view: View;
  readonly #state: PromptState;
  readonly #editor = new LineEditor();
  readonly #submission: Submission;
  readonly #attention: RoomAttention;
  readonly #decoder: KeyDecoder;
  readonly #copyError: (event: ProgramEvent) => void;
  readonly #detach: (() => void)[] = [];
  #stopEscapeTimer: (() => void) | undefined;
  #stopPromptTimer: (() => void) | undefined;
  #stopResumeTimer: (() => void) | undefined;
  #stopSettleTimer: (() => void) | undefined;
  /** Who has the terminal. Nothing may be written while the shell has it, or while its size is uncertain. */
  #terminal: "ours" | "suspended" | "resizing" | "closed" = "ours";
  /**
   * The result of the last attempt to connect, while it stands above the prompt: one line, below everything else that
   * is printed.
   */
  #retryRows: readonly string[] = [];
  /** Rows that came during a pause, and the callbacks that wait until they are written. */
  #held: string[] = [];
  #onceWritten: ((isTaken: boolean) => void)[] = [];
  #resumedAtMs = Number.NEGATIVE_INFINITY;
  /** Whether anything was read: text in the first chunk may have been typed before the prompt appeared. */
  #hasRead = false;

  constructor(parts: FrontendParts) {
    this.#parts = parts;
    this.#decoder = new KeyDecoder({
      marksPastes: terminalMarksPastes(parts.env),
      unicode: parts.unicode,
      completes: true,
    });
    this.#copyError = createErrorCopy(parts.error);
    this.#screen = new Screen(parts.output, {
      reflows: terminalReflows(parts.env),
      nowMs: () => parts.clock.now().wallMs,
    });
    this.#view = new View({
      program: parts.program,
      style: parts.style,
      unicode: parts.unicode,
      columns: () => this.#screen.columns,
      nowMs: () => parts.clock.now().wallMs,
      merges: true,
      hasPrompt: true,
      // While the screen is held back the person does not see that the prompt turns.
      isTyping: () => this.#terminal !== "ours" || this.#editor.clusters.length > 0,
    });
    this.#state = new PromptState(this.#view.selection, (who, room) => this.#view.memberName(who, room));
    this.#attention = new RoomAttention({
      room: () => (this.#terminal === "ours" ? this.#view.selection.room : undefined),
      nowMs: () => parts.clock.now().wallMs,
      setTimer: (ms, action) => parts.clock.setTimer(ms, action),
      command: (command) => this.#parts.onCommand({ type: "room", command }),
    });
    this.#submission = new Submission(parts.program, this.#view, {
      echo: (line) => this.#print(this.#view.echo(this.#prompt(), line)),
      print: (rows) => this.#print(rows),
      putBack: (line) => void this.#editor.apply({ type: "text", text: line }),
      command: (command) => this.#parts.onCommand(command),
    });
    this.#attach();
    this.#takeTerminal();
    this.#redraw();
  }

  isAt(peer: PeerView): boolean {
    return this.#view.selection.isAt(peer);
  }

  isAtRoom(room: RoomView): boolean {
    return this.#view.selection.isAtRoom(room);
  }

  show(event: ProgramEvent): void {
    if (this.#terminal === "closed") return;
    const { rows, replacesLast, line, change } = this.#view.render(event);
    this.#copyError(event);
    this.#submission.learn(event);
    this.#state.learn(event, this.#parts.clock.now().wallMs);
    this.#planPrompt();
    const isRetry = event.type === "reconnecting";
    const endsRetries = event.type === "connected" && this.#retryRows.length > 0;
    // There may be no further attempt, so this must stay visible.
    if (event.type === "disconnected" || event.type === "error") this.#retryRows = [];
    const takesPlace = replacesLast || endsRetries || (isRetry && this.#retryRows.length > 0);
    if (change !== undefined && this.#terminal === "ours" && this.#screen.has(change.id)) {
      this.#screen.change(change.id, change.rows, this.#frame());
    } else if (rows.length === 0) this.#redraw();
    else if (takesPlace && this.#terminal === "ours" && this.#screen.canReplace) {
      this.#screen.replaceLast(rows, this.#frame());
    } else {
      if (isRetry || endsRetries) this.#retryRows = [];
      this.#print(rows, line);
    }
    this.#attention.shown(event);
    if (isRetry && this.#terminal === "ours") this.#retryRows = rows;
    else if (endsRetries) this.#retryRows = [];
    const isMessage = event.type === "message" || (event.type === "room" && event.report.type === "message");
    if (isMessage && this.#parts.bell) this.#parts.output.write(BELL);
  }

  /** Typed input comes in any case. */
  regulateInput(): void {}

  whenTaken(action: (isTaken: boolean) => void): void {
    if (this.#terminal === "closed") action(false);
    else if (this.#held.length === 0) this.#parts.output.whenTaken(action);
    else this.#onceWritten.push(action);
  }

  close(): void {
    if (this.#terminal === "closed") return;
    if (this.#terminal === "resizing") this.#settle();
    if (this.#terminal === "ours") this.#giveTerminalBack();
    this.#terminal = "closed";
    this.#tellWritten(false);
    for (const detach of this.#detach) detach();
    this.#stopEscapeTimer?.();
    this.#stopPromptTimer?.();
    this.#stopResumeTimer?.();
    this.#stopSettleTimer?.();
    this.#attention.close();
    this.#parts.input.pause();
  }

  #attach(): void {
    const { input, output, hooks } = this.#parts;
    const onResize = (): void => this.#resize();
    output.on("resize", onResize);
    this.#detach.push(
      () => output.off("resize", onResize),
      listenToInput(input, hooks, {
        data: (chunk) => this.#read(chunk),
        end: () => this.#quit(),
        exit: () => this.close(),
        continued: () => this.#continued(),
      }),
    );
  }

  #takeTerminal(): void {
    setRawMode(this.#parts.input, true);
    this.#parts.input.resume();
    this.#parts.output.write(PASTE_MARKS_ON);
  }

  #giveTerminalBack(): void {
    this.#screen.erase();
    this.#parts.output.write(PASTE_MARKS_OFF);
    setRawMode(this.#parts.input, false);
  }

  #read(chunk: Uint8Array | string): void {
    this.#stopEscapeTimer?.();
    this.#stopEscapeTimer = undefined;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    const ahead = this.#hasRead ? undefined : linesAhead(bytes);
    this.#hasRead = true;
    const keys = this.#decoder.decode(ahead ?? bytes);
    // A Tab was not pressed at this prompt either.
    this.#press(ahead === undefined ? keys : keys.filter((key) => key.type !== "key" || key.name !== "complete"));
    if (ahead !== undefined) this.#print(this.#view.notice(TYPED_AHEAD));
    if (this.#terminal !== "closed" && this.#decoder.isHolding) {
      this.#stopEscapeTimer = this.#parts.clock.setTimer(ESCAPE_MS, () => this.#decoder.rest());
    }
  }

  #press(keys: readonly Key[]): void {
    let changed = false;
    for (const key of keys) {
      // A command may have closed the frontend; the keys after it belong to the next program.
      if (this.#terminal === "closed") return;
      const result = this.#editor.apply(key);
      switch (result.type) {
        case "none":
          break;
        case "changed":
        case "redraw":
          changed = true;
          break;
        case "submit":
          this.#submit(result.text);
          changed = true;
          break;
        case "complete":
          changed = this.#complete() || changed;
          break;
        case "too-long":
          this.#print(this.#view.notice("that was too long for one message; its end was left out"));
          break;
        case "interrupt":
          this.#parts.onCommand({ type: "interrupt" });
          break;
        case "end":
          this.#quit();
          break;
        case "suspend":
          this.#suspend();
          break;
      }
    }
    if (!changed) return;
    this.#attention.typed(this.#editor.before);
    this.#redraw();
  }

  /** Whether the line has changed. */
  #complete(): boolean {
    const { people, introduced, roomsHere: rooms } = this.#view.selection;
    const completion = complete(this.#editor.before, { program: this.#parts.program, people, introduced, rooms });
    switch (completion.type) {
      case "none":
        return false;
      case "replace":
        return this.#editor.replaceBefore(completion.units, completion.text).type === "changed";
      case "choice":
        this.#print(this.#view.choice(completion));
        return false;
    }
  }

  #submit(text: string): void {
    if (/^\/?quit$/.test(text.trim())) this.#retryRows = [];
    this.#submission.submit(text);
    this.#attention.entered();
  }

  #suspend(): void {
    if (this.#terminal === "resizing") this.#settle();
    if (this.#terminal !== "ours") return;
    this.#giveTerminalBack();
    this.#terminal = "suspended";
    this.#stopResumeTimer = this.#parts.clock.setTimer(NOT_SUSPENDED_MS, () => this.#resume());
    this.#parts.hooks.suspend();
  }

  /**
   * Also after a stop that this program did not ask for: the shell has had the terminal since, and has set its modes.
   */
  #continued(): void {
    // After a long stop the timer comes first, and has just done all this.
    if (this.#parts.clock.now().wallMs - this.#resumedAtMs >= NOT_SUSPENDED_MS) this.#resume();
  }

  #resume(): void {
    if (this.#terminal === "closed") return;
    this.#resumedAtMs = this.#parts.clock.now().wallMs;
    this.#stopResumeTimer?.();
    this.#stopSettleTimer?.();
    this.#screen.forget();
    setRawMode(this.#parts.input, false);
    this.#takeTerminal();
    this.#goOn();
  }

  #resize(): void {
    if (this.#terminal === "suspended") return;
    this.#screen.noteResize();
    this.#terminal = "resizing";
    this.#stopSettleTimer?.();
    this.#stopSettleTimer = this.#parts.clock.setTimer(SETTLE_MS, () => this.#settle());
  }

  #settle(): void {
    this.#stopSettleTimer?.();
    this.#goOn();
  }

  #goOn(): void {
    const held = this.#held;
    this.#held = [];
    this.#terminal = "ours";
    if (held.length === 0) {
      this.#redraw();
      return;
    }
    this.#print(held);
    // They are one block for the screen: the next rekey line would replace all of them.
    this.#view.endLast();
    this.#tellWritten(true);
  }

  #tellWritten(isWritten: boolean): void {
    const waiting = this.#onceWritten;
    this.#onceWritten = [];
    for (const action of waiting) {
      if (isWritten) this.#parts.output.whenTaken(action);
      else action(false);
    }
  }

  #quit(): void {
    if (this.#terminal !== "closed") this.#parts.onCommand({ type: "quit" });
  }

  /** Redraws when the number of waiting messages will change without an event. */
  #planPrompt(): void {
    this.#stopPromptTimer?.();
    const delayMs = this.#state.changesInMs(this.#parts.clock.now().wallMs);
    if (delayMs === undefined) return;
    this.#stopPromptTimer = this.#parts.clock.setTimer(delayMs, () => {
      this.#planPrompt();
      this.#redraw();
    });
  }

  #print(rows: readonly string[], line?: LineRows): void {
    if (this.#terminal === "closed") return;
    if (this.#terminal !== "ours") {
      this.#retryRows = [];
      this.#held.push(...rows);
    } else if (this.#retryRows.length > 0 && this.#screen.canReplace) {
      this.#screen.replaceLast([...rows, ...this.#retryRows], this.#frame(), this.#retryRows.length, line);
    } else {
      this.#retryRows = [];
      this.#screen.print(rows, this.#frame(), line);
    }
  }

  #redraw(): void {
    if (this.#terminal === "ours") this.#screen.draw(this.#frame());
  }

  #prompt(): string {
    return `${this.#state.text(this.#view.selectedName, this.#parts.clock.now().wallMs)} ${this.#parts.style.promptMark}  `;
  }

  #frame(): Frame {
    const { unicode, style } = this.#parts;
    return layOutPrompt(
      {
        prompt: this.#prompt(),
        paint: style.dim,
        clusters: this.#editor.clusters,
        cursor: this.#editor.cursor,
        show: (_, index) => sanitiseCluster(this.#editor.clusters, index, { unicode }),
      },
      this.#screen.columns,
      this.#screen.frameRows,
    );
  }
}

/**
 * Lines that were typed before the terminal was in raw mode, which turned each Enter into a line feed. The last line
 * feed is removed, so that a command is alone in the line and needs another Enter. Undefined for everything else, such
 * as a paste or a lone Ctrl-J.
 */
function linesAhead(bytes: Uint8Array): Uint8Array | undefined {
  // oxlint-disable-next-line no-control-regex
  const isTyped = /^[^\x00-\x1f\x7f][^\x00-\x08\x0b-\x1f\x7f]*$/.test(Buffer.from(bytes).toString("latin1"));
  if (!isTyped || !bytes.includes(LINE_FEED)) return undefined;
  return bytes.subarray(0, bytes.findLastIndex((byte) => byte !== LINE_FEED) + 1);
}
