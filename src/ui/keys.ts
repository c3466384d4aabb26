// The keys that a line editor understands, whatever their source.

export type KeyName =
  | "enter"
  | "newline"
  | "backspace"
  | "delete"
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "home"
  | "end"
  | "up"
  | "down"
  | "erase-word"
  | "erase-word-forward"
  | "erase-to-start"
  | "erase-to-end"
  | "yank"
  | "swap"
  /** Tab. */
  | "complete"
  | "redraw"
  | "interrupt"
  | "end-or-delete"
  | "suspend";

export type Key =
  | { readonly type: "key"; readonly name: KeyName }
  /** Bytes that are not UTF-8 are lone surrogates in it (`typed-text.ts`); also in a paste. */
  | { readonly type: "text"; readonly text: string }
  /** Pasted text; its line ends are `\n`. */
  | { readonly type: "paste"; readonly text: string };
