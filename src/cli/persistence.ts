// What outlives a session, and perhaps the program: the store of the delivery, the history beside it, and the pairings. With
// --no-store the first two are gone with the program; where the pairings are then is in pairings-without-store.ts.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readMessage } from "../core/chat/message.ts";
import { MemoryStore } from "../core/delivery/memory-store.ts";
import { LIFE_BYTES } from "../core/delivery/store.ts";
import { isOfOurDisk, LairError } from "../core/errors.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import type { KeyPair } from "../core/identity/key-pair.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Home } from "../node/home/home.ts";
import type * as StoreModule from "../node/store/open-store.ts";
import type { SqlStore } from "../node/store/sql-store.ts";
import type { Persistence } from "../app/persistence.ts";
import { pairingsWithoutStore } from "./pairings-without-store.ts";
import { random } from "./start.ts";

type Mode = "write" | "read";

/**
 * What a role of this home keeps. Peers and invites that are in files still move into the store when it is opened for
 * writing. Throws LairError store-*, home-*.
 */
export async function openPersistence(
  home: Home,
  identity: KeyPair,
  suite: CipherSuite,
  { noStore, mode = "write" }: { readonly noStore: boolean; readonly mode?: Mode },
): Promise<Persistence> {
  const name = storeName(suite, identity);
  if (noStore) {
    const store = new MemoryStore(random(LIFE_BYTES));
    const open = await opener(home, identity, suite).catch(unavailable);
    if (home.pairings.hasLists && existsSync(join(home.ownDirectory, `${name}.db`))) tryToMove(home, open, name);
    const pairings = pairingsWithoutStore({ home, name, open });
    return { store, history: undefined, isLasting: false, close() {}, ...pairings };
  }
  const open = await opener(home, identity, suite);
  const store = open(mode);
  try {
    const texts: string[] = [];
    // A program that only reads leaves the files to one that writes.
    const isUnmoved = mode === "read" && home.pairings.state === "lists" && !store.pairings.hasPeers;
    if (mode === "write") texts.push(...movePairings(home, store, name));
    return {
      store,
      history: store,
      pairings: isUnmoved ? home.pairings : store.pairings,
      isLasting: true,
      onNotice: (tell) => texts.forEach(tell),
      close: () => store.close(),
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Of its file, without ".db". An identity that takes the place of another cannot read its store, nor be in its way. */
function storeName(suite: CipherSuite, identity: KeyPair): string {
  return `store-${fingerprint(suite, identity.publicKey).replaceAll(" ", "").slice(0, 8)}`;
}

async function opener(home: Home, identity: KeyPair, suite: CipherSuite): Promise<(mode: Mode) => SqlStore> {
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

/** Says so when there were pairings in the store already: then the files are of an older program, or of a backup. */
function movePairings(home: Home, { pairings }: SqlStore, name: string): readonly string[] {
  const hadPeers = pairings.hasPeers;
  const news = home.pairings.move(`${name}.db`, (peers, invites) => pairings.takeOver(peers, invites));
  if (news === undefined || news === 0 || !hadPeers) return [];
  const added = news === 1 ? "One pairing from it was" : `${news} pairings from it were`;
  return [`There was a file of pairings from a backup or an older version. ${added} added to those in the store.`];
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
