// Opens the store of a hub: a file beside the store of the hub's own pairings, encrypted with the same key. Only a program that
// has that store open for writing may open it: its lock is for both.

import { join } from "node:path";
import { erase } from "../../../core/bytes.ts";
import { storeKeys } from "../../../core/identity/store-keys.ts";
import type { CipherSuite } from "../../../core/noise/suite.ts";
import type { Connection, OpenEngine } from "../connection.ts";
import { connectTo, createFile, filesOf, isThere } from "../database-file.ts";
import { migrate } from "../schema.ts";
import { storeError } from "../store-error.ts";
import { HUB_MIGRATIONS } from "./schema.ts";
import { SqlHubStore, type SqlHubStoreOptions } from "./sql-hub-store.ts";

const FILE = "hub.db";

export interface HubStoreOptions extends Omit<SqlHubStoreOptions, "connection"> {
  /** HOME/hub. */
  readonly directory: string;
  /** The key of the hub's identity, 32 bytes; only read. The file opens only with this key. */
  readonly privateKey: Uint8Array;
  readonly suite: CipherSuite;
  /** Called with the existing files, as paths, before any is opened; throws to refuse them. */
  readonly inspect?: (paths: readonly string[]) => void;
  /** A seam for tests. */
  readonly open?: OpenEngine;
}

/** Throws LairError store-damaged, store-newer or store-unwritable. */
export function openHubStore(options: HubStoreOptions): SqlHubStore {
  const path = join(options.directory, FILE);
  const { page: pageKey, rows } = storeKeys(options.suite, options.privateKey);
  let connection: Connection | undefined;
  try {
    options.inspect?.(filesOf(path).filter((one) => isThere(one)));
    const file = { path, pageKey, open: options.open };
    if (!isThere(path)) createFile(file, (made) => migrate(made, HUB_MIGRATIONS));
    connection = connectTo(file);
    connection.exec("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY");
    migrate(connection, HUB_MIGRATIONS);
    // Now, and not at the first change: a read-only file is silently opened for reading.
    connection.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${HUB_MIGRATIONS.length}; ROLLBACK`);
    return new SqlHubStore({ connection, soon: options.soon });
  } catch (error) {
    connection?.close();
    throw storeError(path, error);
  } finally {
    erase(pageKey, rows);
  }
}
