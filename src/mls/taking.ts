// Applies the commits and messages of others from the log to a state, or refuses them.

import {
  processPrivateMessage,
  processPublicMessage,
  type CiphersuiteImpl,
  type ClientState,
  type Commit,
  type IncomingMessageCallback,
  type PrivateMessage,
  type Proposal,
  type PskIndex,
  type PublicMessage,
} from "ts-mls";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import type { CommitSender, CommitToJudge, GroupRules, GroupState, Taken } from "../core/room/group-crypto.ts";
import { checkRoster } from "../core/room/roster.ts";
import { bringsHpkeKeys } from "./hpke-keys.ts";
import { judge } from "./judging.ts";
import { memberAt, NotOurs } from "./leaves.ts";
import { guarded, malformed, wrongEpoch } from "./refusals.ts";
import { CONFIG, NO_PSKS } from "./settings.ts";
import { encodeState, pastOf, withoutPast, withPast } from "./state.ts";
import { judgedOf, newcomerOf, viewOf } from "./views.ts";

/** Exactly one of `sealed` and `open` is there. Throws LairError for every commit that is not taken. */
export async function takeCommit(
  decoded: ClientState,
  sealed: PrivateMessage | undefined,
  open: PublicMessage | undefined,
  rules: GroupRules,
  cs: CiphersuiteImpl,
): Promise<Taken> {
  const epoch = sealed?.epoch ?? open!.content.epoch;
  if (epoch !== decoded.groupContext.epoch) throw wrongEpoch(epoch, decoded.groupContext.epoch);
  const newcomer = open && newcomerOf(open);
  const before = viewOf(decoded);
  let judged: CommitToJudge | undefined;
  const judgeOne = (senderLeafIndex: number | undefined, proposals: readonly Proposal[]): void => {
    const sender: CommitSender =
      newcomer === undefined
        ? { kind: "member", ...memberAt(decoded.ratchetTree, senderLeafIndex ?? -1) }
        : { kind: "newcomer", ...newcomer };
    judged = judgedOf(decoded, sender, proposals);
    judge(judged, rules, "group-refused");
  };
  if (open?.content.contentType === "commit") {
    // Before the library looks for the psk: a link that is revoked is refused, not damaged.
    const { proposals } = open.content.commit;
    await guarded("a commit", async () =>
      judgeOne(
        undefined,
        proposals.flatMap((one) => (one.proposalOrRefType === "proposal" ? [one.proposal] : [])),
      ),
    );
  }
  const psks: PskIndex = {
    findPsk: (id) => (id.psktype === "external" ? rules.psk(before.context, id.pskId) : undefined),
  };
  // Before the library: it looks at no path when this member is removed, and all must refuse the same commits.
  const inside = await guarded("a commit", () => commitInside(decoded, sealed, open, cs));
  if (!bringsHpkeKeys(inside, cs)) throw malformed("a commit with a key that nobody can encrypt to");
  const state = withoutPast(decoded);
  const callback: IncomingMessageCallback = (incoming) => {
    if (incoming.kind !== "commit") throw new NotOurs("a proposal outside a commit");
    judgeOne(
      incoming.senderLeafIndex,
      incoming.proposals.map(({ proposal }) => proposal),
    );
    return "accept";
  };
  const { newState } = await guarded("a commit", (): Promise<{ newState: ClientState }> =>
    sealed === undefined
      ? processPublicMessage(state, open!, psks, cs, callback)
      : processPrivateMessage(state, sealed, NO_PSKS, cs, callback),
  );
  if (judged === undefined) throw malformed("a commit that nobody has judged");
  const { sender, proposals } = judged;
  const authenticatedData = sealed?.authenticatedData ?? open!.content.authenticatedData;
  if (newState.groupActiveState.kind === "removedFromGroup") {
    return { kind: "removed", sender, proposals, authenticatedData, before };
  }
  const next = withPast(newState, pastOf(decoded));
  const after = await guarded("a commit", async () => viewOf(next));
  checkRoster(before.roster, after.roster, sender, proposals);
  return { kind: "commit", state: encodeState(next), sender, proposals, authenticatedData, before, after };
}

/** What a commit says. Throws NotOurs, and the library's errors for what does not verify. */
async function commitInside(
  state: ClientState,
  sealed: PrivateMessage | undefined,
  open: PublicMessage | undefined,
  cs: CiphersuiteImpl,
): Promise<Commit> {
  let content = open?.content;
  if (sealed !== undefined) {
    const opened = await unprotectPrivateMessage(
      state.keySchedule.senderDataSecret,
      sealed,
      state.secretTree,
      state.ratchetTree,
      state.groupContext,
      CONFIG.keyRetentionConfig,
      cs,
    );
    content = opened.content.content;
  }
  if (content?.contentType !== "commit") throw new NotOurs("no commit");
  return content.commit;
}

/** Throws LairError for what cannot be opened, or not again. */
export async function takeMessage(
  state: GroupState,
  decoded: ClientState,
  message: PrivateMessage,
  cs: CiphersuiteImpl,
): Promise<Taken> {
  const { epoch } = message;
  const isCurrent = epoch === decoded.groupContext.epoch;
  const past = decoded.historicalReceiverData.get(epoch);
  const keys = isCurrent ? { ...decoded, senderDataSecret: decoded.keySchedule.senderDataSecret } : past;
  if (keys === undefined) throw wrongEpoch(epoch, decoded.groupContext.epoch);
  return guarded("a message", async () => {
    const { content, tree } = await unprotectPrivateMessage(
      keys.senderDataSecret,
      message,
      keys.secretTree,
      keys.ratchetTree,
      keys.groupContext,
      CONFIG.keyRetentionConfig,
      cs,
    );
    const { content: inner } = content;
    if (inner.contentType !== "application" || inner.sender.senderType !== "member") throw new NotOurs("no message");
    const next = isCurrent
      ? { ...decoded, secretTree: tree }
      : {
          ...decoded,
          historicalReceiverData: new Map(decoded.historicalReceiverData).set(epoch, { ...past!, secretTree: tree }),
        };
    return {
      kind: "message",
      state: encodeState(next, state.group),
      epoch,
      sender: memberAt(keys.ratchetTree, inner.sender.leafIndex),
      plaintext: inner.applicationData,
      authenticatedData: inner.authenticatedData,
    };
  });
}
