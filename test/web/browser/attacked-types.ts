// The listener that is attacked, as a test in the browser's own types sees it.

export interface Attacked {
  readonly port: number;
  /** The right one. */
  readonly token: string;
  /** How many calls have reached the program. */
  readonly calls: () => number;
  /** How many follow the events. */
  readonly readers: () => number;
  readonly close: () => Promise<void>;
}
