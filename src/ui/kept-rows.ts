// The rows of a view about what is kept with people: the answers to `history` and `search`, and the reminder at the start.

import type { ProgramEvent } from "../app/events.ts";
import type { HistoryEntry } from "../core/chat/history.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import type { ConversationRows, KeptLook } from "./conversation-rows.ts";
import { createHighlight } from "./highlight.ts";
import { foundPhrase, historyOffPhrase } from "./retention-phrases.ts";
import { sanitiseLine, sanitiseText } from "./sanitise.ts";
import type { Selection } from "./selection.ts";
import type { ShownNames } from "./shown-names.ts";
import { plainPaint } from "./text-rows.ts";
import type { ViewOptions } from "./view-options.ts";

type EventOf<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

interface KeptRowsParts extends ViewOptions {
  readonly conversation: ConversationRows;
  readonly selection: Selection;
  readonly names: ShownNames;
  /** Makes the rows of a line of the program itself. */
  readonly notice: (text: string) => string[];
}

export class KeptRows {
  readonly #parts: KeptRowsParts;

  constructor(parts: KeptRowsParts) {
    this.#parts = parts;
  }

  history(event: EventOf<"history">): string[] {
    const { names, notice, style } = this.#parts;
    const name = names.inSentence(event.peer);
    if (event.occasion === "asked") {
      if (event.entries.length > 0) return this.#kept(event);
      return [...notice(`nothing is kept with ${name}`), ...this.#off(event)];
    }
    if (event.entries.length === 0) return [];
    // If nothing can be dim, it would look like a new message.
    const intro = style.isPlain ? notice(`the last lines kept with ${name}`) : [];
    return [...intro, ...this.#kept(event, { dims: true })];
  }

  found(event: EventOf<"found">): string[] {
    const { notice, style } = this.#parts;
    return [
      ...notice(this.#foundPhrase(event)),
      ...this.#kept(event, { highlight: createHighlight(event.words, style.found) }),
      ...this.#off(event),
    ];
  }

  #foundPhrase({ peer, entries, total, words }: EventOf<"found">): string {
    const { names, selection } = this.#parts;
    const phrase = foundPhrase(entries.length, total, sanitiseLine(words, 200, this.#parts));
    return peer === undefined || selection.people.length < 2 ? phrase : `${phrase}, with ${names.inSentence(peer)}`;
  }

  #off({ entries, isOff }: EventOf<"history" | "found">): string[] {
    const { notice, program } = this.#parts;
    return entries.length === 0 && isOff === true ? notice(historyOffPhrase(program)) : [];
  }

  #kept(
    event: { readonly peer: PeerView | undefined; readonly entries: readonly HistoryEntry[] },
    look?: KeptLook,
  ): string[] {
    const { names, style, conversation } = this.#parts;
    const name = names.inRow(event.peer);
    const paint = event.peer === undefined ? plainPaint : style.peer(event.peer.fingerprint);
    const lines = event.entries.map(({ from, atMs, text, isDelivered }) => {
      const who = from === "you" ? { who: "you", paint: style.dim } : { who: name, paint };
      const whole = sanitiseText(text, { ...this.#parts, isBounded: true });
      return { ...who, atMs, text: whole + (isDelivered ? "" : " (waiting)") };
    });
    return conversation.kept(lines, name, look);
  }
}
