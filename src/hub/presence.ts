// Who is connected, and what each of them hears: news of the store, the coming and going of the others, and signals. Knows
// those of this hub; that of people at another hub of the same store is not told.

import { toHex } from "../core/bytes.ts";
import { encodeNews, MAX_PUSHED_BYTES } from "../core/hub/calls.ts";
import type { EndedBy } from "./events.ts";
import { type Caller, type Ground, type HandlersOf, ration } from "./handlers.ts";
import type { Online } from "./online.ts";
import { CallRefused } from "./refused.ts";
import type { Entry, News } from "./store.ts";
import { Views } from "./views.ts";

interface PresenceListener {
  /** The hub has to end this one. */
  end(online: Online, why: EndedBy): void;
  failed(error: unknown, during: string): void;
}

export class Presence {
  readonly #ground: Ground;
  readonly #listener: PresenceListener;
  readonly #views: Views;
  /** By key in hex. */
  readonly #online = new Map<string, Online>();

  constructor(ground: Ground, listener: PresenceListener) {
    this.#ground = ground;
    this.#listener = listener;
    this.#views = new Views(ground.store.rooms, {
      isConnected: (who) => this.#online.has(who),
      entries: (who, room, next) => this.#online.get(who)?.outbox.entries(room, next),
      entry: (to, room, entry) => this.#entry(to, room, entry),
      seated: (who, room, others) => this.#seated(who, room, others),
      unseated: (who, room) => {
        const online = this.#online.get(who);
        online?.rooms.delete(toHex(room));
        online?.given.delete(toHex(room));
        online?.outbox.closed(room);
      },
      failed: (error) => listener.failed(error, "news"),
    });
  }

  get count(): number {
    return this.#online.size;
  }

  find(key: Uint8Array): Online | undefined {
    return this.#online.get(toHex(key));
  }

  all(): readonly Online[] {
    return [...this.#online.values()];
  }

  /** Whether others see that somebody is there. */
  isShown(key: Uint8Array): boolean {
    return this.find(key)?.shown === "told";
  }

  /** The first entry of a room that concerns somebody; undefined: the store is to be asked. */
  seatedFrom(name: string, room: Uint8Array): number | undefined {
    return this.#views.seatedFrom(name, room);
  }

  /** A session was given everything of a room before entry `next`: it is told the next one as it is. */
  gave(caller: Caller, room: Uint8Array, next: number): void {
    const online = this.#online.get(caller.name);
    // Another session of the same key may have taken its place meanwhile.
    if (online === caller && online.connection.readsEntries === true) online.given.set(toHex(room), next);
  }

  /** From now on it hears what concerns it; it takes the place of an older one of the same key, which hears no more. */
  add(online: Online): void {
    const older = this.#online.get(online.name);
    older?.outbox.end();
    for (const room of older?.rooms ?? []) online.rooms.add(room);
    // To the others it has been there all the time.
    online.shown = older?.shown ?? "untold";
    this.#online.set(online.name, online);
  }

  /** Resolves once it hears of all its rooms. Rejects with LairError store-*. */
  async begin({ key, name }: Online): Promise<void> {
    // Its account may have changed after it was looked up, and before it heard of that.
    await this.#checkAccount(key);
    const rooms = await this.#ground.store.rooms.roomsOf(key);
    await Promise.all(rooms.map((room) => this.#views.join(name, room)));
  }

  /** It hears no more. False: another one has taken its place. */
  remove(online: Online): boolean {
    online.outbox.end();
    if (this.#online.get(online.name) !== online) return false;
    this.#show(online, "untold");
    this.#online.delete(online.name);
    this.#views.part(online.name, online.rooms);
    return true;
  }

  /** Whether those who share a room with it are to see that it is there. */
  setVisible(online: Online, isVisible: boolean): void {
    online.visibility = isVisible ? "visible" : "invisible";
    this.#show(online, isVisible ? "told" : "untold");
  }

  /** News of the store. */
  hear(news: News): void {
    switch (news.type) {
      case "entries":
        this.#views.entries(news.room, news.next, news.entry);
        break;
      case "seats":
      case "room-closed":
        if (this.#online.size > 0) this.#views.changed(news.room);
        break;
      case "letter":
        this.find(news.to)?.outbox.letter();
        break;
      case "account":
        void this.#checkAccount(news.key);
        break;
      // It concerns those who are not here yet.
      case "invite":
    }
  }

  handlers(): HandlersOf<"signal" | "visible"> {
    return {
      signal: async (caller, { room, bytes }) => {
        const present = await this.#views.present(room);
        if (present?.has(caller.name) !== true) throw new CallRefused("no-room");
        ration(this.#ground, caller, "signals");
        for (const who of present) {
          if (who !== caller.name) this.#online.get(who)?.outbox.signal({ room, from: caller.key, bytes });
        }
        return {};
      },
      visible: (caller, { isVisible }) => {
        const online = this.find(caller.key);
        if (online !== undefined) this.setVisible(online, isVisible);
        return {};
      },
    };
  }

  #show(online: Online, shown: Online["shown"]): void {
    if (online.shown === shown) return;
    online.shown = shown;
    this.#views.tell(online.name, online.rooms, (who) =>
      this.#online.get(who)?.outbox.presence(online.key, shown === "told"),
    );
  }

  /**
   * Each hears the entry itself, if it was given everything before it and its connection is not busy; else that there is
   * something to read.
   */
  #entry(to: Iterable<string>, room: Uint8Array, entry: Entry): void {
    const { seq } = entry;
    const name = toHex(room);
    // One for all of them.
    const news = entry.bytes.length > MAX_PUSHED_BYTES ? undefined : encodeNews("entry", { room, entry });
    for (const who of to) {
      const online = this.#online.get(who);
      if (online === undefined) continue;
      if (news !== undefined && online.given.get(name) === seq && online.outbox.push(name, news)) {
        online.given.set(name, seq + 1);
      } else online.outbox.entries(room, seq + 1);
    }
  }

  #seated(who: string, room: Uint8Array, others: Iterable<string>): void {
    const online = this.#online.get(who);
    if (online === undefined) return;
    online.rooms.add(toHex(room));
    if (online.shown === "untold") return;
    for (const other of others) {
      if (other !== who) this.#online.get(other)?.outbox.presence(online.key, true);
    }
  }

  async #checkAccount(key: Uint8Array): Promise<void> {
    if (this.find(key) === undefined) return;
    try {
      const account = await this.#ground.store.accounts.account(key);
      const online = this.find(key);
      if (online === undefined) return;
      if (account === undefined) this.#listener.end(online, "forgotten");
      else if (account.standing === "suspended") this.#listener.end(online, "suspended");
    } catch (error) {
      this.#listener.failed(error, "news");
    }
  }
}
