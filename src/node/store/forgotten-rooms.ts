// The lines of rooms that were forgotten, which nobody reads any more: they are deleted in steps, also by a program that has
// no rooms.

import type { Connection } from "./connection.ts";

/** Ours: some 5 µs each. */
const ROWS_AT_ONCE = 200;

export class ForgottenRooms {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get areThere(): boolean {
    return this.#next !== undefined;
  }

  /** Deletes them until `isOver`. Returns whether none is left. */
  delete(isOver: () => boolean): boolean {
    for (let room = this.#next; room !== undefined; room = this.#next) {
      const some = "SELECT id FROM room_lines WHERE room = ? LIMIT ?";
      while (this.#connection.run(`DELETE FROM room_lines WHERE id IN (${some})`, room, ROWS_AT_ONCE) > 0) {
        if (isOver()) return false;
      }
      this.#connection.run("DELETE FROM rooms WHERE id = ?", room);
    }
    return true;
  }

  get #next(): number | undefined {
    return this.#connection.number("SELECT min(id) FROM rooms WHERE key IS NULL");
  }
}
