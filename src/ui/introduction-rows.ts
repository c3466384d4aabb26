// The rows of a view about introductions: the question before a key is accepted, and what became of it.

import type { ProgramEvent } from "../app/events.ts";
import { sanitiseLine } from "./sanitise.ts";
import type { Selection } from "./selection.ts";
import type { ShownNames } from "./shown-names.ts";
import type { TextRows } from "./text-rows.ts";
import type { ViewOptions } from "./view-options.ts";

type EventOf<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

interface IntroductionRowsParts extends ViewOptions {
  readonly layout: TextRows;
  readonly selection: Selection;
  readonly names: ShownNames;
  /** Makes the rows of a line of the program itself. */
  readonly notice: (text: string) => string[];
}

export class IntroductionRows {
  readonly #parts: IntroductionRowsParts;

  constructor(parts: IntroductionRowsParts) {
    this.#parts = parts;
  }

  /** What a person reads before keys are pinned: who vouches, for which keys, and where this would lead. */
  asked({ peer, by, url }: EventOf<"introduction">): string[] {
    const { layout, selection, names, style } = this.#parts;
    const [name, introducer] = [names.inSentence(peer), names.inSentence(by)];
    const where = url === undefined ? `${name} connects to you` : `you connect to ${this.#line(url)}`;
    // A name of several words is hard to type.
    const who = names.typed(/\s/u.test(peer.name) ? { ...peer, name: "" } : peer, selection.introduced);
    return [
      ...layout.hanging("", `${introducer} introduces ${name}. Accept?`, 0, style.warning),
      ...layout.hanging("", this.#line(peer.fingerprint), 2),
      ...layout.hanging("", `If both accept, ${where}.`, 2),
      ...layout.hanging("", `Type accept ${who}, or decline ${who}.`, 0),
    ];
  }

  answered(event: EventOf<"introduction-answered">): string[] {
    const { names, notice } = this.#parts;
    const [name, introducer] = [names.inSentence(event.peer), names.inSentence(event.by)];
    return notice(
      event.isAccepted
        ? `accepted: ${name}, introduced by ${introducer}; you are connected when ${name} accepts too`
        : `declined: ${name}, introduced by ${introducer}`,
    );
  }

  /** Our own introduction of two others. */
  made({ who }: EventOf<"introduced">): string[] {
    const [one, other] = who.map((peer) => this.#parts.names.inSentence(peer));
    return this.#parts.notice(`${one} and ${other} are asked whether they want to know each other`);
  }

  #line(raw: string): string {
    return sanitiseLine(raw, 200, this.#parts);
  }
}
