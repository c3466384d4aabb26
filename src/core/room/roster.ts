// What a commit has done to the roster, compared with what it said: a leaf that stays keeps its keys, and nobody comes
// or goes unsaid. Pure; every implementation of GroupCrypto calls it for each commit that it applies.

import { toHex } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import type { CommitSender, GroupProposal, Member } from "./group-crypto.ts";

/** Both keys as one text, for comparing and looking up. */
export function keysOf({ publicKey, signatureKey }: PublicIdentity): string {
  return toHex(publicKey) + toHex(signatureKey);
}

/** Whether two identities have the same keys, both. */
export function isSameIdentity(a: PublicIdentity, b: PublicIdentity): boolean {
  return keysOf(a) === keysOf(b);
}

/**
 * Throws LairError `group-identity` if a member has other keys than before, came without being added or went without
 * being removed, or if two members share a key.
 */
export function checkRoster(
  before: readonly Member[],
  after: readonly Member[],
  sender: CommitSender,
  proposals: readonly GroupProposal[],
): void {
  const removed = new Set(
    proposals.flatMap((proposal) => (proposal.kind === "remove" ? [proposal.who.leafIndex] : [])),
  );
  const stay = new Map(before.flatMap((one) => (removed.has(one.leafIndex) ? [] : [[one.leafIndex, one]])));
  const added = new Set(proposals.flatMap((proposal) => (proposal.kind === "add" ? [keysOf(proposal.who)] : [])));
  if (sender.kind === "newcomer") added.add(keysOf(sender));
  for (const member of after) {
    const known = stay.get(member.leafIndex);
    stay.delete(member.leafIndex);
    const isAsSaid = known === undefined ? added.delete(keysOf(member)) : isSameIdentity(known, member);
    if (!isAsSaid) throw exchanged("a member's keys are not those that it had, or not those that were added");
  }
  if (stay.size > 0 || added.size > 0) throw exchanged("the members are not those that the commit's proposals lead to");
  checkDistinct(after);
}

/** Throws LairError `group-identity` if two members share one of their keys. */
export function checkDistinct(roster: readonly Member[]): void {
  const keys = new Set(roster.flatMap(({ publicKey, signatureKey }) => [toHex(publicKey), toHex(signatureKey)]));
  if (keys.size !== 2 * roster.length) throw exchanged("two members share a key");
}

function exchanged(what: string): LairError {
  return new LairError("group-identity", `The commit was refused: ${what}.`, {
    hint: "The room stays as it was. The program that made this commit does not follow the protocol.",
  });
}
