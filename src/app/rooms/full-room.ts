// A room that the hub cannot store more of for now: lines and changes wait, and the user learns once why.
//
//   taken ──refused as full──► full, told ──something is taken──► taken

import type { Refused } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import type { LiveRoom } from "./live-room.ts";
import type { WorkerParts } from "./turns.ts";

export class FullRoom {
  readonly #showing: WorkerParts["showing"];
  readonly #live: LiveRoom;
  #state: "taken" | "full" = "taken";

  constructor({ showing }: Pick<WorkerParts, "showing">, live: LiveRoom) {
    this.#showing = showing;
    this.#live = live;
  }

  /** The hub has taken something. */
  taken(): void {
    this.#state = "taken";
  }

  /** The hub has refused something for now. */
  refused({ refusal, sentence }: Pick<Refused, "refusal" | "sentence">): void {
    if (refusal !== "full" || this.#state === "full") return;
    this.#state = "full";
    const hint = "Your lines and changes wait, and are sent automatically.";
    this.#showing.error(new LairError("hub-refused", `The hub refused: ${sentence}`, { hint }), this.#live.view);
  }
}
