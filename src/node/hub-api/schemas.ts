// What the operator's API takes and gives, as JSON Schema: one table that checks what comes in, types what goes out, and is
// printed in the description (OpenAPI 3.1, whose schemas are JSON Schema 2020-12).

import { type Static, type TSchema, Type } from "@sinclair/typebox";

/** Ours: a name in an address; a handle has at most 64 bytes. */
const NAME_LETTERS = 256;
const PAGE_LIMIT = 100;
const MOST_ON_A_PAGE = 500;
/** Ours, as for `lair-hub invite`. */
const MOST_USES = 100_000;
const DEFAULT_LIFETIME_S = 86_400;
const LONGEST_LIFETIME_S = 365 * 86_400;

const strict = { additionalProperties: false } as const;
const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const time = (description: string) => Type.String({ format: "date-time", description });
const counts = (description: string) => Type.Record(Type.String(), Type.Integer({ minimum: 0 }), { description });
const whole = (description: string) => Type.Integer({ minimum: 0, description });

const role = Type.Union([Type.Literal("operator"), Type.Literal("member")], {
  description: "Whether this member is an operator of the hub.",
});
const standing = Type.Union([Type.Literal("active"), Type.Literal("suspended")], {
  description: "A suspended member cannot connect.",
});

export const Member = Type.Object(
  {
    handle: Type.String({ description: "The unique name by which others find this member." }),
    fingerprint: Type.String({ description: "Of both keys, as this member's program shows it." }),
    role,
    standing,
    joined: time("When this member joined."),
    connected: Type.Boolean(),
    rooms: whole("In how many rooms this member is."),
  },
  { $id: "Member", ...strict },
);

export const Room = Type.Object(
  {
    room: Type.String({ description: "Its id: 32 random hex digits." }),
    listed_name: orNull(Type.String({ description: "By choice public." })),
    members: whole("How many members it has."),
    epoch: whole("How often its keys were renewed."),
    posted: whole("Entries since it was made."),
    kept: whole("Stored entries, at most."),
    bytes: whole("Bytes of these, encrypted."),
  },
  { $id: "Room", ...strict },
);

const inviteMembers = {
  id: Type.String({ description: "Not secret." }),
  uses: whole("How many more people may use it."),
  expires: time("When it stops working."),
};

export const Invite = Type.Object(inviteMembers, { $id: "Invite", ...strict });

export const NewInvite = Type.Object(
  { ...inviteMembers, invite: Type.String({ description: "The invite itself: a secret, shown only here." }) },
  { $id: "NewInvite", ...strict },
);

export const Numbers = Type.Object(
  {
    connected_clients: whole("Members who are connected now."),
    members: whole("All."),
    rooms: whole("All."),
    uptime_s: whole("Seconds since the start."),
    calls: counts("Calls of members since the start, by name."),
    refusals: counts("Calls that were refused, by reason."),
    turned_away: counts("People who authenticated and were not admitted, by reason."),
    entries_appended: whole("Entries of all rooms since the start."),
    bytes_appended: whole("Bytes of these."),
    entries_pruned: whole("Entries that were deleted because everybody had them, or by --keep."),
    news_sent: whole("News sent to members."),
    store_failures: whole("Failures of the store."),
  },
  { $id: "Numbers", ...strict },
);

/** Of /status, which people and scripts read. */
export const Status = Type.Object(
  {
    connected_clients: whole("Members who are connected now."),
    rooms: whole("All."),
    members: whole("All."),
    uptime_s: whole("Seconds since the start."),
    version: Type.String(),
  },
  { $id: "Status", ...strict },
);

export const State = Type.Object({ status: Type.String() }, { $id: "State", ...strict });

export const MemberChange = Type.Object(
  { standing: Type.Optional(standing), role: Type.Optional(role) },
  { $id: "MemberChange", minProperties: 1, ...strict },
);

export const InviteRequest = Type.Object(
  {
    uses: Type.Integer({ minimum: 1, maximum: MOST_USES, default: 1, description: "How many people may use it." }),
    expires_in_s: Type.Integer({
      minimum: 60,
      maximum: LONGEST_LIFETIME_S,
      default: DEFAULT_LIFETIME_S,
      description: "How long it is valid, in seconds.",
    }),
  },
  { $id: "InviteRequest", ...strict },
);

const limit = Type.Integer({
  minimum: 1,
  maximum: MOST_ON_A_PAGE,
  default: PAGE_LIMIT,
  description: "The largest number of results.",
});
const next = orNull(Type.String({ description: "Give it as `after` for the next page; null: there is none." }));

export const MembersQuery = Type.Object(
  {
    after: Type.Optional(
      Type.String({ maxLength: NAME_LETTERS, description: "Continues after this handle, in the order of handles." }),
    ),
    limit,
  },
  strict,
);
export const RoomsQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$", description: "Continues after this id." })),
    limit,
  },
  strict,
);
export const MemberPage = Type.Object({ members: Type.Array(Member), next }, { $id: "MemberPage", ...strict });
export const RoomPage = Type.Object({ rooms: Type.Array(Room), next }, { $id: "RoomPage", ...strict });
export const InviteList = Type.Object({ invites: Type.Array(Invite) }, { $id: "InviteList", ...strict });

export const HandleParameter = Type.Object({ handle: Type.String({ minLength: 1, maxLength: NAME_LETTERS }) });
export const RoomParameter = Type.Object({ room: Type.String({ minLength: 1, maxLength: NAME_LETTERS }) });
export const InviteParameter = Type.Object({ id: Type.String({ minLength: 1, maxLength: NAME_LETTERS }) });

/** Those that the description names; the others stand where they are used. */
export const COMPONENTS = [
  Member,
  MemberPage,
  MemberChange,
  Room,
  RoomPage,
  Invite,
  InviteList,
  InviteRequest,
  NewInvite,
  Numbers,
  Status,
  State,
] as const;

export type MemberJson = Static<typeof Member>;
export type RoomJson = Static<typeof Room>;
export type InviteJson = Static<typeof Invite>;
export type NumbersJson = Static<typeof Numbers>;
