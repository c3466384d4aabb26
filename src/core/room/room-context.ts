// A room's data, which all members have alike: what stands in the GroupContext. Sealed among the members; the hub has
// none of it but what is told to it. Strict: there is one encoding of everything, and whatever is not that is refused.
//
//   version (1 byte: 1)
//   kind    (1 byte: 1 room, 2 announcement, 3 direct)
//   name    length (2 bytes), UTF-8 of 0 to 200 bytes
//   topic   likewise, 0 to 1,000 bytes
//   shared  how many of the last lines a newcomer is handed (2 bytes), 0 to 10,000
//   roles   count (2 bytes); for each: signature key (32), 1 moderator or 2 admin (1). Ascending by key
//   leaving count (2 bytes); for each: signature key (32). Ascending
//   banned  likewise, at most 1,000
//   links   count (2 bytes), at most 16; for each: id (16), secret (32). Ascending by id

import { concat, fromHex, fromUtf8, readU16, toHex, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { SIGNATURE_KEY_BYTES } from "../noise/signature-key.ts";
import { MAX_CONTEXT_BYTES } from "./group-crypto.ts";
import { MAX_MEMBERS } from "./limits.ts";

const VERSION = 1;
/** Ours: a line of a terminal; several for the topic. Bytes of UTF-8. */
export const MAX_NAME_BYTES = 200;
export const MAX_TOPIC_BYTES = 1_000;
/** Ours: some hundred messages. */
const MAX_SHARED_LINES = 10_000;
/** Ours: 32 kB, half of what a context may have. */
const MAX_BANNED = 1_000;
/** Ours: each newcomer's commit is compared with all of them. */
export const MAX_LINKS = 16;
export const LINK_ID_BYTES = 16;
export const LINK_SECRET_BYTES = 32;

/** In an announcement room only admins and moderators speak. A direct room has two people and no roles. */
export type RoomKind = "room" | "announcement" | "direct";
export type Role = "admin" | "moderator" | "member";

/** People are named by their signature keys, in lower-case hex. */
export interface RoomContext {
  readonly kind: RoomKind;
  readonly name: string;
  readonly topic: string;
  /** How many of the last lines somebody who is added gets from the member who adds. */
  readonly sharedLines: number;
  /** People who are not in it are members. */
  readonly roles: ReadonlyMap<string, Exclude<Role, "member">>;
  /** Who has said that she leaves, and may be removed by anybody. */
  readonly leaving: ReadonlySet<string>;
  readonly banned: ReadonlySet<string>;
  /** Links that may be used to join: their ids in hex, and the secret that a newcomer proves. */
  readonly links: ReadonlyMap<string, Uint8Array>;
}

const KINDS: readonly RoomKind[] = ["room", "announcement", "direct"];
const ROLES: readonly Exclude<Role, "member">[] = ["moderator", "admin"];

/** The one encoding. Throws RangeError for what is out of bounds. */
export function encodeRoomContext(context: RoomContext): Uint8Array {
  const { kind, name, topic, sharedLines, roles, leaving, banned, links } = context;
  const isCount = Number.isInteger(sharedLines) && sharedLines >= 0 && sharedLines <= MAX_SHARED_LINES;
  if (!isCount) throw new RangeError(`sharedLines: expected 0 to ${MAX_SHARED_LINES}`);
  const bytes = concat(
    Uint8Array.of(VERSION, KINDS.indexOf(kind) + 1),
    encodeText(name, MAX_NAME_BYTES),
    encodeText(topic, MAX_TOPIC_BYTES),
    u16(sharedLines),
    encodeList(roles.keys(), SIGNATURE_KEY_BYTES, MAX_MEMBERS, (key) =>
      Uint8Array.of(ROLES.indexOf(roles.get(key)!) + 1),
    ),
    encodeList(leaving, SIGNATURE_KEY_BYTES, MAX_MEMBERS),
    encodeList(banned, SIGNATURE_KEY_BYTES, MAX_BANNED),
    encodeList(links.keys(), LINK_ID_BYTES, MAX_LINKS, (id) => checkedSecret(links.get(id)!)),
  );
  if (bytes.length > MAX_CONTEXT_BYTES) throw new RangeError(`context: at most ${MAX_CONTEXT_BYTES} bytes`);
  return bytes;
}

/** Throws LairError `group-malformed` for everything that {@link encodeRoomContext} would not write. */
export function decodeRoomContext(bytes: Uint8Array): RoomContext {
  try {
    const context = readContext(bytes);
    // Everything that could be written in two ways is refused by this.
    if (toHex(encodeRoomContext(context)) !== toHex(bytes)) throw new RangeError("another encoding");
    return context;
  } catch (cause) {
    throw new LairError("group-malformed", "The data of a room cannot be read.", {
      hint: "The program that wrote them does not follow the protocol, or is newer: update Lair.",
      cause,
    });
  }
}

function readContext(bytes: Uint8Array): RoomContext {
  let offset = 0;
  const take = (length: number): Uint8Array => {
    const start = offset;
    offset += length;
    if (offset > bytes.length) throw new RangeError("too short");
    return bytes.slice(start, offset);
  };
  const count = (): number => readU16(take(2), 0);
  const text = (): string => {
    const decoded = fromUtf8(take(count()));
    if (decoded === undefined) throw new RangeError("not UTF-8");
    return decoded;
  };
  const list = <T>(read: () => T): T[] => Array.from({ length: count() }, read);
  const key = (): string => toHex(take(SIGNATURE_KEY_BYTES));

  const [version, kindByte] = take(2);
  const kind = KINDS[kindByte! - 1];
  if (version !== VERSION || kind === undefined) throw new RangeError("of an unknown version or kind");
  const [name, topic] = [text(), text()];
  const sharedLines = count();
  const roles = new Map(list(() => [key(), roleOfByte(take(1)[0]!)] as const));
  const [leaving, banned] = [new Set(list(key)), new Set(list(key))];
  const links = new Map(list(() => [toHex(take(LINK_ID_BYTES)), take(LINK_SECRET_BYTES)] as const));
  if (offset !== bytes.length) throw new RangeError("too long");
  return { kind, name, topic, sharedLines, roles, leaving, banned, links };
}

function roleOfByte(byte: number): Exclude<Role, "member"> {
  const role = ROLES[byte - 1];
  if (role === undefined) throw new RangeError("an unknown role");
  return role;
}

function encodeText(text: string, most: number): Uint8Array {
  const encoded = toUtf8(text);
  if (encoded.length > most) throw new RangeError(`a text has at most ${most} bytes`);
  return concat(u16(encoded.length), encoded);
}

function encodeList(
  hex: Iterable<string>,
  length: number,
  most: number,
  more: (hex: string) => Uint8Array = () => new Uint8Array(0),
): Uint8Array {
  const sorted = [...hex].toSorted();
  if (sorted.length > most) throw new RangeError(`a list has at most ${most} entries`);
  const entries = sorted.flatMap((one) => {
    const bytes = fromHex(one);
    if (bytes?.length !== length) throw new RangeError(`expected ${length} bytes in hex`);
    return [bytes, more(one)];
  });
  return concat(u16(sorted.length), ...entries);
}

function checkedSecret(secret: Uint8Array): Uint8Array {
  if (secret.length !== LINK_SECRET_BYTES) throw new RangeError(`a link's secret has ${LINK_SECRET_BYTES} bytes`);
  return secret;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}
