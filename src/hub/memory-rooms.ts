// The rooms of a hub's store in memory: logs, seats and links.

import { PAST_EPOCHS } from "../core/room/limits.ts";
import { toHex } from "../core/bytes.ts";
import { addUsable, MemoryInvites, type Usable, useOf } from "./memory-usables.ts";
import {
  type Appended,
  type Entry,
  type GroupInfo,
  type HubRooms,
  type Letter,
  linkInviteId,
  type NewEntry,
  type NewRoom,
  type News,
  type Page,
  type Room,
  type RoomChange,
  type RoomLink,
  requireId,
  requireKey,
  type RoomQuota,
  type Seat,
  type SeatedRoom,
} from "./store.ts";
import { compare, pageOf } from "./memory-lists.ts";
import { isSameKey } from "./same-key.ts";

/** What became of an entry: its bytes go before its number and id do. */
type Logged = Omit<Entry, "bytes"> & { readonly bytes: Uint8Array | undefined };

interface StoredRoom {
  readonly id: Uint8Array;
  listedName: string | undefined;
  epoch: number;
  leastEpoch: number;
  lastCommit: number;
  next: number;
  groupInfo: Uint8Array | undefined;
  /** By key in hex. */
  readonly seats: Map<string, Seat>;
  log: Logged[];
  readonly links: Map<string, Usable<RoomLink>>;
}
export class MemoryRooms implements HubRooms {
  readonly #rooms = new Map<string, StoredRoom>();
  readonly #tell: (news: News) => void;
  readonly #invites: MemoryInvites;
  readonly #send: (letter: Letter) => void;

  constructor(tell: (news: News) => void, invites: MemoryInvites, send: (letter: Letter) => void) {
    this.#tell = tell;
    this.#invites = invites;
    this.#send = send;
  }

  /** Removes somebody, by key in hex, from every room. */
  unseat(key: string): void {
    for (const { id, seats } of this.#rooms.values()) if (seats.delete(key)) this.#tell({ type: "seats", room: id });
  }

  async createRoom(
    { id, creator, listedName }: NewRoom,
    mostRooms: number,
  ): Promise<"created" | "exists" | "name-taken" | "full"> {
    requireId(id);
    requireKey(creator);
    if (this.#rooms.has(toHex(id))) return "exists";
    if (listedName !== undefined && this.#isListed(listedName)) return "name-taken";
    if ((await this.roomsOf(creator)).length >= mostRooms) return "full";
    this.#rooms.set(toHex(id), {
      id,
      listedName,
      epoch: 0,
      leastEpoch: 0,
      lastCommit: -1,
      next: 0,
      groupInfo: undefined,
      seats: new Map([[toHex(creator), { key: creator, role: "admin", from: 0, cursor: 0 }]]),
      log: [],
      links: new Map(),
    });
    this.#tell({ type: "seats", room: id });
    return "created";
  }

  async room(id: Uint8Array): Promise<Room | undefined> {
    const room = this.#find(id);
    if (room === undefined) return undefined;
    const { listedName, epoch, leastEpoch, lastCommit, next, seats } = room;
    const kept = keptOf(room);
    return {
      id: room.id,
      listedName,
      epoch,
      leastEpoch,
      lastCommit,
      next,
      oldest: kept[0]?.seq ?? next,
      bytes: bytesOf(kept),
      seats: [...seats.values()].toSorted((one, other) => compare(toHex(one.key), toHex(other.key))),
    };
  }

  async groupInfo(id: Uint8Array): Promise<GroupInfo | undefined> {
    const room = this.#find(id);
    if (room?.groupInfo === undefined) return undefined;
    return { bytes: room.groupInfo, epoch: room.epoch, lastCommit: room.lastCommit };
  }

  async seat(id: Uint8Array, key: Uint8Array): Promise<Seat | undefined> {
    requireKey(key);
    return this.#find(id)?.seats.get(toHex(key));
  }

  async roomIds({ after, limit }: Page<Uint8Array>): Promise<readonly Uint8Array[]> {
    const page = { limit, ...(after === undefined ? {} : { after: toHex(after) }) };
    return pageOf([...this.#rooms.values()], ({ id }) => toHex(id), page).map(({ id }) => id);
  }

  async countRooms(): Promise<number> {
    return this.#rooms.size;
  }

  async closeRoom(id: Uint8Array): Promise<boolean> {
    const room = this.#find(id);
    if (room === undefined) return false;
    this.#rooms.delete(toHex(id));
    for (const link of room.links.keys()) this.#invites.revoke(linkInviteId(id, link));
    this.#tell({ type: "room-closed", room: id });
    return true;
  }

  async roomsOf(key: Uint8Array): Promise<readonly Uint8Array[]> {
    requireKey(key);
    return [...this.#rooms.values()].filter(({ seats }) => seats.has(toHex(key))).map(({ id }) => id);
  }

  async seatedRooms(key: Uint8Array): Promise<readonly SeatedRoom[]> {
    requireKey(key);
    const seated = [...this.#rooms.values()].flatMap((room) => {
      const seat = room.seats.get(toHex(key));
      const { id, epoch, lastCommit, next } = room;
      return seat === undefined ? [] : [{ id, epoch, lastCommit, next, oldest: keptOf(room)[0]?.seq ?? next, seat }];
    });
    return seated.toSorted((one, other) => compare(toHex(one.id), toHex(other.id)));
  }

  async listedRooms(page: Page<string>): Promise<readonly { readonly id: Uint8Array; readonly name: string }[]> {
    const listed = [...this.#rooms.values()].flatMap(({ id, listedName: name }) =>
      name === undefined ? [] : [{ id, name }],
    );
    return pageOf(listed, ({ name }) => name, page);
  }

  async appendCommit(
    id: Uint8Array,
    entry: NewEntry & { readonly type: "commit" },
    after: number,
    change: RoomChange,
    quota: RoomQuota,
  ): Promise<Appended> {
    const room = this.#find(id);
    const refused = this.#refusal(room, entry, quota, change);
    if (room === undefined || refused !== undefined) return refused ?? { type: "unknown-room" };
    const { epoch, lastCommit } = room;
    if (after !== lastCommit || entry.epoch > room.next) return { type: "stale", epoch, lastCommit };
    if (typeof change.listedName === "string" && this.#isListed(change.listedName, room)) return { type: "name-taken" };
    if (change.link !== undefined) {
      const use = useOf(room.links, change.link, entry.poster, entry.atMs);
      if (use !== "used") return { type: "no-link", use };
    }
    const seq = room.next;
    this.#put(room, entry);
    room.lastCommit = seq;
    room.epoch = entry.epoch + 1;
    const isSame = change.removed === undefined && (change.seats ?? []).every(({ key }) => room.seats.has(toHex(key)));
    room.leastEpoch = isSame ? Math.min(room.leastEpoch, room.epoch) : room.epoch;
    room.groupInfo = change.groupInfo;
    if (change.listedName !== undefined) room.listedName = change.listedName ?? undefined;
    for (const { key, role } of change.seats ?? []) {
      const seat = room.seats.get(toHex(key)) ?? { key, from: seq, cursor: seq };
      room.seats.set(toHex(key), { ...seat, role });
    }
    for (const key of change.removed ?? []) room.seats.delete(toHex(key));
    for (const letter of change.letters ?? []) {
      this.#send(letter);
      this.#tell({ type: "letter", to: letter.to });
    }
    if (change.seats !== undefined || change.removed !== undefined) this.#tell({ type: "seats", room: room.id });
    this.#tell({ type: "entries", room: room.id, next: room.next, entry: { ...entry, seq } });
    return { type: "appended", seq };
  }

  async append(
    id: Uint8Array,
    entry: NewEntry & { readonly type: "message" | "notice" },
    quota: RoomQuota,
  ): Promise<Appended> {
    const room = this.#find(id);
    const refused = this.#refusal(room, entry, quota);
    if (room === undefined || refused !== undefined) return refused ?? { type: "unknown-room" };
    const { epoch, lastCommit, next: seq } = room;
    if (entry.epoch > epoch || entry.epoch < Math.max(epoch - PAST_EPOCHS, room.leastEpoch))
      return { type: "stale", epoch, lastCommit };
    this.#put(room, entry);
    this.#tell({ type: "entries", room: room.id, next: room.next, entry: { ...entry, seq } });
    return { type: "appended", seq };
  }

  async read(id: Uint8Array, from: number, maxBytes: number): Promise<readonly Entry[]> {
    const room = this.#find(id);
    const kept = room === undefined ? [] : keptOf(room, from);
    let bytes = 0;
    const tooMuch = kept.findIndex((entry) => (bytes += entry.bytes.length) > maxBytes);
    return tooMuch < 0 ? kept : kept.slice(0, Math.max(1, tooMuch));
  }

  async acknowledge(id: Uint8Array, key: Uint8Array, next: number): Promise<boolean> {
    requireKey(key);
    const room = this.#find(id);
    const seat = room?.seats.get(toHex(key));
    if (room === undefined || seat === undefined || next > room.next) return false;
    room.seats.set(toHex(key), { ...seat, cursor: Math.max(seat.cursor, next) });
    return true;
  }

  async prune(sinceMs: number, most: number): Promise<number> {
    let count = 0;
    for (const room of this.#rooms.values()) {
      const needed = Math.min(room.next, ...[...room.seats.values()].map(({ cursor }) => cursor));
      for (const [index, entry] of room.log.entries()) {
        const isDue = entry.bytes !== undefined && (entry.seq < needed || entry.atMs < sinceMs);
        if (!isDue || count >= most) continue;
        room.log[index] = { ...entry, bytes: undefined };
        count += 1;
      }
      room.log = room.log.filter(({ bytes, atMs }) => bytes !== undefined || atMs >= sinceMs);
    }
    return count;
  }

  async addLink(id: Uint8Array, link: RoomLink, psk?: Uint8Array): Promise<boolean> {
    if (psk !== undefined) requireKey(psk);
    const room = this.#find(id);
    if (room === undefined || !addUsable(room.links, link)) return false;
    if (psk !== undefined) this.#invites.add({ ...link, id: linkInviteId(id, link.id), psk });
    return true;
  }

  async links(id: Uint8Array): Promise<readonly RoomLink[]> {
    return [...(this.#find(id)?.links.values() ?? [])].map(({ kind, uses }) => ({ ...kind, uses }));
  }

  async revokeLink(id: Uint8Array, link: string): Promise<boolean> {
    if (this.#find(id)?.links.delete(link) !== true) return false;
    this.#invites.revoke(linkInviteId(id, link));
    return true;
  }

  #find(id: Uint8Array): StoredRoom | undefined {
    requireId(id);
    return this.#rooms.get(toHex(id));
  }

  /** Whether a room, but for `except`, is listed by this name. */
  #isListed(name: string, except?: StoredRoom): boolean {
    return [...this.#rooms.values()].some((room) => room.listedName === name && room !== except);
  }

  /** Why the entry is not taken, whatever it is; or that it has been taken before. */
  #refusal(
    room: StoredRoom | undefined,
    entry: NewEntry,
    quota: RoomQuota,
    { link, removed }: RoomChange = {},
  ): Appended | undefined {
    requireId(entry.id);
    requireKey(entry.poster);
    if (room === undefined) return { type: "unknown-room" };
    const same = room.log.find(({ id, poster }) => isSameKey(id, entry.id) && isSameKey(poster, entry.poster));
    if (same !== undefined) return { type: "already", seq: same.seq };
    if (!room.seats.has(toHex(entry.poster)) && link === undefined) return { type: "no-seat" };
    // Else somebody who fills a room could not be removed from it.
    if (removed !== undefined) return undefined;
    const all = { entries: 0, bytes: entry.bytes.length };
    const ofPoster = { entries: 0, bytes: entry.bytes.length };
    for (const { bytes, poster } of room.log) {
      if (bytes === undefined) continue;
      for (const held of isSameKey(poster, entry.poster) ? [all, ofPoster] : [all]) {
        held.entries += 1;
        held.bytes += bytes.length;
      }
    }
    if (all.entries >= quota.entries) return { type: "full", of: "entries" };
    if (all.bytes > quota.bytes) return { type: "full", of: "bytes" };
    if (ofPoster.entries >= quota.posterEntries) return { type: "full", of: "posterEntries" };
    return ofPoster.bytes > quota.posterBytes ? { type: "full", of: "posterBytes" } : undefined;
  }

  #put(room: StoredRoom, entry: NewEntry): void {
    room.log.push({ ...entry, seq: room.next });
    room.next += 1;
  }
}

function keptOf({ log }: StoredRoom, from = 0): Entry[] {
  const isKept = (entry: Logged): entry is Entry => entry.bytes !== undefined && entry.seq >= from;
  return log.filter(isKept);
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
