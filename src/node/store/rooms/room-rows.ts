// The rows of the rooms: which there are, at which hub, and up to where each was shown. What is stored of a room is in its
// parts (room-parts.ts), its lines refer to it.

import type { Connection } from "../connection.ts";
import type { Row } from "../row.ts";
import type { SharedFile } from "../sql-store.ts";
import type { SealedRows } from "./sealed-rows.ts";

export interface RoomRow {
  readonly id: number;
  /** The room's id. */
  readonly key: Uint8Array;
  /** Undefined: nothing is stored of the room but lines. */
  readonly hub: Uint8Array | undefined;
  /** Among all rooms, by the time when something was stored first. */
  readonly place: number;
  /** -1: nothing. */
  readonly shown: number;
  /** Whether it has an index of words. */
  readonly hasWords: boolean;
}

const NOTHING = new Uint8Array(0);
const COLUMNS = "id, key, hub, place, shown, has_words, opening, nonce, seal";

export class RoomRows {
  readonly #connection: Connection;
  readonly #sealed: SealedRows;

  constructor({ connection }: SharedFile, sealed: SealedRows) {
    this.#connection = connection;
    this.#sealed = sealed;
  }

  /** Throws LairError store-damaged. */
  find(key: Uint8Array): RoomRow | undefined {
    const row = this.#connection.get(`SELECT ${COLUMNS} FROM rooms WHERE key = ?`, key);
    return row && this.#read(row);
  }

  /** As {@link find}; one that is new if there is none. */
  findOrBegin(key: Uint8Array): RoomRow {
    const known = this.find(key);
    if (known !== undefined) return known;
    const id = (this.#connection.number("SELECT max(id) FROM rooms") ?? 0) + 1;
    const row: RoomRow = { id, key, hub: undefined, place: 0, shown: -1, hasWords: false };
    this.save(row);
    return row;
  }

  /** Those of a hub of which something is stored, in their order. */
  ofHub(hub: Uint8Array): readonly RoomRow[] {
    const rows = this.#connection.all(`SELECT ${COLUMNS} FROM rooms WHERE hub = ? ORDER BY place`, hub);
    return rows.map((row) => this.#read(row));
  }

  /** By the number of the row; undefined for a room that was forgotten, too. */
  byId(id: number): RoomRow | undefined {
    const row = this.#connection.get(`SELECT ${COLUMNS} FROM rooms WHERE id = ? AND key IS NOT NULL`, id);
    return row && this.#read(row);
  }

  get nextPlace(): number {
    return (this.#connection.number("SELECT max(place) FROM rooms") ?? 0) + 1;
  }

  save(row: RoomRow): void {
    const { id, key, hub, place, shown, hasWords } = row;
    const seal = this.#sealed.seal("room", boundOf(row), NOTHING);
    this.#connection.run(
      `INSERT INTO rooms (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET (hub, place, shown, has_words, opening, nonce, seal) =
          (excluded.hub, excluded.place, excluded.shown, excluded.has_words, excluded.opening, excluded.nonce, excluded.seal)`,
      id,
      key,
      hub ?? null,
      place,
      shown,
      hasWords ? 1 : 0,
      ...seal,
    );
  }

  /** Nobody finds it any more. It stays until its lines are deleted, see forgotten-rooms.ts. */
  orphan({ id }: RoomRow): void {
    this.#connection.run("UPDATE rooms SET key = NULL, hub = NULL WHERE id = ?", id);
  }

  #read(values: Row): RoomRow {
    const row: RoomRow = {
      id: values.whole(0),
      key: values.bytes(1),
      hub: values.bytesIfAny(2),
      place: values.whole(3),
      shown: values.whole(4),
      hasWords: values.whole(5) === 1,
    };
    this.#sealed.open("room", boundOf(row), values, 6);
    return row;
  }
}

/** The whole row. */
function boundOf({ id, key, hub, place, shown, hasWords }: RoomRow): readonly (Uint8Array | number)[] {
  return [id, key, hub ?? NOTHING, place, shown, hasWords ? 1 : 0];
}
