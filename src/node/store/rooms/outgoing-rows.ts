// The rows of one's own lines that are not in the log yet.

import type { Outgoing } from "../../../app/rooms/room-store.ts";
import type { Connection } from "../connection.ts";
import type { SharedFile } from "../sql-store.ts";
import { OUTGOING } from "./room-codecs.ts";
import type { RoomRow } from "./room-rows.ts";
import type { SealedRows } from "./sealed-rows.ts";

export class OutgoingRows {
  readonly #connection: Connection;
  readonly #sealed: SealedRows;

  constructor({ connection }: SharedFile, sealed: SealedRows) {
    this.#connection = connection;
    this.#sealed = sealed;
  }

  /** Throws LairError store-damaged. */
  all(room: RoomRow): readonly Outgoing[] {
    return this.#read(room, "room = ? ORDER BY id", room.id);
  }

  put(room: RoomRow, line: Outgoing): void {
    this.#connection.run(
      `INSERT INTO room_outgoing (room, entry, opening, nonce, body) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (room, entry) DO UPDATE SET (opening, nonce, body) = (excluded.opening, excluded.nonce, excluded.body)`,
      room.id,
      line.id,
      ...this.#sealed.sealRecord("outgoing", [room.key, line.id], OUTGOING, line),
    );
  }

  /** The content stays. */
  setSealed(room: RoomRow, { id, sealed }: Outgoing): void {
    const [known] = this.#read(room, "room = ? AND entry = ?", room.id, id);
    if (known !== undefined) this.put(room, { ...known, sealed });
  }

  /** In every room. */
  delete(id: Uint8Array): void {
    this.#connection.run("DELETE FROM room_outgoing WHERE entry = ?", id);
  }

  deleteAll(room: RoomRow): void {
    this.#connection.run("DELETE FROM room_outgoing WHERE room = ?", room.id);
  }

  #read(room: RoomRow, where: string, ...values: (number | Uint8Array)[]): readonly Outgoing[] {
    const rows = this.#connection.all(
      `SELECT entry, opening, nonce, body FROM room_outgoing WHERE ${where}`,
      ...values,
    );
    return rows.map((row) => {
      const id = row.bytes(0);
      return { room: room.key, id, ...this.#sealed.openRecord("outgoing", [room.key, id], OUTGOING, row, 1) };
    });
  }
}
