// What a name may be: at most 64 bytes of UTF-8 (docs/PROTOCOL.md §3.4) and nothing that could move a cursor, hide or
// reorder what stands beside it. A name comes from the other side; knows nothing of who bears it.

import { toUtf8 } from "../bytes.ts";

/** The longest name, in bytes of UTF-8 (docs/PROTOCOL.md §3.4). */
export const MAX_NAME_BYTES = 64;

/**
 * The name without controls, invisible and reordering characters and lone surrogates, white space collapsed, cut at a
 * character so that it fits. May be empty, when nothing of it is left: the caller then says something else.
 */
export function cleanName(text: string): string {
  const visible = text
    .replaceAll(/[\s\p{Zs}\p{Zl}\p{Zp}]+/gu, " ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "")
    .replaceAll(/ {2,}/g, " ")
    .trim();
  let name = "";
  let bytes = 0;
  for (const character of visible) {
    bytes += toUtf8(character).length;
    if (bytes > MAX_NAME_BYTES) break;
    name += character;
  }
  return name.trimEnd();
}
