// Rooms: making and finding them, and their logs. A member reads from its own seat on, and nothing after it has lost
// the seat.

import { toHex } from "../core/bytes.ts";
import { MAX_ENTRIES, MAX_ROOMS } from "../core/hub/calls.ts";
import { MAX_TRANSFER_BYTES } from "../core/transfers/pieces.ts";
import { seqOf } from "./appended.ts";
import { fittingEntries } from "./fitting.ts";
import { type Caller, type Ground, type HandlersOf, roomOf, seatOf } from "./handlers.ts";
import type { LatestReads } from "./latest-reads.ts";
import { listedName } from "./listed-name.ts";
import { CallRefused } from "./refused.ts";

type RoomCalls = "create" | "rooms" | "seats" | "listed" | "post" | "read" | "acknowledge";

/** What is known without the store. */
interface RoomKnowledge {
  /** Whether others see that somebody is there. */
  isShown(key: Uint8Array): boolean;
  /** The first entry of a room that concerns somebody; undefined: the store is to be asked. */
  seatedFrom(name: string, room: Uint8Array): number | undefined;
  /** A caller is given everything of a room before this entry: the next one can be told to it as it is. */
  gave(caller: Caller, room: Uint8Array, next: number): void;
  readonly reads: LatestReads;
}

export function roomHandlers(ground: Ground, known: RoomKnowledge): HandlersOf<RoomCalls> {
  const { store, clock, quotas, counts, log } = ground;
  const { rooms } = store;
  return {
    async create({ key, logged }, { room: id, listedName: name }) {
      const listed = listedName(name);
      const room = { id, creator: key, ...(listed === undefined ? {} : { listedName: listed }) };
      const created = await rooms.createRoom(room, quotas.rooms);
      if (created === "full") {
        throw new CallRefused("full", { sentence: `Nobody can be in more than ${quotas.rooms} rooms of this hub.` });
      }
      if (created !== "created") throw new CallRefused(created);
      log({ type: "room-created", who: logged, room: toHex(id) });
      return {};
    },

    async rooms({ key }) {
      const seated = (await rooms.seatedRooms(key)).slice(0, MAX_ROOMS);
      return {
        rooms: seated.map(({ id: room, epoch, lastCommit, next, oldest, seat: { from, cursor } }) => ({
          room,
          epoch,
          commits: lastCommit + 1,
          next,
          oldest,
          from,
          cursor,
        })),
      };
    },

    async seats(caller, { room }) {
      const { seats } = await roomOf(ground, caller, room);
      return { seats: seats.map(({ key, role }) => ({ key, role, isOnline: known.isShown(key) })) };
    },

    async listed(_caller, { after }) {
      const page = { limit: MAX_ROOMS, ...(after === undefined ? {} : { after }) };
      return { rooms: (await rooms.listedRooms(page)).map(({ id: room, name }) => ({ room, name })) };
    },

    async post({ key: poster }, { room, type, id, epoch, bytes }) {
      const entry = { type, id, epoch, poster, atMs: clock.now().wallMs, bytes };
      const appended = await rooms.append(room, entry, quotas.room);
      if (appended.type === "appended") counts.appended(bytes.length);
      return { seq: seqOf(appended) };
    },

    async read(caller, { room, from }) {
      const since = known.seatedFrom(caller.name, room);
      const same = since === undefined ? undefined : known.reads.find(room, Math.max(from, since));
      if (same !== undefined) {
        known.gave(caller, room, nextAfter(same.entries, from));
        return same;
      }
      const before = await seatOf(ground, caller, room);
      const first = Math.max(from, before.from);
      const latest = known.reads.begin(room, first);
      const entries = await rooms.read(room, first, MAX_TRANSFER_BYTES);
      // Once more: it may have been taken in the meantime, or taken and given anew.
      const seat = await seatOf(ground, caller, room);
      const answer = { entries: fittingEntries(entries, MAX_ENTRIES).filter(({ seq }) => seq >= seat.from) };
      known.reads.end(latest, answer);
      known.gave(caller, room, nextAfter(answer.entries, from));
      return answer;
    },

    async acknowledge(caller, { room, next }) {
      if (await rooms.acknowledge(room, caller.key, next)) return {};
      await seatOf(ground, caller, room);
      throw new CallRefused("stale", { sentence: "The room has no such entry: this hub has lost its last entries." });
    },
  };
}

/** The number after these entries, which were read from `from` on. */
function nextAfter(entries: readonly { readonly seq: number }[], from: number): number {
  const last = entries.at(-1);
  return last === undefined ? from : last.seq + 1;
}
