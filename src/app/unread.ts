// How many lines of each conversation nobody has read here: of people and of rooms, for all frontends alike. They are read
// where the prompt is, where the user speaks, and where a frontend says so. Counts start with the program.

export class Unread {
  readonly #onChange: (conversation: string, unread: number) => void;
  /** By the ids of conversations; none is 0. */
  readonly #counts = new Map<string, number>();

  /** `onChange` is told each change. */
  constructor(onChange: (conversation: string, unread: number) => void) {
    this.#onChange = onChange;
  }

  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  of(conversation: string): number {
    return this.#counts.get(conversation) ?? 0;
  }

  /** A line has come that nobody looks at. */
  add(conversation: string): void {
    const unread = this.of(conversation) + 1;
    this.#counts.set(conversation, unread);
    this.#onChange(conversation, unread);
  }

  /** All of them have been read, or the conversation is gone. */
  clear(conversation: string): void {
    if (this.#counts.delete(conversation)) this.#onChange(conversation, 0);
  }
}
