// What changes on the page by the time alone: lines disappear, "waiting" is said of a line, somebody types no longer. Pure.

import { expiriesMs, hasLostLast, withoutExpired } from "./expiry.ts";
import { stillTyping, typingEndsMs } from "./typing.ts";
import type { PageView } from "./view.ts";
import { stateChangesAtMs } from "./words.ts";

/** The page at this time. `isLastGone`: what was said last somewhere has disappeared, and the line before it is unknown. */
export function passed(view: PageView, nowMs: number): { readonly view: PageView; readonly isLastGone: boolean } {
  const left = withoutExpired(view, nowMs);
  return { view: { ...left, nowMs, typing: stillTyping(view.typing, nowMs) }, isLastGone: hasLostLast(view, left) };
}

/** When the page changes next by itself, in milliseconds since 1970; infinity: it does not. */
export function nextChangeMs(view: PageView, nowMs: number): number {
  const states = (view.open?.timeline?.lines ?? []).flatMap((line) => stateChangesAtMs(line, nowMs) ?? []);
  return Math.min(...states, ...expiriesMs(view), typingEndsMs(view.typing) ?? Number.POSITIVE_INFINITY);
}
