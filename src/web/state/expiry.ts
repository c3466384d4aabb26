// What disappears by the time alone: lines whose time is over, wherever the page shows them. Pure.

import type { MessageJson } from "../../app/api/views.ts";
import { withEach } from "./timeline.ts";
import type { PageView } from "./view.ts";

/** When something that is shown disappears, by the wall clock. */
export function expiriesMs({ open, conversations, search }: PageView): readonly number[] {
  const found = search?.found?.found ?? [];
  const lines = [
    ...(open?.timeline?.lines ?? []),
    ...conversations.flatMap(({ last }) => last ?? []),
    ...found.map(({ message }) => message),
  ];
  return lines.flatMap(({ expires }) => (expires === undefined ? [] : Date.parse(expires)));
}

/** Without the lines whose time is over: those of the open conversation, the last ones of all, and those that were found. */
export function withoutExpired(view: PageView, nowMs: number): PageView {
  if (!expiriesMs(view).some((atMs) => atMs <= nowMs)) return view;
  const isOver = ({ expires }: MessageJson): boolean => expires !== undefined && Date.parse(expires) <= nowMs;
  const { open, search } = view;
  const conversations = view.conversations.map((one) => {
    if (one.last === undefined || !isOver(one.last)) return one;
    const { last: _, ...rest } = one;
    return rest;
  });
  const next: PageView = { ...view, conversations };
  const found = search?.found;
  return {
    ...next,
    ...(open?.timeline === undefined
      ? {}
      : { open: { ...open, timeline: withEach(open.timeline, (line) => (isOver(line) ? undefined : line)) } }),
    ...(search === undefined || found === undefined
      ? {}
      : { search: { ...search, found: { ...found, found: found.found.filter(({ message }) => !isOver(message)) } } }),
  };
}

/** Whether the last line of a conversation has gone: the one before it is the last one now. */
export function hasLostLast(before: PageView, after: PageView): boolean {
  return lastLines(after) < lastLines(before);
}

function lastLines({ conversations }: PageView): number {
  return conversations.filter(({ last }) => last !== undefined).length;
}
