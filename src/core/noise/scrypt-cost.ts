// The cost of a key by scrypt (RFC 7914), and which costs every suite refuses.

/** RFC 7914 §2: N blocks of 128 r bytes are filled, p times. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** Ours: 128 r (N + p + 1) bytes, for N = 2^20, r = 8 and p = 1. */
const MAX_SCRYPT_BYTES = 128 * 8 * (2 ** 20 + 2);

/**
 * The memory in bytes that a cost takes. Throws RangeError if RFC 7914 §2 excludes it, or over {@link
 * MAX_SCRYPT_BYTES}.
 */
export function scryptBytes({ N, r, p }: ScryptCost, length: number): number {
  // Each library has its own checks, with other limits; with these first, both accept the same costs.
  for (const value of [N, r, p, length]) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError("scrypt: expected integers from 1");
  }
  const isPower = Number.isInteger(Math.log2(N));
  if (N < 2 || !isPower || N >= 2 ** (16 * r)) throw new RangeError("scrypt: N is no power of 2 in its range");
  if (r * p >= 2 ** 30) throw new RangeError("scrypt: r and p are too large");
  const bytes = 128 * r * (N + p + 1);
  if (bytes > MAX_SCRYPT_BYTES) throw new RangeError(`scrypt: expected at most ${MAX_SCRYPT_BYTES} bytes of memory`);
  return bytes;
}
