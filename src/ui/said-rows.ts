// The rows of a view for what is said between two: our lines, the peer's, and how to answer somebody that the prompt is not
// at. All raw text passes the sanitiser here.

import type { ProgramEvent } from "../app/events.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import type { ConversationRows } from "./conversation-rows.ts";
import { sanitiseText } from "./sanitise.ts";
import type { Selection } from "./selection.ts";
import type { ShownNames } from "./shown-names.ts";
import type { ViewOptions } from "./view-options.ts";

type EventOf<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

interface SaidRowsParts extends ViewOptions {
  readonly conversation: ConversationRows;
  readonly selection: Selection;
  readonly names: ShownNames;
  /** Makes the rows of a line of the program itself. */
  readonly notice: (text: string) => string[];
}

export class SaidRows {
  readonly #parts: SaidRowsParts;
  /** The fingerprints of peers of whom the person knows how to answer; since the prompt last turned. */
  readonly #hinted = new Set<string>();
  #hasToldAgain = false;

  constructor(parts: SaidRowsParts) {
    this.#parts = parts;
  }

  /** The prompt has turned to somebody else. */
  turned(): void {
    this.#hinted.clear();
  }

  /** The heading above messages that may have been shown before. */
  again({ again }: Pick<EventOf<"message">, "again">): string[] {
    const isTold = this.#hasToldAgain;
    this.#hasToldAgain = again === true;
    if (again !== true || isTold) return [];
    return this.#parts.notice("stored when the program stopped; you may have seen these");
  }

  message(event: EventOf<"message">): string[] {
    const { conversation, style } = this.#parts;
    const who = this.#speaker(event.peer);
    const paint = style.peer(event.peer.fingerprint);
    return [
      ...this.again(event),
      ...conversation.said({ who, paint, atMs: event.atMs, text: this.#whole(event.text) }, who),
      ...this.#answerHint(event.peer),
    ];
  }

  /** Our own line to a peer that the prompt is not at says to whom it went. */
  own(event: EventOf<"queued" | "sent">): string[] {
    const { conversation, selection, names, style } = this.#parts;
    const whole = this.#whole(event.text);
    const text = selection.isElsewhere(event.peer) ? `@${names.typed(event.peer)} ${whole}` : whole;
    return conversation.said({ who: "you", paint: style.dim, atMs: event.atMs, text }, names.inRow(event.peer));
  }

  /** At the prompt of a room, a line that is only for the user is marked: somebody there may be called the same. */
  #speaker(peer: PeerView): string {
    const { selection, names } = this.#parts;
    const isInRoom = (selection.room ?? selection.goneRoom) !== undefined;
    return `${isInRoom ? "@" : ""}${names.inRow(peer)}`;
  }

  /** How to answer somebody that the prompt is not at: once, until the prompt turns. */
  #answerHint(peer: PeerView): string[] {
    const { hasPrompt, selection, names, notice } = this.#parts;
    const { fingerprint } = peer;
    if (hasPrompt !== true || !selection.isElsewhere(peer) || this.#hinted.has(fingerprint)) return [];
    this.#hinted.add(fingerprint);
    const name = names.typed(peer);
    return notice(`@${name} TEXT answers once; to ${name} switches the prompt`);
  }

  /** A message; the rows decide how much of it is shown. */
  #whole(raw: string): string {
    return sanitiseText(raw, { ...this.#parts, isBounded: true });
  }
}
