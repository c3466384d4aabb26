// The chat message inside DATA (docs/PROTOCOL.md §7.2): JSON in UTF-8, {"kind":"text","at":ms,"text":string},
// and "ttl":seconds where it is to disappear.

import { fromUtf8, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { parseJsonObject } from "../json-object.ts";

/** Of text, as UTF-8. */
export const MAX_TEXT_BYTES = 16_384;
const MAX_KIND_BYTES = 32;
/** DATA's sequence number and the record's header stand before it in a frame of 65,519 bytes. */
const MAX_MESSAGE_BYTES = 65_508;
/** Ours: ten years. */
const MAX_TTL_S = 3_653 * 86_400;

export type ChatMessage =
  | {
      readonly kind: "text";
      readonly atMs: number;
      readonly text: string;
      /** After how many seconds it disappears, on both sides; at least 1. */
      readonly ttlS?: number;
    }
  /** Of a newer version: to be shown as such, never dropped in silence. */
  | { readonly kind: "unknown"; readonly name: string };

/** A text as a message. A lone surrogate becomes U+FFFD. Throws LairError `message-too-long`. */
export function encodeText(text: string, atMs: number, ttlS?: number): Uint8Array {
  const bytes = toUtf8(text);
  // Control characters take six bytes each in JSON, so the second limit can be hit alone.
  const message = toUtf8(JSON.stringify({ kind: "text", at: atMs, text: fromUtf8(bytes), ttl: ttlS }));
  if (bytes.length > MAX_TEXT_BYTES) throw tooLong(`is at most ${MAX_TEXT_BYTES} bytes`);
  if (message.length > MAX_MESSAGE_BYTES) throw tooLong("with so many control characters does not fit into a frame");
  return message;
}

/** Reads a message. Throws LairError `message-malformed`. The text is raw: whoever shows it passes it through a sanitiser. */
export function decodeMessage(message: Uint8Array): ChatMessage {
  const value = parseJsonObject(message);
  if (typeof value === "string") throw malformed(value);
  const { kind, at, text, ttl } = value;
  if (typeof kind !== "string" || kind === "" || toUtf8(kind).length > MAX_KIND_BYTES)
    throw malformed("it has no kind");
  if (kind !== "text") return { kind: "unknown", name: kind };
  if (typeof at !== "number" || !Number.isSafeInteger(at) || at < 0) throw malformed("it has no time");
  if (typeof text !== "string" || toUtf8(text).length > MAX_TEXT_BYTES)
    throw malformed("its text is none, or too long");
  if (ttl === undefined) return { kind, atMs: at, text };
  if (typeof ttl !== "number" || !Number.isSafeInteger(ttl) || ttl < 1 || ttl > MAX_TTL_S)
    throw malformed("it disappears at no time");
  return { kind, atMs: at, text, ttlS: ttl };
}

function tooLong(reason: string): LairError {
  return new LairError("message-too-long", `A message ${reason}; this one was not sent.`, {
    hint: "Send it in parts.",
  });
}

function malformed(reason: string): LairError {
  return new LairError("message-malformed", `The other side sent a message that cannot be read: ${reason}.`);
}
