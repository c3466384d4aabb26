// The lines of the conversation that is open: pages that adjoin, of which a part is shown. However long the conversation
// is, only so many pages are held and only so many lines are shown; the others are asked for again. Pure.
//
//   older  [page][page][page]  newer: cursors of pages that were dropped at this end
//               [-shown-]

import type { MessageJson, MessagePageJson } from "../../app/api/views.ts";

/** How many lines are asked for at once. */
export const PAGE_LINES = 200;
const MOST_PAGES = 5;
/** How many lines are shown at most. */
export const MOST_SHOWN = 120;
/** By how many lines what is shown moves. */
const STEP = 40;
/** The last page grows by what is said; with so many lines it is asked for anew. */
const MOST_IN_LAST = 3 * PAGE_LINES;

interface HeldPage {
  readonly messages: readonly MessageJson[];
  /** What it was asked for with; absent: the newest. */
  readonly cursor?: string | undefined;
  /** What the page before it is asked for with; absent: there is none. */
  readonly before?: string | undefined;
}

/** A page that is not held any more. */
interface DroppedPage {
  readonly cursor?: string | undefined;
  /** Its first line, and how many it had. */
  readonly first: string | undefined;
  readonly count: number;
}

export interface Timeline {
  readonly pages: readonly HeldPage[];
  /** The nearest last. */
  readonly newer: readonly DroppedPage[];
  /** All lines that are held. */
  readonly lines: readonly MessageJson[];
  /** The place of the first of them; places never change while a line is held. */
  readonly start: number;
  /** Which places are shown: from `from`, and before `to`. */
  readonly from: number;
  readonly to: number;
}

export function newestTimeline(page: MessagePageJson): Timeline {
  const pages = [{ messages: page.messages, before: page.before }];
  return whole({ pages, newer: [], start: 0, from: page.messages.length - MOST_SHOWN, to: page.messages.length });
}

/** Whether the newest line is held. */
export function isAtEnd({ newer }: Timeline): boolean {
  return newer.length === 0;
}

/** Whether the newest line is shown. */
export function showsEnd(timeline: Timeline): boolean {
  return isAtEnd(timeline) && timeline.to === end(timeline);
}

/** Whether the oldest line of all is shown. */
export function showsStart(timeline: Timeline): boolean {
  return timeline.pages[0]?.before === undefined && timeline.from === timeline.start;
}

/** What is shown. */
export function shownLines({ lines, start, from, to }: Timeline): readonly MessageJson[] {
  return lines.slice(from - start, to - start);
}

/** What is held just before it: it says whether a day begins. */
export function lineBefore({ lines, start, from }: Timeline): MessageJson | undefined {
  return lines[from - start - 1];
}

export function lineWithId({ lines }: Timeline, id: string): MessageJson | undefined {
  return lines.find((line) => line.id === id);
}

/** What to ask for the page before the first with, when what is shown comes near it. */
export function wantedOlder({ pages, from, start }: Timeline): string | undefined {
  return from - start < STEP ? pages[0]?.before : undefined;
}

/** The page behind the last, when what is shown comes near it. */
export function wantedNewer(timeline: Timeline): DroppedPage | undefined {
  return end(timeline) - timeline.to < STEP ? timeline.newer.at(-1) : undefined;
}

/** Shows older lines, as far as they are held. */
export function movedOlder(timeline: Timeline): Timeline {
  const from = Math.max(timeline.start, timeline.from - STEP);
  return from === timeline.from ? timeline : { ...timeline, from, to: Math.min(timeline.to, from + MOST_SHOWN) };
}

/** Shows newer lines, as far as they are held. */
export function movedNewer(timeline: Timeline): Timeline {
  const to = Math.min(end(timeline), timeline.to + STEP);
  return to === timeline.to ? timeline : { ...timeline, to, from: Math.max(timeline.from, to - MOST_SHOWN) };
}

/** Shows the newest that are held. */
export function movedToEnd(timeline: Timeline): Timeline {
  const to = end(timeline);
  return { ...timeline, to, from: Math.max(timeline.start, to - MOST_SHOWN) };
}

/** Shows a line in the middle, if it is held. */
export function movedTo(timeline: Timeline, id: string): Timeline | undefined {
  const index = timeline.lines.findIndex((line) => line.id === id);
  if (index === -1) return undefined;
  const to = Math.min(end(timeline), timeline.start + index + MOST_SHOWN / 2);
  return { ...timeline, to, from: Math.max(timeline.start, to - MOST_SHOWN) };
}

/** With the page before the first; `cursor` is what it was asked for with. */
export function withOlder(timeline: Timeline, cursor: string, page: MessagePageJson): Timeline {
  if (timeline.pages[0]?.before !== cursor) return timeline;
  const pages = [{ messages: page.messages, cursor, before: page.before }, ...timeline.pages];
  const newer = [...timeline.newer];
  const start = timeline.start - page.messages.length;
  let to = timeline.to;
  while (pages.length > MOST_PAGES) {
    const last = pages.pop()!;
    newer.push({ cursor: last.cursor, first: last.messages[0]?.id, count: last.messages.length });
    to = Math.min(to, start + pages.reduce((sum, { messages }) => sum + messages.length, 0));
  }
  return whole({ ...timeline, pages, newer, start, to });
}

/** With a page that was dropped; undefined if it does not adjoin any more. */
export function withNewer(timeline: Timeline, dropped: DroppedPage, page: MessagePageJson): Timeline | undefined {
  if (timeline.newer.at(-1) !== dropped) return timeline;
  const index = dropped.first === undefined ? 0 : page.messages.findIndex(({ id }) => id === dropped.first);
  if (index === -1) return undefined;
  const pages = [...timeline.pages];
  const before = index === 0 ? page.before : undefined;
  pages.push({ messages: page.messages.slice(index), cursor: dropped.cursor, before });
  let { start, from } = timeline;
  while (pages.length > MOST_PAGES) {
    start += pages.shift()!.messages.length;
    from = Math.max(from, start);
  }
  return whole({ ...timeline, pages, newer: timeline.newer.slice(0, -1), start, from });
}

/** Whether the newest page is so long that it should be asked for anew. */
export function isOverlong({ pages }: Timeline): boolean {
  return (pages.at(-1)?.messages.length ?? 0) > MOST_IN_LAST;
}

/** With a line that was just said, behind the others, or in place of the one with its id. */
export function withLine(timeline: Timeline, line: MessageJson): Timeline {
  if (lineWithId(timeline, line.id) !== undefined) return withChanged(timeline, line.id, () => line);
  return isAtEnd(timeline) ? withLast(timeline, [...lastOf(timeline), line]) : timeline;
}

/** With one line changed; with `undefined`, taken out. */
export function withChanged(
  timeline: Timeline,
  id: string,
  change: (line: MessageJson) => MessageJson | undefined,
): Timeline {
  if (lineWithId(timeline, id) === undefined) return timeline;
  return withEach(timeline, (line) => (line.id === id ? change(line) : line));
}

/** With every line changed, or taken out; the same if nothing is. */
export function withEach(timeline: Timeline, change: (line: MessageJson) => MessageJson | undefined): Timeline {
  let isChanged = false;
  let { to, start, from } = timeline;
  let place = start;
  const pages = timeline.pages.map((page) => {
    let isPageChanged = false;
    const messages = page.messages.flatMap((line) => {
      const next = change(line);
      if (next !== line) isPageChanged = true;
      if (next === undefined) {
        if (place < timeline.to) to -= 1;
        if (place < timeline.from) from -= 1;
      }
      place += 1;
      return next ?? [];
    });
    isChanged ||= isPageChanged;
    return isPageChanged ? { ...page, messages } : page;
  });
  return isChanged ? whole({ ...timeline, pages, from, to }) : timeline;
}

/**
 * With the newest lines as they are now. Undefined if they do not adjoin those that are held: then show only them. Lines
 * that are being said (see `isSaying`) stay at the end.
 */
export function withNewest(timeline: Timeline, fresh: readonly MessageJson[]): Timeline | undefined {
  if (!isAtEnd(timeline)) return timeline;
  const known = lastOf(timeline);
  const ids = new Set(fresh.map(({ id }) => id));
  const first = known.findIndex(({ id }) => ids.has(id));
  if (first === -1 && known.some((line) => !isSaying(line)) && fresh.length > 0) return undefined;
  const kept = first === -1 ? [] : known.slice(0, first);
  // Of those that are held as well, only the part from the first of them on is fresh.
  const begin = first === -1 ? 0 : fresh.findIndex(({ id }) => id === known[first]!.id);
  return withLast(timeline, [...kept, ...fresh.slice(begin), ...known.filter((line) => isSaying(line))]);
}

/** A line that the program has not taken yet. */
export function sayingLine(key: string, line: Omit<MessageJson, "id">): MessageJson {
  return { ...line, id: `saying-${key}` };
}

export function isSaying({ id }: MessageJson): boolean {
  return id.startsWith("saying-");
}

function lastOf({ pages }: Timeline): readonly MessageJson[] {
  return pages.at(-1)?.messages ?? [];
}

function withLast(timeline: Timeline, messages: readonly MessageJson[]): Timeline {
  const wasAtEnd = timeline.to === end(timeline);
  const page = timeline.pages.at(-1);
  const next = whole({ ...timeline, pages: [...timeline.pages.slice(0, -1), { ...page, messages }] });
  return wasAtEnd ? { ...next, to: end(next) } : next;
}

/** What is shown grows at the end while the person reads further up; this shortens it once the end is looked at. */
export function trimmed(timeline: Timeline): Timeline {
  return timeline.to - timeline.from > MOST_SHOWN + STEP ? { ...timeline, from: timeline.to - MOST_SHOWN } : timeline;
}

function end({ start, lines }: Timeline): number {
  return start + lines.length;
}

function whole(timeline: Omit<Timeline, "lines">): Timeline {
  const lines = timeline.pages.length === 1 ? timeline.pages[0]!.messages : timeline.pages.flatMap((p) => p.messages);
  const last = timeline.start + lines.length;
  const from = Math.min(Math.max(timeline.from, timeline.start), last);
  return { ...timeline, lines, from, to: Math.max(from, Math.min(timeline.to, last)) };
}
