// The file that `export` writes: JSON lines, mode 0600. Never over another file. Knows the form of the lines by a
// function that is handed in.

import * as fs from "node:fs";
import { LairError } from "../core/errors.ts";

/** Lines are written in pieces of about this size. */
const PIECE_LETTERS = 64 * 1024;

/**
 * Writes the line of each item. Returns how many. Throws LairError `file-exists`, or `file-unwritable`, after which what
 * had been written is removed.
 */
export function exportLines<Item>(path: string, items: Iterable<Item>, toLine: (item: Item) => string): number {
  const descriptor = create(path);
  let count = 0;
  try {
    let piece = "";
    for (const item of items) {
      piece += toLine(item);
      count += 1;
      if (piece.length < PIECE_LETTERS) continue;
      fs.writeFileSync(descriptor, piece);
      piece = "";
    }
    fs.writeFileSync(descriptor, piece);
    fs.fsyncSync(descriptor);
  } catch (cause) {
    fs.closeSync(descriptor);
    fs.rmSync(path, { force: true });
    throw cause instanceof LairError ? cause : unwritable(path, cause);
  }
  fs.closeSync(descriptor);
  return count;
}

function create(path: string): number {
  try {
    return fs.openSync(path, "wx", 0o600);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") {
      throw new LairError("file-exists", `${path} is there already; nothing was written.`, {
        hint: "Choose another name, or move that file away.",
      });
    }
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): LairError {
  const reason = cause instanceof Error && "code" in cause ? ` [${String(cause.code)}]` : "";
  return new LairError("file-unwritable", `${path} cannot be written${reason}; nothing was left of it.`, {
    hint: "See whether the directory is there, is yours, and has room.",
    cause,
  });
}
