// Problem documents (RFC 9457): how the operator's listener says that it does not answer. No stack trace, no path, and
// nothing of a secret.

import { STATUS_CODES } from "node:http";

/** Its content type. */
export const PROBLEM_JSON = "application/problem+json";

/** Ours, in the member `code`: what a program decides by. */
export type ProblemCode =
  | "bad-request"
  | "body-too-large"
  | "foreign-host"
  | "foreign-page"
  | "internal"
  | "invalid"
  | "method-not-allowed"
  | "not-found"
  | "not-json"
  | "not-ready"
  | "store-failed"
  | "token-needed";

interface Kind {
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 421 | 422 | 500 | 503;
  /** What it is, in general: for the description. */
  readonly meaning: string;
}

export const PROBLEMS: { readonly [code in ProblemCode]: Kind } = {
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
  "token-needed": { status: 401, meaning: "The operator's token is needed" },
};

/** One value that is not allowed. */
export interface Fault {
  /** Which: a JSON pointer into the body, or the name of a parameter. */
  readonly where: string;
  readonly detail: string;
}

/** Thrown by a route; becomes a problem document. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];

  /** `detail` is one sentence for a person. */
  constructor(code: ProblemCode, detail: string, faults: readonly Fault[] = []) {
    super(detail);
    this.code = code;
    this.faults = faults;
  }

  get status(): Kind["status"] {
    return PROBLEMS[this.code].status;
  }

  /** The document. `about:blank`: the title is that of the status, and `code` says it exactly. */
  toJson(): object {
    const { status } = this;
    const title = STATUS_CODES[status];
    const errors = this.faults.length === 0 ? {} : { errors: this.faults };
    return { type: "about:blank", title, status, detail: this.message, code: this.code, ...errors };
  }
}
