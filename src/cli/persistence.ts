// What outlives a session, and perhaps the program: the store of the delivery, the history beside it, and the pairings. With
// --no-store the first two are gone with the program; where the pairings are then is in pairings-without-store.ts.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readMessage } from "../core/chat/message.ts";
import { MemoryStore } from "../core/delivery/memory-store.ts";
import { LIFE_BYTES } from "../core/delivery/store.ts";
import { isOfOurDisk, LairError } from "../core/errors.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import type { Identity } from "../core/identity/identity.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Home } from "../node/home/home.ts";
import type * as StoreModule from "../node/store/open-store.ts";
import type { SqlStore } from "../node/store/sql-store.ts";
import type { Persistence } from "../app/persistence.ts";
import type { RoomStore } from "../app/rooms/room-store.ts";
import { pairingsWithoutStore } from "./pairings-without-store.ts";
import { random } from "./start.ts";

type Mode = "write" | "read";

/**
 * What a role of this home keeps. Peers and invites that are in files still move into the store when it is opened for
 * writing. Throws LairError store-*, home-*.
 */
export async function openPersistence(
  home: Home,
  identity: Identity,
  suite: CipherSuite,
  { noStore, mode = "write" }: { readonly noStore: boolean; readonly mode?: Mode },
): Promise<Persistence> {
  const name = storeName(suite, identity);
  if (noStore) {
    const store = new MemoryStore(random(LIFE_BYTES));
    const open = await opener(home, identity, suite).catch(unavailable);
    if (home.pairings.hasLists && existsSync(join(home.ownDirectory, `${name}.db`))) tryToMove(home, open, name);
    const notices = lostStore(home, name);
    const { pairings, onNotice, isForgotten } = pairingsWithoutStore({ home, name, open });
    return {
      store,
      history: undefined,
      isLasting: false,
      close() {},
      pairings,
      rooms: once(roomsInMemory),
      isForgotten,
      onNotice(tell) {
        for (const text of notices.splice(0)) tell(text);
        onNotice(tell);
      },
    };
  }
  const open = await opener(home, identity, suite);
  const texts = lostStore(home, name);
  const store = open(mode);
  try {
    // A program that only reads leaves the files to one that writes.
    const isUnmoved = mode === "read" && home.pairings.state === "lists" && !store.pairings.hasPeers;
    if (mode === "write") texts.push(...movePairings(home, store, name));
    return {
      store,
      history: store,
      receipts: store,
      pairings: isUnmoved ? home.pairings : store.pairings,
      rooms: once(async () => await roomsIn(store)),
      isLasting: true,
      onNotice: (tell) => texts.forEach(tell),
      close: () => store.close(),
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

/**
 * Of its file, without ".db". An identity that takes the place of another cannot read its store, nor be in its way. The
 * name is as old as the store: it does not cover the signature key.
 */
function storeName(suite: CipherSuite, { publicKey }: Identity): string {
  return `store-${fingerprint(suite, { publicKey }).replaceAll(" ", "").slice(0, 8)}`;
}

async function opener(home: Home, identity: Identity, suite: CipherSuite): Promise<(mode: Mode) => SqlStore> {
  const { openStore } = await loadStore();
  return (mode) =>
    openStore({
      directory: home.ownDirectory,
      name: storeName(suite, identity),
      privateKey: identity.privateKey,
      suite,
      random,
      read: readMessage,
      mode,
      inspect: (paths) => home.refuseExposed(paths),
    });
}

/** What to say when the files name a store, and this identity has none. */
function lostStore(home: Home, name: string): string[] {
  if (home.pairings.state !== "moved" || existsSync(join(home.ownDirectory, `${name}.db`))) return [];
  return [
    `The pairings of this home were in a store, but there is no ${name}.db, so no peer is known. ` +
      "Restore it from a backup, or pair again with a new invite.",
  ];
}

/** Where the store cannot be written, the files stay in use. */
function tryToMove(home: Home, open: (mode: Mode) => SqlStore, name: string): void {
  try {
    const store = open("write");
    try {
      movePairings(home, store, name);
    } finally {
      store.close();
    }
  } catch (error) {
    if (!isOfOurDisk(error)) throw error;
  }
}

/** Moves what is still in files. Says what became of files that are there again: they are from a backup. */
function movePairings(home: Home, { pairings }: SqlStore, name: string): readonly string[] {
  const taken = home.pairings.move(`${name}.db`, (peers, invites) => pairings.takeOver(peers, invites));
  if (taken === undefined || taken.isFirst) return [];
  const { peers, droppedInvites } = taken;
  const [were, they] = peers === 1 ? ["One pairing from it was", "it"] : [`${peers} pairings from it were`, "them"];
  return [
    ...(peers > 0 ? [`There was a file of pairings from a backup. ${were} added; forget-peer removes ${they}.`] : []),
    ...(droppedInvites > 0 ? ["There was a file of invites from a backup. They were not added: make a new one."] : []),
  ];
}

async function roomsIn(store: SqlStore): Promise<RoomStore> {
  const { openRoomStore } = await import("../node/store/rooms/sql-room-store.ts");
  return openRoomStore(store);
}

async function roomsInMemory(): Promise<RoomStore> {
  const { MemoryRoomStore } = await import("../app/rooms/memory-room-store.ts");
  return new MemoryRoomStore();
}

/** The result of the first call, at each. */
function once<Result>(make: () => Result): () => Result {
  let made: { readonly result: Result } | undefined;
  return () => (made ??= { result: make() }).result;
}

/** Thrown later, by who cannot do without it. */
function unavailable(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** Only when it is asked for: its library is a binary, which there is not for every platform. */
async function loadStore(): Promise<typeof StoreModule> {
  try {
    return await import("../node/store/open-store.ts");
  } catch (cause) {
    throw new LairError("store-unwritable", "The library of the store does not run on this platform.", {
      hint: "Reinstall with optional packages; or start with --no-store, in memory only.",
      cause,
    });
  }
}
