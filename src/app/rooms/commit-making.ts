// Makes commits, from a plan and from outside. A commit is stored before it is sent, and applied only when it comes
// back in the log.

import { toHex } from "../../core/bytes.ts";
import { type Answered, type Asked, encodeCall } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import type { GroupState, PendingCommit } from "../../core/room/group-crypto.ts";
import { decodeLogView, encodeMark, markOf } from "../../core/room/log-hash.ts";
import { openOutsideInfo, type OutsideKey, sealOutsideInfo } from "../../core/room/outside-info.ts";
import { mayHaveLed } from "../../core/room/policy.ts";
import { isSameIdentity } from "../../core/room/roster.ts";
import { ENTRY_ID_BYTES, type OpenGroup, openGroup, type RoomParts, withSigner } from "./room-ground.ts";
import type { Plan } from "./room-goals.ts";
import type { StoredCommit, StoredRoom } from "./room-store.ts";

type Parts = Pick<RoomParts, "groups" | "suite" | "identity" | "random" | "clock">;

/** A commit that is ready to be stored and sent. */
export interface Made {
  readonly pending: StoredCommit;
  /** The group in which its key is used up; undefined after one from outside. */
  readonly state: GroupState | undefined;
}

/** Makes the commit of a plan. Throws LairError as `GroupCrypto.commit` does: `group-not-allowed` for what the rules forbid. */
export async function makeCommit(parts: Parts, room: StoredRoom, group: OpenGroup, plan: Plan): Promise<Made> {
  const { groups, clock } = parts;
  const options = { nowMs: clock.now().wallMs, authenticatedData: encodeMark(markOf(decodeLogView(room.log))) };
  const made = await withSigner(parts, (signer) => groups.commit(group.state, signer, plan.changes, options));
  const state = made.state ?? group.state;
  const removes = (plan.changes.remove?.length ?? 0) > 0;
  const welcome =
    made.welcome === undefined || plan.welcomes === undefined ? undefined : { to: plan.welcomes, bytes: made.welcome };
  const said = {
    seats: plan.seats ?? [],
    removed: plan.removed ?? [],
    listing: plan.listing,
    welcome,
    link: undefined,
  };
  // New keys of one's own come with a removal and with a commit of nothing: others have no path (docs/ROOMS.md).
  const renews = plan.renews === true || removes;
  const pending = await pendingOf(parts, room, { made, state, epoch: group.epoch, said, renews, isExternal: false });
  return { pending, state };
}

/** Who comes from outside: by a link, or as a member whose state does not follow any more. */
type Outsider =
  | { readonly kind: "link"; readonly id: Uint8Array; readonly secret: Uint8Array }
  /** `known`: the group as it was known last, whose members are believed; as far as the rules go, if it must be allowed. */
  | { readonly kind: "member"; readonly known: OpenGroup; readonly mustBeAllowed: boolean };

/**
 * Makes an external commit; undefined if the hub has nothing newer than what is known, so that there is nothing to come back
 * to. Throws LairError `group-*`.
 */
export async function makeExternalCommit(
  parts: Parts,
  room: StoredRoom,
  { groupInfo, commits }: Answered<"outside">,
  outsider: Outsider,
): Promise<Made | undefined> {
  const { groups, suite, identity } = parts;
  const key: OutsideKey = outsider.kind === "link" ? outsider : { kind: "member", keyPair: identity };
  const info = openOutsideInfo(suite, room.id, groupInfo, key);
  const view = await groups.readGroupInfo(info);
  if (toHex(view.groupId) !== toHex(room.id)) throw notThisRoom();
  if (outsider.kind === "member") {
    const { known, mustBeAllowed } = outsider;
    if (Number(view.epoch) <= known.epoch) return undefined;
    // Else somebody whom nobody here knows could say what the room is.
    if (!known.view.roster.some((member) => isSameIdentity(member, view.signer))) throw notThisRoom();
    if (mustBeAllowed && !mayHaveLed(known.view, view, view.signer)) throw notAllowedThere();
  }
  const psk = outsider.kind === "link" ? { psk: { id: outsider.id, secret: outsider.secret } } : {};
  const authenticatedData = encodeMark(markOf(decodeLogView(room.log)));
  const made = await withSigner(parts, (signer) => groups.joinExternally(info, signer, { ...psk, authenticatedData }));
  const said = {
    // Who has a seat keeps it, and its role.
    seats: outsider.kind === "link" ? [{ key: identity.publicKey, role: "member" as const }] : [],
    removed: [],
    listing: undefined,
    welcome: undefined,
    link: outsider.kind === "link" ? toHex(outsider.id) : undefined,
  };
  const epoch = Number(view.epoch);
  const pending = await pendingOf(
    parts,
    { ...room, commits },
    { made, state: undefined, epoch, said, renews: true, isExternal: true },
  );
  return { pending, state: undefined };
}

interface Wanted {
  readonly made: PendingCommit;
  readonly state: GroupState | undefined;
  readonly epoch: number;
  readonly said: Pick<Asked<"commit">, "seats" | "removed" | "listing" | "welcome" | "link">;
  readonly renews: boolean;
  readonly isExternal: boolean;
}

async function pendingOf(
  parts: Parts,
  { id: room, commits }: StoredRoom,
  { made, state, epoch, said, renews, isExternal }: Wanted,
): Promise<StoredCommit> {
  const { groups, random, suite } = parts;
  const id = random(ENTRY_ID_BYTES);
  const bytes = made.commit;
  // Of the group as it will be; nothing of it is kept.
  const { state: next } = await groups.applyOwn(state, made.pending, bytes);
  const { view, context } = await openGroup(groups, next);
  const info = await withSigner(parts, (signer) => groups.groupInfo(next, signer));
  const groupInfo = sealOutsideInfo({ suite, random }, room, info, { members: view.roster, links: context.links });
  const call = encodeCall("commit", { room, id, epoch, commits, bytes, groupInfo, ...said });
  return { id, epoch, pending: made.pending, call, bytes, isExternal, renews, seq: undefined };
}

function notAllowedThere(): LairError {
  return new LairError("group-refused", "A member has changed the room in a way that its rules do not allow.", {
    hint: "The room stays as it was here. An admin can remove the member.",
  });
}

function notThisRoom(): LairError {
  return new LairError(
    "group-malformed",
    "The hub's state for this room belongs to another room, or nobody in this room made it.",
    {
      hint: "Ask a member to invite you again. If this continues, the hub or a member does not follow the protocol.",
    },
  );
}
