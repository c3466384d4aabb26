// The port to a hub's calls, as a member makes them, and what a refusal becomes.

import type { Answered, Asked, CallName, Outcome, Refused } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";

/** The calls of one hub. */
export interface HubCalls {
  /**
   * Asks the hub. Rejects with LairError `hub-away` if there is no connection, or if it ends before the answer: then the hub
   * may have done it or not. Every call can be repeated.
   */
  call<Name extends CallName>(name: Name, ask: Asked<Name>): Promise<Outcome<Name>>;
}

/** The hub has refused a call: `refused` says why. */
export class HubRefusal extends LairError {
  readonly refused: Refused;

  constructor(refused: Refused) {
    const { sentence, retryAfterMs } = refused;
    const seconds = Math.ceil((retryAfterMs ?? 0) / 1_000);
    super("hub-refused", `The hub refused: ${sentence}`, {
      hint: retryAfterMs === undefined ? "Nothing has changed." : `Try again in ${seconds} s.`,
    });
    this.refused = refused;
  }
}

/** The answer of a call. Throws {@link HubRefusal}, and as {@link HubCalls.call} does. */
export async function ask<Name extends CallName>(
  hub: HubCalls,
  name: Name,
  asked: Asked<Name>,
): Promise<Answered<Name>> {
  const outcome = await hub.call(name, asked);
  if (outcome.type === "answered") return outcome.answer;
  throw new HubRefusal(outcome);
}

/** Whether there is no connection (any more): the work goes on at the next one. */
export function isAway(error: unknown): boolean {
  return error instanceof LairError && error.code === "hub-away";
}
