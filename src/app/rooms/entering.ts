// How a member enters a room by itself: it makes the room, or joins it by a link.
//
//   creating ──the hub has it──► joined
//   joining ──GroupInfo, external commit, the log brings it──► joined
//      └── refused ──► forgotten; or over, if there are lines from an earlier time

import { toHex } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { Committing } from "./committing.ts";
import { makeExternalCommit } from "./commit-making.ts";
import { HubRefusal, isAway } from "./hub-calls.ts";
import type { LiveRoom } from "./live-room.ts";
import { AGAIN, forNow, type Next, REST, type WorkerParts } from "./turns.ts";

export class Entering {
  readonly #parts: WorkerParts;
  readonly #live: LiveRoom;
  readonly #committing: Committing;
  /** Who waits for it. */
  #waiting: { readonly done: () => void; readonly failed: (error: unknown) => void } | undefined;

  constructor(parts: WorkerParts, live: LiveRoom, committing: Committing) {
    this.#parts = parts;
    this.#live = live;
    this.#committing = committing;
  }

  /** Resolves once the room is made or joined. Rejects with LairError if it cannot be. */
  async wait(): Promise<void> {
    await new Promise<void>((done, failed) => {
      this.#waiting = { done, failed };
    });
  }

  async create(): Promise<Next> {
    const { id: room, listedName } = this.#live.room;
    const outcome = await this.#parts.hub.call("create", { room, listedName });
    // It has the id already if the answer to an earlier call was lost: nobody else draws the same one.
    if (outcome.type === "refused" && outcome.refusal !== "exists") return await this.#refused(new HubRefusal(outcome));
    const created = { type: "room-created", room: this.#live.view } as const;
    await this.#live.change({ standing: "joined", listedName: undefined }, created);
    this.entered();
    return AGAIN;
  }

  /** Takes the next step; undefined: the commit is in the log, which is to be read. */
  async join(): Promise<Next | undefined> {
    const { link, pending, id: room } = this.#live.room;
    if (link === undefined) throw new LairError("store-damaged", "The stored state of a room cannot be read.");
    if (pending?.seq !== undefined) return undefined;
    try {
      if (pending !== undefined) return await this.#committing.send(pending.call);
      const outcome = await this.#parts.hub.call("outside", { room, link: toHex(link.id) });
      if (outcome.type === "refused") return await this.#refused(new HubRefusal(outcome));
      const made = await makeExternalCommit(this.#parts, this.#live.room, outcome.answer, { kind: "link", ...link });
      if (made !== undefined) await this.#committing.keep(made);
      return AGAIN;
    } catch (error) {
      return await this.#refused(error);
    }
  }

  entered(): void {
    this.#waiting?.done();
    this.#waiting = undefined;
    this.#parts.onChange();
  }

  /** It cannot be made or joined. The room is forgotten, unless there are lines from when the member was in it before. */
  async giveUp(error: unknown): Promise<void> {
    const { store, showing, onChange } = this.#parts;
    const { room, view } = this.#live;
    const over = { ...room, standing: "over", link: undefined, pending: undefined } as const;
    const [line] = await store.lines(room.id, Number.MAX_SAFE_INTEGER, 1);
    await store.change(line === undefined ? { forget: room.id } : { room: over });
    this.#live.took(over);
    if (this.#waiting === undefined) showing.error(error, view);
    this.end(error);
    onChange();
  }

  /** Nobody waits for it any more. */
  end(error: unknown): void {
    this.#waiting?.failed(error);
    this.#waiting = undefined;
  }

  /** What is only for now is tried again. */
  async #refused(error: unknown): Promise<Next> {
    const isOurs = !(error instanceof LairError) || error.kind === "store";
    if (isOurs || isAway(error) || forNow(error) !== undefined) throw error;
    await this.giveUp(error);
    return REST;
  }
}
