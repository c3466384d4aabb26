// One file of SQLite that is encrypted as a whole: made under another name first, so that it is complete or missing, and
// examined before it is opened, so that a wrong key ruins nothing. Knows no table.

import * as fs from "node:fs";
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { LairError } from "../../core/errors.ts";
import { syncDirectory } from "../disk.ts";
import { Connection, type OpenEngine } from "./connection.ts";
import { versionOf } from "./schema.ts";
import { damagedStore, sqliteCode } from "./store-error.ts";

const ATTENDANTS = ["-wal", "-shm", "-journal"];

/** Ours: how long another program of the same store may delay us; others hold it only briefly. */
const BUSY_MS = 2_000;

/**
 * Ours: so many pages of 4 KiB may be in the log before a commit copies them into the file, which takes some 5 ms then. SQLite's
 * own 1,000 take 40 ms, in which nothing else runs.
 */
const LOG_PAGES = 200;

export interface DatabaseFile {
  /** Ends in ".db". */
  readonly path: string;
  /** See {@link OpenEngine}. */
  readonly pageKey: Uint8Array;
  /** A seam for tests. */
  readonly open?: OpenEngine | undefined;
}

/** Every possible file of a database, by its path. */
export function filesOf(path: string): readonly string[] {
  return [path, ...ATTENDANTS.map((end) => `${path}${end}`)];
}

/** Throws LairError store-*, as everything here: store-damaged for a file that this key does not open. */
export function connectTo(file: DatabaseFile): Connection {
  refuseForeign(file);
  const connection = new Connection(file.path, file.pageKey, BUSY_MS, file.open);
  connection.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
  connection.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
  return connection;
}

/**
 * Examines the file alone, without its log and without writing. If it were opened as usual with a wrong key, closing
 * that connection would copy the log into it with that key, and ruin it.
 */
function refuseForeign({ path, pageKey, open }: DatabaseFile): void {
  const stats = fs.statSync(path);
  if (stats.isDirectory()) throw Object.assign(new Error("a directory"), { code: "EISDIR" });
  if (stats.size === 0) throw damagedStore(path, "is empty");
  const look = new Connection(`${pathToFileURL(path).href}?mode=ro&immutable=1`, pageKey, 0, open);
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

/** First under another name: so it is either complete or missing; an empty one is a damaged one. `fill` makes its tables. */
export function createFile({ path, pageKey, open }: DatabaseFile, fill: (connection: Connection) => void): void {
  const unfinished = path.replace(/\.db$/, ".new");
  refuseOrphans(path);
  for (const end of ["", ...ATTENDANTS]) fs.rmSync(unfinished + end, { force: true });
  // SQLite gives its other files the mode of this one.
  fs.closeSync(fs.openSync(unfinished, "wx", 0o600));
  const connection = new Connection(unfinished, pageKey, BUSY_MS, open);
  try {
    // Only before there is a table: later deletions then return their space in short steps.
    connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
    fill(connection);
    connection.exec("PRAGMA journal_mode = WAL");
  } finally {
    connection.close();
  }
  for (const end of ATTENDANTS) fs.rmSync(unfinished + end, { force: true });
  fs.renameSync(unfinished, path);
  syncDirectory(dirname(path));
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
export function isThere(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false }) !== undefined;
}
