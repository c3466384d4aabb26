// The API of a program: what its page and other programs may call, and the events that they follow. A page talks to this
// interface and to nothing else: over HTTP (`src/web/http-api.ts`) or, in the same process, to `local-api.ts`.

import type { ApiCalls, CallName } from "./calls.ts";

export type InputOf<Name extends CallName> = ApiCalls[Name]["input"];
export type OutputOf<Name extends CallName> = ApiCalls[Name]["output"];

export interface CallOptions {
  /**
   * Letters that the caller has chosen for this call, at most 64: the same call with the same key is done once, and gets the
   * same answer again. Only for calls that change something.
   */
  readonly idempotencyKey?: string;
}

/**
 * An event as in docs/json.md, with the member `event` for what has happened; and those that docs/api.md adds: `unread`,
 * `people`, `rooms-changed` and `gap`.
 */
export interface ApiEvent {
  /** Goes up; the text is opaque: hand it back to go on behind it. */
  readonly id: string;
  readonly event: { readonly event: string } & Readonly<Record<string, unknown>>;
}

export interface Api {
  /** Rejects with {@link ApiProblem}. */
  call<Name extends CallName>(name: Name, input: InputOf<Name>, options?: CallOptions): Promise<OutputOf<Name>>;
  /**
   * Tells each event from now on, or from behind the event `since`. If that is too long ago, the first event is `gap`: ask
   * for everything again. Returns a function that ends it.
   */
  listen(listener: (event: ApiEvent) => void, since?: string): () => void;
}

/** A refusal: a code of docs/errors.md, one sentence on what happened, and one on what to do. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
