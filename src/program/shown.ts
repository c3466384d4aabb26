// What of the peer's has been given to the face is marked in the store, once the face's output has it. Until then it would be
// shown again after a crash.

import type { Correspondence, CorrespondenceEvent } from "../core/chat/correspondence.ts";
import type { Face } from "./face.ts";

export class Shown {
  readonly #whenTaken: Face["whenTaken"];
  readonly #mark: (correspondence: Correspondence, next: number) => void;
  /** Everything below the number has been given to the face in this turn. */
  #given = new Map<Correspondence, number>();

  constructor(whenTaken: Face["whenTaken"], mark: (correspondence: Correspondence, next: number) => void) {
    this.#whenTaken = whenTaken;
    this.#mark = mark;
  }

  /** This has been given to the face; all that follows in the same turn is marked together. */
  note(correspondence: Correspondence, event: CorrespondenceEvent): void {
    if (!isTheirs(event)) return;
    if (this.#given.size === 0) queueMicrotask(() => this.settle());
    this.#given.set(correspondence, event.seq + 1);
  }

  /** Marks what has been given so far, once it is taken; what nobody takes is not marked. */
  settle(): void {
    const given = this.#given;
    if (given.size === 0) return;
    this.#given = new Map();
    this.#whenTaken((isTaken) => {
      if (isTaken) for (const [correspondence, next] of given) this.#mark(correspondence, next);
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
