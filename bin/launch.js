// Starts a program: from a clone its TypeScript through tsx, from the published package what was compiled of it.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";

/** @param {"server" | "client"} program */
export async function launch(program) {
  if (existsSync(new URL(`../src/cli/${program}.ts`, import.meta.url))) {
    await registerTsx();
    await import(`../src/cli/${program}.ts`);
  } else {
    await import(`../dist/cli/${program}.js`);
  }
}

/**
 * tsx keeps compiled files in the temporary directory, and looks there for the socket of a process that watches it, both
 * under names that another user can take first. So it keeps nothing, and while it starts the temporary directory is one
 * that nobody can make. On Windows such a socket needs no directory, hence the random part.
 */
async function registerTsx() {
  process.env.TSX_DISABLE_CACHE = "1";
  const nowhere = `/dev/null/${randomUUID()}`;
  const names = ["TMPDIR", "TMP", "TEMP"];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = nowhere;
  const { register } = await import("tsx/esm/api");
  // Without it tsx obeys the tsconfig of the current directory, and a hostile `paths` there runs code of its own.
  register({ tsconfig: false });
  for (const [index, name] of names.entries()) {
    if (before[index] === undefined) delete process.env[name];
    else process.env[name] = before[index];
  }
}
