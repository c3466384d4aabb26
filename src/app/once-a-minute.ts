// Reports events that others can cause as often as they like: the first one at once, then once a minute with a count.
// Knows neither the events nor their presentation.
//
//   quiet ---it happens---> told ---it happens again---> the latest, counted ---the minute is over---> told
//   told ---the minute is over---> quiet

import type { Clock } from "./ports.ts";

const MINUTE_MS = 60_000;

/** The last event, and how often it happened since the last report: 1 the first time. */
type Tell<Happening> = (latest: Happening, times: number) => void;

export class OnceAMinute<Happening> {
  readonly #clock: Clock;
  readonly #tell: Tell<Happening>;
  #state: "quiet" | "told" | { readonly latest: Happening; readonly times: number } = "quiet";

  constructor(clock: Clock, tell: Tell<Happening>) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** It happened. */
  note(happening: Happening): void {
    if (this.#state === "quiet") this.#tellNow(happening, 1);
    else this.#state = { latest: happening, times: this.#state === "told" ? 1 : this.#state.times + 1 };
  }

  #tellNow(happening: Happening, times: number): void {
    this.#state = "told";
    this.#clock.setTimer(MINUTE_MS, () => {
      const held = this.#state;
      if (typeof held === "string") this.#state = "quiet";
      else this.#tellNow(held.latest, held.times);
    });
    this.#tell(happening, times);
  }
}
