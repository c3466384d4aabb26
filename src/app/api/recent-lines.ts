// The lines that people have said to each other since the program began, for conversations whose history is not kept: a page
// that is loaded again shows what the terminal still shows. In memory only, and bounded.

import type { HistoryEntry } from "../../core/chat/history.ts";
import type { ProgramEvent } from "../events.ts";
import { recipientOf } from "../people.ts";

/** Ours. */
const MOST_LINES = 10_000;
const MOST_CHARACTERS = 4 * 2 ** 20;

interface RecentLine {
  /** Goes up. */
  readonly number: number;
  readonly conversation: string;
  /** It disappears so many seconds after it has arrived. */
  readonly ttlS: number | undefined;
  readonly entry: HistoryEntry;
}

/** Lines that follow each other, oldest first. */
interface RecentPage {
  readonly entries: readonly HistoryEntry[];
  /** Of each, its number, which goes up from line to line. */
  readonly numbers: readonly number[];
  /** There are earlier ones before this number. */
  readonly before: number | undefined;
  /** There are later ones after this number. */
  readonly after: number | undefined;
}

interface RecentLinesOptions {
  readonly nowMs: () => number;
}

export class RecentLines {
  readonly #options: RecentLinesOptions;
  #lines: RecentLine[] = [];
  #characters = 0;
  #last = 0;

  constructor(options: RecentLinesOptions) {
    this.#options = options;
  }

  /** Notes what has happened. */
  note(event: ProgramEvent): void {
    switch (event.type) {
      case "message":
        this.#add(recipientOf(event.peer), { ...event, from: "peer", isDelivered: true });
        break;
      case "queued":
      case "sent":
        this.#add(recipientOf(event.peer), { ...event, from: "you", isDelivered: false });
        break;
      case "released":
        this.#change(recipientOf(event.peer), event.was, { seq: event.seq });
        break;
      case "delivered":
        this.#change(recipientOf(event.peer), event.seq, { isDelivered: true });
        break;
      case "forgotten":
      case "peer-forgotten":
        this.#forget(recipientOf(event.peer));
        break;
      default:
    }
  }

  /** When this line disappears, by the wall clock; undefined: it does not, has not arrived, or is not known. */
  expiresAtMs(conversation: string, from: HistoryEntry["from"], seq: number): number | undefined {
    return this.#lines[this.#indexOf(conversation, from, seq)]?.entry.expiresAtMs;
  }

  /** The last `count` lines of a conversation before the one of this number. */
  page(conversation: string, before: number, count: number): RecentPage {
    const all = this.#linesOf(conversation).filter(({ number }) => number < before);
    const lines = all.slice(-count);
    return { ...pageOf(lines), before: all.length > lines.length ? lines[0]?.number : undefined, after: undefined };
  }

  /** The first `count` lines of a conversation after the one of this number. */
  pageAfter(conversation: string, after: number, count: number): RecentPage {
    const all = this.#linesOf(conversation).filter(({ number }) => number > after);
    const lines = all.slice(0, count);
    return { ...pageOf(lines), before: undefined, after: all.length > lines.length ? lines.at(-1)?.number : undefined };
  }

  #linesOf(conversation: string): readonly RecentLine[] {
    const nowMs = this.#options.nowMs();
    return this.#lines.filter(
      (line) =>
        line.conversation === conversation && (line.entry.expiresAtMs === undefined || line.entry.expiresAtMs > nowMs),
    );
  }

  #add(
    conversation: string,
    { from, seq, atMs, text, ttlS, isDelivered }: Omit<HistoryEntry, "expiresAtMs"> & { readonly ttlS?: number },
  ): void {
    const entry = { from, seq, atMs, text, isDelivered, expiresAtMs: undefined };
    this.#last += 1;
    this.#lines.push(this.#arrived({ number: this.#last, conversation, ttlS, entry }));
    this.#characters += text.length;
    if (this.#lines.length <= MOST_LINES && this.#characters <= MOST_CHARACTERS) return;
    this.#cut();
  }

  /** The oldest go, a tenth at once, so that each line costs the same. */
  #cut(): void {
    let count = 0;
    for (const { entry } of this.#lines) {
      const isFew = this.#lines.length - count <= 0.9 * MOST_LINES;
      if (isFew && this.#characters <= 0.9 * MOST_CHARACTERS) break;
      this.#characters -= entry.text.length;
      count += 1;
    }
    this.#lines = this.#lines.slice(count);
  }

  #indexOf(conversation: string, from: HistoryEntry["from"], seq: number): number {
    return this.#lines.findLastIndex(
      (line) => line.conversation === conversation && line.entry.from === from && line.entry.seq === seq,
    );
  }

  #change(conversation: string, seq: number, change: Partial<HistoryEntry>): void {
    const index = this.#indexOf(conversation, "you", seq);
    const line = this.#lines[index];
    if (line !== undefined) this.#lines[index] = this.#arrived({ ...line, entry: { ...line.entry, ...change } });
  }

  /** Its time begins once it has arrived. */
  #arrived(line: RecentLine): RecentLine {
    const { ttlS, entry } = line;
    if (ttlS === undefined || !entry.isDelivered || entry.expiresAtMs !== undefined) return line;
    return { ...line, entry: { ...entry, expiresAtMs: this.#options.nowMs() + 1_000 * ttlS } };
  }

  #forget(conversation: string): void {
    this.#lines = this.#lines.filter((line) => line.conversation !== conversation);
    this.#characters = this.#lines.reduce((sum, { entry }) => sum + entry.text.length, 0);
  }
}

function pageOf(lines: readonly RecentLine[]): Pick<RecentPage, "entries" | "numbers"> {
  return { entries: lines.map(({ entry }) => entry), numbers: lines.map(({ number }) => number) };
}
