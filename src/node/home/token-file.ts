// The token of --http-token-file: read, or made once. What closes it to others is the same as for every secret file.

import { closeSync, openSync, writeSync } from "node:fs";
import { erase, fromUtf8 } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import { errorCode } from "../system-error.ts";
import { unwritable } from "./disk-error.ts";
import { readSecretFile } from "./secret-file.ts";

/** Ours: what cannot be guessed, and fits into a link. */
const TOKEN = /^[\w-]{32,256}$/;

/**
 * The token in a file; `make` makes one if there is no file. Throws LairError home-mode, home-unwritable, file-unreadable.
 */
export function tokenIn(path: string, make: () => string): string {
  writeNew(path, make);
  const bytes = readSecretFile(path, "the token file");
  const text = fromUtf8(bytes)?.trim() ?? "";
  erase(bytes);
  if (TOKEN.test(text)) return text;
  throw new LairError("file-unreadable", `${path}, named as the token file, has no token in it.`, {
    hint: "A token has 32 to 256 letters, digits, - and _. Without the file, one is made.",
  });
}

/** Unless there is something at this path. */
function writeNew(path: string, make: () => string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", 0o600);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return;
    throw unwritable(path, error);
  }
  try {
    writeSync(descriptor, `${make()}\n`);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    closeSync(descriptor);
  }
}
