// The rows of a hub's rooms: seats, logs and links. What a quota counts is kept beside the room, not summed each time.

import { PAST_EPOCHS } from "../../../core/room/limits.ts";
import {
  type Appended,
  type Entry,
  type GroupInfo,
  type HubRooms,
  linkInviteId,
  type NewEntry,
  type NewRoom,
  type Page,
  requireId,
  requireKey,
  type Room,
  type RoomChange,
  type RoomLink,
  type RoomQuota,
  type Seat,
  type SeatedRoom,
} from "../../../hub/store.ts";
import type { Connection } from "../connection.ts";
import type { Row } from "../row.ts";
import type { AccountRows } from "./account-rows.ts";
import type { LetterRows } from "./letter-rows.ts";
import type { Changes } from "./changes.ts";
import { useOf } from "./usable-rows.ts";

/** As their place in the list. */
const TYPES = ["commit", "message", "notice"] as const;
const ROLES = ["admin", "moderator", "member"] as const;
/** Ours: rows that are read before it is known how many fit. */
const MOST_READ_AT_ONCE = 1_000;

/** What an append has to know of a room. */
interface Head {
  readonly epoch: number;
  readonly leastEpoch: number;
  readonly lastCommit: number;
  readonly next: number;
  readonly entries: number;
  readonly bytes: number;
}

export class RoomRows implements HubRooms {
  readonly #connection: Connection;
  readonly #changes: Changes;
  readonly #accounts: AccountRows;
  readonly #letters: LetterRows;

  constructor(connection: Connection, changes: Changes, accounts: AccountRows, letters: LetterRows) {
    this.#connection = connection;
    this.#changes = changes;
    this.#accounts = accounts;
    this.#letters = letters;
  }

  async createRoom(
    { id, creator, listedName }: NewRoom,
    mostRooms: number,
  ): Promise<"created" | "exists" | "name-taken" | "full"> {
    requireId(id);
    requireKey(creator);
    return await this.#changes.make((tell) => {
      if (this.#head(id) !== undefined) return "exists";
      if (listedName !== undefined && this.#isListed(listedName, id)) return "name-taken";
      if ((this.#connection.number("SELECT count(*) FROM seats WHERE key = ?", creator) ?? 0) >= mostRooms)
        return "full";
      this.#connection.run(
        `INSERT INTO rooms (id, listed_name, epoch, least_epoch, last_commit, next, entries, bytes) VALUES (?, ?, 0, 0, -1, 0, 0, 0)`,
        id,
        listedName ?? null,
      );
      this.#seat(id, creator, "admin", 0);
      tell({ type: "seats", room: id });
      return "created";
    });
  }

  async room(id: Uint8Array): Promise<Room | undefined> {
    requireId(id);
    const sql = "SELECT listed_name, epoch, last_commit, next, bytes, least_epoch FROM rooms WHERE id = ?";
    const row = this.#connection.get(sql, id);
    if (row === undefined) return undefined;
    const next = row.whole(3);
    const oldest = this.#connection.number("SELECT min(seq) FROM entries WHERE room = ? AND bytes IS NOT NULL", id);
    const seats = this.#connection.all("SELECT key, role, since, cursor FROM seats WHERE room = ? ORDER BY key", id);
    return {
      id,
      listedName: row.textIfAny(0),
      epoch: row.whole(1),
      leastEpoch: row.whole(5),
      lastCommit: row.whole(2),
      next,
      oldest: oldest ?? next,
      bytes: row.whole(4),
      seats: seats.map(toSeat),
    };
  }

  async groupInfo(id: Uint8Array): Promise<GroupInfo | undefined> {
    requireId(id);
    const sql = "SELECT group_infos.bytes, epoch, last_commit FROM group_infos JOIN rooms ON id = room WHERE room = ?";
    const row = this.#connection.get(sql, id);
    return row === undefined ? undefined : { bytes: row.bytes(0), epoch: row.whole(1), lastCommit: row.whole(2) };
  }

  async seat(id: Uint8Array, key: Uint8Array): Promise<Seat | undefined> {
    requireId(id);
    requireKey(key);
    const row = this.#connection.get("SELECT key, role, since, cursor FROM seats WHERE room = ? AND key = ?", id, key);
    return row === undefined ? undefined : toSeat(row);
  }

  async roomIds({ after, limit }: Page<Uint8Array>): Promise<readonly Uint8Array[]> {
    const sql = "SELECT id FROM rooms WHERE ? IS NULL OR id > ? ORDER BY id LIMIT ?";
    return this.#connection.all(sql, after ?? null, after ?? null, limit).map((row) => row.bytes(0));
  }

  async countRooms(): Promise<number> {
    return this.#connection.number("SELECT count(*) FROM rooms") ?? 0;
  }

  async closeRoom(id: Uint8Array): Promise<boolean> {
    requireId(id);
    return await this.#changes.make((tell) => {
      const links = this.#connection.all("SELECT id FROM links WHERE room = ?", id).map((row) => row.text(0));
      if (this.#connection.run("DELETE FROM rooms WHERE id = ?", id) === 0) return false;
      for (const link of links) this.#accounts.deleteInvite(linkInviteId(id, link), tell);
      tell({ type: "room-closed", room: id });
      return true;
    });
  }

  async roomsOf(key: Uint8Array): Promise<readonly Uint8Array[]> {
    requireKey(key);
    return this.#connection.all("SELECT room FROM seats WHERE key = ? ORDER BY room", key).map((row) => row.bytes(0));
  }

  async seatedRooms(key: Uint8Array): Promise<readonly SeatedRoom[]> {
    requireKey(key);
    const sql = `SELECT key, role, since, cursor, rooms.id, epoch, last_commit, next,
        (SELECT min(seq) FROM entries WHERE entries.room = rooms.id AND bytes IS NOT NULL)
      FROM seats JOIN rooms ON rooms.id = seats.room WHERE key = ? ORDER BY rooms.id`;
    return this.#connection.all(sql, key).map((row) => ({
      id: row.bytes(4),
      epoch: row.whole(5),
      lastCommit: row.whole(6),
      next: row.whole(7),
      oldest: row.wholeIfAny(8) ?? row.whole(7),
      seat: toSeat(row),
    }));
  }

  async listedRooms({
    after,
    limit,
  }: Page<string>): Promise<readonly { readonly id: Uint8Array; readonly name: string }[]> {
    const sql = `SELECT id, listed_name FROM rooms WHERE listed_name IS NOT NULL AND (? IS NULL OR listed_name > ?)
      ORDER BY listed_name LIMIT ?`;
    const rows = this.#connection.all(sql, after ?? null, after ?? null, limit);
    return rows.map((row) => ({ id: row.bytes(0), name: row.text(1) }));
  }

  async appendCommit(
    id: Uint8Array,
    entry: NewEntry & { readonly type: "commit" },
    after: number,
    change: RoomChange,
    quota: RoomQuota,
  ): Promise<Appended> {
    requireEntry(id, entry);
    return await this.#changes.make((tell) => {
      const head = this.#head(id);
      if (head === undefined) return { type: "unknown-room" };
      const refused = this.#refusal(id, head, entry, quota, change);
      if (refused !== undefined) return refused;
      const { epoch, lastCommit, next: seq } = head;
      if (after !== lastCommit || entry.epoch > seq) return { type: "stale", epoch, lastCommit };
      const { listedName, link, groupInfo, seats = [], removed, letters = [] } = change;
      if (typeof listedName === "string" && this.#isListed(listedName, id)) return { type: "name-taken" };
      if (link !== undefined) {
        const use = this.#use(id, link, entry.poster, entry.atMs);
        if (use !== "used") return { type: "no-link", use };
      }
      this.#put(id, seq, entry);
      const sql = "UPDATE rooms SET last_commit = ?, epoch = ?, least_epoch = ? WHERE id = ?";
      const begun = entry.epoch + 1;
      const isSame = removed === undefined && seats.every(({ key }) => this.#isSeated(id, key));
      const leastEpoch = isSame ? Math.min(head.leastEpoch, begun) : begun;
      this.#connection.run(sql, seq, begun, leastEpoch, id);
      this.#connection.run("DELETE FROM group_infos WHERE room = ?", id);
      if (groupInfo !== undefined) {
        this.#connection.run("INSERT INTO group_infos (room, bytes) VALUES (?, ?)", id, groupInfo);
      }
      if (listedName !== undefined) {
        this.#connection.run("UPDATE rooms SET listed_name = ? WHERE id = ?", listedName, id);
      }
      for (const { key, role } of seats) this.#seat(id, key, role, seq);
      for (const key of removed ?? []) this.#connection.run("DELETE FROM seats WHERE room = ? AND key = ?", id, key);
      for (const letter of letters) {
        this.#letters.put(letter);
        tell({ type: "letter", to: letter.to });
      }
      if (change.seats !== undefined || change.removed !== undefined) tell({ type: "seats", room: id });
      tell({ type: "entries", room: id, next: seq + 1, entry: { seq, ...entry } });
      return { type: "appended", seq };
    });
  }

  async append(
    id: Uint8Array,
    entry: NewEntry & { readonly type: "message" | "notice" },
    quota: RoomQuota,
  ): Promise<Appended> {
    requireEntry(id, entry);
    return await this.#changes.make((tell) => {
      const head = this.#head(id);
      if (head === undefined) return { type: "unknown-room" };
      const refused = this.#refusal(id, head, entry, quota);
      if (refused !== undefined) return refused;
      const { epoch, leastEpoch, lastCommit, next: seq } = head;
      if (entry.epoch > epoch || entry.epoch < Math.max(epoch - PAST_EPOCHS, leastEpoch))
        return { type: "stale", epoch, lastCommit };
      this.#put(id, seq, entry);
      tell({ type: "entries", room: id, next: seq + 1, entry: { seq, ...entry } });
      return { type: "appended", seq };
    });
  }

  async read(id: Uint8Array, from: number, maxBytes: number): Promise<readonly Entry[]> {
    requireId(id);
    const which = "room = ? AND seq >= ? AND bytes IS NOT NULL ORDER BY seq LIMIT ?";
    const sizes = this.#connection.all(`SELECT size FROM entries WHERE ${which}`, id, from, MOST_READ_AT_ONCE);
    let bytes = 0;
    const tooMuch = sizes.findIndex((row) => (bytes += row.whole(0)) > maxBytes);
    const count = tooMuch < 0 ? sizes.length : Math.max(1, tooMuch);
    const sql = `SELECT seq, type, id, epoch, poster, at_ms, bytes FROM entries WHERE ${which}`;
    return this.#connection.all(sql, id, from, count).map(toEntry);
  }

  async acknowledge(id: Uint8Array, key: Uint8Array, next: number): Promise<boolean> {
    requireId(id);
    requireKey(key);
    const sql = `UPDATE seats SET cursor = max(cursor, ?) WHERE room = ? AND key = ?
      AND ? <= (SELECT next FROM rooms WHERE id = ?)`;
    return await this.#changes.make(() => this.#connection.run(sql, next, id, key, next, id) > 0);
  }

  async prune(sinceMs: number, most: number): Promise<number> {
    const due = `SELECT entries.room, entries.seq, poster, size FROM entries JOIN rooms ON rooms.id = entries.room
      WHERE entries.bytes IS NOT NULL AND (at_ms < ? OR seq <
        coalesce((SELECT min(cursor) FROM seats WHERE seats.room = entries.room), rooms.next)) LIMIT ?`;
    return await this.#changes.make(() => {
      const rows = this.#connection.all(due, sinceMs, most);
      for (const row of rows) {
        const [room, size] = [row.bytes(0), row.whole(3)];
        this.#connection.run("UPDATE entries SET bytes = NULL WHERE room = ? AND seq = ?", room, row.whole(1));
        this.#connection.run("UPDATE rooms SET entries = entries - 1, bytes = bytes - ? WHERE id = ?", size, room);
        this.#connection.run(
          "UPDATE posters SET entries = entries - 1, bytes = bytes - ? WHERE room = ? AND key = ?",
          size,
          room,
          row.bytes(2),
        );
      }
      this.#connection.run("DELETE FROM entries WHERE bytes IS NULL AND at_ms < ?", sinceMs);
      return rows.length;
    });
  }

  async addLink(id: Uint8Array, link: RoomLink, psk?: Uint8Array): Promise<boolean> {
    requireId(id);
    if (psk !== undefined) requireKey(psk);
    const sql = "INSERT OR IGNORE INTO links (room, id, uses, expires_ms) SELECT id, ?, ?, ? FROM rooms WHERE id = ?";
    return await this.#changes.make((tell) => {
      if (this.#connection.run(sql, link.id, link.uses, link.expiresAtMs, id) === 0) return false;
      if (psk !== undefined) this.#accounts.putInvite({ ...link, id: linkInviteId(id, link.id), psk }, tell);
      return true;
    });
  }

  async links(id: Uint8Array): Promise<readonly RoomLink[]> {
    requireId(id);
    return this.#connection
      .all("SELECT id, uses, expires_ms FROM links WHERE room = ? ORDER BY id", id)
      .map((row) => ({ id: row.text(0), uses: row.whole(1), expiresAtMs: row.whole(2) }));
  }

  async revokeLink(id: Uint8Array, link: string): Promise<boolean> {
    requireId(id);
    const sql = "DELETE FROM links WHERE room = ? AND id = ?";
    return await this.#changes.make((tell) => {
      if (this.#connection.run(sql, id, link) === 0) return false;
      this.#accounts.deleteInvite(linkInviteId(id, link), tell);
      return true;
    });
  }

  // --- within a transaction -------------------------------------------------------------------------------------------

  #head(id: Uint8Array): Head | undefined {
    const sql = "SELECT epoch, last_commit, next, entries, bytes, least_epoch FROM rooms WHERE id = ?";
    const row = this.#connection.get(sql, id);
    if (row === undefined) return undefined;
    return {
      epoch: row.whole(0),
      lastCommit: row.whole(1),
      next: row.whole(2),
      entries: row.whole(3),
      bytes: row.whole(4),
      leastEpoch: row.whole(5),
    };
  }

  /** Why the entry is not taken, whatever it is; or that it has been taken before. */
  #refusal(
    room: Uint8Array,
    head: Head,
    { id, poster, bytes }: NewEntry,
    quota: RoomQuota,
    { link, removed }: RoomChange = {},
  ): Appended | undefined {
    const same = "SELECT seq FROM entries WHERE room = ? AND poster = ? AND id = ?";
    const seq = this.#connection.get(same, room, poster, id)?.whole(0);
    if (seq !== undefined) return { type: "already", seq };
    const seat = this.#connection.get("SELECT 1 FROM seats WHERE room = ? AND key = ?", room, poster);
    if (seat === undefined && link === undefined) return { type: "no-seat" };
    // Else somebody who fills a room could not be removed from it.
    if (removed !== undefined) return undefined;
    if (head.entries >= quota.entries) return { type: "full", of: "entries" };
    if (head.bytes + bytes.length > quota.bytes) return { type: "full", of: "bytes" };
    const posted = this.#connection.get("SELECT entries, bytes FROM posters WHERE room = ? AND key = ?", room, poster);
    if ((posted?.whole(0) ?? 0) >= quota.posterEntries) return { type: "full", of: "posterEntries" };
    const sum = (posted?.whole(1) ?? 0) + bytes.length;
    return sum > quota.posterBytes ? { type: "full", of: "posterBytes" } : undefined;
  }

  #put(room: Uint8Array, seq: number, { type, id, epoch, poster, atMs, bytes }: NewEntry): void {
    this.#connection.run(
      `INSERT INTO entries (room, seq, type, id, epoch, poster, at_ms, size, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      room,
      seq,
      TYPES.indexOf(type),
      id,
      epoch,
      poster,
      atMs,
      bytes.length,
      bytes,
    );
    const sql = "UPDATE rooms SET next = next + 1, entries = entries + 1, bytes = bytes + ? WHERE id = ?";
    this.#connection.run(sql, bytes.length, room);
    this.#connection.run(
      `INSERT INTO posters (room, key, entries, bytes) VALUES (?, ?, 1, ?)
        ON CONFLICT DO UPDATE SET (entries, bytes) = (entries + 1, bytes + excluded.bytes)`,
      room,
      poster,
      bytes.length,
    );
  }

  #seat(room: Uint8Array, key: Uint8Array, role: (typeof ROLES)[number], from: number): void {
    requireKey(key);
    this.#connection.run(
      `INSERT INTO seats (room, key, role, since, cursor) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET role = excluded.role`,
      room,
      key,
      ROLES.indexOf(role),
      from,
      from,
    );
  }

  #isSeated(room: Uint8Array, key: Uint8Array): boolean {
    return this.#connection.get("SELECT 1 FROM seats WHERE room = ? AND key = ?", room, key) !== undefined;
  }

  #isListed(name: string, except: Uint8Array): boolean {
    return this.#connection.get("SELECT 1 FROM rooms WHERE listed_name = ? AND id <> ?", name, except) !== undefined;
  }

  #use(room: Uint8Array, link: string, by: Uint8Array, nowMs: number) {
    const table = {
      find: () => this.#connection.get("SELECT uses, expires_ms FROM links WHERE room = ? AND id = ?", room, link),
      hasUsed: () =>
        this.#connection.get("SELECT 1 FROM link_uses WHERE room = ? AND link = ? AND by = ?", room, link, by) !==
        undefined,
      count: () => {
        this.#connection.run("UPDATE links SET uses = uses - 1 WHERE room = ? AND id = ?", room, link);
        this.#connection.run("INSERT INTO link_uses (room, link, by) VALUES (?, ?, ?)", room, link, by);
      },
    };
    return useOf(table, nowMs);
  }
}

function requireEntry(room: Uint8Array, { id, poster }: NewEntry): void {
  requireId(room);
  requireId(id);
  requireKey(poster);
}

function toSeat(row: Row): Seat {
  return { key: row.bytes(0), role: row.oneOf(1, ROLES), from: row.whole(2), cursor: row.whole(3) };
}

function toEntry(row: Row): Entry {
  return {
    seq: row.whole(0),
    type: row.oneOf(1, TYPES),
    id: row.bytes(2),
    epoch: row.whole(3),
    poster: row.bytes(4),
    atMs: row.whole(5),
    bytes: row.bytes(6),
  };
}
