// Stores in temporary directories for the tests, and what to put into them.
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { readMessage, writeText } from "../../../src/core/chat/message.ts";
import { makeStamp } from "../../../src/core/delivery/stamp.ts";
import { type Change, LIFE_BYTES, type NewMessage, type StoredMessage } from "../../../src/core/delivery/store.ts";
import { storeKeys } from "../../../src/core/identity/store-keys.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { BatchRows } from "../../../src/node/store/batch-rows.ts";
import { Connection, openLibsql } from "../../../src/node/store/connection.ts";
import { LineMarks } from "../../../src/node/store/line-marks.ts";
import { type Direction, MessageRows } from "../../../src/node/store/message-rows.ts";
import { openStore, type StoreOptions } from "../../../src/node/store/open-store.ts";
import { type PeerRow, PeerRows } from "../../../src/node/store/peer-rows.ts";
import { Sealing } from "../../../src/node/store/sealing.ts";
import type { SqlStore } from "../../../src/node/store/sql-store.ts";

export const PRIVATE_KEY = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
export const ADA = new Uint8Array(32).fill(0xad);
export const BOB = new Uint8Array(32).fill(0xb0);

/** A new directory, mode 0700, that is gone after the tests of the file. */
export function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), "lair-store-"));
  after(() => rmSync(place, { recursive: true, force: true }));
  return place;
}

/** A new directory with a copy of every file of another one. */
export function copyOf(place: string): string {
  const copy = newPlace();
  for (const name of readdirSync(place)) copyFileSync(join(place, name), join(copy, name));
  return copy;
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export function optionsFor(directory: string, more: Partial<StoreOptions> = {}): StoreOptions {
  return { directory, privateKey: PRIVATE_KEY, suite: OPENSSL_SUITE, random, read: readMessage, ...more };
}

export function open(directory: string, more: Partial<StoreOptions> = {}): SqlStore {
  const store = openStore(optionsFor(directory, more));
  after(() => store.close());
  return store;
}

/** The file without what is sealed in it: somebody who knows the page key, or a bug of SQLite. */
export function rawly(directory: string, ...statements: readonly string[]): void {
  const database = openLibsql(join(directory, "store.db"), storeKeys(OPENSSL_SUITE, PRIVATE_KEY).page, 0);
  for (const statement of statements) database.exec(statement);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

/** What somebody with the page key reads. */
export function rowsOf(directory: string, sql: string): readonly unknown[][] {
  const database = openLibsql(join(directory, "store.db"), storeKeys(OPENSSL_SUITE, PRIVATE_KEY).page, 0);
  const statement = database.prepare(sql);
  statement.raw();
  const rows = statement.all([]) as unknown[][];
  database.close();
  return rows;
}

/**
 * Makes of a closed store what a version wrote that did not count the bytes of a history, and had no limit. Each message
 * that waits has a row of its own there.
 */
export function beforeLimits(directory: string): void {
  const { page, rows } = storeKeys(OPENSSL_SUITE, PRIVATE_KEY);
  const connection = new Connection(join(directory, "store.db"), page, 0);
  const sealing = new Sealing(connection, OPENSSL_SUITE, rows, random);
  const id = connection.get("SELECT id FROM meta")!.bytes(0);
  const peers = new PeerRows(connection, sealing, id, random, false);
  const batches = new BatchRows(connection, sealing, id);
  const messages = new MessageRows(connection, sealing, id, readMessage);
  const insert = (peer: PeerRow, direction: Direction, message: StoredMessage): void => {
    const [{ seq, atMs, route }, rowId] = [message, new LineMarks(connection).lastId + 1];
    const sealed = messages.seal(peer, { direction, id: rowId, seq, atMs, route }, message);
    connection.run(
      `INSERT INTO messages (id, peer, direction, seq, at_ms, waits, kept, opening, nonce, body, kind, stream)
        VALUES (?, ?, ?, ?, ?, 1, 0, ?, ?, ?, ?, ?)`,
      rowId,
      peer.id,
      direction === "out" ? 0 : 1,
      seq,
      atMs,
      sealed.generation,
      sealed.nonce,
      sealed.bytes,
      route?.kind ?? null,
      route?.stream ?? null,
    );
  };
  connection.transaction(() => {
    sealing.record();
    for (const row of peers.all()) {
      // Nobody reads what a forgotten peer left.
      const [out, all] = peers.isOrphan(row)
        ? [[], []]
        : [batches.read(row, "out", row.acknowledged), batches.read(row, "in", 0)];
      const inbox = all.filter(({ seq }) => seq >= row.shown);
      for (const message of out) insert(row, "out", message);
      for (const message of inbox) insert(row, "in", message);
      const unshown = row.unshown - all.length + inbox.length;
      peers.save({ ...row, unshown, historyBytes: undefined, limitBytes: undefined });
    }
  });
  connection.close();
  const columns = ["history_bytes", "limit_bytes"].map((name) => `ALTER TABLE peers DROP COLUMN ${name}`);
  const rooms = [
    "rooms",
    ...["parts", "lines", "outgoing", "notices", "packages", "people", "settings"].map((name) => `room_${name}`),
  ];
  const tables = rooms.toReversed().map((name) => `DROP TABLE ${name}`);
  const anew = ["DROP TABLE receipts", "DROP TABLE batches", "CREATE INDEX latest ON lives (peer, last_seq)"];
  rawly(directory, ...columns, ...tables, ...anew, "PRAGMA user_version = 7");
}

/** Of each peer: how many bytes its history has as they were counted, and as they are. */
export function historyBytes(directory: string): readonly unknown[][] {
  return rowsOf(
    directory,
    `SELECT history_bytes, (SELECT coalesce(sum(length(body)), 0) FROM messages
      WHERE peer = peers.id AND kept = 1 AND waits = 0
        AND id > coalesce((SELECT last FROM forgotten WHERE forgotten.peer = peers.id), 0)) FROM peers ORDER BY id`,
  );
}

/** Of a life that is all of one byte. */
export function stampOf(index: number, life = 1): Uint8Array {
  return makeStamp({ life: new Uint8Array(LIFE_BYTES).fill(life), index });
}

/** A text as a change carries it. */
export function said(text: string, atMs: number, ttlS?: number): Pick<NewMessage, "message" | "content"> {
  const { bytes, content } = writeText(text, atMs, ttlS);
  return { message: bytes, content };
}

export function queued(seq: number, text: string, atMs = seq, ttlS?: number): Change {
  return { type: "queued", seq, stamp: stampOf(seq), atMs, ...said(text, atMs, ttlS) };
}

export function arrived(seq: number, text: string, atMs = seq, ttlS?: number): Change {
  return { type: "arrived", seq, stamp: stampOf(seq, 2), atMs, ...said(text, atMs, ttlS) };
}

export function skipped(next: number): Change {
  return { type: "skipped", next };
}

export function acknowledged(next: number, atMs = 0): Change {
  return { type: "acknowledged", next, atMs };
}

export function shown(next: number): Change {
  return { type: "shown", next };
}

export function textsOf(entries: Iterable<{ readonly text: string }>): string[] {
  return Array.from(entries, ({ text }) => text);
}
