// Protocol names, Noise revision 34, §8: "Noise_XXpsk2_25519_AESGCM_SHA256".

import { NoiseError } from "./noise-error.ts";
import { nobleSuite } from "./noble-suite.ts";
import { type HandshakePattern, handshakePattern } from "./pattern.ts";
import type { CipherSuite } from "./suite.ts";

/** The parts of a protocol name, such as Noise_XX_25519_AESGCM_SHA256 (§8). */
export interface ProtocolName {
  readonly pattern: HandshakePattern;
  readonly suite: CipherSuite;
}

/**
 * Reads a full name. The suite is noble's, unless `suiteNamed` returns another one for "25519_AESGCM_SHA256" and the
 * like. Throws NoiseError `noise-unknown-protocol`.
 */
export function parseProtocolName(name: string, suiteNamed: (name: string) => CipherSuite = nobleSuite): ProtocolName {
  const [, pattern, suite] = /^Noise_([^_]+)_(.+)$/.exec(name) ?? [];
  if (pattern === undefined || suite === undefined || name.length > 255) {
    throw new NoiseError("noise-unknown-protocol", `Not a Noise protocol name: "${name}".`);
  }
  return { pattern: handshakePattern(pattern), suite: suiteNamed(suite) };
}
