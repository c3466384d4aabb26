// What a message in the log does in a room: it adds a line, or says something about an earlier one. Pure, except that
// it asks the store for earlier lines.

import { concat, fromHex, toHex } from "../../core/bytes.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { mayDelete, maySetTimer, maySpeak } from "../../core/room/policy.ts";
import { isSameIdentity } from "../../core/room/roster.ts";
import {
  decodeRoomMessage,
  encodeRoomMessage,
  type RoomContent,
  type SharedLine,
} from "../../core/room/room-message.ts";
import type { OpenGroup } from "./room-ground.ts";
import type { LineExtras, RoomLine, RoomStep } from "./room-store.ts";

/** Ours: reactions that are kept of a line; what comes then is told, and not kept. */
const MOST_REACTIONS = 200;
const NO_EXTRAS: LineExtras = { reactions: [], replyTo: undefined, shared: undefined };

/** A message, opened, with its place in the log. */
export interface Said {
  readonly room: Uint8Array;
  readonly seq: number;
  readonly id: Uint8Array;
  readonly from: PublicIdentity;
  readonly isOwn: boolean;
  /** When the hub took it, and when this member has read it. */
  readonly atMs: number;
  readonly nowMs: number;
  readonly content: RoomContent;
}

/** What it changes. */
export type Effect =
  | {
      readonly type: "kept";
      readonly line: RoomLine;
      readonly changed?: NonNullable<RoomStep["changed"]>[number];
      /** Lines last so long from now on. */
      readonly timerS?: number;
      /** Earlier lines that this member has not had. */
      readonly shared?: readonly RoomLine[];
    }
  /** It is about nothing that is here. */
  | { readonly type: "nothing" }
  /** The rules of the room do not allow it: `why` is a clause. */
  | { readonly type: "refused"; readonly why: string };

interface Place {
  readonly group: OpenGroup;
  /** Earlier lines, also those of the same step. */
  readonly lineOf: (id: Uint8Array) => Promise<RoomLine | undefined>;
  /** The first entry that was meant for this member. */
  readonly first: number;
}

/** Judges a message by the room's data as they are at its place in the log; every member comes to the same result. */
export async function effectOf(said: Said, { group: { context }, lineOf, first }: Place): Promise<Effect> {
  const { content, from } = said;
  if (!maySpeak(context, from)) return { type: "refused", why: "only admins and moderators speak here" };
  switch (content.kind) {
    case "text":
    case "reply":
      return { type: "kept", line: keptLine(said, "line", content.text, content.ttlS) };
    case "timer":
      if (!maySetTimer(context, from)) return { type: "refused", why: "only admins and moderators set the timer" };
      return { type: "kept", line: keptLine(said, "about"), timerS: content.seconds };
    case "shared": {
      if (context.sharedLines === 0) return { type: "refused", why: "this room does not share earlier lines" };
      const shared = content.lines.filter(({ seq }) => seq < first).map((one) => lineOfShared(said, one));
      return { type: "kept", line: keptLine(said, "about"), shared };
    }
    case "reaction":
    case "edit":
    case "delete": {
      const about = await lineOf(fromHex(content.to)!);
      if (about?.kind !== "line" || isDeleted(about)) return { type: "nothing" };
      if (content.kind === "reaction") return reactionTo(said, about, content.reaction);
      if (content.kind === "edit" && !isSameIdentity(from, about.from)) {
        return { type: "refused", why: "nobody may change what others have said" };
      }
      if (content.kind === "delete" && !mayDelete(context, from, about.from)) {
        return { type: "refused", why: "only its writer, an admin or a moderator may delete a line" };
      }
      const isEdit = content.kind === "edit";
      const { extras = NO_EXTRAS } = about;
      const changed = {
        room: said.room,
        id: about.id,
        content: encodeRoomMessage(content),
        words: isEdit ? content.text : "",
        extras: { ...extras, replyTo: isEdit ? answeredBy(about) : undefined, ...(isEdit ? {} : { reactions: [] }) },
      };
      return { type: "kept", line: keptLine(said, "about"), changed };
    }
  }
}

/** Of each person the last one stays; an empty one takes it back. */
function reactionTo(said: Said, about: RoomLine, emoji: string): Effect {
  const { room, from } = said;
  const { extras = NO_EXTRAS, id, content, words } = about;
  const others = extras.reactions.filter(({ by }) => !isSameIdentity(by, from));
  const line = keptLine(said, "about");
  if (emoji === "" && others.length === extras.reactions.length) return { type: "nothing" };
  if (others.length >= MOST_REACTIONS) return { type: "kept", line };
  const reactions = emoji === "" ? others : [...others, { by: from, emoji }];
  return { type: "kept", line, changed: { room, id, content, words, extras: { ...extras, reactions } } };
}

/** The id of the line that a line answers, in hex; undefined: none. */
export function answeredBy({ content, extras }: Pick<RoomLine, "content" | "extras">): string | undefined {
  const said = decodeRoomMessage(content).content;
  return said.kind === "reply" ? said.to : extras?.replyTo;
}

function keptLine(
  { room, seq, id, from, atMs, nowMs, content, isOwn }: Said,
  kind: RoomLine["kind"],
  words = "",
  ttlS?: number,
): RoomLine {
  const expiresAtMs = ttlS === undefined ? undefined : nowMs + 1_000 * ttlS;
  return { room, seq, id, from, atMs, content: encodeRoomMessage(content), isOwn, kind, words, expiresAtMs };
}

function lineOfShared({ room, from: by, seq: at }: Said, { seq, id, from, atMs, text }: SharedLine): RoomLine {
  const keys = fromHex(from)!;
  return {
    room,
    seq,
    id: fromHex(id)!,
    from: { publicKey: keys.slice(0, 32), signatureKey: keys.slice(32) },
    atMs,
    content: encodeRoomMessage({ kind: "text", atMs, text }),
    isOwn: false,
    kind: "line",
    words: text,
    expiresAtMs: undefined,
    extras: { ...NO_EXTRAS, shared: { by, seq: at } },
  };
}

/** Whether nothing about a line changes it any more: nobody brings it back. */
export function isDeleted({ content }: Pick<RoomLine, "content">): boolean {
  return decodeRoomMessage(content).content.kind === "delete";
}

/** A kept line for those who have come; undefined: it was deleted, disappears, or is none. */
export function sharedOf({ seq, id, from, atMs, content, kind, expiresAtMs }: RoomLine): SharedLine | undefined {
  if (kind !== "line" || expiresAtMs !== undefined) return undefined;
  const { content: said } = decodeRoomMessage(content);
  if (!("text" in said)) return undefined;
  const keys = toHex(concat(from.publicKey, from.signatureKey));
  return { seq, id: toHex(id), from: keys, atMs, text: said.text };
}
