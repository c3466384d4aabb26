// Looking at what is kept of a room: the last lines, those with some words, or all of them into a file.

import type { ActionParts, CommandOf } from "./action-parts.ts";
import { lineView } from "./line-views.ts";
import type { RoomLineView, RoomReport, RoomView } from "./room-reports.ts";
import type { RoomLine } from "./room-store.ts";

const MOST_FOUND = 100;
const PAGE = 500;

export type LookCommand = CommandOf<"history" | "search" | "export">;

type LookParts = Pick<ActionParts, "store" | "exportLines"> & { readonly names: Pick<ActionParts["names"], "view"> };

/** The answer. Rejects with LairError store-*, file-*. */
export async function lookedAt(
  parts: LookParts,
  id: Uint8Array,
  room: RoomView,
  command: LookCommand,
): Promise<RoomReport> {
  const { store } = parts;
  const viewed = async (lines: readonly RoomLine[]): Promise<readonly RoomLineView[]> =>
    await Promise.all(lines.map((line) => lineView(parts, line)));
  switch (command.type) {
    case "history": {
      const lines = await viewed(await store.lines(id, Number.MAX_SAFE_INTEGER, command.count));
      return { type: "room-history", room, occasion: "asked", lines };
    }
    case "search": {
      const { lines, total } = await store.search(id, command.words, MOST_FOUND);
      return { type: "room-found", room, words: command.words, lines: await viewed(lines), total };
    }
    case "export": {
      const all: RoomLineView[] = [];
      for (let before = Number.MAX_SAFE_INTEGER; ;) {
        const page = await store.lines(id, before, PAGE);
        all.unshift(...(await viewed(page)));
        if (page.length < PAGE) break;
        before = page[0]!.seq;
      }
      return { type: "room-exported", room, file: command.file, count: parts.exportLines(command.file, room, all) };
    }
  }
}
