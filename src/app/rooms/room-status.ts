// The answer to `status` in a room: what it is, who is there, and what waits.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import { fingerprint } from "../../core/identity/fingerprint.ts";
import { roleOf } from "../../core/room/policy.ts";
import { isSameIdentity } from "../../core/room/roster.ts";
import type { ActionParts } from "./action-parts.ts";
import { ask } from "./hub-calls.ts";
import type { HubMembership } from "./hub-membership.ts";
import type { OpenGroup } from "./room-ground.ts";
import type { Place } from "./room-places.ts";
import type { RoomStatus } from "./room-reports.ts";

/** Also of a room in which the user is not any more. Rejects with LairError as `RoomPlaces.room` and a call do. */
export async function roomStatus(parts: ActionParts, room: string): Promise<RoomStatus> {
  const { hub, worker } = parts.places.room(room);
  const { group, waiting } = worker;
  const { standing } = await worker.known();
  const { timerS, renewedAtMs } = worker.room;
  return {
    standing,
    hub: hubView(parts, hub),
    waiting,
    timerS,
    ...(group === undefined
      ? {}
      : { inside: { ...insideOf(parts, group), ...(await onlineIn(parts, hub, worker, group)), renewedAtMs } }),
  };
}

function hubView({ suite, peers }: ActionParts, hub: HubMembership): RoomStatus["hub"] {
  const peer = peers().find(({ publicKey }) => equalInConstantTime(publicKey, hub.hubKey));
  const letters = peer === undefined ? "" : fingerprint(suite, peer);
  return { name: peer?.name ?? "", fingerprint: letters, isConnected: hub.isHere };
}

function insideOf(
  { identity }: ActionParts,
  { context, view, epoch }: OpenGroup,
): Omit<NonNullable<RoomStatus["inside"]>, "online" | "renewedAtMs"> {
  const { topic, kind, sharedLines, links } = context;
  const { roster, suite } = view;
  return {
    topic,
    kind,
    suite,
    epoch,
    sharedLines,
    members: roster.length,
    links: links.size,
    role: roleOf(context, identity),
  };
}

/** How many of the members are at the hub; nothing is known of that while it is away. */
async function onlineIn(
  { identity }: ActionParts,
  hub: HubMembership,
  { room, view }: Place["worker"],
  group: OpenGroup,
): Promise<{ readonly online?: number }> {
  if (!hub.isHere || view.id === "") return {};
  const { seats } = await ask(hub, "seats", { room: room.id });
  const there = new Set(seats.flatMap(({ key, isOnline }) => (isOnline ? [toHex(key)] : [])));
  const online = group.view.roster.filter((who) => isSameIdentity(who, identity) || there.has(toHex(who.publicKey)));
  return { online: online.length };
}
