// Turns the changes of a commit in a room into notices for its members. Pure.

import { fromHex, toHex } from "../../core/bytes.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { TakenCommit } from "../../core/room/group-crypto.ts";
import { decodeRoomContext, type Role } from "../../core/room/room-context.ts";

/** Something that a commit has changed. `who` without a person is a signature key, 32 bytes: its owner may be gone. */
export type RoomNotice =
  | { readonly kind: "added" | "removed" | "came-by-link" | "came-back"; readonly who: PublicIdentity }
  | { readonly kind: "role"; readonly who: Uint8Array; readonly role: Role }
  | { readonly kind: "banned" | "unbanned" | "leaving"; readonly who: Uint8Array }
  | { readonly kind: "renamed"; readonly name: string }
  | { readonly kind: "topic"; readonly topic: string };

/** In the order in which a person would tell them. */
export function noticesOf({
  before,
  after,
  sender,
  proposals,
}: Pick<TakenCommit, "before" | "after" | "sender" | "proposals">): readonly RoomNotice[] {
  if (sender.kind === "newcomer") {
    const isBack = before.roster.some(({ signatureKey }) => toHex(signatureKey) === toHex(sender.signatureKey));
    return [{ kind: isBack ? "came-back" : "came-by-link", who: sender }];
  }
  const notices: RoomNotice[] = [];
  for (const proposal of proposals) {
    if (proposal.kind === "add") notices.push({ kind: "added", who: proposal.who });
    if (proposal.kind === "remove") notices.push({ kind: "removed", who: proposal.who });
  }
  const [was, is] = [decodeRoomContext(before.context), decodeRoomContext(after.context)];
  if (was.name !== is.name) notices.push({ kind: "renamed", name: is.name });
  if (was.topic !== is.topic) notices.push({ kind: "topic", topic: is.topic });
  for (const key of new Set([...was.roles.keys(), ...is.roles.keys()])) {
    const role = is.roles.get(key) ?? "member";
    if (role !== (was.roles.get(key) ?? "member")) notices.push({ kind: "role", who: fromHex(key)!, role });
  }
  for (const [kind, keys] of [
    ["banned", only(is.banned, was.banned)],
    ["unbanned", only(was.banned, is.banned)],
    ["leaving", only(is.leaving, was.leaving)],
  ] as const) {
    for (const key of keys) notices.push({ kind, who: fromHex(key)! });
  }
  return notices;
}

function only(here: ReadonlySet<string>, notThere: ReadonlySet<string>): string[] {
  return [...here].filter((key) => !notThere.has(key));
}
