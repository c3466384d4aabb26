import type { Metafile } from "esbuild";

/** Writes server.js, client.js, hub.js, the files that they share, and LICENSES.txt into a folder. Returns what is in each. */
export function bundle(outdir: string): Metafile;
