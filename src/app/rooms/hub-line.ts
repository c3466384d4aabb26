// The calls to a hub over one session: each has a number of its own, and its answer has the same (docs/HUB.md §1). One for
// each session with a hub; when the session ends, what was not answered fails, and the caller asks again over the next one.
//
//   open ---end---> over        (a call in `over` fails at once)

import {
  type Asked,
  type CallName,
  decodeAnswer,
  decodeNews,
  encodeCall,
  nameOfNews,
  type NewsBody,
  type NewsName,
  type Outcome,
} from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import type { Transfer } from "../../core/transfers/pieces.ts";
import type { HubCalls } from "./hub-calls.ts";

interface HubLineOptions {
  /** Queues a transfer in the session. */
  readonly send: (transfer: Transfer) => void;
  readonly onNews: <Name extends NewsName>(name: Name, body: NewsBody<Name>) => void;
}

interface Unanswered {
  /** Throws LairError `call-malformed` for bytes that are no answer to the call. */
  readonly answer: (bytes: Uint8Array) => void;
  readonly fail: (error: LairError) => void;
}

const LAST_NUMBER = 2 ** 32 - 1;

/** The calls of one session. */
export class HubLine implements HubCalls {
  readonly #options: HubLineOptions;
  /** By number. */
  readonly #unanswered = new Map<number, Unanswered>();
  #next = 0;
  #state: "open" | "over" = "open";

  constructor(options: HubLineOptions) {
    this.#options = options;
  }

  /** See {@link HubCalls.call}. Rejects with RangeError for a value over its limits. */
  async call<Name extends CallName>(name: Name, ask: Asked<Name>): Promise<Outcome<Name>> {
    if (this.#state === "over" || this.#next > LAST_NUMBER) throw away();
    const bytes = encodeCall(name, ask);
    const number = this.#next;
    this.#next += 1;
    return await new Promise<Outcome<Name>>((resolve, reject) => {
      this.#unanswered.set(number, { answer: (answer) => resolve(decodeAnswer(name, answer)), fail: reject });
      this.#options.send({ kind: "call", number, bytes });
    });
  }

  /**
   * Takes what the hub has sent. Throws LairError `call-malformed` for an answer that nobody waits for, for a call, which is
   * the member's to make, and for what cannot be read; then the session is to be ended. News of a newer hub are skipped.
   */
  receive({ kind, number, bytes }: Transfer): void {
    if (kind === "news") {
      const name = nameOfNews(bytes);
      if (name !== undefined) this.#options.onNews(name, decodeNews(name, bytes));
      return;
    }
    const call = kind === "answer" ? this.#unanswered.get(number) : undefined;
    if (call === undefined) throw new LairError("call-malformed", "The hub answered a call that was never made.");
    call.answer(bytes);
    this.#unanswered.delete(number);
  }

  /** The session is over: every call that has no answer fails with `hub-away`. */
  end(): void {
    this.#state = "over";
    const calls = [...this.#unanswered.values()];
    this.#unanswered.clear();
    for (const { fail } of calls) fail(away());
  }
}

function away(): LairError {
  return new LairError("hub-away", "The hub cannot be reached.", {
    hint: "This program asks again at the next connection.",
  });
}
