// Who has a seat in the rooms of the connected members, so that news of a room reaches them without a query to the
// store. A view exists while a connected member has a seat in its room. A change of seats makes it uncertain, and
// nobody gets news of the room until it has been looked at again: so a removed member hears nothing more.
//
//   looking ── found ──────────────────────> known ── seats changed ──> looking
//      └── seats changed meanwhile ─> looking again ── found ──> looking
//   Any of these: nobody sits there who is connected, or there is no such room ──> the view is gone.
//   A look that fails leaves it "unknown": the next news of the room look again.

import { toHex } from "../core/bytes.ts";
import type { Entry, HubRooms } from "./store.ts";

interface View {
  readonly room: Uint8Array;
  state: "unknown" | "looking" | "looking again" | "known";
  /** All who sit there, by key in hex, each with the first entry that concerns them. */
  seats: ReadonlyMap<string, number>;
  /** Those of them who are connected. */
  readonly present: Set<string>;
  /** What is to be told once it is known; 0: nothing. */
  next: number;
  /** What is to be told of somebody, to each of the others, once it is known. */
  readonly later: Map<string, (to: string) => void>;
  /** The look that runs. */
  look: Promise<void>;
}

/** Who hears what a view finds. People are named by their keys in hex. */
interface ViewListener {
  isConnected(who: string): boolean;
  entries(who: string, room: Uint8Array, next: number): void;
  /** The room has this entry, which concerns them. */
  entry(to: Iterable<string>, room: Uint8Array, entry: Entry): void;
  /** Somebody who is connected sits there from now on; `others` are there too. */
  seated(who: string, room: Uint8Array, others: Iterable<string>): void;
  /** It sits there no more. */
  unseated(who: string, room: Uint8Array): void;
  failed(error: unknown): void;
}

export class Views {
  readonly #rooms: HubRooms;
  readonly #listener: ViewListener;
  /** By id in hex. */
  readonly #views = new Map<string, View>();

  constructor(rooms: HubRooms, listener: ViewListener) {
    this.#rooms = rooms;
    this.#listener = listener;
  }

  /** Somebody who sits there is connected now. Resolves once it hears of the room. */
  async join(who: string, room: Uint8Array): Promise<void> {
    const view = this.#views.get(toHex(room));
    if (view?.state !== "known") await this.#lookAt(room);
    else if (view.seats.has(who)) this.#attach(view, who);
  }

  /** Somebody is not connected any more. */
  part(who: string, rooms: Iterable<string>): void {
    for (const name of rooms) {
      const view = this.#views.get(name);
      if (view === undefined) continue;
      view.present.delete(who);
      // A look that runs removes it by itself.
      const isLooking = view.state === "looking" || view.state === "looking again";
      if (!isLooking && view.present.size === 0) this.#views.delete(name);
    }
  }

  /** The room has entries before `next`. `entry`: the last of them, if it is at hand. */
  entries(room: Uint8Array, next: number, entry?: Entry): void {
    const view = this.#views.get(toHex(room));
    if (view === undefined) return;
    if (view.state === "known") {
      // Whoever sits there is known, and from which entry on each may read.
      if (entry === undefined) for (const who of view.present) this.#listener.entries(who, room, next);
      else this.#listener.entry(concerned(view, entry.seq), room, entry);
      return;
    }
    view.next = Math.max(view.next, next);
    if (view.state === "unknown") void this.#lookAt(room);
  }

  /** Somebody has come, gone, or got another role; or the room is closed. */
  changed(room: Uint8Array): void {
    void this.#lookAt(room);
  }

  /** The first entry of a room that concerns somebody; undefined: not known, or no seat. */
  seatedFrom(who: string, room: Uint8Array): number | undefined {
    const view = this.#views.get(toHex(room));
    return view?.state === "known" ? view.seats.get(who) : undefined;
  }

  /** Those who are connected and sit in a room; undefined: nobody, or it could not be seen. */
  async present(room: Uint8Array): Promise<ReadonlySet<string> | undefined> {
    const name = toHex(room);
    if (this.#views.get(name)?.state === "unknown") void this.#lookAt(room);
    for (let view = this.#views.get(name); view !== undefined; view = this.#views.get(name)) {
      if (view.state === "known") return view.present;
      if (view.state === "unknown") return undefined;
      await view.look;
    }
    return undefined;
  }

  /** Calls `action` for the others who are connected and sit in these rooms, at once or as soon as they are known. */
  tell(who: string, rooms: Iterable<string>, action: (to: string) => void): void {
    for (const name of rooms) {
      const view = this.#views.get(name);
      view?.later.set(who, action);
      if (view?.state === "known") tellOf(view);
    }
  }

  #lookAt(room: Uint8Array): Promise<void> {
    const name = toHex(room);
    const view: View = this.#views.get(name) ?? {
      room,
      state: "unknown",
      seats: new Map(),
      present: new Set(),
      next: 0,
      later: new Map(),
      look: Promise.resolve(),
    };
    this.#views.set(name, view);
    if (view.state === "looking") view.state = "looking again";
    else if (view.state !== "looking again") {
      view.state = "looking";
      view.look = this.#look(view, name);
    }
    return view.look;
  }

  async #look(view: View, name: string): Promise<void> {
    try {
      for (;;) {
        const room = await this.#rooms.room(view.room);
        // oxlint-disable-next-line typescript/no-unnecessary-condition -- it changes while the store is asked
        if (view.state !== "looking again") {
          view.seats = new Map((room?.seats ?? []).map(({ key, from }) => [toHex(key), from]));
          break;
        }
        view.state = "looking";
      }
      view.state = "known";
    } catch (error) {
      view.state = "unknown";
      this.#listener.failed(error);
      return;
    }
    this.#tell(view);
    if (view.present.size === 0) this.#views.delete(name);
  }

  #tell(view: View): void {
    const { room, seats, present, next } = view;
    view.next = 0;
    for (const who of [...present].filter((one) => !seats.has(one))) {
      present.delete(who);
      this.#listener.unseated(who, room);
    }
    for (const who of seats.keys()) if (!present.has(who) && this.#listener.isConnected(who)) this.#attach(view, who);
    if (next > 0) for (const who of present) this.#listener.entries(who, room, next);
    tellOf(view);
  }

  #attach({ room, present }: View, who: string): void {
    if (present.has(who)) return;
    present.add(who);
    this.#listener.seated(who, room, [...present]);
  }
}

/** Those who are there, and whom an entry concerns: as those who may read it. */
function* concerned({ seats, present }: View, seq: number): Iterable<string> {
  for (const who of present) if (seq >= (seats.get(who) ?? Infinity)) yield who;
}

/** Tells what there is to tell of somebody. */
function tellOf({ later, present }: View): void {
  for (const [who, action] of later) for (const to of present) if (to !== who) action(to);
  later.clear();
}
