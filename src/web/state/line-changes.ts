// What the person does with lines that were said in rooms: each is shown at once, and taken back if the program refuses.

import type { InputOf } from "../../app/api/api.ts";
import type { MessageJson } from "../../app/api/views.ts";
import { asDeleted, withReaction } from "./learn.ts";
import type { Store } from "./store.ts";
import { withChanged } from "./timeline.ts";
import type { PageView } from "./view.ts";

type Names = "edit" | "delete" | "react";

/** Resolves to undefined if it was refused; the person was told. */
type Attempt = <Name extends Names>(name: Name, input: InputOf<Name>) => Promise<object | undefined>;

export class LineChanges {
  readonly #store: Store<PageView>;
  readonly #attempt: Attempt;

  constructor(store: Store<PageView>, attempt: Attempt) {
    this.#store = store;
    this.#attempt = attempt;
  }

  /** Returns whether it was taken. */
  async edit(conversation: string, line: MessageJson, text: string): Promise<boolean> {
    this.#change(conversation, line.id, (one) => ({ ...one, text, edited: true }));
    return await this.#carryOut("edit", { conversation, message: line.id, text }, line);
  }

  async delete(conversation: string, line: MessageJson): Promise<void> {
    this.#change(conversation, line.id, asDeleted);
    await this.#carryOut("delete", { conversation, message: line.id }, line);
  }

  async react(conversation: string, line: MessageJson, emoji: string): Promise<void> {
    const own = line.reactions?.find(({ by }) => by.some(({ self }) => self === true))?.emoji;
    const next = own === emoji ? "" : emoji;
    const { status } = this.#store.state;
    const self = { name: status?.name ?? "", fingerprint: status?.fingerprint ?? "", self: true as const };
    this.#change(conversation, line.id, (one) => withReaction(one, self, next));
    await this.#carryOut("react", { conversation, message: line.id, emoji: next }, line);
  }

  async #carryOut<Name extends Names>(name: Name, input: InputOf<Name>, before: MessageJson): Promise<boolean> {
    const done = await this.#attempt(name, input);
    if (done === undefined) this.#change(input.conversation, before.id, () => before);
    return done !== undefined;
  }

  #change(conversation: string, id: string, change: (line: MessageJson) => MessageJson): void {
    const { open } = this.#store.state;
    if (open?.id !== conversation || open.timeline === undefined) return;
    this.#store.set({ open: { ...open, timeline: withChanged(open.timeline, id, change) } });
  }
}
