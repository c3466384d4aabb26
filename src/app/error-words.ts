// What the user is told about an error besides its message. The core knows neither programs nor options, so the
// sentences that name them are here, by the error's code or class.

import { type LairError, type LairErrorCode } from "../core/errors.ts";
import { UntrustedKeyError } from "../core/pairing/client-session.ts";
import { KeyChangedError } from "../core/pairing/key-changed.ts";

const MAKE_A_PSK = "Make one with: openssl rand -hex 32";

/** For errors without a hint of their own. */
const HINTS: { readonly [Code in LairErrorCode]?: string } = {
  "psk-malformed": MAKE_A_PSK,
  "psk-weak": MAKE_A_PSK,
  "invite-malformed": "Ask the other side for one: lair-server shows it, and its command invite makes a new one.",
  "resume-jump":
    "If the other side's numbers are wrong, use renumber there, at the prompt or as a command. If yours are wrong, use it here, followed by the other person's name unless the prompt shows it.",
};

/** What to do next, in one line; undefined if there is nothing to say. */
export function hintOf(error: LairError): string | undefined {
  if (error instanceof UntrustedKeyError) {
    return "Compare the fingerprints, then start once in a terminal, or with --trust-first.";
  }
  return error.hint ?? HINTS[error.code];
}

/** Lines between the message and the hint. */
export function detailsOf(error: LairError): readonly string[] {
  if (!(error instanceof KeyChangedError)) return error.details;
  const { pinned, presented } = error.fingerprints;
  return [...(pinned === undefined ? [] : [`paired   ${pinned}`]), `now      ${presented}`];
}
