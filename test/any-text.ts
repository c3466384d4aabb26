// Text of any code points but halves of surrogate pairs, for properties. As fast-check's unit "binary", which takes seconds
// to be made.

import * as fc from "fast-check";

const codePoint = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }),
  fc.integer({ min: 0x80, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10ffff }),
);

/** Strings of up to `maxLength` code points; as many as fast-check likes without it. */
export function anyText(maxLength?: number): fc.Arbitrary<string> {
  return fc
    .array(codePoint, maxLength === undefined ? {} : { maxLength })
    .map((points) => points.map((point) => String.fromCodePoint(point)).join(""));
}
