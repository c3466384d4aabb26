// Joining from outside: by a link, whose secret the members know and the hub does not, or again after a long absence.

import { requireUse } from "./appended.ts";
import { type Ground, type HandlersOf, seatAbove } from "./handlers.ts";
import { CallRefused } from "./refused.ts";
import { KEY_BYTES, linkInviteId, type RoomLink, type Use } from "./store.ts";

type LinkCalls = "outside" | "add-link" | "revoke-link" | "links";

export function linkHandlers(ground: Ground): HandlersOf<LinkCalls> {
  const { store, clock, random, quotas, linksBring } = ground;
  const { rooms, accounts } = store;
  const bringsAnybody = linksBring === "anybody";
  return {
    async outside({ key }, { room: id, link }) {
      if ((await rooms.seat(id, key)) === undefined) {
        if (link === undefined) throw new CallRefused("no-room");
        // Whether there is such a room is not told either.
        requireUse(useOf(await rooms.links(id), link, clock.now().wallMs));
      }
      const groupInfo = await rooms.groupInfo(id);
      if (groupInfo === undefined) {
        throw new CallRefused("not-allowed", { sentence: "Nobody can join this room from outside now. Ask a member." });
      }
      return { groupInfo: groupInfo.bytes, epoch: groupInfo.epoch, commits: groupInfo.lastCommit + 1 };
    },

    async "add-link"(caller, { room, link: id, uses, expiresAtMs }) {
      await seatAbove(ground, caller, room);
      const links = await rooms.links(room);
      const known = links.find((link) => link.id === id);
      if (known !== undefined) {
        // Asked again, because the answer was lost: it is the same.
        if (known.uses !== uses || known.expiresAtMs !== expiresAtMs) throw new CallRefused("exists");
        const invite = bringsAnybody ? await accounts.invite(linkInviteId(room, id)) : undefined;
        return { invite: invite?.psk };
      }
      if (links.length >= quotas.links) {
        throw new CallRefused("full", { sentence: `A room has ${quotas.links} links at most. Revoke one first.` });
      }
      const invite = bringsAnybody ? random(KEY_BYTES) : undefined;
      if (!(await rooms.addLink(room, { id, uses, expiresAtMs }, invite))) throw new CallRefused("exists");
      return { invite };
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
