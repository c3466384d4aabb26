// The letters that wait for one person: welcomes, and knocks of people who want to be let into a listed room.

import { MAX_LETTERS } from "../core/hub/calls.ts";
import { encodeKnock } from "../core/hub/knock.ts";
import { fittingLetters } from "./fitting.ts";
import { type Ground, type HandlersOf, ration } from "./handlers.ts";
import { CallRefused } from "./refused.ts";
import { isSameKey } from "./same-key.ts";
import { ID_BYTES } from "./store.ts";

/** Ours: letters that are read at first. A letter has 1 MiB at most, so few of them may fill an answer. */
const FIRST_LETTERS = 4;

export function letterHandlers(ground: Ground): HandlersOf<"letters" | "drop" | "knock"> {
  const { store, clock, random, quotas } = ground;
  return {
    async letters({ key }) {
      // More only while all that are there fit.
      for (let limit = FIRST_LETTERS; ; limit *= 4) {
        const there = await store.mail.letters(key, Math.min(limit, MAX_LETTERS));
        const letters = fittingLetters(there, MAX_LETTERS);
        const isAll = there.length < limit || letters.length < there.length || limit >= MAX_LETTERS;
        if (isAll) return { letters };
      }
    },

    async drop({ key }, { id }) {
      await store.mail.drop(key, id);
      return {};
    },

    async knock(caller, { room: id, bytes }) {
      const room = await store.rooms.room(id);
      if (room?.listedName === undefined) {
        throw new CallRefused("no-room", { sentence: "No room with this id is listed here." });
      }
      if (room.seats.some(({ key }) => isSameKey(key, caller.key))) {
        throw new CallRefused("exists", { sentence: "You are in this room already." });
      }
      ration(ground, caller, "knocks");
      const letter = {
        id: random(ID_BYTES),
        kind: "knock" as const,
        bytes: encodeKnock({ room: id, from: caller.key, bytes }),
        atMs: clock.now().wallMs,
      };
      // Half of what may wait is for welcomes alone.
      const most = Math.floor(quotas.letters / 2);
      const above = room.seats.filter(({ role }) => role !== "member");
      const sent = await Promise.all(above.map(({ key }) => store.mail.send({ ...letter, to: key }, most)));
      if (!sent.includes("sent")) {
        throw new CallRefused("full", {
          sentence: "Too many people are waiting to be let into this room. Try again tomorrow.",
        });
      }
      return {};
    },
  };
}
