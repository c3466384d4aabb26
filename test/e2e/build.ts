// The programs, compiled and put into few files with what they import: these tests start them hundreds of times, and most
// of a start is finding and reading files. Made once for each state of the sources and kept in node_modules/.cache. That
// the programs start as they are published, and from a clone, is tested in test/package and test/interop.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, "node_modules", ".cache", "lair-e2e");
const INPUTS = ["bin", "src", "package.json", "package-lock.json", "tsconfig.json", "test/e2e/build.ts"];
/** What cannot be put into a file with others: one loads a binary, the other reads files that lie beside it. */
const SEPARATE = ["libsql", "readline-sync"];
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

/** By the compiler that tsx brings; whether the types are right is another command's business. */
function compile(target: string): void {
  const require = createRequire(import.meta.url);
  const esbuild = createRequire(require.resolve("tsx/package.json"))("esbuild") as Compiler;
  esbuild.buildSync({
    absWorkingDir: ROOT,
    entryPoints: ["src/cli/server.ts", "src/cli/client.ts"],
    outdir: join(target, "dist", "cli"),
    // In a folder, as what is published: from there the programs find package.json.
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    external: SEPARATE,
    format: "esm",
    platform: "node",
    target: "node20",
    // For what is still CommonJS.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
    logLevel: "error",
  });
}

interface Compiler {
  buildSync(options: object): void;
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
