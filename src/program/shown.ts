// What of the peer's has been given to the face is marked in the store, once the system has confirmed that it is written.
// Until then it would be shown again at the next start.

import type { Correspondence, CorrespondenceEvent } from "../core/chat/correspondence.ts";
import type { Face } from "./face.ts";

export class Shown {
  readonly #whenTaken: Face["whenTaken"];
  readonly #mark: (correspondence: Correspondence, next: number) => void;
  /** Everything below the number has been given to the face in this turn. */
  #given = new Map<Correspondence, number>();
  /** How much of it there is. */
  #count = 0;
  #unshown = 0;

  constructor(whenTaken: Face["whenTaken"], mark: (correspondence: Correspondence, next: number) => void) {
    this.#whenTaken = whenTaken;
    this.#mark = mark;
  }

  /** So much has been given to the face and is not marked. */
  get unshown(): number {
    return this.#unshown;
  }

  /** This has been given to the face; all that follows in the same turn is marked together. */
  note(correspondence: Correspondence, event: CorrespondenceEvent): void {
    if (!isTheirs(event)) return;
    if (this.#given.size === 0) queueMicrotask(() => this.settle());
    this.#given.set(correspondence, event.seq + 1);
    this.#count += 1;
    this.#unshown += 1;
  }

  /** Marks what has been given so far, once it is taken; what nobody takes is not marked. */
  settle(): void {
    const [given, count] = [this.#given, this.#count];
    if (given.size === 0) return;
    this.#given = new Map();
    this.#count = 0;
    this.#whenTaken((isTaken) => {
      if (!isTaken) return;
      this.#unshown -= count;
      for (const [correspondence, next] of given) this.#mark(correspondence, next);
    });
  }
}

type Theirs = Extract<
  CorrespondenceEvent,
  { type: "message" | "unknown-message" | "unreadable-message" | "timer" | "timer-held" }
>;

function isTheirs(event: CorrespondenceEvent): event is Theirs {
  switch (event.type) {
    case "message":
    case "unknown-message":
    case "unreadable-message":
    case "timer-held":
      return true;
    case "timer":
      return event.by === "peer";
    default:
      return false;
  }
}
