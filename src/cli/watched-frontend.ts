// A frontend over standard output that watches the output: it says when no more should arrive to be shown, and reports
// errors elsewhere once the output has failed. It also adds the notice about the locale after the program's first line.
//
//   taken ---an event fills the output---> full ---all of it is taken---> taken
//                                           +------the output has failed: it stays full

import type { ProgramEvent } from "../app/events.ts";
import type { Demand, Frontend } from "../app/frontend.ts";
import type { RoomView } from "../app/rooms/room-reports.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import type { ConfirmedOutput } from "../node/confirmed-output.ts";
import { tellErrorEvent } from "./tell-error.ts";

interface WatchedFrontendOptions {
  readonly frontend: Frontend;
  readonly output: ConfirmedOutput;
  /** Whether errors go to standard error once the output has failed: they do not go there anyway. */
  readonly repeatsErrors: boolean;
  /** To be shown once, after "started". */
  readonly localeNotice: string | undefined;
  /** Whether the output accepts what is shown; if not, nothing more should arrive to be shown. */
  readonly onOutput: (isTaken: boolean) => void;
}

export class WatchedFrontend implements Frontend {
  readonly #options: WatchedFrontendOptions;
  #state: "taken" | "full" = "taken";
  #localeNotice: string | undefined;

  constructor(options: WatchedFrontendOptions) {
    this.#options = options;
    this.#localeNotice = options.localeNotice;
  }

  show(event: ProgramEvent): void {
    const { frontend, output, repeatsErrors } = this.#options;
    frontend.show(event);
    if (event.type !== "started") this.#tellLocale();
    if (output.failure !== undefined && repeatsErrors && event.type === "error") tellErrorEvent(event);
    if (this.#state === "taken" && output.isFull) this.#waitForRoom();
  }

  isAt(peer: PeerView): boolean {
    return this.#options.frontend.isAt?.(peer) === true;
  }

  isAtRoom(room: RoomView): boolean {
    return this.#options.frontend.isAtRoom?.(room) === true;
  }

  regulateInput(demand: Demand): void {
    this.#options.frontend.regulateInput(demand);
  }

  whenTaken(action: (isTaken: boolean) => void): void {
    this.#options.frontend.whenTaken(action);
  }

  close(): void {
    this.#options.frontend.close();
  }

  #tellLocale(): void {
    const text = this.#localeNotice;
    if (text === undefined) return;
    this.#localeNotice = undefined;
    this.#options.frontend.show({ type: "notice", text });
  }

  #waitForRoom(): void {
    const { output, onOutput } = this.#options;
    this.#state = "full";
    onOutput(false);
    output.whenTaken((isTaken) => {
      if (!isTaken) return;
      this.#state = "taken";
      onOutput(true);
    });
  }
}
