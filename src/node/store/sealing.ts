// Seals the contents of a row, bound to that row: libsql's cipher hides the file but does not notice changes.
//
// A nonce must never be used twice under a key, even if an old copy of the store is restored and used again. So each
// time the store is opened for writing, a new key generation begins: it draws a salt, its key is HKDF(rows key, salt),
// and its nonces count from 0 in memory. The table `openings` has the salts; each sealed row names its generation.

import { erase, toUtf8 } from "../../core/bytes.ts";
import type { CipherSuite, RandomSource } from "../../core/noise/suite.ts";
import type { Connection } from "./connection.ts";
import { damagedStore } from "./store-error.ts";

const SALT_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const INFO = toUtf8("lair/1 store opening");

export interface Sealed {
  /** The key generation: a row of `openings`. */
  readonly generation: number;
  readonly nonce: number;
  /** 16 bytes longer than its content. */
  readonly bytes: Uint8Array;
}

interface KeyGeneration {
  readonly id: number;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

export class Sealing {
  readonly #connection: Connection;
  readonly #suite: CipherSuite;
  readonly #rowsKey: Uint8Array;
  readonly #random: RandomSource;
  readonly #keys = new Map<number, Uint8Array>();
  #own: KeyGeneration | undefined;
  /** Whether the salt is stored. */
  #isRecorded = false;
  #nextNonce = 0;

  /** Takes `rowsKey` over and erases it at the end. */
  constructor(connection: Connection, suite: CipherSuite, rowsKey: Uint8Array, random: RandomSource) {
    this.#connection = connection;
    this.#suite = suite;
    this.#rowsKey = rowsKey;
    this.#random = random;
  }

  /**
   * In every transaction that seals, before it does: the salt must be on disk with the first row under its key. Then
   * {@link recorded} or {@link undone}.
   */
  record(): void {
    if (this.#isRecorded) return;
    this.#own ??= this.#begin();
    this.#connection.run("INSERT OR IGNORE INTO openings (id, salt) VALUES (?, ?)", this.#own.id, this.#own.salt);
  }

  /** The transaction with {@link record} is stored: later ones are lost before it is. */
  recorded(): void {
    this.#isRecorded = true;
  }

  /** A transaction was undone, and after a failed disk nobody knows how many. */
  undone(): void {
    this.#isRecorded = false;
  }

  /** Encrypts `content` and binds it to `aad`, which identifies its row. Call {@link record} first. */
  seal(aad: Uint8Array, content: Uint8Array): Sealed {
    if (this.#own === undefined) throw new TypeError("seal: the key generation is not recorded");
    const nonce = this.#nextNonce++;
    const bytes = this.#suite.cipher.encrypt(this.#own.key, nonceBytes(nonce), aad, content);
    return { generation: this.#own.id, nonce, bytes };
  }

  /** Throws LairError store-damaged if the bytes were not sealed with this `aad`. */
  open(aad: Uint8Array, { generation, nonce, bytes }: Sealed): Uint8Array {
    const key = this.#keyOf(generation);
    try {
      return this.#suite.cipher.decrypt(key, nonceBytes(nonce), aad, bytes);
    } catch (cause) {
      throw this.#damaged(cause);
    }
  }

  destroy(): void {
    erase(this.#rowsKey, this.#own?.key, ...this.#keys.values());
    this.#keys.clear();
    this.#own = undefined;
  }

  #begin(): KeyGeneration {
    const salt = this.#random(SALT_BYTES);
    if (salt.length !== SALT_BYTES) throw new RangeError(`random: expected ${SALT_BYTES} bytes`);
    const id = (this.#connection.number("SELECT max(id) FROM openings") ?? 0) + 1;
    const key = this.#derive(salt);
    this.#keys.set(id, key);
    return { id, salt, key };
  }

  #keyOf(generation: number): Uint8Array {
    let key = this.#keys.get(generation);
    if (key === undefined) {
      const salt = this.#connection.get("SELECT salt FROM openings WHERE id = ?", generation)?.bytes(0);
      if (salt === undefined) throw this.#damaged();
      key = this.#derive(salt);
      this.#keys.set(generation, key);
    }
    return key;
  }

  #derive(salt: Uint8Array): Uint8Array {
    return this.#suite.hash.hkdf(salt, this.#rowsKey, INFO, KEY_BYTES);
  }

  #damaged(cause?: unknown): Error {
    return damagedStore(this.#connection.path, "contains a row that was changed from outside", cause);
  }
}

function nonceBytes(nonce: number): Uint8Array {
  const bytes = new Uint8Array(NONCE_BYTES);
  new DataView(bytes.buffer).setBigUint64(NONCE_BYTES - 8, BigInt(nonce));
  return bytes;
}
