// What is sealed in a room's message (docs/ROOMS.md): JSON in UTF-8, in the words of the pair's chat message, such as
// {"kind":"text","at":ms,"text":string,"log":{"seq":n,"hash":hex}}. New are the kinds that speak of another message, by
// the id of its entry, and what the writer has seen of the log. Sizes are hidden by the padding of MLS.

import { fromHex, fromUtf8, isLongerInUtf8, toHex, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { parseJsonObject } from "../json-object.ts";
import { isMessageSpan, isMessageTime, MAX_KIND_BYTES, MAX_TEXT_BYTES } from "../message-limits.ts";
import type { LogMark } from "./log-hash.ts";

/** Ours: a longest text of control characters, six bytes each in JSON, with the other members. */
const MAX_MESSAGE_BYTES = 6 * MAX_TEXT_BYTES + 1_024;
/** Ours: an emoji of several code points, or a word. */
export const MAX_REACTION_BYTES = 64;
const ID_BYTES = 16;
const KEYS_BYTES = 64;
/** Ours: of earlier lines, so that those of a message fit into it. */
export const MAX_SHARED = 200;

/** `to`: the id of the entry that it speaks of, 16 bytes in lower-case hex. */
interface About {
  readonly to: string;
}

/** What somebody has written; it stands in the log. The texts are raw: sanitise them before they are shown. */
export type RoomContent =
  | { readonly kind: "text"; readonly atMs: number; readonly text: string; readonly ttlS?: number }
  | ({ readonly kind: "reply"; readonly atMs: number; readonly text: string; readonly ttlS?: number } & About)
  | ({ readonly kind: "edit"; readonly atMs: number; readonly text: string } & About)
  | ({ readonly kind: "delete"; readonly atMs: number } & About)
  /** An empty `reaction` takes the writer's earlier one back. */
  | ({ readonly kind: "reaction"; readonly atMs: number; readonly reaction: string } & About)
  | { readonly kind: "timer"; readonly atMs: number; readonly seconds: number }
  /** Earlier lines for those who have come, oldest first. Its writer vouches for them. */
  | { readonly kind: "shared"; readonly atMs: number; readonly lines: readonly SharedLine[] };

/** An earlier line. */
export interface SharedLine {
  /** Its number in the log. */
  readonly seq: number;
  /** 16 bytes in lower-case hex. */
  readonly id: string;
  /** Both keys of its writer, the X25519 key first: 64 bytes in lower-case hex. */
  readonly from: string;
  readonly atMs: number;
  readonly text: string;
}

/** What is told to those who are there now, and never stored. */
export type RoomSignal =
  /** Everything up to that entry has been read. */
  ({ readonly kind: "read"; readonly atMs: number } & About) | { readonly kind: "typing"; readonly atMs: number };

/** One of a newer Lair. */
interface UnknownContent {
  readonly kind: "unknown";
  readonly name: string;
}

/** A message, decoded. */
interface RoomMessage {
  readonly content: RoomContent | RoomSignal | UnknownContent;
  /** What its writer has seen of the log; undefined: nothing that she could vouch for. */
  readonly log: LogMark | undefined;
}

/**
 * The bytes of a message. Throws LairError `message-too-long`, and RangeError for an id or a number out of bounds. A lone
 * surrogate becomes U+FFFD.
 */
export function encodeRoomMessage(content: RoomContent | RoomSignal, log?: LogMark): Uint8Array {
  const { kind, atMs } = content;
  if ("text" in content && isLongerInUtf8(content.text, MAX_TEXT_BYTES)) throw tooLong("message", MAX_TEXT_BYTES);
  if (kind === "reaction" && isLongerInUtf8(content.reaction, MAX_REACTION_BYTES)) {
    throw tooLong("reaction", MAX_REACTION_BYTES);
  }
  const members = {
    kind,
    at: atMs,
    ...("to" in content ? { to: content.to } : {}),
    ...("ttlS" in content ? { ttl: content.ttlS } : {}),
    ...(kind === "timer" ? { seconds: content.seconds } : {}),
    ...(kind === "shared" ? { lines: content.lines.map((line) => sharedMembers(line)) } : {}),
    ...(kind === "reaction" ? { reaction: wellFormed(content.reaction) } : {}),
    ...("text" in content ? { text: wellFormed(content.text) } : {}),
    ...(log === undefined ? {} : { log: { seq: log.seq, hash: toHex(log.hash) } }),
  };
  const bytes = toUtf8(JSON.stringify(members));
  try {
    decodeRoomMessage(bytes);
  } catch (cause) {
    throw new RangeError("encodeRoomMessage: something is out of bounds", { cause });
  }
  return bytes;
}

/** Throws LairError `message-malformed`. */
export function decodeRoomMessage(bytes: Uint8Array): RoomMessage {
  if (bytes.length > MAX_MESSAGE_BYTES) throw malformed("it is too long");
  const value = parseJsonObject(bytes);
  if (typeof value === "string") throw malformed(value);
  const { kind, at } = value;
  if (typeof kind !== "string" || kind === "" || isLongerInUtf8(kind, MAX_KIND_BYTES))
    throw malformed("it has no kind");
  const log = markIn(value["log"]);
  const read = READERS.get(kind);
  if (read === undefined) return { content: { kind: "unknown", name: kind }, log };
  if (!isMessageTime(at)) throw malformed("it has no time");
  return { content: read(value, at), log };
}

type Members = { readonly [member: string]: unknown };

const READERS: ReadonlyMap<string, (members: Members, atMs: number) => RoomContent | RoomSignal> = new Map<
  string,
  (members: Members, atMs: number) => RoomContent | RoomSignal
>([
  ["text", (members, atMs) => ({ kind: "text", atMs, text: textIn(members), ...ttlIn(members) })],
  ["reply", (members, atMs) => ({ kind: "reply", atMs, to: idIn(members), text: textIn(members), ...ttlIn(members) })],
  ["edit", (members, atMs) => ({ kind: "edit", atMs, to: idIn(members), text: textIn(members) })],
  ["delete", (members, atMs) => ({ kind: "delete", atMs, to: idIn(members) })],
  ["reaction", (members, atMs) => ({ kind: "reaction", atMs, to: idIn(members), reaction: reactionIn(members) })],
  ["read", (members, atMs) => ({ kind: "read", atMs, to: idIn(members) })],
  ["shared", (members, atMs) => ({ kind: "shared", atMs, lines: sharedIn(members) })],
  ["typing", (_, atMs) => ({ kind: "typing", atMs })],
  [
    "timer",
    ({ seconds }, atMs) => {
      if (!isMessageSpan(seconds, 0)) throw malformed("its timer is not valid");
      return { kind: "timer", atMs, seconds };
    },
  ],
]);

function sharedMembers({ seq, id, from, atMs, text }: SharedLine): object {
  return { seq, id, from, at: atMs, text: wellFormed(text) };
}

function sharedIn({ lines }: Members): readonly SharedLine[] {
  if (!Array.isArray(lines) || lines.length > MAX_SHARED) throw malformed("its earlier lines are missing or too many");
  return lines.map((line: unknown) => {
    if (typeof line !== "object" || line === null) throw malformed("an earlier line is not valid");
    const members = Object.assign<Members, object>(Object.create(null), line);
    const { seq, id, from, at } = members;
    if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0 || !isMessageTime(at)) {
      throw malformed("an earlier line has no number or no time");
    }
    return { seq, id: hexIn(id, ID_BYTES), from: hexIn(from, KEYS_BYTES), atMs: at, text: textIn(members) };
  });
}

function textIn({ text }: Members): string {
  if (typeof text !== "string" || isLongerInUtf8(text, MAX_TEXT_BYTES)) {
    throw malformed("its text is missing or too long");
  }
  return text;
}

function ttlIn({ ttl }: Members): { readonly ttlS?: number } {
  if (ttl === undefined) return {};
  if (!isMessageSpan(ttl, 1)) throw malformed("its lifetime is not valid");
  return { ttlS: ttl };
}

function idIn({ to }: Members): string {
  return hexIn(to, ID_BYTES);
}

function hexIn(value: unknown, bytes: number): string {
  const isHex = typeof value === "string" && value.length === 2 * bytes && value === value.toLowerCase();
  if (!isHex || fromHex(value) === undefined) throw malformed("it does not say which message or person it is about");
  return value;
}

function reactionIn({ reaction }: Members): string {
  if (typeof reaction !== "string" || isLongerInUtf8(reaction, MAX_REACTION_BYTES)) {
    throw malformed("its reaction is missing or too long");
  }
  return reaction;
}

function markIn(log: unknown): LogMark | undefined {
  if (log === undefined) return undefined;
  if (typeof log !== "object" || log === null) throw malformed("what it says of the log is not valid");
  const { seq, hash } = Object.assign<Members, object>(Object.create(null), log);
  const bytes = typeof hash === "string" && hash === hash.toLowerCase() ? fromHex(hash) : undefined;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0 || bytes?.length !== 32) {
    throw malformed("what it says of the log is not valid");
  }
  return { seq, hash: bytes };
}

/** As the encoder writes it: with U+FFFD for half a surrogate pair. */
function wellFormed(text: string): string {
  return fromUtf8(toUtf8(text))!;
}

function tooLong(what: string, most: number): LairError {
  return new LairError("message-too-long", `A ${what} is at most ${most} bytes; this one was not sent.`, {
    hint: "Send it in parts.",
  });
}

function malformed(reason: string): LairError {
  return new LairError("message-malformed", `A message of a room cannot be read: ${reason}.`);
}
