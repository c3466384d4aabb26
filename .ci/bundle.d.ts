/** Writes server.js, client.js, hub.js, the files that they share, and LICENSES.txt into a folder. */
export function bundle(outdir: string): void;
