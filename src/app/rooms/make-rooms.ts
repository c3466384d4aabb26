// The rooms of a program: one membership for each paired hub, the user's commands, and the reports to the frontend.
// Everything is done in the order in which it came.

import { toHex } from "../../core/bytes.ts";
import type { Peer } from "../../core/identity/peer.ts";
import { audienceOf } from "../audience.ts";
import { LairError } from "../../core/errors.ts";
import type { Transfer } from "../../core/transfers/pieces.ts";
import { parseRoomLink } from "../../core/room/room-link.ts";
import { HubMembership, type MembershipParts } from "./hub-membership.ts";
import type { ActionParts } from "./action-parts.ts";
import { Queues } from "./queues.ts";
import { RoomActions } from "./room-actions.ts";
import type { RoomCommand } from "./room-commands.ts";
import type { RoomParts } from "./room-ground.ts";
import { RoomNames } from "./room-names.ts";
import { RoomPlaces } from "./room-places.ts";
import type { RoomReport } from "./room-reports.ts";
import { RoomLook, type RoomsLook } from "./room-look.ts";
import { errorReport, RoomShowing } from "./room-showing.ts";
import type { Rooms } from "./rooms.ts";

interface MakeRoomsParts extends RoomParts, Pick<ActionParts, "urlOf" | "exportLines"> {
  /** Calls back once the output has confirmed every report so far, or can never confirm them. */
  readonly whenTaken: (action: (isTaken: boolean) => void) => void;
  /** Shows the answer to a command to the one that gave it. Absent: as everything else. */
  readonly answer?: (report: RoomReport) => void;
}

/** Ours: how often it is looked for lines whose time is over. */
const SOONEST_MS = 5_000;
/** Lines of the past that are shown at the start. */
const REMINDED = 5;

const CHANGING: ReadonlySet<string> = new Set(["creating", "joining", "invited"]);
/** Commands that wait for others. */
const SLOW: ReadonlySet<RoomCommand["type"]> = new Set([
  "create",
  "join",
  "join-link",
  "invite",
  "link",
  "revoke-links",
  "role",
  "remove",
  "ban",
  "unban",
  "topic",
  "rename",
  "direct",
  "feed",
]);

function isAnswer(report: RoomReport): boolean {
  return audienceOf({ type: "room", report }) === "asker";
}

export function makeRooms(parts: MakeRoomsParts): Rooms {
  return new ProgramRooms(parts);
}

class ProgramRooms implements Rooms {
  readonly #parts: MakeRoomsParts;
  /** By key in hex. */
  readonly #hubs = new Map<string, HubMembership>();
  readonly #membership: MembershipParts;
  readonly #places: RoomPlaces;
  readonly #actions: RoomActions;
  readonly #showing: RoomShowing;
  readonly look: RoomsLook;
  /** What only stores and shows, one after the other. */
  readonly #quick = new Queues();
  /** What a hub and the others must agree to, one after the other: it waits while that hub is away, and the rest does not. */
  readonly #slow = new Queues();
  /** Where rooms are being made, by their names. */
  readonly #making = new Map<string, string>();
  /** Who waits for an answer. */
  readonly #asked = new Set<(error: unknown) => void>();
  /** How many are not done. */
  #undone = 0;
  #idle: (() => void)[] = [];
  #telling: "no" | "soon" = "no";
  #expiring: "no" | "now" = "no";
  /** Nothing disappears before. */
  #expiresAtMs = 0;
  #state: "open" | "closed" = "open";
  /** What the frontend was told last of rooms, hubs and people. */
  #told = "";

  constructor(parts: MakeRoomsParts) {
    const names = new RoomNames(parts);
    const hubs = (): readonly HubMembership[] => [...this.#hubs.values()];
    const follows = (key: string): boolean => hubs().some(({ settings }) => settings.follows.includes(key));
    this.#parts = parts;
    this.#showing = new RoomShowing({ ...parts, names, follows });
    this.#places = new RoomPlaces({ ...parts, names, hubs });
    this.look = new RoomLook({ ...parts, names, places: this.#places });
    this.#actions = new RoomActions({ ...parts, names, places: this.#places, showing: this.#showing });
    this.#membership = {
      ...parts,
      names,
      showing: this.#showing,
      onChange: () => this.#changed(),
      onHere: (hub) => this.#finish(hub),
      letIn: async (hub, worker, who) => await this.#actions.members.add({ hub, worker }, who),
    };
  }

  async recall(hubs: readonly Peer[]): Promise<void> {
    for (const hub of hubs) {
      const membership = this.#of(hub);
      await membership.open();
      for (const room of membership.rooms) {
        await this.#actions.lines.remind(room, REMINDED);
        await room.recall();
      }
    }
    await this.#tellKnown();
  }

  opened(hub: Peer, send: (transfer: Transfer) => void): void {
    this.#of(hub).opened(send);
  }

  receive(hub: Peer, transfer: Transfer): void {
    this.#of(hub).receive(transfer);
  }

  ended(hub: Peer): void {
    this.#of(hub).ended();
  }

  forgotten(hub: Peer, history: boolean): void {
    const key = toHex(hub.publicKey);
    const membership = this.#hubs.get(key);
    this.#hubs.delete(key);
    this.#do(async () => {
      await membership?.close();
      if (history) await membership?.forgetAll();
      await this.#tellKnown();
    });
  }

  command(command: RoomCommand): void {
    this.#add(
      command,
      async () => {
        const report = await this.#actions.do(command);
        // What has happened was told.
        if (report !== undefined && isAnswer(report)) this.#showing.answer(report);
      },
      // What goes wrong is told of the room that the command names.
      (error) => {
        const room = "room" in command ? this.#places.view(command.room) : undefined;
        this.#showing.answer(errorReport(error, room));
      },
    );
  }

  async ask(command: RoomCommand): Promise<RoomReport | undefined> {
    if (this.#state === "closed") throw ends();
    return await new Promise((done, failed) => {
      this.#asked.add(failed);
      const work = async (): Promise<void> => {
        const report = await this.#actions.do(command);
        this.#asked.delete(failed);
        done(report);
      };
      this.#add(command, work, (error) => {
        this.#asked.delete(failed);
        failed(error);
      });
    });
  }

  /** Puts a command into the queue where it belongs. */
  #add(command: RoomCommand, work: () => Promise<void>, failed: (error: unknown) => void): void {
    const begun = this.#begun(work, failed);
    if (!SLOW.has(command.type)) {
      void this.#quick.add("all", begun);
      return;
    }
    const hub = this.#hubOf(command);
    const making = command.type === "create" ? calledAs(command.name) : undefined;
    if (making === undefined || hub === undefined) {
      void this.#slow.add(hub, begun);
      return;
    }
    this.#making.set(making, hub);
    void this.#slow.add(hub, async () => await begun().finally(() => this.#making.delete(making)));
  }

  /** The hub that a command is about, by its key in hex; undefined: that is not known before it is done. */
  #hubOf(command: RoomCommand): string | undefined {
    try {
      if (command.type === "join-link") return toHex(parseRoomLink(command.link).invite.serverKey);
      if (command.type === "create" || command.type === "join") return toHex(this.#places.hub(command.hub).hubKey);
      if ("room" in command) return this.#making.get(calledAs(command.room)) ?? this.#hubOfRoom(command.room);
    } catch {
      // It is said when its turn comes.
    }
    return undefined;
  }

  #hubOfRoom(room: string): string {
    return toHex(this.#places.room(room).hub.hubKey);
  }

  expire(nowMs: number): void {
    if (this.#expiring === "now" || nowMs < this.#expiresAtMs) return;
    this.#expiring = "now";
    this.#parts.store
      .expire(nowMs)
      // A line that is said later may disappear sooner.
      .then((nextMs) => (this.#expiresAtMs = Math.min(nextMs ?? Infinity, nowMs + SOONEST_MS)))
      .catch((error: unknown) => this.#showing.error(error))
      .finally(() => (this.#expiring = "no"));
  }

  get isSettled(): boolean {
    const isChanging = this.#places.everywhere.some(({ worker: { room } }) => CHANGING.has(room.standing));
    return this.#undone === 0 && !isChanging && [...this.#hubs.values()].every((hub) => hub.isSettled);
  }

  get undelivered(): number {
    return this.#places.all.reduce((sum, { worker }) => sum + worker.waiting, 0);
  }

  whenIdle(action: () => void): void {
    if (this.#isIdle) action();
    else this.#idle.push(action);
  }

  async close(): Promise<void> {
    this.#state = "closed";
    await Promise.all([...this.#hubs.values()].map(async (hub) => await hub.close()));
    await Promise.all([this.#quick.done, this.#slow.done]);
    for (const failed of this.#asked) failed(ends());
  }

  #of(hub: Peer): HubMembership {
    const key = toHex(hub.publicKey);
    const known = this.#hubs.get(key) ?? new HubMembership(this.#membership, hub.publicKey);
    this.#hubs.set(key, known);
    return known;
  }

  /** Behind the commands that make rooms: what is unfinished then is of an earlier life of the program. */
  #finish(hub: HubMembership): void {
    if (!hub.rooms.some(({ room }) => room.madeFor !== undefined)) return;
    this.#doSlowly(toHex(hub.hubKey), async () => await this.#actions.entering.finish(hub));
  }

  #do(work: () => Promise<void>): void {
    void this.#quick.add("all", this.#begun(work));
  }

  #doSlowly(hub: string | undefined, work: () => Promise<void>): void {
    void this.#slow.add(hub, this.#begun(work));
  }

  /** Counts what is to be done from now on; what it fails with is shown. */
  #begun(
    work: () => Promise<void>,
    failed: (error: unknown) => void = (error) => this.#showing.error(error),
  ): () => Promise<void> {
    this.#undone += 1;
    return async () => {
      try {
        if (this.#state === "open") await work();
      } catch (error) {
        if (this.#state === "open") failed(error);
      } finally {
        this.#undone -= 1;
        this.#changed();
      }
    };
  }

  get #isIdle(): boolean {
    return this.#undone === 0 && this.#places.all.every(({ worker }) => worker.isIdle);
  }

  #changed(): void {
    if (this.#isIdle) for (const action of this.#idle.splice(0)) action();
    if (this.#telling === "soon" || this.#state === "closed") return;
    this.#telling = "soon";
    this.#parts.clock.soon(() => {
      this.#telling = "no";
      if (this.#state === "open") this.#tellKnown().catch((error: unknown) => this.#showing.error(error));
    });
  }

  /** Tells the frontend which rooms and people a line may name; only what has changed. */
  async #tellKnown(): Promise<void> {
    const rooms = await Promise.all(this.#places.everywhere.map(async ({ worker }) => await worker.known()));
    const hubs = [...this.#hubs.keys()].map((key) => this.#nameOf(key));
    const told = JSON.stringify([rooms, hubs]);
    if (told === this.#told) return;
    this.#told = told;
    this.#showing.tell({ type: "known-rooms", rooms, hubs });
  }

  #nameOf(key: string): string {
    return this.#parts.peers().find(({ publicKey }) => toHex(publicKey) === key)?.name ?? "";
  }
}

function ends(): LairError {
  return new LairError("hub-away", "The program ends before this was done.");
}

/** A name as it is compared. */
function calledAs(name: string): string {
  return name.trim().replace(/^#/u, "").toLowerCase();
}
