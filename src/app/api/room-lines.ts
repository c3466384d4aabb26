// The rooms of a program and their lines, as the API shows them.

import type { LinePlace, LookedRoom, RoomsLook } from "../rooms/room-look.ts";
import type { ApiGround } from "./api-ground.ts";
import { roomMessageJson, roomPersonJson } from "./json-views.ts";
import { requireCursor } from "./problems.ts";
import type { ConversationJson, FoundLineJson, MessageJson, MessagePageJson, RoomJson, Where } from "./views.ts";

/** Of a cursor: it and the number of an entry. */
const ENTRY = "e";
const AT_ONCE = 500;

export class RoomLines {
  readonly #ground: ApiGround;

  constructor(ground: ApiGround) {
    this.#ground = ground;
  }

  /** Rejects with LairError. */
  async conversations(): Promise<readonly ConversationJson[]> {
    const look = await this.#look();
    if (look === undefined) return [];
    return await Promise.all(look.all.map(async (room) => await this.#conversation(look, room)));
  }

  /** The last page has what waits to be sent as well. Rejects with ApiProblem, LairError store-*. */
  async page(room: string, where: Where, limit: number): Promise<MessagePageJson> {
    const page = await (await this.#look())?.page(room, placeOf(where), limit);
    return {
      messages: page?.lines.map((line) => roomMessageJson(line)) ?? [],
      ...(page?.before === undefined ? {} : { before: `${ENTRY}${page.before}` }),
      ...(page?.after === undefined ? {} : { after: `${ENTRY}${page.after}` }),
    };
  }

  /** Rejects with LairError store-*. */
  async all(room: string): Promise<readonly MessageJson[]> {
    const pages: (readonly MessageJson[])[] = [];
    for (let before: string | undefined; ;) {
      const page: MessagePageJson = await this.page(room, before === undefined ? {} : { before }, AT_ONCE);
      pages.unshift(page.messages);
      if (page.before === undefined) return pages.flat();
      before = page.before;
    }
  }

  /** In one room, or in all. Rejects with LairError store-*. */
  async search(
    words: string,
    room: string | undefined,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly found: readonly FoundLineJson[]; readonly total: number }[]> {
    const look = await this.#look();
    const ids = look === undefined ? [] : look.all.map(({ room: { id } }) => id).filter((id) => id === (room ?? id));
    const searching = ids.map(async (id) => {
      const { lines, total } = await look!.search(id, words, limit);
      const found = lines.map((line) => ({ message: roomMessageJson(line), around: line.id }));
      return { id, found, total };
    });
    return await Promise.all(searching);
  }

  async #look(): Promise<RoomsLook | undefined> {
    const { rooms } = this.#ground.parts.messenger;
    return rooms.hasHubs ? (await rooms.engine()).look : undefined;
  }

  async #conversation(look: RoomsLook, room: LookedRoom): Promise<ConversationJson> {
    const { lines } = await look.page(room.room.id, {}, 1);
    const last = lines.at(-1);
    return {
      id: room.room.id,
      kind: room.room.isDirect === true ? "direct" : "room",
      name: room.room.name,
      state: this.#ground.stateOf(room.hub),
      unread: this.#ground.parts.messenger.unread.of(room.room.id),
      waiting: room.waiting,
      timerSeconds: room.timerS,
      ...(last === undefined ? {} : { last: roomMessageJson(last) }),
      room: await roomJson(room),
    };
  }
}

/** Throws ApiProblem. */
function placeOf({ before, after, around }: Where): LinePlace {
  if (around !== undefined) return { around };
  if (after !== undefined) return { after: requireCursor(after, ENTRY) };
  return before === undefined ? {} : { before: requireCursor(before, ENTRY) };
}

async function roomJson({ standing, role, topic, isAnnouncement, members, hub, by }: LookedRoom): Promise<RoomJson> {
  const inviter = standing === "invited" ? await by() : undefined;
  return {
    standing,
    ...(role === undefined ? {} : { role }),
    topic,
    isAnnouncement,
    members,
    hub: hub.name,
    ...(inviter === undefined ? {} : { by: roomPersonJson(inviter) }),
  };
}
