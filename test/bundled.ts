// A test's own program as one file, for tests that start it several times: through tsx a start takes four times as long.

import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const made = new Map<string, string>();

/** The path of the bundle of a TypeScript file, made once in each process that asks. */
export function bundled(program: URL): string {
  const path = fileURLToPath(program);
  const known = made.get(path);
  if (known !== undefined) return known;
  const folder = join(ROOT, "node_modules", ".cache", "lair-programs");
  mkdirSync(folder, { recursive: true });
  // A name of this process: another one may run what it has made.
  const outfile = join(folder, `${basename(path, ".ts")}.${process.pid}.mjs`);
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [path],
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
  process.once("exit", () => rmSync(outfile, { force: true }));
  made.set(path, outfile);
  return outfile;
}
