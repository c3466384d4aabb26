// The effect of each change on the cursors (docs/PROTOCOL.md §7), for every store alike. A change that does not match
// them is a bug of the program, never the peer's fault: it is refused before anything is written.

import {
  type Change,
  type Cursors,
  STAMP_BYTES,
  STORE_ID_BYTES,
  type StoredMessage,
  type StoredPeer,
} from "./store.ts";

export const FIRST_CURSORS: Cursors = { acknowledged: 0, released: 0, next: 0, expected: 0, shown: 0 };

/** What a store has of a peer of whom nothing is stored. */
export const NOTHING_STORED: StoredPeer = {
  ...FIRST_CURSORS,
  peerStore: undefined,
  setting: undefined,
  outbox: [],
  inbox: [],
  lives: [],
};

const PEER_BYTES = 32;

/** Cursors that changes move. */
export type CursorDraft = { -readonly [Name in keyof Cursors]: Cursors[Name] };

/** The cursors after the change. Throws as {@link advance} does. */
export function advanced({ acknowledged, released, next, expected, shown }: Cursors, change: Change): Cursors {
  const draft = { acknowledged, released, next, expected, shown };
  advance(draft, change);
  return draft;
}

/** Moves the cursors by the change. Throws RangeError, naming the cursor, if it does not follow from them. */
export function advance(draft: CursorDraft, change: Change): void {
  switch (change.type) {
    case "queued":
      requireNext("queued", change.seq, draft.next);
      requireStamp("queued", change.stamp);
      requireWhole("queued", change.atMs);
      draft.next = whole("queued", draft.next + 1);
      return;
    case "released":
      draft.released = between("released", change.next, draft.released, draft.next);
      return;
    case "acknowledged":
      requireWhole("acknowledged", change.atMs);
      draft.acknowledged = between("acknowledged", change.next, draft.acknowledged, draft.next);
      draft.released = Math.max(draft.released, draft.acknowledged);
      return;
    case "renumbered": {
      const shift = whole("renumbered", change.first) - draft.acknowledged;
      draft.next = whole("renumbered", draft.next + shift);
      draft.acknowledged = change.first;
      draft.released += shift;
      return;
    }
    case "arrived":
      requireExpected("arrived", change, draft);
      requireWhole("arrived", change.atMs);
      draft.expected = whole("arrived", draft.expected + 1);
      return;
    case "ignored":
      requireExpected("ignored", change, draft);
      moveExpected(draft, whole("ignored", draft.expected + 1));
      return;
    case "skipped":
      if (whole("skipped", change.next) < draft.expected)
        throw new RangeError(`skipped: ${change.next} is below ${draft.expected}`);
      moveExpected(draft, change.next);
      return;
    case "shown":
      draft.shown = between("shown", change.next, draft.shown, draft.expected);
      return;
    case "begun-anew":
      if (draft.shown !== draft.expected) throw new RangeError("begun-anew: something has not been shown yet");
      Object.assign(draft, { ...FIRST_CURSORS, next: draft.next - draft.acknowledged });
      return;
    case "peer-store-seen":
      if (change.peerStore.length !== STORE_ID_BYTES)
        throw new RangeError(`peer-store-seen: expected ${STORE_ID_BYTES} bytes`);
      return;
    case "setting":
  }
}

/** Nothing that could be shown has come; messages that have arrived and are not shown yet are still to be shown. */
function moveExpected(draft: CursorDraft, expected: number): void {
  if (draft.shown === draft.expected) draft.shown = expected;
  draft.expected = expected;
}

/** Throws RangeError unless it has the length of a public key. */
export function requirePeer(peer: Uint8Array): void {
  if (peer.length !== PEER_BYTES) throw new RangeError(`peer: expected ${PEER_BYTES} bytes`);
}

/** Throws RangeError unless the outbox could begin there: for {@link Store.readOutbox}. */
export function requireInOutbox(from: number, { acknowledged, next }: Pick<Cursors, "acknowledged" | "next">): void {
  between("readOutbox", from, acknowledged, next);
}

function requireNext(name: string, seq: number, next: number): void {
  if (seq !== next) throw new RangeError(`${name}: ${seq} is not next, ${next} is`);
}

function requireExpected(
  name: string,
  { seq, stamp }: Pick<StoredMessage, "seq" | "stamp">,
  { expected }: Cursors,
): void {
  if (seq !== expected) throw new RangeError(`${name}: ${seq} is not expected, ${expected} is`);
  requireStamp(name, stamp);
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
