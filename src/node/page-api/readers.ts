// Everybody who follows the events, over a WebSocket or as server-sent events.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Api } from "../../app/api/api.ts";
import { Problem } from "../http/problem.ts";
import { EventSockets } from "./event-sockets.ts";
import { EventStreams } from "./event-stream.ts";

/** Ours: each page that is open is one. */
const MOST_READERS = 32;

export class Readers {
  readonly #streams: EventStreams;
  readonly #sockets: EventSockets;

  constructor(api: Pick<Api, "listen">) {
    this.#streams = new EventStreams(api);
    this.#sockets = new EventSockets(api);
  }

  get size(): number {
    return this.#streams.size + this.#sockets.size;
  }

  /** Server-sent events. Throws Problem `too-many`. */
  stream(since: string | undefined): ReadableStream<Uint8Array> {
    this.#refuseTooMany();
    return this.#streams.open(since);
  }

  /** A WebSocket. Throws Problem `too-many`. */
  socket(incoming: IncomingMessage, socket: Duplex, head: Buffer, since: string | undefined): void {
    this.#refuseTooMany();
    this.#sockets.open(incoming, socket, head, since);
  }

  /** Now and then: whose connection is dead is let go. */
  beat(): void {
    this.#streams.beat();
    this.#sockets.beat();
  }

  end(): void {
    this.#streams.end();
    this.#sockets.end();
  }

  #refuseTooMany(): void {
    if (this.size < MOST_READERS) return;
    throw new Problem("too-many", "Too many pages and programs follow the events.", { hint: "Close some of them." });
  }
}
