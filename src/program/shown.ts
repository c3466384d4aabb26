// What of the peer's has been given to the face is marked in the store, once the face's output has it. Until then it would be
// shown again after a crash.

import type { Correspondence, CorrespondenceEvent } from "../core/chat/correspondence.ts";

export class Shown {
  readonly #whenTaken: (action: () => void) => void;
  readonly #mark: (correspondence: Correspondence, next: number) => void;
  /** Everything below has been given to the face. */
  #given: { readonly correspondence: Correspondence; readonly next: number } | undefined;

  /** `whenTaken` calls back once the output has taken everything so far. */
  constructor(whenTaken: (action: () => void) => void, mark: (correspondence: Correspondence, next: number) => void) {
    this.#whenTaken = whenTaken;
    this.#mark = mark;
  }

  /** This has been given to the face; all that follows in the same turn is marked together. */
  note(correspondence: Correspondence, event: CorrespondenceEvent): void {
    if (!isTheirs(event)) return;
    const isFirst = this.#given === undefined;
    this.#given = { correspondence, next: event.seq + 1 };
    if (isFirst) queueMicrotask(() => this.#whenTaken(() => this.mark()));
  }

  /** Marks what has been given, now. */
  mark(): void {
    const given = this.#given;
    if (given === undefined) return;
    this.#given = undefined;
    this.#mark(given.correspondence, given.next);
  }
}

type Theirs = Extract<CorrespondenceEvent, { type: "message" | "unknown-message" | "unreadable-message" | "timer" }>;

function isTheirs(event: CorrespondenceEvent): event is Theirs {
  switch (event.type) {
    case "message":
    case "unknown-message":
    case "unreadable-message":
      return true;
    case "timer":
      return event.by === "peer";
    default:
      return false;
  }
}
