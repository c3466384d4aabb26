// What a member publishes at the hub for those who want to add it (docs/ROOMS.md §5): one key package for each cipher suite
// that a room may have, since the hub hands out bundles and cannot tell suites apart.
//
//   count (1) ‖ for each: length (2) ‖ key package

import { concat, readU16 } from "../bytes.ts";
import { LairError } from "../errors.ts";

/** Ours: two suites, and room for another two. */
const MAX_PACKAGES = 4;

/** Throws RangeError for none, for more than four, or for one of more than 65,535 bytes. */
export function encodeBundle(packages: readonly Uint8Array[]): Uint8Array {
  if (packages.length === 0 || packages.length > MAX_PACKAGES) throw new RangeError("packages: expected 1 to 4");
  const parts = packages.flatMap((one) => {
    if (one.length > 0xffff) throw new RangeError("packages: one is too long");
    return [Uint8Array.of(one.length >> 8, one.length & 0xff), one];
  });
  return concat(Uint8Array.of(packages.length), ...parts);
}

/** Throws LairError `key-package-unusable`. */
export function decodeBundle(bytes: Uint8Array): readonly Uint8Array[] {
  const [count = 0] = bytes;
  const packages: Uint8Array[] = [];
  let offset = 1;
  while (packages.length < count && offset + 2 <= bytes.length) {
    const length = readU16(bytes, offset);
    packages.push(bytes.slice(offset + 2, offset + 2 + length));
    offset += 2 + length;
  }
  if (count === 0 || count > MAX_PACKAGES || packages.length !== count || offset !== bytes.length) {
    throw new LairError("key-package-unusable", "The hub's key packages for this person cannot be read.", {
      hint: "Ask them to start a program of Lair, which publishes new ones.",
    });
  }
  return packages;
}
