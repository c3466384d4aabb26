// Says lines: each is shown at once, and has its own number as soon as the program has taken it. The lines of a conversation
// are taken one after another: a browser has several connections, and what it sends at once may arrive in another order. A
// line that was not taken comes back to be written again, and with the same key, so that it is never said twice.

import type { Api } from "../../app/api/api.ts";
import type { MessageJson, SentJson } from "../../app/api/views.ts";
import { withLast } from "./conversations.ts";
import type { PagePorts } from "./ports.ts";
import type { Store } from "./store.ts";
import { isAtEnd, sayingLine, withChanged, withLine, withTaken } from "./timeline.ts";
import { type Unanswered, UnansweredLines } from "./unanswered.ts";
import type { Composing, PageView } from "./view.ts";

interface SayingOptions {
  readonly api: Api;
  readonly store: Store<PageView>;
  readonly ports: PagePorts;
  readonly failed: (error: unknown) => void;
  /** Lines may have been said elsewhere meanwhile. */
  readonly missed: () => void;
}

export class Saying {
  readonly #options: SayingOptions;
  #count = 0;
  #asksAfterwards = false;
  readonly #unanswered: UnansweredLines;
  /** The last line of each conversation that is on its way; never rejects. */
  readonly #last = new Map<string, Promise<void>>();
  /** The last line of each conversation that is not shown yet; never rejects. */
  readonly #unshown = new Map<string, Promise<void>>();

  constructor(options: SayingOptions) {
    this.#options = options;
    this.#unanswered = new UnansweredLines(options.ports.drafts);
  }

  /** Whether a line is on its way to the program. */
  get isBusy(): boolean {
    return this.#count > 0;
  }

  /** Calls `missed` once nothing is on its way. */
  askAfterwards(): void {
    this.#asksAfterwards = true;
  }

  /** A text that is to be said: it is no draft any more, and is not lost before the answer. */
  begin(conversation: string, text: string, reply: MessageJson | undefined): Unanswered {
    const more = reply === undefined ? {} : { reply };
    return this.#unanswered.begin(conversation, { text, ...more }, () => this.#options.ports.newKey());
  }

  draft(conversation: string, text: string): void {
    this.#unanswered.draft(conversation, text);
  }

  /** Makes a draft of the next line that was not taken, if there is none. Returns what is composed now, if it did. */
  recover(conversation: string): Composing | undefined {
    return composingOf(this.#unanswered.recover(conversation));
  }

  /** What is composed when the conversation is opened. */
  composed(conversation: string): Composing {
    return this.recover(conversation) ?? composingOf(this.#unanswered.drafted(conversation)) ?? { kind: "new" };
  }

  /** Returns whether the program has taken it. `atEnd`: the end of the conversation is shown; it never rejects. */
  async say(conversation: string, said: Unanswered, atEnd: Promise<void>): Promise<boolean> {
    const { api, store, ports, failed } = this.#options;
    const { key, text } = said;
    const { status } = store.state;
    const from = { name: status?.name ?? "", fingerprint: status?.fingerprint ?? "", self: true as const };
    const reply = said.reply === undefined ? {} : { replyTo: said.reply.id };
    const at = new Date(ports.clock.nowMs()).toISOString();
    const line = sayingLine(key, { from, at, text, state: "waiting", ...reply });
    const shown = this.#showInTurn(conversation, line, atEnd);
    this.#count += 1;
    try {
      const say = async (): Promise<SentJson> => {
        await shown;
        return await api.call("say", { conversation, text, ...reply }, { idempotencyKey: key });
      };
      const sent = await this.#inTurn(conversation, say);
      this.#unanswered.answered(conversation, key);
      this.#taken(conversation, line, sent);
      return true;
    } catch (error) {
      this.#takeBack(conversation, line);
      this.#unanswered.back(conversation, key);
      failed(error);
      return false;
    } finally {
      this.#count -= 1;
      if (this.#count === 0 && this.#asksAfterwards) {
        this.#asksAfterwards = false;
        this.#options.missed();
      }
    }
  }

  /** Calls once the line before has been answered, whatever the answer. */
  async #inTurn(conversation: string, say: () => Promise<SentJson>): Promise<SentJson> {
    const before = this.#last.get(conversation);
    const sent = before === undefined ? say() : before.then(say);
    const ended = sent.then(
      () => {},
      () => {},
    );
    this.#last.set(conversation, ended);
    try {
      return await sent;
    } finally {
      if (this.#last.get(conversation) === ended) this.#last.delete(conversation);
    }
  }

  /** At once, if the end is shown; never rejects. */
  async #showInTurn(conversation: string, line: MessageJson, atEnd: Promise<void>): Promise<void> {
    const { open } = this.#options.store.state;
    const before = this.#unshown.get(conversation);
    if (before === undefined && open?.timeline !== undefined && isAtEnd(open.timeline)) {
      this.#show(conversation, line);
      return;
    }
    const shown = Promise.all([before, atEnd]).then(() => this.#show(conversation, line));
    this.#unshown.set(conversation, shown);
    await shown;
    if (this.#unshown.get(conversation) === shown) this.#unshown.delete(conversation);
  }

  #show(conversation: string, line: MessageJson): void {
    const { open } = this.#options.store.state;
    if (open?.id !== conversation || open.timeline === undefined) return;
    this.#options.store.set({ open: { ...open, timeline: withLine(open.timeline, line) } });
  }

  #taken(conversation: string, line: MessageJson, { id, state }: SentJson): void {
    const { store } = this.#options;
    const taken: MessageJson = { ...line, id, state: state === "sent" ? "sent" : "waiting" };
    store.set({ conversations: withLast(store.state.conversations, conversation, taken) });
    const { open } = store.state;
    if (open?.id !== conversation || open.timeline === undefined) return;
    store.set({ open: { ...open, timeline: withTaken(open.timeline, line.id, taken) } });
  }

  #takeBack(conversation: string, line: MessageJson): void {
    const { open } = this.#options.store.state;
    if (open?.id !== conversation || open.timeline === undefined) return;
    this.#options.store.set({ open: { ...open, timeline: withChanged(open.timeline, line.id, () => undefined) } });
  }
}

function composingOf(left: Unanswered | undefined): Composing | undefined {
  if (left === undefined) return undefined;
  return left.reply === undefined ? { kind: "new" } : { kind: "reply", line: left.reply };
}
