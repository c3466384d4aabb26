// An identity under a passphrase as programs made it that knew no normal form of one: of the bytes as they came.
import { createCipheriv, scryptSync } from "node:crypto";
import { concat, toUtf8 } from "../../../src/core/bytes.ts";
import type { Identity } from "../../../src/core/identity/identity.ts";
import type { SealedKeyPair } from "../../../src/core/identity/passphrase.ts";

const COST = { N: 16, r: 8, p: 1 };

export function sealedBefore({ publicKey, privateKey }: Identity, passphrase: Uint8Array): SealedKeyPair {
  const [salt, nonce] = [new Uint8Array(16).fill(1), new Uint8Array(12).fill(2)];
  const sealer = createCipheriv("aes-256-gcm", scryptSync(passphrase, salt, 32, COST), nonce);
  sealer.setAAD(concat(toUtf8("lair identity 2"), publicKey));
  const sealed = concat(sealer.update(privateKey), sealer.final());
  return { publicKey, cost: COST, salt, nonce, sealedKey: concat(sealed, sealer.getAuthTag()) };
}
