// The chat message inside DATA (docs/PROTOCOL.md §7.3): JSON in UTF-8, such as {"kind":"text","at":ms,"text":string}.

import { fromUtf8, isLongerInUtf8, toSharedUtf8, toUtf8 } from "../bytes.ts";
import { MAX_DELIVERED_BYTES } from "../delivery/data.ts";
import type { MessageContent } from "../delivery/store.ts";
import { LairError } from "../errors.ts";
import { NOT_UTF8, parseJsonObjectText } from "../json-object.ts";
import { isMessageSpan, isMessageTime, MAX_KIND_BYTES, MAX_TEXT_BYTES, MAX_TIMER_S } from "../message-limits.ts";

export { MAX_TEXT_BYTES, MAX_TIMER_S };
/** A half of a surrogate pair, whether or not the other half is there. */
const SURROGATE = /[\ud800-\udfff]/;
/** What JSON.stringify writes as it is. Twice as fast as to look for anything else. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/**
 * A text as a Lair writes nearly every one: what JSON.parse would find in it, in a third of the time. Whatever else there is
 * goes to JSON.parse.
 */
const USUAL_TEXT = /^\{"kind":"text","at":(0|[1-9]\d{0,14}),(?:"ttl":([1-9]\d{0,7}),)?"text":"([ !#-[\]-\uffff]*)"\}$/;
/** In a longer one, JSON.parse looks at each letter in less time than an expression. */
const LONGEST_USUAL = 600;

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
  // Each of its units takes a byte at least.
  if (text.length > MAX_TEXT_BYTES) throw tooLong(IS_TOO_LONG);
  const isPlain = PLAIN.test(text);
  // As the encoder writes it: with U+FFFD for half a surrogate pair.
  const wellFormed = isPlain || !SURROGATE.test(text) ? text : fromUtf8(toUtf8(text))!;
  const quoted = isPlain ? `"${text}"` : JSON.stringify(wellFormed);
  const ttl = ttlS === 0 ? "" : `"ttl":${ttlS},`;
  const head = `{"kind":"text","at":${atMs},${ttl}"text":`;
  const bytes = toSharedUtf8(`${head}${quoted}}`);
  if (bytes.length - head.length - '""}'.length > MAX_TEXT_BYTES && isLongerInUtf8(text, MAX_TEXT_BYTES))
    throw tooLong(IS_TOO_LONG);
  // Control characters take six bytes each in JSON, so the second limit can be hit alone.
  if (bytes.length > MAX_DELIVERED_BYTES) throw tooLong("with so many control characters does not fit into a frame");
  return { bytes, content: textOf(atMs, wellFormed, ttlS === 0 ? undefined : ttlS) };
}

const IS_TOO_LONG = `is at most ${MAX_TEXT_BYTES} bytes`;

type Text = Extract<ChatMessage, { kind: "text" }>;

function textOf(atMs: number, text: string, ttlS: number | undefined): Text {
  return ttlS === undefined ? { kind: "text", atMs, text } : { kind: "text", atMs, text, ttlS };
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
  const json = fromUtf8(message);
  if (json === undefined) throw malformed(NOT_UTF8);
  return (json.length <= LONGEST_USUAL ? usualText(json) : undefined) ?? parsed(json, json.length === message.length);
}

/** Undefined for what is written in any other way. */
function usualText(json: string): Text | undefined {
  const match = USUAL_TEXT.exec(json);
  if (match === null) return undefined;
  const [, at, ttl, text] = match;
  return textOf(Number(at), text!, ttl === undefined ? undefined : Number(ttl));
}

function parsed(json: string, isAscii: boolean): ChatMessage {
  const value = parseJsonObjectText(json);
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
  if (typeof text !== "string" || isTooLong(text, isAscii && !json.includes("\\")))
    throw malformed("its text is missing or too long");
  if (ttl !== undefined && !isMessageSpan(ttl, 1)) throw malformed("its lifetime is not valid");
  return textOf(at, text, ttl);
}

function isTooLong(text: string, isAscii: boolean): boolean {
  return isAscii ? text.length > MAX_TEXT_BYTES : isLongerInUtf8(text, MAX_TEXT_BYTES);
}

function tooLong(reason: string): LairError {
  return new LairError("message-too-long", `A message ${reason}; this one was not sent.`, {
    hint: "Send it in parts.",
  });
}

function malformed(reason: string): LairError {
  return new LairError("message-malformed", `The other side sent a message that cannot be read: ${reason}.`);
}
