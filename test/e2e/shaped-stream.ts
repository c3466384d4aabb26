// One direction of a wire: what comes in is passed on in pieces of chance lengths, some of them a little later. A sink
// decides how much may pass. A reader that does not read holds its writer up, as without a proxy.

import type { Socket } from "node:net";
import type { SeededRandom } from "../core/channel/seeded-random.ts";

export interface Sink {
  /** How many of so many bytes may pass now. */
  room(wanted: number): number;
  passed(count: number): void;
  swallowed(count: number): void;
  /** Whether bytes and ends still get through. */
  isCarrying(): boolean;
}

const MAX_WAITING_BYTES = 256 * 1024;

export class ShapedStream {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #random: SeededRandom;
  readonly #sink: Sink;
  #waiting: Buffer = Buffer.alloc(0);
  #isRunning = false;
  #ended: "not" | "end" | "error" = "not";

  constructor(from: Socket, to: Socket, random: SeededRandom, sink: Sink) {
    this.#from = from;
    this.#to = to;
    this.#random = random;
    this.#sink = sink;
    from.setNoDelay(true);
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    from.on("end", () => this.#end("end"));
    from.on("error", () => this.#end("error"));
  }

  #take(bytes: Buffer): void {
    if (!this.#sink.isCarrying()) {
      this.#sink.swallowed(bytes.length);
      return;
    }
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    if (this.#waiting.length > MAX_WAITING_BYTES) this.#from.pause();
    this.#run();
  }

  #end(how: "end" | "error"): void {
    if (this.#ended === "error" || this.#ended === how) return;
    this.#ended = how;
    this.#run();
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#turn();
  }

  /** Passes one piece on, and comes back for the next one. */
  readonly #turn = (): void => {
    if (this.#waiting.length === 0) {
      this.#isRunning = false;
      if (this.#ended !== "not") this.#passEnd();
      return;
    }
    const piece = this.#waiting.subarray(0, this.#pieceLength());
    const room = this.#to.destroyed ? 0 : this.#sink.room(piece.length);
    this.#waiting = this.#waiting.subarray(piece.length);
    let isTaken = true;
    if (room > 0) {
      isTaken = this.#to.write(piece.subarray(0, room));
      this.#sink.passed(room);
    }
    if (room < piece.length) this.#sink.swallowed(piece.length - room);
    if (this.#from.isPaused() && this.#waiting.length < MAX_WAITING_BYTES / 2) this.#from.resume();
    if (isTaken || this.#to.destroyed) this.#pause();
    else this.#onRoom();
  };

  #onRoom(): void {
    const goOn = (): void => {
      this.#to.off("drain", goOn);
      this.#to.off("close", goOn);
      this.#turn();
    };
    this.#to.once("drain", goOn);
    this.#to.once("close", goOn);
  }

  /** Single bytes and the beginnings of frames now and then; mostly all that has come. */
  #pieceLength(): number {
    const kind = this.#random.below(100);
    if (kind < 5) return 1;
    return Math.min(this.#waiting.length, kind < 30 ? this.#random.between(1, 700) : this.#waiting.length);
  }

  #pause(): void {
    const kind = this.#random.below(100);
    if (kind < 8) setTimeout(this.#turn, this.#random.between(1, 4));
    else setImmediate(this.#turn);
  }

  #passEnd(): void {
    if (!this.#sink.isCarrying()) return;
    if (this.#ended === "end") this.#to.end();
    else if (!this.#to.destroyed) this.#to.resetAndDestroy();
  }
}
