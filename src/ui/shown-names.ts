// The names of people as the screen shows them, and as a line can name them. All raw names pass the sanitiser here.

import { clearNameInSentence, type Nameable } from "../app/people.ts";
import { SHOWN_COLUMNS } from "../core/identity/peer-name.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import { passesForOurs } from "../core/identity/reserved-names.ts";
import { RowNames } from "./row-names.ts";
import { sanitiseLine } from "./sanitise.ts";
import type { Selection } from "./selection.ts";
import type { ViewOptions } from "./view-options.ts";

export class ShownNames {
  readonly #options: ViewOptions;
  readonly #selection: Selection;
  readonly #rowNames: RowNames;

  constructor(options: ViewOptions, selection: Selection) {
    this.#options = options;
    this.#selection = selection;
    const { columns, style } = options;
    this.#rowNames = new RowNames({ columns, ellipsis: style.ellipsis, shown: ({ name }) => this.shown(name) });
  }

  /** A name, never empty, never a word that means somebody else here. */
  shown(raw: string): string {
    const name = raw === "" ? "" : sanitiseLine(raw, SHOWN_COLUMNS, this.#options);
    if (name === "") return "peer";
    return passesForOurs(name) ? `?${name}` : name;
  }

  of(peer: Nameable | undefined): string {
    return this.shown(peer?.name ?? "");
  }

  /** The short name in front of messages, which nobody else has here. */
  inRow(peer: PeerView | undefined): string {
    return peer === undefined ? this.of(peer) : this.#rowNames.of(peer, this.#selection.people);
  }

  /** The name in a sentence of the program, in quotation marks if needed. */
  inSentence(peer: Nameable | undefined): string {
    return nameInSentence(this.of(peer));
  }

  /** How a line can name the peer, safe to show: by the fingerprint if the name is not shown as it is. */
  typed(peer: PeerView, people: readonly PeerView[] = this.#selection.people): string {
    return clearNameInSentence(this.of(peer) === peer.name ? peer : { ...peer, name: "" }, people);
  }

  /** A command about the peer as it can be typed now: with the name, unless the prompt is at that one. */
  inCommand(word: string, peer: PeerView, rest = ""): string {
    const { people } = this.#selection;
    const isOnly = people.length < 2 && !this.#selection.isElsewhere(peer);
    const isClear = this.#selection.isAt(peer) || isOnly;
    return [word, ...(isClear ? [] : [this.typed(peer)]), rest].join(" ").trim();
  }
}
