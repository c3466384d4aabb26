// The check of a received ratchet tree when joining (RFC 9420, §7.3, §7.9.2 and §12.4.3.1). From
// ts-mls it uses the hashes and the signatures. Its own check (validateRatchetTree of 1.6.4) demands that all nodes above
// an unmerged leaf have the same unmerged leaves, which the RFC does not, and so refuses many groups in which people were
// added.

import type { CiphersuiteImpl, ClientConfig, GroupContext, LeafNode, ParentNode, RatchetTree } from "ts-mls";
import { extensionsSupportedByCapabilities } from "ts-mls/extension.js";
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";
import { verifyParentHashes } from "ts-mls/parentHash.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { equalInConstantTime, toHex } from "../core/bytes.ts";
import { isHpkeKey } from "./hpke-keys.ts";
import { NotOurs } from "./leaves.ts";

/** Throws NotOurs for a tree that is none, or another one than that of the group's context. */
export async function checkTree(
  tree: RatchetTree,
  groupContext: GroupContext,
  config: ClientConfig,
  cs: CiphersuiteImpl,
): Promise<void> {
  const hpkeKeys = new Set<string>();
  const signatureKeys = new Set<string>();
  const credentialTypes = new Set(
    tree.flatMap((node) => (node?.nodeType === "leaf" ? [node.leaf.credential.credentialType] : [])),
  );
  for (const [index, node] of tree.entries()) {
    if (node === undefined) continue;
    if ((node.nodeType === "leaf") !== (index % 2 === 0)) throw new NotOurs("a node in the wrong place");
    const { hpkePublicKey } = node.nodeType === "leaf" ? node.leaf : node.parent;
    if (!isHpkeKey(hpkePublicKey, cs)) throw new NotOurs("a key that nobody can encrypt to");
    addOnce(hpkeKeys, hpkePublicKey);
    if (node.nodeType === "parent") {
      checkUnmerged(tree, index, node.parent);
      continue;
    }
    addOnce(signatureKeys, node.leaf.signaturePublicKey);
    if ([...credentialTypes].some((type) => !node.leaf.capabilities.credentials.includes(type))) {
      throw new NotOurs("a leaf that does not know the others' credentials");
    }
    await checkLeaf(node.leaf, index / 2, groupContext, config, cs);
  }
  if (!(await verifyParentHashes(tree, cs.hash))) throw new NotOurs("a parent hash that does not verify");
  if (!equalInConstantTime(groupContext.treeHash, await treeHashRoot(tree, cs.hash))) {
    throw new NotOurs("another tree than the group's");
  }
}

/** Each unmerged leaf is there, is below, and is unmerged in every node in between; in ascending order. */
function checkUnmerged(tree: RatchetTree, index: number, { unmergedLeaves }: ParentNode): void {
  for (const [at, leaf] of unmergedLeaves.entries()) {
    if (at > 0 && unmergedLeaves[at - 1]! >= leaf) throw new NotOurs("unmerged leaves out of order");
    const leafNode = leafToNodeIndex(toLeafIndex(leaf));
    if (tree[leafNode]?.nodeType !== "leaf") throw new NotOurs("an unmerged leaf that nobody has");
    const above = directPath(leafNode, leafWidth(tree.length));
    const height = above.indexOf(toNodeIndex(index));
    if (height === -1) throw new NotOurs("an unmerged leaf of another subtree");
    for (const between of above.slice(0, height)) {
      const node = tree[between];
      if (node !== undefined && (node.nodeType !== "parent" || !node.parent.unmergedLeaves.includes(leaf))) {
        throw new NotOurs("an unmerged leaf that is merged below");
      }
    }
  }
}

async function checkLeaf(
  leaf: LeafNode,
  leafIndex: number,
  { groupId, extensions }: GroupContext,
  { authService }: ClientConfig,
  { signature }: CiphersuiteImpl,
): Promise<void> {
  const isSigned =
    leaf.leafNodeSource === "key_package"
      ? await verifyLeafNodeSignatureKeyPackage(leaf, signature)
      : await verifyLeafNodeSignature(leaf, groupId, leafIndex, signature);
  if (!isSigned) throw new NotOurs("a leaf whose signature does not verify");
  if (!(await authService.validateCredential(leaf.credential, leaf.signaturePublicKey))) {
    throw new NotOurs("a leaf without an identity");
  }
  const supports = (needed: Parameters<typeof extensionsSupportedByCapabilities>[0]) =>
    extensionsSupportedByCapabilities(needed, leaf.capabilities);
  if (!supports(leaf.extensions) || !supports(extensions)) throw new NotOurs("a leaf that lacks an extension");
}

function addOnce(keys: Set<string>, key: Uint8Array): void {
  const text = toHex(key);
  if (keys.has(text)) throw new NotOurs("a key that two have");
  keys.add(text);
}
