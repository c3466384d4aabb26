// What outlives a line, and perhaps the program: the store of the delivery, and the history beside it. With --no-store both
// are gone with the program.

import { readMessage } from "../core/chat/message.ts";
import { MemoryStore } from "../core/delivery/memory-store.ts";
import { LIFE_BYTES } from "../core/delivery/store.ts";
import { LairError } from "../core/errors.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import type { KeyPair } from "../core/identity/key-pair.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Home } from "../node/home/home.ts";
import type * as StoreModule from "../node/store/open-store.ts";
import type { Persistence } from "../app/persistence.ts";
import { random } from "./start.ts";

/** The memory of a role of this home: the disk's, or with --no-store none. Throws LairError store-*, home-mode. */
export async function openPersistence(
  home: Home,
  identity: KeyPair,
  suite: CipherSuite,
  { noStore, mode = "write" }: { readonly noStore: boolean; readonly mode?: "write" | "read" },
): Promise<Persistence> {
  if (noStore) return { store: new MemoryStore(random(LIFE_BYTES)), history: undefined, isLasting: false, close() {} };
  const { openStore } = await loadStore();
  const store = openStore({
    directory: home.ownDirectory,
    // An identity that takes the place of another cannot read its store, and must not be in its way either.
    name: `store-${fingerprint(identity.publicKey).replaceAll(" ", "").slice(0, 8)}`,
    privateKey: identity.privateKey,
    suite,
    random,
    read: readMessage,
    mode,
    inspect: (paths) => home.refuseExposed(paths),
  });
  return { store, history: store, isLasting: true, close: () => store.close() };
}

/** Only when it is asked for: its library is a binary, which there is not for every platform. */
async function loadStore(): Promise<typeof StoreModule> {
  try {
    return await import("../node/store/open-store.ts");
  } catch (cause) {
    throw new LairError("store-unwritable", "The library of the store does not run on this platform.", {
      hint: "Install again, with optional packages; or start with --no-store, in memory only.",
      cause,
    });
  }
}
