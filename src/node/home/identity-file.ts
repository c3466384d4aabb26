// identity.json: `{"version":1,"publicKey":"…","privateKey":"…"}`, keys in base64url. It is JSON so that people can
// read it, but it is read and written as bytes, because JSON.parse would leave the private key in a string that cannot
// be erased. The public key adds nothing: it makes a garbled private key noticeable. Version 2 is for an identity under
// a passphrase: locked-identity-file.ts.

import { equalInConstantTime, erase, toUtf8 } from "../../core/bytes.ts";
import { type Identity, KEY_BYTES, identityFromPrivateKey } from "../../core/identity/identity.ts";
import type { SealedKeyPair } from "../../core/identity/passphrase.ts";
import type { CipherSuite } from "../../core/noise/index.ts";
import { decodeBase64Url, encodeBase64Url, isWhiteSpace } from "../../core/base-encoding.ts";
import { type Fault, faultOfVersion } from "./damage.ts";
import { decodeLockedIdentity, LOCKED_VERSION } from "./locked-identity-file.ts";

const VERSION = 1;
const KEY_LETTERS = Math.ceil((KEY_BYTES * 4) / 3);

// The text around the two keys. Its last byte is the brace: no proper prefix of a file is a file.
const beforePublic = toUtf8(`{"version":${VERSION},"publicKey":"`);
const beforePrivate = toUtf8(`","privateKey":"`);
const atEnd = toUtf8(`"}`);
const fileLetters = beforePublic.length + KEY_LETTERS + beforePrivate.length + KEY_LETTERS + atEnd.length;

/** The content of identity.json; the caller erases it after writing. */
export function encodeIdentity(pair: Identity): Uint8Array {
  const publicKey = encodeBase64Url(pair.publicKey);
  const privateKey = encodeBase64Url(pair.privateKey);
  const file = new Uint8Array(fileLetters);
  let at = 0;
  for (const part of [beforePublic, publicKey, beforePrivate, privateKey, atEnd]) {
    file.set(part, at);
    at += part.length;
  }
  erase(privateKey);
  return file;
}

/**
 * The key pair in such a file, open or sealed, or the fault. White space does not matter; the caller erases `file`.
 * `leastN`: the minimum cost of a passphrase; ours by default.
 */
export function decodeIdentity(
  suite: CipherSuite,
  file: Uint8Array,
  leastN?: number,
): Identity | SealedKeyPair | Fault {
  const dense = file.filter((letter) => !isWhiteSpace(letter));
  if (statedVersion(dense) === LOCKED_VERSION) return decodeLockedIdentity(dense, leastN);
  const privateAt = beforePublic.length + KEY_LETTERS + beforePrivate.length;
  const privateKey = decodeBase64Url(dense.subarray(privateAt, privateAt + KEY_LETTERS));
  try {
    const fault = faultOf(dense);
    if (fault !== undefined) return fault;
    if (privateKey?.length !== KEY_BYTES) return "garbled";
    const pair = identityFromPrivateKey(suite, privateKey);
    const publicKey = decodeBase64Url(dense.subarray(beforePublic.length, beforePublic.length + KEY_LETTERS));
    return publicKey !== undefined && equalInConstantTime(pair.publicKey, publicKey) ? pair : "garbled";
  } finally {
    erase(dense, privateKey);
  }
}

/** The version comes first, long before any key: only these bytes become a string. */
function statedVersion(dense: Uint8Array): number | undefined {
  const stated = /^\{"version":(-?[0-9]{1,9})[,}]/.exec(String.fromCharCode(...dense.subarray(0, 24)))?.[1];
  return stated === undefined ? undefined : Number(stated);
}

/** The fault in the text around the keys of version 1. */
function faultOf(dense: Uint8Array): Fault | undefined {
  if (dense.length === 0) return "empty";
  const stated = statedVersion(dense);
  if (stated !== undefined && stated !== VERSION) return faultOfVersion(stated, LOCKED_VERSION);
  const isPrefix = stands(dense, beforePublic, 0) && stands(dense, beforePrivate, beforePublic.length + KEY_LETTERS);
  if (dense.length < fileLetters) return isPrefix ? "cut-short" : "garbled";
  return isPrefix && dense.length === fileLetters && stands(dense, atEnd, fileLetters - atEnd.length)
    ? undefined
    : "garbled";
}

/** Whether `part` stands at `at`, as far as the text goes. */
function stands(text: Uint8Array, part: Uint8Array, at: number): boolean {
  return part.every((letter, i) => at + i >= text.length || text[at + i] === letter);
}
