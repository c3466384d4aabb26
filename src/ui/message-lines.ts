// The lines of the events that come with each message, for --json. They are put together from parts, of which the one that
// names the peer is made once: there may be a hundred thousand of them in a second. Each is what `toJson` would make.

import type { ProgramEvent } from "../app/events.ts";
import { isoTime } from "../app/iso-time.ts";
import type { PeerView } from "../core/identity/peer-view.ts";

/** What this needs of `json-lines.ts`. */
interface Parts {
  /** A value as JSON without a line end in it. */
  readonly json: (value: object | string) => string;
  readonly peer: (peer: PeerView) => object;
}

export class MessageLines {
  readonly #parts: Parts;
  /** By the view, which is the same object until the peer changes. */
  readonly #peers = new WeakMap<PeerView, string>();
  #time = { ms: 0, json: isoTime(0) };

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** With its line end; undefined for an event of another kind. */
  of(event: ProgramEvent): string | undefined {
    switch (event.type) {
      case "message": {
        const again = event.again === true ? ',"again":true' : "";
        const text = this.#parts.json(event.text);
        return `${this.#start(event)},"at":"${this.#at(event.atMs)}","text":${text}${again}}\n`;
      }
      case "queued":
      case "sent":
      case "delivered":
        return `${this.#start(event)}}\n`;
      default:
        return undefined;
    }
  }

  #start({ type, peer, seq }: { readonly type: string; readonly peer: PeerView; readonly seq: number }): string {
    return `{"event":"${type}","peer":${this.#peer(peer)},"seq":${seq}`;
  }

  #peer(view: PeerView): string {
    let json = this.#peers.get(view);
    if (json === undefined) {
      json = this.#parts.json(this.#parts.peer(view));
      this.#peers.set(view, json);
    }
    return json;
  }

  /** Most messages of a burst have the time of the one before. */
  #at(ms: number): string {
    if (ms !== this.#time.ms) this.#time = { ms, json: isoTime(ms) };
    return this.#time.json;
  }
}
