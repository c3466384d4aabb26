// The calls about whole conversations, with people and in rooms: their list, their lines, what was read of them, their timer.

import { commandRow } from "../command-table.ts";
import type { ProgramEvent } from "../events.ts";
import type { Peer } from "../../core/identity/peer.ts";
import type { ApiGround, Calls, Keyed, Place } from "./api-ground.ts";
import { NOTHING } from "./api-ground.ts";
import { ApiProblem } from "./api.ts";
import { peerJson } from "./json-views.ts";
import type { PersonLines } from "./person-lines.ts";
import { malformed, notHere, requireLimit, requireOne, requireText } from "./problems.ts";
import type { RoomLines } from "./room-lines.ts";
import type { ConversationJson, ConversationStatusJson, FoundJson } from "./views.ts";

type Names =
  | "conversations"
  | "conversationStatus"
  | "messages"
  | "read"
  | "typing"
  | "setTimer"
  | "forgetHistory"
  | "export"
  | "search";

export class ConversationCalls {
  readonly #ground: ApiGround;
  readonly #people: PersonLines;
  readonly #rooms: RoomLines;
  readonly calls: Calls<Names>;

  constructor(ground: ApiGround, people: PersonLines, rooms: RoomLines) {
    this.#ground = ground;
    this.#people = people;
    this.#rooms = rooms;
    this.calls = {
      conversations: async () => ({ conversations: await this.#conversations() }),
      conversationStatus: async ({ conversation }) => await this.#status(conversation),
      messages: async ({ conversation, limit, ...where }) => {
        requireOne(where);
        const place = await ground.place(conversation);
        const most = requireLimit(limit);
        if (place.kind === "person") return people.page(place.peer, where, most);
        return await rooms.page(place.id, where, most);
      },
      read: async ({ conversation }) => await this.#read(conversation),
      typing: async ({ conversation }) => {
        const place = await ground.place(conversation);
        if (place.kind === "room" && place.room.standing === "joined") {
          await ground.ask({ type: "noted", what: "typing", room: place.id });
        }
        return NOTHING;
      },
      setTimer: async ({ conversation, seconds }, keyed) => await this.#setTimer(conversation, seconds, keyed),
      forgetHistory: async ({ conversation }) => await this.#forgetHistory(conversation),
      export: async ({ conversation }) => {
        const place = await ground.place(conversation);
        if (place.kind === "person") return { name: place.peer.name, messages: people.all(place.peer) };
        return { name: place.room.room.name, messages: await rooms.all(place.id) };
      },
      search: async ({ q, conversation, limit }) =>
        await this.#search(requireText(q), conversation, requireLimit(limit)),
    };
  }

  async #conversations(): Promise<readonly ConversationJson[]> {
    const people = this.#ground.parts.messenger.people.map((peer) => ({
      conversation: this.#ofPerson(peer),
      sinceMs: peer.pairedAtMs,
    }));
    const rooms = (await this.#rooms.conversations()).map((conversation) => ({ conversation, sinceMs: 0 }));
    const timeOf = ({ conversation: { last }, sinceMs }: (typeof people)[number]): number =>
      last === undefined ? sinceMs : Date.parse(last.at);
    return [...people, ...rooms]
      .toSorted((one, other) => timeOf(other) - timeOf(one))
      .map(({ conversation }) => conversation);
  }

  #ofPerson(peer: Peer): ConversationJson {
    const { messenger } = this.#ground.parts;
    const { undelivered, timerS } = messenger.chatWith(peer);
    const [state, id] = [this.#ground.stateOf(peer), this.#ground.idOf(peer)];
    const last = this.#people.last(peer);
    return {
      id,
      kind: "person",
      name: peer.name,
      state,
      unread: messenger.unread.of(id),
      waiting: undelivered,
      timerSeconds: timerS,
      ...(last === undefined ? {} : { last }),
      peer: peerJson(this.#ground.view(peer), { state, isMuted: peer.isMuted === true }),
    };
  }

  async #status(conversation: string): Promise<ConversationStatusJson> {
    const place = await this.#ground.place(conversation);
    const status: ProgramEvent | undefined =
      place.kind === "person"
        ? this.#ground.carryOut({ type: "status", to: place.id }).find(({ type }) => type === "status")
        : { type: "room", report: await this.#ground.answer({ type: "status", room: place.id }, "room-status") };
    if (status === undefined) throw new ApiProblem("internal", "This is a bug in Lair: there is no status.");
    const { event: _, ...members }: { readonly event?: unknown } = { ...this.#ground.parts.toJson(status) };
    return members;
  }

  async #read(conversation: string): Promise<typeof NOTHING> {
    const place = await this.#ground.place(conversation);
    this.#ground.parts.messenger.unread.clear(place.id);
    if (place.kind === "room" && place.room.standing === "joined") {
      await this.#ground.ask({ type: "noted", what: "read", room: place.id });
    }
    return NOTHING;
  }

  async #setTimer(conversation: string, seconds: number, keyed: Keyed | undefined): Promise<typeof NOTHING> {
    const command = commandRow("timer", "json")?.make({ seconds });
    if (command?.type !== "timer") throw malformed("A timer is a whole number of seconds, at most ten years; 0: none.");
    const place = await this.#ground.place(conversation);
    if (place.kind === "room") await this.#ground.askOnce({ type: "timer", room: place.id, seconds }, keyed);
    else if (keyed?.kept[0] === undefined) this.#ground.carryOut({ ...command, to: place.id }, keyed);
    return NOTHING;
  }

  async #forgetHistory(conversation: string): Promise<{ readonly count: number }> {
    const place = await this.#ground.place(conversation);
    if (place.kind === "room") return await this.#forgetRoom(place);
    const events = this.#ground.carryOut({ type: "forget", confirmed: true, to: place.id });
    const forgotten = events.find((event) => event.type === "forgotten");
    return { count: forgotten?.count ?? 0 };
  }

  async #forgetRoom({ id, room }: Extract<Place, { kind: "room" }>): Promise<{ readonly count: number }> {
    if (room.standing !== "over") {
      throw notHere("What was said in a room is kept as long as you are in it.", "Leave it first.");
    }
    const { length: count } = await this.#rooms.all(id);
    await this.#ground.ask({ type: "leave", room: id });
    return { count };
  }

  /** The newest first. */
  async #search(words: string, conversation: string | undefined, limit: number): Promise<FoundJson> {
    const place = conversation === undefined ? undefined : await this.#ground.place(conversation);
    const people =
      place === undefined ? this.#ground.parts.messenger.people : place.kind === "person" ? [place.peer] : [];
    const inPeople = people.map((peer) => ({
      id: this.#ground.idOf(peer),
      ...this.#people.search(peer, words, limit),
    }));
    const inRooms = place?.kind === "person" ? [] : await this.#rooms.search(words, place?.id, limit);
    const all = [...inPeople, ...inRooms];
    const found = all
      .flatMap(({ id, found: lines }) => lines.map((line) => ({ conversation: id, ...line })))
      .toSorted((one, other) => Date.parse(other.message.at) - Date.parse(one.message.at));
    return { total: all.reduce((sum, { total }) => sum + total, 0), found: found.slice(0, limit) };
  }
}
