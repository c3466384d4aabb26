// The records that wait to be sent, and which of them go into the next frame (docs/PROTOCOL.md §4). Control goes before
// data: a REPLY must not wait behind a file. Neither overtakes its own kind. It only keeps records: `channel.ts` reads
// the consequences of a sealed one (a new key, the end) from the type of the frame's last record.

import { Queue } from "../queue.ts";
import { MAX_PLAINTEXT_BYTES } from "./padding.ts";
import { type ChannelRecord, endsFrame, type OutgoingRecord, RECORD, recordLength } from "./record.ts";

/** The records of one frame. */
class Batch {
  readonly records: OutgoingRecord[] = [];
  #room = MAX_PLAINTEXT_BYTES;

  /** Takes a record, if there is one and it fits. */
  takes(record: OutgoingRecord | undefined): record is OutgoingRecord {
    if (record === undefined) return false;
    const length = recordLength(record);
    if (length > this.#room) return false;
    this.#room -= length;
    this.records.push(record);
    return true;
  }
}

/** The records that no frame has taken yet. */
export class FrameQueue {
  #control: ChannelRecord[] = [];
  readonly #data = new Queue<OutgoingRecord>();
  #dataBytes = 0;

  /** Bytes of data and calls that no frame has taken yet. */
  get waitingBytes(): number {
    return this.#dataBytes;
  }

  /** Control records that no frame has taken yet. */
  get waitingControl(): number {
    return this.#control.length;
  }

  /** Whether answers wait, an ACK or a PONG, and nothing else. */
  get areAnswersAlone(): boolean {
    if (this.#data.length > 0 || this.#control.length === 0) return false;
    return this.#control.every(({ type }) => type === RECORD.ack || type === RECORD.pong);
  }

  pushControl(record: ChannelRecord): void {
    this.#control.push(record);
  }

  /** Before all waiting control records. */
  putFirst(record: ChannelRecord): void {
    this.#control.unshift(record);
  }

  /** A newer ACK covers everything that an older one did, and replaces it. */
  pushAck(body: Uint8Array): void {
    if (this.#control.length > 0) this.#control = this.#control.filter(({ type }) => type !== RECORD.ack);
    this.#control.push({ type: RECORD.ack, body });
  }

  pushData(head: Uint8Array, body: Uint8Array): void {
    this.#data.push({ type: RECORD.data, head, body });
    this.#dataBytes += head.length + body.length;
  }

  /** It keeps its order with the data. */
  pushCall(body: Uint8Array): void {
    this.#data.push({ type: RECORD.call, body });
    this.#dataBytes += body.length;
  }

  /** Takes the records that fit into one frame, and adds `last` if nothing else is left then. */
  take(last: ChannelRecord | undefined): OutgoingRecord[] {
    const batch = new Batch();
    while (batch.takes(this.#control[0])) {
      const { type } = this.#control.shift()!;
      // An array that has had something keeps room for seventeen.
      if (this.#control.length === 0) this.#control = [];
      if (endsFrame(type)) return batch.records;
    }
    if (this.#control.length > 0) return batch.records;
    for (let record = this.#data.first; batch.takes(record); record = this.#data.first) {
      this.#dataBytes -= (record.head?.length ?? 0) + record.body.length;
      this.#data.shift();
    }
    if (this.#data.length === 0) batch.takes(last);
    return batch.records;
  }

  dropData(): void {
    this.#data.clear();
    this.#dataBytes = 0;
  }

  clear(): void {
    this.#control = [];
    this.dropData();
  }
}
