// Several byte strings as one: each with its length in front (4 bytes, big-endian).

import { concat, readU32, u32 } from "../core/bytes.ts";

export function joinFields(...fields: readonly Uint8Array[]): Uint8Array {
  return concat(...fields.flatMap((field) => [u32(field.length), field]));
}

/** The `count` byte strings, as copies. Throws RangeError unless the bytes are exactly those. */
export function splitFields(bytes: Uint8Array, count: number): Uint8Array[] {
  let offset = 0;
  const fields = Array.from({ length: count }, () => {
    const start = offset + 4;
    offset = start + readU32(bytes, offset);
    if (offset > bytes.length) throw new RangeError("a field is longer than what is there");
    return bytes.slice(start, offset);
  });
  if (offset !== bytes.length) throw new RangeError("there is more than the fields");
  return fields;
}
