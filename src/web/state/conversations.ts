// The list of conversations: its order, what an event changes in it at once, names that look alike. Pure.

import type { ConversationJson, MessageJson } from "../../app/api/views.ts";
import { conversationName, folded } from "./names.ts";

/** Invitations first: they want an answer. Then those with the newest line. */
export function ordered(conversations: readonly ConversationJson[]): readonly ConversationJson[] {
  return conversations.toSorted(
    (one, other) => rank(one) - rank(other) || newestMs(other) - newestMs(one) || (one.name < other.name ? -1 : 1),
  );
}

function rank({ room }: ConversationJson): number {
  return room?.standing === "invited" ? 0 : room?.standing === "over" ? 2 : 1;
}

function newestMs({ last, peer }: ConversationJson): number {
  return Date.parse(last?.at ?? peer?.paired ?? "1970-01-01");
}

/** With one conversation changed. */
export function withConversation(
  conversations: readonly ConversationJson[],
  id: string,
  change: (conversation: ConversationJson) => ConversationJson,
): readonly ConversationJson[] {
  if (!conversations.some((one) => one.id === id)) return conversations;
  return ordered(conversations.map((one) => (one.id === id ? change(one) : one)));
}

/** With what was said last. */
export function withLast(
  conversations: readonly ConversationJson[],
  id: string,
  last: MessageJson,
): readonly ConversationJson[] {
  return withConversation(conversations, id, (one) => ({ ...one, last }));
}

/** How much is unread, in all conversations that are not muted. */
export function unreadCount(conversations: readonly ConversationJson[]): number {
  return conversations.reduce((sum, { unread, peer }) => sum + (peer?.muted === true ? 0 : unread), 0);
}

/** The ids of those whose names look like that of another one: their fingerprints are shown too. */
export function lookAlikes(conversations: readonly ConversationJson[]): ReadonlySet<string> {
  const ids = new Map<string, readonly string[]>();
  for (const one of conversations) {
    const name = folded(conversationName(one));
    ids.set(name, [...(ids.get(name) ?? []), one.id]);
  }
  return new Set([...ids.values()].filter(({ length }) => length > 1).flat());
}

/** Those whose name has what was written, without regard to case and accents. */
export function matching(conversations: readonly ConversationJson[], words: string): readonly ConversationJson[] {
  const sought = folded(words);
  return conversations.filter((one) => folded(conversationName(one)).includes(sought));
}
