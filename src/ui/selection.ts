// Which peer or room the prompt is at: what is typed goes there. It changes when the person says so, and by itself only
// as long as the person has not turned to anybody: then to a peer that connects, and never while something is typed;
// and to the only peer when a line was typed at nobody (`submission.ts`), which then needs another Enter.
//
//   nobody ---a peer connects, or is the only one---> offered ---`to`, or something is said---------> chosen
//     ^                                                 |  ^                                             |
//     |                                                 +--+ another connects, and it is not connected   |
//     +----- the peer is forgotten ---------------------+------------------------------------------------+
//
//   any ---`to #ROOM`; a room is there that the last line has asked for, and nothing is typed---> in room
//   nobody, offered ---the user comes into a room, and nothing is typed---> in room
//   in room ---the user leaves it, or is removed, or it is closed---> gone ---the user is in it again---> in room
//   any ---`to #ROOM`, and the user is out of it---> gone
//   in room, gone ---`to NAME`---> chosen

import type { ProgramEvent } from "../app/events.ts";
import type { RoomsHere } from "../app/rooms/room-command-names.ts";
import type { RoomCommand } from "../app/rooms/room-commands.ts";
import type { KnownRoom, RoomReport, RoomView } from "../app/rooms/room-reports.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import { beginsMembership, endsMembership, KnownRooms, leadsTo } from "./known-rooms.ts";

type State =
  | { readonly name: "nobody"; readonly peer?: undefined }
  | { readonly name: "offered" | "chosen"; readonly peer: PeerView }
  | { readonly name: "in room" | "gone"; readonly room: RoomView; readonly peer?: undefined };

type Introduction = Pick<Extract<ProgramEvent, { type: "introduction" }>, "peer" | "by">;

export class Selection {
  readonly #isTyping: () => boolean;
  #state: State = { name: "nobody" };
  /** Everybody whom a line may name. */
  people: readonly PeerView[] = [];
  #hubPeers: readonly PeerView[] = [];
  /** Those who were introduced and wait for an answer, by the ids of their introductions. */
  readonly #introduced = new Map<string, Introduction>();
  /** Fingerprints. */
  readonly #connected = new Set<string>();
  readonly rooms = new KnownRooms();
  /** The last line that was entered, if it leads into a room. */
  #expected: RoomCommand | undefined;

  /** `isTyping`: whether a line has been begun, or a change could not be shown now. */
  constructor(isTyping: () => boolean = () => false) {
    this.#isTyping = isTyping;
  }

  get peer(): PeerView | undefined {
    return this.#state.peer;
  }

  isAt(peer: PeerView | undefined): boolean {
    return peer !== undefined && this.peer?.fingerprint === peer.fingerprint;
  }

  /** Whether the prompt is at somebody else, or at a room. */
  isElsewhere(peer: PeerView): boolean {
    return this.#state.name !== "nobody" && !this.isAt(peer);
  }

  /** The room that the prompt is at. */
  get room(): KnownRoom | undefined {
    if (this.#state.name !== "in room") return undefined;
    const { room } = this.#state;
    return this.rooms.find(room.id) ?? { ...room, standing: "joined", people: [] };
  }

  /** The room that the prompt is at although the user is out of it. */
  get goneRoom(): RoomView | undefined {
    return this.#state.name === "gone" ? this.#state.room : undefined;
  }

  isAtRoom({ id }: RoomView): boolean {
    return this.#state.name === "in room" && this.#state.room.id === id;
  }

  /** What a line may name of rooms. */
  get roomsHere(): RoomsHere {
    // At a first meeting the rooms are known a moment later than the hub.
    const hubs = this.rooms.hubs.length > 0 ? this.rooms.hubs : this.#hubPeers.map(({ name }) => name);
    // What was said in a room that the user is out of can still be looked at there.
    const at = this.room ?? (this.goneRoom === undefined ? undefined : this.rooms.find(this.goneRoom.id));
    return { rooms: this.rooms.rooms, hubs, hubPeers: this.#hubPeers, at };
  }

  turnToRoom(room: RoomView): void {
    const isOver = this.rooms.find(room.id)?.standing === "over";
    this.#state = { name: isOver ? "gone" : "in room", room };
    this.rooms.count(room.id, 0);
  }

  /** A line was entered; `command`: if it is one about rooms. */
  entered(command: RoomCommand | undefined): void {
    this.#expected = command;
  }

  /** By itself, with a word to the person. */
  turnTo(peer: PeerView): void {
    this.#state = { name: "offered", peer };
  }

  /** Those who were introduced and wait for an answer. */
  get introduced(): readonly PeerView[] {
    const byPrint = new Map([...this.#introduced.values()].map(({ peer }) => [peer.fingerprint, peer]));
    return [...byPrint.values()];
  }

  learn(event: ProgramEvent): void {
    switch (event.type) {
      case "room":
        this.#learnOfRooms(event.report);
        break;
      case "introduction":
        // The same of the same two again takes the place of the earlier one.
        for (const [id, earlier] of this.#introduced) if (isOfSame(earlier, event)) this.#introduced.delete(id);
        this.#introduced.set(event.id, event);
        break;
      case "introduction-answered":
        this.#introduced.delete(event.id);
        break;
      case "unread":
        this.rooms.count(event.conversation, event.unread);
        break;
      case "selected":
        if (event.by === "start" && this.#state.name === "in room") break;
        this.#state = { name: event.by === "user" ? "chosen" : "offered", peer: event.peer };
        break;
      case "connected":
        this.#connected.add(event.peer.fingerprint);
        if (event.peer.isHub === true && !this.#isKnownHub(event.peer))
          this.#hubPeers = [...this.#hubPeers, event.peer];
        if (event.formerFingerprint !== undefined) this.#reprint(event.formerFingerprint, event.peer);
        if (this.#mayTurn) this.#state = { name: "offered", peer: event.peer };
        else this.#refresh(event.peer);
        break;
      case "disconnected":
        if (event.peer !== undefined) this.#connected.delete(event.peer.fingerprint);
        break;
      case "queued":
      case "sent":
        // By an aside to somebody else too: from now on, the prompt does not turn by itself.
        if (this.isAt(event.peer)) this.#state = { name: "chosen", peer: event.peer };
        else if (this.#state.name === "offered") this.#state = { ...this.#state, name: "chosen" };
        break;
      case "peer-forgotten":
        if (this.isAt(event.peer)) this.#state = { name: "nobody" };
        break;
      case "people":
        this.people = event.peers;
        this.#hubPeers = event.hubs ?? [];
        for (const peer of event.peers) this.#refresh(peer);
        break;
      case "renamed":
      case "verify":
        this.#refresh(event.peer);
        break;
      case "peers":
        for (const peer of event.peers) this.#refresh(peer);
        break;
      case "status":
        if (event.status.peer !== undefined) this.#refresh(event.status.peer);
        break;
      default:
        break;
    }
  }

  #isKnownHub({ fingerprint }: PeerView): boolean {
    return this.#hubPeers.some((hub) => hub.fingerprint === fingerprint);
  }

  get #mayTurn(): boolean {
    if (this.#isTyping()) return false;
    const { name, peer } = this.#state;
    return name === "nobody" || (name === "offered" && !this.#connected.has(peer.fingerprint));
  }

  #learnOfRooms(report: RoomReport): void {
    this.rooms.learn(report);
    if (report.type === "known-rooms") this.#turnToOnly();
    const begun = beginsMembership(report);
    const ended = endsMembership(report);
    if (begun !== undefined && this.#mayTurnTo(begun)) this.turnToRoom(begun);
    if (ended !== undefined && this.isAtRoom(ended)) this.#state = { name: "gone", room: ended };
  }

  /** At the start, where nobody but hubs is paired and there is one room. */
  #turnToOnly(): void {
    const [only, ...others] = this.rooms.rooms.filter(({ standing }) => standing === "joined");
    const { name, peer } = this.#state;
    const isAtNobody = name === "nobody" || (name === "offered" && this.#isKnownHub(peer));
    const isFree = isAtNobody && this.people.length === 0 && !this.#isTyping();
    if (only !== undefined && others.length === 0 && isFree) this.turnToRoom(only);
  }

  #mayTurnTo(room: RoomView): boolean {
    if (this.#state.name === "gone" && this.#state.room.id === room.id) return true;
    if (this.#isTyping()) return false;
    const isExpected = this.#expected !== undefined && leadsTo(this.#expected, room);
    return isExpected || this.#state.name === "nobody" || this.#state.name === "offered";
  }

  /** The same peer has another fingerprint from now on. */
  #reprint(former: string, peer: PeerView): void {
    const state = this.#state;
    if (state.peer?.fingerprint === former && state.peer !== undefined) this.#state = { ...state, peer };
  }

  /** It may have been renamed. */
  #refresh(peer: PeerView): void {
    const state = this.#state;
    if (state.peer !== undefined && this.isAt(peer)) this.#state = { ...state, peer };
  }
}

function isOfSame(one: Introduction, other: Introduction): boolean {
  return one.peer.fingerprint === other.peer.fingerprint && one.by.fingerprint === other.by.fingerprint;
}
