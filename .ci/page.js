// Builds the page: one script, one style, an icon and the document, with hashes in their names. Used by `npm run build`
// for the package, in a clone when the page is opened, and by the tests (docs/decisions/page-view.md).

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { licences } from "./bundle.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = join(ROOT, "src", "web");

/**
 * The files of the page, by their paths: "/", "/assets/page-HASH.js", "/assets/page-HASH.css", "/assets/icon-HASH.svg".
 * @returns {{ files: Map<string, { contentType: string, bytes: Uint8Array }>, inputs: string[] }}
 */
export function buildPage() {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: { page: "src/web/main.tsx", style: "src/web/page.css" },
    outdir: "dist/web/assets",
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    alias: { "string-width": join(SOURCE, "string-width.ts") },
    target: ["chrome120", "firefox121", "safari17.2"],
    jsx: "automatic",
    jsxImportSource: "preact",
    charset: "utf8",
    legalComments: "none",
    tsconfigRaw: {},
    logLevel: "error",
  });
  const of = (/** @type {string} */ ending) => {
    const file = outputFiles.find(({ path }) => path.endsWith(ending));
    if (file === undefined) throw new Error(`the build has no ${ending}`);
    return file.contents;
  };
  /** @type {Map<string, { contentType: string, bytes: Uint8Array }>} */
  const files = new Map();
  const add = (/** @type {string} */ name, /** @type {string} */ contentType, /** @type {Uint8Array} */ bytes) => {
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    const path = `/assets/${name.replace(".", `-${hash}.`)}`;
    files.set(path, { contentType, bytes });
    return path;
  };
  const script = add("page.js", "text/javascript; charset=utf-8", of(".js"));
  const style = add("page.css", "text/css; charset=utf-8", of(".css"));
  const icon = add("icon.svg", "image/svg+xml", readFileSync(join(SOURCE, "icon.svg")));
  const html = readFileSync(join(SOURCE, "index.html"), "utf8")
    .replace("SCRIPT", script)
    .replace("STYLE", style)
    .replace("ICON", icon);
  files.set("/", { contentType: "text/html; charset=utf-8", bytes: new TextEncoder().encode(html) });
  return { files, inputs: Object.keys(metafile.inputs) };
}

/**
 * Writes them into a folder: index.html, assets/..., and LICENSES.txt.
 * @param {string} outdir
 */
export function writePage(outdir) {
  const { files, inputs } = buildPage();
  for (const [path, { bytes }] of files) {
    const file = join(outdir, path === "/" ? "index.html" : path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  writeFileSync(join(outdir, "LICENSES.txt"), licences(inputs));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writePage(join(ROOT, "dist", "web"));
