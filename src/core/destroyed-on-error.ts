// After an error nothing continues, and no secret remains. Knows no protocol.

/** The result of `action`; if it throws, `owner` is destroyed first, and the error is rethrown. */
export function destroyedOnError<T>(owner: { destroy(): void }, action: () => T): T {
  try {
    return action();
  } catch (error) {
    owner.destroy();
    throw error;
  }
}
