// The length to which a plaintext is padded before it is sealed (docs/PROTOCOL.md §4): 256 bytes, and above that Padmé
// (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019, §4): here at most 6.25 % longer.

import { MAX_MESSAGE_BYTES } from "../noise/cipher-state.ts";
import { TAG_BYTES } from "../noise/suite.ts";
import { padmeLength } from "../padme.ts";

/** Nearly every line of chat is shorter, so nearly all look alike. */
const SMALLEST = 256;
/** The space in one Noise message: 65,519 bytes. */
export const MAX_PLAINTEXT_BYTES = MAX_MESSAGE_BYTES - TAG_BYTES;

/** The length to which `length` bytes are padded. Throws RangeError over 65,519. */
export function paddedLength(length: number): number {
  if (!Number.isInteger(length) || length < 0 || length > MAX_PLAINTEXT_BYTES) {
    throw new RangeError("paddedLength: length must be 0 to 65,519");
  }
  return Math.min(padmeLength(length, SMALLEST), MAX_PLAINTEXT_BYTES);
}
