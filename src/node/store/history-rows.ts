// The lines of the history: reading and searching them, and adding their words to the index. Deleting them is in
// line-deletion.ts.

import { type HistoryEntry, type HistoryFound, type HistoryPage, MOST_COUNTED } from "../../core/chat/history.ts";
import { indexedPart, matcherOf } from "../../core/chat/words.ts";
import type { Connection } from "./connection.ts";
import type { LineMarks } from "./line-marks.ts";
import type { MessageRows } from "./message-rows.ts";
import type { PeerRow } from "./peer-rows.ts";
import { damagedStore } from "./store-error.ts";
import type { WordIndex } from "./word-index.ts";

/** Which lines of a peer may be shown: not those that wait to be shown first, have disappeared, or are too old. */
export interface Horizon {
  readonly nowMs: number;
  /** Lines stored before this time are too old. */
  readonly sinceMs: number;
  /** Rows up to this one were forgotten. */
  readonly forgottenId: number;
}

/** A line, and the number of its row. */
interface NumberedEntry {
  readonly id: number;
  readonly entry: HistoryEntry;
}

/** Ours: so many are read and decrypted before the words of the first are added to the index. */
const LINES_AT_ONCE = 8;
/** Ours: some 20 µs each. */
const LINES_SCANNED_AT_ONCE = 200;

// A waiting message of ours is never too old: it has not been sent yet.
const IS_VISIBLE = `peer = ? AND kept = 1 AND (
  waits = 1 AND direction = 0 OR waits = 0 AND at_ms >= ? AND (expires_ms IS NULL OR expires_ms > ?)) AND id > ?`;

/** The other lines, each part with its own index: usually there are none, and that check must be fast. */
const HIDDEN = `
  SELECT id FROM messages WHERE peer = ? AND waits = 1 AND direction = 1 AND kept = 1
  UNION ALL SELECT id FROM messages WHERE peer = ? AND kept = 1 AND waits = 0 AND at_ms < ?
  UNION ALL SELECT id FROM messages WHERE peer = ? AND expires_ms IS NOT NULL AND waits = 0 AND expires_ms <= ?
  UNION ALL SELECT id FROM messages WHERE peer = ? AND kept = 1 AND id <= ?`;

function hiddenOf(
  peer: PeerRow,
  { nowMs, sinceMs, forgottenId }: Horizon,
): { readonly sql: string; readonly values: readonly number[] } {
  return { sql: HIDDEN, values: [peer.id, peer.id, sinceMs, peer.id, nowMs, peer.id, forgottenId] };
}

export class HistoryRows {
  readonly #connection: Connection;
  readonly #rows: MessageRows;
  readonly #marks: LineMarks;
  readonly #words: WordIndex;

  constructor(connection: Connection, rows: MessageRows, marks: LineMarks, words: WordIndex) {
    this.#connection = connection;
    this.#rows = rows;
    this.#marks = marks;
    this.#words = words;
  }

  /** The number of lines. */
  count(peer: PeerRow, horizon: Horizon): number {
    const { sql, values } = hiddenOf(peer, horizon);
    const kept = "SELECT count(*) FROM messages WHERE peer = ? AND kept = 1";
    return (
      this.#connection.number(`SELECT (${kept}) - (SELECT count(DISTINCT id) FROM (${sql}))`, peer.id, ...values) ?? 0
    );
  }

  /** The newest lines, oldest first. */
  newest(peer: PeerRow, count: number, { nowMs, sinceMs, forgottenId }: Horizon): readonly HistoryEntry[] {
    return this.#entries(peer, `${IS_VISIBLE} ORDER BY id DESC LIMIT ?`, peer.id, sinceMs, nowMs, forgottenId, count)
      .map(({ entry }) => entry)
      .toReversed();
  }

  /** The newest before row `before`, or of all. */
  before(
    peer: PeerRow,
    before: number | undefined,
    count: number,
    { nowMs, sinceMs, forgottenId }: Horizon,
  ): HistoryPage {
    const where = `${IS_VISIBLE} AND id < ? ORDER BY id DESC LIMIT ?`;
    const end = before ?? Number.MAX_SAFE_INTEGER;
    // One more says whether there is a page before this one.
    const found = this.#entries(peer, where, peer.id, sinceMs, nowMs, forgottenId, end, count + 1);
    const lines = found.slice(0, count).toReversed();
    return {
      entries: lines.map(({ entry }) => entry),
      before: found.length > count ? lines[0]?.id : undefined,
      after: before === undefined ? undefined : (lines.at(-1)?.id ?? before - 1),
    };
  }

  /** The oldest after row `after`. */
  after(peer: PeerRow, after: number, count: number, horizon: Horizon): HistoryPage {
    const found = this.#next(peer, after, count + 1, horizon);
    const lines = found.slice(0, count);
    return {
      entries: lines.map(({ entry }) => entry),
      before: lines[0]?.id ?? after + 1,
      after: found.length > count ? lines.at(-1)?.id : undefined,
    };
  }

  /** At most `count` of the oldest lines after row `id`. */
  #next(peer: PeerRow, id: number, count: number, { nowMs, sinceMs, forgottenId }: Horizon): readonly NumberedEntry[] {
    const where = `${IS_VISIBLE} AND id > ? ORDER BY id LIMIT ?`;
    return this.#entries(peer, where, peer.id, sinceMs, nowMs, forgottenId, id, count);
  }

  search(peer: PeerRow, words: string, limit: number, horizon: Horizon): HistoryFound {
    const indexed = this.#words.find(peer.id, words, limit, this.#visible(peer, horizon));
    const rest = this.#scan(peer, words, limit, horizon);
    const older = indexed.ids
      .slice(0, limit - rest.found.length)
      .toReversed()
      .flatMap((id) => this.#entries(peer, "peer = ? AND kept = 1 AND id = ?", peer.id, id));
    const found = [...older, ...rest.found];
    return {
      entries: found.map(({ entry }) => entry),
      numbers: found.map(({ id }) => id),
      total: Math.min(indexed.total + rest.total, MOST_COUNTED + 1),
    };
  }

  /** The same among the lines that are not in the index yet, which are newer than all others. */
  #scan(
    peer: PeerRow,
    words: string,
    limit: number,
    horizon: Horizon,
  ): { readonly found: readonly NumberedEntry[]; readonly total: number } {
    const found: NumberedEntry[] = [];
    const matches = matcherOf(words);
    if (matches === undefined) return { found: [], total: 0 };
    let total = 0;
    for (let id = this.#marks.indexedId(peer); total <= MOST_COUNTED;) {
      const lines = this.#next(peer, id, LINES_SCANNED_AT_ONCE, horizon);
      if (lines.length === 0) break;
      for (const line of lines.filter(({ entry }) => matches(entry.text))) {
        total += 1;
        if (found.push(line) > limit) found.shift();
      }
      id = lines.at(-1)!.id;
    }
    return { found, total };
  }

  /** Whether lines of this peer are not in the index of words yet. */
  hasUnindexed(peer: PeerRow): boolean {
    const sql = "SELECT id FROM messages WHERE peer = ? AND kept = 1 AND id > ? LIMIT 1";
    return this.#connection.get(sql, peer.id, this.#marks.indexedId(peer)) !== undefined;
  }

  /** Adds the words of the next lines to the index until `isOver`, which is called after each. Returns whether all are in. */
  indexWords(peer: PeerRow, isOver: () => boolean): boolean {
    for (;;) {
      const where = "peer = ? AND kept = 1 AND id > ? ORDER BY id LIMIT ?";
      const lines = this.#rows.all(peer, where, peer.id, this.#marks.indexedId(peer), LINES_AT_ONCE);
      if (lines.length === 0) return true;
      for (const { id, message } of lines) {
        this.#indexLine(peer, id, message);
        if (isOver()) return false;
      }
    }
  }

  #indexLine(peer: PeerRow, id: number, message: Uint8Array): void {
    const text = this.#rows.textOf(message);
    if (text !== undefined) {
      const words = indexedPart(text.text);
      this.#words.add(peer.id, id, words);
      if (words !== text.text) this.#connection.run("UPDATE messages SET is_cut = 1 WHERE id = ?", id);
    }
    this.#marks.setIndexed(peer, id);
  }

  /** The rows of the index that can be shown, as a condition on `rowid`; undefined: all of them. */
  #visible(peer: PeerRow, horizon: Horizon): { readonly sql: string; readonly values: readonly number[] } | undefined {
    const hidden = hiddenOf(peer, horizon);
    if (this.#connection.get(`${hidden.sql} LIMIT 1`, ...hidden.values) === undefined) return undefined;
    return { sql: `rowid NOT IN (${hidden.sql})`, values: hidden.values };
  }

  #entries(peer: PeerRow, where: string, ...values: number[]): readonly NumberedEntry[] {
    return this.#rows.all(peer, where, ...values).map(({ id, direction, seq, message, waits, expiresMs }) => {
      const text = this.#rows.textOf(message);
      if (text === undefined) throw damagedStore(this.#connection.path, "contains a line that is not text");
      const entry: HistoryEntry = {
        from: direction === "out" ? "you" : "peer",
        seq,
        atMs: text.atMs,
        text: text.text,
        isDelivered: direction === "in" || !waits,
        expiresAtMs: expiresMs,
      };
      return { id, entry };
    });
  }
}
