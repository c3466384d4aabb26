// What waits to be sent, and what of it goes into the next frame (docs/PROTOCOL.md §4). Control goes before data: a REPLY
// must not wait behind a file. Neither can overtake its own kind.

import type { Instant } from "../clock.ts";
import { MAX_PLAINTEXT_LENGTH } from "./padding.ts";
import { RECORD, type Record, recordLength } from "./record.ts";

/** A record with `sealed` is the last of its frame: it runs once that frame has been sealed, and may change the key. */
export interface Queued {
  readonly record: Record;
  readonly sealed?: (now: Instant) => void;
}

export class FrameQueue {
  #control: Queued[] = [];
  #data: Record[] = [];
  #dataBytes = 0;

  /** Bytes of data that no frame has taken yet. */
  get waitingBytes(): number {
    return this.#dataBytes;
  }

  /** Control records that no frame has taken yet. */
  get waitingControl(): number {
    return this.#control.length;
  }

  pushControl(queued: Queued): void {
    this.#control.push(queued);
  }

  /** In front of all control that waits. */
  putFirst(queued: Queued): void {
    this.#control.unshift(queued);
  }

  /** A newer ACK says all that an older one said, and takes its place. */
  pushAck(body: Uint8Array): void {
    this.#control = this.#control.filter(({ record }) => record.type !== RECORD.ack);
    this.#control.push({ record: { type: RECORD.ack, body } });
  }

  pushData(body: Uint8Array): void {
    this.#data.push({ type: RECORD.data, body });
    this.#dataBytes += body.length;
  }

  /** Takes what fits into one frame, and `last` behind it if nothing else is left then. */
  take(last: Queued | undefined): Queued[] {
    const batch: Queued[] = [];
    let room = MAX_PLAINTEXT_LENGTH;
    const fits = (record: Record | undefined): record is Record => record !== undefined && recordLength(record) <= room;
    const add = (queued: Queued): void => {
      batch.push(queued);
      room -= recordLength(queued.record);
    };
    while (fits(this.#control[0]?.record)) {
      const queued = this.#control.shift()!;
      add(queued);
      if (queued.sealed !== undefined) return batch;
    }
    if (this.#control.length > 0) return batch;
    let taken = 0;
    while (fits(this.#data[taken])) add({ record: this.#data[taken++]! });
    for (const { body } of this.#data.splice(0, taken)) this.#dataBytes -= body.length;
    if (this.#data.length === 0 && last !== undefined && fits(last.record)) add(last);
    return batch;
  }

  dropData(): void {
    this.#data = [];
    this.#dataBytes = 0;
  }

  clear(): void {
    this.#control = [];
    this.dropData();
  }
}
