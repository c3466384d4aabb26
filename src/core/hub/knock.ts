// What a letter of the kind "knock" carries (docs/HUB.md §3): who asks to be let into which room. The hub writes it, and
// vouches for the key; the rest is as the caller gave it.

import { bytesUpTo, type Carried, exactly, fields, readAll } from "./layout.ts";

/** Bytes that somebody may send with a knock, or with a signal. */
export const MAX_SIGNAL_BYTES = 1_024;

/** room 16 ‖ from 32 ‖ bytes ≤ 1024, with their length before them. */
export const KNOCK = fields({ room: exactly(16), from: exactly(32), bytes: bytesUpTo(MAX_SIGNAL_BYTES) });
type Knock = Carried<typeof KNOCK>;

/** Throws RangeError for a value over its limits. */
export function encodeKnock(knock: Knock): Uint8Array {
  return KNOCK.write(knock);
}

/** Throws LairError `call-malformed`. */
export function decodeKnock(bytes: Uint8Array): Knock {
  return readAll(KNOCK, bytes);
}
