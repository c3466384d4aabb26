// What each call takes and gives, as JSON Schema. The types of `src/app/api/calls.ts` are proved to be the same: a change
// there that is not made here is an error of the compiler, which names the call.

import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import type { InputOf, OutputOf } from "../../app/api/api.ts";
import type { CallName } from "../../app/api/calls.ts";
import { MAX_TIMER_S } from "../../core/message-limits.ts";
import * as views from "./view-schemas.ts";

export interface CallSchemas {
  readonly input: TObject;
  /** Undefined: nothing. */
  readonly output: TSchema | undefined;
}

/** Ours: a name, an id, the start of a fingerprint. */
const NAME_LETTERS = 256;
/** Ours: an invite, or a link to a room, with a long address in it. */
const LINK_LETTERS = 4_096;
const MOST_ON_A_PAGE = 500;

const strict = { additionalProperties: false } as const;
const closed = <Properties extends Record<string, TSchema>>(properties: Properties) => Type.Object(properties, strict);
const name = (description: string) => Type.String({ minLength: 1, maxLength: NAME_LETTERS, description });
const maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const seconds = (description: string) => Type.Integer({ minimum: 0, maximum: MAX_TIMER_S, description });
const limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: MOST_ON_A_PAGE, description: "The largest number of results; 50 without it." }),
);

const conversation = name("The id of a conversation.");
const message = name("The id of a line.");
const who = name("A name, or the start of a fingerprint.");
const peer = name("The id of somebody: the fingerprint, without blanks.");
const text = Type.String({ description: "At most 16,384 bytes of UTF-8." });
const hub = maybe(name("Of several hubs, which one: its name."));
const made = closed({ conversation });
const NOTHING = closed({});
const IN = { conversation };

export const SCHEMAS = {
  status: { input: NOTHING, output: views.Status },
  conversations: { input: NOTHING, output: closed({ conversations: Type.Array(views.Conversation) }) },
  conversationStatus: { input: closed(IN), output: Type.Record(Type.String(), Type.Unknown()) },
  messages: {
    input: closed({
      ...IN,
      before: maybe(name("The member before of the page that follows.")),
      after: maybe(name("The member after of the page that comes before.")),
      around: maybe(name("The member around of a line that was found; in a room also a line's id.")),
      limit,
    }),
    output: views.MessagePage,
  },
  say: { input: closed({ ...IN, text, replyTo: maybe(message) }), output: views.Sent },
  edit: { input: closed({ ...IN, message, text }), output: undefined },
  delete: { input: closed({ ...IN, message }), output: undefined },
  react: {
    input: closed({
      ...IN,
      message,
      emoji: Type.String({ maxLength: NAME_LETTERS, description: "Empty: removes the user's reaction." }),
    }),
    output: undefined,
  },
  read: { input: closed(IN), output: undefined },
  typing: { input: closed(IN), output: undefined },
  setTimer: { input: closed({ ...IN, seconds: seconds("0: no longer.") }), output: undefined },
  forgetHistory: { input: closed(IN), output: closed({ count: Type.Integer({ minimum: 0 }) }) },
  export: { input: closed(IN), output: closed({ name: Type.String(), messages: Type.Array(views.Message) }) },
  send: {
    input: closed({ msg: text, to: maybe(name('A name, the start of a fingerprint, or "#" and a room.')) }),
    output: closed({ sent: Type.Array(views.Sent) }),
  },
  search: {
    input: closed({
      q: Type.String({ minLength: 1, maxLength: LINK_LETTERS, description: "Words that a line must all have." }),
      conversation: maybe(conversation),
      limit,
    }),
    output: views.Found,
  },

  peers: { input: NOTHING, output: closed({ peers: Type.Array(views.Peer) }) },
  changePeer: {
    input: closed({
      peer,
      name: maybe(name("The new name.")),
      muted: flag("Whether this program has stopped connecting to it."),
    }),
    output: views.Peer,
  },
  forgetPeer: { input: closed({ peer, history: flag("Also delete the history.") }), output: undefined },
  words: { input: closed({ peer }), output: views.Words },
  verified: { input: closed({ peer }), output: views.Peer },
  invites: { input: NOTHING, output: closed({ invites: Type.Array(views.Invite) }) },
  makeInvite: { input: NOTHING, output: views.Invite },
  revokeInvite: { input: closed({ invite: name("Its id.") }), output: undefined },
  join: {
    input: closed({ link: Type.String({ minLength: 1, maxLength: LINK_LETTERS, description: "A secret." }) }),
    output: undefined,
  },
  unknownKeys: { input: NOTHING, output: closed({ keys: Type.Array(views.UnknownKey) }) },
  trustKey: { input: closed({ key: name("Its id, or the start of the fingerprint.") }), output: views.Peer },
  introduce: { input: closed({ who: Type.Tuple([who, who]) }), output: undefined },
  introductions: { input: NOTHING, output: closed({ introductions: Type.Array(views.Introduction) }) },
  answerIntroduction: {
    input: closed({ introduction: name("Its id."), accept: Type.Boolean() }),
    output: undefined,
  },

  createRoom: {
    input: closed({
      name: name("Of the room."),
      listed: flag("Members of the hub see it, and may ask to be let in."),
      announce: flag("Only moderators write."),
      classic: flag("For programs without post-quantum keys."),
      shareHistory: maybe(Type.Integer({ minimum: 0, description: "How many lines a new member gets to see." })),
      hub,
    }),
    output: made,
  },
  listedRooms: { input: NOTHING, output: closed({ listed: Type.Array(Type.String()) }) },
  askToJoin: { input: closed({ name: name("Of the room."), hub }), output: undefined },
  direct: { input: closed({ who }), output: made },
  feed: { input: NOTHING, output: made },
  members: {
    input: closed(IN),
    output: closed({ topic: Type.String(), members: Type.Array(views.Member) }),
  },
  answerInvitation: { input: closed({ ...IN, accept: Type.Boolean() }), output: undefined },
  leave: { input: closed(IN), output: undefined },
  inviteMember: { input: closed({ ...IN, who }), output: undefined },
  setRole: { input: closed({ ...IN, who, role: views.role }), output: undefined },
  removeMember: { input: closed({ ...IN, who, ban: flag("Also ban them.") }), output: undefined },
  unban: { input: closed({ ...IN, who }), output: undefined },
  describeRoom: {
    input: closed({ ...IN, name: maybe(Type.String()), topic: maybe(Type.String()) }),
    output: undefined,
  },
  makeLink: {
    input: closed({
      ...IN,
      uses: maybe(Type.Integer({ minimum: 1, description: "How many people may use it." })),
      expiresInSeconds: maybe(Type.Integer({ minimum: 1, description: "How long it is valid." })),
    }),
    output: views.RoomLink,
  },
  revokeLinks: { input: closed(IN), output: undefined },
  follow: {
    input: closed({ who, on: flag("Absent: the other way than now.") }),
    output: closed({ followed: Type.Boolean() }),
  },
  setMarks: {
    input: closed({
      typing: flag("Others see when this user types."),
      read: flag("Others see what this user has read."),
      invisible: flag("Others do not see that this user is there."),
    }),
    output: undefined,
  },

  command: {
    input: Type.Object({}, { additionalProperties: true, description: "As on a line of --json." }),
    output: closed({ events: Type.Array(views.ProgramEvent) }),
  },
} as const satisfies Readonly<Record<CallName, CallSchemas>>;

// --- the types of both tables are the same ---------------------------------------------------------------------------

type Schemas = typeof SCHEMAS;

/** Read-only throughout, and members of an intersection beside one another. */
type Plain<Value> = Value extends object ? { readonly [Member in keyof Value]: Plain<Value[Member]> } : Value;
/** With every member. */
type Whole<Value> = Value extends object ? { readonly [Member in keyof Value]-?: Whole<Value[Member]> } : Value;

type Alike<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
/** A member that only one of them has shows if it must be there; one that need not be there in one of them, if it need not. */
type Same<One, Other> = Alike<Whole<One>, Whole<Other>> extends true ? Alike<Plain<One>, Plain<Other>> : false;

/** No member at all, as a schema says it. */
type OrEmpty<Value> = string extends keyof Value ? {} : Value;

/** The members of a command are not known. */
type Closed = Exclude<CallName, "command">;

type HasSameInput<Name extends Closed> = Same<Static<Schemas[Name]["input"]>, OrEmpty<InputOf<Name>>>;
type HasSameOutput<Name extends Closed> = Schemas[Name]["output"] extends TSchema
  ? Same<Static<Schemas[Name]["output"]>, OutputOf<Name>>
  : Alike<OutputOf<Name>, Readonly<Record<string, never>>>;

type Drifted = {
  [Name in Closed]: HasSameInput<Name> extends true ? (HasSameOutput<Name> extends true ? never : Name) : Name;
}[Closed];

type DriftedNames = [Drifted] extends [never] ? readonly [] : { readonly [Name in Drifted]: "has drifted" };

/** Does not compile if a call has drifted: the error names it. */
export const DRIFTED: DriftedNames = [];
