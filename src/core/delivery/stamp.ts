// Stamps (docs/PROTOCOL.md §7.2) identify a message whatever its number. Numbers start again with a new store and go
// back with an old copy; a stamp is used once, by one life of the sender's program.
//   life 8 ‖ index u32

import { readU32, writeU32 } from "../bytes.ts";
import { LIFE_BYTES, STAMP_BYTES } from "./store.ts";

interface Stamp {
  /** 8 random bytes, drawn when the sender's store was opened. */
  readonly life: Uint8Array;
  /** The message's index in that life, from 0. */
  readonly index: number;
}

/** Throws RangeError for an invalid life, and for the message after the 2^32nd of one. */
export function makeStamp({ life, index }: Stamp): Uint8Array {
  if (life.length !== LIFE_BYTES) throw new RangeError(`life: expected ${LIFE_BYTES} bytes`);
  const stamp = new Uint8Array(STAMP_BYTES);
  stamp.set(life);
  writeU32(stamp, LIFE_BYTES, index);
  return stamp;
}

/** Whether the stamp, or another one, is of this life. */
export function isOfLife(stamp: Uint8Array, lifeOrStamp: Uint8Array): boolean {
  for (let index = 0; index < LIFE_BYTES; index++) if (stamp[index] !== lifeOrStamp[index]) return false;
  return true;
}

/** Throws RangeError unless it is 12 bytes long. */
export function splitStamp(stamp: Uint8Array): Stamp {
  if (stamp.length !== STAMP_BYTES) throw new RangeError(`stamp: expected ${STAMP_BYTES} bytes`);
  return { life: stamp.slice(0, LIFE_BYTES), index: readU32(stamp, LIFE_BYTES) };
}
