// Which bytes may be a public key of HPKE in a group, told from the bytes alone: so all members come to one result. Nobody
// can encrypt to one that is refused, and in a tree it would stop every commit with a path. Computes nothing on a curve.
//
//   classic  X25519, 32 bytes
//   hybrid   X-Wing: an encapsulation key of ML-KEM-768, 1,184 bytes, and X25519

import type { CiphersuiteImpl, Commit, KeyPackage } from "ts-mls";
import { fromHex } from "../core/bytes.ts";
import { suiteOfName } from "./suites.ts";

const X25519_BYTES = 32;
const ML_KEM_BYTES = 1_184;
/** Of an encapsulation key: 768 numbers of 12 bits each. The other 32 bytes are a seed, and may be anything. */
const NUMBERS_BYTES = 1_152;
/** q of FIPS 203: each number is below it (§7.2, the modulus check). */
const MODULUS = 3_329;

/** The u of the points of low order, and the two that are also written otherwise. X25519 ignores the top bit (RFC 7748, §5). */
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((hex) => fromHex(hex)!);

type SuiteOf = Pick<CiphersuiteImpl, "name">;

/**
 * Whether a member can encrypt to a key of this suite. Not in constant time: the keys are public. Of a suite that rooms do not
 * use nothing is refused here: such a group is refused itself.
 */
export function isHpkeKey(key: Uint8Array, { name }: SuiteOf): boolean {
  const suite = suiteOfName(name);
  if (suite === undefined) return true;
  const before = suite === "hybrid" ? ML_KEM_BYTES : 0;
  return (
    key.length === before + X25519_BYTES &&
    isX25519Key(key.subarray(before)) &&
    (before === 0 || hasNumbersInRange(key.subarray(0, NUMBERS_BYTES)))
  );
}

/** Of both keys of a key package. */
export function hasHpkeKeys({ initKey, leafNode }: KeyPackage, suite: SuiteOf): boolean {
  return isHpkeKey(initKey, suite) && isHpkeKey(leafNode.hpkePublicKey, suite);
}

/** Of all that a commit brings: the keys of its path, and of the key packages that it adds. */
export function bringsHpkeKeys({ proposals, path }: Commit, suite: SuiteOf): boolean {
  const added = proposals.flatMap((one) =>
    one.proposalOrRefType === "proposal" && one.proposal.proposalType === "add" ? [one.proposal.add.keyPackage] : [],
  );
  const nodes = path === undefined ? [] : [path.leafNode, ...path.nodes];
  return (
    added.every((keyPackage) => hasHpkeKeys(keyPackage, suite)) &&
    nodes.every(({ hpkePublicKey }) => isHpkeKey(hpkePublicKey, suite))
  );
}

function isX25519Key(key: Uint8Array): boolean {
  const last = X25519_BYTES - 1;
  const u = key.with(last, key[last]! & 0x7f);
  return !LOW_ORDER.some((point) => point.every((byte, at) => byte === u[at]));
}

/** Two numbers stand in three bytes, little-endian. */
function hasNumbersInRange(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 3) {
    const [low, middle, high] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
    if ((low | ((middle & 0x0f) << 8)) >= MODULUS || ((middle >> 4) | (high << 4)) >= MODULUS) return false;
  }
  return true;
}
