// The short names in front of messages: at most 16 columns, 8 on a narrow screen. Of people whose names look alike when they
// are cut, each gets a form that no other known person has: the name with its end, or with a part of the fingerprint. Pure.

import type { Nameable } from "../app/people.ts";
import { passesForOurs } from "../core/identity/reserved-names.ts";
import { skeletons } from "../core/identity/skeleton.ts";
import { columnsAtMost, fitColumns, graphemes } from "./columns.ts";

const NARROW_SCREEN = 60;
const NARROW_NAME = 8;
const WIDE_NAME = 16;
/** The end of a name that stays visible: as long as a group of the fingerprint, which `freeName` puts there. */
const TAIL_COLUMNS = 4;

interface RowNamesOptions {
  /** The width of the screen. */
  readonly columns: () => number;
  /** The mark of a cut. */
  readonly ellipsis: string;
  /** The name as it is shown, at most 24 columns. */
  readonly shown: (peer: Nameable) => string;
}

/** Somebody of whom no form may be given to another. */
const SEVERAL = "";

interface Given {
  readonly people: readonly Nameable[];
  readonly most: number;
  /** By fingerprint. */
  readonly names: ReadonlyMap<string, { readonly of: string; readonly name: string }>;
  /** Skeletons of the names that were given, and of all forms of a name without its fingerprint: whose they are. */
  readonly taken: ReadonlyMap<string, string>;
}

export class RowNames {
  readonly #options: RowNamesOptions;
  #given: Given | undefined;

  constructor(options: RowNamesOptions) {
    this.#options = options;
  }

  /** The short name of a peer among these people; never empty. */
  of(peer: Nameable, people: readonly Nameable[]): string {
    const most = this.#options.columns() < NARROW_SCREEN ? NARROW_NAME : WIDE_NAME;
    if (this.#given?.people !== people || this.#given.most !== most) this.#given = this.#give(people, most);
    const { names, taken } = this.#given;
    const shown = this.#options.shown(peer);
    const given = names.get(peer.fingerprint);
    return given?.of === shown ? given.name : this.#free(peer, most, taken);
  }

  #give(people: readonly Nameable[], most: number): Given {
    const taken = new Map<string, string>();
    for (const peer of people) for (const form of this.#plainForms(peer, most)) take(taken, form, peer);
    const names = new Map<string, { of: string; name: string }>();
    for (const peer of people) {
      const name = this.#free(peer, most, taken);
      take(taken, name, peer);
      names.set(peer.fingerprint, { of: this.#options.shown(peer), name });
    }
    return { people, most, names, taken };
  }

  #free(peer: Nameable, most: number, taken: ReadonlyMap<string, string>): string {
    const forms = [...this.#plainForms(peer, most), ...this.#printForms(peer, most)];
    const isFree = (form: string): boolean =>
      skeletons(form).every((skeleton) => (taken.get(skeleton) ?? peer.fingerprint) === peer.fingerprint);
    return forms.find(isFree) ?? forms.at(-1)!;
  }

  /** The name, cut at its end, or in the middle. Where there is space, the whole of it. */
  #plainForms(peer: Nameable, most: number): readonly string[] {
    const { ellipsis } = this.#options;
    const shown = this.#options.shown(peer);
    if (columnsAtMost(shown) <= most) return [shown];
    const tail = endOf(shown, TAIL_COLUMNS);
    const head = fitColumns(shown, most - columnsAtMost(ellipsis + tail), "");
    const forms = [fitColumns(shown, most, ellipsis), head + ellipsis + tail, ...(most === WIDE_NAME ? [shown] : [])];
    return forms.filter((form, index) => index === 0 || isAsHarmless(form, shown));
  }

  /** With one group of the fingerprint, or of its letters alone. */
  #printForms(peer: Nameable, most: number): readonly string[] {
    const shown = this.#options.shown(peer);
    const groups = peer.fingerprint.split(" ");
    const letters = groups.join("");
    const head = fitColumns(shown, most - TAIL_COLUMNS - 1, "");
    const named = groups.map((group) => `${head} ${group}`).filter((form) => isAsHarmless(form, shown));
    return [
      ...named,
      ...Array.from({ length: letters.length / most }, (_, at) => letters.slice(at * most).slice(0, most)),
    ];
  }
}

/** A shorter form must not begin with a word of the program if the name does not. */
function isAsHarmless(form: string, shown: string): boolean {
  return !passesForOurs(form) || passesForOurs(shown);
}

function take(taken: Map<string, string>, form: string, { fingerprint }: Nameable): void {
  for (const skeleton of skeletons(form)) {
    const owner = taken.get(skeleton) ?? fingerprint;
    taken.set(skeleton, owner === fingerprint ? fingerprint : SEVERAL);
  }
}

/** The last graphemes of a text that fit into so many columns. */
function endOf(text: string, columns: number): string {
  const clusters = graphemes(text);
  let end = "";
  while (clusters.length > 0 && columnsAtMost(clusters.at(-1)! + end) <= columns) end = clusters.pop()! + end;
  return end.trimStart();
}
