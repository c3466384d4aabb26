// One frontend made of several, so that a terminal and a page are used at the same time and never disagree: all of them show
// what happens, and each gets the answers to what it has asked (`audience.ts`). Commands run synchronously, so "who asks"
// holds as long as a command does.
//
//   nobody asks ---asking---> somebody asks ---the command has run---> as before

import type { PeerView } from "../core/identity/peer-view.ts";
import { audienceOf } from "./audience.ts";
import type { ProgramEvent } from "./events.ts";
import type { Demand, Frontend } from "./frontend.ts";
import type { RoomView } from "./rooms/room-reports.ts";

/** Who gives a command, and gets what comes of it at once: answers, and what has happened as well. */
interface Asker {
  show(event: ProgramEvent): void;
}

/** Shows what happens beside the main frontend: the event log of an API. It asks for nothing by itself. */
export interface Onlooker {
  show(event: ProgramEvent): void;
  /** Calls back once somebody looks at what was shown so far; the function that it returns takes that back. */
  whenTaken(action: () => void): () => void;
}

export class Frontends implements Frontend {
  readonly #main: Frontend | undefined;
  readonly #onlookers: readonly Onlooker[];
  #asker: Asker | undefined;

  /** `main`: the terminal, the pipe or the JSON lines, which gets the answers to what nobody has asked. Absent: there is none. */
  constructor(main: Frontend | undefined, onlookers: readonly Onlooker[]) {
    this.#main = main;
    this.#onlookers = onlookers;
  }

  /** Carries out a command of this asker. */
  asking<Result>(asker: Asker, action: () => Result): Result {
    const before = this.#asker;
    this.#asker = asker;
    try {
      return action();
    } finally {
      this.#asker = before;
    }
  }

  /** Carries out a command of the main frontend. */
  byMain<Result>(action: () => Result): Result {
    return this.#main === undefined ? action() : this.asking(this.#main, action);
  }

  show(event: ProgramEvent): void {
    const asker = this.#asker;
    const audience = audienceOf(event);
    if (audience === "asker" || (audience === "asker, or all" && asker !== undefined)) {
      this.answer(event);
      return;
    }
    this.#main?.show(event);
    if (event.type === "notice" && event.isOfKeys === true) return;
    for (const onlooker of this.#onlookers) onlooker.show(event);
    if (asker !== this.#main) asker?.show(event);
  }

  answer(event: ProgramEvent): void {
    (this.#asker ?? this.#main)?.show(event);
  }

  isAt(peer: PeerView): boolean {
    return this.#main?.isAt?.(peer) === true;
  }

  isAtRoom(room: RoomView): boolean {
    return this.#main?.isAtRoom?.(room) === true;
  }

  regulateInput(demand: Demand): void {
    this.#main?.regulateInput(demand);
  }

  /** A message counts as shown once one of them has taken it. */
  whenTaken(action: (isTaken: boolean) => void): void {
    const pending: { cancels: readonly (() => void)[] | undefined } = { cancels: [] };
    const tell = (isTaken: boolean): void => {
      const { cancels } = pending;
      if (cancels === undefined) return;
      pending.cancels = undefined;
      for (const cancel of cancels) cancel();
      action(isTaken);
    };
    for (const onlooker of this.#onlookers) {
      const cancel = onlooker.whenTaken(() => tell(true));
      if (pending.cancels !== undefined) pending.cancels = [...pending.cancels, cancel];
    }
    this.#main?.whenTaken(tell);
  }

  close(): void {
    this.#main?.close();
  }
}
