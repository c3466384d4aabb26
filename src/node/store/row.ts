// One row from SQLite, read column by column: a garbled file can contain anything anywhere, and a value of the wrong
// type is damage, not a surprise in a higher layer.

import { damagedStore } from "./store-error.ts";

export class Row {
  readonly #values: readonly unknown[];
  readonly #path: string;

  /** `path`: of the file, for the message. */
  constructor(values: unknown, path: string) {
    this.#path = path;
    if (!Array.isArray(values)) throw this.#damaged();
    this.#values = values;
  }

  whole(index: number): number {
    return this.wholeIfAny(index) ?? this.#fail();
  }

  /** Undefined for NULL. */
  wholeIfAny(index: number): number | undefined {
    const value = this.#values[index];
    if (value === null) return undefined;
    return typeof value === "number" && Number.isSafeInteger(value) ? value : this.#fail();
  }

  /** A copy. */
  bytes(index: number): Uint8Array {
    return this.bytesIfAny(index) ?? this.#fail();
  }

  /** A copy; undefined for NULL. */
  bytesIfAny(index: number): Uint8Array | undefined {
    const value = this.#values[index];
    if (value === null) return undefined;
    return value instanceof Uint8Array ? new Uint8Array(value) : this.#fail();
  }

  text(index: number): string {
    return this.textIfAny(index) ?? this.#fail();
  }

  /** Undefined for NULL. */
  textIfAny(index: number): string | undefined {
    const value = this.#values[index];
    if (value === null) return undefined;
    return typeof value === "string" ? value : this.#fail();
  }

  /** One of these words, which is stored as its place in the list. */
  oneOf<Word extends string>(index: number, words: readonly Word[]): Word {
    return words[this.whole(index)] ?? this.#fail();
  }

  #fail(): never {
    throw this.#damaged();
  }

  #damaged(): Error {
    return damagedStore(this.#path, "contains a row that is garbled");
  }
}
