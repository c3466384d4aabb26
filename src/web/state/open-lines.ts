// The conversation that is open, and its lines: asked for in pages, forwards and backwards, one request at a time.

import type { Api } from "../../app/api/api.ts";
import type { MessageJson } from "../../app/api/views.ts";
import type { Store } from "./store.ts";
import {
  isAtEnd,
  isOverlong,
  movedNewer,
  movedOlder,
  movedTo,
  movedToEnd,
  newestTimeline,
  PAGE_LINES,
  showsEnd,
  type Timeline,
  trimmed,
  wantedNewer,
  wantedOlder,
  withNewer,
  withNewest,
  withOlder,
} from "./timeline.ts";
import { type Composing, conversationWithId, type OpenView, type PageView } from "./view.ts";

/** A page of the API has at most so many lines. */
const MOST_ASKED = 500;

export class OpenLines {
  readonly #api: Api;
  readonly #store: Store<PageView>;
  /** Called with what failed. */
  readonly #failed: (error: unknown) => void;
  /** The request of a page that is on its way. */
  #asking: Promise<void> | undefined;
  #isAskingNewest: "no" | "yes" | "again" = "no";

  constructor(api: Api, store: Store<PageView>, failed: (error: unknown) => void) {
    this.#api = api;
    this.#store = store;
    this.#failed = failed;
  }

  get #open(): OpenView | undefined {
    return this.#store.state.open;
  }

  /** Opens a conversation at its newest line. */
  async open(id: string, composing: Composing): Promise<void> {
    const unread = conversationWithId(this.#store.state, id)?.unread ?? 0;
    this.#store.set({ open: { id, notes: [], arrived: 0, readers: {}, composing } });
    await this.#loadNewest(id, unread);
  }

  /** Shows the newest line of the open conversation. */
  async toEnd(): Promise<void> {
    const open = this.#open;
    if (open?.timeline === undefined) return;
    if (isAtEnd(open.timeline)) this.#change(open.id, ({ timeline }) => ({ timeline: movedToEnd(timeline) }));
    else await this.#loadNewest(open.id, 0);
  }

  async #loadNewest(id: string, unread: number): Promise<void> {
    const page = await this.#ask(id, undefined, PAGE_LINES);
    const open = this.#open;
    if (page === undefined || open?.id !== id) return;
    const firstNew = unread === 0 ? open.firstNew : firstUnread(page.messages, unread);
    const timeline = newestTimeline(page);
    this.#store.set({ open: { ...open, timeline, arrived: 0, ...(firstNew === undefined ? {} : { firstNew }) } });
  }

  /** The newest lines again: some may have been said elsewhere. */
  async newest(): Promise<void> {
    const id = this.#open?.id;
    if (id === undefined) return;
    if (this.#isAskingNewest !== "no") {
      this.#isAskingNewest = "again";
      return;
    }
    this.#isAskingNewest = "yes";
    const page = await this.#ask(id, undefined, PAGE_LINES);
    const isStale = (this.#isAskingNewest as string) === "again";
    this.#isAskingNewest = "no";
    const open = this.#open;
    if (page !== undefined && open?.id === id && open.timeline !== undefined) {
      const timeline = withNewest(open.timeline, page.messages) ?? newestTimeline(page);
      this.#store.set({ open: { ...open, timeline } });
    }
    if (isStale) await this.newest();
  }

  /** The person comes near the oldest line that is shown. */
  async older(): Promise<void> {
    const open = this.#open;
    if (open?.timeline === undefined) return;
    this.#change(open.id, ({ timeline }) => ({ timeline: movedOlder(timeline) }));
    const cursor = wantedOlder(this.#open?.timeline ?? open.timeline);
    if (cursor !== undefined) await this.#loadOlder(open.id, cursor, PAGE_LINES);
  }

  async #loadOlder(id: string, cursor: string, limit: number): Promise<void> {
    await this.#alone(async () => {
      const page = await this.#ask(id, cursor, limit);
      if (page !== undefined) this.#change(id, ({ timeline }) => ({ timeline: withOlder(timeline, cursor, page) }));
    });
  }

  /** The person comes near the newest line that is shown. */
  async newer(): Promise<void> {
    const open = this.#open;
    if (open?.timeline === undefined) return;
    this.#change(open.id, ({ timeline }) => ({ timeline: trimmed(movedNewer(timeline)) }));
    const dropped = wantedNewer(this.#open?.timeline ?? open.timeline);
    if (dropped !== undefined) {
      await this.#alone(async () => {
        const isNewest = dropped.cursor === undefined;
        const limit = Math.min(MOST_ASKED, Math.max(1, dropped.count + (isNewest ? open.arrived : 0)));
        const page = await this.#ask(open.id, dropped.cursor, limit);
        if (page === undefined) return;
        this.#change(open.id, ({ timeline, arrived }) => ({
          timeline: withNewer(timeline, dropped, page) ?? newestTimeline(page),
          arrived: isNewest ? 0 : arrived,
        }));
      });
    }
    const now = this.#open;
    if (now?.timeline !== undefined && showsEnd(now.timeline) && isOverlong(now.timeline)) {
      await this.#loadNewest(now.id, 0);
    }
  }

  /** Shows one line, however old. Returns whether it is there. */
  async jump(id: string): Promise<boolean> {
    const open = this.#open;
    if (open === undefined) return false;
    for (;;) {
      const timeline = this.#open?.id === open.id ? this.#open.timeline : undefined;
      if (timeline === undefined) return false;
      const moved = movedTo(timeline, id);
      if (moved !== undefined) {
        this.#change(open.id, ({ jump }) => ({ timeline: moved, jump: { id, count: (jump?.count ?? 0) + 1 } }));
        return true;
      }
      const cursor = timeline.pages[0]?.before;
      if (cursor === undefined) return false;
      if (this.#asking !== undefined) {
        await this.#asking;
        continue;
      }
      const { start } = timeline;
      await this.#loadOlder(open.id, cursor, MOST_ASKED);
      if (this.#open?.timeline?.start === start) return false;
    }
  }

  async #ask(conversation: string, before: string | undefined, limit: number) {
    try {
      return await this.#api.call("messages", { conversation, limit, ...(before === undefined ? {} : { before }) });
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** Unless another request of a page is on its way. */
  async #alone(action: () => Promise<void>): Promise<void> {
    if (this.#asking !== undefined) return;
    this.#asking = action();
    try {
      await this.#asking;
    } finally {
      this.#asking = undefined;
    }
  }

  /** Changes the open conversation, if it is still this one. */
  #change(id: string, change: (open: OpenView & { readonly timeline: Timeline }) => Partial<OpenView>): void {
    const open = this.#open;
    if (open?.id !== id || open.timeline === undefined) return;
    const next = change({ ...open, timeline: open.timeline });
    if (next.timeline !== open.timeline || next.jump !== undefined) this.#store.set({ open: { ...open, ...next } });
  }
}

/** The line that was the first of the unread ones. */
function firstUnread(lines: readonly MessageJson[], unread: number): string | undefined {
  let left = unread;
  for (const line of lines.toReversed()) {
    if (line.from.self === true) continue;
    left -= 1;
    if (left === 0) return line.id;
  }
  return lines[0]?.id;
}
