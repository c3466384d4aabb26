// Key packages: how they are made and read, and the proposals that add their owners.

import {
  generateKeyPackageWithKey,
  type CiphersuiteImpl,
  type ClientState,
  type KeyPackage,
  type PrivateKeyPackage,
  type Proposal,
} from "ts-mls";
import { makeKeyPackageRef, verifyKeyPackage } from "ts-mls/keyPackage.js";
import { verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";
import {
  MAX_LIFETIME_S,
  type Changes,
  type GroupSuite,
  type KeyPackageView,
  type Lifetime,
  type Signer,
} from "../core/room/group-crypto.ts";
import { hasHpkeKeys } from "./hpke-keys.ts";
import {
  capabilitiesOf,
  contextExtension,
  credentialOf,
  identityOf,
  LAST_RESORT_EXTENSION,
  memberAt,
  NotOurs,
} from "./leaves.ts";
import { decodeMessage, notAllowed, unusable } from "./refusals.ts";
import { suiteOfName } from "./suites.ts";

/** The functions of each suite. */
type Suites = (suite: GroupSuite) => Promise<CiphersuiteImpl>;

/** Of leaves that are replaced before anybody sees them. */
export const ALWAYS: Lifetime = { notBefore: 0, notAfter: MAX_LIFETIME_S };

export async function newLeaf(
  suite: GroupSuite,
  { identity, seed }: Signer,
  { notBefore, notAfter }: Lifetime,
  isLastResort: boolean,
  cs: CiphersuiteImpl,
): Promise<{ publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }> {
  return generateKeyPackageWithKey(
    credentialOf(identity),
    capabilitiesOf(suite),
    { notBefore: BigInt(notBefore), notAfter: BigInt(notAfter) },
    isLastResort ? [{ extensionType: LAST_RESORT_EXTENSION, extensionData: new Uint8Array(0) }] : [],
    { signKey: seed, publicKey: identity.signatureKey },
    cs,
  );
}

/** Throws LairError `key-package-unusable`. */
export async function readKeyPackage(
  bytes: Uint8Array,
  suites: Suites,
): Promise<KeyPackageView & { readonly keyPackage: KeyPackage }> {
  try {
    const message = decodeMessage(bytes);
    if (message.wireformat !== "mls_key_package") throw new NotOurs("no key package");
    const { keyPackage } = message;
    const suite = suiteOfName(keyPackage.cipherSuite);
    const { leafNode } = keyPackage;
    if (suite === undefined || leafNode.leafNodeSource !== "key_package") throw new NotOurs("of another kind");
    const cs = await suites(suite);
    const isSigned =
      (await verifyKeyPackage(keyPackage, cs.signature)) &&
      (await verifyLeafNodeSignatureKeyPackage(leafNode, cs.signature));
    if (!isSigned) throw new NotOurs("a signature does not verify");
    if (!hasHpkeKeys(keyPackage, cs)) throw new NotOurs("a key that nobody can encrypt to");
    const { notBefore, notAfter } = leafNode.lifetime;
    const lifetime = { notBefore: Number(notBefore), notAfter: Number(notAfter) };
    checkLifetime(lifetime);
    return {
      keyPackage,
      suite,
      who: identityOf(leafNode),
      lifetime,
      isLastResort: keyPackage.extensions.some(({ extensionType }) => extensionType === LAST_RESORT_EXTENSION),
      ref: await makeKeyPackageRef(keyPackage, cs.hash),
    };
  } catch (cause) {
    throw unusable("cannot be read", cause);
  }
}

/** What somebody wants to change, as proposals. Throws LairError `key-package-unusable` or `group-not-allowed`. */
export async function proposalsFor(
  changes: Changes,
  decoded: ClientState,
  nowMs: number,
  suites: Suites,
): Promise<Proposal[]> {
  const proposals: Proposal[] = [];
  for (const bytes of changes.add ?? []) {
    const { keyPackage, lifetime, suite } = await readKeyPackage(bytes, suites);
    if (suite !== suiteOfName(decoded.groupContext.cipherSuite)) throw unusable("is for another kind of room");
    const now = nowMs / 1_000;
    if (now < lifetime.notBefore || now > lifetime.notAfter) throw unusable("has expired, or is not yet valid");
    proposals.push({ proposalType: "add", add: { keyPackage } });
  }
  for (const leafIndex of changes.remove ?? []) {
    try {
      memberAt(decoded.ratchetTree, leafIndex);
    } catch (cause) {
      throw notAllowed("nobody has this leaf", cause);
    }
    proposals.push({ proposalType: "remove", remove: { removed: leafIndex } });
  }
  if (changes.context !== undefined) {
    const extensions = [contextExtension(changes.context)];
    proposals.push({ proposalType: "group_context_extensions", groupContextExtensions: { extensions } });
  }
  return proposals;
}

/** Throws RangeError. */
export function checkLifetime({ notBefore, notAfter }: Lifetime): void {
  const isInOrder = Number.isSafeInteger(notBefore) && Number.isSafeInteger(notAfter) && notBefore >= 0;
  if (!isInOrder || notBefore >= notAfter || notAfter - notBefore > MAX_LIFETIME_S) {
    throw new RangeError(`lifetime: expected at most ${MAX_LIFETIME_S} seconds, in order`);
  }
}
