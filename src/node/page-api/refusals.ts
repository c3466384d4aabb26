// The status of a refusal: by the kind of its code in docs/errors.md.

import { ApiProblem } from "../../app/api/api.ts";
import { ERROR_KINDS, LairError, type LairErrorKind } from "../../core/errors.ts";
import { Problem, PROBLEMS, type ProblemStatus } from "../http/problem.ts";

const BY_KIND: { readonly [kind in LairErrorKind]: ProblemStatus } = {
  protocol: 502,
  peer: 503,
  trust: 409,
  store: 503,
  network: 502,
  input: 422,
  output: 500,
  internal: 500,
};

const BY_CODE: { readonly [code: string]: ProblemStatus } = {
  "peer-unknown": 404,
  "hub-refused": 409,
  "queue-full": 429,
};

/** The problem for an error that the program behind the API has thrown; undefined: a bug. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof LairError || error instanceof ApiProblem) {
    const { code, message, hint } = error;
    return new Problem({ code, status: statusOf(code) }, message, { hint });
  }
  return undefined;
}

function statusOf(code: string): ProblemStatus {
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (isErrorCode(code)) return BY_KIND[ERROR_KINDS[code]];
  return isProblemCode(code) ? PROBLEMS[code].status : 422;
}

function isErrorCode(code: string): code is keyof typeof ERROR_KINDS {
  return Object.hasOwn(ERROR_KINDS, code);
}

function isProblemCode(code: string): code is keyof typeof PROBLEMS {
  return Object.hasOwn(PROBLEMS, code);
}
