// How the contents of the rows are encoded. A member that is added to what is stored of a room is added here, as an optional
// one: the records that are there do not have it.

import type {
  LineExtras,
  Outgoing,
  Pin,
  RoomLine,
  RoomSettings,
  StoredCommit,
  StoredNotice,
  StoredPackage,
  StoredRoom,
} from "../../../app/rooms/room-store.ts";
import type { RoomReport } from "../../../app/rooms/room-reports.ts";
import type { PublicIdentity } from "../../../core/identity/identity.ts";
import { BYTES, type Codec, FLAG, listOf, oneOf, optional, record, TEXT, TIME, WHOLE } from "./record-codec.ts";

/** A part of its own each: they are large, and change less often than the rest. */
type LargeOfRoom = "log" | "state";
type LargeOfCommit = "pending" | "call" | "bytes";

/** The small things of a room, and which of its parts belong to them. */
export interface RoomRecord extends Omit<StoredRoom, "id" | "hub" | "pending" | LargeOfRoom> {
  readonly pending: Omit<StoredCommit, LargeOfCommit> | undefined;
  readonly parts: readonly PartMark[];
}

/** A part as it was when the record was written. */
export interface PartMark {
  readonly part: number;
  readonly generation: number;
  readonly nonce: number;
}

const IDENTITY: Codec<PublicIdentity> = record({ publicKey: BYTES, signatureKey: BYTES });

export const ROOM: Codec<RoomRecord> = record({
  standing: oneOf("creating", "joining", "invited", "joined", "leaving", "over"),
  name: TEXT,
  since: WHOLE,
  first: WHOLE,
  next: WHOLE,
  commits: WHOLE,
  pending: optional(
    record({ id: BYTES, epoch: WHOLE, isExternal: FLAG, renews: FLAG, seq: optional(WHOLE) } satisfies {
      readonly [Member in Exclude<keyof StoredCommit, LargeOfCommit>]: Codec<StoredCommit[Member]>;
    }),
  ),
  timerS: TIME,
  renewedAtMs: TIME,
  lost: optional(oneOf("gap", "epoch")),
  disagreeing: listOf(TEXT),
  listedName: optional(TEXT),
  link: optional(record({ id: BYTES, secret: BYTES })),
  madeFor: optional(IDENTITY),
  isUnwanted: optional(FLAG),
  by: optional(IDENTITY),
  parts: listOf(record<PartMark>({ part: WHOLE, generation: WHOLE, nonce: WHOLE })),
});

export const LINE: Codec<Pick<RoomLine, "from" | "content" | "words" | "extras">> = record<
  Pick<RoomLine, "from" | "content" | "words" | "extras">
>({
  from: IDENTITY,
  content: BYTES,
  words: TEXT,
  extras: optional(
    record<LineExtras>({
      reactions: listOf(record({ by: IDENTITY, emoji: TEXT })),
      replyTo: optional(TEXT),
      shared: optional(record({ by: IDENTITY, seq: WHOLE })),
    }),
  ),
});

export const OUTGOING: Codec<Pick<Outgoing, "content" | "sealed">> = record({
  content: BYTES,
  sealed: optional(record({ epoch: WHOLE, bytes: BYTES })),
});

/** As a text of its own: what was sealed here was such a report. */
const REPORT: Codec<RoomReport> = {
  encode: (report) => JSON.stringify(report),
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was encoded here
  decode: (json) => JSON.parse(TEXT.decode(json)) as RoomReport,
};

export const NOTICE: Codec<Pick<StoredNotice, "seq" | "report">> = record({ seq: WHOLE, report: REPORT });

export const PACKAGE: Codec<Omit<StoredPackage, "hub" | "ref">> = record({
  secret: BYTES,
  suite: oneOf("hybrid", "classic"),
  isLastResort: FLAG,
  expiresAtMs: TIME,
  toPublish: optional(BYTES),
});

const HOW: Codec<Pin["how"]> = {
  encode: (how) => ({ kind: how.kind, by: how.kind === "added" ? BYTES.encode(how.by) : null }),
  decode(json) {
    const { kind } = record<Pick<Pin["how"], "kind">>({
      kind: oneOf("directory", "present", "link", "added"),
    }).decode(json);
    return kind === "added" ? { kind, ...record({ by: BYTES }).decode(json) } : { kind };
  },
};

export const PIN: Codec<Omit<Pin, "publicKey">> = record({ signatureKey: BYTES, handle: optional(TEXT), how: HOW });

export const SETTINGS: Codec<RoomSettings> = record({
  tellsTyping: FLAG,
  tellsRead: FLAG,
  isInvisible: FLAG,
  follows: listOf(TEXT),
  handle: optional(TEXT),
  feeds: listOf(TEXT),
  welcomes: listOf(TEXT),
});
