// A store that forgets everything with the program: for --no-store, and the twin beside which the one on the disk is
// tested. It keeps no history.

import { toHex } from "../bytes.ts";
import { advanced, FIRST_CURSORS, requirePeer } from "./cursors.ts";
import { type Change, type Store, STORE_ID_BYTES, type StoredMessage, type StoredPeer } from "./store.ts";

const NOTHING: StoredPeer = { ...FIRST_CURSORS, peerStore: undefined, setting: undefined, outbox: [], inbox: [] };

export class MemoryStore implements Store {
  readonly id: Uint8Array;
  readonly #peers = new Map<string, StoredPeer>();

  /** `id`: all zeros, which means "nothing outlives the program", unless a test plays a store that lasts. */
  constructor(id: Uint8Array = new Uint8Array(STORE_ID_BYTES)) {
    if (id.length !== STORE_ID_BYTES) throw new RangeError(`id: expected ${STORE_ID_BYTES} bytes`);
    this.id = id.slice();
  }

  load(peer: Uint8Array): StoredPeer {
    requirePeer(peer);
    return this.#peers.get(toHex(peer)) ?? NOTHING;
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    requirePeer(peer);
    const before = this.load(peer);
    // Lists of its own, changed in place: thousands of messages in one commit copy them once.
    const draft = { ...before, outbox: [...before.outbox], inbox: [...before.inbox] };
    for (const change of changes) {
      Object.assign(draft, advanced(draft, change));
      apply(draft, change);
    }
    this.#peers.set(toHex(peer), draft);
  }
}

interface Draft {
  peerStore: Uint8Array | undefined;
  setting: Uint8Array | undefined;
  outbox: StoredMessage[];
  inbox: StoredMessage[];
}

/** What a change does besides the cursors. */
function apply(draft: Draft, change: Change): void {
  switch (change.type) {
    case "queued":
      draft.outbox.push(copyOf(change));
      return;
    case "acknowledged":
      dropBelow(draft.outbox, change.next);
      return;
    case "renumbered":
      draft.outbox = draft.outbox.map((message, index) => ({ ...message, seq: change.first + index }));
      return;
    case "arrived":
      draft.inbox.push(copyOf(change));
      return;
    case "shown":
      dropBelow(draft.inbox, change.next);
      return;
    case "met":
      draft.peerStore = change.peerStore.slice();
      return;
    case "setting":
      draft.setting = change.value.slice();
      return;
    case "released":
  }
}

function copyOf({ seq, atMs, message }: StoredMessage): StoredMessage {
  return { seq, atMs, message: new Uint8Array(message) };
}

/** The numbers are in order and without gaps. */
function dropBelow(messages: StoredMessage[], seq: number): void {
  const first = messages[0]?.seq ?? seq;
  messages.splice(0, Math.max(0, seq - first));
}
