// The line being typed, as a pure state machine over keys: text, a cursor between graphemes, history. Knows no screen
// and no commands. A line may contain newlines, pasted or typed on purpose.

import { graphemes } from "./columns.ts";
import type { Key, KeyName } from "./keys.ts";

type EditResult =
  | { readonly type: "none" }
  | { readonly type: "changed" }
  | { readonly type: "submit"; readonly text: string }
  /** A paste did not fit completely; the line has the part that fits. */
  | { readonly type: "too-long" }
  | { readonly type: "interrupt" | "end" | "suspend" | "redraw" | "complete" };

/** Far above the 16,384 bytes of a message, so that the code that knows the limit refuses it. */
const MAX_UNITS = 65_536;
const MAX_HISTORY = 500;

const NONE: EditResult = { type: "none" };
const CHANGED: EditResult = { type: "changed" };

export class LineEditor {
  /** The line by graphemes; `#cursor` counts these, so it is never inside one. */
  #clusters: readonly string[] = [];
  #cursor = 0;
  #erased = "";
  readonly #history: string[] = [];
  /** Index into the history, or its length for the unfinished line. */
  #place = 0;
  #unfinished = "";

  get text(): string {
    return this.#clusters.join("");
  }

  /** The graphemes of the line; the cursor is before the one at {@link cursor}. */
  get clusters(): readonly string[] {
    return this.#clusters;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** The text in front of the cursor. */
  get before(): string {
    return this.#clusters.slice(0, this.#cursor).join("");
  }

  /** Puts a text in the place of so many UTF-16 units in front of the cursor. */
  replaceBefore(units: number, text: string): EditResult {
    const { before } = this;
    return this.#put(before.slice(0, Math.max(0, before.length - units)), text);
  }

  /** The effect of a key. Never throws; drops an unknown character. */
  apply(key: Key): EditResult {
    if (key.type === "key") return this.#press(key.name);
    // A newline at the end of a paste comes from the way lines are selected.
    return this.#insert(key.type === "paste" ? key.text.replace(/\n+$/, "") : key.text);
  }

  #press(name: KeyName): EditResult {
    switch (name) {
      case "enter":
        return this.#submit();
      case "newline":
        return this.#insert("\n");
      case "left":
        return this.#move(this.#cursor - 1);
      case "right":
        return this.#move(this.#cursor + 1);
      case "word-left":
        return this.#move(this.#wordStart());
      case "word-right":
        return this.#move(this.#wordEnd());
      case "home":
        return this.#move(this.#rowStart());
      case "end":
        return this.#move(this.#rowEnd());
      case "up":
        return this.#moveRow(-1);
      case "down":
        return this.#moveRow(1);
      case "backspace":
        return this.#erase(this.#cursor - 1, this.#cursor, false);
      case "delete":
        return this.#erase(this.#cursor, this.#cursor + 1, false);
      case "erase-word":
        return this.#erase(this.#wordStart(), this.#cursor, true);
      case "erase-word-forward":
        return this.#erase(this.#cursor, this.#wordEnd(), true);
      case "erase-to-start":
        return this.#erase(this.#rowStart(), this.#cursor, true);
      case "erase-to-end":
        return this.#erase(this.#cursor, this.#rowEnd(), true);
      case "yank":
        return this.#insert(this.#erased);
      case "swap":
        return this.#swap();
      case "end-or-delete":
        return this.#clusters.length === 0 ? { type: "end" } : this.#erase(this.#cursor, this.#cursor + 1, false);
      case "interrupt":
      case "suspend":
      case "redraw":
      case "complete":
        return { type: name };
    }
  }

  #insert(raw: string): EditResult {
    return this.#put(this.before, raw);
  }

  /** The line is `before`, the text and what is behind the cursor. */
  #put(before: string, raw: string): EditResult {
    // Invisible characters in the line must not be sent with it; TAB is kept, for pasted code. So are the marks of
    // bytes that are not UTF-8 (\udc80 to \udcff): the line is refused because of them.
    // oxlint-disable-next-line no-control-regex
    const clean = raw.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udc7f\udd00-\udfff]/gu, "");
    const after = this.#clusters.slice(this.#cursor).join("");
    const room = MAX_UNITS - before.length - after.length;
    // Half a pair would leave a lone surrogate.
    const text = clean.length <= room ? clean : clean.slice(0, room).replace(/[\ud800-\udbff]$/, "");
    const hasChanged = text !== "" || before !== this.before;
    if (hasChanged) this.#replace(before + text, after);
    if (text.length < clean.length) return { type: "too-long" };
    return hasChanged ? CHANGED : NONE;
  }

  /** Replaces the line; the cursor goes to the first place after `before` that is not inside a grapheme. */
  #replace(before: string, after: string): void {
    this.#clusters = graphemes(before + after);
    let units = 0;
    this.#cursor = 0;
    while (units < before.length) units += this.#clusters[this.#cursor++]!.length;
  }

  #erase(from: number, to: number, keep: boolean): EditResult {
    const start = Math.max(0, from);
    const end = Math.min(this.#clusters.length, to);
    if (start >= end) return NONE;
    if (keep) this.#erased = this.#clusters.slice(start, end).join("");
    this.#replace(this.#clusters.slice(0, start).join(""), this.#clusters.slice(end).join(""));
    return CHANGED;
  }

  #swap(): EditResult {
    const at = Math.min(this.#cursor, this.#clusters.length - 1);
    const [left, right] = [this.#clusters[at - 1], this.#clusters[at]];
    if (left === undefined || right === undefined) return NONE;
    const before = this.#clusters.slice(0, at - 1).join("") + right + left;
    this.#replace(before, this.#clusters.slice(at + 1).join(""));
    return CHANGED;
  }

  #move(to: number): EditResult {
    const target = Math.max(0, Math.min(this.#clusters.length, to));
    if (target === this.#cursor) return NONE;
    this.#cursor = target;
    return CHANGED;
  }

  /** Up and down move through the lines of the input first, then through the history. */
  #moveRow(step: -1 | 1): EditResult {
    const start = this.#rowStart();
    const offset = this.#cursor - start;
    if (step < 0 && start > 0) {
      const above = this.#rowStart(start - 1);
      return this.#move(Math.min(above + offset, start - 1));
    }
    const end = this.#rowEnd();
    if (step > 0 && end < this.#clusters.length) return this.#move(Math.min(end + 1 + offset, this.#rowEnd(end + 1)));
    return this.#recall(this.#place + step);
  }

  #recall(place: number): EditResult {
    if (place < 0 || place > this.#history.length) return NONE;
    if (this.#place === this.#history.length) this.#unfinished = this.text;
    this.#place = place;
    this.#replace(this.#history[place] ?? this.#unfinished, "");
    return CHANGED;
  }

  #submit(): EditResult {
    const text = this.text;
    if (text.trim() !== "" && this.#history.at(-1) !== text) this.#history.push(text);
    if (this.#history.length > MAX_HISTORY) this.#history.shift();
    this.#place = this.#history.length;
    this.#unfinished = "";
    this.#clusters = [];
    this.#cursor = 0;
    return { type: "submit", text };
  }

  #rowStart(from = this.#cursor): number {
    return from === 0 ? 0 : this.#clusters.lastIndexOf("\n", from - 1) + 1;
  }

  #rowEnd(from = this.#cursor): number {
    const end = this.#clusters.indexOf("\n", from);
    return end < 0 ? this.#clusters.length : end;
  }

  #wordStart(): number {
    let at = this.#cursor;
    while (at > 0 && isBlank(this.#clusters[at - 1])) at--;
    while (at > 0 && !isBlank(this.#clusters[at - 1])) at--;
    return at;
  }

  #wordEnd(): number {
    let at = this.#cursor;
    while (at < this.#clusters.length && isBlank(this.#clusters[at])) at++;
    while (at < this.#clusters.length && !isBlank(this.#clusters[at])) at++;
    return at;
  }
}

function isBlank(cluster: string | undefined): boolean {
  return cluster !== undefined && /^\s$/u.test(cluster);
}
