// The files of the page: from the package as they were built with it, in a clone as they are built now.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PageFile, PageFiles } from "../node/page-api/files.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

export async function loadPageFiles(): Promise<PageFiles> {
  if (!import.meta.url.endsWith(".ts")) return readPageFiles(fileURLToPath(new URL("../web", import.meta.url)));
  const { buildPage } = await import("../../.ci/page.js");
  return buildPage().files;
}

/** Those in a folder: index.html, and everything in `assets`. Other files beside index.html are not for browsers. */
function readPageFiles(folder: string): PageFiles {
  const assets = readdirSync(join(folder, "assets")).map((name): [string, PageFile] => [
    `/assets/${name}`,
    fileIn(join(folder, "assets", name)),
  ]);
  return new Map([["/", fileIn(join(folder, "index.html"))], ...assets]);
}

function fileIn(path: string): PageFile {
  const ending = path.slice(path.lastIndexOf(".") + 1);
  return { contentType: TYPES[ending] ?? "application/octet-stream", bytes: readFileSync(path) };
}
