// An external commit with a psk (RFC 9420, §12.4.3.2). ts-mls 1.6.4 makes external commits without one only, though it
// reads those with one; so this is its joinGroupExternal over its own parts, with the psk, and nothing else changed.

import type {
  CiphersuiteImpl,
  ClientConfig,
  ClientState,
  GroupInfo,
  KeyPackage,
  MLSMessage,
  PreSharedKeyID,
  PrivateKeyPackage,
  Proposal,
} from "ts-mls";
import { exportSecret, nextEpochContext } from "ts-mls/clientState.js";
import { createConfirmationTag, createContentCommitSignature } from "ts-mls/framedContent.js";
import { ratchetTreeFromExtension, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { getCommitSecret, pathToPathSecrets } from "ts-mls/pathSecrets.js";
import { toPrivateKeyPath, updateLeafKey } from "ts-mls/privateKeyPath.js";
import { accumulatePskSecret } from "ts-mls/pskIndex.js";
import { addLeafNode, removeLeafNode } from "ts-mls/ratchetTree.js";
import { createSecretTree } from "ts-mls/secretTree.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { leafWidth, nodeToLeafIndex, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { createUpdatePath } from "ts-mls/updatePath.js";
import { erase } from "../core/bytes.ts";
import { memberAt, NotOurs } from "./leaves.ts";
import { checkTree } from "./tree.ts";

/** The tree of a GroupInfo, after everything that a newcomer can check of both. Throws. */
export async function checkedTree(groupInfo: GroupInfo, config: ClientConfig, cs: CiphersuiteImpl) {
  const tree = ratchetTreeFromExtension(groupInfo);
  if (tree === undefined) throw new NotOurs("a GroupInfo without a tree");
  const { groupContext } = groupInfo;
  await checkTree(tree, groupContext, config, cs);
  const signer = memberAt(tree, groupInfo.signer);
  if (!(await verifyGroupInfoSignature(groupInfo, signer.signatureKey, cs.signature))) {
    throw new NotOurs("a GroupInfo whose signature does not verify");
  }
  return { tree, signer };
}

/** The commit and the state after it. `formerLeaf` is one's own, to be removed. */
export async function externalCommit(
  groupInfo: GroupInfo,
  keyPackage: KeyPackage,
  keys: PrivateKeyPackage,
  formerLeaf: number | undefined,
  psk: { readonly id: Uint8Array; readonly secret: Uint8Array } | undefined,
  authenticatedData: Uint8Array,
  config: ClientConfig,
  cs: CiphersuiteImpl,
): Promise<{ commit: MLSMessage; proposals: Proposal[]; state: ClientState }> {
  const externalPub = groupInfo.extensions.find(({ extensionType }) => extensionType === "external_pub");
  if (externalPub === undefined) throw new NotOurs("a GroupInfo without a key for external commits");
  const { tree } = await checkedTree(groupInfo, config, cs);
  const { enc, secret: initSecret } = await exportSecret(externalPub.extensionData, cs);

  const without = formerLeaf === undefined ? tree : removeLeafNode(tree, toLeafIndex(formerLeaf));
  const [withLeaf, node] = addLeafNode(without, keyPackage.leafNode);
  const leaf = nodeToLeafIndex(node);
  const seed = keys.signaturePrivateKey;
  const [newTree, path, pathSecrets, leafKey] = await createUpdatePath(
    withLeaf,
    leaf,
    groupInfo.groupContext,
    seed,
    cs,
  );
  const privatePath = updateLeafKey(
    await toPrivateKeyPath(pathToPathSecrets(pathSecrets), leaf, cs),
    await cs.hpke.exportPrivateKey(leafKey),
  );
  const last = pathSecrets.at(-1);
  if (last === undefined) throw new NotOurs("a GroupInfo of a group without others");
  const commitSecret = await getCommitSecret(newTree, toNodeIndex(last.nodeIndex), last.secret, cs.kdf);

  const proposals: Proposal[] = [{ proposalType: "external_init", externalInit: { kemOutput: enc } }];
  let pskSecret: Uint8Array = new Uint8Array(cs.kdf.size);
  if (psk !== undefined) {
    const id: PreSharedKeyID = { psktype: "external", pskId: psk.id, pskNonce: cs.rng.randomBytes(cs.kdf.size) };
    proposals.unshift({ proposalType: "psk", psk: { preSharedKeyId: id } });
    [pskSecret] = await accumulatePskSecret([id], { findPsk: () => psk.secret }, cs, pskSecret);
  }
  if (formerLeaf !== undefined) proposals.unshift({ proposalType: "remove", remove: { removed: formerLeaf } });

  const { signature, framedContent } = await createContentCommitSignature(
    groupInfo.groupContext,
    "mls_public_message",
    { proposals: proposals.map((proposal) => ({ proposalOrRefType: "proposal", proposal })), path },
    { senderType: "new_member_commit" },
    authenticatedData,
    seed,
    cs.signature,
  );
  const groupContext = await nextEpochContext(
    groupInfo.groupContext,
    "mls_public_message",
    framedContent,
    signature,
    await treeHashRoot(newTree, cs.hash),
    groupInfo.confirmationTag,
    cs.hash,
  );
  const epochSecrets = await initializeEpoch(initSecret, commitSecret, groupContext, pskSecret, cs.kdf);
  const { keySchedule, encryptionSecret } = epochSecrets;
  const { confirmedTranscriptHash } = groupContext;
  const confirmationTag = await createConfirmationTag(keySchedule.confirmationKey, confirmedTranscriptHash, cs.hash);
  const auth = { signature, confirmationTag, contentType: framedContent.contentType };
  const publicMessage = await protectPublicMessage(
    keySchedule.membershipKey,
    groupContext,
    { content: framedContent, auth, wireformat: "mls_public_message" },
    cs,
  );
  const state: ClientState = {
    ratchetTree: newTree,
    groupContext,
    secretTree: await createSecretTree(leafWidth(newTree.length), encryptionSecret, cs.kdf),
    privatePath,
    confirmationTag,
    historicalReceiverData: new Map(),
    signaturePrivateKey: seed,
    keySchedule,
    unappliedProposals: {},
    groupActiveState: { kind: "active" },
    clientConfig: config,
  };
  erase(commitSecret, initSecret, encryptionSecret, epochSecrets.joinerSecret);
  return { commit: { version: "mls10", wireformat: "mls_public_message", publicMessage }, proposals, state };
}
