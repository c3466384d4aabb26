// How a room ends for a member who has left, who was removed, or whose room was closed. Lines that still wait are
// dropped.

import { LairError } from "../../core/errors.ts";
import type { Committing } from "./committing.ts";
import type { Entering } from "./entering.ts";
import type { LiveRoom } from "./live-room.ts";
import type { Posting } from "./posting.ts";
import type { RoomReport, RoomView } from "./room-reports.ts";
import type { StoredRoom } from "./room-store.ts";
import type { WorkerParts } from "./turns.ts";

interface Others {
  readonly live: LiveRoom;
  readonly posting: Posting;
  readonly committing: Committing;
  readonly entering: Entering;
}

export class Departing {
  readonly #parts: WorkerParts;
  readonly #others: Others;

  constructor(parts: WorkerParts, others: Others) {
    this.#parts = parts;
    this.#others = others;
  }

  /** The hub says that there is no seat here any more. Rejects with LairError store-*. */
  async gone(): Promise<void> {
    const { live, entering } = this.#others;
    const { room } = live;
    if (room.standing === "over") return;
    if (room.standing === "joining") return await entering.giveUp(outOfIt());
    const over: StoredRoom = { ...room, standing: "over", state: undefined, pending: undefined };
    if (room.isUnwanted !== true) await this.#tell(over);
    live.took(over);
    await live.see(undefined);
    await this.over();
  }

  /** The room is over, which is stored. Rejects with LairError store-*. */
  async over(): Promise<void> {
    const { live, committing } = this.#others;
    if (live.room.isUnwanted === true) await this.#forget();
    committing.giveUp(outOfIt());
    this.#parts.onChange();
  }

  /** An invitation that was declined by the program: a stranger must not fill the store by them. What was said earlier stays. */
  async #forget(): Promise<void> {
    const { store, onForgotten } = this.#parts;
    const { room } = this.#others.live;
    const [line] = await store.lines(room.id, Number.MAX_SAFE_INTEGER, 1);
    if (line !== undefined) return await this.#others.live.change({ isUnwanted: undefined });
    await store.change({ forget: room.id });
    onForgotten();
  }

  async #tell(over: StoredRoom): Promise<void> {
    const { names, identity } = this.#parts;
    const { live, posting } = this.#others;
    const { view } = live;
    const who = await names.view(identity);
    const sent = posting.without([]);
    await live.tell(
      { room: over, sent },
      live.room.standing === "leaving" ? { type: "left", room: view } : { type: "removed", room: view, who },
      ...(sent.length > 0 ? [notSent(view, sent.length)] : []),
    );
    posting.sent(sent);
  }
}

function outOfIt(): LairError {
  return new LairError("hub-refused", "You are not in this room any more.");
}

export function notSent(room: RoomView, count: number): RoomReport {
  const lines = count === 1 ? "One line was" : `${count} lines were`;
  const message = `${lines} not sent: you are not in the room.`;
  return { type: "room-error", room, code: "hub-refused", message };
}
