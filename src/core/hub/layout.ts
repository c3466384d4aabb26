// How values become bytes in the calls of a hub (docs/HUB.md): fields one after the other, big-endian, without names, each
// of a length that its kind says. A layout is a value: it writes, and it reads what it wrote, with the limits of both. Knows
// no call.

import { concat, fromUtf8, readU16, readU32, readU64, toUtf8, u32, u64 } from "../bytes.ts";
import { LairError } from "../errors.ts";

/** How values of one type are written and read. */
export interface Layout<Value> {
  /** What it is, for docs/HUB.md. */
  readonly form: string;
  /** Throws RangeError for a value that it cannot carry. */
  write(value: Value): Uint8Array;
  /** Throws LairError `call-malformed`. */
  read(from: Reader): Value;
}

/** What a layout carries. */
export type Carried<Of> = Of extends Layout<infer Value> ? Value : never;

/** Bytes that are read from the front. What it gives out are copies. */
class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next `length` bytes. Throws LairError `call-malformed` if they are not there. */
  take(length: number): Uint8Array {
    if (this.#bytes.length - this.#offset < length) throw malformed("it is cut short");
    this.#offset += length;
    return this.#bytes.slice(this.#offset - length, this.#offset);
  }

  /** Throws LairError `call-malformed` if anything is left. */
  end(): void {
    if (this.#offset < this.#bytes.length) throw malformed("something follows its last field");
  }
}

/** The value of a whole byte string. Throws LairError `call-malformed`. */
export function readAll<Value>(layout: Layout<Value>, bytes: Uint8Array): Value {
  const reader = new Reader(bytes);
  const value = layout.read(reader);
  reader.end();
  return value;
}

/** A whole number from 0 to 255. */
export const U8: Layout<number> = {
  form: "u8",
  write(value) {
    if (!Number.isInteger(value) || value < 0 || value > 0xff) throw new RangeError("U8: value out of range");
    return Uint8Array.of(value);
  },
  read: (from) => from.take(1)[0]!,
};

/** A whole number from 0 to 2^32 - 1. */
export const U32: Layout<number> = { form: "u32", write: u32, read: (from) => readU32(from.take(4), 0) };

/** A whole number from 0 to 2^53 - 1, in 8 bytes: a time in milliseconds, a number of an entry. */
export const U53: Layout<number> = {
  form: "u64",
  write(value) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("U53: value out of range");
    return u64(BigInt(value));
  },
  read(from) {
    const value = readU64(from.take(8), 0);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed("a number is too large");
    return Number(value);
  },
};

/** So many bytes, without a length before them: a key, an id. */
export function exactly(length: number): Layout<Uint8Array> {
  return {
    form: `${length}`,
    write(value) {
      if (value.length !== length) throw new RangeError(`exactly: not ${length} bytes`);
      return value;
    },
    read: (from) => from.take(length),
  };
}

/** Up to `most` bytes, with their length, u32, before them. */
export function bytesUpTo(most: number): Layout<Uint8Array> {
  return {
    form: `bytes ≤ ${most}`,
    write(value) {
      if (value.length > most) throw new RangeError(`bytesUpTo: over ${most} bytes`);
      return concat(u32(value.length), value);
    },
    read(from) {
      const length = U32.read(from);
      if (length > most) throw malformed("a field is too long");
      return from.take(length);
    },
  };
}

/** A text of up to `most` bytes of UTF-8, with their number, u16, before them. */
export function textUpTo(most: number): Layout<string> {
  return {
    form: `text ≤ ${most}`,
    write(value) {
      const bytes = toUtf8(value);
      if (bytes.length > most) throw new RangeError(`textUpTo: over ${most} bytes`);
      return concat(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
    },
    read(from) {
      const length = readU16(from.take(2), 0);
      const text = length > most ? undefined : fromUtf8(from.take(length));
      if (text === undefined) throw malformed("a text is too long, or not UTF-8");
      return text;
    },
  };
}

/** One of these words, as its place in the list, u8. */
export function oneOf<Word extends string>(...words: readonly Word[]): Layout<Word> {
  return {
    form: words.join(" / "),
    write: (value) => U8.write(words.indexOf(value)),
    read: (from) => words[U8.read(from)] ?? refuse("a field has an unknown value"),
  };
}

/** 0 or 1. */
export const FLAG: Layout<boolean> = {
  form: "flag",
  write: (value) => U8.write(value ? 1 : 0),
  read(from) {
    const value = U8.read(from);
    if (value > 1) throw malformed("a field has an unknown value");
    return value === 1;
  },
};

/** 0, or 1 and a value. */
export function optional<Value>(layout: Layout<Value>): Layout<Value | undefined> {
  return {
    form: `${layout.form}, or none`,
    write: (value) => (value === undefined ? FLAG.write(false) : concat(FLAG.write(true), layout.write(value))),
    read: (from) => (FLAG.read(from) ? layout.read(from) : undefined),
  };
}

/** Up to `most` values, with their number, u32, before them. */
export function listUpTo<Value>(most: number, layout: Layout<Value>): Layout<readonly Value[]> {
  return {
    form: `list ≤ ${most} of (${layout.form})`,
    write(values) {
      if (values.length > most) throw new RangeError(`listUpTo: over ${most} values`);
      return concat(u32(values.length), ...values.map((value) => layout.write(value)));
    },
    read(from) {
      const count = U32.read(from);
      if (count > most) throw malformed("a list is too long");
      return Array.from({ length: count }, () => layout.read(from));
    },
  };
}

/** The fields of an object, in the order in which they stand here. */
export function fields<Fields extends Readonly<Record<string, Layout<unknown>>>>(
  layouts: Fields,
): Layout<{ readonly [Name in keyof Fields]: Carried<Fields[Name]> }> {
  type Value = { readonly [Name in keyof Fields]: Carried<Fields[Name]> };
  const entries: readonly (readonly [keyof Fields, Layout<unknown>])[] = Object.entries(layouts);
  return {
    form: entries.map(([name, { form }]) => `${String(name)} ${/[ ,]/.test(form) ? `(${form})` : form}`).join(", "),
    write: (value: Value) => concat(...entries.map(([name, layout]) => layout.write(value[name]))),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries forgets which name has which value
    read: (from) => Object.fromEntries(entries.map(([name, layout]) => [name, layout.read(from)])) as Value,
  };
}

function malformed(reason: string): LairError {
  return new LairError("call-malformed", `The other side sent a call that cannot be read: ${reason}.`);
}

function refuse(reason: string): never {
  throw malformed(reason);
}
