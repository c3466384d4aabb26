// The people of a bench, whose keys both processes derive from their names.

import { hash, randomBytes } from "node:crypto";
import type { HandshakeParty, RekeyWindow } from "../../src/core/channel/index.ts";
import { MemoryStore } from "../../src/core/delivery/memory-store.ts";
import { LIFE_BYTES } from "../../src/core/delivery/store.ts";
import { type Identity, identityFromPrivateKey } from "../../src/core/identity/identity.ts";
import type { Peer } from "../../src/core/identity/peer.ts";
import { type CipherSuite, NOBLE_SUITE } from "../../src/core/noise/index.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

const SUITES: Readonly<Record<string, CipherSuite>> = { openssl: OPENSSL_SUITE, noble: NOBLE_SUITE };

export function suiteOf(name: string): CipherSuite {
  const suite = SUITES[name];
  if (suite === undefined) throw new RangeError(`the suites are ${Object.keys(SUITES).join(" and ")}`);
  return suite;
}

export const newStore = (): MemoryStore => new MemoryStore(random(LIFE_BYTES));

const digest = (text: string): Uint8Array => new Uint8Array(hash("sha256", text, "buffer"));

const identities = new Map<string, Identity>();

/** Made once, as a program reads its own once. */
export function identityOf(suite: CipherSuite, name: string): Identity {
  const key = `${suite.provider} ${name}`;
  const identity = identities.get(key) ?? identityFromPrivateKey(suite, digest(`key of ${name}`));
  identities.set(key, identity);
  return identity;
}

/** A side that drives the rekeys has a window. */
export function partyOf(suite: CipherSuite, name: string, rekey?: RekeyWindow): HandshakeParty {
  const hello = { name, agent: "bench/1", capabilities: [], ...(rekey === undefined ? {} : { rekey }) };
  return { suite, random, staticKey: identityOf(suite, name), hello };
}

/** A peer as the other side has stored it, with the psk of the pair that this person is in. */
export function peerOf(suite: CipherSuite, name: string, person: number): Peer {
  const { publicKey, signatureKey } = identityOf(suite, name);
  const psk = digest(`psk of ${person}`);
  const unset = { comparedAtMs: undefined, url: undefined, invitePsk: undefined };
  return { publicKey, signatureKey, name, psk, pairedAtMs: Date.now(), ...unset };
}
