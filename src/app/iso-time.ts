// Times as --json and the API have them: ISO 8601 in UTC. Pure.

/** 9999-12-31T23:59:59.999Z: the last time that every reader of ISO 8601 accepts. */
const LAST_TIME_MS = 253_402_300_799_999;

/** A time chosen by a peer may be later than that, or beyond the range of a Date. */
export function isoTime(ms: number): string {
  const date = new Date(ms);
  return date.getTime() <= LAST_TIME_MS ? date.toISOString() : new Date(LAST_TIME_MS).toISOString();
}
