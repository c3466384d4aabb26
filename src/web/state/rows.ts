// The rows that a conversation is shown in: days, the line above what is new, lines by one person together, notes. Pure.

import type { MessageJson } from "../../app/api/views.ts";
import { startOfDay } from "../../ui/phrases.ts";

/** Lines of one person within this time stand together. */
const TOGETHER_MS = 5 * 60_000;

/** Something that happened, such as that somebody has joined. It is not kept. */
export interface Note {
  readonly id: string;
  /** Behind which line it stands; absent: before all. */
  readonly after?: string | undefined;
  readonly atMs: number;
  readonly text: string;
}

type Row =
  | { readonly kind: "day"; readonly key: string; readonly atMs: number }
  | { readonly kind: "new"; readonly key: string }
  | { readonly kind: "note"; readonly key: string; readonly note: Note }
  | {
      readonly kind: "line";
      readonly key: string;
      readonly line: MessageJson;
      /** The first of several that stand together, and the last. */
      readonly isFirst: boolean;
      readonly isLast: boolean;
      /** The line that it answers, if that is known here. */
      readonly answered?: MessageJson | undefined;
    };

interface RowsOptions {
  readonly lines: readonly MessageJson[];
  /** What stands before the first of them. */
  readonly before: MessageJson | undefined;
  /** The first line that is new, if there is one. */
  readonly firstNew?: string | undefined;
  readonly notes: readonly Note[];
  readonly find: (id: string) => MessageJson | undefined;
}

export function rowsOf({ lines, before, firstNew, notes, find }: RowsOptions): readonly Row[] {
  const rows: Row[] = [];
  const byLine = new Map<string | undefined, Note[]>();
  for (const note of notes) byLine.set(note.after, [...(byLine.get(note.after) ?? []), note]);
  const addNotes = (after: string | undefined): void => {
    for (const note of byLine.get(after) ?? []) rows.push({ kind: "note", key: note.id, note });
  };
  if (before === undefined) addNotes(undefined);
  let last = before;
  lines.forEach((line, index) => {
    const next = lines[index + 1];
    const isNewDay = last === undefined || dayOf(last) !== dayOf(line);
    if (isNewDay) rows.push({ kind: "day", key: `day-${dayOf(line)}-${line.id}`, atMs: dayOf(line) });
    if (line.id === firstNew) rows.push({ kind: "new", key: "new" });
    const startsAnew = isNewDay || line.id === firstNew || !areTogether(last, line) || byLine.has(last?.id);
    const endsHere = next === undefined || !areTogether(line, next) || next.id === firstNew || byLine.has(line.id);
    const answered = line.replyTo === undefined ? undefined : find(line.replyTo);
    rows.push({ kind: "line", key: line.id, line, isFirst: startsAnew, isLast: endsHere, answered });
    addNotes(line.id);
    last = line;
  });
  return rows;
}

function areTogether(one: MessageJson | undefined, other: MessageJson): boolean {
  if (one === undefined || one.from.fingerprint !== other.from.fingerprint || one.from.self !== other.from.self)
    return false;
  const apartMs = Date.parse(other.at) - Date.parse(one.at);
  return Math.abs(apartMs) < TOGETHER_MS && dayOf(one) === dayOf(other);
}

function dayOf({ at }: MessageJson): number {
  return startOfDay(Date.parse(at));
}
