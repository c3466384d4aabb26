/** For what has to settle, or to pass: a bench, unlike a test, may wait for the clock. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
