// Who types, and how far others have read. A program says every few seconds that its user still types. Pure.

import type { PersonJson } from "../../app/api/views.ts";

/** For so long it is believed that somebody types. */
const TYPING_MS = 8_000;

interface Typist {
  readonly who: PersonJson;
  readonly untilMs: number;
}

/** By conversation, and by fingerprint. */
export type Typing = Readonly<Record<string, Readonly<Record<string, Typist>>>>;

export function withTypist(typing: Typing, conversation: string, who: PersonJson, nowMs: number): Typing {
  const there = { ...typing[conversation], [who.fingerprint]: { who, untilMs: nowMs + TYPING_MS } };
  return { ...typing, [conversation]: there };
}

/** Somebody has said what they typed. */
export function withoutTypist(typing: Typing, conversation: string, fingerprint: string): Typing {
  const there = typing[conversation];
  if (there?.[fingerprint] === undefined) return typing;
  const { [fingerprint]: _, ...others } = there;
  return { ...typing, [conversation]: others };
}

/** Without those who were last heard of too long ago; the same if there are none. */
export function stillTyping(typing: Typing, nowMs: number): Typing {
  const all = Object.entries(typing);
  if (all.every(([, there]) => Object.values(there).every(({ untilMs }) => untilMs > nowMs))) return typing;
  return Object.fromEntries(
    all.flatMap(([id, there]) => {
      const left = Object.entries(there).filter(([, { untilMs }]) => untilMs > nowMs);
      return left.length === 0 ? [] : [[id, Object.fromEntries(left)] as const];
    }),
  );
}

export function typistsIn(typing: Typing, conversation: string): readonly PersonJson[] {
  return Object.values(typing[conversation] ?? {}).map(({ who }) => who);
}

/** The next moment at which somebody is not believed to type any more. */
export function typingEndsMs(typing: Typing): number | undefined {
  const all = Object.values(typing).flatMap((there) => Object.values(there).map(({ untilMs }) => untilMs));
  return all.length === 0 ? undefined : Math.min(...all);
}
