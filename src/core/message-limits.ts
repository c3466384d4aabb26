// Limits of what people write, the same between two and in a room.

/** The maximum of a text, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 16_384;
/** The maximum of a lifetime or a timer, in seconds: ten years. */
export const MAX_TIMER_S = 315_576_000;
/** The maximum of a kind's name, in bytes of UTF-8. */
export const MAX_KIND_BYTES = 32;

/** The last moment that a Date can hold. */
const LAST_MS = 8.64e15;

/** Whether it is a time that a message can state: whole milliseconds since 1970. */
export function isMessageTime(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LAST_MS;
}

/** Whether it is a number of whole seconds from `least` to {@link MAX_TIMER_S}. */
export function isMessageSpan(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= MAX_TIMER_S;
}
