// What is stored of a room, in parts that are written when they change: a group has some 100 kB and stays for many messages.
// The record names the seal of each other part, so that no part can take the place of an older or a newer one.

import type { StoredRoom } from "../../../app/rooms/room-store.ts";
import type { Connection } from "../connection.ts";
import type { Row } from "../row.ts";
import type { SharedFile } from "../sql-store.ts";
import { type PartMark, ROOM, type RoomRecord } from "./room-codecs.ts";
import type { RoomRow } from "./room-rows.ts";
import type { SealedColumns, SealedRows } from "./sealed-rows.ts";

/** As their place in the list. The first is the record; the last three are of a commit. */
const PARTS = ["record", "log", "group", "ratchets", "pending", "call", "commit"] as const;
type Part = (typeof PARTS)[number];

const numberOf = (part: Part): number => PARTS.indexOf(part);

export class RoomParts {
  readonly #connection: Connection;
  readonly #sealed: SealedRows;
  /** The arrays whose bytes the parts have, by room and part. */
  readonly #stored = new Map<string, WeakRef<Uint8Array>>();

  constructor({ connection }: SharedFile, sealed: SealedRows) {
    this.#connection = connection;
    this.#sealed = sealed;
  }

  /** Throws LairError store-damaged. */
  read(room: RoomRow): StoredRoom | undefined {
    if (room.hub === undefined) return undefined;
    const rows = this.#connection.all("SELECT part, opening, nonce, body FROM room_parts WHERE room = ?", room.id);
    const found = new Map(rows.map((row) => [row.whole(0), row]));
    const first = found.get(numberOf("record"));
    if (first === undefined) return this.#sealed.refuse();
    const { parts, pending, ...small } = this.#sealed.openRecord(
      "part",
      [room.key, numberOf("record")],
      ROOM,
      first,
      1,
    );
    const read = (part: Part): Uint8Array | undefined => this.#read(room, part, parts, found.get(numberOf(part)));
    const [log, group, ratchets] = [read("log"), read("group"), read("ratchets")];
    const commit = [read("pending"), read("call"), read("commit")] as const;
    return {
      ...small,
      id: room.key,
      hub: room.hub,
      log: log ?? this.#sealed.refuse(),
      state: group && ratchets ? { group, ratchets } : undefined,
      pending: pending && this.#withCommit(pending, commit),
    };
  }

  #withCommit(
    pending: NonNullable<RoomRecord["pending"]>,
    [state, call, bytes]: readonly (Uint8Array | undefined)[],
  ): StoredRoom["pending"] {
    return state && call && bytes ? { ...pending, pending: state, call, bytes } : this.#sealed.refuse();
  }

  write(room: RoomRow, { id: _id, hub: _hub, state, log, pending, ...small }: StoredRoom): void {
    const parts: readonly (readonly [Part, Uint8Array | undefined])[] = [
      ["log", log],
      ["group", state?.group],
      ["ratchets", state?.ratchets],
      ["pending", pending?.pending],
      ["call", pending?.call],
      ["commit", pending?.bytes],
    ];
    const marks = parts.flatMap(([part, bytes]) => this.#write(room, part, bytes));
    const record: RoomRecord = { ...small, pending, parts: marks };
    this.#put(room, "record", this.#sealed.sealRecord("part", [room.key, numberOf("record")], ROOM, record));
  }

  delete(room: RoomRow): void {
    this.#connection.run("DELETE FROM room_parts WHERE room = ?", room.id);
    for (const part of PARTS) this.#stored.delete(keyOf(room, part));
  }

  /** After a transaction was undone. */
  forgetKnown(): void {
    this.#stored.clear();
  }

  #read(room: RoomRow, part: Part, marks: readonly PartMark[], row: Row | undefined): Uint8Array | undefined {
    const mark = marks.find((one) => one.part === numberOf(part));
    if (mark === undefined) return undefined;
    if (row?.whole(1) !== mark.generation || row.whole(2) !== mark.nonce) return this.#sealed.refuse();
    const bytes = this.#sealed.open("part", [room.key, numberOf(part)], row, 1);
    this.#stored.set(keyOf(room, part), new WeakRef(bytes));
    return bytes;
  }

  #write(room: RoomRow, part: Part, bytes: Uint8Array | undefined): readonly PartMark[] {
    const key = keyOf(room, part);
    if (bytes === undefined) {
      this.#stored.delete(key);
      this.#connection.run("DELETE FROM room_parts WHERE room = ? AND part = ?", room.id, numberOf(part));
      return [];
    }
    const known = this.#stored.get(key)?.deref() === bytes ? this.#markOf(room, part) : undefined;
    if (known !== undefined) return [known];
    const sealed = this.#sealed.seal("part", [room.key, numberOf(part)], bytes);
    this.#put(room, part, sealed);
    this.#stored.set(key, new WeakRef(bytes));
    return [{ part: numberOf(part), generation: sealed[0], nonce: sealed[1] }];
  }

  #markOf(room: RoomRow, part: Part): PartMark | undefined {
    const sql = "SELECT opening, nonce FROM room_parts WHERE room = ? AND part = ?";
    const row = this.#connection.get(sql, room.id, numberOf(part));
    return row && { part: numberOf(part), generation: row.whole(0), nonce: row.whole(1) };
  }

  #put(room: RoomRow, part: Part, sealed: SealedColumns): void {
    this.#connection.run(
      `INSERT INTO room_parts (room, part, opening, nonce, body) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (room, part) DO UPDATE SET (opening, nonce, body) = (excluded.opening, excluded.nonce, excluded.body)`,
      room.id,
      numberOf(part),
      ...sealed,
    );
  }
}

function keyOf({ id }: RoomRow, part: Part): string {
  return `${id} ${part}`;
}
