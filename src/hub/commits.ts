// Accepts a commit. What its poster says of seats is judged against the room as it was found, and the store appends the
// commit only if no other has come since: so nobody's role has changed in between.

import { toHex } from "../core/bytes.ts";
import type { Asked } from "../core/hub/calls.ts";
import { MAX_MEMBERS } from "../core/room/limits.ts";
import { seqOf } from "./appended.ts";
import { closeIfEmpty } from "./close-if-empty.ts";
import { judge } from "./commit-rules.ts";
import { type Caller, type Ground, type HandlersOf, ration } from "./handlers.ts";
import { listedName } from "./listed-name.ts";
import { CallRefused } from "./refused.ts";
import { isSameKey } from "./same-key.ts";
import { ID_BYTES, type Letter, type Room, type RoomChange } from "./store.ts";

export function commitHandlers(ground: Ground): HandlersOf<"commit"> {
  const { store, clock, quotas, counts } = ground;
  return {
    async commit(caller, ask) {
      const { room: id, commits, epoch, bytes } = ask;
      const room = await store.rooms.room(id);
      if (room === undefined) throw new CallRefused("no-room");
      const after = commits - 1;
      // One that does not follow the last is stale, or was taken before: the store says which, and it changes nothing.
      const isNext = after === room.lastCommit;
      // Who comes by a link has no seat yet: the link says that it may read on.
      const stale: RoomChange = ask.link === undefined ? {} : { link: ask.link };
      const change = isNext ? await changeOf(ground, room, caller, ask) : stale;
      // What others were faster than costs nobody anything.
      if (isNext) ration(ground, caller, "commits");
      const entry = { type: "commit", id: ask.id, epoch, poster: caller.key, atMs: clock.now().wallMs, bytes } as const;
      const appended = await store.rooms.appendCommit(id, entry, after, change, quotas.room);
      const seq = seqOf(appended);
      if (appended.type === "appended") {
        counts.appended(bytes.length);
        if (change.removed !== undefined) await closeIfEmpty(store.rooms, id);
      }
      return { seq };
    },
  };
}

/** What the commit changes in the hub's view. Throws CallRefused. */
async function changeOf(ground: Ground, room: Room, caller: Caller, ask: Asked<"commit">): Promise<RoomChange> {
  const judged = judge(room, caller.key, ask);
  switch (judged.type) {
    case "no-seat":
      throw new CallRefused("no-room");
    case "too-many":
      throw new CallRefused("full", { sentence: `A room has ${MAX_MEMBERS} members at most.` });
    case "not-allowed":
      throw new CallRefused("not-allowed", { sentence: judged.why });
    case "allowed": {
      const { seats, removed } = judged;
      const added = seats.filter(({ isNew }) => isNew);
      const others = added.filter(({ key }) => !isSameKey(key, caller.key));
      await Promise.all(added.map(({ key }) => requireFree(ground, key)));
      const letters = await lettersOf(ground, ask);
      for (const { key } of others) requireSeldom(ground, caller, key);
      const { listing, groupInfo, link } = ask;
      const isSeated = room.seats.some(({ key }) => isSameKey(key, caller.key));
      return {
        ...(seats.length === 0 ? {} : { seats }),
        ...(removed.length === 0 ? {} : { removed }),
        ...(listing === undefined ? {} : { listedName: listedName(listing.name) ?? null }),
        ...(groupInfo === undefined ? {} : { groupInfo }),
        ...(letters.length === 0 ? {} : { letters }),
        // Somebody who has a seat needs no link to come back.
        ...(link === undefined || isSeated ? {} : { link }),
      };
    }
  }
}

/** Throws CallRefused unless somebody is known here and may sit in one more room. */
async function requireFree({ store, quotas }: Ground, key: Uint8Array): Promise<void> {
  if ((await store.accounts.account(key)) === undefined) throw new CallRefused("unknown-person");
  const rooms = await store.rooms.seatedRooms(key);
  if (rooms.length >= quotas.rooms) {
    throw new CallRefused("full", { sentence: `Nobody can be in more than ${quotas.rooms} rooms of this hub.` });
  }
  const unread = rooms.filter(({ next, seat: { from, cursor } }) => next > from && cursor <= from);
  if (unread.length < quotas.unreadRooms) return;
  throw new CallRefused("full", {
    sentence: "Too many invitations wait for this person. Try again once some are read.",
  });
}

/** Throws CallRefused without a time: a commit must not wait so long, since the room would wait with it. */
function requireSeldom(ground: Ground, caller: Caller, key: Uint8Array): void {
  try {
    ration(ground, caller, "seatsOfOne", toHex(key));
  } catch {
    throw new CallRefused("full", { sentence: "You have invited this person very often. Try again in an hour." });
  }
}

/** The welcomes. Throws CallRefused if too much waits for somebody. */
async function lettersOf({ store, clock, random, quotas }: Ground, { welcome }: Asked<"commit">): Promise<Letter[]> {
  if (welcome === undefined) return [];
  const waiting = await Promise.all(welcome.to.map((to) => store.mail.countLetters(to)));
  if (waiting.some((count) => count >= quotas.letters)) {
    throw new CallRefused("full", { sentence: "Too many letters wait for somebody who is added. Try again later." });
  }
  const { bytes } = welcome;
  return welcome.to.map((to) => ({ id: random(ID_BYTES), to, kind: "welcome", bytes, atMs: clock.now().wallMs }));
}
