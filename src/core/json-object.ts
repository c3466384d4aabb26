// A JSON object in UTF-8 bytes, for HELLO and the chat messages. Knows no member of either.

import { fromUtf8 } from "./bytes.ts";

export interface JsonObject {
  readonly [member: string]: unknown;
}

export const NOT_UTF8 = "it is not UTF-8";

/** The object's own members, or a string that says why the bytes are not valid: for the end of a sentence. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | string {
  const text = fromUtf8(bytes);
  return text === undefined ? NOT_UTF8 : parseJsonObjectText(text);
}

/** The same of bytes that have been decoded. */
export function parseJsonObjectText(text: string): JsonObject | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is not a JSON object";
  // Without a prototype: a member that was not sent does not exist, whatever its name.
  return Object.assign(Object.create(null), value);
}
