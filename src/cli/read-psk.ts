// The psk of --psk-file, with nothing of the file left in memory. Knows neither program.

import { erase } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import { parsePsk } from "../core/identity/psk.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { readSecretFile } from "../node/home/home.ts";
import { noText, textOf } from "./file-text.ts";

/** 32 bytes. Throws LairError psk-*, home-mode or file-unreadable. */
export function readPsk(suite: CipherSuite, path: string, read: typeof readSecretFile = readSecretFile): Uint8Array {
  const letters = read(path, "the psk file");
  try {
    const fault = noText(letters);
    if (fault !== undefined) {
      throw new LairError("psk-malformed", `${path}, named as the psk file, ${fault.what}.`, { hint: fault.hint });
    }
    return parsePsk(suite, textOf(letters));
  } finally {
    erase(letters);
  }
}
