// Names and texts as the page shows them: by the sanitiser of the terminal, so that nothing hides and nothing passes for
// a word of the program. Pure.

import type { ConversationJson, PersonJson } from "../../app/api/views.ts";
import { sanitiseLine, sanitiseText } from "../../ui/sanitise.ts";

/** A name that is longer is cut; the page cuts more where it has no room. */
const MOST_COLUMNS = 48;
/** "you" in letters that look like it, for the one word that the page says in place of a name. */
const LIKE_YOU = /^[yуүγʏ][oоοօσ0][uυսц](?![\p{L}\p{N}])/u;
const MOST_REMEMBERED = 2_000;
const names = new Map<string, string>();

/** A name, never empty. */
export function shownName(raw: string): string {
  const known = names.get(raw);
  if (known !== undefined) return known;
  const name = raw === "" ? "" : sanitiseLine(raw, MOST_COLUMNS);
  const shown = name === "" ? "peer" : passesForOurs(name) ? `?${name}` : name;
  if (names.size >= MOST_REMEMBERED) names.clear();
  names.set(raw, shown);
  return shown;
}

/** Whether a name could be taken for a word or a sign of the page. */
function passesForOurs(name: string): boolean {
  return !/^[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(name) || LIKE_YOU.test(folded(name));
}

/** For comparing: without case, accents and other forms of the same letters. */
export function folded(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().trim();
}

/** "you", or the name. */
export function personName({ name, self }: PersonJson): string {
  return self === true ? "you" : shownName(name);
}

/** "ada", "#ops" */
export function conversationName({ kind, name }: Pick<ConversationJson, "kind" | "name">): string {
  return kind === "room" ? `#${shownName(name)}` : shownName(name);
}

/** What somebody said, safe to show. */
export function shownText(raw: string): string {
  return sanitiseText(raw, { keepsTabs: true });
}

/** The same in one row. */
export function shownRow(raw: string): string {
  return sanitiseLine(raw, 160);
}

/** The letters of a picture of somebody: the first of the name, and of its second word. */
export function initials(name: string): string {
  const words = name.replace(/^#/, "").match(/[\p{L}\p{N}][\p{M}]*/gu) ?? [];
  const parts = name.replace(/^#/, "").match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const first = words[0] ?? "?";
  const second = parts.length > 1 ? (/^[\p{L}\p{N}]\p{M}*/u.exec(parts[1]!)?.[0] ?? "") : "";
  return (first + second).toLocaleUpperCase();
}

/** One of `count` colours, always the same for an id. */
export function colourOf(id: string, count: number): number {
  let sum = 7;
  for (const letter of id.replaceAll(" ", "")) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return sum % count;
}
