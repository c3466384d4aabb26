// The two cipher suites as ts-mls wants them. HPKE is the library's, over WebCrypto; hash and KDF are noble's, because a
// commit derives some thousand small keys, and WebCrypto takes several times as long for one. Signatures and the AES-GCM of
// messages are what is handed in, and so is the randomness as far as the library lets it: HPKE takes that of WebCrypto.

import { getCiphersuiteFromName, type CiphersuiteImpl, type CiphersuiteName } from "ts-mls";
import { makeHpke } from "ts-mls/crypto/implementation/default/makeHpke.js";
import { makeHashImpl } from "ts-mls/crypto/implementation/noble/makeHashImpl.js";
import { CryptoError } from "ts-mls/mlsError.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import type { CipherFunctions, RandomSource, SignatureFunctions } from "../core/noise/suite.ts";
import type { GroupSuite } from "../core/room/group-crypto.ts";

const NAMES = {
  hybrid: "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
  classic: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
} as const satisfies Record<GroupSuite, CiphersuiteName>;

/** Of the KDF that a suite names. */
const HASHES = { hybrid: sha512, classic: sha256 } as const;

export function suiteName(suite: GroupSuite): CiphersuiteName {
  return NAMES[suite];
}

/** Undefined for a suite that rooms don't use. */
export function suiteOfName(name: CiphersuiteName): GroupSuite | undefined {
  return (["hybrid", "classic"] as const).find((suite) => NAMES[suite] === name);
}

/** AES-GCM with the key's length: 16 or 32 bytes. */
type AesGcm = Pick<CipherFunctions, "encrypt" | "decrypt">;

/** What is handed in. */
export interface SuiteParts {
  readonly signature: SignatureFunctions;
  readonly aesGcm: AesGcm;
  readonly random: RandomSource;
}

const NO_DATA = new Uint8Array(0);

/** The functions of a suite. */
export async function makeSuite(
  suite: GroupSuite,
  { signature, aesGcm, random }: SuiteParts,
): Promise<CiphersuiteImpl> {
  const { hash, hpke, name } = getCiphersuiteFromName(NAMES[suite]);
  return {
    name,
    hash: makeHashImpl(hash),
    kdf: {
      extract: async (salt, secret) => extract(HASHES[suite], secret, salt),
      expand: async (key, info, length) => expand(HASHES[suite], key, info, length),
      size: HASHES[suite].outputLen,
    },
    hpke: {
      ...(await makeHpke(hpke)),
      encryptAead: async (key, nonce, aad, plaintext) => aesGcm.encrypt(key, nonce, aad ?? NO_DATA, plaintext),
      async decryptAead(key, nonce, aad, ciphertext) {
        try {
          return aesGcm.decrypt(key, nonce, aad ?? NO_DATA, ciphertext);
        } catch (error) {
          // As the library's own does.
          throw new CryptoError(String(error));
        }
      },
    },
    rng: { randomBytes: random },
    signature: {
      sign: async (seed, message) => signature.sign(seed, message),
      verify: async (publicKey, message, signed) => signature.verify(publicKey, message, signed),
      keygen: async () => {
        const signKey = random(32);
        return { signKey, publicKey: signature.publicKey(signKey) };
      },
    },
  };
}
