// Problem documents (RFC 9457): how a listener says that it does not answer. No stack trace, no path, and nothing of a
// secret.

import { STATUS_CODES } from "node:http";

/** Its content type. */
export const PROBLEM_JSON = "application/problem+json";

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 422 | 429 | 500 | 502 | 503;

interface Kind {
  readonly status: ProblemStatus;
  /** What it is, in general: for the description. */
  readonly meaning: string;
}

/** Those of the listeners themselves. Ours, in the member `code`: what a program decides by. */
export const PROBLEMS = {
  "bad-request": { status: 400, meaning: "The request cannot be read" },
  "body-too-large": { status: 413, meaning: "The body is too large" },
  "foreign-host": { status: 421, meaning: "Asked for under a foreign name" },
  "foreign-page": { status: 403, meaning: "A web page asked" },
  internal: { status: 500, meaning: "A bug in Lair" },
  invalid: { status: 422, meaning: "A value is not allowed" },
  "method-not-allowed": { status: 405, meaning: "Not a method of this address" },
  "not-found": { status: 404, meaning: "There is no such thing" },
  "not-json": { status: 415, meaning: "The body must be JSON" },
  "not-ready": { status: 503, meaning: "The hub is not ready" },
  "store-failed": { status: 503, meaning: "The store has failed" },
  "token-needed": { status: 401, meaning: "The token is needed" },
  "too-many": { status: 429, meaning: "Too much at once" },
} as const satisfies Readonly<Record<string, Kind>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One value that is not allowed. */
export interface Fault {
  /** Which: a JSON pointer into the body, or the name of a parameter. */
  readonly where: string;
  readonly detail: string;
}

interface More {
  readonly faults?: readonly Fault[];
  /** One sentence on what to do. */
  readonly hint?: string | undefined;
}

/** A code that is not the listener's own, with its status. */
interface OtherCode {
  readonly code: string;
  readonly status: ProblemStatus;
}

/** Thrown by a route; becomes a problem document. */
export class Problem extends Error {
  readonly code: string;
  readonly status: ProblemStatus;
  readonly faults: readonly Fault[];
  readonly hint: string | undefined;

  /** `detail` is one sentence for a person. */
  constructor(what: ProblemCode | OtherCode, detail: string, { faults = [], hint }: More = {}) {
    super(detail);
    const { code, status } = typeof what === "string" ? { code: what, status: PROBLEMS[what].status } : what;
    this.code = code;
    this.status = status;
    this.faults = faults;
    this.hint = hint;
  }

  /** The document. `about:blank`: the title is that of the status, and `code` says it exactly. */
  toJson(): object {
    const { status, code, hint } = this;
    const title = STATUS_CODES[status];
    const errors = this.faults.length === 0 ? {} : { errors: this.faults };
    const told = hint === undefined ? {} : { hint };
    return { type: "about:blank", title, status, detail: this.message, code, ...told, ...errors };
  }
}
