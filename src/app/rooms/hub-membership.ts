// A member at one hub: the line to it, the rooms there, letters and key packages. One for each hub that is paired.
//
//   away ──opened──► attending ──all is read──► here ──ended──► away
//
// While attending: what the member wants at this hub (unseen?), the rooms in which it sits, its letters, its key packages. Then
// each room's worker does what is to be done, and news wake it.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import type { Answered, Asked, CallName, NewsBody, NewsName, Outcome } from "../../core/hub/calls.ts";
import { decodeKnock } from "../../core/hub/knock.ts";
import { LairError } from "../../core/errors.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { Peer } from "../../core/identity/peer.ts";
import { decodeRoomContext } from "../../core/room/room-context.ts";
import { encodeLogView, logFrom } from "../../core/room/log-hash.ts";
import type { Transfer } from "../../core/transfers/pieces.ts";
import { ask, isAway, type HubCalls } from "./hub-calls.ts";
import { HubLine } from "./hub-line.ts";
import { packageOf, replenish } from "./key-packages.ts";
import { PeopleMet } from "./people-met.ts";
import { type RoomParts, withSigner } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomShowing } from "./room-showing.ts";
import { SignalReader } from "./signals.ts";
import { RoomWorker } from "./room-worker.ts";
import type { WorkerParts } from "./turns.ts";
import { FIRST_SETTINGS, type RoomSettings, type StoredRoom } from "./room-store.ts";

export interface MembershipParts extends RoomParts {
  readonly names: RoomNames;
  readonly showing: RoomShowing;
  readonly onChange: () => void;
  /** Adds somebody to a room that lets in everybody. Rejects with LairError. */
  readonly letIn: (hub: HubMembership, room: RoomWorker, who: PublicIdentity) => Promise<void>;
}

/** Ours: more are too old before they are opened. */
const MOST_SIGNALS = 32;

type Letter = Answered<"letters">["letters"][number];

type State =
  | { readonly name: "away" }
  | { readonly name: "attending" | "here"; readonly line: HubLine }
  | { readonly name: "closed" };

export class HubMembership implements HubCalls {
  readonly hubKey: Uint8Array;
  readonly #parts: MembershipParts;
  readonly #people: PeopleMet;
  readonly #signals: SignalReader;
  /** By id in hex. */
  readonly #rooms = new Map<string, RoomWorker>();
  #state: State = { name: "away" };
  #settings: RoomSettings = FIRST_SETTINGS;
  /** What is being done, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #opening: Promise<void> | undefined;
  /** Whether letters are to be read once more. */
  #letters: "none" | "waiting" = "none";
  /** Signals that are not opened yet. */
  #signalsWaiting = 0;

  constructor(parts: MembershipParts, hubKey: Uint8Array) {
    this.#parts = parts;
    this.hubKey = hubKey;
    this.#people = new PeopleMet({ store: parts.store, hub: this, pairedKey: (key) => pairedKey(parts, key) });
    this.#signals = new SignalReader(parts);
  }

  get isHere(): boolean {
    return this.#state.name === "here" || this.#state.name === "attending";
  }

  get rooms(): readonly RoomWorker[] {
    return [...this.#rooms.values()];
  }

  get settings(): RoomSettings {
    return this.#settings;
  }

  get people(): PeopleMet {
    return this.#people;
  }

  /** What is stored of this hub; once. */
  async open(): Promise<void> {
    this.#opening ??= this.#open();
    await this.#opening;
  }

  async #open(): Promise<void> {
    this.#settings = await this.#parts.store.settings(this.hubKey);
    for (const room of await this.#parts.store.rooms(this.hubKey)) await this.#add(room);
  }

  /** See {@link HubCalls.call}. */
  async call<Name extends CallName>(name: Name, asked: Asked<Name>): Promise<Outcome<Name>> {
    const state = this.#state;
    if (state.name === "away" || state.name === "closed") {
      throw new LairError("hub-away", "The hub is not connected now.", { hint: "Try again once it is." });
    }
    return await state.line.call(name, asked);
  }

  // --- the session --------------------------------------------------------------------------------------------------

  opened(send: (transfer: Transfer) => void): void {
    this.ended();
    const line = new HubLine({ send, onNews: (name, body) => this.#news(name, body) });
    this.#state = { name: "attending", line };
    this.#do(async () => await this.#attend(line));
  }

  /** Throws LairError `call-malformed`. */
  receive(transfer: Transfer): void {
    if (this.#state.name === "attending" || this.#state.name === "here") this.#state.line.receive(transfer);
  }

  ended(): void {
    if (this.#state.name === "attending" || this.#state.name === "here") this.#state.line.end();
    this.#state = { name: "away" };
    this.#parts.onChange();
  }

  async close(): Promise<void> {
    this.ended();
    this.#state = { name: "closed" };
    await this.#work;
    await Promise.all(this.rooms.map((room) => room.stop()));
  }

  // --- rooms --------------------------------------------------------------------------------------------------------

  /** A room that is made or joined, or to which the member is invited. */
  async add(room: StoredRoom): Promise<RoomWorker> {
    await this.#parts.store.change({ room });
    return await this.#add(room);
  }

  /** Removes everything that is stored of this hub. */
  async forgetAll(): Promise<void> {
    for (const room of this.rooms) await this.forget(room.view.id);
    const packages = await this.#parts.store.packages(this.hubKey);
    await this.#parts.store.change({ dropPackages: packages.map(({ ref }) => ref) });
  }

  /** Removes a room with its lines. */
  async forget(id: string): Promise<void> {
    const room = this.#rooms.get(id);
    if (room === undefined) return;
    this.#rooms.delete(id);
    await room.stop();
    await this.#parts.store.change({ forget: room.room.id });
    this.#parts.onChange();
  }

  async set(settings: RoomSettings): Promise<void> {
    await this.#parts.store.change({ settings: { hub: this.hubKey, settings } });
    const wasInvisible = this.#settings.isInvisible;
    this.#settings = settings;
    if (this.isHere && wasInvisible !== settings.isInvisible) {
      await ask(this, "visible", { isVisible: !settings.isInvisible });
    }
  }

  async #add(room: StoredRoom): Promise<RoomWorker> {
    const parts: WorkerParts = {
      ...this.#parts,
      hub: this,
      people: this.#people,
      isHere: () => this.#state.name === "here",
      isComing: () => this.#state.name === "attending",
    };
    const id = toHex(room.id);
    await this.#rooms.get(id)?.stop();
    const worker = await RoomWorker.open(parts, room);
    this.#rooms.set(id, worker);
    this.#parts.onChange();
    return worker;
  }

  // --- attending ----------------------------------------------------------------------------------------------------

  #do(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      if (!isAway(error)) this.#parts.showing.error(error);
    });
  }

  async #attend(line: HubLine): Promise<void> {
    const isStill = (): boolean => this.#state.name === "attending" && this.#state.line === line;
    if (!isStill()) return;
    await this.open();
    // Before any other call, or the others would see it.
    if (this.#settings.isInvisible) await ask(this, "visible", { isVisible: false });
    await this.#readLetters();
    const { publicKey: key } = this.#parts.identity;
    const { account } = await ask(this, "find", { key, handle: undefined });
    this.#parts.names.learn({ publicKey: key, handle: account?.handle });
    const { rooms } = await ask(this, "rooms", {});
    if (!isStill()) return;
    this.#state = { name: "here", line };
    for (const room of this.rooms) {
      room.begin(rooms.find((one) => equalInConstantTime(one.room, room.room.id))?.cursor);
    }
    this.#parts.onChange();
    await replenish({ ...this.#parts, hub: this, hubKey: this.hubKey });
  }

  #news<Name extends NewsName>(name: Name, body: NewsBody<Name>): void {
    if (name === "letter") {
      if (this.#letters === "waiting") return;
      this.#letters = "waiting";
      this.#do(async () => {
        this.#letters = "none";
        await this.#readLetters();
        await replenish({ ...this.#parts, hub: this, hubKey: this.hubKey });
      });
      return;
    }
    if (!("room" in body)) return;
    const room = this.#rooms.get(toHex(body.room));
    if (room === undefined) return;
    // What the news say is read from the log, or refused there.
    if (!("from" in body)) return room.wake();
    if (this.#signalsWaiting >= MOST_SIGNALS) return;
    this.#signalsWaiting += 1;
    this.#do(async () => {
      this.#signalsWaiting -= 1;
      await this.#signals.take(room, body.from, body.bytes);
    });
  }

  async #readLetters(): Promise<void> {
    for (;;) {
      const { letters } = await ask(this, "letters", {});
      if (letters.length === 0) return;
      for (const letter of letters) {
        try {
          await this.#letter(letter);
        } catch (error) {
          // One that cannot be read would stand in the way of all others.
          if (isAway(error) || (error instanceof LairError && error.kind === "store")) throw error;
          this.#parts.showing.error(error);
        }
        await ask(this, "drop", { id: letter.id });
      }
    }
  }

  async #letter({ kind, bytes }: Letter): Promise<void> {
    if (kind === "welcome") await this.#welcome(bytes);
    if (kind === "knock") await this.#knock(bytes);
  }

  /** Somebody has added this member to a room. */
  async #welcome(bytes: Uint8Array): Promise<void> {
    const { groups, store, clock, showing, names } = this.#parts;
    const refs = await groups.welcomeRefs(bytes);
    const used = packageOf(await store.packages(this.hubKey), refs);
    if (used === undefined) return;
    const { state, view, by } = await withSigner(this.#parts, (signer) => groups.join(bytes, used.secret, signer));
    const dropPackages = used.isLastResort ? [] : [used.ref];
    const { rooms } = await ask(this, "rooms", {});
    const seat = rooms.find(({ room }) => toHex(room) === toHex(view.groupId));
    const known = this.#rooms.get(toHex(view.groupId));
    const isIn = known !== undefined && known.room.standing !== "over" && (seat?.from ?? 0) < known.room.next;
    if (seat === undefined || isIn) {
      // The hub knows of no such place, or it is the room's group that is here already.
      await store.change({ dropPackages });
      return;
    }
    const room: StoredRoom = {
      id: view.groupId,
      hub: this.hubKey,
      standing: "invited",
      name: decodeRoomContext(view.context).name,
      state,
      since: Number(view.epoch),
      first: seat.from,
      next: seat.from,
      commits: 0,
      log: encodeLogView(logFrom(seat.from)),
      pending: undefined,
      timerS: 0,
      renewedAtMs: clock.now().wallMs,
      lost: undefined,
      disagreeing: [],
      link: undefined,
      by: { publicKey: by.publicKey, signatureKey: by.signatureKey },
    };
    const pins = [];
    for (const who of view.roster) {
      if (equalInConstantTime(who.publicKey, this.#parts.identity.publicKey)) continue;
      const { pin, alarm } = await this.#people.meet(who, { kind: "present" });
      if (pin !== undefined) {
        pins.push(pin);
        names.learn(pin);
      }
      if (alarm !== undefined) {
        showing.tell({
          type: "key-changed",
          room: { id: toHex(room.id), name: room.name },
          who: await names.view(who),
        });
      }
    }
    await store.change({ room, dropPackages, pins });
    const worker = await this.#add(room);
    showing.tell({ type: "invited", room: worker.view, by: await names.view(by) });
  }

  /** Somebody asks to be let into a listed room. */
  async #knock(bytes: Uint8Array): Promise<void> {
    const { room, from } = decodeKnock(bytes);
    const worker = this.#rooms.get(toHex(room));
    if (worker?.room.standing !== "joined") return;
    const { account } = await ask(this, "find", { key: from, handle: undefined });
    if (account === undefined) return;
    const who = { publicKey: account.key, signatureKey: account.signatureKey };
    const { pin, alarm } = await this.#people.meet(who, { kind: "directory" });
    if (alarm !== undefined) {
      return this.#parts.showing.tell({
        type: "key-changed",
        room: worker.view,
        who: await this.#parts.names.view(who),
      });
    }
    if (pin !== undefined) {
      await this.#parts.store.change({ pins: [pin] });
      this.#parts.names.learn(pin);
    }
    if (this.#settings.feeds.includes(worker.view.id)) return await this.#parts.letIn(this, worker, who);
    this.#parts.showing.tell({ type: "knocked", room: worker.view, who: await this.#parts.names.view(who) });
  }
}

function pairedKey({ peers }: Pick<RoomParts, "peers">, publicKey: Uint8Array): Uint8Array | undefined {
  const peer: Peer | undefined = peers().find((one) => equalInConstantTime(one.publicKey, publicKey));
  return peer?.signatureKey;
}
