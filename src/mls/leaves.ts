// How an identity stands in a leaf: a basic credential of 64 bytes, the X25519 key and the signature key, whose second
// half is the key that the leaf is signed with. And how a room's data stands in the GroupContext: one extension of a
// private type, and nothing beside it.

import type { Capabilities, Credential, Extension, LeafNode, RatchetTree } from "ts-mls";
import { leafToNodeIndex, nodeToLeafIndex, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { concat, equalInConstantTime } from "../core/bytes.ts";
import { KEY_BYTES, type PublicIdentity } from "../core/identity/identity.ts";
import { isSignatureKey, SIGNATURE_KEY_BYTES } from "../core/noise/signature-key.ts";
import { MAX_CONTEXT_BYTES, type GroupSuite, type Member } from "../core/room/group-crypto.ts";
import { suiteName } from "./suites.ts";

/** Private use (RFC 9420, §17.3: 0xF000 to 0xFFFF). */
const CONTEXT_EXTENSION = 0xf1a1;
/** `last_resort` of draft-ietf-mls-extensions: an extension of the key package, without data. */
export const LAST_RESORT_EXTENSION = 0x000a;

/** What is wrong with what somebody has sent. The adapter makes a LairError of it. */
export class NotOurs extends Error {}

export function credentialOf({ publicKey, signatureKey }: PublicIdentity): Credential {
  return { credentialType: "basic", identity: concat(publicKey, signatureKey) };
}

export function capabilitiesOf(suite: GroupSuite): Capabilities {
  return {
    versions: ["mls10"],
    ciphersuites: [suiteName(suite)],
    extensions: [CONTEXT_EXTENSION, LAST_RESORT_EXTENSION],
    proposals: [],
    credentials: ["basic"],
  };
}

/** Whether a credential is an identity with this signature key. */
export function isOurCredential(credential: Credential, signatureKey: Uint8Array): boolean {
  return (
    credential.credentialType === "basic" &&
    credential.identity.length === KEY_BYTES + SIGNATURE_KEY_BYTES &&
    isSignatureKey(signatureKey) &&
    equalInConstantTime(credential.identity.subarray(KEY_BYTES), signatureKey)
  );
}

/** Whose leaf it is. Throws NotOurs if its credential is none of ours. */
export function identityOf({ credential, signaturePublicKey }: LeafNode): PublicIdentity {
  if (credential.credentialType !== "basic" || !isOurCredential(credential, signaturePublicKey)) {
    throw new NotOurs("a leaf without an identity");
  }
  return {
    publicKey: credential.identity.slice(0, KEY_BYTES),
    signatureKey: credential.identity.slice(KEY_BYTES),
  };
}

/** By leaf index. */
export function rosterOf(tree: RatchetTree): Member[] {
  return tree.flatMap((node, index) =>
    node?.nodeType === "leaf" ? [{ leafIndex: nodeToLeafIndex(toNodeIndex(index)), ...identityOf(node.leaf) }] : [],
  );
}

/** Throws NotOurs if nobody has this leaf. */
export function memberAt(tree: RatchetTree, leafIndex: number): Member {
  const node =
    Number.isInteger(leafIndex) && leafIndex >= 0 ? tree[leafToNodeIndex(toLeafIndex(leafIndex))] : undefined;
  if (node?.nodeType !== "leaf") throw new NotOurs("nobody has this leaf");
  return { leafIndex, ...identityOf(node.leaf) };
}

export function contextExtension(context: Uint8Array): Extension {
  return { extensionType: CONTEXT_EXTENSION, extensionData: context };
}

/** The room's data. Throws NotOurs if the extensions are not exactly ours. */
export function contextOf(extensions: readonly Extension[]): Uint8Array {
  const [only, ...others] = extensions;
  if (only?.extensionType !== CONTEXT_EXTENSION || others.length > 0) throw new NotOurs("not the data of a room");
  if (only.extensionData.length > MAX_CONTEXT_BYTES) throw new NotOurs("the data of the room are too large");
  return only.extensionData.slice();
}
