// A hub's store that lives as long as the program: the reference for every other, and enough for tests. One step of
// JavaScript is one atomic call.

import { PAST_EPOCHS } from "../core/room/limits.ts";
import { toHex, toUtf8 } from "../core/bytes.ts";
import { addUsable, MemoryInvites, type Usable, useOf } from "./memory-usables.ts";
import {
  type Account,
  type Appended,
  type Entry,
  type GroupInfo,
  type HubAccounts,
  type HubInvite,
  type HubKeyPackages,
  type HubMail,
  type HubRooms,
  type HubStore,
  type Letter,
  linkInviteId,
  type NewEntry,
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
  type StoredKeyPackage,
  type Use,
} from "./store.ts";

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

export class MemoryHubStore implements HubStore {
  readonly #news = new Set<(news: News) => void>();
  readonly #letters = new Map<string, Letter[]>();
  readonly #packages = new Map<string, StoredKeyPackage[]>();
  readonly accounts: HubAccounts;
  readonly keyPackages: HubKeyPackages;
  readonly rooms: HubRooms;
  readonly mail: HubMail;

  constructor() {
    const tell = (news: News): void => {
      for (const listener of this.#news) listener(news);
    };
    const invites = new MemoryInvites(tell);
    const rooms = new MemoryRooms(tell, invites, (letter) => this.#send(letter));
    const accounts = new MemoryAccounts(tell, invites, (key) => {
      this.#letters.delete(key);
      this.#packages.delete(key);
      rooms.unseat(key);
    });
    this.rooms = rooms;
    this.accounts = accounts;
    this.keyPackages = new MemoryKeyPackages(this.#packages);
    this.mail = {
      send: async (letter, most) => {
        requireId(letter.id);
        const waiting = this.#waiting(letter.to);
        if (!accounts.has(letter.to)) return "unknown-account";
        if (waiting.some(({ id }) => isSame(id, letter.id))) return "already";
        if (waiting.length >= most) return "full";
        this.#send(letter);
        tell({ type: "letter", to: letter.to });
        return "sent";
      },
      letters: async (to, limit) => this.#waiting(to).slice(0, limit),
      countLetters: async (to) => this.#waiting(to).length,
      drop: async (to, id) => {
        requireId(id);
        const waiting = this.#waiting(to);
        const rest = waiting.filter((letter) => !isSame(letter.id, id));
        this.#letters.set(toHex(to), rest);
        return rest.length < waiting.length;
      },
    };
  }

  subscribe(listener: (news: News) => void): () => void {
    this.#news.add(listener);
    return () => void this.#news.delete(listener);
  }

  async close(): Promise<void> {
    this.#news.clear();
  }

  #waiting(to: Uint8Array): Letter[] {
    requireKey(to);
    return this.#letters.get(toHex(to)) ?? [];
  }

  #send(letter: Letter): void {
    const waiting = this.#waiting(letter.to);
    if (waiting.every(({ id }) => !isSame(id, letter.id))) this.#letters.set(toHex(letter.to), [...waiting, letter]);
  }
}

class MemoryAccounts implements HubAccounts {
  readonly #accounts = new Map<string, Account>();
  readonly #tell: (news: News) => void;
  readonly #invites: MemoryInvites;
  readonly #onRemoved: (key: string) => void;

  constructor(tell: (news: News) => void, invites: MemoryInvites, onRemoved: (key: string) => void) {
    this.#tell = tell;
    this.#invites = invites;
    this.#onRemoved = onRemoved;
  }

  has(key: Uint8Array): boolean {
    return this.#accounts.has(toHex(key));
  }

  async account(key: Uint8Array): Promise<Account | undefined> {
    requireKey(key);
    return this.#accounts.get(toHex(key));
  }

  async accountOf(handle: string): Promise<Account | undefined> {
    return [...this.#accounts.values()].find((account) => account.handle === handle);
  }

  async accounts(page: Page<string>): Promise<readonly Account[]> {
    return pageOf([...this.#accounts.values()], ({ handle }) => handle, page);
  }

  async countAccounts(): Promise<number> {
    return this.#accounts.size;
  }

  async addAccount(account: Account): Promise<"added" | "known" | "handle-taken"> {
    requireKey(account.key);
    requireKey(account.signatureKey);
    if (this.has(account.key)) return "known";
    if ((await this.accountOf(account.handle)) !== undefined) return "handle-taken";
    this.#accounts.set(toHex(account.key), account);
    this.#tell({ type: "account", key: account.key });
    return "added";
  }

  async changeAccount(key: Uint8Array, change: Partial<Pick<Account, "role" | "standing">>): Promise<boolean> {
    const account = await this.account(key);
    if (account === undefined) return false;
    this.#accounts.set(toHex(key), { ...account, ...change });
    this.#tell({ type: "account", key });
    return true;
  }

  async removeAccount(key: Uint8Array): Promise<boolean> {
    requireKey(key);
    if (!this.#accounts.delete(toHex(key))) return false;
    this.#onRemoved(toHex(key));
    this.#tell({ type: "account", key });
    return true;
  }

  async invite(id: string): Promise<HubInvite | undefined> {
    return this.#invites.get(id);
  }

  async invites(): Promise<readonly HubInvite[]> {
    return this.#invites.all().toSorted((one, other) => compare(one.id, other.id));
  }

  async addInvite(invite: HubInvite): Promise<boolean> {
    return this.#invites.add(invite);
  }

  async revokeInvite(id: string): Promise<boolean> {
    return this.#invites.revoke(id);
  }

  async useInvite(id: string, by: Uint8Array, nowMs: number): Promise<Use> {
    return this.#invites.use(id, by, nowMs);
  }
}

class MemoryKeyPackages implements HubKeyPackages {
  readonly #packages: Map<string, StoredKeyPackage[]>;

  constructor(packages: Map<string, StoredKeyPackage[]>) {
    this.#packages = packages;
  }

  async addKeyPackages(key: Uint8Array, packages: readonly StoredKeyPackage[], most: number, nowMs: number) {
    let here = this.#alive(key, nowMs);
    for (const added of packages) {
      requireId(added.id);
      if (here.some(({ id }) => isSame(id, added.id))) continue;
      if (added.isLastResort) here = here.filter(({ isLastResort }) => !isLastResort);
      else if (here.filter(({ isLastResort }) => !isLastResort).length >= most) continue;
      here = [...here, added];
    }
    this.#packages.set(toHex(key), here);
    return this.countKeyPackages(key, nowMs);
  }

  async takeKeyPackage(key: Uint8Array, nowMs: number): Promise<StoredKeyPackage | undefined> {
    const here = this.#alive(key, nowMs);
    const taken = here.find(({ isLastResort }) => !isLastResort);
    this.#packages.set(
      toHex(key),
      here.filter((one) => one !== taken),
    );
    return taken ?? here[0];
  }

  async countKeyPackages(key: Uint8Array, nowMs: number): Promise<number> {
    return this.#alive(key, nowMs).filter(({ isLastResort }) => !isLastResort).length;
  }

  #alive(key: Uint8Array, nowMs: number): StoredKeyPackage[] {
    requireKey(key);
    return (this.#packages.get(toHex(key)) ?? []).filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  }
}

class MemoryRooms implements HubRooms {
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
    {
      id,
      creator,
      listedName,
    }: { readonly id: Uint8Array; readonly creator: Uint8Array; readonly listedName?: string },
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
    room.leastEpoch = change.removed === undefined ? Math.min(room.leastEpoch, room.epoch) : room.epoch;
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
    this.#tell({ type: "entries", room: room.id, next: room.next });
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
    this.#tell({ type: "entries", room: room.id, next: room.next });
    return { type: "appended", seq };
  }

  async read(id: Uint8Array, from: number, maxBytes: number): Promise<readonly Entry[]> {
    const room = this.#find(id);
    const kept = room === undefined ? [] : keptOf(room).filter(({ seq }) => seq >= from);
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
    const same = room.log.find(({ id, poster }) => isSame(id, entry.id) && isSame(poster, entry.poster));
    if (same !== undefined) return { type: "already", seq: same.seq };
    if (!room.seats.has(toHex(entry.poster)) && link === undefined) return { type: "no-seat" };
    // Else somebody who fills a room could not be removed from it.
    if (removed !== undefined) return undefined;
    const kept = keptOf(room);
    const ofPoster = kept.filter(({ poster }) => isSame(poster, entry.poster));
    if (kept.length >= quota.entries) return { type: "full", of: "entries" };
    if (bytesOf(kept) + entry.bytes.length > quota.bytes) return { type: "full", of: "bytes" };
    if (ofPoster.length >= quota.posterEntries) return { type: "full", of: "posterEntries" };
    if (bytesOf(ofPoster) + entry.bytes.length > quota.posterBytes) return { type: "full", of: "posterBytes" };
    return undefined;
  }

  #put(room: StoredRoom, entry: NewEntry): void {
    room.log.push({ ...entry, seq: room.next });
    room.next += 1;
  }
}

function keptOf({ log }: StoredRoom): Entry[] {
  return log.flatMap((entry) => (entry.bytes === undefined ? [] : [{ ...entry, bytes: entry.bytes }]));
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function pageOf<Item>(items: readonly Item[], name: (item: Item) => string, { after, limit }: Page<string>): Item[] {
  return items
    .filter((item) => after === undefined || compare(name(item), after) > 0)
    .toSorted((one, other) => compare(name(one), name(other)))
    .slice(0, limit);
}

/** In the order of the code points, which is that of UTF-8; JavaScript's own is that of UTF-16. */
function compare(one: string, other: string): number {
  const [a, b] = [toHex(toUtf8(one)), toHex(toUtf8(other))];
  return a < b ? -1 : a > b ? 1 : 0;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return toHex(one) === toHex(other);
}
