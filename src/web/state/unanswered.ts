// What was said and is not answered yet, kept beside the drafts: after a reload it is there to be written again, and with its
// key the program takes it once. Of several that come back the first is the draft, and then the next, in the order in which
// they were said.
//
//   on its way -> answered (forgotten)
//       '--------> later -> draft: it has its key until the person empties it or says another

import type { MessageJson } from "../../app/api/views.ts";
import type { Texts } from "./ports.ts";

export interface Unanswered {
  readonly key: string;
  readonly text: string;
  /** The line that it answers. */
  readonly reply?: MessageJson;
  /** It has come back: it is the draft, or waits until there is none. Absent: it is on its way. */
  readonly back?: "draft" | "later";
}

export class UnansweredLines {
  readonly #drafts: Texts;
  /** The keys of what this page has said: the others are of before a reload. */
  readonly #own = new Set<string>();

  constructor(drafts: Texts) {
    this.#drafts = drafts;
  }

  /** Keeps a text that is on its way, in place of its draft. Of one that came back the key is the same as before. */
  begin(conversation: string, { text, reply }: Pick<Unanswered, "text" | "reply">, newKey: () => string): Unanswered {
    const all = this.#read(conversation);
    const again = all.find((one) => one.back === "draft" && one.text === text && one.reply?.id === reply?.id);
    const key = again?.key ?? newKey();
    const line: Unanswered = { key, text, ...(reply === undefined ? {} : { reply }) };
    this.#own.add(key);
    this.#write(conversation, [...all.filter(({ back }) => back !== "draft"), line]);
    this.#drafts.set(conversation, "");
    return line;
  }

  /** The person has written it. An empty draft ends what came back: the same words later are another line. */
  draft(conversation: string, text: string): void {
    this.#drafts.set(conversation, text);
    if (text !== "") return;
    const all = this.#read(conversation);
    const left = all.filter(({ back }) => back !== "draft");
    if (left.length < all.length) this.#write(conversation, left);
  }

  answered(conversation: string, key: string): void {
    this.#own.delete(key);
    this.#write(
      conversation,
      this.#read(conversation).filter((one) => one.key !== key),
    );
  }

  /** It was not taken, or nobody knows: it is written again, as soon as nothing else is (see `recover`). */
  back(conversation: string, key: string): void {
    this.#own.delete(key);
    const all = this.#read(conversation);
    this.#write(
      conversation,
      all.map((one) => (one.key === key ? { ...one, back: "later" } : one)),
    );
  }

  /** What has come back, or was on its way before a reload, becomes the draft if there is none. Returns it. */
  recover(conversation: string): Unanswered | undefined {
    const all = this.#read(conversation);
    const next = all.find(({ key, back }) => back === "later" || (back === undefined && !this.#own.has(key)));
    if (next === undefined || this.#draft(conversation) !== "") return undefined;
    const line: Unanswered = { ...next, back: "draft" };
    this.#drafts.set(conversation, line.text);
    this.#write(
      conversation,
      all.map((one) => (one === next ? line : one)),
    );
    return line;
  }

  /** What has come back and stands in the draft, as it was said. */
  drafted(conversation: string): Unanswered | undefined {
    const draft = this.#draft(conversation);
    return this.#read(conversation).find(({ back, text }) => back === "draft" && text === draft);
  }

  #draft(conversation: string): string {
    return this.#drafts.get(conversation) ?? "";
  }

  #read(conversation: string): readonly Unanswered[] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was written below
    return JSON.parse(this.#drafts.get(`saying-${conversation}`) ?? "[]") as readonly Unanswered[];
  }

  #write(conversation: string, lines: readonly Unanswered[]): void {
    this.#drafts.set(`saying-${conversation}`, lines.length === 0 ? "" : JSON.stringify(lines));
  }
}
