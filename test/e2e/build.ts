// The programs as they are published, compiled: they start six times faster than through tsx, and these tests start
// hundreds. Made once for each state of the sources and kept in node_modules/.cache. That the programs also start from
// a clone is tested in test/package.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, "node_modules", ".cache", "lair-e2e");
const INPUTS = ["bin", "src", "package.json", "tsconfig.json", "tsconfig.build.json"];
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
    compile(making);
    cpSync(join(ROOT, "bin"), join(making, "bin"), { recursive: true });
    cpSync(join(ROOT, "package.json"), join(making, "package.json"));
    renameSync(making, target);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

function compile(target: string): void {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const args = ["-p", join(ROOT, "tsconfig.build.json"), "--outDir", join(target, "dist")];
  execFileSync(process.execPath, [compiler, ...args], { stdio: ["ignore", "pipe", "inherit"] });
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
