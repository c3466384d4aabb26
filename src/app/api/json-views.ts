// People and lines as the API shows them. Pure.

import type { HistoryEntry } from "../../core/chat/history.ts";
import type { PeerView } from "../../core/identity/peer-view.ts";
import { isoTime } from "../iso-time.ts";
import { recipientOf } from "../people.ts";
import type { PersonView } from "../rooms/room-reports.ts";
import type { LookedLine } from "../rooms/room-look.ts";
import type { ConnectionJson, DeliveryJson, MessageJson, PeerJson, PersonJson, ReactionJson } from "./views.ts";

export function personJson({ name, fingerprint }: Pick<PeerView, "name" | "fingerprint">): PersonJson {
  return { name, fingerprint };
}

export function roomPersonJson({ name, fingerprint, isSelf }: PersonView): PersonJson {
  return { name, fingerprint, ...(isSelf === undefined ? {} : { self: true }) };
}

export function peerJson(view: PeerView, how: { readonly state: ConnectionJson; readonly isMuted: boolean }): PeerJson {
  const { name, fingerprint, pairedAtMs, comparedAtMs, introducedBy, isAwaited, isHub } = view;
  return {
    id: recipientOf(view),
    name,
    fingerprint,
    paired: isoTime(pairedAtMs),
    ...(comparedAtMs === undefined ? {} : { verified: isoTime(comparedAtMs) }),
    ...(introducedBy === undefined ? {} : { introducedBy }),
    ...(isAwaited === undefined ? {} : { awaited: true }),
    ...(isHub === undefined ? {} : { hub: true }),
    ...(how.isMuted ? { muted: true } : {}),
    state: how.state,
  };
}

/** A line with a person. `state`: of one's own. */
export function messageJson(
  { from, seq, atMs, text, expiresAtMs }: HistoryEntry,
  who: PersonJson,
  state: DeliveryJson | undefined,
): MessageJson {
  return {
    id: `${from === "you" ? "out" : "in"}-${seq}`,
    from: who,
    at: isoTime(atMs),
    text,
    ...(state === undefined ? {} : { state }),
    ...(expiresAtMs === undefined ? {} : { expires: isoTime(expiresAtMs) }),
  };
}

/** A line of a room. */
export function roomMessageJson(line: LookedLine): MessageJson {
  const { id, from, atMs, text, isEdited, isDeleted, replyTo, sharedBy, expiresAtMs, isWaiting } = line;
  return {
    id,
    from: roomPersonJson(from),
    at: isoTime(atMs),
    text,
    ...(from.isSelf === undefined ? {} : { state: isWaiting === true ? "waiting" : "sent" }),
    ...(isEdited === undefined ? {} : { edited: true }),
    ...(isDeleted === undefined ? {} : { deleted: true }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...reactionsOf(line),
    ...(sharedBy === undefined ? {} : { sharedBy: roomPersonJson(sharedBy) }),
    ...(expiresAtMs === undefined ? {} : { expires: isoTime(expiresAtMs) }),
  };
}

/** By emoji, in the order in which the first of each came. */
function reactionsOf({ reactions = [] }: LookedLine): { readonly reactions?: readonly ReactionJson[] } {
  if (reactions.length === 0) return {};
  const byEmoji = new Map<string, PersonJson[]>();
  for (const { emoji, by } of reactions) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), roomPersonJson(by)]);
  return { reactions: [...byEmoji].map(([emoji, by]) => ({ emoji, by })) };
}
