// Events as server-sent events (WHATWG HTML, 9.2).

import type { Api } from "../../app/api/api.ts";
import { feed } from "./feed.ts";

/** The open streams, so that they end with the listener. */
export class EventStreams {
  readonly #api: Pick<Api, "listen">;
  readonly #open = new Set<EventSource>();

  constructor(api: Pick<Api, "listen">) {
    this.#api = api;
  }

  get size(): number {
    return this.#open.size;
  }

  open(since: string | undefined): ReadableStream<Uint8Array> {
    const source = new EventSource(this.#api, since, () => this.#open.delete(source));
    this.#open.add(source);
    return new ReadableStream(source, { highWaterMark: 0, size: (part) => part?.byteLength ?? 0 });
  }

  /** Writes a comment to each, so that a dead connection is found out. */
  beat(): void {
    for (const source of this.#open) source.beat();
  }

  end(): void {
    for (const source of this.#open) source.end();
  }
}

/** What fills one stream. */
class EventSource {
  readonly #api: Pick<Api, "listen">;
  readonly #since: string | undefined;
  readonly #onEnd: () => void;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #stopFeed: (() => void) | undefined;

  constructor(api: Pick<Api, "listen">, since: string | undefined, onEnd: () => void) {
    this.#api = api;
    this.#since = since;
    this.#onEnd = onEnd;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    const write = (text: string): void => controller.enqueue(this.#encoder.encode(text));
    // So that the reader sees at once that it is there.
    write(": lair\n\n");
    this.#stopFeed = feed(this.#api, this.#since, {
      send: ({ id, event }) => write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`),
      waiting: () => -(controller.desiredSize ?? 0),
      end: () => {
        this.cancel();
        controller.error(new Error("the reader is too slow"));
      },
    });
  }

  beat(): void {
    this.#controller?.enqueue(this.#encoder.encode(": lair\n\n"));
  }

  /** The reader has gone. */
  cancel(): void {
    this.#stopFeed?.();
    this.#onEnd();
  }

  end(): void {
    this.cancel();
    this.#controller?.close();
  }
}
