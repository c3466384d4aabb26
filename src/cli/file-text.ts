// The text in a file that an option names: UTF-8, without a byte order mark at its start. The bytes never become a
// string here: most such files are secrets.

import { isUtf8 } from "node:buffer";
import { markLength, type MisreadKind, misreadKind, wideInput } from "../app/input-text.ts";

/** What is wrong with a file that is not text, as the end of a sentence, and what to do. */
export interface NoText {
  readonly what: string;
  readonly hint: string;
}

/** The part of `file` that is its text: the same memory, without a byte order mark. */
export function textOf(file: Uint8Array): Uint8Array {
  return file.subarray(markLength(file));
}

/** Why a file is not readable text; undefined if it is UTF-8 without zeros. */
export function noText(file: Uint8Array): NoText | undefined {
  const wide = wideInput(file);
  const kind = wide ?? misreadKindOf(textOf(file));
  switch (kind) {
    case undefined:
      return undefined;
    case "utf-16":
    case "utf-32":
      return { what: `is ${kind.toUpperCase()}, not UTF-8`, hint: "Save it as UTF-8 again." };
    case "not-utf8":
      return { what: "is not text in UTF-8", hint: "Save it as UTF-8 again." };
    case "nul":
    case "cut":
      return { what: "contains zero bytes, so it is not text", hint: "Check that it is the right file." };
  }
}

/** Judges the first line that is not text: one line identifies UTF-16 better than a mixture with line ends. */
function misreadKindOf(text: Uint8Array): MisreadKind | undefined {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf(0x0a, start);
    const line = text.subarray(start, end < 0 ? text.length : end);
    const kind = misreadKind(line, isUtf8(line));
    if (kind !== undefined) return kind;
    start += line.length + 1;
  }
  return undefined;
}
