// The engine of the rooms with its adapters: ts-mls, and the store. All of it is loaded when it is asked for, so that a program
// without a hub loads none of it.

import type { LoadRooms } from "../app/hubs.ts";
import type { Identity } from "../core/identity/identity.ts";
import { findPeer } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { SYSTEM_CLOCK } from "../node/clock.ts";
import { OPENSSL_AES_GCM } from "../node/openssl-suite/suite.ts";
import { exportRoom } from "./export-history.ts";
import type { Persistence } from "../app/persistence.ts";
import { random } from "./start.ts";

interface RoomsParts {
  readonly suite: CipherSuite;
  readonly identity: Identity;
  readonly persistence: Persistence;
}

/** How a program loads the engine of its rooms. */
export function roomsLoader({ suite, identity, persistence }: RoomsParts): LoadRooms {
  return async (frame) => {
    const [{ makeRooms }, { mlsGroupCrypto }, { ROOM_RULES }, store] = await Promise.all([
      import("../app/rooms/make-rooms.ts"),
      import("../mls/index.ts"),
      import("../core/room/policy.ts"),
      openRoomStore(persistence),
    ]);
    const groups = mlsGroupCrypto({ signature: suite.signature, aesGcm: OPENSSL_AES_GCM, random, rules: ROOM_RULES });
    const urlOf = (hub: Uint8Array): string | undefined => findPeer(frame.peers(), hub)?.url;
    const parts = { groups, store, clock: SYSTEM_CLOCK, random, suite, identity };
    return makeRooms({ ...parts, ...frame, urlOf, exportLines: exportRoom });
  };
}

/** In memory if nothing is to be kept. */
async function openRoomStore(persistence: Persistence) {
  if (persistence.rooms !== undefined) return await persistence.rooms();
  const { MemoryRoomStore } = await import("../app/rooms/memory-room-store.ts");
  return new MemoryRoomStore();
}
