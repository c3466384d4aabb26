// The lives of the peer's program, and how much of each has arrived (docs/PROTOCOL.md §7.2). Knows stamps, and no message.

import { readU32, readU64 } from "../bytes.ts";
import { SparseMap } from "../sparse-map.ts";
import { isOfLife, makeStamp } from "./stamp.ts";
import { LIFE_BYTES, MAX_LIVES, STAMP_BYTES, type StoredLife } from "./store.ts";

interface Life {
  /** A stamp of it, or its own bytes. */
  readonly stamp: Uint8Array;
  count: number;
}

export class PeerLives {
  /** By {@link keyOf}. The latest comes last. */
  readonly #all = new SparseMap<bigint, Life>();
  /** Nearly everything that arrives is of it. */
  #latest: Life | undefined;
  /** Absent: no message is the last. */
  #lastStamp: Uint8Array | undefined;

  /** In any order. */
  constructor(lives: readonly StoredLife[]) {
    const sorted = lives.toSorted((one, other) => one.lastSeq - other.lastSeq);
    for (const { life, count } of sorted) {
      this.#latest = { stamp: life, count };
      this.#all.set(keyOf(life), this.#latest);
    }
    const latest = sorted.at(-1);
    if (latest === undefined || latest.lastSeq < 0) return;
    this.#lastStamp = makeStamp({ life: latest.life, index: latest.count - 1 });
  }

  /** The stamp of the peer's last message that has arrived; zeros if there is none. */
  get lastStamp(): Uint8Array {
    return this.#lastStamp?.slice() ?? new Uint8Array(STAMP_BYTES);
  }

  /** The numbers begin anew: no message is the last. What has arrived is still known. */
  beginAnew(): void {
    this.#lastStamp = undefined;
  }

  /** Whether this message has arrived before, whatever its number was. */
  hasArrived(stamp: Uint8Array): boolean {
    const isOfLatest = this.#latest !== undefined && isOfLife(stamp, this.#latest.stamp);
    const life = isOfLatest ? this.#latest : this.#all.get(keyOf(stamp));
    return life !== undefined && indexOf(stamp) < life.count;
  }

  /** The message with this stamp is the last that has arrived. The stamp is copied. */
  note(stamp: Uint8Array): void {
    this.#lastStamp ??= new Uint8Array(STAMP_BYTES);
    this.#lastStamp.set(stamp);
    const count = indexOf(stamp) + 1;
    if (this.#latest !== undefined && isOfLife(stamp, this.#latest.stamp)) {
      this.#latest.count = count;
      return;
    }
    const key = keyOf(stamp);
    this.#latest = { stamp: stamp.slice(), count };
    this.#all.delete(key);
    this.#all.set(key, this.#latest);
    if (this.#all.size > MAX_LIVES) this.#all.deleteFirst();
  }
}

/** A life, or that of a stamp, as a key of a map: its 8 bytes as a number. */
function keyOf(lifeOrStamp: Uint8Array): bigint {
  return readU64(lifeOrStamp, 0);
}

function indexOf(stamp: Uint8Array): number {
  return readU32(stamp, LIFE_BYTES);
}
