// The notices that are shown: information goes by itself, problems stay until they are put away or no news any more.

import type { CallName } from "../../app/api/calls.ts";
import { noticeOfFailure } from "./notices.ts";
import type { PagePorts } from "./ports.ts";
import type { Store } from "./store.ts";
import type { Notice, PageView } from "./view.ts";

/** A person reads it in this time; problems stay until they are put away. */
const NOTICE_MS = 8_000;
const MOST_NOTICES = 4;

export class NoticeBoard {
  readonly #store: Store<PageView>;
  readonly #clock: PagePorts["clock"];
  /** What is shown of calls that were refused: the id of the notice, by the call. */
  readonly #refused = new Map<CallName, number>();
  #count = 0;

  constructor(store: Store<PageView>, clock: PagePorts["clock"]) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Returns its id; undefined if it is shown already. */
  show(notice: Omit<Notice, "id">): number | undefined {
    const { notices } = this.#store.state;
    // The event and the answer to the call may both tell it.
    if (notices.some(({ text }) => text === notice.text)) return undefined;
    const id = ++this.#count;
    this.#store.set({ notices: [...notices, { ...notice, id }].slice(-MOST_NOTICES) });
    if (notice.tone === "info") this.#clock.later(NOTICE_MS, () => this.dismiss(id));
    return id;
  }

  dismiss(id: number): void {
    this.#store.set({ notices: this.#store.state.notices.filter((one) => one.id !== id) });
  }

  failed(error: unknown): number | undefined {
    const notice = noticeOfFailure(error);
    return notice === undefined ? undefined : this.show(notice);
  }

  refused(call: CallName, error: unknown): void {
    const id = this.failed(error);
    if (id === undefined) return;
    this.answered(call);
    this.#refused.set(call, id);
  }

  /** An earlier refusal of the call is no news any more. */
  answered(call: CallName): void {
    const id = this.#refused.get(call);
    if (id === undefined) return;
    this.#refused.delete(call);
    this.dismiss(id);
  }
}
