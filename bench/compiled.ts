// The peers in TypeScript, compiled as the programs are for the package: what tsx makes of the sources is slower, since each
// closure gets its name in a call of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const folder = mkdtempSync(join(tmpdir(), "lair-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const compiled = new Map<string, string>();

/** The file that the peer of this name, in bench/peers, was compiled to. */
export function compiledPeer(name: string): string {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const outfile = join(folder, `${name}.mjs`);
  buildSync({
    entryPoints: [fileURLToPath(new URL(`peers/${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // For what is still CommonJS.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  compiled.set(name, outfile);
  return outfile;
}
