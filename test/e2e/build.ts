// The programs as they are published, in few files: these tests start them hundreds of times. Made once for each state of
// the sources and kept in node_modules/.cache. That they start from the package and from a clone is tested in test/package
// and test/interop.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../.ci/bundle.js";
import { writePage } from "../../.ci/page.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, "node_modules", ".cache", "lair-e2e");
const INPUTS = [
  "bin",
  "src",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  ".ci/bundle.js",
  ".ci/lazy-string-width.js",
  ".ci/page.js",
];
/** Nobody's tests run for so long. */
const OLD_MS = 3_600_000;

/** The directory with the launchers. */
export const BIN = join(build(), "bin");

function build(): string {
  const target = join(CACHE, hashOfSources());
  if (existsSync(target)) return target;
  removeOld();
  // Test files run at the same time: each builds for itself, and whoever is first has it.
  const making = `${target}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  try {
    bundle(join(making, "dist", "cli"));
    writePage(join(making, "dist", "web"));
    cpSync(join(ROOT, "bin"), join(making, "bin"), { recursive: true });
    cpSync(join(ROOT, "package.json"), join(making, "package.json"));
    renameSync(making, target);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const path of INPUTS.flatMap((input) => filesIn(join(ROOT, input)))) {
    hash
      .update(`${relative(ROOT, path)}\0`)
      .update(readFileSync(path))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function removeOld(): void {
  if (!existsSync(CACHE)) return;
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > OLD_MS) rmSync(path, { recursive: true, force: true });
  }
}
