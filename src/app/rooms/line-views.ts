// Kept lines as they are shown.

import { fromHex, toHex } from "../../core/bytes.ts";
import { decodeRoomMessage, type SharedLine } from "../../core/room/room-message.ts";
import type { RoomNames } from "./room-names.ts";
import type { AnsweredLine, PersonView, RoomLineView, RoomReport, RoomView } from "./room-reports.ts";
import type { RoomLine, RoomStore } from "./room-store.ts";
import { answeredBy } from "./taken-message.ts";

/** What views of lines are made with. */
interface LineViewing {
  readonly names: Pick<RoomNames, "view">;
  readonly store: Pick<RoomStore, "line">;
}

interface Viewing extends LineViewing {
  /** Whether the user follows somebody, by the signature key in hex. */
  readonly follows: (signatureKey: string) => boolean;
}

/** The number of a line as people count, from 1: the log counts from 0. */
export function lineNumber(seq: number): number {
  return seq + 1;
}

/** The number in the log of the line that people call so; -1 for 0. */
export function seqOfLine(number: number): number {
  return number - 1;
}

/** A line as the history shows it. */
export async function lineView(viewing: LineViewing, line: RoomLine): Promise<RoomLineView> {
  const { names } = viewing;
  const { content } = decodeRoomMessage(line.content);
  const { reactions = [], shared } = line.extras ?? {};
  const reacted = reactions.map(async ({ by, emoji }) => ({ by: await names.view(by), emoji }));
  return {
    id: toHex(line.id),
    seq: lineNumber(line.seq),
    from: await names.view(line.from),
    atMs: line.atMs,
    text: "text" in content ? content.text : "",
    ...(content.kind === "edit" ? { isEdited: true } : {}),
    ...(content.kind === "delete" ? { isDeleted: true } : {}),
    ...(await answerOf(viewing, line)),
    ...(reacted.length === 0 ? {} : { reactions: await Promise.all(reacted) }),
    ...(shared === undefined ? {} : { sharedBy: await names.view(shared.by) }),
  };
}

/** What a line answers. */
async function answerOf(
  { names, store }: LineViewing,
  line: RoomLine,
): Promise<{ readonly replyTo?: string; readonly answered?: AnsweredLine }> {
  const replyTo = answeredBy(line);
  if (replyTo === undefined) return {};
  const about = await store.line(line.room, fromHex(replyTo)!);
  if (about?.kind !== "line") return { replyTo };
  const { content } = decodeRoomMessage(about.content);
  const text = "text" in content ? content.text : undefined;
  return { replyTo, answered: { seq: lineNumber(about.seq), from: await names.view(about.from), text } };
}

/**
 * What is told of something that is kept and was not shown; undefined: nothing is there that it is about.
 */
export async function reportOfLine(viewing: Viewing, room: RoomView, line: RoomLine): Promise<RoomReport | undefined> {
  const { names, store, follows } = viewing;
  const { content } = decodeRoomMessage(line.content);
  const by = await names.view(line.from);
  const place = { room, id: toHex(line.id), seq: lineNumber(line.seq) } as const;
  switch (content.kind) {
    case "text":
    case "reply":
    case "edit":
    case "delete": {
      // An edited line that was not shown before is shown as it is now.
      if (line.kind === "about") break;
      const { expiresAtMs } = line;
      const expiry = expiresAtMs === undefined ? {} : { expiresAtMs };
      const said = {
        ...expiry,
        atMs: line.atMs,
        text: "text" in content ? content.text : "",
        ...(await answerOf(viewing, line)),
      };
      if (line.isOwn) return { type: "sent", ...place, ...said };
      return {
        type: "message",
        ...place,
        from: by,
        ...said,
        ...(follows(toHex(line.from.signatureKey)) ? { isFollowed: true } : {}),
      };
    }
    case "timer":
      return { type: "room-timer", room, seconds: content.seconds, by };
    case "shared":
      return await sharedReport(viewing, { room, line, by, lines: content.lines });
    default:
  }
  if (!("to" in content) || content.kind === "read") return undefined;
  const about = await store.line(line.room, fromHex(content.to)!);
  if (about === undefined) return undefined;
  const where = { room, id: content.to, seq: lineNumber(about.seq), by } as const;
  switch (content.kind) {
    case "edit":
      return { type: "edited", ...where, text: content.text };
    case "delete":
      return { type: "deleted", ...where };
    case "reaction":
      return { type: "reacted", ...where, emoji: content.reaction };
    default:
      return undefined;
  }
}

/** Earlier lines that somebody has handed over. Those who were there have them already. */
async function sharedReport(
  { names, store }: LineViewing,
  {
    room,
    line,
    by,
    lines,
  }: {
    readonly room: RoomView;
    readonly line: RoomLine;
    readonly by: PersonView;
    readonly lines: readonly SharedLine[];
  },
): Promise<RoomReport> {
  const views = lines.map(async ({ id, seq, from, atMs, text }) => {
    const keys = fromHex(from)!;
    const writer = await names.view({ publicKey: keys.slice(0, 32), signatureKey: keys.slice(32) });
    const kept = await store.line(line.room, fromHex(id)!);
    const isNew = kept?.extras?.shared?.seq === line.seq;
    return { isNew, view: { id, seq: lineNumber(seq), from: writer, atMs, text } };
  });
  const shown = await Promise.all(views);
  const isKnown = !shown.some(({ isNew }) => isNew);
  return {
    type: "shared-history",
    room,
    by,
    lines: shown.map(({ view }) => view),
    ...(isKnown ? { isKnown } : {}),
  };
}
