// Coming in from outside: by a link, whose secret the members know and the hub does not, or back after a long absence.

import { requireUse } from "./appended.ts";
import { type Ground, type HandlersOf, seatAbove } from "./handlers.ts";
import { CallRefused } from "./refused.ts";
import { isSameKey } from "./same-key.ts";
import type { RoomLink, Use } from "./store.ts";

type LinkCalls = "outside" | "add-link" | "revoke-link" | "links";

export function linkHandlers(ground: Ground): HandlersOf<LinkCalls> {
  const { store, clock, quotas } = ground;
  const { rooms } = store;
  return {
    async outside({ key }, { room: id, link }) {
      const room = await rooms.room(id);
      const isSeated = room?.seats.some((seat) => isSameKey(seat.key, key)) ?? false;
      if (!isSeated) {
        if (link === undefined) throw new CallRefused("no-room");
        // Whether there is such a room is not told either.
        requireUse(useOf(await rooms.links(id), link, clock.now().wallMs));
      }
      if (room?.groupInfo === undefined) {
        throw new CallRefused("not-allowed", { sentence: "Nobody can join this room from outside now. Ask a member." });
      }
      return { groupInfo: room.groupInfo, epoch: room.epoch, commits: room.lastCommit + 1 };
    },

    async "add-link"(caller, { room, link: id, uses, expiresAtMs }) {
      await seatAbove(ground, caller, room);
      if ((await rooms.links(room)).length >= quotas.links) {
        throw new CallRefused("full", { sentence: `A room has ${quotas.links} links at most. Revoke one first.` });
      }
      if (!(await rooms.addLink(room, { id, uses, expiresAtMs }))) throw new CallRefused("exists");
      return { invite: undefined };
    },

    async "revoke-link"(caller, { room, link }) {
      await seatAbove(ground, caller, room);
      if (!(await rooms.revokeLink(room, link))) throw new CallRefused("link-unknown");
      return {};
    },

    async links(caller, { room }) {
      await seatAbove(ground, caller, room);
      const links = await rooms.links(room);
      return { links: links.map(({ id: link, uses, expiresAtMs }) => ({ link, uses, expiresAtMs })) };
    },
  };
}

/** What would come of using it; nothing is counted. */
function useOf(links: readonly RoomLink[], id: string, nowMs: number): Use {
  const link = links.find((one) => one.id === id);
  if (link === undefined) return "unknown";
  if (link.expiresAtMs <= nowMs) return "expired";
  return link.uses < 1 ? "spent" : "used";
}
