// What the state of the page needs from the browser. The tests have their own.

/** The time, and timers. */
interface PageClock {
  nowMs(): number;
  /** Calls back once; returns how to cancel it. */
  later(delayMs: number, action: () => void): () => void;
}

/** Texts by name, such as sessionStorage; it may forget. */
export interface Texts {
  get(name: string): string | undefined;
  /** An empty text is forgotten. */
  set(name: string, text: string): void;
}

/** Something new, for a person who does not look at the page. */
export interface Attention {
  readonly conversation: string;
  readonly title: string;
  readonly text: string;
}

/**
 * Whether the page reaches its program.
 *
 *   opening -> open -> lost -> open
 *      '-> signed-out (the link of the program's present run is needed)
 */
export type LinkState =
  | { readonly name: "opening" }
  | { readonly name: "open" }
  | { readonly name: "lost"; readonly retryAtMs: number }
  | { readonly name: "signed-out" };

/** The way from the page to its program; of a program in the page itself it is always open. */
export interface Link {
  readonly state: LinkState;
  /** Returns a function that ends it. */
  follow(listener: () => void): () => void;
  /** Tries again now. */
  retry(): void;
  signOut(): Promise<void>;
}

export interface PagePorts {
  readonly link: Link;
  readonly clock: PageClock;
  /** What is written and not sent yet; gone with the tab. */
  readonly drafts: Texts;
  /** The settings of this browser. */
  readonly settings: Texts;
  /** Whether the person looks at the page. */
  isLookedAt(): boolean;
  /** Asks for attention from outside the page. */
  notify(attention: Attention): void;
  /** Letters that nobody has chosen before. */
  newKey(): string;
}
