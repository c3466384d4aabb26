// The room store in memory: the reference for test/app/rooms/room-store-contract.ts, for tests, and for a program that
// keeps nothing.

import { toHex } from "../../core/bytes.ts";
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
  type StoredPackage,
  type StoredRoom,
} from "./room-store.ts";

export class MemoryRoomStore implements RoomStore {
  readonly #rooms = new Map<string, StoredRoom>();
  readonly #outgoing = new Map<string, Outgoing>();
  readonly #lines = new Map<string, RoomLine[]>();
  readonly #shown = new Map<string, number>();
  readonly #packages = new Map<string, StoredPackage>();
  readonly #pins = new Map<string, Pin>();
  readonly #settings = new Map<string, RoomSettings>();

  /** As it is now; what happens later to either is not in the other. */
  copy(): MemoryRoomStore {
    const copy = new MemoryRoomStore();
    for (const [from, to] of [
      [this.#rooms, copy.#rooms],
      [this.#outgoing, copy.#outgoing],
      [this.#lines, copy.#lines],
      [this.#shown, copy.#shown],
      [this.#packages, copy.#packages],
      [this.#pins, copy.#pins],
      [this.#settings, copy.#settings],
    ] as const satisfies readonly (readonly [Map<string, unknown>, Map<string, unknown>])[]) {
      for (const [key, value] of from) (to as Map<string, unknown>).set(key, Array.isArray(value) ? [...value] : value);
    }
    return copy;
  }

  async change(step: RoomStep): Promise<void> {
    if (step.room !== undefined) this.#rooms.set(toHex(step.room.id), step.room);
    for (const line of step.addOutgoing ?? []) this.#outgoing.set(keyOf(line), line);
    for (const line of step.sealed ?? []) {
      const known = this.#outgoing.get(keyOf(line));
      if (known !== undefined) this.#outgoing.set(keyOf(line), { ...known, sealed: line.sealed });
    }
    for (const id of step.sent ?? []) {
      for (const [key, line] of this.#outgoing) if (toHex(line.id) === toHex(id)) this.#outgoing.delete(key);
    }
    for (const line of step.lines ?? []) this.#linesOf(line.room).push(line);
    for (const { room, id, content, words } of step.changed ?? []) {
      const lines = this.#linesOf(room).map((line) =>
        toHex(line.id) === toHex(id) ? { ...line, content, words } : line,
      );
      this.#lines.set(toHex(room), lines);
    }
    for (const one of step.addPackages ?? []) this.#packages.set(toHex(one.ref), one);
    for (const ref of step.published ?? []) {
      const known = this.#packages.get(toHex(ref));
      if (known !== undefined) this.#packages.set(toHex(ref), { ...known, toPublish: undefined });
    }
    for (const ref of step.dropPackages ?? []) this.#packages.delete(toHex(ref));
    for (const pin of step.pins ?? []) {
      const known = this.#pins.get(toHex(pin.publicKey));
      const handle = pin.handle ?? known?.handle;
      this.#pins.set(toHex(pin.publicKey), known === undefined ? pin : { ...known, handle });
    }
    if (step.settings !== undefined) this.#settings.set(toHex(step.settings.hub), step.settings.settings);
    if (step.forget !== undefined) this.#forget(step.forget);
  }

  async rooms(hub: Uint8Array): Promise<readonly StoredRoom[]> {
    return [...this.#rooms.values()].filter((room) => toHex(room.hub) === toHex(hub));
  }

  async room(id: Uint8Array): Promise<StoredRoom | undefined> {
    return this.#rooms.get(toHex(id));
  }

  async outgoing(room: Uint8Array): Promise<readonly Outgoing[]> {
    return [...this.#outgoing.values()].filter((line) => toHex(line.room) === toHex(room));
  }

  async line(room: Uint8Array, id: Uint8Array): Promise<RoomLine | undefined> {
    return this.#linesOf(room).find((line) => toHex(line.id) === toHex(id));
  }

  async lineAt(room: Uint8Array, at: number): Promise<RoomLine | undefined> {
    return this.#linesOf(room).find(({ seq, kind }) => seq === at && kind === "line");
  }

  async ownLast(room: Uint8Array): Promise<RoomLine | undefined> {
    return this.#linesOf(room).findLast(({ isOwn, kind }) => isOwn && kind === "line");
  }

  async lines(room: Uint8Array, before: number, count: number): Promise<readonly RoomLine[]> {
    const earlier = this.#linesOf(room).filter(({ seq, kind }) => seq < before && kind === "line");
    return count < 1 ? [] : earlier.slice(-count);
  }

  async search(room: Uint8Array, words: string, limit: number): ReturnType<RoomStore["search"]> {
    const matches = matcherOf(words);
    if (matches === undefined) return { lines: [], total: 0 };
    const found = this.#linesOf(room).filter((line) => line.kind === "line" && matches(line.words));
    return { lines: limit < 1 ? [] : found.slice(-limit), total: Math.min(found.length, MOST_COUNTED + 1) };
  }

  async unshown(room: Uint8Array): Promise<readonly RoomLine[]> {
    return this.#linesOf(room).filter(({ seq }) => seq > (this.#shown.get(toHex(room)) ?? -1));
  }

  async shown(room: Uint8Array, seq: number): Promise<void> {
    this.#shown.set(toHex(room), Math.max(seq, this.#shown.get(toHex(room)) ?? -1));
    this.#lines.set(
      toHex(room),
      this.#linesOf(room).filter((line) => line.kind === "line" || line.seq > seq),
    );
  }

  async expire(nowMs: number): Promise<number | undefined> {
    let next: number | undefined;
    for (const [room, lines] of this.#lines) {
      const stay = lines.filter(({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > nowMs);
      this.#lines.set(room, stay);
      for (const { expiresAtMs = Infinity } of stay) {
        if (expiresAtMs < (next ?? Infinity)) next = expiresAtMs;
      }
    }
    return next;
  }

  async packages(hub: Uint8Array): Promise<readonly StoredPackage[]> {
    return [...this.#packages.values()].filter((one) => toHex(one.hub) === toHex(hub));
  }

  async pin(publicKey: Uint8Array): Promise<Pin | undefined> {
    return this.#pins.get(toHex(publicKey));
  }

  async pins(): Promise<readonly Pin[]> {
    return [...this.#pins.values()];
  }

  async settings(hub: Uint8Array): Promise<RoomSettings> {
    return this.#settings.get(toHex(hub)) ?? FIRST_SETTINGS;
  }

  #linesOf(room: Uint8Array): RoomLine[] {
    const lines = this.#lines.get(toHex(room)) ?? [];
    this.#lines.set(toHex(room), lines);
    return lines;
  }

  #forget(room: Uint8Array): void {
    for (const map of [this.#rooms, this.#lines, this.#shown]) map.delete(toHex(room));
    for (const [key, line] of this.#outgoing) if (toHex(line.room) === toHex(room)) this.#outgoing.delete(key);
  }
}

function keyOf({ room, id }: Outgoing): string {
  return `${toHex(room)} ${toHex(id)}`;
}
