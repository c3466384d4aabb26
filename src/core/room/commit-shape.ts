// What every commit must be like, whatever the rules of its room: the part of the judgement that knows no roles. Pure;
// every implementation of GroupCrypto asks it before it asks the rules.

import { toHex } from "../bytes.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import { MAX_CONTEXT_BYTES, type CommitToJudge } from "./group-crypto.ts";
import { MAX_MEMBERS } from "./limits.ts";
import { isSameIdentity } from "./roster.ts";

/** What is wrong with a commit, for a person to read; undefined if nothing is. */
export function shapeProblem({ roster, sender, proposals }: CommitToJudge): string | undefined {
  const of = <K extends string>(kind: K) =>
    proposals.filter((one): one is typeof one & { kind: K } => one.kind === kind);
  const [adds, removes, contexts, psks] = [of("add"), of("remove"), of("context"), of("psk")] as const;

  if (contexts.length > 1) return "it changes the room's data twice";
  // ts-mls and others encrypt the path under the old context, and read it under the new one.
  if (contexts.length > 0 && removes.length > 0) return "it changes the room's data and removes somebody at once";
  if (contexts.some(({ context }) => context.length > MAX_CONTEXT_BYTES)) return "the room's data would be too large";
  if (new Set(removes.map(({ who }) => who.leafIndex)).size !== removes.length) return "it removes somebody twice";

  if (sender.kind === "newcomer") {
    if (adds.length > 0 || contexts.length > 0) return "an external commit changes nothing else";
    if (removes.length > 1 || psks.length > 1) return "an external commit has at most one Remove and one psk";
    if (removes.some(({ who }) => !isSameIdentity(who, sender))) return "an external commit removes only its sender";
  } else {
    if (psks.length > 0) return "a member's commit has no psk";
    if (removes.some(({ who }) => who.leafIndex === sender.leafIndex)) return "members cannot remove themselves";
  }

  const coming: PublicIdentity[] = adds.map(({ who }) => who);
  if (sender.kind === "newcomer") coming.push(sender);
  if (singleKeys(coming).size !== 2 * coming.length) return "it adds somebody twice, or two with the same key";
  const present = singleKeys(roster);
  // Also who is removed in the same commit: another one, or an external commit, brings her back.
  if ([...singleKeys(adds.map(({ who }) => who))].some((key) => present.has(key))) {
    return "it adds somebody who is in the room, or has a key of somebody who is";
  }
  if (sender.kind === "newcomer") {
    const others = singleKeys(roster.filter((one) => !removes.some(({ who }) => who.leafIndex === one.leafIndex)));
    if ([...singleKeys([sender])].some((key) => others.has(key))) return "the newcomer has a key of somebody who stays";
  }
  if (roster.length - removes.length + coming.length > MAX_MEMBERS) {
    return `a room has ${MAX_MEMBERS} members at most`;
  }
  return undefined;
}

function singleKeys(people: readonly PublicIdentity[]): Set<string> {
  return new Set(people.flatMap(({ publicKey, signatureKey }) => [toHex(publicKey), toHex(signatureKey)]));
}
