// A member at one hub: the line to it, the rooms there, letters and key packages. One for each hub that is paired.
//
//   away ──opened──► attending ──all is read──► here ──ended──► away
//
// While attending: what the member wants at this hub (whether others see it), the rooms in which it sits, its letters, its key packages. Then
// each room's worker does what is to be done, and news wake it. What fails here, such as the disk, is told and tried again.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import type { Answered, Asked, CallName, NewsBody, NewsName, Outcome } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { Peer } from "../../core/identity/peer.ts";
import type { Transfer } from "../../core/transfers/pieces.ts";
import { ask, isAway, type HubCalls } from "./hub-calls.ts";
import { HubLine } from "./hub-line.ts";
import { replenish } from "./key-packages.ts";
import { type Letter, LetterReader, type WithInvitation } from "./letter-reader.ts";
import { tellHandle } from "./own-handle.ts";
import { Patience } from "./patience.ts";
import { PeopleMet } from "./people-met.ts";
import type { RoomParts } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomShowing } from "./room-showing.ts";
import { SignalReader } from "./signals.ts";
import { RoomWorker } from "./room-worker.ts";
import { failedHere, type WorkerParts } from "./turns.ts";
import { giveUpUnused } from "./unused-seats.ts";
import { FIRST_SETTINGS, type RoomSettings, type StoredRoom } from "./room-store.ts";

export interface MembershipParts extends RoomParts {
  readonly names: RoomNames;
  readonly showing: RoomShowing;
  readonly onChange: () => void;
  /** A session has begun in which all that waited is read. */
  readonly onHere: (hub: HubMembership) => void;
  /** Adds somebody to a room that lets in everybody. Rejects with LairError. */
  readonly letIn: (hub: HubMembership, room: RoomWorker, who: PublicIdentity) => Promise<void>;
}

/** Ours: more are too old before they are opened. */
const MOST_SIGNALS = 32;
/** Ours: key packages that are made before anything else, since each takes its time. */
const FIRST_PACKAGES = 2;
/** Ours: a last resort is good for so long that nobody is invited by it so often. */
const MOST_WELCOMES = 500;

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
  /** Letters that stay at the hub until somebody was let in: their ids in hex. */
  readonly #held = new Set<string>();
  #admitting: Promise<void> = Promise.resolve();
  readonly #patience: Patience;
  /** Rooms come, go and are replaced one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  readonly #reader: LetterReader;
  /** Signals that are not opened yet. */
  #signalsWaiting = 0;

  constructor(parts: MembershipParts, hubKey: Uint8Array) {
    this.#parts = parts;
    this.hubKey = hubKey;
    this.#patience = new Patience(parts.clock);
    this.#people = new PeopleMet({ store: parts.store, hub: this, pairedKey: (key) => pairedKey(parts, key) });
    this.#signals = new SignalReader(parts);
    this.#reader = new LetterReader({
      ...parts,
      people: this.#people,
      hub: this,
      hubKey,
      worker: (id) => this.#rooms.get(id),
      invitations: () => this.rooms.flatMap(({ room }) => (room.standing === "invited" ? [room] : [])),
      isOpen: (id) => this.#settings.feeds.includes(id),
      wasTaken: (welcome) => this.#settings.welcomes.includes(welcome),
      invite: async (room, more) => await this.#invite(room, more),
    });
  }

  get isHere(): boolean {
    return this.#state.name === "here" || this.#state.name === "attending";
  }

  /** Whether it is away, or its letters are read. */
  get isSettled(): boolean {
    return this.#state.name !== "attending";
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
    this.#parts.names.learn({ publicKey: this.#parts.identity.publicKey, handle: this.#settings.handle });
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
    if (this.#state.name === "closed") return;
    if (this.#state.name !== "away") this.#state.line.end();
    this.#state = { name: "away" };
    this.#patience.end();
    this.#held.clear();
    this.#parts.onChange();
  }

  async close(): Promise<void> {
    this.ended();
    this.#state = { name: "closed" };
    // The rooms first: a task that waits for one would never end.
    await Promise.all(this.rooms.map((room) => room.stop()));
    await Promise.all([this.#work, this.#changing, this.#admitting]);
    await Promise.all(this.rooms.map((room) => room.stop()));
  }

  // --- rooms --------------------------------------------------------------------------------------------------------

  /** A room that is made or joined. Rejects with LairError `usage` for one that is known at another hub. */
  async add(room: StoredRoom): Promise<RoomWorker> {
    return await this.#exclusively(async () => {
      await this.#requireOurs(room);
      await this.#parts.store.change({ room });
      return await this.#add(room);
    });
  }

  /** Undefined: it is being made, joined or left, or was joined in the meantime. */
  async #invite(room: StoredRoom, { welcome, ...more }: WithInvitation): Promise<RoomWorker | undefined> {
    return await this.#exclusively(async () => {
      await this.#requireOurs(room);
      const standing = this.#rooms.get(toHex(room.id))?.room.standing;
      if (standing === "creating" || standing === "joining") return undefined;
      const welcomes = welcome === undefined ? [] : [welcome];
      const settings = {
        ...this.#settings,
        welcomes: [...this.#settings.welcomes, ...welcomes].slice(-MOST_WELCOMES),
      };
      await this.#parts.store.change({ ...more, room, settings: { hub: this.hubKey, settings } });
      this.#settings = settings;
      return await this.#add(room);
    });
  }

  /** Rooms are identified by their ids, which their makers choose. */
  async #requireOurs({ id }: StoredRoom): Promise<void> {
    const stored = await this.#parts.store.room(id);
    if (stored === undefined || equalInConstantTime(stored.hub, this.hubKey)) return;
    throw new LairError("usage", "This room is known here, but at another hub; nothing was changed.", {
      hint: "The sender may want to impersonate it. Ask through another channel.",
    });
  }

  async #exclusively<Result>(change: () => Promise<Result>): Promise<Result> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => {});
    return await done;
  }

  /** Removes everything that is stored of this hub. */
  async forgetAll(): Promise<void> {
    for (const room of this.rooms) await this.#exclusively(async () => await this.#forget(room));
    const packages = await this.#parts.store.packages(this.hubKey);
    await this.#parts.store.change({ dropPackages: packages.map(({ ref }) => ref) });
  }

  /** Removes a room that could not be made or joined, or is over, with its lines; another one of this id stays. */
  async forget(id: string): Promise<void> {
    await this.#exclusively(async () => {
      const room = this.#rooms.get(id);
      const standing = room?.room.standing;
      if (room === undefined || standing === "joined" || standing === "invited" || standing === "leaving") return;
      await this.#forget(room);
    });
  }

  async #forget(room: RoomWorker): Promise<void> {
    this.#rooms.delete(room.view.id);
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
    const id = toHex(room.id);
    const parts: WorkerParts = {
      ...this.#parts,
      hub: this,
      people: this.#people,
      isHere: () => this.#state.name === "here",
      isComing: () => this.#state.name === "attending",
      onForgotten: () => {
        if (this.#rooms.get(id) === worker) this.#rooms.delete(id);
      },
    };
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
    const rooms = await this.#through(line, async () => await this.#arrive(line));
    if (rooms === undefined) return;
    await this.#through(line, async () => {
      await this.#replenish(line);
      // What was given before the hub said so has its letter by now.
      await this.#readLetters(line);
      await giveUpUnused({ ...this.#parts, hub: this }, rooms, (id) => this.#rooms.has(id));
    });
  }

  /** The rooms in which it sits, by the hub; undefined: the session is over. */
  async #arrive(line: HubLine): Promise<Answered<"rooms">["rooms"] | undefined> {
    const isStill = (): boolean => this.#state.name === "attending" && this.#state.line === line;
    if (!isStill()) return undefined;
    await this.open();
    const { publicKey: key } = this.#parts.identity;
    const patiently = async <Name extends CallName>(name: Name, asked: Asked<Name>): Promise<Answered<Name>> =>
      await this.#patiently(line, async () => await ask(this, name, asked));
    // Before any other call, or the others would see it.
    if (this.#settings.isInvisible) await patiently("visible", { isVisible: false });
    await this.#readLetters(line);
    const { account } = await patiently("find", { key, handle: undefined });
    this.#parts.names.learn({ publicKey: key, handle: account?.handle });
    await tellHandle(this, this.#parts, account?.handle);
    const { rooms } = await patiently("rooms", {});
    // Who is seen in a room can be added to another one at once; the rest can wait.
    await this.#replenish(line, FIRST_PACKAGES);
    if (!isStill()) return undefined;
    this.#state = { name: "here", line };
    for (const room of this.rooms) {
      room.begin(rooms.find((one) => equalInConstantTime(one.room, room.room.id))?.cursor);
    }
    this.#parts.onChange();
    this.#parts.onHere(this);
    return rooms;
  }

  async #replenish(line: HubLine, wanted = this.#parts.packages): Promise<void> {
    const parts = { ...this.#parts, hub: this, hubKey: this.hubKey };
    try {
      await this.#patiently(line, async () => await replenish(parts, wanted));
    } catch (error) {
      if (isAway(error) || (error instanceof LairError && error.kind === "store")) throw error;
      // Without them nobody can add this member; all else goes on.
      this.#parts.showing.error(error);
    }
  }

  #news<Name extends NewsName>(name: Name, body: NewsBody<Name>): void {
    if (name === "letter") {
      if (this.#letters === "waiting") return;
      this.#letters = "waiting";
      this.#do(async () => {
        this.#letters = "none";
        if (this.#state.name !== "here") return;
        const { line } = this.#state;
        await this.#through(line, async () => {
          await this.#readLetters(line);
          await this.#replenish(line);
        });
      });
      return;
    }
    if (!("room" in body)) return;
    const room = this.#rooms.get(toHex(body.room));
    if (room === undefined) return;
    if ("entry" in body) return room.hear(body.entry);
    if ("next" in body) return room.expect(body.next);
    // What other news say is read from the log, or refused there.
    if (!("from" in body)) return room.wake();
    if (this.#signalsWaiting >= MOST_SIGNALS) return;
    this.#signalsWaiting += 1;
    this.#do(async () => {
      this.#signalsWaiting -= 1;
      await this.#signals.take(room, body.from, body.bytes);
    });
  }

  async #readLetters(line: HubLine): Promise<void> {
    for (;;) {
      const { letters } = await this.#patiently(line, async () => await ask(this, "letters", {}));
      const open = letters.filter(({ id }) => !this.#held.has(toHex(id)));
      if (open.length === 0) return;
      for (const letter of open) {
        const isHeld = await this.#takeLetter(line, letter);
        if (!isHeld) await this.#patiently(line, async () => await ask(this, "drop", { id: letter.id }));
      }
    }
  }

  /** True: the letter stays at the hub until somebody was let in. */
  async #takeLetter(line: HubLine, letter: Letter): Promise<boolean> {
    try {
      const taken = await this.#patiently(line, async () => await this.#reader.take(letter));
      if (taken.type === "done") return false;
      this.#held.add(toHex(letter.id));
      this.#letIn(letter, taken.worker, taken.who);
      return true;
    } catch (error) {
      if (failedHere(error) || isAway(error)) throw error;
      // One that cannot be read would stand in the way of all others.
      this.#parts.showing.error(error);
      return false;
    }
  }

  /** One after the other, beside everything else: it waits for the room. */
  #letIn({ id }: Letter, worker: RoomWorker, who: PublicIdentity): void {
    this.#admitting = this.#admitting
      .then(async () => await this.#parts.letIn(this, worker, who))
      .then(async () => await ask(this, "drop", { id }))
      .catch((error: unknown) => {
        if (isAway(error)) return;
        this.#parts.showing.error(error, worker.view);
        this.#do(async () => void (await ask(this, "drop", { id })));
      })
      .then(() => void this.#held.delete(toHex(id)));
  }

  /** See {@link Patience.with}. */
  async #patiently<Result>(line: HubLine, action: () => Promise<Result>): Promise<Result> {
    return await this.#patience.with(action, () => this.#isOver(line));
  }

  /** See {@link Patience.through}: one failure of the disk must not keep a member from its rooms until the next session. */
  async #through<Result>(line: HubLine, action: () => Promise<Result>): Promise<Result> {
    return await this.#patience.through(
      action,
      () => this.#isOver(line),
      (error) => this.#parts.showing.error(error),
    );
  }

  #isOver(line: HubLine): boolean {
    return (this.#state.name !== "attending" && this.#state.name !== "here") || this.#state.line !== line;
  }
}

function pairedKey({ peers }: Pick<RoomParts, "peers">, publicKey: Uint8Array): Uint8Array | undefined {
  const peer: Peer | undefined = peers().find((one) => equalInConstantTime(one.publicKey, publicKey));
  return peer?.signatureKey;
}
