// The chat message inside DATA (docs/PROTOCOL.md §7.3): JSON in UTF-8, such as {"kind":"text","at":ms,"text":string}.

import { fromUtf8, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { parseJsonObject } from "../json-object.ts";

/** Of text, as UTF-8. */
export const MAX_TEXT_BYTES = 16_384;
const MAX_KIND_BYTES = 32;
/** Of `ttl` and `seconds`: ten years. */
export const MAX_TIMER_S = 315_576_000;
/** DATA's number and stamp and the record's header stand before it in a frame of 65,519 bytes. */
const MAX_MESSAGE_BYTES = 65_496;
/** The last moment that a Date can hold. */
const LAST_MS = 8.64e15;

export type ChatMessage =
  /** With `ttlS` it disappears from both stores, so many seconds after it has arrived. */
  | { readonly kind: "text"; readonly atMs: number; readonly text: string; readonly ttlS?: number }
  /** From now on texts disappear after so many seconds; 0: no longer. The one with the latest `atMs` holds. */
  | { readonly kind: "timer"; readonly atMs: number; readonly seconds: number }
  /** Of a newer version: to be shown as such, never dropped in silence. */
  | { readonly kind: "unknown"; readonly name: string };

/** A text as a message; a `ttlS` of 0 is none. A lone surrogate becomes U+FFFD. Throws LairError `message-too-long`. */
export function encodeText(text: string, atMs: number, ttlS = 0): Uint8Array {
  const bytes = toUtf8(text);
  const ttl = ttlS === 0 ? {} : { ttl: ttlS };
  // Control characters take six bytes each in JSON, so the second limit can be hit alone.
  const message = toUtf8(JSON.stringify({ kind: "text", at: atMs, ...ttl, text: fromUtf8(bytes) }));
  if (bytes.length > MAX_TEXT_BYTES) throw tooLong(`is at most ${MAX_TEXT_BYTES} bytes`);
  if (message.length > MAX_MESSAGE_BYTES) throw tooLong("with so many control characters does not fit into a frame");
  return message;
}

/** `seconds`: 0 to {@link MAX_TIMER_S}. */
export function encodeTimer(seconds: number, atMs: number): Uint8Array {
  return toUtf8(JSON.stringify({ kind: "timer", at: atMs, seconds }));
}

/** Reads a message. Throws LairError `message-malformed`. The text is raw: whoever shows it passes it through a sanitiser. */
export function decodeMessage(message: Uint8Array): ChatMessage {
  const value = parseJsonObject(message);
  if (typeof value === "string") throw malformed(value);
  const { kind, at, text, ttl, seconds } = value;
  if (typeof kind !== "string" || kind === "" || toUtf8(kind).length > MAX_KIND_BYTES)
    throw malformed("it has no kind");
  if (kind !== "text" && kind !== "timer") return { kind: "unknown", name: kind };
  if (typeof at !== "number" || !Number.isInteger(at) || at < 0 || at > LAST_MS) throw malformed("it has no time");
  if (kind === "timer") {
    if (!isSpan(seconds, 0)) throw malformed("its timer is none");
    return { kind, atMs: at, seconds };
  }
  if (typeof text !== "string" || toUtf8(text).length > MAX_TEXT_BYTES)
    throw malformed("its text is none, or too long");
  if (ttl === undefined) return { kind, atMs: at, text };
  if (!isSpan(ttl, 1)) throw malformed("its lifetime is none");
  return { kind, atMs: at, text, ttlS: ttl };
}

function isSpan(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= MAX_TIMER_S;
}

function tooLong(reason: string): LairError {
  return new LairError("message-too-long", `A message ${reason}; this one was not sent.`, {
    hint: "Send it in parts.",
  });
}

function malformed(reason: string): LairError {
  return new LairError("message-malformed", `The other side sent a message that cannot be read: ${reason}.`);
}
