// Several byte strings as one: each with its length in front (4 bytes, big-endian).

import { concat, readU32, u32 } from "../core/bytes.ts";

export function joinFields(...fields: readonly Uint8Array[]): Uint8Array {
  return concat(...fields.flatMap((field) => [u32(field.length), field]));
}

/** Reads one after the other, as copies. */
export class Fields {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Throws RangeError if there is none. */
  next(): Uint8Array {
    const start = this.#offset + 4;
    this.#offset = start + readU32(this.#bytes, this.#offset);
    if (this.#offset > this.#bytes.length) throw new RangeError("a field is longer than what is there");
    return this.#bytes.slice(start, this.#offset);
  }

  /** The last one. Throws RangeError if there is none, or something after it. */
  last(): Uint8Array {
    const field = this.next();
    if (this.#offset !== this.#bytes.length) throw new RangeError("there is more than the fields");
    return field;
  }
}
