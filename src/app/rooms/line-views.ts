// Kept lines as they are shown.

import { fromHex, toHex } from "../../core/bytes.ts";
import { decodeRoomMessage } from "../../core/room/room-message.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomLineView, RoomReport, RoomView } from "./room-reports.ts";
import type { RoomLine, RoomStore } from "./room-store.ts";

interface Viewing {
  readonly names: RoomNames;
  readonly store: Pick<RoomStore, "line">;
  /** Whether the user follows somebody, by the signature key in hex. */
  readonly follows: (signatureKey: string) => boolean;
}

/** A line as the history shows it. */
export async function lineView({ names }: Pick<Viewing, "names">, line: RoomLine): Promise<RoomLineView> {
  const { content } = decodeRoomMessage(line.content);
  return {
    id: toHex(line.id),
    seq: line.seq,
    from: await names.view(line.from),
    atMs: line.atMs,
    text: "text" in content ? content.text : "",
    ...(content.kind === "edit" ? { isEdited: true } : {}),
    ...(content.kind === "delete" ? { isDeleted: true } : {}),
    ...(content.kind === "reply" ? { replyTo: content.to } : {}),
  };
}

/**
 * What is told of something that is kept and was not shown; undefined: nothing is there that it is about. `again`: it may
 * have been shown before the program stopped.
 */
export async function reportOfLine(
  { names, store, follows }: Viewing,
  room: RoomView,
  line: RoomLine,
  again: boolean,
): Promise<RoomReport | undefined> {
  const { content } = decodeRoomMessage(line.content);
  const by = await names.view(line.from);
  const place = { room, id: toHex(line.id), seq: line.seq } as const;
  switch (content.kind) {
    case "text":
    case "reply":
    case "edit":
    case "delete": {
      // An edited line that was not shown before is shown as it is now.
      if (line.kind === "about") break;
      const text = "text" in content ? content.text : "";
      if (line.isOwn) return { type: "sent", ...place, atMs: line.atMs, text };
      return {
        type: "message",
        ...place,
        from: by,
        atMs: line.atMs,
        text,
        ...(content.kind === "reply" ? { replyTo: content.to } : {}),
        ...(follows(toHex(line.from.signatureKey)) ? { isFollowed: true } : {}),
        ...(again ? { again: true } : {}),
      };
    }
    case "timer":
      return { type: "room-timer", room, seconds: content.seconds, by };
    case "shared": {
      const lines = content.lines.map(async ({ id, seq, from, atMs, text }) => {
        const keys = fromHex(from)!;
        const writer = await names.view({ publicKey: keys.slice(0, 32), signatureKey: keys.slice(32) });
        return { id, seq, from: writer, atMs, text };
      });
      return { type: "shared-history", room, by, lines: await Promise.all(lines) };
    }
    default:
  }
  if (!("to" in content) || content.kind === "read") return undefined;
  const about = await store.line(line.room, fromHex(content.to)!);
  if (about === undefined) return undefined;
  const where = { room, id: content.to, seq: about.seq, by } as const;
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
