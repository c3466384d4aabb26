// The library's states and proposals in the words of the port.

import type { ClientState, Proposal, PublicMessage } from "ts-mls";
import type { PublicIdentity } from "../core/identity/identity.ts";
import type { CommitSender, CommitToJudge, GroupProposal, GroupView, Member } from "../core/room/group-crypto.ts";
import { contextOf, identityOf, NotOurs, rosterOf } from "./leaves.ts";
import { malformed } from "./refusals.ts";
import { suiteOfName } from "./suites.ts";

/** Without the library's settings. */
export type BareState = Omit<ClientState, "clientConfig">;

export function viewOf(decoded: BareState): GroupView {
  const { groupContext, ratchetTree, privatePath, keySchedule } = decoded;
  const suite = suiteOfName(groupContext.cipherSuite);
  if (suite === undefined) throw new NotOurs("a suite that rooms don't use");
  return {
    suite,
    // Copies: the library's are views of the whole state.
    groupId: groupContext.groupId.slice(),
    epoch: groupContext.epoch,
    context: contextOf(groupContext.extensions),
    roster: rosterOf(ratchetTree),
    ownLeaf: privatePath.leafIndex,
    epochAuthenticator: keySchedule.epochAuthenticator.slice(),
  };
}

export function judgedOf(decoded: BareState, sender: CommitSender, proposals: readonly Proposal[]): CommitToJudge {
  const roster = rosterOf(decoded.ratchetTree);
  const context = contextOf(decoded.groupContext.extensions);
  return { context, roster, sender, proposals: proposalsOf(proposals, roster) };
}

/** In the words of the port. Throws NotOurs for a kind that rooms don't use. */
export function proposalsOf(proposals: readonly Proposal[], roster: readonly Member[]): GroupProposal[] {
  return proposals.flatMap((proposal): GroupProposal[] => {
    switch (proposal.proposalType) {
      case "add":
        return [{ kind: "add", who: identityOf(proposal.add.keyPackage.leafNode) }];
      case "remove": {
        const who = roster.find(({ leafIndex }) => leafIndex === proposal.remove.removed);
        if (who === undefined) throw new NotOurs("it removes nobody");
        return [{ kind: "remove", who }];
      }
      case "group_context_extensions":
        return [{ kind: "context", context: contextOf(proposal.groupContextExtensions.extensions) }];
      case "psk": {
        const { preSharedKeyId } = proposal.psk;
        if (preSharedKeyId.psktype !== "external") throw new NotOurs("a psk of another kind");
        return [{ kind: "psk", id: preSharedKeyId.pskId }];
      }
      case "external_init":
        return [];
      default:
        throw new NotOurs("a proposal that rooms don't use");
    }
  });
}

/** Whose external commit it is. Throws LairError for every other public message. */
export function newcomerOf(message: PublicMessage): PublicIdentity {
  const { content } = message;
  if (content.contentType !== "commit" || content.sender.senderType !== "new_member_commit") {
    throw malformed("a public message that is no external commit");
  }
  const { proposals, path } = content.commit;
  const inits = proposals.filter(
    (one) => one.proposalOrRefType === "proposal" && one.proposal.proposalType === "external_init",
  );
  if (path === undefined || inits.length !== 1 || proposals.some((one) => one.proposalOrRefType !== "proposal")) {
    throw malformed("an external commit that is incomplete");
  }
  try {
    return identityOf(path.leafNode);
  } catch (cause) {
    throw malformed("an external commit of nobody", cause);
  }
}
