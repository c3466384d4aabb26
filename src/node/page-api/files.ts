// The files of the page: each at exactly one address. Nothing is read from a disk here, so there is no way out of a folder.

import type { Asker } from "../http/route.ts";

export interface PageFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** By their paths: "/", and "/assets/..." with a hash in the name. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** The answer for an address of the page; undefined if there is none. */
export function fileAt(files: PageFiles, { method, path }: Asker): Response | undefined {
  const file = method === "GET" || method === "HEAD" ? files.get(path) : undefined;
  if (file === undefined) return undefined;
  const isFixed = path.startsWith("/assets/");
  return new Response(method === "HEAD" ? null : new Uint8Array(file.bytes), {
    headers: {
      "Content-Type": file.contentType,
      "Content-Length": String(file.bytes.length),
      // Of others a browser asks again: the program may be a newer one.
      "Cache-Control": isFixed ? "private, max-age=31536000, immutable" : "no-store",
    },
  });
}
