// Starts a program: from a clone its TypeScript through tsx, from the published package what was compiled of it.

import { existsSync } from "node:fs";

/** @param {"server" | "client"} program */
export async function launch(program) {
  if (existsSync(new URL(`../src/${program}.ts`, import.meta.url))) {
    // tsx keeps compiled files in the temporary directory, under a name that another user can take first.
    process.env.TSX_DISABLE_CACHE = "1";
    const { register } = await import("tsx/esm/api");
    // Without it tsx obeys the tsconfig of the current directory, and a hostile `paths` there runs code of its own.
    register({ tsconfig: false });
    await import(`../src/${program}.ts`);
  } else {
    await import(`../dist/${program}.js`);
  }
}
