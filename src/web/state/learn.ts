// What an event changes on the page at once, and what must be asked for again because of it. Pure.

import type { MessageJson, PersonJson } from "../../app/api/views.ts";
import { withConversation, withLast } from "./conversations.ts";
import { conversationOf, type EventObject, lineOf, numberOf, personOf, textOf } from "./event-reader.ts";
import { notePhrase } from "./notes.ts";
import type { Note } from "./rows.ts";
import {
  isAtEnd,
  isSaying,
  lineWithId,
  type Timeline,
  withChanged,
  withEach,
  withLine,
  withPlaced,
} from "./timeline.ts";
import { withoutTypist, withTypist } from "./typing.ts";
import { conversationWithId, type OpenView, type PageView } from "./view.ts";

/** What is asked for again: the lists, the newest lines of the open conversation, or everything. */
export type Ask = "lists" | "status" | "newest" | "everything";

interface Learned {
  readonly view: PageView;
  readonly asks: readonly Ask[];
  /** Somebody has said it. */
  readonly said?: { readonly conversation: string; readonly line: MessageJson };
}

const MOST_NOTES = 50;

/** Events after which the list of conversations may be another one. */
const CHANGES_LISTS: ReadonlySet<string> = new Set(
  (
    "people rooms-changed connected disconnected reconnecting renamed muted address timer introduction " +
    "introduction-answered peer-forgotten forgotten room-created invited asked joined came-back declined left removed " +
    "role-changed topic-changed room-renamed queued sent delivered backlog edited deleted"
  ).split(" "),
);

const CHANGES_STATUS: ReadonlySet<string> = new Set(["people", "connected", "disconnected", "marks", "listening"]);

export function learned(view: PageView, event: EventObject, nowMs: number): Learned {
  const asks: Ask[] = [
    ...(CHANGES_LISTS.has(event.event) ? (["lists"] as const) : []),
    ...(CHANGES_STATUS.has(event.event) ? (["status"] as const) : []),
  ];
  const id = conversationOf(event);
  switch (event.event) {
    case "gap":
      return { view, asks: ["everything"] };
    case "message":
      return learnedMessage(view, event, nowMs);
    case "unread": {
      const unread = numberOf(event, "unread") ?? 0;
      const conversations = withConversation(view.conversations, id ?? "", (one) => ({ ...one, unread }));
      return { view: { ...view, conversations }, asks };
    }
    case "queued":
    case "sent":
      return learnedSent(view, event, asks);
    case "typing": {
      const who = personOf(event, "by");
      if (id === undefined || who === undefined || who.self === true) return { view, asks };
      return { view: { ...view, typing: withTypist(view.typing, id, who, nowMs) }, asks };
    }
    default:
      break;
  }
  const { open } = view;
  if (open === undefined || id !== open.id) return { view, asks };
  const next = learnedOpen(open, event, nowMs);
  if (next === "newest") return { view, asks: [...asks, "newest"] };
  if (isUntimed(view, event)) asks.push("newest");
  return { view: next === open ? view : { ...view, open: next }, asks };
}

/** Whether a line has arrived of which this run of the program does not know when it disappears: its history does. */
function isUntimed(view: PageView, event: EventObject): boolean {
  if (event.event !== "delivered" || textOf(event, "expires") !== undefined) return false;
  return (conversationWithId(view, view.open?.id)?.timerSeconds ?? 0) > 0;
}

function learnedMessage(view: PageView, event: EventObject, nowMs: number): Learned {
  const id = conversationOf(event);
  const line = lineOfMessage(event, nowMs);
  if (id === undefined || line === undefined) return { view, asks: ["lists"] };
  const isKnown = view.conversations.some((one) => one.id === id);
  const next: PageView = {
    ...view,
    conversations: withLast(view.conversations, id, line),
    typing: withoutTypist(view.typing, id, line.from.fingerprint),
  };
  const asks: Ask[] = isKnown ? [] : ["lists"];
  const isNews = event["again"] !== true && line.from.self !== true;
  const learned = { asks, ...(isNews ? { said: { conversation: id, line } } : {}) };
  const { open } = view;
  if (open?.id !== id || open.timeline === undefined) return { view: next, ...learned };
  return { view: { ...next, open: withSaid(open, open.timeline, line) }, ...learned };
}

function withSaid(open: OpenView, timeline: Timeline, line: MessageJson): OpenView {
  if (lineWithId(timeline, line.id) !== undefined) return open;
  if (!isAtEnd(timeline)) return { ...open, arrived: open.arrived + 1 };
  return { ...open, timeline: withLine(timeline, line) };
}

function lineOfMessage(event: EventObject, nowMs: number): MessageJson | undefined {
  const id = lineOf(event, "in");
  const from = personOf(event, "from") ?? personOf(event, "peer");
  const text = textOf(event, "text");
  if (id === undefined || from === undefined || text === undefined) return undefined;
  const at = textOf(event, "at") ?? new Date(nowMs).toISOString();
  return { id, from, at, text, ...moreOf(event) };
}

/** What a line may have, or not. */
function moreOf(event: EventObject): Pick<MessageJson, "replyTo" | "expires"> {
  const replyTo = textOf(event, "replyTo");
  const expires = textOf(event, "expires");
  return { ...(replyTo === undefined ? {} : { replyTo }), ...(expires === undefined ? {} : { expires }) };
}

/** What an event changes in the conversation that is open; "newest": its lines must be asked for. */
function learnedOpen(open: OpenView, event: EventObject, nowMs: number): OpenView | "newest" {
  const { timeline } = open;
  const phrase = notePhrase(event);
  if (phrase !== undefined) return withNote(open, phrase, nowMs);
  if (timeline === undefined) return open;
  const id = lineOf(event, "out");
  switch (event.event) {
    case "delivered":
      return { ...open, timeline: withDelivered(timeline, numberOf(event, "seq") ?? 0, textOf(event, "expires")) };
    case "edited": {
      const text = textOf(event, "text") ?? "";
      return withTimeline(
        open,
        changed(timeline, id, (line) => ({ ...line, text, edited: true })),
      );
    }
    case "deleted":
      return withTimeline(open, changed(timeline, id, asDeleted));
    case "reacted": {
      const by = personOf(event, "by");
      const emoji = textOf(event, "emoji") ?? "";
      return by === undefined
        ? open
        : withTimeline(
            open,
            changed(timeline, id, (line) => withReaction(line, by, emoji)),
          );
    }
    case "read": {
      const by = personOf(event, "by");
      if (by === undefined || by.self === true || id === undefined) return open;
      return { ...open, readers: { ...open.readers, [by.fingerprint]: { who: by, line: id } } };
    }
    case "error":
      return withTimeline(
        open,
        changed(timeline, textOf(event, "id"), (line) => ({ ...line, state: "refused" })),
      );
    case "shared-history":
    case "forgotten":
      return "newest";
    default:
      return open;
  }
}

function withTimeline(open: OpenView, timeline: Timeline): OpenView {
  return timeline === open.timeline ? open : { ...open, timeline };
}

function changed(timeline: Timeline, id: string | undefined, change: (line: MessageJson) => MessageJson): Timeline {
  return id === undefined ? timeline : withChanged(timeline, id, change);
}

/** A line that this program has said: here, in its terminal, or by another program. */
function learnedSent(view: PageView, event: EventObject, asks: readonly Ask[]): Learned {
  const conversation = conversationOf(event) ?? "";
  const line = lineOfSent(view, event);
  const conversations = line === undefined ? view.conversations : withLast(view.conversations, conversation, line);
  const next = { ...view, conversations };
  const { open } = view;
  const id = lineOf(event, "out");
  if (open?.id !== conversation || open.timeline === undefined || id === undefined) return { view: next, asks };
  const was = numberOf(event, "was");
  const known = was === undefined ? id : `out-${was}`;
  const state = event.event === "queued" ? "waiting" : "sent";
  const expires = textOf(event, "expires");
  const expiry = expires === undefined ? {} : { expires };
  const timeline = withChanged(withPlaced(open.timeline, known), known, (one) =>
    one.state === "delivered" ? one : { ...one, id, state, ...expiry },
  );
  if (timeline !== open.timeline) return { view: { ...next, open: { ...open, timeline } }, asks };
  if (lineWithId(open.timeline, id) !== undefined) return { view: next, asks };
  if (line === undefined) return { view: next, asks: [...asks, "newest"] };
  // The answer to `say` is still on its way, or it was said elsewhere.
  const saying = open.timeline.lines.find((one) => isSaying(one) && one.text === line.text);
  if (saying === undefined) return { view: { ...next, open: withSaid(open, open.timeline, line) }, asks };
  const taken = withChanged(open.timeline, saying.id, () => line);
  return { view: { ...next, open: { ...open, timeline: taken } }, asks };
}

function lineOfSent({ status }: PageView, event: EventObject): MessageJson | undefined {
  const id = lineOf(event, "out");
  const text = textOf(event, "text");
  const at = textOf(event, "at");
  if (id === undefined || text === undefined || at === undefined) return undefined;
  const from = { name: status?.name ?? "", fingerprint: status?.fingerprint ?? "", self: true as const };
  const state = event.event === "queued" ? "waiting" : "sent";
  return { id, from, at, text, state, ...moreOf(event) };
}

/** Acknowledgements are cumulative. `expires`: when the line of this number disappears. */
function withDelivered(timeline: Timeline, seq: number, expires: string | undefined): Timeline {
  return withEach(timeline, (line) => {
    const number = /^out-(\d+)$/.exec(line.id)?.[1];
    const isDelivered = number !== undefined && Number(number) <= seq && line.state !== "delivered";
    if (!isDelivered) return line;
    const expiry = expires === undefined || Number(number) !== seq ? {} : { expires };
    return { ...line, state: "delivered", ...expiry };
  });
}

export function asDeleted(line: MessageJson): MessageJson {
  const { reactions: _reactions, ...rest } = line;
  return { ...rest, text: "", deleted: true };
}

/** With the reaction of one person in place of that person's earlier one. */
export function withReaction(line: MessageJson, by: PersonJson, emoji: string): MessageJson {
  const others = (line.reactions ?? []).flatMap((one) => {
    const left = one.by.filter(({ fingerprint }) => fingerprint !== by.fingerprint);
    return left.length === 0 ? [] : [{ emoji: one.emoji, by: left }];
  });
  if (emoji === "") return { ...line, reactions: others };
  const has = others.some((one) => one.emoji === emoji);
  const reactions = has
    ? others.map((one) => (one.emoji === emoji ? { emoji, by: [...one.by, by] } : one))
    : [...others, { emoji, by: [by] }];
  return { ...line, reactions };
}

function withNote(open: OpenView, text: string, atMs: number): OpenView {
  const last = open.notes.at(-1);
  // The id of a line that is being said will be another one.
  const after = open.timeline?.lines.findLast((line) => !isSaying(line))?.id;
  const note: Note = { id: `note-${Number(last?.id.slice(5) ?? 0) + 1}`, after, atMs, text };
  return { ...open, notes: [...open.notes, note].slice(-MOST_NOTES) };
}
