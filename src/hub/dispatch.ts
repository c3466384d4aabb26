// From the bytes of a call to the bytes of its answer. Whatever a handler throws becomes a refusal; only a call that cannot be
// read is thrown on, and ends the session.

import { type CallName, decodeCall, encodeAnswer, encodeRefusal, nameOfCall } from "../core/hub/calls.ts";
import { LairError } from "../core/errors.ts";
import type { Caller, Handler, Handlers, HandlersOf } from "./handlers.ts";
import { CallRefused } from "./refused.ts";

/** What came of a call. */
export interface Done {
  readonly answer: Uint8Array;
  /** Undefined: a call that this hub does not know. */
  readonly name: CallName | undefined;
  readonly refused: CallRefused | undefined;
  /** Why a refusal is "unable": the store's error, or a bug of the hub. */
  readonly cause: unknown;
}

/**
 * Does a call. `before` runs first and may refuse it. Rejects with LairError `call-malformed`.
 */
export async function dispatch(
  handlers: Handlers,
  caller: Caller,
  bytes: Uint8Array,
  before: (name: CallName | undefined) => void,
): Promise<Done> {
  const name = nameOfCall(bytes);
  try {
    before(name);
    if (name === undefined) throw new CallRefused("unknown-call");
    return { answer: await answerOf(handlers, name, caller, bytes), name, refused: undefined, cause: undefined };
  } catch (error) {
    if (error instanceof LairError && error.code === "call-malformed") throw error;
    const refused = error instanceof CallRefused ? error : new CallRefused("unable");
    const { refusal, retryAfterMs, message: sentence } = refused;
    const cause = refused === error ? undefined : error;
    return { answer: encodeRefusal({ refusal, retryAfterMs, sentence }), name, refused, cause };
  }
}

async function answerOf<Name extends CallName>(
  handlers: HandlersOf<Name>,
  name: Name,
  caller: Caller,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const handler: Handler<Name> = handlers[name];
  return encodeAnswer(name, await handler(caller, decodeCall(name, bytes)));
}
