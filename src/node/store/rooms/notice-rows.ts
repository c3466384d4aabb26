// The rows of what is to be told of rooms and was not shown.

import type { StoredNotice } from "../../../app/rooms/room-store.ts";
import type { Connection } from "../connection.ts";
import type { SharedFile } from "../sql-store.ts";
import { NOTICE } from "./room-codecs.ts";
import type { RoomRow } from "./room-rows.ts";
import type { SealedRows } from "./sealed-rows.ts";

export class NoticeRows {
  readonly #connection: Connection;
  readonly #sealed: SealedRows;

  constructor({ connection }: SharedFile, sealed: SealedRows) {
    this.#connection = connection;
    this.#sealed = sealed;
  }

  /** Throws LairError store-damaged. */
  all(room: RoomRow): readonly StoredNotice[] {
    const sql = "SELECT id, notice, opening, nonce, body FROM room_notices WHERE room = ? ORDER BY id";
    return this.#connection.all(sql, room.id).map((row) => {
      const id = row.bytes(1);
      return { room: room.key, id, ...this.#sealed.openRecord("notice", [room.key, row.whole(0), id], NOTICE, row, 2) };
    });
  }

  add(room: RoomRow, notice: StoredNotice): void {
    const id = (this.#connection.number("SELECT max(id) FROM room_notices") ?? 0) + 1;
    this.#connection.run(
      "INSERT INTO room_notices (id, room, notice, opening, nonce, body) VALUES (?, ?, ?, ?, ?, ?)",
      id,
      room.id,
      notice.id,
      ...this.#sealed.sealRecord("notice", [room.key, id, notice.id], NOTICE, notice),
    );
  }

  delete(room: RoomRow, id: Uint8Array): void {
    this.#connection.run("DELETE FROM room_notices WHERE room = ? AND notice = ?", room.id, id);
  }

  deleteAll(room: RoomRow): void {
    this.#connection.run("DELETE FROM room_notices WHERE room = ?", room.id);
  }
}
