// The hubs of a program, and the engine of the rooms at them (`rooms/rooms.ts`). The engine is loaded when it is needed
// first, with the cryptography that it stands on: a program without a hub loads none of it. What comes meanwhile waits, in
// order. Knows no presentation, and nothing of what happens in rooms.
//
//   the engine   unneeded ---a hub is known at the start or met, a command---> loading ---> ready
//                    |                                                            |           |
//                    |                                         it cannot be loaded+-> broken  |
//                    +----------------------------close---------------> closed <-----+--------+
//
//   a session    opened: calls are carried ---ended, or the hub is forgotten---> over

import { toHex } from "../core/bytes.ts";
import { CLOSE_REASON } from "../core/channel/index.ts";
import type { Chat, ChatEvent } from "../core/chat/chat.ts";
import type { Session } from "../core/chat/session.ts";
import { LairError } from "../core/errors.ts";
import { findPeer, hubsAmong, type Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { Transfer } from "../core/transfers/pieces.ts";
import type { Conversation } from "./conversation.ts";
import type { Frontend } from "./frontend.ts";
import { readHubLink } from "./hub-link.ts";
import type { ConnectTarget } from "./connect-target.ts";
import type { Clock } from "./ports.ts";
import type { RoomCommand } from "./rooms/room-commands.ts";
import type { KnownRoom, RoomReport } from "./rooms/room-reports.ts";
import type { Rooms } from "./rooms/rooms.ts";
import type { SessionRunner } from "./session-runner.ts";
import type { Unread } from "./unread.ts";

/** What the engine of the rooms gets of the messenger. */
export interface RoomsFrame {
  /** All peers that are paired here, as stored now. */
  readonly peers: () => readonly Peer[];
  readonly show: (report: RoomReport) => void;
  /** To the one that has asked. */
  readonly answer: (report: RoomReport) => void;
  readonly whenTaken: Frontend["whenTaken"];
}

/** Loads the engine. Rejects with what keeps it from being loaded, such as LairError store-*. */
export type LoadRooms = (frame: RoomsFrame) => Promise<Rooms>;

/** Ours: what the engine has been told is done in far less, unless the disk hangs. */
const LONGEST_SETTLING_MS = 3_000;

interface HubsOptions {
  readonly clock: Pick<Clock, "setTimer">;
  readonly frontend: Pick<Frontend, "show" | "answer" | "isAtRoom" | "whenTaken">;
  /** Of all conversations: lines that come in rooms are counted here. */
  readonly unread: Unread;
  /** Absent: this program has no rooms. */
  readonly loadRooms?: LoadRooms | undefined;
  /** All peers that are not forgotten. */
  readonly known: () => readonly Peer[];
  /** Connects to a hub. Absent: this program connects to nobody. */
  readonly dial?: ((target: ConnectTarget) => void) | undefined;
  /** Whether the output accepts what is shown. */
  readonly isOutputTaken: () => boolean;
  readonly showError: (error: unknown, peer?: Peer) => void;
  /** How much waits, or whether a hub is there, may have changed. */
  readonly onChange: () => void;
}

type State =
  | { readonly name: "unneeded" }
  /** Each of these is done once the engine is there. */
  | { readonly name: "loading"; readonly waiting: ((rooms: Rooms) => void)[] }
  | { readonly name: "ready"; readonly rooms: Rooms }
  | { readonly name: "broken"; readonly error: unknown }
  | { readonly name: "closed" };

/**
 * The hubs of a program. More than twenty members: it stands for an engine that may not be loaded, so all that rooms are
 * asked and told goes through it.
 */
export class Hubs {
  readonly #options: HubsOptions;
  #state: State = { name: "unneeded" };
  /** The sessions with hubs that are open, by their conversations. */
  readonly #open = new Map<Conversation, SessionRunner<Session>>();
  #hasOpened = false;
  /** Links to rooms that are used once the hub is there, by the hex of its key. */
  readonly #links = new Map<string, string>();
  #rooms: readonly KnownRoom[] = [];
  /** Resolves once the engine is there, or is not needed, or cannot be loaded. */
  #loaded: Promise<void> = Promise.resolve();
  /** Hubs that were forgotten before the engine was there. */
  readonly #forgottenEarly: Peer[] = [];
  /** Lines that were said while the engine was being loaded. */
  #saidEarly = 0;

  constructor(options: HubsOptions) {
    this.#options = options;
  }

  /** At the start, if this program talks with a hub: what is known of its rooms is told. */
  recall(): void {
    this.#do(() => {});
  }

  // --- sessions -----------------------------------------------------------------------------------------------------

  /** A session with a hub has opened. */
  opened(conversation: Conversation): void {
    const { peer, runner } = conversation;
    if (peer === undefined || runner === undefined) return;
    const transfers = runner.session.chatSession?.transfers;
    if (transfers === undefined) {
      const name = nameInSentence(peer.name);
      this.#options.showError(new LairError("hub-away", `${name} was a hub, but is not one now.`), peer);
      runner.leave(CLOSE_REASON.goodbye, 0);
      return;
    }
    this.#open.set(conversation, runner);
    this.#hasOpened = true;
    const send = (transfer: Transfer): void => {
      if (runner.hasEnded) return;
      transfers.send(transfer);
      runner.wake();
    };
    // Nobody takes what it sends before the engine is there.
    if (this.#state.name !== "ready") runner.regulateReceiving(false);
    this.#do((rooms) => {
      if (this.#open.get(conversation) !== runner) return;
      rooms.opened(peer, send);
      runner.regulateReceiving(this.#options.isOutputTaken());
    });
    this.#useLink(peer);
    this.#options.onChange();
  }

  /** Throws LairError `call-malformed`: the session is to be ended with it. */
  receive(conversation: Conversation, transfer: Transfer): void {
    const runner = this.#open.get(conversation);
    const { peer } = conversation;
    if (runner === undefined || peer === undefined) return;
    if (this.#state.name === "ready") {
      this.#state.rooms.receive(peer, transfer);
      return;
    }
    this.#do((rooms) => {
      if (this.#open.get(conversation) !== runner) return;
      try {
        rooms.receive(peer, transfer);
      } catch (error) {
        runner.fail(error);
      }
    });
  }

  /** The session is over, or its hub is forgotten. */
  ended(conversation: Conversation): void {
    const { peer } = conversation;
    if (!this.#open.delete(conversation) || peer === undefined) return;
    this.#do((rooms) => rooms.ended(peer));
    this.#options.onChange();
  }

  /** The pairing with this hub is removed. */
  forgotten(conversation: Conversation, hub: Peer, history: boolean): void {
    this.ended(conversation);
    this.#links.delete(toHex(hub.publicKey));
    // The engine must know what there is to forget.
    if (this.#state.name !== "ready") this.#forgottenEarly.push(hub);
    this.#do((rooms) => rooms.forgotten(hub, history));
  }

  /** Whether calls are carried over this session, so that its end waits for what is still to be sent. */
  isCarriedBy(runner: SessionRunner<Session>): boolean {
    return [...this.#open.values()].includes(runner);
  }

  // --- commands -----------------------------------------------------------------------------------------------------

  /** Throws LairError if there is no hub, or for a link that cannot be read. */
  command(command: RoomCommand): void {
    if (command.type === "join-link") {
      this.join(command.link);
      return;
    }
    this.#requireHub();
    this.#tell(command);
  }

  /** The same, but that the answer is returned: see {@link Rooms.ask}. A link is joined by {@link command}. Rejects with LairError. */
  async ask(command: RoomCommand): Promise<RoomReport | undefined> {
    this.#requireHub();
    const rooms = await this.engine();
    this.#noteRead(command);
    const asked = rooms.ask(command);
    this.#options.onChange();
    return await asked;
  }

  /** The engine, once it is there. Rejects with LairError if no hub is known, or with what keeps it from being loaded. */
  async engine(): Promise<Rooms> {
    this.#requireHub();
    this.#do(() => {});
    await this.#loaded;
    const state = this.#state;
    if (state.name === "ready") return state.rooms;
    throw state.name === "broken"
      ? state.error
      : new LairError("hub-away", "The program is ending, so nothing was done.");
  }

  /** Throws LairError. */
  #requireHub(): void {
    if (this.hasHubs) return;
    throw new LairError("hub-away", "No hub is known here, so there are no rooms.", {
      hint: "Join one: type join and its invite, or a link to a room.",
    });
  }

  /** Whether any hub is known. */
  get hasHubs(): boolean {
    return hubsAmong(this.#options.known()).length > 0;
  }

  /** Pairs with the hub of an invite or of a link to a room, if it is not known, and uses the link. Throws LairError. */
  join(text: string): void {
    const { known, dial, frontend } = this.#options;
    const { invite, credentials, roomLink } = readHubLink(text, known());
    const hub = findPeer(known(), invite.serverKey);
    const isKnown = hub?.isHub === true;
    if (isKnown && roomLink === undefined) {
      const text = `You are already a member of the hub ${nameInSentence(hub.name)}.`;
      frontend.show({ type: "notice", text });
    }
    if (hub?.isMuted === true) {
      const name = nameInSentence(hub.name);
      throw new LairError("hub-away", `${name} is muted, so this program does not contact it.`, {
        hint: "Type unmute and its name.",
      });
    }
    this.expect(invite.serverKey, roomLink);
    if (this.#isOpenWith(invite.serverKey)) {
      if (isKnown) this.#useLink(hub);
      return;
    }
    if (dial === undefined) throw new LairError("usage", "This program makes no connections, so it cannot join a hub.");
    dial({ url: (isKnown ? hub.url : undefined) ?? invite.url, how: isKnown ? "known" : "invite", credentials });
  }

  /** Uses this link once the hub with this key is there. */
  expect(key: Uint8Array, roomLink: string | undefined): void {
    if (roomLink !== undefined) this.#links.set(toHex(key), roomLink);
  }

  /** Somebody has come: if it is no hub, no link leads into a room there. */
  refuseLink(peer: Peer): void {
    if (!this.#links.delete(toHex(peer.publicKey))) return;
    const message = `${nameInSentence(peer.name)} is not a hub, so the link does not lead to a room.`;
    this.#options.showError(new LairError("usage", message, { hint: "Ask for another link." }), peer);
  }

  #useLink(hub: Peer): void {
    const key = toHex(hub.publicKey);
    const link = this.#links.get(key);
    if (link === undefined) return;
    this.#links.delete(key);
    this.#tell({ type: "join-link", link });
  }

  #isOpenWith(key: Uint8Array): boolean {
    const open = [...this.#open.keys()].flatMap(({ peer }) => peer ?? []);
    return findPeer(open, key) !== undefined;
  }

  #tell(command: RoomCommand): void {
    if (this.#state.name === "broken") throw this.#state.error;
    if (isSaid(command) && this.#state.name !== "ready") this.#saidEarly += 1;
    this.#noteRead(command);
    this.#do((rooms) => rooms.command(command));
    this.#options.onChange();
  }

  /** What the user has read, or speaks below, is read in all frontends. */
  #noteRead(command: RoomCommand): void {
    const isRead = isSaid(command) || (command.type === "noted" && command.what === "read");
    if (!isRead || !("room" in command)) return;
    const named = this.#rooms.find(({ id, name }) => id === command.room || `#${name}` === command.room);
    this.#options.unread.clear(named?.id ?? command.room);
  }

  /** Rooms that are gone have nothing to be read. */
  #know(rooms: readonly KnownRoom[]): void {
    const ids = new Set(rooms.map(({ id }) => id));
    for (const { id } of this.#rooms) if (!ids.has(id)) this.#options.unread.clear(id);
    this.#rooms = rooms;
  }

  // --- what waits ---------------------------------------------------------------------------------------------------

  /** How many lines wait that no log has yet. */
  get undelivered(): number {
    return this.#state.name === "ready" ? this.#state.rooms.undelivered : this.#saidEarly;
  }

  /** Whether lines wait that no session carries now. */
  get hasToWait(): boolean {
    return this.undelivered > 0 && this.#open.size === 0;
  }

  /** Whether the room of this name, or any, can be spoken in: the user is in it, and a hub has been there. */
  isHeardIn(room: string): boolean {
    if (!this.#hasOpened) return false;
    return this.#rooms.some(({ id, name, standing }) => standing === "joined" && (`#${name}` === room || id === room));
  }

  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Whether a hub is there, and all is known of its rooms. */
  get isSettled(): boolean {
    return this.isOpen && this.#links.size === 0 && this.#state.name === "ready" && this.#state.rooms.isSettled;
  }

  /** Lines whose time is over by now disappear. */
  expire(nowMs: number): void {
    if (this.#state.name === "ready") this.#state.rooms.expire(nowMs);
  }

  /** Calls back once nothing waits that a hub could take now. */
  whenIdle(action: () => void): void {
    if (this.#state.name === "ready" || this.#state.name === "loading") this.#do((rooms) => rooms.whenIdle(action));
    else action();
  }

  /** Nothing more is done; resolves once what was begun is stored. */
  async close(): Promise<void> {
    await this.#loaded;
    const state = this.#state;
    // It drops what it has not begun: a line that was said, or rooms that were to be forgotten.
    if (state.name === "ready") await this.#settled(state.rooms);
    this.#state = { name: "closed" };
    if (state.name === "ready") await state.rooms.close();
  }

  async #settled(rooms: Rooms): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.setTimer(LONGEST_SETTLING_MS, resolve);
      rooms.whenIdle(() => {
        cancel();
        resolve();
      });
    });
  }

  // --- the engine ---------------------------------------------------------------------------------------------------

  /** Now, or once the engine is there. */
  #do(action: (rooms: Rooms) => void): void {
    if (this.#state.name === "unneeded") this.#load();
    const state = this.#state;
    if (state.name === "ready") action(state.rooms);
    else if (state.name === "loading") state.waiting.push(action);
  }

  #load(): void {
    const { loadRooms, known, frontend } = this.#options;
    const waiting: ((rooms: Rooms) => void)[] = [];
    this.#state = { name: "loading", waiting };
    const frame: RoomsFrame = {
      peers: known,
      show: (report) => this.#show(report),
      answer: (report) => {
        const event = { type: "room", report } as const;
        if (frontend.answer === undefined) frontend.show(event);
        else frontend.answer(event);
      },
      whenTaken: (action) => frontend.whenTaken(action),
    };
    const loading = loadRooms?.(frame) ?? Promise.reject(new LairError("usage", "This program has no rooms."));
    this.#loaded = loading.then((rooms) => this.#begin(rooms, waiting)).catch((error: unknown) => this.#break(error));
  }

  async #begin(rooms: Rooms, waiting: ((rooms: Rooms) => void)[]): Promise<void> {
    await rooms.recall([...hubsAmong(this.#options.known()), ...this.#forgottenEarly]);
    this.#state = { name: "ready", rooms };
    this.#saidEarly = 0;
    for (const action of waiting) action(rooms);
    this.#options.onChange();
  }

  #break(error: unknown): void {
    this.#state = { name: "broken", error };
    this.#options.showError(error);
    for (const runner of this.#open.values()) runner.leave(CLOSE_REASON.goodbye, 0);
    this.#options.onChange();
  }

  #show(report: RoomReport): void {
    const { frontend, unread } = this.#options;
    if (report.type === "known-rooms") this.#know(report.rooms);
    frontend.show({ type: "room", report });
    if (report.type === "message" && frontend.isAtRoom?.(report.room) !== true) unread.add(report.room.id);
    if (report.type === "known-rooms" || report.type === "sent") this.#options.onChange();
  }
}

/** Whether a command says something that is lost if it is not carried out. */
function isSaid({ type }: RoomCommand): boolean {
  return type === "say" || type === "reply";
}

/** Takes what a hub says as a person would, and drops it: nobody reads it, and nobody is introduced by a program. */
export function dropSaid(chat: Chat, event: ChatEvent): void {
  switch (event.type) {
    case "introduction":
      if (typeof event.introduction !== "string") chat.settle(event.introduction.id);
      chat.show(event.seq + 1);
      break;
    case "message":
    case "unknown-message":
    case "unreadable-message":
    case "timer-held":
      chat.show(event.seq + 1);
      break;
    case "timer":
      if (event.by === "peer") chat.show(event.seq + 1);
      break;
    default:
  }
}
