// What was said and is not answered yet, kept beside the drafts: after a reload it is there to be written again, and with its
// key the program takes it once.
//
//   on its way -> answered (forgotten)
//       '--------> back: it is the draft again, and has its key until the person empties it or says another

import type { MessageJson } from "../../app/api/views.ts";
import type { Texts } from "./ports.ts";

export interface Unanswered {
  readonly key: string;
  readonly text: string;
  /** The line that it answers. */
  readonly reply?: MessageJson;
  readonly isBack?: true;
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
    const again = all.find((one) => one.isBack === true && one.text === text && one.reply?.id === reply?.id);
    const key = again?.key ?? newKey();
    const line: Unanswered = { key, text, ...(reply === undefined ? {} : { reply }) };
    this.#own.add(key);
    this.#write(conversation, [...all.filter(({ isBack }) => isBack !== true), line]);
    this.#drafts.set(conversation, "");
    return line;
  }

  /** The person has written it. An empty draft ends what came back: the same words later are another line. */
  draft(conversation: string, text: string): void {
    this.#drafts.set(conversation, text);
    if (text !== "") return;
    const all = this.#read(conversation);
    if (all.length > 0)
      this.#write(
        conversation,
        all.filter(({ isBack }) => isBack !== true),
      );
  }

  answered(conversation: string, key: string): void {
    this.#own.delete(key);
    this.#write(
      conversation,
      this.#read(conversation).filter((one) => one.key !== key),
    );
  }

  /** It was not taken, or nobody knows: it is written again, unless something else is. */
  back(conversation: string, line: Unanswered, isDoubtful: boolean): void {
    this.answered(conversation, line.key);
    if (isDoubtful) this.#write(conversation, [...this.#read(conversation), { ...line, isBack: true }]);
    if (this.#draft(conversation) === "") this.#drafts.set(conversation, line.text);
  }

  /** What was on its way before a reload becomes the draft, if there is none. Returns it. */
  recover(conversation: string): Unanswered | undefined {
    const all = this.#read(conversation);
    const left = all.find(({ key, isBack }) => isBack !== true && !this.#own.has(key));
    const isSame = this.#draft(conversation) === left?.text;
    if (left === undefined || (this.#draft(conversation) !== "" && !isSame)) return undefined;
    this.#drafts.set(conversation, left.text);
    const back: Unanswered = { ...left, isBack: true };
    this.#write(
      conversation,
      all.map((one) => (one === left ? back : one)),
    );
    return back;
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
