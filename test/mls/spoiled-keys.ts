// A program that hands out a key to which nobody can encrypt, where it should hand out its own.

import { encodeMlsMessage, generateKeyPackageWithKey, type CiphersuiteImpl } from "ts-mls";
import type { GroupSuite, Signer } from "../../src/core/room/group-crypto.ts";
import { isHpkeKey } from "../../src/mls/hpke-keys.ts";
import { capabilitiesOf, credentialOf } from "../../src/mls/leaves.ts";
import { LIFETIME } from "./people.ts";

/** A suite whose program hands out one spoiled key, the one of this number, and encrypts to such keys something. */
export function hostile(cs: CiphersuiteImpl, spoil: (key: Uint8Array) => Uint8Array, nth: number): CiphersuiteImpl {
  let count = 0;
  const { hpke } = cs;
  return {
    ...cs,
    hpke: {
      ...hpke,
      exportPublicKey: async (key) => {
        const exported = await hpke.exportPublicKey(key);
        return count++ === nth ? spoil(exported) : exported;
      },
      importPublicKey: async (key) =>
        isHpkeKey(key, cs) ? hpke.importPublicKey(key) : (await hpke.generateKeyPair()).publicKey,
    },
  };
}

/** A key package that such a program makes: the key of the number 0 or 1 is the leaf's, and the other one the init key. */
export async function packageWith(suite: GroupSuite, { identity, seed }: Signer, cs: CiphersuiteImpl) {
  const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
    credentialOf(identity),
    capabilitiesOf(suite),
    { notBefore: BigInt(LIFETIME.notBefore), notAfter: BigInt(LIFETIME.notAfter) },
    [],
    { signKey: seed, publicKey: identity.signatureKey },
    cs,
  );
  const message = { version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage } as const;
  return { bytes: encodeMlsMessage(message), publicPackage, privatePackage };
}
