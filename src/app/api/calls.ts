// The calls of the API: what goes in, what comes out, and where each is found over HTTP. One table for the listener, for the
// page, and for OpenAPI.

import type {
  ConversationJson,
  ConversationStatusJson,
  FoundJson,
  IntroductionJson,
  InviteJson,
  MemberJson,
  MessagePageJson,
  PeerJson,
  RoleJson,
  RoomLinkJson,
  SentJson,
  StatusJson,
  UnknownKeyJson,
  Where,
  WordsJson,
} from "./views.ts";

interface Call<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

type Nothing = Readonly<Record<string, never>>;

/** `conversation` is the id of a conversation. */
interface In {
  readonly conversation: string;
}
/** `who`: a name or the start of a fingerprint. */
interface About extends In {
  readonly who: string;
}

export interface ApiCalls {
  readonly status: Call<Nothing, StatusJson>;
  readonly conversations: Call<Nothing, { readonly conversations: readonly ConversationJson[] }>;
  readonly conversationStatus: Call<In, ConversationStatusJson>;
  /** At most `limit` lines, 1 to 500, 50 without it. */
  readonly messages: Call<In & Where & { readonly limit?: number }, MessagePageJson>;
  readonly say: Call<In & { readonly text: string; readonly replyTo?: string }, SentJson>;
  readonly edit: Call<In & { readonly message: string; readonly text: string }, Nothing>;
  readonly delete: Call<In & { readonly message: string }, Nothing>;
  /** An empty `emoji` takes one's own back. */
  readonly react: Call<In & { readonly message: string; readonly emoji: string }, Nothing>;
  /** The user has seen everything that was said. */
  readonly read: Call<In, Nothing>;
  readonly typing: Call<In, Nothing>;
  /** Lines disappear after so many seconds; 0: no longer. */
  readonly setTimer: Call<In & { readonly seconds: number }, Nothing>;
  readonly forgetHistory: Call<In, { readonly count: number }>;
  readonly export: Call<In, { readonly name: string; readonly messages: MessagePageJson["messages"] }>;
  /** To everybody, or to one: a name, the start of a fingerprint, or "#" and a room. */
  readonly send: Call<{ readonly msg: string; readonly to?: string }, { readonly sent: readonly SentJson[] }>;
  readonly search: Call<{ readonly q: string; readonly conversation?: string; readonly limit?: number }, FoundJson>;

  readonly peers: Call<Nothing, { readonly peers: readonly PeerJson[] }>;
  readonly changePeer: Call<{ readonly peer: string; readonly name?: string; readonly muted?: boolean }, PeerJson>;
  readonly forgetPeer: Call<{ readonly peer: string; readonly history?: boolean }, Nothing>;
  /** Of anybody who is known here. */
  readonly words: Call<{ readonly peer: string }, WordsJson>;
  /** The user has compared the words with this person. */
  readonly verified: Call<{ readonly peer: string }, PeerJson>;
  readonly invites: Call<Nothing, { readonly invites: readonly InviteJson[] }>;
  readonly makeInvite: Call<Nothing, InviteJson>;
  readonly revokeInvite: Call<{ readonly invite: string }, Nothing>;
  /** An invite of a person or a hub, or a link to a room. What comes of it is told by events. */
  readonly join: Call<{ readonly link: string }, Nothing>;
  /** Of a server with a psk file: the keys of those who know the psk and are not let in yet. */
  readonly unknownKeys: Call<Nothing, { readonly keys: readonly UnknownKeyJson[] }>;
  /** The user has compared the words, or the fingerprint. */
  readonly trustKey: Call<{ readonly key: string }, PeerJson>;
  readonly introduce: Call<{ readonly who: readonly [string, string] }, Nothing>;
  readonly introductions: Call<Nothing, { readonly introductions: readonly IntroductionJson[] }>;
  readonly answerIntroduction: Call<{ readonly introduction: string; readonly accept: boolean }, Nothing>;

  readonly createRoom: Call<
    {
      readonly name: string;
      readonly listed?: boolean;
      readonly announce?: boolean;
      readonly classic?: boolean;
      readonly shareHistory?: number;
      readonly hub?: string;
    },
    { readonly conversation: string }
  >;
  readonly listedRooms: Call<Nothing, { readonly listed: readonly string[] }>;
  readonly askToJoin: Call<{ readonly name: string; readonly hub?: string }, Nothing>;
  readonly direct: Call<{ readonly who: string }, { readonly conversation: string }>;
  readonly feed: Call<Nothing, { readonly conversation: string }>;
  readonly members: Call<In, { readonly topic: string; readonly members: readonly MemberJson[] }>;
  readonly answerInvitation: Call<In & { readonly accept: boolean }, Nothing>;
  readonly leave: Call<In, Nothing>;
  readonly inviteMember: Call<About, Nothing>;
  readonly setRole: Call<About & { readonly role: RoleJson }, Nothing>;
  readonly removeMember: Call<About & { readonly ban?: boolean }, Nothing>;
  readonly unban: Call<About, Nothing>;
  readonly describeRoom: Call<In & { readonly name?: string; readonly topic?: string }, Nothing>;
  readonly makeLink: Call<In & { readonly uses?: number; readonly expiresInSeconds?: number }, RoomLinkJson>;
  readonly revokeLinks: Call<In, Nothing>;
  /** Without `on`: the other way than now. */
  readonly follow: Call<{ readonly who: string; readonly on?: boolean }, { readonly followed: boolean }>;
  readonly setMarks: Call<
    { readonly typing?: boolean; readonly read?: boolean; readonly invisible?: boolean },
    Nothing
  >;

  /** Any command of docs/json.md. Answers with the events that came of it at once. */
  readonly command: Call<
    Readonly<Record<string, unknown>>,
    { readonly events: readonly ({ readonly event: string } & Readonly<Record<string, unknown>>)[] }
  >;
}

export type CallName = keyof ApiCalls;

interface CallRow {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /api/v1. A member of the input in braces; the other members are the query of a GET, or the body. */
  readonly path: string;
  readonly summary: string;
}

const IN = "/conversations/{conversation}";

export const CALLS: Readonly<Record<CallName, CallRow>> = {
  status: { method: "GET", path: "/status", summary: "The state of the program." },
  conversations: { method: "GET", path: "/conversations", summary: "People and rooms, the newest first." },
  conversationStatus: { method: "GET", path: `${IN}/status`, summary: "The status of a conversation." },
  messages: { method: "GET", path: `${IN}/messages`, summary: "A page of lines: the newest, or those elsewhere." },
  say: { method: "POST", path: `${IN}/messages`, summary: "Says something." },
  edit: {
    method: "PATCH",
    path: `${IN}/messages/{message}`,
    summary: "Changes one of the user's own lines in a room.",
  },
  delete: { method: "DELETE", path: `${IN}/messages/{message}`, summary: "Deletes a line in a room." },
  react: { method: "PUT", path: `${IN}/messages/{message}/reaction`, summary: "Reacts to a line in a room." },
  read: { method: "POST", path: `${IN}/read`, summary: "Marks everything as read." },
  typing: { method: "POST", path: `${IN}/typing`, summary: "Reports that the user is typing in a room." },
  setTimer: { method: "PUT", path: `${IN}/timer`, summary: "Makes lines disappear after a time." },
  forgetHistory: {
    method: "DELETE",
    path: `${IN}/history`,
    summary: "Deletes what is kept with a person, or of a room that was left.",
  },
  export: { method: "GET", path: `${IN}/export`, summary: "All lines that are kept." },
  send: { method: "POST", path: "/send", summary: "Says something to everybody, or to one." },
  search: { method: "GET", path: "/search", summary: "The newest lines with all these words." },
  peers: { method: "GET", path: "/peers", summary: "Everybody who is paired here." },
  changePeer: { method: "PATCH", path: "/peers/{peer}", summary: "Renames or mutes somebody." },
  forgetPeer: { method: "DELETE", path: "/peers/{peer}", summary: "Ends a pairing." },
  words: { method: "GET", path: "/peers/{peer}/words", summary: "The words to compare with somebody." },
  verified: { method: "POST", path: "/peers/{peer}/verified", summary: "Records that the words matched." },
  invites: { method: "GET", path: "/invites", summary: "Invites that nobody has used yet." },
  makeInvite: { method: "POST", path: "/invites", summary: "Makes an invite for one person." },
  revokeInvite: { method: "DELETE", path: "/invites/{invite}", summary: "Revokes an invite." },
  join: { method: "POST", path: "/join", summary: "Uses an invite, or a link to a room." },
  unknownKeys: { method: "GET", path: "/keys", summary: "Keys of those who know the psk and are not let in yet." },
  trustKey: { method: "POST", path: "/keys/{key}/trust", summary: "Accepts such a key." },
  introduce: { method: "POST", path: "/introductions", summary: "Introduces two people to each other." },
  introductions: { method: "GET", path: "/introductions", summary: "Introductions that are not answered yet." },
  answerIntroduction: {
    method: "POST",
    path: "/introductions/{introduction}/answer",
    summary: "Accepts or declines an introduction.",
  },
  createRoom: { method: "POST", path: "/rooms", summary: "Makes a room." },
  listedRooms: { method: "GET", path: "/rooms/listed", summary: "Rooms that the user may ask to join." },
  askToJoin: { method: "POST", path: "/rooms/listed/{name}", summary: "Asks to be let into a listed room." },
  direct: { method: "POST", path: "/rooms/direct", summary: "Opens a room of two, without a name." },
  feed: { method: "POST", path: "/rooms/feed", summary: "Opens the user's own room for announcements." },
  members: { method: "GET", path: `${IN}/members`, summary: "Who is in a room." },
  answerInvitation: { method: "POST", path: `${IN}/answer`, summary: "Accepts or declines an invitation to a room." },
  leave: { method: "POST", path: `${IN}/leave`, summary: "Leaves a room. Its lines are kept." },
  inviteMember: { method: "POST", path: `${IN}/members`, summary: "Invites somebody to a room." },
  setRole: { method: "PUT", path: `${IN}/members/{who}/role`, summary: "Gives somebody a role." },
  removeMember: { method: "DELETE", path: `${IN}/members/{who}`, summary: "Removes somebody from a room." },
  unban: { method: "DELETE", path: `${IN}/banned/{who}`, summary: "Lets somebody come back." },
  describeRoom: { method: "PATCH", path: IN, summary: "Changes a room's name or topic." },
  makeLink: { method: "POST", path: `${IN}/links`, summary: "Makes a link to a room." },
  revokeLinks: { method: "DELETE", path: `${IN}/links`, summary: "Revokes all links to a room." },
  follow: { method: "POST", path: "/follow", summary: "Follows somebody, or stops following." },
  setMarks: { method: "PATCH", path: "/marks", summary: "Sets what others in rooms see of the user." },
  command: { method: "POST", path: "/commands", summary: "Any command of docs/json.md." },
};
