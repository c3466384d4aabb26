// How the words behind a command's name become the members of the command, and the checks of their values. Pure.

import { parseSpan } from "../core/chat/history.ts";
import { isMessageSpan } from "../core/message-limits.ts";

/** The default and the maximum number of lines of `history`. */
export const HISTORY_LINES = 20;
export const MOST_HISTORY_LINES = 10_000;

/** The arguments of a command, by name: the members of its JSON object. */
export interface Members {
  readonly [name: string]: unknown;
}

/** The words after a command's name. */
export interface Words {
  readonly words: readonly string[];
  /** The whole text after the name, with the blanks inside. */
  readonly text: string;
}

export function readNothing({ words }: Words): Members | undefined {
  return words.length === 0 ? {} : undefined;
}

export function oneOf(choices: { readonly [text: string]: Members }, text: string): Members | undefined {
  return Object.hasOwn(choices, text) ? choices[text] : undefined;
}

export function readCount({ words: [first, ...more] }: Words): Members | undefined {
  if (first === undefined) return {};
  return more.length === 0 ? { count: /^[1-9]\d{0,4}$/.test(first) ? Number(first) : Number.NaN } : undefined;
}

export function readSearch({ text }: Words): Members | undefined {
  return text.trim() === "" ? undefined : { words: text.trim() };
}

/** Of a timer: "10m", "off". A time with its unit: "timer is broken" and "timer please" are sent as messages. */
export function readSpan({ text }: Words): Members {
  return { seconds: text === "off" ? 0 : (parseSpan(text) ?? Number.NaN) / 1000 };
}

/** A quotation mark belongs to a name. */
const SWITCH = /^--[^"]*$/u;

/** A name may have several words. Switches stand before or behind it: within it, they belong to the name. */
export function readSwitches(
  words: readonly string[],
  switches: { readonly [option: string]: string },
): Members | undefined {
  const first = words.findIndex((word) => !SWITCH.test(word));
  const begin = first < 0 ? words.length : first;
  const end = words.findLastIndex((word) => !SWITCH.test(word)) + 1;
  const given = [...words.slice(0, begin), ...words.slice(Math.max(begin, end))].map((word) => word.slice(2));
  if (!given.every((option) => Object.hasOwn(switches, option))) return undefined;
  const who = words.slice(begin, end).join(" ");
  return { who, ...Object.fromEntries(given.map((option) => [switches[option]!, true])) };
}

export function isWho(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

export function isTwo(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every(isWho);
}

/** Whether a timer can be set to so many seconds. */
export function isSpan(value: unknown): value is number {
  return isMessageSpan(value, 0);
}

export function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
