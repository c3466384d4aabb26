// The two cipher suites as ts-mls wants them: HPKE, hash and KDF are its own (over WebCrypto), signatures are those of the
// suite that is handed in, and so is the randomness as far as the library lets it: HPKE takes that of WebCrypto.

import { getCiphersuiteFromName, type CiphersuiteImpl, type CiphersuiteName } from "ts-mls";
import { makeHashImpl } from "ts-mls/crypto/implementation/default/makeHashImpl.js";
import { makeHpke } from "ts-mls/crypto/implementation/default/makeHpke.js";
import { makeKdf, makeKdfImpl } from "ts-mls/crypto/implementation/default/makeKdfImpl.js";
import type { RandomSource, SignatureFunctions } from "../core/noise/suite.ts";
import type { GroupSuite } from "../core/room/group-crypto.ts";

const NAMES = {
  hybrid: "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
  classic: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
} as const satisfies Record<GroupSuite, CiphersuiteName>;

export function suiteName(suite: GroupSuite): CiphersuiteName {
  return NAMES[suite];
}

/** Undefined for a suite that rooms don't use. */
export function suiteOfName(name: CiphersuiteName): GroupSuite | undefined {
  return (["hybrid", "classic"] as const).find((suite) => NAMES[suite] === name);
}

/** The functions of a suite. */
export async function makeSuite(
  suite: GroupSuite,
  signature: SignatureFunctions,
  random: RandomSource,
): Promise<CiphersuiteImpl> {
  const { hash, hpke, name } = getCiphersuiteFromName(NAMES[suite]);
  return {
    name,
    hash: makeHashImpl(crypto.subtle, hash),
    kdf: makeKdfImpl(makeKdf(hpke.kdf)),
    hpke: await makeHpke(hpke),
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
