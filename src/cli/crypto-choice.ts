// The choice of the cryptographic library: Node's OpenSSL if it passes the self-test; noble otherwise, or on request.
// Both give the same results (test/node/openssl-suite.test.ts). Noble is loaded only where it is used: that takes a tenth of a start.

import { LairError } from "../core/errors.ts";
import type { CipherSuite } from "../core/noise/suite.ts";
import { faultOf } from "../node/openssl-suite/self-test.ts";
import { OPENSSL_SUITE } from "../node/openssl-suite/suite.ts";

export const CRYPTO_CHOICES = ["auto", "openssl", "noble"] as const;
export type CryptoChoice = (typeof CRYPTO_CHOICES)[number];

/** The suite of the programs. Rejects with LairError `crypto-unusable` if OpenSSL was requested and fails the self-test. */
export async function chooseSuite(choice: CryptoChoice, openssl: CipherSuite = OPENSSL_SUITE): Promise<CipherSuite> {
  if (choice === "noble") return await loadNoble();
  const fault = faultOf(openssl);
  if (fault === undefined) return openssl;
  if (choice === "auto") return await loadNoble();
  throw new LairError("crypto-unusable", `The OpenSSL of this Node cannot be used: ${fault}.`, {
    hint: "Omit --crypto, and Lair uses noble instead.",
  });
}

async function loadNoble(): Promise<CipherSuite> {
  return (await import("../core/noise/noble-suite.ts")).NOBLE_SUITE;
}
