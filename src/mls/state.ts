// A state as bytes, in two parts. `group` changes with commits only and is large (the tree); `ratchets` has the keys of
// messages, and changes with each. The library's own codec would write both each time, parents' keys that nobody can use,
// and a whole tree for each past epoch; of those trees only the keys that verify signatures are kept here.
//
//   group     version (1 byte), then ts-mls's GroupState without secret trees and without the signature key
//   ratchets  version, then for each epoch, the current one last: epoch (8), width of its tree (4), number of leaves (4),
//             and for each leaf: node index (4), length (4), ts-mls's SecretTreeNode

import {
  decodeGroupState,
  encodeGroupState,
  type GroupState as Decoded,
  type RatchetTree,
  type SecretTree,
} from "ts-mls";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import type { EpochReceiverData } from "ts-mls/epochReceiverData.js";
import { decodeSecretTreeNode, type SecretTreeNode, secretTreeNodeEncoder } from "ts-mls/secretTree.js";
import { concat, readU32, readU64, u32, u64 } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import type { GroupState } from "../core/room/group-crypto.ts";
import { PAST_EPOCHS } from "../core/room/limits.ts";

const VERSION = 1;
const NOTHING = new Uint8Array(0);
const writeNode = encode(secretTreeNodeEncoder);

/** What was decoded from an array, or encoded into it: a tree of 250 takes longer to read than a message to open. */
const groups = new WeakMap<Uint8Array, Decoded>();
const ratchetsOf = new WeakMap<Uint8Array, ReadonlyMap<bigint, SecretTree>>();

/** What a node was encoded to: a message changes one of them, of some hundred. */
const encodedNodes = new WeakMap<SecretTreeNode, Uint8Array>();

function encodeNode(node: SecretTreeNode): Uint8Array {
  const bytes = encodedNodes.get(node) ?? writeNode(node);
  encodedNodes.set(node, bytes);
  return bytes;
}

/** The state, without the key that signs. Throws LairError `store-damaged`. */
export function decodeState({ group, ratchets }: GroupState): Decoded {
  try {
    const bare = groups.get(group) ?? decodeGroup(group);
    groups.set(group, bare);
    const trees = ratchetsOf.get(ratchets) ?? decodeRatchets(ratchets);
    ratchetsOf.set(ratchets, trees);
    const epoch = bare.groupContext.epoch;
    const secretTree = trees.get(epoch);
    if (secretTree === undefined) throw new RangeError("the two parts are of different epochs");
    const historicalReceiverData = new Map<bigint, EpochReceiverData>();
    for (const [past, data] of bare.historicalReceiverData) {
      const tree = trees.get(past);
      if (tree === undefined) throw new RangeError("the keys of a past epoch are missing");
      historicalReceiverData.set(past, { ...data, secretTree: tree });
    }
    return { ...bare, secretTree, historicalReceiverData };
  } catch (cause) {
    throw damagedState(cause);
  }
}

export function damagedState(cause: unknown): LairError {
  return new LairError("store-damaged", "The keys of a room in the store cannot be read.", {
    hint: "Leave the room and join it again.",
    cause,
  });
}

/** The state as bytes. With `group`, only the ratchets are new. */
export function encodeState(state: Decoded, group?: Uint8Array): GroupState {
  const trees = new Map<bigint, SecretTree>();
  for (const [epoch, data] of state.historicalReceiverData) trees.set(epoch, data.secretTree);
  trees.set(state.groupContext.epoch, state.secretTree);
  const ratchets = encodeRatchets(trees, (epoch) =>
    epoch === state.groupContext.epoch ? state.ratchetTree : state.historicalReceiverData.get(epoch)!.ratchetTree,
  );
  ratchetsOf.set(ratchets, trees);
  return { group: group ?? encodeGroup(state), ratchets };
}

/** Keeps what later messages of the past epochs need, and of no more than PAST_EPOCHS of them. */
export function withPast<S extends Decoded>(state: S, past: ReadonlyMap<bigint, EpochReceiverData>): S {
  const kept = [...past].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(-PAST_EPOCHS);
  const thin = kept.map(([epoch, data]) => [epoch, { ...data, ratchetTree: signersOf(data.ratchetTree) }] as const);
  return { ...state, historicalReceiverData: new Map(thin) };
}

/** For the library, which would copy whole trees into the past; it is kept here, in its thin form. */
export function withoutPast<S extends Decoded>(state: S): S {
  return { ...state, historicalReceiverData: new Map() };
}

/** What a commit leaves behind of a state: the keys of its epoch and of those before. */
export function pastOf(state: Decoded): Map<bigint, EpochReceiverData> {
  return new Map(state.historicalReceiverData).set(state.groupContext.epoch, {
    secretTree: state.secretTree,
    ratchetTree: state.ratchetTree,
    senderDataSecret: state.keySchedule.senderDataSecret,
    groupContext: state.groupContext,
    resumptionPsk: state.keySchedule.resumptionPsk,
  });
}

/** A tree of leaves that have nothing but their identity. */
function signersOf(tree: RatchetTree): RatchetTree {
  return tree.map((node) => {
    if (node?.nodeType !== "leaf") return undefined;
    const { signaturePublicKey, credential } = node.leaf;
    const capabilities = { versions: [], ciphersuites: [], extensions: [], proposals: [], credentials: [] };
    const rest = { hpkePublicKey: NOTHING, capabilities, extensions: [], signature: NOTHING };
    return { nodeType: "leaf", leaf: { ...rest, signaturePublicKey, credential, leafNodeSource: "update" } };
  });
}

function encodeGroup(state: Decoded): Uint8Array {
  const past = new Map<bigint, EpochReceiverData>();
  for (const [epoch, data] of state.historicalReceiverData) past.set(epoch, { ...data, secretTree: [] });
  const bare: Decoded = {
    ...state,
    secretTree: [],
    signaturePrivateKey: NOTHING,
    unappliedProposals: {},
    historicalReceiverData: past,
  };
  const group = concat(Uint8Array.of(VERSION), encodeGroupState(bare));
  groups.set(group, bare);
  return group;
}

function decodeGroup(group: Uint8Array): Decoded {
  checkVersion(group);
  const decoded = decodeGroupState(group, 1);
  if (decoded === undefined || decoded[1] !== group.length - 1) throw new RangeError("not a group");
  return decoded[0];
}

function encodeRatchets(trees: ReadonlyMap<bigint, SecretTree>, treeOf: (epoch: bigint) => RatchetTree): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(VERSION)];
  for (const [epoch, secrets] of trees) {
    const tree = treeOf(epoch);
    // Even indices are leaves. A key that nobody owns opens nothing.
    const leaves = [...secrets.keys()].filter((index) => index % 2 === 0 && tree[index] !== undefined);
    parts.push(u64(epoch), u32(secrets.length), u32(leaves.length));
    for (const index of leaves) {
      const node = encodeNode(secrets[index]!);
      parts.push(u32(index), u32(node.length), node);
    }
  }
  return concat(...parts);
}

function decodeRatchets(bytes: Uint8Array): ReadonlyMap<bigint, SecretTree> {
  checkVersion(bytes);
  const trees = new Map<bigint, SecretTree>();
  let offset = 1;
  while (offset < bytes.length) {
    const epoch = readU64(bytes, offset);
    const width = readU32(bytes, offset + 8);
    const count = readU32(bytes, offset + 12);
    offset += 16;
    if (width > 2 ** 16 || count > width) throw new RangeError("not a tree");
    // With holes where nobody is: the library takes those as leaves that do not exist.
    const tree: SecretTree = Array.from({ length: width });
    for (let leaf = 0; leaf < count; leaf++) {
      const index = readU32(bytes, offset);
      const length = readU32(bytes, offset + 4);
      const node = decodeSecretTreeNode(bytes.subarray(offset + 8, offset + 8 + length), 0);
      if (node === undefined || node[1] !== length || index >= width) throw new RangeError("not a leaf");
      tree[index] = node[0];
      offset += 8 + length;
    }
    trees.set(epoch, tree);
  }
  return trees;
}

function checkVersion(bytes: Uint8Array): void {
  if (bytes[0] !== VERSION) throw new RangeError("of an unknown version");
}
