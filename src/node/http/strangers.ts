// The connections of those who have not shown that they may come in. There are only so many of them, so that nobody can take
// the places of who may: for one more, the oldest of them goes.
//
//   stranger ---has access---> known: it stays as long as it is wanted
//       +---too many newer ones---> closed

import type { Socket } from "node:net";

export class Strangers {
  readonly #most: number;
  /** The oldest first. */
  readonly #waiting = new Set<Socket>();

  constructor(most: number) {
    this.#most = most;
  }

  add(socket: Socket): void {
    this.#waiting.add(socket);
    socket.once("close", () => this.#waiting.delete(socket));
    const [oldest] = this.#waiting;
    if (this.#waiting.size <= this.#most || oldest === undefined) return;
    this.#waiting.delete(oldest);
    oldest.destroy();
  }

  /** It has access. */
  know(socket: Socket): void {
    this.#waiting.delete(socket);
  }
}
