// The rows of the lines of rooms, and the index of their words. A damaged line that is due goes like the others, so that none
// stops the deletion behind it; only its words stay in the index, because nobody can tell which they are.

import type { RoomLine } from "../../../app/rooms/room-store.ts";
import { MOST_COUNTED } from "../../../core/chat/history.ts";
import { indexedPart, WORD } from "../../../core/chat/words.ts";
import { LairError } from "../../../core/errors.ts";
import type { Connection } from "../connection.ts";
import type { Row } from "../row.ts";
import type { SharedFile } from "../sql-store.ts";
import { WordIndex } from "../word-index.ts";
import { LINE } from "./room-codecs.ts";
import type { RoomRow, RoomRows } from "./room-rows.ts";
import type { SealedRows } from "./sealed-rows.ts";

/** A line, and the number of its row. */
interface NumberedLine extends RoomLine {
  readonly row: number;
}

const COLUMNS = "id, seq, entry, at_ms, is_own, is_about, expires_ms, opening, nonce, body";
const PREFIX = "room_words_";

export class LineRows {
  readonly #connection: Connection;
  readonly #sealed: SealedRows;
  readonly #rooms: RoomRows;
  readonly #words: WordIndex;

  constructor({ connection }: SharedFile, sealed: SealedRows, rooms: RoomRows) {
    this.#connection = connection;
    this.#sealed = sealed;
    this.#rooms = rooms;
    this.#words = new WordIndex(connection, PREFIX);
  }

  /** The lines of a room that `where` describes. Throws LairError store-damaged. */
  all(room: RoomRow, where: string, ...values: (number | Uint8Array)[]): readonly RoomLine[] {
    return this.#all(room, where, ...values).map(({ row: _row, ...line }) => line);
  }

  add(room: RoomRow, line: RoomLine): void {
    const id = (this.#connection.number("SELECT max(id) FROM room_lines") ?? 0) + 1;
    this.#connection.run(
      `INSERT INTO room_lines (room, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      room.id,
      id,
      line.seq,
      line.id,
      line.atMs,
      line.isOwn ? 1 : 0,
      line.kind === "about" ? 1 : 0,
      line.expiresAtMs ?? null,
      ...this.#sealed.sealRecord("line", boundOf(room, line), LINE, line),
    );
    this.#addWords(room, id, line);
  }

  change(room: RoomRow, { id, content, words, extras }: Pick<RoomLine, "id" | "content" | "words" | "extras">): void {
    for (const line of this.#all(room, "room = ? AND entry = ?", room.id, id)) {
      // Nothing else of it: a caller may hand in a whole line.
      const changed = { ...line, content, words, ...(extras === undefined ? {} : { extras }) };
      // A reaction changes no words.
      const isReworded = changed.words !== line.words;
      if (isReworded) this.#removeWords(room, line.row, line);
      this.#connection.run(
        "UPDATE room_lines SET (opening, nonce, body) = (?, ?, ?) WHERE id = ?",
        ...this.#sealed.sealRecord("line", boundOf(room, line), LINE, changed),
        line.row,
      );
      if (isReworded) this.#addWords(room, line.row, changed);
    }
  }

  search(room: RoomRow, words: string, limit: number): { readonly lines: readonly RoomLine[]; readonly total: number } {
    if (!room.hasWords) return { lines: [], total: 0 };
    const { ids, total } = this.#words.find(room.id, words, MOST_COUNTED, undefined);
    // The index has them in the order in which they came, and lines that somebody shares come after later ones.
    const newest =
      "SELECT id FROM room_lines WHERE id IN (SELECT value FROM json_each(?)) ORDER BY seq DESC, id DESC LIMIT ?";
    const found = this.#connection.all(newest, JSON.stringify(ids), Math.max(0, limit)).map((row) => row.whole(0));
    const lines = found.toReversed().flatMap((id) => this.all(room, "room = ? AND id = ?", room.id, id));
    return { lines, total };
  }

  /** Returns whether there was one. */
  deleteAbout(room: RoomRow, seq: number): boolean {
    const sql = "DELETE FROM room_lines WHERE room = ? AND is_about = 1 AND seq <= ?";
    return this.#connection.run(sql, room.id, seq) > 0;
  }

  /** The words are not found any more; they and the lines are deleted later, see forgotten-rooms.ts. */
  abandon(room: RoomRow): void {
    if (room.hasWords) this.#words.setApart(room.id);
  }

  /** When the next line disappears, of all rooms; undefined: none does. */
  get nextExpiryMs(): number | undefined {
    const sql = `SELECT expires_ms FROM room_lines JOIN rooms ON rooms.id = room_lines.room
      WHERE expires_ms IS NOT NULL AND rooms.key IS NOT NULL ORDER BY expires_ms LIMIT 1`;
    return this.#connection.get(sql)?.whole(0);
  }

  /** Deletes at most `count` lines that have disappeared, those of forgotten rooms too. Returns how many. */
  deleteExpired(nowMs: number, count: number): number {
    const sql = "SELECT id, room FROM room_lines WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?";
    const due = this.#connection.all(sql, nowMs, count);
    for (const row of due) {
      const id = row.whole(0);
      this.#removeWordsIfWhole(row.whole(1), id);
      this.#connection.run("DELETE FROM room_lines WHERE id = ?", id);
    }
    return due.length;
  }

  #all(room: RoomRow, where: string, ...values: (number | Uint8Array)[]): readonly NumberedLine[] {
    const rows = this.#connection.all(`SELECT ${COLUMNS} FROM room_lines WHERE ${where}`, ...values);
    return rows.map((row) => this.#open(room, row));
  }

  /** `roomId`: the number of the room's row. */
  #removeWordsIfWhole(roomId: number, id: number): void {
    try {
      const room = this.#rooms.byId(roomId);
      const [line] = room === undefined ? [] : this.#all(room, "id = ?", id);
      if (room !== undefined && line !== undefined) this.#removeWords(room, id, line);
    } catch (error) {
      if (!(error instanceof LairError) || error.code !== "store-damaged") throw error;
    }
  }

  #addWords(room: RoomRow, row: number, line: RoomLine): void {
    const words = indexedWords(line);
    if (words === undefined) return;
    // Read again: another line of the same step may have been the first with words.
    if (!room.hasWords && this.#rooms.find(room.key)?.hasWords !== true) {
      this.#words.create(room.id);
      this.#rooms.save({ ...room, hasWords: true });
    }
    this.#words.add(room.id, row, words);
  }

  #removeWords(room: RoomRow, row: number, line: RoomLine): void {
    const words = indexedWords(line);
    if (words !== undefined) this.#words.remove(room.id, row, words);
  }

  #open(room: RoomRow, row: Row): NumberedLine {
    const columns = {
      room: room.key,
      seq: row.whole(1),
      id: row.bytes(2),
      atMs: row.whole(3),
      isOwn: row.whole(4) === 1,
      kind: row.oneOf(5, ["line", "about"]),
      expiresAtMs: row.wholeIfAny(6),
    };
    const { extras, ...content } = this.#sealed.openRecord("line", boundOf(room, columns), LINE, row, 7);
    return { row: row.whole(0), ...columns, ...content, ...(extras === undefined ? {} : { extras }) };
  }
}

/** The whole row, except its number in the table. */
function boundOf(
  { key }: RoomRow,
  line: Omit<RoomLine, "room" | "from" | "content" | "words" | "extras">,
): readonly (Uint8Array | number)[] {
  const { seq, id, atMs, isOwn, kind, expiresAtMs } = line;
  return [key, seq, id, atMs, isOwn ? 1 : 0, kind === "about" ? 1 : 0, expiresAtMs ?? -1];
}

/** What the index has of a line; undefined: nothing. */
function indexedWords({ kind, words }: RoomLine): string | undefined {
  return kind === "line" && words.search(WORD) >= 0 ? indexedPart(words) : undefined;
}
