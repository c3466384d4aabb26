// The listener that is attacked, as a test in the browser's own types sees it.

export interface Attacked {
  readonly port: number;
  /** Of the user's page. */
  readonly proofOf: (pageNonce: string, nonce: string) => string;
  /** How many calls have reached the program. */
  readonly calls: () => number;
  /** How many follow the events. */
  readonly readers: () => number;
  readonly close: () => Promise<void>;
}
