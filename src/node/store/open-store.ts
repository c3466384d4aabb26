// Opens the store of one role: a file in its directory, encrypted as a whole, with SQLite's log, and the writer's lock.
// Creates it if it does not exist, upgrades an older one, and never overwrites one that it cannot read. The directory
// must exist and be closed to others (the home ensures that).

import { join } from "node:path";
import { erase, toHex } from "../../core/bytes.ts";
import { LIFE_BYTES, type MessageContent, STORE_ID_BYTES } from "../../core/delivery/store.ts";
import { storeKeys, type StoreKeys } from "../../core/identity/store-keys.ts";
import type { CipherSuite, RandomSource } from "../../core/noise/suite.ts";
import { Connection, type OpenEngine } from "./connection.ts";
import { connectTo, createFile, type DatabaseFile, filesOf, isThere } from "./database-file.ts";
import { migrate, MIGRATIONS, versionOf } from "./schema.ts";
import { Sealing } from "./sealing.ts";
import { SqlStore } from "./sql-store.ts";
import { damagedStore, storeError } from "./store-error.ts";
import { WriterLock } from "./writer-lock.ts";

/** One for all stores of a role. */
const LOCK = "store.lock";

const DEFAULT_NAME = "store";

/** Every possible file of a store. */
export function storeFiles(name = DEFAULT_NAME): readonly string[] {
  return [LOCK, ...filesOf(`${name}.db`)];
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
  const { migrations = MIGRATIONS } = options;
  const path = pathOf(options);
  const lock = new WriterLock(join(options.directory, LOCK));
  let connection: Connection | undefined;
  try {
    const file = fileOf(options, keys);
    if (!isThere(path)) createFile(file, (made) => fill(made, options.random(STORE_ID_BYTES), migrations));
    connection = connectTo(file);
    connection.exec("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY");
    migrate(connection, migrations);
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
  const connection = connectTo(fileOf(options, keys));
  if (versionOf(connection) < migrations.length) {
    connection.close();
    openForWriting(options, keys).close();
    return openForReading(options, keys);
  }
  migrate(connection, migrations); // nothing to do but to refuse a newer one
  return storeOf(connection, options, keys, undefined);
}

function fileOf(options: StoreOptions, keys: StoreKeys): DatabaseFile {
  return { path: pathOf(options), pageKey: keys.page, open: options.open };
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

function fill(connection: Connection, id: Uint8Array, migrations: readonly string[]): void {
  migrate(connection, migrations);
  connection.exec(`INSERT INTO meta (only, id, mended) VALUES (1, x'${toHex(id)}', 0)`);
}

function pathOf({ directory, name = DEFAULT_NAME }: StoreOptions): string {
  return join(directory, `${name}.db`);
}
