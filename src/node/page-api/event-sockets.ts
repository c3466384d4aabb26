// Events over WebSockets: each message is one event with its id. What a reader sends is not wanted.
//
//   here ---beat: a ping---> asked ---a pong---> here
//                              +-----the next beat---> ended: its connection is dead

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Api } from "../../app/api/api.ts";
import { EVENTS_PROTOCOL } from "./access.ts";
import { feed } from "./feed.ts";

/** Ours: a reader has nothing to say. */
const MOST_BYTES_IN = 1_024;
/** RFC 6455, 7.4.1. */
const GOING_AWAY = 1001;

export class EventSockets {
  readonly #api: Pick<Api, "listen">;
  /** Those that have not answered the last ping. */
  readonly #asked = new Set<WebSocket>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_BYTES_IN,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(EVENTS_PROTOCOL) ? EVENTS_PROTOCOL : false),
  });

  constructor(api: Pick<Api, "listen">) {
    this.#api = api;
  }

  get size(): number {
    return this.#server.clients.size;
  }

  open(incoming: IncomingMessage, socket: Duplex, head: Buffer, since: string | undefined): void {
    this.#server.handleUpgrade(incoming, socket, head, (reader) => {
      reader.on("error", () => reader.terminate());
      reader.on("pong", () => this.#asked.delete(reader));
      const stop = feed(this.#api, since, {
        send: ({ id, event }) => reader.send(JSON.stringify({ id, event })),
        waiting: () => reader.bufferedAmount,
        end: () => reader.terminate(),
      });
      reader.on("close", () => {
        this.#asked.delete(reader);
        stop();
      });
    });
  }

  /** Ends those that have not answered since the last beat: a tunnel may be dead, and nobody says so. */
  beat(): void {
    for (const reader of this.#server.clients) {
      if (this.#asked.has(reader)) reader.terminate();
      else {
        this.#asked.add(reader);
        reader.ping();
      }
    }
  }

  end(): void {
    for (const reader of this.#server.clients) {
      reader.close(GOING_AWAY);
      // Who does not answer is not waited for.
      reader.terminate();
    }
  }
}
