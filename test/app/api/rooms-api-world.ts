// Members of a hub, as in `rooms-world.ts`; the program of the first has a messenger, a terminal and an API on its rooms.

import type { ApiParts } from "../../../src/app/api/api-ground.ts";
import type { KeptReceipt, Receipts } from "../../../src/app/receipts.ts";
import type { MemoryRoomStore } from "../../../src/app/rooms/memory-room-store.ts";
import { toHex } from "../../../src/core/bytes.ts";
import assert from "node:assert/strict";
import type { Api, ApiEvent } from "../../../src/app/api/api.ts";
import { ApiMemory } from "../../../src/app/api/api-memory.ts";
import { LocalApi } from "../../../src/app/api/local-api.ts";
import type { ProgramEvent } from "../../../src/app/events.ts";
import { Frontends } from "../../../src/app/frontends.ts";
import { Messenger } from "../../../src/app/messenger.ts";
import type { RoomReport } from "../../../src/app/rooms/room-reports.ts";
import { OPENSSL_SUITE as suite } from "../../../src/node/openssl-suite/suite.ts";
import { readCommand } from "../../../src/ui/json-commands.ts";
import { toJson } from "../../../src/ui/json-lines.ts";
import { LastingStore } from "../../core/delivery/lasting-store.ts";
import { HUB, type Program, random, RoomsWorld } from "../rooms/rooms-world.ts";

/** The terminal of somebody who uses an API, too. */
export class Terminal {
  readonly shown: ProgramEvent[] = [];
  /** The id of the room that the prompt is at. */
  room: string | undefined;

  show(event: ProgramEvent): void {
    this.shown.push(event);
  }

  isAtRoom({ id }: { readonly id: string }): boolean {
    return id === this.room;
  }

  regulateInput(): void {}

  whenTaken(action: (isTaken: boolean) => void): void {
    setImmediate(() => action(true));
  }

  close(): void {}

  reports<Type extends RoomReport["type"]>(type: Type): (RoomReport & { readonly type: Type })[] {
    return this.shown.flatMap((event) => (event.type === "room" && isOf(event.report, type) ? [event.report] : []));
  }
}

function isOf<Type extends RoomReport["type"]>(
  report: RoomReport,
  type: Type,
): report is RoomReport & { readonly type: Type } {
  return report.type === type;
}

function apiOf(program: Program) {
  const { clock } = program.world.hub;
  const terminal = new Terminal();
  const memory = new ApiMemory({ run: "run1", toJson, nowMs: () => clock.now().wallMs });
  const frontends = new Frontends(terminal, [memory]);
  const messenger = new Messenger({
    frontend: frontends,
    clock,
    exportHistory: () => assert.fail("nothing is exported"),
    suite,
    self: program.identity,
    verbose: false,
    persistence: { store: new LastingStore(random(16)), history: undefined, isLasting: true },
    retention: undefined,
    peers: () => [{ ...HUB, isHub: true }],
    savePeer: () => assert.fail("nobody is stored"),
    forgetPeer: () => assert.fail("nobody is forgotten"),
    random,
    loadRooms: async (frame) => {
      program.messenger = frame;
      return program.rooms;
    },
    isAwaiting: false,
  });
  const receipts = receiptsBeside(program.store);
  const parts: ApiParts = {
    receipts,
    program: {
      name: "lair-client",
      version: "1.2.3",
      ownName: program.name,
      listening: () => undefined,
      command: (command) => messenger.command(command),
    },
    messenger,
    frontends,
    memory,
    history: undefined,
    isLasting: true,
    self: program.identity,
    suite,
    clock,
    toJson,
    readCommand,
  };
  const local = new LocalApi(parts);
  // A promise alone does not keep the process: what a call waits for comes in later turns of the event loop.
  const api: Api = {
    call: async (name, input, options) => {
      const turning = setInterval(() => {}, 1_000);
      try {
        return await local.call(name, input, options);
      } finally {
        clearInterval(turning);
      }
    },
    listen: (listener, since) => local.listen(listener, since),
  };
  messenger.recall();
  const told: ApiEvent[] = [];
  api.listen((event) => void told.push(event));
  /** Over the same store: what the first one remembered is gone. */
  const restarted = (): LocalApi => new LocalApi(parts);
  return { api, restarted, messenger, frontends, terminal, told };
}

/** The receipts that a store in memory drops. */
function receiptsBeside(store: MemoryRoomStore): Receipts {
  const kept: KeptReceipt[] = [];
  const change = store.change.bind(store);
  store.change = async (step) => {
    await change(step);
    kept.push(...(step.receipts ?? []));
  };
  return {
    receiptsOf: (key) => kept.filter((one) => toHex(one.key) === toHex(key)),
    under: (_, work) => work(),
  };
}

export async function roomsApiWorld() {
  const world = new RoomsWorld();
  const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
  return { world, ada, bob, ...apiOf(ada) };
}
