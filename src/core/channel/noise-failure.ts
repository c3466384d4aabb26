// Errors of the Noise library, as the layers above know errors.

import { LairError } from "../errors.ts";
import { NoiseError } from "../noise/noise-error.ts";

/** What `action` returns. A NoiseError that it throws goes on as a LairError of the same code and message. */
export function withLairErrors<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof NoiseError ? new LairError(error.code, error.message, { cause: error }) : error;
  }
}
