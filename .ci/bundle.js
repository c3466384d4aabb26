// Puts each program, with all that it imports, into few files: most of a start is finding and reading files. Used by
// `npm run build` for the package and by test/e2e/build.ts for the tests (docs/decisions/compiled-package.md).

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** What stays a package of its own: one loads a binary, the other reads files that lie beside it. */
const SEPARATE = ["libsql", "readline-sync"];
/** Only in a clone: what builds the page, with a builder. */
const NOT_IN_THE_PACKAGE = ["*/.ci/page.js"];

/**
 * Writes server.js, client.js and hub.js, and the files that they share, into a folder. Returns what is in each of them.
 * @param {string} outdir
 * @returns {import("esbuild").Metafile}
 */
export function bundle(outdir) {
  const { metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: ["src/cli/server.ts", "src/cli/client.ts", "src/cli/hub.ts"],
    outdir,
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    external: [...SEPARATE, ...NOT_IN_THE_PACKAGE],
    alias: { "string-width": join(ROOT, ".ci", "lazy-string-width.js") },
    format: "esm",
    platform: "node",
    target: "node20",
    metafile: true,
    legalComments: "none",
    // For what is still CommonJS.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  for (const path of Object.keys(metafile.outputs)) writeInLatin1(join(ROOT, path));
  writeFileSync(join(outdir, "LICENSES.txt"), licences(Object.keys(metafile.inputs)));
  return metafile;
}

/**
 * Escapes the letters that are not in Latin-1: with a single one, the whole source takes two bytes a letter for as long as the
 * program runs. They are in regular expressions and comments, esbuild escapes the others.
 * @param {string} path
 */
function writeInLatin1(path) {
  const source = readFileSync(path, "utf8");
  // There, an escape would mean something else.
  const unfit = /\\[^\0-\xff]|\braw`[^`]*[^\0-\xff]/.exec(source);
  if (unfit !== null)
    throw new Error(
      `${path}: a letter that Latin-1 does not have, after a backslash or in a raw template: ${unfit[0]}`,
    );
  const escaped = source.replaceAll(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  if (escaped !== source) writeFileSync(path, escaped);
}

/**
 * The licences of the packages whose files were taken in, which their licences ask for.
 * @param {readonly string[]} inputs
 */
export function licences(inputs) {
  const names = new Set(inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const texts = [...names].toSorted().map((name) => {
    const folder = join(ROOT, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${licenceText(folder).trim()}\n`;
  });
  return `The programs in this folder contain code of these packages.\n\n${texts.join("\n---\n\n")}`;
}

/** @param {string} folder */
function licenceText(folder) {
  for (const name of ["LICENSE", "LICENSE.md", "license", "LICENSE.txt"]) {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      // Under another name.
    }
  }
  throw new Error(`${folder} has no licence text`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) bundle(join(ROOT, "dist", "cli"));
