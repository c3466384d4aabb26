// The file of `export`: JSON lines, mode 0600. Never overwrites another file. A function that is passed in formats the
// lines.

import { dirname } from "node:path";
import { LairError } from "../core/errors.ts";
import { type Disk, realDisk, syncDirectory, writeWhole } from "./disk.ts";
import { errorCode } from "./system-error.ts";

/** Lines are written in pieces of about this size. */
const PIECE_LETTERS = 64 * 1024;

/** The calls that write. Tests replace them, to imitate a full or failing disk. */
export type ExportDisk = Omit<Disk, "renameSync">;

/**
 * Writes the line of each item, and returns the count once all of them are on the disk. Throws LairError `file-exists`,
 * or `file-unwritable`; the incomplete file is then removed, or named if it could not be.
 */
export function exportLines<Item>(
  path: string,
  items: Iterable<Item>,
  toLine: (item: Item) => string,
  disk: ExportDisk = realDisk,
): number {
  const descriptor = create(path, disk);
  try {
    let count: number;
    try {
      count = writeLines(disk, descriptor, items, toLine);
      disk.fsyncSync(descriptor);
    } finally {
      // May fail too: some network drives report only here that they did not accept the data.
      disk.closeSync(descriptor);
    }
    syncDirectory(dirname(path), disk);
    return count;
  } catch (cause) {
    const isRemoved = remove(path, disk);
    // An error of the store, which could not be read to the end.
    if (cause instanceof LairError && isRemoved) throw cause;
    throw unwritable(path, cause, isRemoved);
  }
}

function writeLines<Item>(
  disk: ExportDisk,
  descriptor: number,
  items: Iterable<Item>,
  toLine: (item: Item) => string,
): number {
  let count = 0;
  let piece = "";
  for (const item of items) {
    piece += toLine(item);
    count += 1;
    if (piece.length < PIECE_LETTERS) continue;
    writeWhole(disk, descriptor, Buffer.from(piece));
    piece = "";
  }
  writeWhole(disk, descriptor, Buffer.from(piece));
  return count;
}

function create(path: string, disk: ExportDisk): number {
  try {
    return disk.openSync(path, "wx", 0o600);
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") {
      throw new LairError("file-exists", `${path} already exists; nothing was written.`, {
        hint: "Choose another name, or move that file away.",
      });
    }
    throw unwritable(path, cause, true);
  }
}

function remove(path: string, disk: ExportDisk): boolean {
  try {
    disk.unlinkSync(path);
    return true;
  } catch (error) {
    return errorCode(error) === "ENOENT";
  }
}

function unwritable(path: string, cause: unknown, isRemoved: boolean): LairError {
  const code = errorCode(cause);
  const what = `${path} cannot be written${code === undefined ? "" : ` [${code}]`}`;
  return new LairError(
    "file-unwritable",
    isRemoved ? `${what}; no part of it is left.` : `${what}, nor removed: a part of the history may be in it.`,
    {
      hint: `Check that the directory exists, is yours, and has room.${isRemoved ? "" : " Remove that file yourself."}`,
      cause,
    },
  );
}
