// Which bytes may be a public key of Ed25519 (RFC 8032, §5.1.3 and §8.7), told from the bytes alone. Computes nothing on
// the curve: whether the bytes are a point at all shows when a signature is verified.

import { fromHex } from "../bytes.ts";

/** Bytes of an Ed25519 public key. */
export const SIGNATURE_KEY_BYTES = 32;
/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/** y = 2^255 - 19 and above are written otherwise. The last byte is compared without its top bit, the sign of x. */
const LEAST_TOO_LARGE = fromHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")!;

/** The y of the eight points of low order: a signature under such a key would fit many messages. */
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((hex) => fromHex(hex)!);

/** Whether bytes may be a signature key: 32 bytes, canonical, and not of low order. Not in constant time: a key is public. */
export function isSignatureKey(bytes: Uint8Array): boolean {
  if (bytes.length !== SIGNATURE_KEY_BYTES) return false;
  const y = bytes.slice();
  y[SIGNATURE_KEY_BYTES - 1]! &= 0x7f;
  return isBelow(y, LEAST_TOO_LARGE) && !LOW_ORDER.some((point) => point.every((byte, at) => byte === y[at]));
}

/** Little-endian, both of one length. */
function isBelow(bytes: Uint8Array, limit: Uint8Array): boolean {
  for (let at = bytes.length - 1; at >= 0; at--) if (bytes[at] !== limit[at]) return bytes[at]! < limit[at]!;
  return false;
}
