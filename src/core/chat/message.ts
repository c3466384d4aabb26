// The chat message inside DATA (docs/PROTOCOL.md §7.3): JSON in UTF-8, such as {"kind":"text","at":ms,"text":string}.

import { fromUtf8, isLongerInUtf8, toUtf8 } from "../bytes.ts";
import { MAX_DELIVERED_BYTES } from "../delivery/data.ts";
import type { MessageContent } from "../delivery/store.ts";
import { LairError } from "../errors.ts";
import { parseJsonObject } from "../json-object.ts";
import { isMessageSpan, isMessageTime, MAX_KIND_BYTES, MAX_TEXT_BYTES, MAX_TIMER_S } from "../message-limits.ts";

export { MAX_TEXT_BYTES, MAX_TIMER_S };
/** A half of a surrogate pair, whether or not the other half is there. */
const SURROGATE = /[\ud800-\udfff]/;

/** What {@link decodeMessage} reads. */
type ChatMessage = Exclude<MessageContent, { kind: "unreadable" }>;

/** A message of ours: its bytes, and its meaning, as the other side will decode it. */
interface WrittenMessage {
  readonly bytes: Uint8Array;
  readonly content: ChatMessage;
}

/**
 * A text as a message; a `ttlS` of 0 means none. A lone surrogate becomes U+FFFD. Throws LairError `message-too-long`.
 */
export function writeText(text: string, atMs: number, ttlS = 0): WrittenMessage {
  if (isLongerInUtf8(text, MAX_TEXT_BYTES)) throw tooLong(`is at most ${MAX_TEXT_BYTES} bytes`);
  // As the encoder writes it: with U+FFFD for half a surrogate pair.
  const wellFormed = SURROGATE.test(text) ? fromUtf8(toUtf8(text))! : text;
  const [ttl, lifetime] = ttlS === 0 ? [{}, {}] : [{ ttl: ttlS }, { ttlS }];
  // Control characters take six bytes each in JSON, so the second limit can be hit alone.
  const bytes = toUtf8(JSON.stringify({ kind: "text", at: atMs, ...ttl, text: wellFormed }));
  if (bytes.length > MAX_DELIVERED_BYTES) throw tooLong("with so many control characters does not fit into a frame");
  return { bytes, content: { kind: "text", atMs, text: wellFormed, ...lifetime } };
}

/** `seconds`: 0 to {@link MAX_TIMER_S}. */
export function writeTimer(seconds: number, atMs: number): WrittenMessage {
  return {
    bytes: toUtf8(JSON.stringify({ kind: "timer", at: atMs, seconds })),
    content: { kind: "timer", atMs, seconds },
  };
}

/** The bytes of {@link writeText}. */
export function encodeText(text: string, atMs: number, ttlS = 0): Uint8Array {
  return writeText(text, atMs, ttlS).bytes;
}

/** The bytes of {@link writeTimer}. */
export function encodeTimer(seconds: number, atMs: number): Uint8Array {
  return writeTimer(seconds, atMs).bytes;
}

/**
 * The same message of ours, 3 bytes shorter: its time is rounded to 100 s. For one of an earlier version of Lair that waits
 * and is too long for DATA now: a text that consists of control characters.
 */
export function shortenMessage(message: Uint8Array): Uint8Array {
  const json = fromUtf8(message) ?? "";
  return toUtf8(json.replace(/"at":(\d+)/, (_, at: string) => `"at":${Math.round(Number(at) / 1e5)}e5`));
}

/** Decodes a message that may not be valid. Does not throw. */
export function readMessage(message: Uint8Array): MessageContent {
  try {
    return decodeMessage(message);
  } catch (error) {
    if (error instanceof LairError) return { kind: "unreadable" };
    throw error;
  }
}

/** Decodes a message. Throws LairError `message-malformed`. The text is raw: sanitise it before it is shown. */
export function decodeMessage(message: Uint8Array): ChatMessage {
  const value = parseJsonObject(message);
  if (typeof value === "string") throw malformed(value);
  const { kind, at, text, ttl, seconds } = value;
  if (typeof kind !== "string" || kind === "" || isLongerInUtf8(kind, MAX_KIND_BYTES))
    throw malformed("it has no kind");
  if (kind !== "text" && kind !== "timer") return { kind: "unknown", name: kind };
  if (!isMessageTime(at)) throw malformed("it has no time");
  if (kind === "timer") {
    if (!isMessageSpan(seconds, 0)) throw malformed("its timer is not valid");
    return { kind, atMs: at, seconds };
  }
  if (typeof text !== "string" || isLongerInUtf8(text, MAX_TEXT_BYTES))
    throw malformed("its text is missing or too long");
  if (ttl === undefined) return { kind, atMs: at, text };
  if (!isMessageSpan(ttl, 1)) throw malformed("its lifetime is not valid");
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
