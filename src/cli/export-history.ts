// The output of `export`: one JSON object per line, as --json shows it.

import type { ExportHistory } from "../app/ports.ts";
import type { RoomLineView, RoomView } from "../app/rooms/room-reports.ts";
import { exportLines } from "../node/export-file.ts";
import { jsonLine, toEntry } from "../ui/json-lines.ts";
import { toRoomEntry } from "../ui/room-json.ts";

export const exportHistory: ExportHistory = (file, entries) =>
  exportLines(file, entries, (entry) => jsonLine(toEntry(entry)));

/** The same of a room. Throws LairError file-*. */
export function exportRoom(file: string, _room: RoomView, lines: readonly RoomLineView[]): number {
  return exportLines(file, lines, (line) => jsonLine(toRoomEntry(line)));
}
