// Lines typed into a terminal where nothing is redrawn. They are read key by key, because the terminal's own line
// editing silently cuts a line that is longer than its buffer, and delivers a paste line by line. Echoes typed text,
// and erases it with backspaces; no escape sequence. Owns the terminal's raw mode and restores it at every end.

import { columnsOf, graphemes } from "../../ui/columns.ts";
import type { FrontendParts } from "./frontend-parts.ts";
import { KeyDecoder } from "./key-decoder.ts";
import type { Key, KeyName } from "../../ui/keys.ts";
import { LineEditor } from "../../ui/line-editor.ts";
import { listenToInput, setRawMode } from "./raw-input.ts";
import { sanitiseText } from "../../ui/sanitise.ts";

/**
 * Chunks that come no further apart than this are a paste, and one message. Nobody presses several keys within one
 * chunk; a paste comes in chunks of some kilobytes, one directly after the other, even over a network.
 */
const PASTE_PAUSE_MS = 100;
/** As at the live prompt: an Esc that nothing follows for this long was a key by itself. */
const ESCAPE_MS = 1_000;
/** Without job control in the shell, nothing stops the program, and nothing tells it to continue. */
const NOT_SUSPENDED_MS = 500;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The keys that leave the cursor at the end of the line. Others do nothing here, because nothing is redrawn. */
const KEYS: ReadonlySet<KeyName> = new Set(["backspace", "erase-word", "erase-to-start", "yank", "newline"]);

interface PlainInputActions {
  /** A whole line, or a paste of several. */
  submit(text: string): void;
  interrupt(): void;
  /** Ctrl-D on an empty line, or the terminal is gone. */
  end(): void;
  /** Something did not fit into the line. */
  tooLong(): void;
  write(text: string): void;
}

export class PlainInput {
  readonly #parts: FrontendParts;
  readonly #actions: PlainInputActions;
  readonly #decoder: KeyDecoder;
  readonly #editor = new LineEditor();
  readonly #echoes: boolean;
  readonly #detach: () => void;
  /** How many columns of the row hold typed text. */
  #columns = 0;
  /** Whether a paste is arriving: line ends are part of it until nothing more comes. */
  #isPasting = false;
  #lastByte: number | undefined;
  #stopPasteTimer: (() => void) | undefined;
  #stopEscapeTimer: (() => void) | undefined;
  #stopResumeTimer: (() => void) | undefined;
  #closed = false;

  constructor(parts: FrontendParts, actions: PlainInputActions) {
    this.#parts = parts;
    this.#actions = actions;
    // Lines are joined here, by time; the decoder's rule for one chunk is not needed.
    this.#decoder = new KeyDecoder({ marksPastes: true, unicode: parts.unicode, lineFeed: "enter" });
    this.#echoes = terminalShowsWhatIsEchoed(parts.env);
    const { input, hooks } = parts;
    this.#detach = listenToInput(input, hooks, {
      data: (chunk) => this.#read(chunk),
      end: () => this.#end(),
      exit: () => this.close(),
      continued: () => this.#resume(),
    });
    setRawMode(this.#parts.input, true);
    input.resume();
  }

  /** Ends the row of an unfinished line, so that a line of the program can follow. Typing continues in the next row. */
  breakRow(): void {
    if (this.#columns > 0) this.#actions.write("\n");
    this.#columns = 0;
  }

  /** Puts a line back that is not to be sent yet. */
  putBack(text: string): void {
    this.#change(() => this.#editor.apply({ type: "paste", text }));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#detach();
    this.#stopPasteTimer?.();
    this.#stopEscapeTimer?.();
    this.#stopResumeTimer?.();
    this.breakRow();
    setRawMode(this.#parts.input, false);
    this.#parts.input.pause();
  }

  #read(chunk: Uint8Array | string): void {
    this.#stopEscapeTimer?.();
    this.#stopEscapeTimer = undefined;
    const bytes = this.#oneLineEnd(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    const keys = this.#decoder.decode(bytes);
    if (!isOneKey(keys) || bytes.length < chunk.length) this.#isPasting = true;
    // A person types, so earlier lines were complete.
    else if (keys[0] !== undefined && !isEnter(keys[0])) this.#endPaste();
    for (const key of this.#isPasting ? joined(keys) : keys) {
      // A command may have closed the frontend; the keys after it belong to the next program.
      if (this.#closed) return;
      this.#press(key);
    }
    if (this.#closed) return;
    if (this.#isPasting && keys.length > 0) {
      this.#stopPasteTimer?.();
      this.#stopPasteTimer = this.#parts.clock.setTimer(PASTE_PAUSE_MS, () => this.#endPaste());
    }
    if (this.#decoder.isHolding) {
      this.#stopEscapeTimer = this.#parts.clock.setTimer(ESCAPE_MS, () => this.#decoder.rest());
    }
  }

  /** A CR directly followed by LF is one line end. */
  #oneLineEnd(chunk: Uint8Array): Uint8Array {
    let before = this.#isPasting ? this.#lastByte : undefined;
    this.#lastByte = chunk.at(-1);
    return chunk.filter((byte) => {
      const isSecondHalf = byte === LINE_FEED && before === CARRIAGE_RETURN;
      before = byte;
      return !isSecondHalf;
    });
  }

  #press(key: Key): void {
    if (key.type !== "key") this.#change(() => this.#editor.apply(key));
    else if (isEnter(key)) this.#submit();
    else if (key.name === "interrupt") this.#actions.interrupt();
    else if (key.name === "suspend") this.#suspend();
    else if (key.name === "end-or-delete") {
      if (this.#editor.text === "") this.#end();
    } else if (KEYS.has(key.name)) this.#change(() => this.#editor.apply(key));
  }

  /** Nothing has come for a while, or a person types. An Enter at the end of a paste sends it. */
  #endPaste(): void {
    this.#stopPasteTimer?.();
    this.#stopPasteTimer = undefined;
    if (!this.#isPasting) return;
    this.#isPasting = false;
    if (this.#editor.text.endsWith("\n")) this.#submit();
  }

  #submit(): void {
    const isOnFreshRow = this.#editor.text.endsWith("\n");
    const result = this.#editor.apply({ type: "key", name: "enter" });
    if (result.type !== "submit") return;
    if (this.#echoes && !isOnFreshRow) this.#actions.write("\n");
    this.#columns = 0;
    this.#actions.submit(result.text.replace(/\n+$/, ""));
  }

  /** Whether a line has been begun. */
  get isTyping(): boolean {
    return this.#isPasting || this.#editor.clusters.length > 0;
  }

  /** Shows what a key has changed: only the end of the line can be different. */
  #change(action: () => ReturnType<LineEditor["apply"]>): void {
    const before = this.#editor.clusters;
    const { type } = action();
    const after = this.#editor.clusters;
    let same = 0;
    while (same < before.length && before[same] === after[same]) same += 1;
    if (this.#echoes) {
      const echo =
        this.#taken(before.slice(same)) +
        after
          .slice(same)
          .map((cluster) => this.#echoOf(cluster))
          .join("");
      if (echo !== "") this.#actions.write(echo);
    }
    if (type === "too-long") this.#actions.tooLong();
  }

  #echoOf(cluster: string): string {
    const shown = this.#shown(cluster);
    this.#columns = cluster === "\n" ? 0 : this.#columns + columnsOf(shown);
    return shown;
  }

  /** The output that erases these, as far as they are in this row. */
  #taken(clusters: readonly string[]): string {
    const wanted = clusters.reduce((sum, cluster) => sum + columnsOf(cluster === "\n" ? "" : this.#shown(cluster)), 0);
    const columns = Math.min(wanted, this.#columns);
    this.#columns -= columns;
    return "\b \b".repeat(columns);
  }

  #shown(cluster: string): string {
    return sanitiseText(cluster, { unicode: this.#parts.unicode });
  }

  #suspend(): void {
    this.breakRow();
    setRawMode(this.#parts.input, false);
    this.#stopResumeTimer = this.#parts.clock.setTimer(NOT_SUSPENDED_MS, () => this.#resume());
    this.#parts.hooks.suspend();
  }

  /**
   * Also after a stop that this program did not ask for: the shell has had the terminal since, and has set its modes.
   */
  #resume(): void {
    this.#stopResumeTimer?.();
    setRawMode(this.#parts.input, false);
    setRawMode(this.#parts.input, true);
  }

  #end(): void {
    if (!this.#closed) this.#actions.end();
  }
}

/** Whether a chunk may come from one key press. */
function isOneKey(keys: readonly Key[]): boolean {
  const [key, ...others] = keys;
  if (key === undefined) return true;
  return others.length === 0 && (key.type === "key" || graphemes(key.text).length === 1);
}

function isEnter(key: Key): boolean {
  return key.type === "key" && key.name === "enter";
}

/** The keys of a paste: its lines as one text, which is laid out once and not for each line. */
function joined(keys: readonly Key[]): Key[] {
  const all: Key[] = [];
  for (const key of keys) {
    const text = key.type !== "key" ? key.text : key.name === "enter" || key.name === "newline" ? "\n" : undefined;
    const last = all.at(-1);
    if (text === undefined) all.push(key);
    else if (last?.type === "text") all[all.length - 1] = { type: "text", text: last.text + text };
    else all.push({ type: "text", text });
  }
  return all;
}

/** A shell inside Emacs (M-x shell, eshell) shows the line itself before it sends it. */
function terminalShowsWhatIsEchoed(env: FrontendParts["env"]): boolean {
  return !/comint|eshell/.test(env["INSIDE_EMACS"] ?? "");
}
