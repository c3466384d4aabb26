// The pairings of a home, in its store as its program would find them.

import { renameSync } from "node:fs";
import { join } from "node:path";
import { openPersistence } from "../../src/cli/persistence.ts";
import { generateIdentity } from "../../src/core/identity/identity.ts";
import type { Pairings } from "../../src/core/pairing/pairings.ts";
import type { Role } from "../../src/node/home/home.ts";
import { openHome } from "../node/home/open-home.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { random } from "../../src/cli/start.ts";

/** What `work` returns; what it changes is stored, if it is not only to read beside a program that runs. */
export async function withPairings<Result>(
  directory: string,
  role: Role,
  work: (pairings: Pairings) => Result,
  mode: "write" | "read" = "write",
): Promise<Result> {
  const home = openHome(directory, role);
  const identity = home.identity(() => generateIdentity(OPENSSL_SUITE, random));
  const persistence = await openPersistence(home, identity, OPENSSL_SUITE, { noStore: false, mode });
  try {
    return work(persistence.pairings);
  } finally {
    persistence.close();
  }
}

/** Moves the identity aside; a new one gets its pairings. */
export async function withAnotherIdentity(home: string, role: Role): Promise<void> {
  const peers = await withPairings(home, role, (pairings) => pairings.peers());
  const identity = join(home, role, "identity.json");
  renameSync(identity, `${identity}.aside`);
  await withPairings(home, role, (pairings) => {
    for (const peer of peers) pairings.savePeer(peer);
  });
}
