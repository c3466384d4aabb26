// A refusal, as the handlers of calls throw it: why, when to try again, and a sentence for the person.

import type { Refusal } from "../core/hub/calls.ts";

/** What is said where nothing better is known: what happened, and what to do. At most 255 bytes of UTF-8. */
const SENTENCES: { readonly [Why in Refusal]: string } = {
  stale: "Somebody else was faster. Read what is new, and try again.",
  full: "The hub cannot store more of this. Wait until older data is deleted.",
  "too-often": "Too many requests. Wait a little, and try again.",
  "no-room": "You are not in such a room.",
  "not-allowed": "Your role in this room does not allow that. Ask an admin of the room.",
  exists: "That exists already. Choose another.",
  "name-taken": "Another room is listed under that name. Choose another name.",
  "link-spent": "This link has been used as often as it may be. Ask for a new one.",
  "link-expired": "This link has expired. Ask for a new one.",
  "link-unknown": "The hub does not know this link. Ask for a new one.",
  "unknown-person": "Nobody here has that key or handle. Check how it is written.",
  suspended: "Your key has been suspended at this hub. Ask its operator.",
  unable: "The hub could not do it just now. Try again later, or ask its operator.",
  "unknown-call": "This hub does not know this call: it is older than your Lair. Ask its operator to update it.",
};

interface Details {
  /** In whole milliseconds, if time helps. */
  readonly retryAfterMs?: number;
  /** Better than the usual one. */
  readonly sentence?: string;
}

/** Thrown by a handler; the caller gets it as the answer. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
  readonly refusal: Refusal;
  readonly retryAfterMs: number | undefined;
  /** The message is the sentence. */
  constructor(refusal: Refusal, { retryAfterMs, sentence = SENTENCES[refusal] }: Details = {}) {
    super(sentence);
    this.refusal = refusal;
    this.retryAfterMs = retryAfterMs;
  }
}
