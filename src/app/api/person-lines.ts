// The lines of a conversation with a person: those that are kept, and, if they are not kept, those of this run of the program,
// with older kept ones before them.

import type { HistoryEntry, HistoryPage } from "../../core/chat/history.ts";
import { matcherOf } from "../../core/chat/words.ts";
import type { Peer } from "../../core/identity/peer.ts";
import type { ApiGround } from "./api-ground.ts";
import { messageJson, personJson } from "./json-views.ts";
import { malformed, requireCursor } from "./problems.ts";
import type { DeliveryJson, MessageJson, MessagePageJson } from "./views.ts";

// A cursor is "k" and a row of the history; "r" and the number of a recent line; or "k" alone: the newest of the history.
const KEPT = "k";
const RECENT = "r";

interface Page {
  readonly entries: readonly HistoryEntry[];
  readonly before: string | undefined;
}

export class PersonLines {
  readonly #ground: ApiGround;

  constructor(ground: ApiGround) {
    this.#ground = ground;
  }

  /** Throws ApiProblem, LairError store-*. */
  page(peer: Peer, before: string | undefined, limit: number): MessagePageJson {
    const page = this.#page(peer, before, limit);
    const messages = this.#messages(peer, page.entries);
    return { messages, ...(page.before === undefined ? {} : { before: page.before }) };
  }

  last(peer: Peer): MessageJson | undefined {
    return this.page(peer, undefined, 1).messages[0];
  }

  /** All of them. Throws LairError store-*. */
  all(peer: Peer): readonly MessageJson[] {
    const { history } = this.#ground.parts;
    const kept = history === undefined ? [] : [...history.all(peer.publicKey, this.#ground.nowMs)];
    return this.#messages(peer, [...kept, ...this.#unkept(peer)]);
  }

  /** The newest lines with all these words, oldest first, and how many there are. Throws LairError store-*. */
  search(peer: Peer, words: string, limit: number): { readonly found: readonly MessageJson[]; readonly total: number } {
    const { history } = this.#ground.parts;
    const { publicKey: key } = peer;
    const kept = history?.search(key, words, limit, this.#ground.nowMs) ?? { entries: [], total: 0 };
    const matches = matcherOf(words);
    const recent = matches === undefined ? [] : this.#unkept(peer).filter(({ text }) => matches(text));
    const found = [...kept.entries, ...recent].slice(-limit);
    return { found: this.#messages(peer, found), total: kept.total + recent.length };
  }

  /** The lines of this run, if they are not kept. */
  #unkept(peer: Peer): readonly HistoryEntry[] {
    if (this.#isKept(peer)) return [];
    const { recent } = this.#ground.parts.memory;
    return recent.page(this.#ground.idOf(peer), Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).entries;
  }

  #page(peer: Peer, before: string | undefined, limit: number): Page {
    if (before === undefined)
      return this.#isKept(peer) ? this.#kept(peer, KEPT, limit) : this.#recent(peer, before, limit);
    if (before.startsWith(KEPT)) return this.#kept(peer, before, limit);
    if (before.startsWith(RECENT)) return this.#recent(peer, before, limit);
    throw malformed("before is a text that an earlier page has given.", "Ask without it for the newest lines.");
  }

  #recent(peer: Peer, cursor: string | undefined, limit: number): Page {
    const { recent } = this.#ground.parts.memory;
    const number = cursor === undefined ? Number.MAX_SAFE_INTEGER : requireCursor(cursor, RECENT);
    const { entries, before } = recent.page(this.#ground.idOf(peer), number, limit);
    if (before !== undefined) return { entries, before: `${RECENT}${before}` };
    if (entries.length === 0) return this.#kept(peer, KEPT, limit);
    const older = this.#keptPage(peer, undefined, 1);
    return { entries, before: older.entries.length === 0 ? undefined : KEPT };
  }

  #kept(peer: Peer, cursor: string, limit: number): Page {
    const row = cursor === KEPT ? undefined : requireCursor(cursor, KEPT);
    const { entries, before } = this.#keptPage(peer, row, limit);
    return { entries, before: before === undefined ? undefined : `${KEPT}${before}` };
  }

  #keptPage(peer: Peer, row: number | undefined, limit: number): HistoryPage {
    const { history } = this.#ground.parts;
    return history?.page(peer.publicKey, row, limit, this.#ground.nowMs) ?? { entries: [], before: undefined };
  }

  /** Whether new lines are kept. */
  #isKept(peer: Peer): boolean {
    const { history } = this.#ground.parts;
    return history !== undefined && history.retention(peer.publicKey) !== "off";
  }

  #messages(peer: Peer, entries: readonly HistoryEntry[]): readonly MessageJson[] {
    const { messenger } = this.#ground.parts;
    const who = personJson(this.#ground.view(peer));
    const own = this.#ground.self;
    const waiting = entries.some(({ from, isDelivered }) => from === "you" && !isDelivered)
      ? uncarried(messenger.chatWith(peer))
      : new Set<number>();
    return entries.map((entry) =>
      entry.from === "you" ? messageJson(entry, own, deliveryOf(entry, waiting)) : messageJson(entry, who, undefined),
    );
  }
}

function deliveryOf({ isDelivered, seq }: HistoryEntry, waiting: ReadonlySet<number>): DeliveryJson {
  return isDelivered ? "delivered" : waiting.has(seq) ? "waiting" : "sent";
}

/** The numbers of what no session carries yet: the last ones of what waits. */
function uncarried({ waiting, queued }: { readonly waiting: readonly number[]; readonly queued: number }): Set<number> {
  return new Set(queued === 0 ? [] : waiting.slice(-queued));
}
