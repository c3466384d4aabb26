// What a member stores beside its states: the secret of a key package, and the pending state of its own commit.

import type { PrivateKeyPackage, Proposal } from "ts-mls";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { decodeVarLenType, varLenTypeEncoder } from "ts-mls/codec/variableLength.js";
import { ratchetTreeFromExtension } from "ts-mls/groupInfo.js";
import { decodeProposal, proposalEncoder } from "ts-mls/proposal.js";
import { readU64, u64 } from "../core/bytes.ts";
import type { GroupState, GroupView, Signer } from "../core/room/group-crypto.ts";
import { isSameIdentity } from "../core/room/roster.ts";
import { Fields, joinFields } from "./fields.ts";
import { contextOf, identityOf, NotOurs, rosterOf } from "./leaves.ts";
import { decodeMessage } from "./refusals.ts";
import { damagedState, decodeState, encodeState } from "./state.ts";
import { suiteOfName } from "./suites.ts";
import { type BareState, viewOf } from "./views.ts";

const NOTHING = new Uint8Array(0);
const encodeProposals = encode(varLenTypeEncoder(proposalEncoder));
const decodeProposals = decodeVarLenType(decodeProposal);

export function decodeSecret(secret: Uint8Array, signer: Signer) {
  try {
    const fields = new Fields(secret);
    const [bytes, initPrivateKey, hpkePrivateKey] = [fields.next(), fields.next(), fields.last()];
    const message = decodeMessage(bytes);
    if (message.wireformat !== "mls_key_package") throw new NotOurs("no key package");
    const { keyPackage } = message;
    const suite = suiteOfName(keyPackage.cipherSuite);
    if (suite === undefined || !isSameIdentity(identityOf(keyPackage.leafNode), signer.identity)) {
      throw new NotOurs("somebody else's");
    }
    const keys: PrivateKeyPackage = { initPrivateKey, hpkePrivateKey, signaturePrivateKey: signer.seed };
    return { keyPackage, keys, suite };
  } catch (cause) {
    throw damagedState(cause);
  }
}

export function encodePending(
  epoch: bigint,
  commit: Uint8Array,
  next: BareState,
  proposals: readonly Proposal[],
  groupInfo: Uint8Array = NOTHING,
): Uint8Array {
  const { group, ratchets } = encodeState(next);
  return joinFields(u64(epoch), commit, group, ratchets, encodeProposals([...proposals]), groupInfo);
}

export function decodePending(pending: Uint8Array) {
  try {
    const fields = new Fields(pending);
    const epoch = readU64(fields.next(), 0);
    const commit = fields.next();
    const next: GroupState = { group: fields.next(), ratchets: fields.next() };
    const [encoded, groupInfo] = [fields.next(), fields.last()];
    const proposals = decodeProposals(encoded, 0)?.[0];
    if (proposals === undefined) throw new RangeError("not the proposals");
    return { epoch, commit, next, proposals, before: beforeOf(groupInfo, next) };
  } catch (cause) {
    throw damagedState(cause);
  }
}

/** The group that an external commit joined, from the GroupInfo that was checked when the commit was made. */
function beforeOf(groupInfo: Uint8Array, next: GroupState): GroupView | undefined {
  if (groupInfo.length === 0) return undefined;
  const message = decodeMessage(groupInfo);
  if (message.wireformat !== "mls_group_info") throw new RangeError("not a GroupInfo");
  const tree = ratchetTreeFromExtension(message.groupInfo);
  if (tree === undefined) throw new RangeError("no tree");
  const { groupId, epoch, extensions } = message.groupInfo.groupContext;
  const { suite, ownLeaf } = viewOf(decodeState(next));
  const context = contextOf(extensions);
  return { suite, groupId, epoch, context, roster: rosterOf(tree), ownLeaf, epochAuthenticator: NOTHING };
}
