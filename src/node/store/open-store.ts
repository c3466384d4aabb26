// Opens the store of one role: a file in its directory, encrypted as a whole, with SQLite's log, and the writer's lock.
// Creates it if it does not exist, upgrades an older one, and never overwrites one that it cannot read. The directory
// must exist and be closed to others (the home ensures that).

import * as fs from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { erase, toHex } from "../../core/bytes.ts";
import { LIFE_BYTES, type MessageContent, STORE_ID_BYTES } from "../../core/delivery/store.ts";
import { LairError } from "../../core/errors.ts";
import { storeKeys, type StoreKeys } from "../../core/identity/store-keys.ts";
import type { CipherSuite, RandomSource } from "../../core/noise/suite.ts";
import { Connection, type OpenEngine } from "./connection.ts";
import { migrate, MIGRATIONS, versionOf } from "./schema.ts";
import { Sealing } from "./sealing.ts";
import { SqlStore } from "./sql-store.ts";
import { damagedStore, sqliteCode, storeError } from "./store-error.ts";
import { syncDirectory } from "../disk.ts";
import { WriterLock } from "./writer-lock.ts";

/** One for all stores of a role. */
const LOCK = "store.lock";
const ATTENDANTS = ["-wal", "-shm", "-journal"];

const DEFAULT_NAME = "store";

/** Ours: how long another program of the same store may delay us; others hold it only briefly. */
const BUSY_MS = 2_000;

/**
 * Ours: so many pages of 4 KiB may be in the log before a commit copies them into the file, which takes some 5 ms then. SQLite's
 * own 1,000 take 40 ms, in which nothing else runs.
 */
const LOG_PAGES = 200;

/** Every possible file of a store. */
export function storeFiles(name = DEFAULT_NAME): readonly string[] {
  return [LOCK, `${name}.db`, ...ATTENDANTS.map((end) => `${name}.db${end}`)];
}

export interface StoreOptions {
  /** HOME/server or HOME/client. */
  readonly directory: string;
  /** The name of its file, without ".db": a role that has had several identities has a store for each. */
  readonly name?: string;
  /** The key of the identity, 32 bytes; only read. The store opens only with this key. */
  readonly privateKey: Uint8Array;
  readonly suite: CipherSuite;
  readonly random: RandomSource;
  /**
   * Decodes the content of a row of the history: the store keeps the bytes of a message, and does not know their
   * format.
   */
  readonly read: (message: Uint8Array) => MessageContent;
  /** "read": next to a program that writes, and without writing; a missing store counts as an empty one. */
  readonly mode?: "write" | "read";
  /** Called with the existing {@link storeFiles}, as paths, before any is opened; throws to refuse them. */
  readonly inspect?: (paths: readonly string[]) => void;
  /** Seams for tests. */
  readonly open?: OpenEngine;
  readonly migrations?: readonly string[];
}

/** Throws LairError store-locked, store-damaged, store-newer or store-unwritable. */
export function openStore(options: StoreOptions): SqlStore {
  const { directory, inspect, mode = "write" } = options;
  const keys = storeKeys(options.suite, options.privateKey);
  try {
    const files = storeFiles(options.name).map((file) => join(directory, file));
    inspect?.(files.filter((path) => isThere(path)));
    return mode === "read" ? openForReading(options, keys) : openForWriting(options, keys);
  } catch (error) {
    throw storeError(pathOf(options), error);
  } finally {
    erase(keys.page, keys.rows);
  }
}

function openForWriting(options: StoreOptions, keys: StoreKeys): SqlStore {
  const path = pathOf(options);
  const lock = new WriterLock(join(options.directory, LOCK));
  let connection: Connection | undefined;
  try {
    if (!isThere(path)) create(options, keys);
    connection = connect(path, options, keys);
    connection.exec(`PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
    migrate(connection, options.migrations ?? MIGRATIONS);
    // Now, and not at the first message: a read-only file is silently opened for reading.
    connection.exec("BEGIN IMMEDIATE; UPDATE meta SET mended = mended; ROLLBACK");
    return storeOf(connection, options, keys, lock);
  } catch (error) {
    connection?.close();
    lock.release();
    throw error;
  }
}

function openForReading(options: StoreOptions, keys: StoreKeys): SqlStore {
  const path = pathOf(options);
  const migrations = options.migrations ?? MIGRATIONS;
  if (!isThere(path)) {
    const nothing = new Connection(":memory:", undefined, 0, options.open);
    fill(nothing, new Uint8Array(STORE_ID_BYTES), migrations);
    return storeOf(nothing, options, keys, undefined);
  }
  const connection = connect(path, options, keys);
  if (versionOf(connection) < migrations.length) {
    connection.close();
    openForWriting(options, keys).close();
    return openForReading(options, keys);
  }
  migrate(connection, migrations); // nothing to do but to refuse a newer one
  return storeOf(connection, options, keys, undefined);
}

function connect(path: string, options: StoreOptions, keys: StoreKeys): Connection {
  refuseForeign(path, options, keys);
  const connection = new Connection(path, keys.page, BUSY_MS, options.open);
  connection.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
  return connection;
}

/**
 * Examines the file alone, without its log and without writing. If it were opened as usual with a wrong key, closing
 * that connection would copy the log into it with that key, and ruin it.
 */
function refuseForeign(path: string, options: StoreOptions, keys: StoreKeys): void {
  const stats = fs.statSync(path);
  if (stats.isDirectory()) throw Object.assign(new Error("a directory"), { code: "EISDIR" });
  if (stats.size === 0) throw damagedStore(path, "is empty");
  const look = new Connection(`${pathToFileURL(path).href}?mode=ro&immutable=1`, keys.page, 0, options.open);
  try {
    versionOf(look);
  } catch (error) {
    // The log may mend anything else: a crash while it was being copied leaves the file itself incomplete.
    if (!(error instanceof LairError) || sqliteCode(error.cause) !== "SQLITE_NOTADB") return;
    throw damagedStore(path, "is garbled, or belongs to another identity", error.cause);
  } finally {
    look.close();
  }
}

function storeOf(
  connection: Connection,
  options: StoreOptions,
  keys: StoreKeys,
  lock: WriterLock | undefined,
): SqlStore {
  const id = connection.get("SELECT id FROM meta")?.bytes(0);
  if (id?.length !== STORE_ID_BYTES) {
    throw damagedStore(connection.path, "has lost its own number");
  }
  const sealing = new Sealing(connection, options.suite, keys.rows.slice(), options.random);
  const { random, read } = options;
  return new SqlStore({ id, life: random(LIFE_BYTES), connection, sealing, random, read, lock });
}

/** First under another name: so it is either complete or missing; an empty one is a damaged one. */
function create(options: StoreOptions, keys: StoreKeys): void {
  const { directory, random, open } = options;
  const path = pathOf(options);
  const unfinished = path.replace(/\.db$/, ".new");
  refuseOrphans(path);
  for (const end of ["", ...ATTENDANTS]) fs.rmSync(unfinished + end, { force: true });
  // SQLite gives its other files the mode of this one.
  fs.closeSync(fs.openSync(unfinished, "wx", 0o600));
  const connection = new Connection(unfinished, keys.page, BUSY_MS, open);
  try {
    // Only before there is a table: later deletions then return their space in short steps.
    connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
    fill(connection, random(STORE_ID_BYTES), options.migrations ?? MIGRATIONS);
    connection.exec("PRAGMA journal_mode = WAL");
  } finally {
    connection.close();
  }
  for (const end of ATTENDANTS) fs.rmSync(unfinished + end, { force: true });
  fs.renameSync(unfinished, path);
  syncDirectory(directory);
}

function fill(connection: Connection, id: Uint8Array, migrations: readonly string[]): void {
  migrate(connection, migrations);
  connection.exec(`INSERT INTO meta (only, id, mended) VALUES (1, x'${toHex(id)}', 0)`);
}

/** The log of a missing store would be taken for the new store's log, and ruin it. */
function refuseOrphans(path: string): void {
  for (const end of ATTENDANTS) {
    const size = fs.statSync(path + end, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0 && end !== "-shm") {
      throw damagedStore(path, `is missing, but a file that belongs to it is there (${basename(path)}${end})`);
    }
    fs.rmSync(path + end, { force: true });
  }
}

/** Unlike existsSync, it does not treat a file that the disk fails to show as missing: a new one would replace it. */
function isThere(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function pathOf({ directory, name = DEFAULT_NAME }: StoreOptions): string {
  return join(directory, `${name}.db`);
}
