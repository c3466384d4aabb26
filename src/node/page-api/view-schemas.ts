// What the API answers, as JSON Schema: each has the type of the same name in `src/app/api/views.ts`, which
// `call-schemas.ts` proves.

import { type TProperties, type TSchema, Type } from "@sinclair/typebox";

const strict = { additionalProperties: false } as const;
const named = <Properties extends TProperties>($id: string, properties: Properties) =>
  Type.Object(properties, { $id, ...strict });
const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);
const text = (description: string) => Type.String({ description });
const time = (description: string) => Type.String({ format: "date-time", description });
const whole = (description: string) => Type.Integer({ minimum: 0, description });
const isTrue = (description: string) => Type.Literal(true, { description });

export const role = Type.Union([Type.Literal("admin"), Type.Literal("moderator"), Type.Literal("member")], {
  description: "What a member of a room may do.",
});
const connection = Type.Union([Type.Literal("connected"), Type.Literal("connecting"), Type.Literal("away")]);
const delivery = Type.Union(
  [Type.Literal("waiting"), Type.Literal("sent"), Type.Literal("delivered"), Type.Literal("refused")],
  {
    description: "The state of one's own message; sent, in a room: it is in the log. refused: it will not be sent.",
  },
);

const person = {
  name: text("The displayed name. Its owner has chosen it, unless it was changed here."),
  fingerprint: text("In groups of four."),
  self: optional(isTrue("It is the user of this program.")),
};
export const Person = named("Person", person);

const Reaction = named("Reaction", { emoji: Type.String(), by: Type.Array(Person) });

export const Message = named("Message", {
  id: text('In a room 32 digits of hex; with a person "in-" or "out-" and the number.'),
  from: Person,
  at: time("When it was said."),
  text: text("Empty if it was deleted. It is text: never take it for HTML."),
  state: optional(delivery),
  edited: optional(isTrue("It was changed.")),
  deleted: optional(isTrue("It was deleted.")),
  replyTo: optional(text("The id of the line that it answers.")),
  reactions: optional(Type.Array(Reaction)),
  sharedBy: optional(Person),
  expires: optional(time("When it disappears.")),
});

export const MessagePage = named("MessagePage", {
  messages: Type.Array(Message, { description: "The oldest first." }),
  before: optional(text("Pass this as before to get the previous page; absent if there is none.")),
  after: optional(text("What to ask with for the page behind it; without it, these are the newest lines.")),
});

export const Peer = named("Peer", {
  ...person,
  id: text("The fingerprint without blanks: also the id of the conversation."),
  paired: time("When the two paired."),
  verified: optional(time("When the safety words were compared.")),
  introducedBy: optional(text("The name of the person who vouches for the keys.")),
  awaited: optional(isTrue("It was introduced, and the two have not connected yet.")),
  hub: optional(isTrue("It is a hub, not a person: it has no conversation.")),
  muted: optional(isTrue("This program does not connect to it.")),
  state: connection,
});

export const Room = named("Room", {
  standing: Type.Union(
    [Type.Literal("joined"), Type.Literal("invited"), Type.Literal("waiting"), Type.Literal("over")],
    { description: "waiting: it is being made or joined. over: the user is no longer a member; the history is kept." },
  ),
  role: optional(role),
  topic: Type.String(),
  isAnnouncement: Type.Boolean(),
  members: whole("How many people are in it."),
  hub: text("The name of its hub."),
  by: optional(Person),
});

export const Conversation = named("Conversation", {
  id: text("A person's fingerprint without blanks, or a room's id."),
  kind: Type.Union([Type.Literal("person"), Type.Literal("room"), Type.Literal("direct")]),
  name: Type.String(),
  state: connection,
  unread: whole("Lines that the user has not seen."),
  waiting: whole("Messages of one's own that are not delivered; in a room, not in its log."),
  timerSeconds: whole("After how many seconds messages disappear; 0: never."),
  last: optional(Message),
  peer: optional(Peer),
  room: optional(Room),
});

export const Member = named("Member", {
  ...person,
  role,
  online: Type.Boolean(),
  followed: optional(isTrue("What they say is marked.")),
});

export const Status = named("Status", {
  program: Type.Union([Type.Literal("lair-server"), Type.Literal("lair-client")]),
  version: Type.String(),
  fingerprint: text("One's own."),
  name: text("One's own."),
  listening: optional(text("For a server: where clients find it.")),
  store: Type.Union([Type.Literal("file"), Type.Literal("memory")], {
    description: "Whether messages survive the program.",
  }),
  cryptography: Type.String(),
  conversations: whole("All."),
  connected: whole("Conversations that are connected."),
  unread: whole("In all conversations."),
  waiting: whole("In all conversations."),
  hubs: Type.Array(Type.Object({ name: Type.String(), state: connection }, strict)),
  makesInvites: Type.Boolean({ description: "Whether it can make invites: a server can." }),
  marks: optional(Type.Object({ typing: Type.Boolean(), read: Type.Boolean(), invisible: Type.Boolean() }, strict)),
});

export const Invite = named("Invite", {
  id: text("Not secret."),
  expires: time("When it stops working."),
  invite: optional(text("The text to hand over: only in the answer that made it.")),
});

export const Sent = named("Sent", {
  id: text("The id of the line."),
  state: Type.Union([Type.Literal("queued"), Type.Literal("sent")], {
    description: "In a room queued: the event sent says that it is in the log.",
  }),
  seq: optional(whole("Its number, with a person.")),
});

export const Words = named("Words", {
  who: Person,
  own: text("One's own fingerprint."),
  words: Type.Array(Type.String(), { description: "The other side must see the same." }),
  verified: optional(time("When they were compared.")),
});

export const UnknownKey = named("UnknownKey", {
  id: text("The fingerprint without blanks."),
  name: text("As they put it; nobody has checked it."),
  fingerprint: text("In groups of four."),
  words: Type.Array(Type.String(), { description: "The other side must see the same." }),
});

export const Found = named("Found", {
  total: whole("How many there are."),
  found: Type.Array(
    Type.Object(
      { conversation: Type.String(), message: Message, around: text("What to ask with for the lines around it.") },
      strict,
    ),
    { description: "The newest first." },
  ),
});

export const Introduction = named("Introduction", { id: Type.String(), who: Person, by: Person });

export const RoomLink = named("RoomLink", {
  link: text("The link: a secret, shown only here."),
  uses: whole("How many people may use it."),
  expires: time("When it stops working."),
});

/** An event of docs/json.md or docs/api.md, whatever it is. */
export const ProgramEvent = Type.Object(
  { event: text("What has happened.") },
  { $id: "Event", additionalProperties: true, description: "The events of docs/json.md, and those of docs/api.md." },
);

export const NumberedEvent = named("NumberedEvent", {
  id: text("Opaque: pass it as `since`, or as Last-Event-ID, to continue after it."),
  event: ProgramEvent,
});

/** Those that the description names. */
export const COMPONENTS = [
  Person,
  Reaction,
  Message,
  MessagePage,
  Peer,
  Room,
  Conversation,
  Member,
  Status,
  Invite,
  Sent,
  Words,
  UnknownKey,
  Found,
  Introduction,
  RoomLink,
  ProgramEvent,
  NumberedEvent,
] as const;
