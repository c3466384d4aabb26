// The effect of each change on the cursors (docs/PROTOCOL.md §7), for every store alike. A change that does not match
// them is a bug of the program, never the peer's fault: it is refused before anything is written.

import { type Change, type Cursors, STAMP_BYTES, STORE_ID_BYTES } from "./store.ts";

export const FIRST_CURSORS: Cursors = { acknowledged: 0, released: 0, next: 0, expected: 0, shown: 0 };

const PEER_BYTES = 32;

/** The cursors after the change. Throws RangeError, naming the cursor, if the change does not follow from them. */
export function advanced(cursors: Cursors, change: Change): Cursors {
  const { acknowledged, released, next, expected, shown } = cursors;
  switch (change.type) {
    case "queued":
      if (change.seq !== next) throw new RangeError(`queued: ${change.seq} is not next, ${next} is`);
      requireStamp("queued", change.stamp);
      requireWhole("queued", change.atMs);
      // Member by member, here and in "arrived": copies of whatever `cursors` has would be the dearest step of a commit.
      return { acknowledged, released, next: whole("queued", next + 1), expected, shown };
    case "released":
      return { ...cursors, released: between("released", change.next, released, next) };
    case "acknowledged": {
      requireWhole("acknowledged", change.atMs);
      const oldest = between("acknowledged", change.next, acknowledged, next);
      return { ...cursors, acknowledged: oldest, released: Math.max(released, oldest) };
    }
    case "renumbered": {
      const first = whole("renumbered", change.first);
      const shift = first - acknowledged;
      return { ...cursors, acknowledged: first, released: released + shift, next: whole("renumbered", next + shift) };
    }
    case "arrived":
      if (change.seq !== expected) throw new RangeError(`arrived: ${change.seq} is not expected, ${expected} is`);
      requireStamp("arrived", change.stamp);
      requireWhole("arrived", change.atMs);
      return { acknowledged, released, next, expected: whole("arrived", expected + 1), shown };
    case "ignored": {
      if (change.seq !== expected) throw new RangeError(`ignored: ${change.seq} is not expected, ${expected} is`);
      requireStamp("ignored", change.stamp);
      const following = whole("ignored", expected + 1);
      return { ...cursors, expected: following, shown: shown === expected ? following : shown };
    }
    case "skipped":
      if (whole("skipped", change.next) < expected)
        throw new RangeError(`skipped: ${change.next} is below ${expected}`);
      // Messages that have arrived and are not shown yet are still to be shown.
      return { ...cursors, expected: change.next, shown: shown === expected ? change.next : shown };
    case "shown":
      return { ...cursors, shown: between("shown", change.next, shown, expected) };
    case "begun-anew":
      if (shown !== expected) throw new RangeError("begun-anew: something has not been shown yet");
      return { ...FIRST_CURSORS, next: next - acknowledged };
    case "peer-store-seen":
      if (change.peerStore.length !== STORE_ID_BYTES)
        throw new RangeError(`peer-store-seen: expected ${STORE_ID_BYTES} bytes`);
      return cursors;
    case "setting":
      return cursors;
  }
}

/** Throws RangeError unless it has the length of a public key. */
export function requirePeer(peer: Uint8Array): void {
  if (peer.length !== PEER_BYTES) throw new RangeError(`peer: expected ${PEER_BYTES} bytes`);
}

/** Throws RangeError unless the outbox could begin there: for {@link Store.readOutbox}. */
export function requireInOutbox(from: number, { acknowledged, next }: Pick<Cursors, "acknowledged" | "next">): void {
  between("readOutbox", from, acknowledged, next);
}

function requireStamp(name: string, stamp: Uint8Array): void {
  if (stamp.length !== STAMP_BYTES) throw new RangeError(`${name}: expected a stamp of ${STAMP_BYTES} bytes`);
}

function between(name: string, value: number, least: number, most: number): number {
  if (whole(name, value) < least || value > most) {
    throw new RangeError(`${name}: ${value} is not between ${least} and ${most}`);
  }
  return value;
}

function whole(name: string, value: number): number {
  requireWhole(name, value);
  return value;
}

function requireWhole(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name}: ${value} is no whole number`);
}
