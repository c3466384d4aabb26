// The browser's things for the state of the page, in memory: a clock that stands still, texts, a link.

import type { Attention, LinkState, PagePorts } from "../../src/web/state/ports.ts";

interface Timer {
  readonly atMs: number;
  readonly action: () => void;
}

export class FakePorts implements PagePorts {
  nowMs: number;
  isWatched = true;
  readonly attention: Attention[] = [];
  readonly texts = new Map<string, string>();
  readonly #timers = new Set<Timer>();
  readonly #followers = new Set<() => void>();
  #linkState: LinkState = { name: "open" };
  #keys = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  readonly clock = {
    nowMs: (): number => this.nowMs,
    later: (delayMs: number, action: () => void): (() => void) => {
      const timer = { atMs: this.nowMs + delayMs, action };
      this.#timers.add(timer);
      return () => void this.#timers.delete(timer);
    },
  };

  get link() {
    return {
      state: this.#linkState,
      follow: (listener: () => void) => {
        this.#followers.add(listener);
        return () => void this.#followers.delete(listener);
      },
      retry: () => undefined,
      signOut: async () => this.become({ name: "signed-out" }),
    };
  }

  become(state: LinkState): void {
    this.#linkState = state;
    for (const follower of this.#followers) follower();
  }

  readonly drafts = {
    get: (name: string): string | undefined => this.texts.get(name),
    set: (name: string, text: string): void =>
      void (text === "" ? this.texts.delete(name) : this.texts.set(name, text)),
  };
  readonly settings = this.drafts;

  isLookedAt(): boolean {
    return this.isWatched;
  }

  notify(attention: Attention): void {
    this.attention.push(attention);
  }

  newKey(): string {
    return `key${++this.#keys}`;
  }

  /** Lets time go on, and what is due happen; and what follows from it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await settled();
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.action();
      await settled();
    }
    this.nowMs = untilMs;
  }
}

/** Everything that was begun and needs no time is done: the fake API answers after a few turns. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
