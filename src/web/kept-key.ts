// The key of the proofs in IndexedDB, which keeps it as what it is: a key that signs, and that no script can read out. A browser
// that cannot keep it asks for the link again after a reload.

import type { KeptKey, ProofKey } from "./proof.ts";

const STORE = "keys";
const NAME = "proofs";

export function keyInBrowser(): KeptKey {
  return {
    get: async () => {
      const found: unknown = await inStore("readonly", (store) => store.get(NAME)).catch(() => undefined);
      return found instanceof CryptoKey ? found : undefined;
    },
    set: async (key: ProofKey | undefined) => {
      const change = (store: IDBObjectStore): IDBRequest =>
        key === undefined ? store.delete(NAME) : store.put(key, NAME);
      await inStore("readwrite", change).catch(() => undefined);
    },
  };
}

async function inStore(mode: IDBTransactionMode, action: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const opening = indexedDB.open("lair", 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(STORE));
  await done(opening);
  const database = opening.result;
  try {
    const asked = action(database.transaction(STORE, mode).objectStore(STORE));
    await done(asked);
    return asked.result;
  } finally {
    database.close();
  }
}

function done(request: IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve());
    request.addEventListener("error", () => reject(request.error ?? new Error("IndexedDB")));
  });
}
