// The commands about rooms without a connection: which there are, and what is kept of one. Loaded when one is asked for.

import type { Report } from "../app/frontend.ts";
import type { Persistence } from "../app/persistence.ts";
import { type RestCommand, roomsAtRest } from "../app/rooms/rooms-at-rest.ts";
import { LairError } from "../core/errors.ts";
import type { Identity } from "../core/identity/identity.ts";
import { hubsAmong } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { ROOM_RULES } from "../core/room/policy.ts";
import { mlsGroupCrypto } from "../mls/index.ts";
import { SYSTEM_CLOCK } from "../node/clock.ts";
import { OPENSSL_AES_GCM } from "../node/openssl-suite/suite.ts";
import { exportRoom } from "./export-history.ts";
import { random } from "./start.ts";

interface Parts {
  readonly identity: Identity;
  readonly suite: CipherSuite;
  readonly persistence: Persistence;
  readonly report: Report;
}

/** Rejects with LairError. */
export async function runRoomCommand(
  { identity, suite, persistence, report }: Parts,
  command: RestCommand,
): Promise<void> {
  const peers = persistence.pairings.peers();
  const hubs = hubsAmong(peers).map(({ publicKey }) => publicKey);
  const store = await persistence.rooms?.();
  if (hubs.length === 0 || store === undefined) {
    throw new LairError("peer-unknown", "No hub is known here, so there are no rooms.", {
      hint: "Start the program and type join and the invite of a hub, or a link to a room.",
    });
  }
  const groups = mlsGroupCrypto({ signature: suite.signature, aesGcm: OPENSSL_AES_GCM, random, rules: ROOM_RULES });
  const parts = {
    groups,
    store,
    clock: SYSTEM_CLOCK,
    suite,
    identity,
    peers: () => peers,
    hubs,
    exportLines: exportRoom,
  };
  for (const answer of await roomsAtRest(parts, command)) report.show({ type: "room", report: answer });
}
