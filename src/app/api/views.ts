// What the API answers: plain JSON, the same for a page and for a program (docs/api.md). Names and texts are raw: a frontend
// shows them as text. Times are ISO 8601 in UTC.

/** Somebody, paired here or met in a room. */
export interface PersonJson {
  readonly name: string;
  /** In groups of four. */
  readonly fingerprint: string;
  /** It is the user of this program. */
  readonly self?: true;
}

export type RoleJson = "admin" | "moderator" | "member";

/**
 * What a message of one's own has come to. `sent`: it is on its way to a person; or it is in the log of a room, and no more
 * comes of it. `refused`: it will not be sent.
 */
export type DeliveryJson = "waiting" | "sent" | "delivered" | "refused";

export interface ReactionJson {
  readonly emoji: string;
  readonly by: readonly PersonJson[];
}

/** A line of a conversation. */
export interface MessageJson {
  /**
   * In a room its entry's id, 32 letters of hex; with a person "in-" or "out-" and its number. Unique in its conversation,
   * until the numbers with a person are restarted.
   */
  readonly id: string;
  readonly from: PersonJson;
  readonly at: string;
  /** Empty if it was deleted. */
  readonly text: string;
  /** Of one's own. */
  readonly state?: DeliveryJson;
  readonly edited?: true;
  readonly deleted?: true;
  /** The id of the line that it answers. */
  readonly replyTo?: string;
  readonly reactions?: readonly ReactionJson[];
  /** It was said before the user was in the room: this person has handed it over, and vouches for it. */
  readonly sharedBy?: PersonJson;
  /** When it disappears. */
  readonly expires?: string;
}

/** A page of lines, oldest first. `before`: what to ask with for the page before it; absent: there is none. */
export interface MessagePageJson {
  readonly messages: readonly MessageJson[];
  /** What the page before it is asked for with. */
  readonly before?: string;
  /** What the page behind it is asked for with. */
  readonly after?: string;
}

/** Which lines are asked for: one of these, or the newest. */
export interface Where {
  readonly before?: string;
  readonly after?: string;
  /** Of a line that was found; in a room also its id. */
  readonly around?: string;
}

/** Somebody who is paired here. */
export interface PeerJson extends PersonJson {
  /** The fingerprint without blanks: also the id of the conversation. */
  readonly id: string;
  readonly paired: string;
  /** When the safety words were compared. */
  readonly verified?: string;
  readonly introducedBy?: string;
  /** It was introduced, and the two have not connected yet. */
  readonly awaited?: true;
  /** It is a hub, not a person: it has no conversation. */
  readonly hub?: true;
  readonly muted?: true;
  readonly state: ConnectionJson;
}

export type ConnectionJson = "connected" | "connecting" | "away";

/** A person, a room, or a room of two without a name, with what a list of conversations shows. */
export interface ConversationJson {
  /** A person's fingerprint without blanks, or a room's id. */
  readonly id: string;
  readonly kind: "person" | "room" | "direct";
  readonly name: string;
  /** With this person, or with the hub of the room. */
  readonly state: ConnectionJson;
  readonly unread: number;
  /** How many messages of one's own are not delivered; in a room, not in its log. */
  readonly waiting: number;
  /** After how many seconds messages disappear; 0: never. */
  readonly timerSeconds: number;
  readonly last?: MessageJson;
  /** With a person. */
  readonly peer?: PeerJson;
  /** With a room. */
  readonly room?: RoomJson;
}

export interface RoomJson {
  /** `waiting`: it is being made or joined. `over`: the user is out of it; what was said is kept. */
  readonly standing: "joined" | "invited" | "waiting" | "over";
  /** One's own; absent while the user is not in it. */
  readonly role?: RoleJson;
  readonly topic: string;
  readonly isAnnouncement: boolean;
  /** How many people are in it. */
  readonly members: number;
  /** The name of its hub. */
  readonly hub: string;
  /** Who invited, while `invited`. */
  readonly by?: PersonJson;
}

export interface MemberJson extends PersonJson {
  readonly role: RoleJson;
  readonly online: boolean;
  readonly followed?: true;
}

/** How things are with this program. */
export interface StatusJson {
  readonly program: "lair-server" | "lair-client";
  readonly version: string;
  /** One's own. */
  readonly fingerprint: string;
  readonly name: string;
  /** For a server: where clients find it. */
  readonly listening?: string;
  /** Whether messages survive the program. */
  readonly store: "file" | "memory";
  readonly cryptography: string;
  readonly conversations: number;
  readonly connected: number;
  readonly unread: number;
  readonly waiting: number;
  /** The names of the hubs that it is a member of, by their connection. */
  readonly hubs: readonly { readonly name: string; readonly state: ConnectionJson }[];
  /** Whether it can make invites: a server can. */
  readonly makesInvites: boolean;
  /** What others are told of this user, in rooms. */
  readonly marks?: { readonly typing: boolean; readonly read: boolean; readonly invisible: boolean };
}

/** What `status` says of one conversation: the members of the event `status` of docs/json.md. */
export type ConversationStatusJson = Readonly<Record<string, unknown>>;

export interface InviteJson {
  readonly id: string;
  readonly expires: string;
  /** The text to hand over: only in the answer that made it. */
  readonly invite?: string;
}

/** What came of a message. In a room it is `queued`; the event `sent` says that it is in the log. */
export interface SentJson {
  readonly id: string;
  readonly state: "queued" | "sent";
  /** Its number, with a person. */
  readonly seq?: number;
}

export interface WordsJson {
  readonly who: PersonJson;
  readonly own: string;
  readonly words: readonly string[];
  readonly verified?: string;
}

export interface FoundLineJson {
  readonly message: MessageJson;
  /** What the lines around it are asked for with. */
  readonly around: string;
}

/** Of somebody who knows the psk of a file, and is not let in yet. */
export interface UnknownKeyJson {
  readonly id: string;
  /** As they put it; it may be empty. */
  readonly name: string;
  readonly fingerprint: string;
  readonly words: readonly string[];
}

export interface FoundJson {
  readonly total: number;
  readonly found: readonly (FoundLineJson & { readonly conversation: string })[];
}

/** An introduction that is not answered yet. */
export interface IntroductionJson {
  readonly id: string;
  readonly who: PersonJson;
  readonly by: PersonJson;
}

export interface RoomLinkJson {
  readonly link: string;
  readonly uses: number;
  readonly expires: string;
}
