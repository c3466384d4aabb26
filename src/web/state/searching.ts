// The search for words: asks when the person has paused, and shows the answer to what was written last.
//
//   none -> pausing -> asking -> found
//             ^           '----> failed -> asking (again, or when the program is there again)
//             '--- other words

import type { FoundJson } from "../../app/api/views.ts";
import type { PagePorts } from "./ports.ts";
import type { Store } from "./store.ts";
import type { PageView } from "./view.ts";

const PAUSE_MS = 200;

interface SearchingOptions {
  readonly store: Store<PageView>;
  readonly clock: PagePorts["clock"];
  /** Resolves to undefined if the program refuses, or does not answer. */
  readonly find: (words: string) => Promise<FoundJson | undefined>;
}

export class Searching {
  readonly #options: SearchingOptions;
  #stopPause: (() => void) | undefined;
  /** Goes up with each question: the answer to an earlier one is too late. */
  #asked = 0;

  constructor(options: SearchingOptions) {
    this.#options = options;
  }

  /** What is written in the field; blanks alone end the search. The same words again change nothing. */
  write(words: string): void {
    const { store, clock } = this.#options;
    const { search } = store.state;
    if (words === (search?.words ?? "")) return;
    this.#stopPause?.();
    this.#asked += 1;
    if (words.trim() === "") {
      store.set({ search: undefined });
      return;
    }
    const found = search?.found;
    store.set({ search: { words, state: "asking", ...(found === undefined ? {} : { found }) } });
    this.#stopPause = clock.later(PAUSE_MS, () => void this.#ask(words));
  }

  /** Asks again if there was no answer. */
  retry(): void {
    const { store } = this.#options;
    const { search } = store.state;
    if (search?.state !== "failed") return;
    store.set({ search: { ...search, state: "asking" } });
    void this.#ask(search.words);
  }

  async #ask(words: string): Promise<void> {
    const { store, find } = this.#options;
    const asked = ++this.#asked;
    const found = await find(words);
    if (asked !== this.#asked) return;
    store.set({ search: found === undefined ? { words, state: "failed" } : { words, state: "found", found } });
  }
}
