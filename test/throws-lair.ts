// Asserts that an action ends in a LairError (never in another exception), and in which.

import assert from "node:assert/strict";
import { inspect } from "node:util";
import { LairError, type LairErrorCode } from "../src/core/errors.ts";

export function throwsLair(action: () => unknown, code?: LairErrorCode, what = ""): LairError {
  let caught: unknown;
  try {
    action();
  } catch (error) {
    caught = error;
  }
  if (!(caught instanceof LairError)) {
    assert.fail(`${what} ended in ${caught === undefined ? "no error" : inspect(caught)} instead of a LairError`);
  }
  if (code !== undefined) assert.equal(caught.code, code, `${what} ${caught.message}`);
  return caught;
}

/** The LairError that a promise is rejected with. */
export async function rejectsLair(attempt: Promise<unknown>): Promise<LairError> {
  const error: unknown = await attempt.then(
    () => assert.fail("it was fulfilled"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LairError, inspect(error));
  return error;
}
