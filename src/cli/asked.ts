// Prints the help or the version and exits. Loads nothing of the program, so it is fast.

import { CLIENT_HELP, HUB_HELP, SERVER_HELP } from "./help.ts";
import type { Program } from "./options.ts";
import { finishOutput, flushed, LONGEST_FLUSH_MS, printed, standardOutput } from "./standard-output.ts";
import { version } from "./version.ts";

const HELP: { readonly [name in Program]: string } = {
  "lair-server": SERVER_HELP,
  "lair-client": CLIENT_HELP,
  "lair-hub": HUB_HELP,
};

/** What to print. */
export function answer(program: Program, asked: "help" | "version"): string {
  if (asked === "version") return `${program} ${version()}\n`;
  return HELP[program];
}

/** Prints and ends the process if these arguments are only --help or --version; otherwise resolves. */
export async function answerAlone(program: Program, [word, ...more]: readonly string[]): Promise<void> {
  if (more.length > 0 || (word !== "--help" && word !== "--version")) return;
  await printed(0, answer(program, word === "--help" ? "help" : "version"));
  const error = await finishOutput(standardOutput(), LONGEST_FLUSH_MS);
  if (error === undefined) process.exit(0);
  const { tellError } = await import("./tell-error.ts");
  tellError(error);
  await flushed(process.stderr, LONGEST_FLUSH_MS);
  process.exit(1);
}
