// Converts errors of the Noise library to errors of the layers above.

import { LairError } from "../errors.ts";
import { NoiseError } from "../noise/noise-error.ts";

/** The result of `action`. A NoiseError that it throws becomes a LairError with the same code and message. */
export function withLairErrors<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof NoiseError ? new LairError(error.code, error.message, { cause: error }) : error;
  }
}
