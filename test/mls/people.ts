// People of the tests of rooms: identities, key packages, and the port with the rules that a test wants.

import { identityFromPrivateKey, signatureSeed } from "../../src/core/identity/identity.ts";
import type { GroupCrypto, GroupRules, GroupState, GroupSuite, Signer } from "../../src/core/room/group-crypto.ts";
import { fromUtf8, toUtf8 } from "../../src/core/bytes.ts";
import { mlsGroupCrypto } from "../../src/mls/index.ts";
import { OPENSSL_AES_GCM, OPENSSL_SUITE as SUITE } from "../../src/node/openssl-suite/suite.ts";

export { SUITE };
export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

export const LINK_ID = toUtf8("a link");
export const LINK_SECRET = new Uint8Array(32).fill(7);
/** Allows everything that has the shape of a commit. */
export const ANYTHING: GroupRules = {
  judge: () => undefined,
  psk: (_, id) => (fromUtf8(id) === "a link" ? LINK_SECRET : undefined),
};

export function groups(rules: GroupRules = ANYTHING): GroupCrypto {
  return mlsGroupCrypto({ signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random, rules });
}

/** Lifetimes are compared with Date.now() by ts-mls, so the tests have no clock of their own for them. */
export const nowMs = Date.now();
export const LIFETIME = {
  notBefore: Math.floor(nowMs / 1_000) - 3_600,
  notAfter: Math.floor(nowMs / 1_000) + 28 * 86_400,
};

export function person(): Signer {
  const identity = identityFromPrivateKey(SUITE, random(32));
  return { identity, seed: signatureSeed(SUITE, identity.privateKey) };
}

export interface Seat {
  readonly signer: Signer;
  state: GroupState;
}

/** A group of so many, the first of whom made it and added the others in one commit. */
export async function groupOf(
  crypto: GroupCrypto,
  count: number,
  suite: GroupSuite = "classic",
  context: Uint8Array = toUtf8("the room"),
): Promise<Seat[]> {
  const [first, ...others] = Array.from({ length: count }, person) as [Signer, ...Signer[]];
  const state = await crypto.create(suite, first, random(16), context);
  if (others.length === 0) return [{ signer: first, state }];
  const packages = await Promise.all(others.map((signer) => crypto.newKeyPackage(suite, signer, LIFETIME)));
  const add = packages.map(({ keyPackage }) => keyPackage);
  const made = await crypto.commit(state, first, { add }, { nowMs });
  const own = await crypto.applyOwn(made.state, made.pending, made.commit);
  const seats = [{ signer: first, state: own.state }];
  for (const [at, signer] of others.entries()) {
    const joined = await crypto.join(made.welcome!, packages[at]!.secret, signer);
    seats.push({ signer, state: joined.state });
  }
  return seats;
}
