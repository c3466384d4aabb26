interface PageFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** The files of the page, by their paths ("/", "/assets/page-HASH.js", ...), and the sources that went into them. */
export function buildPage(): { readonly files: ReadonlyMap<string, PageFile>; readonly inputs: readonly string[] };

/** Writes them into a folder: index.html, assets/..., and LICENSES.txt. */
export function writePage(outdir: string): void;
