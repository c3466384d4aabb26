// The lines of a conversation with a person: those that are kept, and, if they are not kept, those of this run of the program,
// with older kept ones before them.

import type { HistoryEntry, HistoryPage } from "../../core/chat/history.ts";
import { matcherOf } from "../../core/chat/words.ts";
import type { Peer } from "../../core/identity/peer.ts";
import type { ApiGround } from "./api-ground.ts";
import { messageJson, personJson } from "./json-views.ts";
import { requireCursor } from "./problems.ts";
import type { RecentLines } from "./recent-lines.ts";
import type { DeliveryJson, FoundLineJson, MessageJson, MessagePageJson, Where } from "./views.ts";

// A cursor is "k" and the number of a kept line; "r" and the number of a recent one; or "k" alone: the newest that is kept.
const KEPT = "k";
const RECENT = "r";
/** Before all recent lines. */
const FIRST_RECENT = `${RECENT}0`;

interface Page {
  readonly entries: readonly HistoryEntry[];
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export class PersonLines {
  readonly #ground: ApiGround;

  constructor(ground: ApiGround) {
    this.#ground = ground;
  }

  /** Throws ApiProblem, LairError store-*. */
  page(peer: Peer, where: Where, limit: number): MessagePageJson {
    const { entries, before, after } = this.#page(peer, where, limit);
    const messages = this.#messages(peer, entries);
    return { messages, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  }

  last(peer: Peer): MessageJson | undefined {
    return this.page(peer, {}, 1).messages[0];
  }

  /** All of them. Throws LairError store-*. */
  all(peer: Peer): readonly MessageJson[] {
    const { history } = this.#ground.parts;
    const kept = history === undefined ? [] : [...history.all(peer.publicKey, this.#ground.nowMs)];
    return this.#messages(peer, [...kept, ...this.#unkept(peer).entries]);
  }

  /** The newest lines with all these words, oldest first, and how many there are. Throws LairError store-*. */
  search(
    peer: Peer,
    words: string,
    limit: number,
  ): { readonly found: readonly FoundLineJson[]; readonly total: number } {
    const { history } = this.#ground.parts;
    const { publicKey: key } = peer;
    const kept = history?.search(key, words, limit, this.#ground.nowMs) ?? { entries: [], numbers: [], total: 0 };
    const matches = matcherOf(words);
    const unkept = this.#unkept(peer);
    const recent = unkept.entries.flatMap((entry, index) =>
      matches?.(entry.text) === true ? { entry, around: `${RECENT}${unkept.numbers[index]}` } : [],
    );
    const all = [
      ...kept.entries.map((entry, index) => ({ entry, around: `${KEPT}${kept.numbers[index]}` })),
      ...recent,
    ];
    const found = all.slice(-limit);
    const messages = this.#messages(
      peer,
      found.map(({ entry }) => entry),
    );
    return {
      found: messages.map((message, index) => ({ message, around: found[index]!.around })),
      total: kept.total + recent.length,
    };
  }

  /** The lines of this run, if they are not kept. */
  #unkept(peer: Peer): Pick<ReturnType<RecentLines["page"]>, "entries" | "numbers"> {
    if (this.#isKept(peer)) return { entries: [], numbers: [] };
    const { recent } = this.#ground.parts.memory;
    return recent.page(this.#ground.idOf(peer), Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  }

  #page(peer: Peer, { before, after, around }: Where, limit: number): Page {
    if (around !== undefined) return this.#around(peer, around, limit);
    if (after !== undefined) return this.#after(peer, after, limit);
    if (before !== undefined) return this.#before(peer, before, limit);
    const page = this.#isKept(peer) ? this.#before(peer, KEPT, limit) : this.#recent(peer, undefined, limit);
    return { ...page, after: undefined };
  }

  /** Half of the lines end with the one at the cursor; the others follow it. */
  #around(peer: Peer, around: string, limit: number): Page {
    const letter = around.startsWith(RECENT) ? RECENT : KEPT;
    const number = requireCursor(around, letter);
    const older = this.#before(peer, `${letter}${number + 1}`, Math.ceil(limit / 2));
    if (limit === 1) return older;
    const newer = this.#after(peer, `${letter}${number}`, Math.floor(limit / 2));
    return { entries: [...older.entries, ...newer.entries], before: older.before, after: newer.after };
  }

  #before(peer: Peer, cursor: string, limit: number): Page {
    if (cursor.startsWith(RECENT)) return this.#recent(peer, requireCursor(cursor, RECENT), limit);
    const number = cursor === KEPT ? undefined : requireCursor(cursor, KEPT);
    const { entries, before, after } = this.#history(peer, number, limit);
    return {
      entries,
      before: before === undefined ? undefined : `${KEPT}${before}`,
      after: after === undefined ? this.#firstRecent(peer) : `${KEPT}${after}`,
    };
  }

  #recent(peer: Peer, number: number | undefined, limit: number): Page {
    const { recent } = this.#ground.parts.memory;
    const { entries, numbers, before } = recent.page(this.#ground.idOf(peer), number ?? Number.MAX_SAFE_INTEGER, limit);
    if (entries.length === 0) return this.#before(peer, KEPT, limit);
    const after = `${RECENT}${numbers.at(-1)}`;
    if (before !== undefined) return { entries, before: `${RECENT}${before}`, after };
    const isFirst = this.#history(peer, undefined, 1).entries.length === 0;
    return { entries, before: isFirst ? undefined : KEPT, after };
  }

  #after(peer: Peer, cursor: string, limit: number): Page {
    if (cursor.startsWith(RECENT)) return this.#recentAfter(peer, requireCursor(cursor, RECENT), limit);
    const number = requireCursor(cursor, KEPT);
    const { history } = this.#ground.parts;
    const page = history?.pageAfter(peer.publicKey, number, limit, this.#ground.nowMs);
    const after = page?.after;
    return {
      entries: page?.entries ?? [],
      before: `${KEPT}${page?.before ?? number + 1}`,
      after: after === undefined ? this.#firstRecent(peer) : `${KEPT}${after}`,
    };
  }

  #recentAfter(peer: Peer, number: number, limit: number): Page {
    const { recent } = this.#ground.parts.memory;
    const { entries, numbers, after } = recent.pageAfter(this.#ground.idOf(peer), number, limit);
    return {
      entries,
      before: `${RECENT}${numbers[0] ?? number + 1}`,
      after: after === undefined ? undefined : `${RECENT}${after}`,
    };
  }

  /** Where the recent lines begin behind those that are kept; undefined: there are none. */
  #firstRecent(peer: Peer): string | undefined {
    return this.#unkept(peer).entries.length === 0 ? undefined : FIRST_RECENT;
  }

  #history(peer: Peer, before: number | undefined, limit: number): HistoryPage {
    const { history } = this.#ground.parts;
    return (
      history?.page(peer.publicKey, before, limit, this.#ground.nowMs) ?? {
        entries: [],
        before: undefined,
        after: undefined,
      }
    );
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
