// The room store in memory: the reference for test/app/rooms/room-store-contract.ts, for tests, and for a program that
// keeps nothing.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import { MOST_COUNTED } from "../../core/chat/history.ts";
import { matcherOf } from "../../core/chat/words.ts";
import {
  FIRST_SETTINGS,
  type Outgoing,
  type Pin,
  type RoomLine,
  type RoomSettings,
  type RoomStep,
  type RoomStore,
  type StoredNotice,
  type StoredPackage,
  type StoredRoom,
} from "./room-store.ts";

/** All that is stored, by hex of ids and keys. No value of it is ever changed: another one takes its place. */
class Stored {
  readonly rooms: Map<string, StoredRoom>;
  readonly outgoing: Map<string, Outgoing>;
  /** By their numbers. */
  readonly lines: Map<string, readonly RoomLine[]>;
  readonly shown: Map<string, number>;
  readonly notices: Map<string, readonly StoredNotice[]>;
  readonly packages: Map<string, StoredPackage>;
  readonly pins: Map<string, Pin>;
  readonly settings: Map<string, RoomSettings>;

  constructor(from?: Stored) {
    this.rooms = new Map(from?.rooms);
    this.outgoing = new Map(from?.outgoing);
    this.lines = new Map(from?.lines);
    this.shown = new Map(from?.shown);
    this.notices = new Map(from?.notices);
    this.packages = new Map(from?.packages);
    this.pins = new Map(from?.pins);
    this.settings = new Map(from?.settings);
  }

  linesOf(room: Uint8Array): readonly RoomLine[] {
    return this.lines.get(toHex(room)) ?? [];
  }

  apply(step: RoomStep): void {
    if (step.room !== undefined) this.rooms.set(toHex(step.room.id), step.room);
    this.#applyToOutgoing(step);
    for (const line of step.lines ?? []) {
      // Lines that somebody shares come after later ones.
      const lines = [...this.linesOf(line.room), line];
      const isLast = (lines.at(-2)?.seq ?? -1) <= line.seq;
      this.lines.set(toHex(line.room), isLast ? lines : lines.toSorted((one, other) => one.seq - other.seq));
    }
    for (const { room, id, content, words, extras } of step.changed ?? []) {
      const changed = { content, words, ...(extras === undefined ? {} : { extras }) };
      const lines = this.linesOf(room).map((line) => (toHex(line.id) === toHex(id) ? { ...line, ...changed } : line));
      this.lines.set(toHex(room), lines);
    }
    for (const notice of step.notices ?? []) {
      this.notices.set(toHex(notice.room), [...(this.notices.get(toHex(notice.room)) ?? []), notice]);
    }
    this.#applyToPackages(step);
    for (const pin of step.pins ?? []) {
      const known = this.pins.get(toHex(pin.publicKey));
      const handle = pin.handle ?? known?.handle;
      this.pins.set(toHex(pin.publicKey), known === undefined ? pin : { ...known, handle });
    }
    if (step.settings !== undefined) this.settings.set(toHex(step.settings.hub), step.settings.settings);
    if (step.forget !== undefined) this.#forget(step.forget);
  }

  #applyToOutgoing({ addOutgoing = [], sealed = [], sent = [] }: RoomStep): void {
    for (const line of addOutgoing) this.outgoing.set(keyOf(line), line);
    for (const line of sealed) {
      const known = this.outgoing.get(keyOf(line));
      if (known !== undefined) this.outgoing.set(keyOf(line), { ...known, sealed: line.sealed });
    }
    for (const id of sent) {
      for (const [key, line] of this.outgoing) if (toHex(line.id) === toHex(id)) this.outgoing.delete(key);
    }
  }

  #applyToPackages({ addPackages = [], published = [], dropPackages = [] }: RoomStep): void {
    for (const one of addPackages) this.packages.set(toHex(one.ref), one);
    for (const ref of published) {
      const known = this.packages.get(toHex(ref));
      if (known !== undefined) this.packages.set(toHex(ref), { ...known, toPublish: undefined });
    }
    for (const ref of dropPackages) this.packages.delete(toHex(ref));
  }

  #forget(room: Uint8Array): void {
    for (const map of [this.rooms, this.lines, this.shown, this.notices]) map.delete(toHex(room));
    for (const [key, line] of this.outgoing) if (toHex(line.room) === toHex(room)) this.outgoing.delete(key);
  }
}

export class MemoryRoomStore implements RoomStore {
  #stored = new Stored();

  /** As it is now; what happens later to either is not in the other. */
  copy(): MemoryRoomStore {
    const copy = new MemoryRoomStore();
    copy.#stored = new Stored(this.#stored);
    return copy;
  }

  async change(step: RoomStep): Promise<void> {
    const next = new Stored(this.#stored);
    next.apply(step);
    this.#stored = next;
  }

  async rooms(hub: Uint8Array): Promise<readonly StoredRoom[]> {
    return [...this.#stored.rooms.values()].filter((room) => toHex(room.hub) === toHex(hub));
  }

  async room(id: Uint8Array): Promise<StoredRoom | undefined> {
    return this.#stored.rooms.get(toHex(id));
  }

  async outgoing(room: Uint8Array): Promise<readonly Outgoing[]> {
    return [...this.#stored.outgoing.values()].filter((line) => toHex(line.room) === toHex(room));
  }

  async line(room: Uint8Array, id: Uint8Array): Promise<RoomLine | undefined> {
    return this.#stored.linesOf(room).find((line) => equalInConstantTime(line.id, id));
  }

  async lineAt(room: Uint8Array, at: number): Promise<RoomLine | undefined> {
    return this.#stored.linesOf(room).find(({ seq, kind }) => seq === at && kind === "line");
  }

  async ownLast(room: Uint8Array): Promise<RoomLine | undefined> {
    return this.#stored.linesOf(room).findLast(({ isOwn, kind }) => isOwn && kind === "line");
  }

  async lines(room: Uint8Array, before: number, count: number): Promise<readonly RoomLine[]> {
    const earlier = this.#stored.linesOf(room).filter(({ seq, kind }) => seq < before && kind === "line");
    return count < 1 ? [] : earlier.slice(-count);
  }

  async linesAfter(room: Uint8Array, after: number, count: number): Promise<readonly RoomLine[]> {
    const later = this.#stored.linesOf(room).filter(({ seq, kind }) => seq > after && kind === "line");
    return later.slice(0, Math.max(0, count));
  }

  async search(room: Uint8Array, words: string, limit: number): ReturnType<RoomStore["search"]> {
    const matches = matcherOf(words);
    if (matches === undefined) return { lines: [], total: 0 };
    const found = this.#stored.linesOf(room).filter((line) => line.kind === "line" && matches(line.words));
    return { lines: limit < 1 ? [] : found.slice(-limit), total: Math.min(found.length, MOST_COUNTED + 1) };
  }

  async unshown(room: Uint8Array): Promise<readonly RoomLine[]> {
    const shown = this.#stored.shown.get(toHex(room)) ?? -1;
    return this.#stored.linesOf(room).filter(({ seq }) => seq > shown);
  }

  async untold(room: Uint8Array): Promise<readonly StoredNotice[]> {
    return this.#stored.notices.get(toHex(room)) ?? [];
  }

  async shown(room: Uint8Array, seq: number, told: readonly Uint8Array[] = []): Promise<void> {
    const { rooms, lines, shown, notices } = this.#stored;
    const gone = new Set(told.map(toHex));
    const left = (await this.untold(room)).filter(({ id }) => !gone.has(toHex(id)));
    notices.set(toHex(room), left);
    if (!rooms.has(toHex(room)) && !lines.has(toHex(room))) return;
    shown.set(toHex(room), Math.max(seq, shown.get(toHex(room)) ?? -1));
    lines.set(
      toHex(room),
      this.#stored.linesOf(room).filter((line) => line.kind === "line" || line.seq > seq),
    );
  }

  async expire(nowMs: number): Promise<number | undefined> {
    let next: number | undefined;
    for (const [room, lines] of this.#stored.lines) {
      const stay = lines.filter(({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > nowMs);
      this.#stored.lines.set(room, stay);
      for (const { expiresAtMs = Infinity } of stay) {
        if (expiresAtMs < (next ?? Infinity)) next = expiresAtMs;
      }
    }
    return next;
  }

  async packages(hub: Uint8Array): Promise<readonly StoredPackage[]> {
    return [...this.#stored.packages.values()].filter((one) => toHex(one.hub) === toHex(hub));
  }

  async pin(publicKey: Uint8Array): Promise<Pin | undefined> {
    return this.#stored.pins.get(toHex(publicKey));
  }

  async pins(): Promise<readonly Pin[]> {
    return [...this.#stored.pins.values()];
  }

  async settings(hub: Uint8Array): Promise<RoomSettings> {
    return this.#stored.settings.get(toHex(hub)) ?? FIRST_SETTINGS;
  }
}

function keyOf({ room, id }: Outgoing): string {
  return `${toHex(room)} ${toHex(id)}`;
}
