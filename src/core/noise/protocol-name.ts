// Protocol names, Noise revision 34, §8: "Noise_XXpsk2_25519_AESGCM_SHA256".

import { LairError } from "../errors.ts";
import { nobleSuite } from "./noble-suite.ts";
import { type HandshakePattern, handshakePattern } from "./pattern.ts";
import type { CipherSuite } from "./suite.ts";

export interface ProtocolName {
  readonly pattern: HandshakePattern;
  readonly suite: CipherSuite;
}

/** Reads a full name; the suite is noble's. Throws LairError `noise-unknown-protocol`. */
export function parseProtocolName(name: string): ProtocolName {
  const [, pattern, suite] = /^Noise_([^_]+)_(.+)$/.exec(name) ?? [];
  if (pattern === undefined || suite === undefined || name.length > 255) {
    throw new LairError("noise-unknown-protocol", `Not a Noise protocol name: "${name}".`);
  }
  return { pattern: handshakePattern(pattern), suite: nobleSuite(suite) };
}
