// What is sealed in a row, as JSON: a codec for each kind of value, put together to records. A record may get more members in
// later versions: unknown ones are passed over, and one that an older record does not have is undefined, if it is optional.

import { fromBase64Url, toBase64Url } from "../../../core/bytes.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/** `decode` throws RangeError for a value of another form; the message has nothing of the value. */
export interface Codec<Value> {
  encode(value: Value): Json;
  decode(json: unknown): Value;
}

function refuse(): never {
  throw new RangeError("a record of another form");
}

export const TEXT: Codec<string> = {
  encode: (value) => value,
  decode: (json) => (typeof json === "string" ? json : refuse()),
};

/** A whole number. */
export const WHOLE: Codec<number> = {
  encode: (value) => value,
  decode: (json) => (typeof json === "number" && Number.isSafeInteger(json) ? json : refuse()),
};

/** A time in ms, which may have a fraction. */
export const TIME: Codec<number> = {
  encode: (value) => value,
  decode: (json) => (typeof json === "number" ? json : refuse()),
};

export const FLAG: Codec<boolean> = {
  encode: (value) => value,
  decode: (json) => (typeof json === "boolean" ? json : refuse()),
};

export const BYTES: Codec<Uint8Array> = {
  encode: toBase64Url,
  decode: (json) => (typeof json === "string" ? (fromBase64Url(json) ?? refuse()) : refuse()),
};

export function oneOf<Word extends string>(...words: readonly Word[]): Codec<Word> {
  return { encode: (value) => value, decode: (json) => words.find((word) => word === json) ?? refuse() };
}

export function listOf<Value>(codec: Codec<Value>): Codec<readonly Value[]> {
  return {
    encode: (values) => values.map((value) => codec.encode(value)),
    decode: (json) => (Array.isArray(json) ? json.map((value) => codec.decode(value)) : refuse()),
  };
}

export function optional<Value>(codec: Codec<Value>): Codec<Value | undefined> {
  return {
    encode: (value) => (value === undefined ? null : codec.encode(value)),
    decode: (json) => (json === null || json === undefined ? undefined : codec.decode(json)),
  };
}

export function record<Value extends object>(codecs: {
  readonly [Member in keyof Value]-?: Codec<Value[Member]>;
}): Codec<Value> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- these are the members of the type above
  const members = Object.keys(codecs) as (keyof Value & string)[];
  return {
    encode: (value) => Object.fromEntries(members.map((member) => [member, codecs[member].encode(value[member])])),
    decode(json) {
      if (typeof json !== "object" || json === null) return refuse();
      // Its own members only, whatever their names.
      const own = new Map<string, unknown>(Object.entries(json));
      const decoded = Object.fromEntries(members.map((member) => [member, codecs[member].decode(own.get(member))]));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each member was decoded by the codec of its type
      return decoded as Value;
    },
  };
}
