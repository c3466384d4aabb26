// Signals of a room: that somebody types, and what they have read. Sealed under a key of the epoch for each sender,
// sent to the members who are connected, and stored nowhere.

import { fromHex, toHex } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { RoomSignal } from "../../core/room/room-message.ts";
import { epochOfSignal, openSignal, sealSignal, SIGNAL_LABEL } from "../../core/room/signal.ts";
import { ask, type HubCalls } from "./hub-calls.ts";
import { lineNumber } from "./line-views.ts";
import { memberWithKey, type OpenGroup, type RoomParts } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomReport, RoomView } from "./room-reports.ts";
import type { StoredRoom } from "./room-store.ts";

interface SignalParts extends Pick<RoomParts, "groups" | "suite" | "random" | "identity" | "store"> {
  readonly names: RoomNames;
  readonly showing: { tell(report: RoomReport): void };
}

/** A room, as far as signals go. */
interface SignalRoom {
  readonly room: StoredRoom;
  readonly group: OpenGroup | undefined;
  readonly view: RoomView;
}

const KEY_BYTES = 32;

export class SignalReader {
  readonly #parts: SignalParts;

  constructor(parts: SignalParts) {
    this.#parts = parts;
  }

  /** Tells what somebody signals. What cannot be opened, or is of another epoch, is skipped: nothing of it is kept. */
  async take({ room, group, view }: SignalRoom, from: Uint8Array, bytes: Uint8Array): Promise<void> {
    const { groups, names, showing, store, suite } = this.#parts;
    if (group === undefined || room.standing !== "joined") return;
    const sender = memberWithKey(group, from);
    if (sender === undefined) return;
    try {
      if (epochOfSignal(bytes) !== group.epoch) return;
      const key = await groups.exportSecret(group.state, SIGNAL_LABEL, from, KEY_BYTES);
      const signal = openSignal(suite, { room: room.id, sender: from, key }, bytes);
      const by = await names.view(sender);
      if (signal.kind === "typing") return showing.tell({ type: "typing", room: view, by });
      const line = await store.line(room.id, fromHex(signal.to)!);
      if (line !== undefined) {
        const seq = lineNumber(line.seq);
        showing.tell({ type: "read", room: view, id: toHex(line.id), seq, by });
      }
    } catch (error) {
      if (!(error instanceof LairError) || error.kind !== "protocol") throw error;
    }
  }
}

/** Tells the others of a room. Rejects with LairError `hub-away`, `hub-refused`. */
export async function tellSignal(
  { groups, suite, random, identity }: Omit<SignalParts, "names" | "showing" | "store">,
  hub: HubCalls,
  { room, group }: SignalRoom,
  signal: RoomSignal,
): Promise<void> {
  if (group === undefined || room.standing !== "joined") return;
  const { publicKey: sender } = identity;
  const key = await groups.exportSecret(group.state, SIGNAL_LABEL, sender, KEY_BYTES);
  const bytes = sealSignal(suite, random, { room: room.id, sender, key }, group.epoch, signal);
  await ask(hub, "signal", { room: room.id, bytes });
}
