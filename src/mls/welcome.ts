// Joining by a welcome (RFC 9420, §12.4.3.1): the joinGroup of ts-mls over its own parts, with our check of the tree
// (tree.ts says why), without resumption, and telling who has added.

import type {
  CiphersuiteImpl,
  ClientConfig,
  ClientState,
  KeyPackage,
  PrivateKeyPackage,
  PskIndex,
  RatchetTree,
  Welcome,
} from "ts-mls";
import {
  ratchetTreeFromExtension,
  verifyGroupInfoConfirmationTag,
  verifyGroupInfoSignature,
} from "ts-mls/groupInfo.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { deriveKeySchedule } from "ts-mls/keySchedule.js";
import { pathToRoot } from "ts-mls/pathSecrets.js";
import { mergePrivateKeyPaths, toPrivateKeyPath } from "ts-mls/privateKeyPath.js";
import { accumulatePskSecret } from "ts-mls/pskIndex.js";
import { findLeafIndex } from "ts-mls/ratchetTree.js";
import { createSecretTree } from "ts-mls/secretTree.js";
import { leafToNodeIndex, leafWidth, toLeafIndex } from "ts-mls/treemath.js";
import { firstCommonAncestor } from "ts-mls/updatePath.js";
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";
import { erase } from "../core/bytes.ts";
import { NotOurs } from "./leaves.ts";
import { checkTree } from "./tree.ts";

/** The state, and the leaf of the member who has added. Throws for whatever does not verify. */
export async function joinByWelcome(
  welcome: Welcome,
  keyPackage: KeyPackage,
  keys: PrivateKeyPackage,
  psks: PskIndex,
  config: ClientConfig,
  cs: CiphersuiteImpl,
  treeBeside?: RatchetTree,
): Promise<{ readonly state: ClientState; readonly signer: number }> {
  // Nothing in a welcome covers its own statement of the suite.
  if (welcome.cipherSuite !== keyPackage.cipherSuite) throw new NotOurs("a welcome of another suite");
  const ref = await makeKeyPackageRef(keyPackage, cs.hash);
  const initKey = await cs.hpke.importPrivateKey(keys.initPrivateKey);
  const secrets = await decryptGroupSecrets(initKey, ref, welcome, cs.hpke);
  if (secrets === undefined) throw new NotOurs("a welcome for somebody else");
  if (secrets.psks.some(({ psktype }) => psktype !== "external")) throw new NotOurs("a welcome that resumes a group");
  const [pskSecret] = await accumulatePskSecret(secrets.psks, psks, cs, new Uint8Array(cs.kdf.size));
  const groupInfo = await decryptGroupInfo(welcome, secrets.joinerSecret, pskSecret, cs);
  if (groupInfo === undefined) throw new NotOurs("a welcome without a group");
  const { groupContext, signer, confirmationTag } = groupInfo;
  const tree = ratchetTreeFromExtension(groupInfo) ?? treeBeside;
  if (tree === undefined) throw new NotOurs("a welcome without a tree");
  const signerNode = tree[leafToNodeIndex(toLeafIndex(signer))];
  if (signerNode?.nodeType !== "leaf") throw new NotOurs("a welcome of nobody");
  if (!(await verifyGroupInfoSignature(groupInfo, signerNode.leaf.signaturePublicKey, cs.signature))) {
    throw new NotOurs("a welcome whose signature does not verify");
  }
  if (groupContext.cipherSuite !== keyPackage.cipherSuite) throw new NotOurs("a welcome of another suite");
  await checkTree(tree, groupContext, config, cs);
  const leafIndex = findLeafIndex(tree, keyPackage.leafNode);
  if (leafIndex === undefined) throw new NotOurs("a welcome without one's own leaf");
  if (!(await verifyGroupInfoConfirmationTag(groupInfo, secrets.joinerSecret, pskSecret, cs))) {
    throw new NotOurs("a welcome whose confirmation tag does not verify");
  }

  const own = { leafIndex, privateKeys: { [leafToNodeIndex(leafIndex)]: keys.hpkePrivateKey } };
  const { pathSecret } = secrets;
  const above = firstCommonAncestor(tree, leafIndex, toLeafIndex(signer));
  const privatePath =
    pathSecret === undefined
      ? own
      : mergePrivateKeyPaths(
          await toPrivateKeyPath(await pathToRoot(tree, above, pathSecret, cs.kdf), leafIndex, cs),
          own,
        );
  const schedule = await deriveKeySchedule(secrets.joinerSecret, pskSecret, groupContext, cs.kdf);
  const [keySchedule, encryptionSecret] = schedule;
  const secretTree = await createSecretTree(leafWidth(tree.length), encryptionSecret, cs.kdf);
  erase(encryptionSecret, secrets.joinerSecret);
  const state: ClientState = {
    groupContext,
    ratchetTree: tree,
    privatePath,
    signaturePrivateKey: keys.signaturePrivateKey,
    confirmationTag,
    unappliedProposals: {},
    keySchedule,
    secretTree,
    historicalReceiverData: new Map(),
    groupActiveState: { kind: "active" },
    clientConfig: config,
  };
  return { state, signer };
}
