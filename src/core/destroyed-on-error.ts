// An error leaves nothing that goes on, and no secret. Knows no protocol.

/** What `action` returns; when it throws, `owner` is destroyed first, and the error goes on. */
export function destroyedOnError<T>(owner: { destroy(): void }, action: () => T): T {
  try {
    return action();
  } catch (error) {
    owner.destroy();
    throw error;
  }
}
