// A member's rooms in the file of the pair's store. All SQL is synchronous and each call is one transaction in one go, so that
// none stands in another one's, and ends with the pair's store. Its rows are in the other files of this folder.

import { setImmediate as nextTurn } from "node:timers/promises";
import { equalInConstantTime } from "../../../core/bytes.ts";
import type {
  Outgoing,
  Pin,
  RoomLine,
  RoomSettings,
  RoomStep,
  RoomStore,
  StoredNotice,
  StoredPackage,
  StoredRoom,
} from "../../../app/rooms/room-store.ts";
import type { SharedFile, SqlStore } from "../sql-store.ts";
import { HubRows } from "./hub-rows.ts";
import { LineRows } from "./line-rows.ts";
import { NoticeRows } from "./notice-rows.ts";
import { OutgoingRows } from "./outgoing-rows.ts";
import { RoomParts } from "./room-parts.ts";
import { type RoomRow, RoomRows } from "./room-rows.ts";
import { SealedRows } from "./sealed-rows.ts";

/** Ours: some 5 ms of work, after which all else has a turn. */
const LINES_AT_ONCE = 25;

/** The rooms in this store; open them once. They end with it: later calls throw TypeError. */
export function openRoomStore(store: SqlStore): RoomStore {
  return new SqlRoomStore(store.shared);
}

class SqlRoomStore implements RoomStore {
  readonly #file: SharedFile;
  readonly #rooms: RoomRows;
  readonly #parts: RoomParts;
  readonly #lines: LineRows;
  readonly #outgoing: OutgoingRows;
  readonly #notices: NoticeRows;
  readonly #hubs: HubRows;

  constructor(file: SharedFile) {
    this.#file = file;
    const sealed = new SealedRows(file);
    this.#rooms = new RoomRows(file, sealed);
    this.#parts = new RoomParts(file, sealed);
    this.#lines = new LineRows(file, sealed, this.#rooms);
    this.#outgoing = new OutgoingRows(file, sealed);
    this.#notices = new NoticeRows(file, sealed);
    this.#hubs = new HubRows(file, sealed);
    file.transactions.onUndone(() => this.#parts.forgetKnown());
  }

  async change(step: RoomStep): Promise<void> {
    this.#write(() => this.#apply(step));
  }

  async rooms(hub: Uint8Array): Promise<readonly StoredRoom[]> {
    return this.#read(() => this.#rooms.ofHub(hub).flatMap((row) => this.#parts.read(row) ?? []));
  }

  async room(id: Uint8Array): Promise<StoredRoom | undefined> {
    return this.#of(id, (room) => this.#parts.read(room));
  }

  async outgoing(room: Uint8Array): Promise<readonly Outgoing[]> {
    return this.#of(room, (row) => this.#outgoing.all(row)) ?? [];
  }

  async line(room: Uint8Array, id: Uint8Array): Promise<RoomLine | undefined> {
    return this.#linesOf(room, (row) =>
      this.#lines.all(row, "room = ? AND entry = ? ORDER BY seq, id LIMIT 1", row.id, id),
    )[0];
  }

  async lineAt(room: Uint8Array, seq: number): Promise<RoomLine | undefined> {
    const where = "room = ? AND seq = ? AND is_about = 0 ORDER BY id LIMIT 1";
    return this.#linesOf(room, (row) => this.#lines.all(row, where, row.id, seq))[0];
  }

  async ownLast(room: Uint8Array): Promise<RoomLine | undefined> {
    const where = "room = ? AND is_own = 1 AND is_about = 0 ORDER BY seq DESC, id DESC LIMIT 1";
    return this.#linesOf(room, (row) => this.#lines.all(row, where, row.id))[0];
  }

  async lines(room: Uint8Array, before: number, count: number): Promise<readonly RoomLine[]> {
    const where = "room = ? AND seq < ? AND is_about = 0 ORDER BY seq DESC, id DESC LIMIT ?";
    return this.#linesOf(room, (row) => this.#lines.all(row, where, row.id, before, Math.max(0, count))).toReversed();
  }

  async linesAfter(room: Uint8Array, after: number, count: number): Promise<readonly RoomLine[]> {
    const where = "room = ? AND seq > ? AND is_about = 0 ORDER BY seq, id LIMIT ?";
    return this.#linesOf(room, (row) => this.#lines.all(row, where, row.id, after, Math.max(0, count)));
  }

  async search(room: Uint8Array, words: string, limit: number): ReturnType<RoomStore["search"]> {
    return this.#of(room, (row) => this.#lines.search(row, words, limit)) ?? { lines: [], total: 0 };
  }

  async unshown(room: Uint8Array): Promise<readonly RoomLine[]> {
    return this.#linesOf(room, (row) =>
      this.#lines.all(row, "room = ? AND seq > ? ORDER BY seq, id", row.id, row.shown),
    );
  }

  async untold(room: Uint8Array): Promise<readonly StoredNotice[]> {
    return this.#of(room, (row) => this.#notices.all(row)) ?? [];
  }

  async shown(room: Uint8Array, seq: number, notices: readonly Uint8Array[] = []): Promise<void> {
    // A power cut may undo it: then something is shown twice, and nothing is lost.
    const note = (row: RoomRow): void => {
      if (seq > row.shown) this.#rooms.save({ ...row, shown: seq });
      this.#lines.deleteAbout(row, seq);
      for (const id of notices) this.#notices.delete(row, id);
    };
    this.#write(() => this.#ifThere(room, note), true);
  }

  async expire(nowMs: number): Promise<number | undefined> {
    while ((this.#lines.nextExpiryMs ?? Infinity) <= nowMs) {
      this.#write(() => this.#lines.deleteExpired(nowMs, LINES_AT_ONCE), true);
      await nextTurn();
      if (this.#file.transactions.isClosed) return undefined;
    }
    return this.#lines.nextExpiryMs;
  }

  async packages(hub: Uint8Array): Promise<readonly StoredPackage[]> {
    return this.#hubs.packages(hub);
  }

  async pin(publicKey: Uint8Array): Promise<Pin | undefined> {
    return this.#hubs.pin(publicKey);
  }

  async pins(): Promise<readonly Pin[]> {
    return this.#hubs.pins();
  }

  async settings(hub: Uint8Array): Promise<RoomSettings> {
    return this.#hubs.settings(hub);
  }

  #apply(step: RoomStep): void {
    const at = (room: Uint8Array): RoomRow => this.#rooms.findOrBegin(room);
    if (step.room !== undefined) this.#putRoom(step.room);
    for (const line of step.addOutgoing ?? []) this.#outgoing.put(at(line.room), line);
    for (const receipt of step.receipts ?? []) this.#file.receipts.add(receipt);
    for (const line of step.sealed ?? []) this.#ifThere(line.room, (room) => this.#outgoing.setSealed(room, line));
    for (const id of step.sent ?? []) this.#outgoing.delete(id);
    for (const line of step.lines ?? []) this.#lines.add(at(line.room), line);
    for (const line of step.changed ?? []) this.#ifThere(line.room, (room) => this.#lines.change(room, line));
    for (const notice of step.notices ?? []) this.#notices.add(at(notice.room), notice);
    for (const one of step.addPackages ?? []) this.#hubs.putPackage(one);
    for (const ref of step.published ?? []) this.#hubs.setPublished(ref);
    for (const ref of step.dropPackages ?? []) this.#hubs.dropPackage(ref);
    for (const pin of step.pins ?? []) this.#hubs.addPin(pin);
    if (step.settings !== undefined) this.#hubs.putSettings(step.settings.hub, step.settings.settings);
    if (step.forget !== undefined) this.#ifThere(step.forget, (room) => this.#forget(room));
  }

  #ifThere(key: Uint8Array, action: (room: RoomRow) => void): void {
    const room = this.#rooms.find(key);
    if (room !== undefined) action(room);
  }

  #putRoom(stored: StoredRoom): void {
    const row = this.#rooms.findOrBegin(stored.id);
    const place = row.hub === undefined ? this.#rooms.nextPlace : row.place;
    const isThere = row.hub !== undefined && equalInConstantTime(row.hub, stored.hub);
    if (!isThere) this.#rooms.save({ ...row, hub: stored.hub, place });
    this.#parts.write(row, stored);
  }

  #forget(row: RoomRow): void {
    this.#parts.delete(row);
    this.#file.receipts.forget(row.key);
    this.#outgoing.deleteAll(row);
    this.#notices.deleteAll(row);
    this.#lines.abandon(row);
    this.#rooms.orphan(row);
  }

  #linesOf(room: Uint8Array, read: (row: RoomRow) => readonly RoomLine[]): readonly RoomLine[] {
    return this.#of(room, read) ?? [];
  }

  #of<Result>(room: Uint8Array, read: (row: RoomRow) => Result): Result | undefined {
    return this.#read(() => {
      const row = this.#rooms.find(room);
      return row && read(row);
    });
  }

  /** From one moment: another program may write meanwhile, if this one only reads. */
  #read<Result>(read: () => Result): Result {
    return this.#file.connection.snapshot(read);
  }

  #write(work: () => void, isRelaxed = false): void {
    this.#file.transactions.write(work, isRelaxed);
    this.#file.noteDeleted();
  }
}
