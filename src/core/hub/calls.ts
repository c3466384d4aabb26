// What a member and a hub say to each other inside their session (docs/HUB.md): calls of the member, the hub's answer to
// each, and news that the hub sends by itself. As tables, one row each. Nothing here is sealed for the room: `bytes` are
// what the members have sealed among themselves, and the hub passes them on as they are.

import { concat } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { MAX_SIGNAL_BYTES } from "./knock.ts";
import { MAX_GROUP_MESSAGE_BYTES, MAX_MEMBERS } from "../room/limits.ts";
import {
  bytesUpTo,
  type Carried,
  exactly,
  fields,
  FLAG,
  type Layout,
  listUpTo,
  oneOf,
  optional,
  readAll,
  textUpTo,
  U32,
  U53,
  U8,
} from "./layout.ts";

const MAX_PACKAGE_BYTES = 16_384;
/** Ours: of key packages in one call, and of a member. */
const MAX_PACKAGES = 64;
export const MAX_ROOMS = 1_000;
export const MAX_ENTRIES = 4_096;
export const MAX_LETTERS = 256;
const MAX_LINKS = 256;
export const MAX_HANDLE_BYTES = 64;
const MAX_ROOM_NAME_BYTES = 64;
const MAX_LINK_BYTES = 64;
const MAX_SENTENCE_BYTES = 255;
/** Ours: of an entry in news, so that they are one piece, half as long as one may be. Nearly all lines are shorter. */
export const MAX_PUSHED_BYTES = 8_192;

const ANSWERED = 0;
const IS_REFUSED = 1;

const KEY = exactly(32);
const ID = exactly(16);
const SEALED = bytesUpTo(MAX_GROUP_MESSAGE_BYTES);
const HANDLE = textUpTo(MAX_HANDLE_BYTES);
const ROOM_NAME = textUpTo(MAX_ROOM_NAME_BYTES);
const LINK = textUpTo(MAX_LINK_BYTES);
const ROLE = oneOf("admin", "moderator", "member");
const NOTHING = fields({});

const ACCOUNT = fields({ key: KEY, signatureKey: KEY, handle: HANDLE, role: oneOf("member", "operator") });
const KEY_PACKAGE = fields({ id: ID, bytes: bytesUpTo(MAX_PACKAGE_BYTES), expiresAtMs: U53, isLastResort: FLAG });
const LETTER = fields({ id: ID, kind: oneOf("welcome", "knock", "notice"), bytes: SEALED, atMs: U53 });
const ENTRY_HEAD = {
  seq: U53,
  type: oneOf("commit", "message", "notice"),
  id: ID,
  epoch: U53,
  poster: KEY,
  atMs: U53,
} as const;
const ENTRY = fields({ ...ENTRY_HEAD, bytes: SEALED });
const SMALL_ENTRY = fields({ ...ENTRY_HEAD, bytes: bytesUpTo(MAX_PUSHED_BYTES) });
/** A room as one of its members finds it. `commits`: the number of the last commit and one; 0 before the first. */
const ROOM = fields({ room: ID, epoch: U53, commits: U53, next: U53, oldest: U53, from: U53, cursor: U53 });

interface CallRow<Ask = unknown, Answer = unknown> {
  readonly code: number;
  readonly ask: Layout<Ask>;
  readonly answer: Layout<Answer>;
}

function call<Ask, Answer>(code: number, ask: Layout<Ask>, answer: Layout<Answer>): CallRow<Ask, Answer> {
  return { code, ask, answer };
}

/** The calls of a member, by name. */
export const CALLS = {
  /** Who has this key, or this handle. */
  find: call(1, fields({ key: optional(KEY), handle: optional(HANDLE) }), fields({ account: optional(ACCOUNT) })),
  /** Key packages for those who want to add the caller to a room. The answer: how many wait. */
  publish: call(2, fields({ packages: listUpTo(MAX_PACKAGES, KEY_PACKAGE) }), fields({ count: U32 })),
  /** A key package of somebody, which nobody else gets. */
  take: call(3, fields({ key: KEY }), fields({ package: optional(bytesUpTo(MAX_PACKAGE_BYTES)) })),
  create: call(4, fields({ room: ID, listedName: optional(ROOM_NAME) }), NOTHING),
  /** The rooms in which the caller sits. */
  rooms: call(5, NOTHING, fields({ rooms: listUpTo(MAX_ROOMS, ROOM) })),
  seats: call(
    6,
    fields({ room: ID }),
    fields({ seats: listUpTo(MAX_MEMBERS, fields({ key: KEY, role: ROLE, isOnline: FLAG })) }),
  ),
  /** The public rooms, by name, behind `after`. */
  listed: call(
    7,
    fields({ after: optional(ROOM_NAME) }),
    fields({ rooms: listUpTo(MAX_ROOMS, fields({ room: ID, name: ROOM_NAME })) }),
  ),
  /** A commit of a room, with what it changes in the hub's view. `commits` as in a room: what the poster has read. */
  commit: call(
    8,
    fields({
      room: ID,
      id: ID,
      epoch: U53,
      commits: U53,
      bytes: SEALED,
      seats: listUpTo(MAX_MEMBERS, fields({ key: KEY, role: ROLE })),
      removed: listUpTo(MAX_MEMBERS, KEY),
      /** Without a name the room is not listed any more. */
      listing: optional(fields({ name: optional(ROOM_NAME) })),
      groupInfo: optional(SEALED),
      welcome: optional(fields({ to: listUpTo(MAX_MEMBERS, KEY), bytes: SEALED })),
      link: optional(LINK),
    }),
    fields({ seq: U53 }),
  ),
  post: call(
    9,
    fields({ room: ID, type: oneOf("message", "notice"), id: ID, epoch: U53, bytes: SEALED }),
    fields({ seq: U53 }),
  ),
  /** Entries from this one on, as many as one answer carries. */
  read: call(10, fields({ room: ID, from: U53 }), fields({ entries: listUpTo(MAX_ENTRIES, ENTRY) })),
  /** The caller has stored everything before this entry. */
  acknowledge: call(11, fields({ room: ID, next: U53 }), NOTHING),
  letters: call(12, NOTHING, fields({ letters: listUpTo(MAX_LETTERS, LETTER) })),
  /** The caller has stored this letter. */
  drop: call(13, fields({ id: ID }), NOTHING),
  /** Asks those who may add people to be let into a listed room. */
  knock: call(14, fields({ room: ID, bytes: bytesUpTo(MAX_SIGNAL_BYTES) }), NOTHING),
  /** What an external commit needs: for somebody with a link, or for a member who was away too long. */
  outside: call(
    15,
    fields({ room: ID, link: optional(LINK) }),
    fields({ groupInfo: SEALED, epoch: U53, commits: U53 }),
  ),
  /**
   * The answer: the psk of an invite of the hub, for those who are new to it; none if links bring members only. Asked again
   * for the same link, the answer is the same.
   */
  "add-link": call(
    16,
    fields({ room: ID, link: LINK, uses: U32, expiresAtMs: U53 }),
    fields({ invite: optional(KEY) }),
  ),
  "revoke-link": call(17, fields({ room: ID, link: LINK }), NOTHING),
  links: call(
    18,
    fields({ room: ID }),
    fields({ links: listUpTo(MAX_LINKS, fields({ link: LINK, uses: U32, expiresAtMs: U53 })) }),
  ),
  /** For those members who are there now; never stored. */
  signal: call(19, fields({ room: ID, bytes: bytesUpTo(MAX_SIGNAL_BYTES) }), NOTHING),
  /** Whether those who share a room with the caller see that it is there. */
  visible: call(20, fields({ isVisible: FLAG }), NOTHING),
} as const satisfies Readonly<Record<string, CallRow>>;

export type CallName = keyof typeof CALLS;
export type Asked<Name extends CallName> = Carried<(typeof CALLS)[Name]["ask"]>;
export type Answered<Name extends CallName> = Carried<(typeof CALLS)[Name]["answer"]>;

interface NewsRow<Body = unknown> {
  readonly code: number;
  readonly body: Layout<Body>;
}

function news<Body>(code: number, body: Layout<Body>): NewsRow<Body> {
  return { code, body };
}

/** What a hub tells by itself, by name. Nothing of it is lost with a connection: the log has it, or it says where to look. */
export const NEWS = {
  /** The room has entries before this one. */
  entries: news(1, fields({ room: ID, next: U53 })),
  letter: news(2, NOTHING),
  signal: news(3, fields({ room: ID, from: KEY, bytes: bytesUpTo(MAX_SIGNAL_BYTES) })),
  presence: news(4, fields({ key: KEY, isOnline: FLAG })),
  "room-closed": news(5, fields({ room: ID })),
  /** The next entry of the room, for a member that was given all before it. */
  entry: news(6, fields({ room: ID, entry: SMALL_ENTRY })),
} as const satisfies Readonly<Record<string, NewsRow>>;

export type NewsName = keyof typeof NEWS;
export type NewsBody<Name extends NewsName> = Carried<(typeof NEWS)[Name]["body"]>;

/** Why a hub does not do what it was asked. */
export const REFUSALS = [
  /** Read on, and try anew: somebody else's commit came first, or the epoch is over. */
  "stale",
  /** A quota of the room, of the member or of the hub; `retryAfterMs` if time helps. */
  "full",
  /** Too many calls; wait for `retryAfterMs`. */
  "too-often",
  /** The caller has no seat in that room, or there is no such room: which one is not told. */
  "no-room",
  /** The caller's role does not allow it. */
  "not-allowed",
  "exists",
  "name-taken",
  "link-spent",
  "link-expired",
  "link-unknown",
  "unknown-person",
  /** The caller's key has been suspended. */
  "suspended",
  /** The hub could not store it. */
  "unable",
  /** A call that this hub does not know. */
  "unknown-call",
] as const;
export type Refusal = (typeof REFUSALS)[number];

const REFUSED = fields({
  refusal: oneOf(...REFUSALS),
  retryAfterMs: optional(U32),
  sentence: textUpTo(MAX_SENTENCE_BYTES),
});
export type Refused = Carried<typeof REFUSED>;

/** The rows again, so that the compiler knows what belongs to a name. */
const CALL_ROWS: { readonly [Name in CallName]: CallRow<Asked<Name>, Answered<Name>> } = CALLS;
const NEWS_ROWS: { readonly [Name in NewsName]: NewsRow<NewsBody<Name>> } = NEWS;
const CALL_NAMES = Object.keys(CALLS).filter((name): name is CallName => Object.hasOwn(CALLS, name));
const NEWS_NAMES = Object.keys(NEWS).filter((name): name is NewsName => Object.hasOwn(NEWS, name));

/** code u8 ‖ fields. Throws RangeError for a value over its limits. */
export function encodeCall<Name extends CallName>(name: Name, ask: Asked<Name>): Uint8Array {
  return concat(U8.write(CALLS[name].code), CALL_ROWS[name].ask.write(ask));
}

/** Which call it is; undefined: one of a newer Lair. Throws LairError `call-malformed` for an empty one. */
export function nameOfCall(bytes: Uint8Array): CallName | undefined {
  const [code] = splitCode(bytes);
  return CALL_NAMES.find((name) => CALLS[name].code === code);
}

/** What a call of this name asks. Throws LairError `call-malformed`. */
export function decodeCall<Name extends CallName>(name: Name, bytes: Uint8Array): Asked<Name> {
  return readAll(CALL_ROWS[name].ask, splitCode(bytes)[1]);
}

/** 0 ‖ fields. */
export function encodeAnswer<Name extends CallName>(name: Name, answer: Answered<Name>): Uint8Array {
  return concat(U8.write(ANSWERED), CALL_ROWS[name].answer.write(answer));
}

/** 1 ‖ refusal u8 ‖ when to try again ‖ a sentence for the person. */
export function encodeRefusal(refused: Refused): Uint8Array {
  return concat(U8.write(IS_REFUSED), REFUSED.write(refused));
}

export type Outcome<Name extends CallName> =
  { readonly type: "answered"; readonly answer: Answered<Name> } | ({ readonly type: "refused" } & Refused);

/** The answer to a call of this name. Throws LairError `call-malformed`. */
export function decodeAnswer<Name extends CallName>(name: Name, bytes: Uint8Array): Outcome<Name> {
  const [code, rest] = splitCode(bytes);
  if (code === ANSWERED) {
    return { type: "answered", answer: readAll(CALL_ROWS[name].answer, rest) };
  }
  if (code === IS_REFUSED) return { type: "refused", ...readAll(REFUSED, rest) };
  throw new LairError("call-malformed", "The other side sent an answer of an unknown kind.");
}

/** code u8 ‖ fields. Throws RangeError for a value over its limits. */
export function encodeNews<Name extends NewsName>(name: Name, body: NewsBody<Name>): Uint8Array {
  return concat(U8.write(NEWS[name].code), NEWS_ROWS[name].body.write(body));
}

/** Which news they are; undefined: those of a newer hub. Throws LairError `call-malformed` for empty ones. */
export function nameOfNews(bytes: Uint8Array): NewsName | undefined {
  const [code] = splitCode(bytes);
  return NEWS_NAMES.find((name) => NEWS[name].code === code);
}

/** What news of this name say. Throws LairError `call-malformed`. */
export function decodeNews<Name extends NewsName>(name: Name, bytes: Uint8Array): NewsBody<Name> {
  return readAll(NEWS_ROWS[name].body, splitCode(bytes)[1]);
}

function splitCode(bytes: Uint8Array): [code: number, rest: Uint8Array] {
  const [code] = bytes;
  if (code === undefined) throw new LairError("call-malformed", "The other side sent an empty call.");
  return [code, bytes.subarray(1)];
}
