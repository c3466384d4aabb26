// Calls with a key of their caller: the same call with the same key is done once, and gets the same answer again. What an
// earlier run of the program has said is known by its receipts (`src/app/receipts.ts`).
//
//   a call ---begun---> under way ---done---> answered ---1,000 newer ones---> forgotten
//                           +---refused---> forgotten: it has changed nothing, and may be tried again

import type { ApiProblem } from "./api.ts";
import { malformed, notHere } from "./problems.ts";

/** Ours. */
const MOST_KEYS = 1_000;

interface Done {
  /** The name of the call and what was handed in. */
  readonly call: string;
  readonly answer: Promise<unknown>;
}

/** By which a call is told from others. */
export function callText(name: string, input: object): string {
  return `${name} ${JSON.stringify(input)}`;
}

export function takenKey(): ApiProblem {
  return notHere("Another call has already used this key, so nothing was done.", "Choose a new key for each call.");
}

export class Repeats {
  /** By key, the oldest first. */
  readonly #done = new Map<string, Done>();

  /** Rejects with ApiProblem for a key that is none, or that another call has. */
  async once<Answer>(key: string, name: string, input: object, action: () => Promise<Answer>): Promise<Answer> {
    if (!/^[!-~]{1,64}$/u.test(key)) throw malformed("An Idempotency-Key has 1 to 64 visible ASCII characters.");
    const call = callText(name, input);
    const before = this.#done.get(key);
    if (before !== undefined && before.call !== call) throw takenKey();
    const answer = before?.answer ?? action();
    if (before === undefined) this.#keep(key, { call, answer });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what the same call has returned
    return (await answer) as Answer;
  }

  #keep(key: string, done: Done): void {
    this.#done.set(key, done);
    const [oldest] = this.#done.keys();
    if (this.#done.size > MOST_KEYS && oldest !== undefined) this.#done.delete(oldest);
    done.answer.catch(() => {
      if (this.#done.get(key) === done) this.#done.delete(key);
    });
  }
}
