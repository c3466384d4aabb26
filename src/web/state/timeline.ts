// The lines of the conversation that is open: pages that adjoin, of which a part is shown. However long the conversation
// is, only so many pages are held and only so many lines are shown; the others are asked for again. Pure.
//
//   older <-before- [page][page][page] -after-> newer; without `after`, the last line is the newest
//                       [-shown-]

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

/** `before` and `after`: what its neighbours are asked for with. Absent: there is none. */
type HeldPage = MessagePageJson;

export interface Timeline {
  readonly pages: readonly HeldPage[];
  /** All lines that are held. */
  readonly lines: readonly MessageJson[];
  /** The place of the first of them; places never change while a line is held. */
  readonly start: number;
  /** Which places are shown: from `from`, and before `to`. */
  readonly from: number;
  readonly to: number;
  /** Lines at the end that the program has taken, but whose event is still to come: so are those of lines before them. */
  readonly unplaced?: readonly string[];
}

export function newestTimeline(page: MessagePageJson): Timeline {
  const count = page.messages.length;
  return whole({ pages: [page], start: 0, from: count - MOST_SHOWN, to: count });
}

/** A page from anywhere, with a line of it shown in the middle; undefined if the line is not there. */
export function timelineAround(page: MessagePageJson, id: string): Timeline | undefined {
  return movedTo(newestTimeline(page), id);
}

/** Whether the newest line is held. */
export function isAtEnd({ pages }: Timeline): boolean {
  return pages.at(-1)?.after === undefined;
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

/** What to ask for the page behind the last with, when what is shown comes near it. */
export function wantedNewer(timeline: Timeline): string | undefined {
  return end(timeline) - timeline.to < STEP ? timeline.pages.at(-1)?.after : undefined;
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
  const pages = [page, ...timeline.pages].slice(0, MOST_PAGES);
  const start = timeline.start - page.messages.length;
  return whole({ ...timeline, pages, start });
}

/** With the page behind the last; `cursor` is what it was asked for with. */
export function withNewer(timeline: Timeline, cursor: string, page: MessagePageJson): Timeline {
  if (timeline.pages.at(-1)?.after !== cursor) return timeline;
  const pages = [...timeline.pages, page];
  let { start } = timeline;
  while (pages.length > MOST_PAGES) start += pages.shift()!.messages.length;
  return whole({ ...timeline, pages, start });
}

/** Whether the newest page is so long that it should be asked for anew. */
export function isOverlong({ pages }: Timeline): boolean {
  return (pages.at(-1)?.messages.length ?? 0) > MOST_IN_LAST;
}

/**
 * With a line that was just said, behind the others, or in place of the one with its id. Lines that are being said stay
 * behind it: the program has not taken them yet.
 */
export function withLine(timeline: Timeline, line: MessageJson): Timeline {
  if (lineWithId(timeline, line.id) !== undefined) return withChanged(timeline, line.id, () => line);
  if (!isAtEnd(timeline)) return timeline;
  const last = lastOf(timeline);
  const place = isSaying(line) ? last.length : last.findLastIndex((one) => hasPlace(timeline, one)) + 1;
  return withLast(timeline, last.toSpliced(place, 0, line));
}

function hasPlace({ unplaced = [] }: Timeline, line: MessageJson): boolean {
  return !isSaying(line) && !unplaced.includes(line.id);
}

/** With a line that the program has taken, in place of the one that was being said; its event may still be to come. */
export function withTaken(timeline: Timeline, saying: string, taken: MessageJson): Timeline {
  // An event may have told more of it already.
  if (lineWithId(timeline, taken.id) !== undefined) return withChanged(timeline, saying, () => undefined);
  const next = withChanged(timeline, saying, () => taken);
  return next === timeline ? timeline : { ...next, unplaced: [...(timeline.unplaced ?? []), taken.id] };
}

/** The event of a line has come: it stands where it is. */
export function withPlaced(timeline: Timeline, id: string): Timeline {
  const { unplaced = [] } = timeline;
  return unplaced.includes(id) ? { ...timeline, unplaced: unplaced.filter((one) => one !== id) } : timeline;
}

/**
 * The newest lines, in place of those that are held. Kept are the lines that are being said, and those that have come since
 * the question was asked; `asked`: what was held then.
 */
export function withNewestAlone(timeline: Timeline | undefined, page: MessagePageJson, asked?: Timeline): Timeline {
  const begun = newestTimeline(page);
  if (timeline === undefined) return begun;
  const late = lateLines(timeline, page.messages, asked);
  return late.length === 0
    ? begun
    : withFresh({ ...begun, unplaced: timeline.unplaced ?? [] }, [], page.messages, late);
}

/** The lines that are being said and are not among the fresh, and those behind the last that was held before or is fresh. */
function lateLines(timeline: Timeline, fresh: readonly MessageJson[], asked?: Timeline): readonly MessageJson[] {
  const known = new Set([...fresh, ...(asked?.lines ?? [])].map(({ id }) => id));
  const last = isAtEnd(timeline) ? lastOf(timeline) : [];
  const lastKnown = last.findLastIndex(({ id }) => known.has(id));
  const begin = lastKnown === -1 && fresh.length > 0 ? last.length : lastKnown + 1;
  const taken = fresh.filter(({ id, from }) => from.self === true && lineWithId(timeline, id) === undefined);
  return last.filter((line, index) => {
    if (!isSaying(line)) return index >= begin;
    // Its answer and its event are still to come.
    const place = taken.findIndex(({ text, at }) => text === line.text && Date.parse(at) >= Date.parse(line.at));
    if (place !== -1) taken.splice(place, 1);
    return place === -1;
  });
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
 * With the newest lines as they are now. Undefined if they do not adjoin those that are held: then show only them. Kept at
 * the end are the lines that are being said, and those that have come since the question was asked; `asked`: what was held
 * then.
 */
export function withNewest(
  timeline: Timeline,
  fresh: readonly MessageJson[],
  asked: Timeline = timeline,
): Timeline | undefined {
  if (!isAtEnd(timeline)) return timeline;
  const late = lateLines(timeline, fresh, asked);
  const known = lastOf(timeline).filter((line) => !isSaying(line) && !late.includes(line));
  const ids = new Set(fresh.map(({ id }) => id));
  const first = known.findIndex(({ id }) => ids.has(id));
  if (first !== -1) {
    // Of those that are held as well, only the part from the first of them on is fresh.
    const begin = fresh.findIndex(({ id }) => id === known[first]!.id);
    return withFresh(timeline, known.slice(0, first), fresh.slice(begin), late);
  }
  const held = new Set(timeline.lines.map(({ id }) => id));
  const begin = fresh.findLastIndex(({ id }) => held.has(id)) + 1;
  const isHole = begin === 0 && fresh.length > 0 && timeline.lines.length > late.length;
  return isHole ? undefined : withFresh(timeline, [], fresh.slice(begin), late);
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

function withFresh(
  timeline: Timeline,
  begin: readonly MessageJson[],
  fresh: readonly MessageJson[],
  late: readonly MessageJson[],
): Timeline {
  const next = withLast(timeline, [...begin, ...fresh, ...late]);
  const ids = new Set(fresh.map(({ id }) => id));
  return { ...next, unplaced: (timeline.unplaced ?? []).filter((id) => !ids.has(id)) };
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
