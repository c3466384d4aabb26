// The choice of the cryptographic library: Node's OpenSSL if it passes the self-test; noble otherwise, or on request.
// Both give the same results (test/node/openssl-suite.test.ts).

import { LairError } from "../core/errors.ts";
import { type CipherSuite, NOBLE_SUITE } from "../core/noise/index.ts";
import { faultOf } from "../node/openssl-suite/self-test.ts";
import { OPENSSL_SUITE } from "../node/openssl-suite/suite.ts";

export const CRYPTO_CHOICES = ["auto", "openssl", "noble"] as const;
export type CryptoChoice = (typeof CRYPTO_CHOICES)[number];

/** The suite of the programs. Throws LairError `crypto-unusable` if OpenSSL was requested and fails the self-test. */
export function chooseSuite(choice: CryptoChoice, openssl: CipherSuite = OPENSSL_SUITE): CipherSuite {
  if (choice === "noble") return NOBLE_SUITE;
  const fault = faultOf(openssl);
  if (fault === undefined) return openssl;
  if (choice === "auto") return NOBLE_SUITE;
  throw new LairError("crypto-unusable", `The OpenSSL of this Node cannot be used: ${fault}.`, {
    hint: "Omit --crypto, and Lair uses noble instead.",
  });
}
