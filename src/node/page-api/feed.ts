// The events of the program on their way to one reader. A reader that does not read is ended before much waits for it: it
// comes back with the id of the last event that it has, and misses nothing.

import type { Api, ApiEvent } from "../../app/api/api.ts";

/** Where events go. */
interface Sink {
  send(event: ApiEvent): void;
  /** How many bytes wait for the reader. */
  waiting(): number;
  /** It reads too slowly. */
  end(): void;
}

/** Ours: how many bytes may wait for a reader, beside those that it has asked for with `since`. */
export const MOST_WAITING_BYTES = 1_024 * 1_024;

/** Sends each event from now on, or from behind `since`. Returns a function that ends it. */
export function feed(api: Pick<Api, "listen">, since: string | undefined, sink: Sink): () => void {
  let state: "asked" | "following" | "ended" = "asked";
  let stop: (() => void) | undefined;
  let most = MOST_WAITING_BYTES;
  const end = (): void => {
    if (state === "ended") return;
    state = "ended";
    stop?.();
  };
  stop = api.listen((event) => {
    if (state === "ended") return;
    sink.send(event);
    // What was asked for with `since` comes at once, before anything of it can be read.
    if (state === "asked" || sink.waiting() <= most) return;
    end();
    sink.end();
  }, since);
  if (state === "asked") {
    state = "following";
    most += sink.waiting();
  }
  return end;
}
