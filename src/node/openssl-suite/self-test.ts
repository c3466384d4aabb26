// Whether OpenSSL computes what it should, asked once at the start of a program: each function of the suite against an
// answer that noble gave (test/node/openssl-suite.test.ts makes them anew). An OpenSSL may lack a function, as in FIPS
// mode, or be replaced by one that errs. Takes a few milliseconds, most of them for OpenSSL to find its functions for the first time.

import { equalInConstantTime, fromHex, toUtf8 } from "../../core/bytes.ts";
import { NoiseError } from "../../core/noise/noise-error.ts";
import type { CipherSuite } from "../../core/noise/suite.ts";

const bytes = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, index) => first + index);

/** What the answers are to. */
export const QUESTION = {
  privateKey: bytes(32, 1),
  otherPrivateKey: bytes(32, 101),
  key: bytes(32, 33),
  nonce: bytes(12, 65),
  ad: toUtf8("lair"),
  text: toUtf8("Whether OpenSSL computes what it should."),
  /** A public key of low order. */
  zeroPoint: new Uint8Array(32),
} as const;

const NAMES = ["publicKey", "dh", "sealed", "hash", "hmac", "hkdf", "scrypt", "signatureKey", "signature"] as const;
type Answers = Readonly<Record<(typeof NAMES)[number], string>>;

/** In hex, for 25519_AESGCM_SHA256. */
export const ANSWERS: Answers = {
  publicKey: "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c",
  dh: "c9ea6a3f79a000b60b076d4afc990b272f3f0b5aaa3f0b8713c209273e363863",
  sealed:
    "2814bf73df110b930d982babc3fa80e10357d57e1233982d035ac963f5cea1ac128fbc5c0cca2c1ccf89a257f5e46e59ffd7eb5e30472c7e",
  hash: "4e15c05418173dea180b6e5961f073f2bbb5fe9ded4bcd1eb58f52007c8e747c",
  hmac: "13c65d66d89c190c56db9ee0ea39d63b01ad1e766d84abc9174d80cdcddad26b",
  hkdf: "4fe73f8be2364325a1ba0d2566879b047917e8fe9431a4c3b07bd0f1ed4ded51d691ed9c246668dab4d79d3528ff41cc5761444220e701882d0cfd68086902910b2c2fad0a1ae3916c02ce305a9e3ad96fecfffc46cc83f28e66f52018c58df7",
  scrypt: "367b4cdc4f4112c3016f12e4e96f710701ded2d5e3a609edf619dedf0116555b",
  signatureKey: "e7f162a10bec559afea195e4dce84b69568d5d2cb0963eb446c0685e2b17f2f0",
  signature:
    "1534ce9ee11a0ee7dbcb9cefd1ce2966f01910f0880581afaf1ea9d19f97b89dab959a5f54d9db0139eee3e0231e3bbab98e2f40b925a28a917c414c8932f501",
};

/** What a suite answers, in the order of {@link ANSWERS}. */
export function answersOf({
  dh,
  cipher,
  hash,
  kdf,
  signature,
}: CipherSuite): Readonly<Record<keyof Answers, () => Uint8Array>> {
  const { privateKey, otherPrivateKey, key, nonce, ad, text } = QUESTION;
  return {
    publicKey: () => dh.publicKey(privateKey),
    dh: () => dh.dh(privateKey, dh.publicKey(otherPrivateKey)),
    sealed: () => cipher.encrypt(key, nonce, ad, text),
    hash: () => hash.hash(text),
    hmac: () => hash.hmac(key, text),
    hkdf: () => hash.hkdf(key, text, ad, 96),
    // At the lowest cost there is: the same code, in microseconds.
    scrypt: () => kdf.scrypt(text, key, { N: 2, r: 8, p: 1 }, 32),
    signatureKey: () => signature.publicKey(key),
    signature: () => signature.sign(key, text),
  };
}

/** The first function that errs, in words; undefined when all is well. Never throws. */
export function faultOf(suite: CipherSuite): string | undefined {
  const { privateKey, key, nonce, ad, text, zeroPoint } = QUESTION;
  const answers = answersOf(suite);
  for (const name of NAMES) if (!isSame(answers[name], ANSWERS[name])) return `${name} is wrong`;
  const sealed = fromHex(ANSWERS.sealed)!;
  if (!isSame(() => suite.cipher.decrypt(key, nonce, ad, sealed), text)) return "decrypt is wrong";
  const forged = Uint8Array.from(sealed, (byte, index) => (index === 0 ? byte ^ 1 : byte));
  if (refusal(() => suite.cipher.decrypt(key, nonce, ad, forged)) !== "noise-authentication")
    return "decrypt accepts a forgery";
  if (refusal(() => suite.dh.dh(privateKey, zeroPoint)) !== "noise-all-zero-dh")
    return "dh accepts a point of low order";
  const [signatureKey, signature] = [fromHex(ANSWERS.signatureKey)!, fromHex(ANSWERS.signature)!];
  if (!isTrue(() => suite.signature.verify(signatureKey, text, signature))) return "verify is wrong";
  if (!isTrue(() => !suite.signature.verify(signatureKey, ad, signature))) return "verify accepts a forgery";
  return undefined;
}

function isSame(compute: () => Uint8Array, expected: string | Uint8Array): boolean {
  try {
    return equalInConstantTime(compute(), typeof expected === "string" ? fromHex(expected)! : expected);
  } catch {
    return false;
  }
}

function isTrue(claim: () => boolean): boolean {
  try {
    return claim();
  } catch {
    return false;
  }
}

function refusal(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof NoiseError ? error.code : "another error";
  }
}
