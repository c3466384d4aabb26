// The rows of the peers: the cursors, what the chat keeps about each, and how long its history is kept and how large it is.
// Each row is sealed as a whole: a cursor changed from outside would silently repeat or lose messages.

import { concat, toHex, toUtf8, u64 } from "../../core/bytes.ts";
import { HISTORY_LIMIT_BYTES, type Retention } from "../../core/chat/history.ts";
import { FIRST_CURSORS } from "../../core/delivery/cursors.ts";
import type { Cursors } from "../../core/delivery/store.ts";
import type { RandomSource } from "../../core/noise/suite.ts";
import type { Connection } from "./connection.ts";
import type { Row } from "./row.ts";
import type { Sealing } from "./sealing.ts";

export interface PeerRow extends Cursors {
  readonly id: number;
  readonly key: Uint8Array;
  /** The number of messages in the inbox. */
  readonly unshown: number;
  readonly peerStore: Uint8Array | undefined;
  readonly setting: Uint8Array | undefined;
  readonly retention: Retention;
  /**
   * The bytes of the bodies of its lines: those that are kept, do not wait and were not forgotten. Undefined until they
   * are counted: the row is of an earlier version.
   */
  readonly historyBytes: number | undefined;
  /** How many of them are kept; undefined: as many as by default. */
  readonly limitBytes: number | undefined;
}

const LABEL = toUtf8("lair/1 peer");
const FOREVER_MS = -1;
/** No public key is so short. */
const ORPHAN_KEY_BYTES = 16;
const NOTHING = new Uint8Array(0);

const CHANGING = `acknowledged, released, next, expected, shown, unshown, peer_store, retention_ms, has_setting, opening,
  nonce, setting, history_bytes, limit_bytes`;
const COLUMNS = `id, key, ${CHANGING}`;
const COUNTERS = ["acknowledged", "released", "next", "expected", "shown", "unshown"] as const;
const MARKS = CHANGING.replaceAll(/\w+/g, "?");

export class PeerRows {
  readonly #connection: Connection;
  readonly #sealing: Sealing;
  readonly #storeId: Uint8Array;
  readonly #random: RandomSource;
  /** The content of the file, by hex of the key: nobody but the only writer can change it. */
  readonly #known: Map<string, PeerRow> | undefined;
  /** Rows whose cursors are ahead of the file, by hex of the key, beside what the file has: {@link saveLater}. */
  readonly #ahead = new Map<string, { readonly inFile: PeerRow; readonly row: PeerRow }>();
  /** Of the present transaction: {@link change}, and not saved yet. By hex of the key. */
  readonly #changed = new Set<string>();

  constructor(
    connection: Connection,
    sealing: Sealing,
    storeId: Uint8Array,
    random: RandomSource,
    isOnlyWriter: boolean,
  ) {
    this.#connection = connection;
    this.#random = random;
    this.#sealing = sealing;
    this.#storeId = storeId;
    this.#known = isOnlyWriter ? new Map() : undefined;
  }

  /** Throws LairError store-damaged. */
  find(key: Uint8Array): PeerRow | undefined {
    const known = this.#known?.get(toHex(key));
    if (known !== undefined) return known;
    const row = this.#connection.get(`SELECT ${COLUMNS} FROM peers WHERE key = ?`, key);
    return row && this.#read(row);
  }

  all(): readonly PeerRow[] {
    return this.#connection
      .all(`SELECT ${COLUMNS} FROM peers ORDER BY id`)
      .map((row) => this.#known?.get(toHex(row.bytes(1))) ?? this.#read(row));
  }

  /**
   * The peers of whom there is a line or a batch, or whose lines are not counted yet, and those that are forgotten; unverified:
   * {@link find} reads one. Of most nothing is stored, and to ask about each of 2,000 would take a tenth of a second.
   */
  keysWithContent(): readonly Uint8Array[] {
    const sql = `SELECT key FROM peers WHERE length(key) = ${ORPHAN_KEY_BYTES} OR history_bytes IS NULL
      OR EXISTS (SELECT 1 FROM messages WHERE peer = peers.id AND kept = 1)
      OR EXISTS (SELECT 1 FROM batches WHERE peer = peers.id) ORDER BY id`;
    return this.#connection.all(sql).map((row) => row.bytes(0));
  }

  /** A row for a peer that has none yet; it is in the file once it is saved. */
  fresh(key: Uint8Array): PeerRow {
    const id = (this.#connection.number("SELECT max(id) FROM peers") ?? 0) + 1;
    const nothing = { unshown: 0, peerStore: undefined, setting: undefined, historyBytes: 0, limitBytes: undefined };
    return { id, key: key.slice(), ...FIRST_CURSORS, ...nothing, retention: "off" };
  }

  /**
   * The row with other cursors from now on; the next transaction saves it, with what follows from {@link ahead}. For the
   * only writer.
   */
  saveLater(before: PeerRow, cursors: Cursors): void {
    const name = toHex(before.key);
    const row = { ...before, ...cursors };
    this.#ahead.set(name, { inFile: this.#ahead.get(name)?.inFile ?? before, row });
    this.#known?.set(name, row);
  }

  /** The rows of {@link saveLater} that no transaction has stored yet, beside what the file has. */
  get ahead(): readonly { readonly inFile: PeerRow; readonly row: PeerRow }[] {
    return [...this.#ahead.values()].flatMap(({ inFile, row: { key } }) => {
      const row = this.find(key);
      return row === undefined ? [] : [{ inFile, row }];
    });
  }

  get isAhead(): boolean {
    return this.#ahead.size > 0;
  }

  /** A transaction has stored all of them. */
  caughtUp(): void {
    this.#ahead.clear();
  }

  /** The row as it is in this transaction, which has something of {@link ahead} in it. */
  change(row: PeerRow): void {
    const name = toHex(row.key);
    this.#known?.set(name, row);
    this.#changed.add(name);
  }

  /** At the end of a transaction: saves what was changed, and not saved by something else. */
  saveChanged(): void {
    for (const name of this.#changed) {
      const row = this.#known?.get(name);
      if (row !== undefined) this.save(row);
    }
  }

  save(row: PeerRow): void {
    const { generation, nonce, bytes } = this.#sealing.seal(this.#aad(row), row.setting ?? NOTHING);
    const values = [
      row.acknowledged,
      row.released,
      row.next,
      row.expected,
      row.shown,
      row.unshown,
      row.peerStore ?? null,
      msOf(row.retention),
      row.setting === undefined ? 0 : 1,
      generation,
      nonce,
      bytes,
      row.historyBytes ?? null,
      row.limitBytes ?? null,
    ];
    // In two statements: one that could replace a row would look through all messages for some that lose their peer.
    const isThere =
      this.#connection.run(`UPDATE peers SET (${CHANGING}) = (${MARKS}) WHERE id = ?`, ...values, row.id) > 0;
    if (!isThere) {
      this.#connection.run(
        `INSERT INTO peers (${CHANGING}, id, key) VALUES (${MARKS}, ?, ?)`,
        ...values,
        row.id,
        row.key,
      );
    }
    const name = toHex(row.key);
    this.#known?.set(name, row);
    this.#changed.delete(name);
  }

  /**
   * Nobody is found by this row any more. It stays, under a key that belongs to nobody, as long as messages refer to
   * it: {@link delete} removes it.
   */
  orphan(row: PeerRow): void {
    this.#leave(row);
    const key = this.#random(ORPHAN_KEY_BYTES);
    this.#connection.run("UPDATE peers SET key = ? WHERE id = ?", key, row.id);
    this.save({ ...this.fresh(key), id: row.id });
  }

  /** Whether the row belongs to a forgotten peer. */
  isOrphan(row: PeerRow): boolean {
    return row.key.length === ORPHAN_KEY_BYTES;
  }

  delete(row: PeerRow): void {
    this.#connection.run("DELETE FROM peers WHERE id = ?", row.id);
    this.#leave(row);
  }

  #leave(row: PeerRow): void {
    const name = toHex(row.key);
    this.#known?.delete(name);
    this.#changed.delete(name);
  }

  /** After a transaction was undone. */
  forgetKnown(): void {
    this.#known?.clear();
    this.#changed.clear();
  }

  #read(values: Row): PeerRow {
    const hasSetting = values.whole(10) === 1;
    const row = {
      id: values.whole(0),
      key: values.bytes(1),
      acknowledged: values.whole(2),
      released: values.whole(3),
      next: values.whole(4),
      expected: values.whole(5),
      shown: values.whole(6),
      unshown: values.whole(7),
      peerStore: values.bytesIfAny(8),
      retention: retentionOf(values.wholeIfAny(9)),
      setting: hasSetting ? NOTHING : undefined,
      historyBytes: values.wholeIfAny(14),
      limitBytes: values.wholeIfAny(15),
    };
    const sealed = { generation: values.whole(11), nonce: values.whole(12), bytes: values.bytes(13) };
    const setting = this.#sealing.open(this.#aad(row), sealed);
    const whole = this.#withAhead({ ...row, setting: hasSetting ? setting : undefined });
    this.#known?.set(toHex(whole.key), whole);
    return whole;
  }

  /** A transaction that failed may have been stored all the same, and what was ahead with it. */
  #withAhead(read: PeerRow): PeerRow {
    if (this.#ahead.size === 0) return read;
    const ahead = this.#ahead.get(toHex(read.key));
    if (ahead === undefined) return read;
    if (COUNTERS.every((name) => ahead.inFile[name] === read[name])) return { ...read, ...cursorsOf(ahead.row) };
    this.#ahead.delete(toHex(read.key));
    return read;
  }

  /**
   * The whole row except the bytes of its setting, which is bound to it. A garbled row may contain negative numbers.
   */
  #aad(row: PeerRow): Uint8Array {
    const isAsBefore = row.historyBytes === undefined && row.limitBytes === undefined;
    const numbers = [
      row.id,
      row.acknowledged,
      row.released,
      row.next,
      row.expected,
      row.shown,
      row.unshown,
      msOf(row.retention) ?? -2,
    ];
    return concat(
      LABEL,
      this.#storeId,
      row.key,
      ...numbers.map((number) => signed(number)),
      Uint8Array.of(row.setting === undefined ? 0 : 1, row.peerStore === undefined ? 0 : 1),
      row.peerStore ?? NOTHING,
      // Without them as in earlier versions, whose rows are read as they are.
      ...(isAsBefore ? [] : [row.historyBytes, row.limitBytes].map((bytes) => signed(bytes ?? -1))),
    );
  }
}

export function cursorsOf({ acknowledged, released, next, expected, shown }: PeerRow): Cursors {
  return { acknowledged, released, next, expected, shown };
}

function signed(number: number): Uint8Array {
  return u64(BigInt.asUintN(64, BigInt(number)));
}

function msOf(retention: Retention): number | null {
  if (retention === "off") return null;
  return retention === "forever" ? FOREVER_MS : retention.ms;
}

function retentionOf(ms: number | undefined): Retention {
  if (ms === undefined) return "off";
  return ms === FOREVER_MS ? "forever" : { ms };
}

/** The row when this many bytes of lines have come to its history, or have gone. */
export function grown(row: PeerRow, bytes: number): PeerRow {
  return row.historyBytes === undefined || bytes === 0 ? row : { ...row, historyBytes: row.historyBytes + bytes };
}

/** How many bytes of lines are kept with a peer. */
export function limitOf(row: PeerRow | undefined): number {
  return row?.limitBytes ?? HISTORY_LIMIT_BYTES;
}
