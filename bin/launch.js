// Starts a program: from a clone its TypeScript through tsx, from the published package its bundle.

import { randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import * as modules from "node:module";
import { isAbsolute, join } from "node:path";

/** @param {"server" | "client" | "hub"} program */
export async function launch(program) {
  if (existsSync(new URL(`../src/cli/${program}.ts`, import.meta.url))) {
    await registerTsx();
    await import(`../src/cli/${program}.ts`);
  } else {
    keepCompiled();
    await import(`../dist/cli/${program}.js`);
  }
}

/**
 * Has Node keep what it compiles, where it can (22.1 and later): in the user's cache directory, not in the temporary one,
 * where another user could put code first. Not in a directory of somebody else's either, as under sudo.
 */
function keepCompiled() {
  const { HOME = "", XDG_CACHE_HOME = "" } = process.env;
  const base = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(HOME, ".cache");
  if (!isAbsolute(base)) return;
  const owner = statSync(base, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner !== process.geteuid?.()) return;
  modules.enableCompileCache?.(join(base, "lair"));
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
