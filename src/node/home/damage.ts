// A file of the home that is damaged: the only error for that, and the promise that goes with it. Nothing in Lair
// overwrites or deletes such a file; only the user does.

import { LairError } from "../../core/errors.ts";
import { shellQuote } from "./access.ts";

/** What was found instead of a valid file. */
export type Fault = "empty" | "cut-short" | "garbled" | "newer-version" | "unknown-version";

const sentences: Readonly<Record<Fault, string>> = {
  empty: "is empty",
  "cut-short": "was cut short",
  garbled: "is garbled: its content is not what Lair wrote",
  "newer-version": "was written by a newer version of Lair",
  "unknown-version": "has a version that this program does not know",
};

/** LairError home-damaged; `loss` says what moving the file away costs. Never with the parser's error: it quotes. */
export function damaged(path: string, fault: Fault, loss: string): LairError {
  const quoted = shellQuote(path);
  const first = fault === "newer-version" ? "Update Lair" : "Restore it from a backup";
  return new LairError("home-damaged", `${path} ${sentences[fault]}. It was left as it is.`, {
    hint: `${first}, or move it away: mv ${quoted} ${shellQuote(`${path}.damaged`)}. ${loss}`,
  });
}

/** The fault for a stated version number, if there is one. */
export function faultOfVersion(stated: unknown, known: number): Fault | undefined {
  if (stated === known) return undefined;
  return typeof stated === "number" && Number.isSafeInteger(stated) && stated > known
    ? "newer-version"
    : "unknown-version";
}
