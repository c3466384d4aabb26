// identity.json of an identity that is under a passphrase: `{"version":2,"check":"…","publicKey":"…","N":…,"r":8,"p":1,
// "salt":"…","nonce":"…","sealedKey":"…"}`, bytes in base64url. What is in it may be read by everybody, so strings do no
// harm here. The check, as in list-file.ts, tells a garbled file from a wrong passphrase; against a person only the
// seal helps.

import { createHash } from "node:crypto";
import { fromBase64Url, fromUtf8, toBase64Url, toUtf8 } from "../../core/bytes.ts";
import { isFairCost, type ScryptCost, type SealedKeyPair } from "../../core/identity/passphrase.ts";
import type { Fault } from "./damage.ts";

export const LOCKED_VERSION = 2;

// Ours: 96 bits, against accidents.
const CHECK_BYTES = 12;

const FORM = new RegExp(
  String.raw`^\{"version":${LOCKED_VERSION},"check":"([\w-]{16})","publicKey":"([\w-]{43})",` +
    String.raw`"N":([1-9]\d{0,9}),"r":([1-9]\d{0,3}),"p":([1-9]\d{0,3}),` +
    String.raw`"salt":"([\w-]{22})","nonce":"([\w-]{16})","sealedKey":"([\w-]{64})"\}$`,
);

/** The content of identity.json. */
export function encodeLockedIdentity(sealed: SealedKeyPair): Uint8Array {
  const content = contentOf(sealed);
  return toUtf8(`{"version":${LOCKED_VERSION},"check":"${checkOf(content)}",${content}}`);
}

/**
 * What such a file holds, or what is wrong with it; `dense` is the file without white space. A cost that is below
 * `leastN` or beyond all reason is garbled too: Lair never wrote it.
 */
export function decodeLockedIdentity(dense: Uint8Array, leastN: number | undefined): SealedKeyPair | Fault {
  const text = fromUtf8(dense) ?? "";
  const [found, check, ...parts] = FORM.exec(text) ?? [];
  if (found === undefined) return text.endsWith("}") ? "garbled" : "cut-short";
  const cost: ScryptCost = { N: Number(parts[1]), r: Number(parts[2]), p: Number(parts[3]) };
  const publicKey = fromBase64Url(parts[0]!);
  const [salt, nonce, sealedKey] = parts.slice(4).map((letters) => fromBase64Url(letters));
  if (publicKey === undefined || salt === undefined || nonce === undefined || sealedKey === undefined) return "garbled";
  const sealed = { publicKey, cost, salt, nonce, sealedKey };
  return isFairCost(cost, leastN) && check === checkOf(contentOf(sealed)) ? sealed : "garbled";
}

function contentOf({ publicKey, cost, salt, nonce, sealedKey }: SealedKeyPair): string {
  const [pub, saltText, nonceText, sealed] = [publicKey, salt, nonce, sealedKey].map((bytes) => toBase64Url(bytes));
  const { N, r, p } = cost;
  return `"publicKey":"${pub}","N":${N},"r":${r},"p":${p},"salt":"${saltText}","nonce":"${nonceText}","sealedKey":"${sealed}"`;
}

function checkOf(content: string): string {
  return toBase64Url(createHash("sha256").update(content).digest().subarray(0, CHECK_BYTES));
}
