// The psk of --psk-file, with nothing of the file left in memory. Knows neither program.

import { erase } from "../core/bytes.ts";
import { parsePsk } from "../core/identity/psk.ts";
import { readSecretFile } from "../node/home/home.ts";

/** 32 bytes. Throws LairError psk-*, home-mode or file-unreadable. */
export function readPsk(path: string, read: typeof readSecretFile = readSecretFile): Uint8Array {
  const letters = read(path, "the psk file");
  try {
    return parsePsk(letters);
  } finally {
    erase(letters);
  }
}
