// The conversation that is open, and its lines: asked for in pages, forwards and backwards, one request at a time.

import type { Api } from "../../app/api/api.ts";
import type { MessageJson, MessagePageJson, Where } from "../../app/api/views.ts";
import type { Store } from "./store.ts";
import {
  isAtEnd,
  isOverlong,
  movedNewer,
  movedOlder,
  movedTo,
  movedToEnd,
  PAGE_LINES,
  showsEnd,
  type Timeline,
  timelineAround,
  trimmed,
  wantedNewer,
  wantedOlder,
  withNewer,
  withNewest,
  withNewestAlone,
  withOlder,
} from "./timeline.ts";
import { type Composing, conversationWithId, type OpenView, type PageView } from "./view.ts";

interface OpenLinesOptions {
  readonly api: Api;
  readonly store: Store<PageView>;
  readonly failed: (error: unknown) => void;
  /** An answer may be older than what has happened since: the newest lines must be asked for again. */
  readonly stale: () => void;
}

export class OpenLines {
  readonly #api: Api;
  readonly #store: Store<PageView>;
  readonly #failed: OpenLinesOptions["failed"];
  readonly #stale: OpenLinesOptions["stale"];
  /** How much has happened in the conversation that is open. */
  #happened = 0;
  /** The request of a page that is on its way. */
  #asking: Promise<void> | undefined;
  /** The last request that was made to show the newest lines; never rejects. */
  #loading: Promise<void> | undefined;
  #isAskingNewest: "no" | "yes" | "again" = "no";

  constructor({ api, store, failed, stale }: OpenLinesOptions) {
    this.#api = api;
    this.#store = store;
    this.#failed = failed;
    this.#stale = stale;
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

  /** An event about the open conversation has arrived. An answer that is on its way may be from before it. */
  happened(): void {
    this.#happened += 1;
  }

  /** Shows the newest line of the open conversation: at once, if it is held. */
  async toEnd(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    if (open.timeline === undefined) await this.#loading;
    else if (isAtEnd(open.timeline)) this.#change(open.id, ({ timeline }) => ({ timeline: movedToEnd(timeline) }));
    else await this.#loadNewest(open.id, 0);
  }

  async #loadNewest(id: string, unread: number): Promise<void> {
    const loading = this.#showNewest(id, unread);
    this.#loading = loading;
    await loading;
  }

  async #showNewest(id: string, unread: number): Promise<void> {
    const asked = this.#open?.timeline;
    const page = await this.#askNewest(id);
    const open = this.#open;
    if (page === undefined || open?.id !== id) return;
    const firstNew = unread === 0 ? open.firstNew : firstUnread(page.messages, unread);
    const timeline = withNewestAlone(open.timeline, page, asked);
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
    const asked = this.#open?.timeline;
    const page = await this.#askNewest(id);
    const isStale = (this.#isAskingNewest as string) === "again";
    this.#isAskingNewest = "no";
    const open = this.#open;
    if (page !== undefined && open?.id === id && open.timeline !== undefined) {
      const timeline = withNewest(open.timeline, page.messages, asked) ?? withNewestAlone(open.timeline, page, asked);
      this.#store.set({ open: { ...open, timeline } });
    }
    if (isStale) await this.newest();
  }

  async #askNewest(id: string): Promise<MessagePageJson | undefined> {
    const happened = this.#happened;
    const page = await this.#ask(id, {});
    if (this.#happened !== happened) this.#stale();
    return page;
  }

  /** The person comes near the oldest line that is shown. */
  async older(): Promise<void> {
    const open = this.#open;
    if (open?.timeline === undefined) return;
    this.#change(open.id, ({ timeline }) => ({ timeline: movedOlder(timeline) }));
    const cursor = wantedOlder(this.#open?.timeline ?? open.timeline);
    if (cursor === undefined) return;
    await this.#alone(async () => {
      const page = await this.#ask(open.id, { before: cursor });
      if (page === undefined) return;
      this.#change(open.id, ({ timeline }) => ({ timeline: withOlder(timeline, cursor, page) }));
    });
  }

  /** The person comes near the newest line that is shown. */
  async newer(): Promise<void> {
    const open = this.#open;
    if (open?.timeline === undefined) return;
    this.#change(open.id, ({ timeline }) => ({ timeline: trimmed(movedNewer(timeline)) }));
    const cursor = wantedNewer(this.#open?.timeline ?? open.timeline);
    if (cursor !== undefined) {
      await this.#alone(async () => {
        const page = await this.#ask(open.id, { after: cursor });
        if (page === undefined) return;
        this.#change(open.id, ({ timeline }) => ({ timeline: withNewer(timeline, cursor, page) }));
        await this.#reachedEnd(open.id);
      });
    }
    const now = this.#open;
    if (now?.timeline !== undefined && showsEnd(now.timeline) && isOverlong(now.timeline)) {
      await this.#loadNewest(now.id, 0);
    }
  }

  /** The last line may be held now. Those that came while it was asked for were not put behind it. */
  async #reachedEnd(id: string): Promise<void> {
    const open = this.#open;
    if (open?.id !== id || open.timeline === undefined || !isAtEnd(open.timeline)) return;
    this.#store.set({ open: { ...open, arrived: 0 } });
    await this.newest();
  }

  /** Shows one line, however old; `around`: where it is. */
  async jump(id: string, around: string): Promise<"shown" | "gone" | "failed"> {
    const open = this.#open;
    if (open?.timeline === undefined) return "failed";
    const held = movedTo(open.timeline, id);
    if (held !== undefined) {
      this.#showJump(open.id, id, held);
      return "shown";
    }
    const page = await this.#ask(open.id, { around });
    if (page === undefined) return "failed";
    const timeline = timelineAround(page, id);
    if (timeline === undefined) return "gone";
    this.#showJump(open.id, id, timeline);
    await this.#reachedEnd(open.id);
    return "shown";
  }

  #showJump(conversation: string, id: string, timeline: Timeline): void {
    this.#change(conversation, ({ jump }) => ({ timeline, jump: { id, count: (jump?.count ?? 0) + 1 } }));
  }

  async #ask(conversation: string, where: Where): Promise<MessagePageJson | undefined> {
    try {
      return await this.#api.call("messages", { conversation, limit: PAGE_LINES, ...where });
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
