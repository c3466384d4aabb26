// A delivery and the peer of one session of it, who has the right keys and says what it likes.

import { concat, readU64, toUtf8, u64 } from "../../../src/core/bytes.ts";
import { Delivery, type DeliveryEvent } from "../../../src/core/delivery/delivery.ts";
import { MemoryStore } from "../../../src/core/delivery/memory-store.ts";
import { decodeResume, encodeResume, type Resume } from "../../../src/core/delivery/resume.ts";
import { record, RoguePeer, type RogueRecord, TYPE } from "../channel/rogue-peer.ts";

export const PEER = new Uint8Array(32).fill(7);
export const idOf = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);
export const OURS = idOf(1);
export const THEIRS = idOf(2);

export const data = (seq: bigint | number, text = "x"): RogueRecord =>
  record(TYPE.data, concat(u64(BigInt(seq)), toUtf8(text)));
export const ack = (next: bigint | number): RogueRecord => record(TYPE.ack, u64(BigInt(next)));
/** A RESUME of a peer whose store is new to everybody, but for what is given. */
export const resume = (said: Partial<Resume> = {}): RogueRecord =>
  record(TYPE.resume, encodeResume({ store: THEIRS, known: idOf(0), next: 0, first: 0, sent: 0, ...said }));

export const numbersOf = (records: readonly RogueRecord[], type: number): bigint[] =>
  records.filter((one) => one.type === type).map(({ body }) => readU64(body, 0));

export class RogueSession {
  readonly peer: RoguePeer;
  readonly delivery: Delivery;

  /** Attaches the delivery to a channel of its own; nothing has been heard yet. */
  constructor(delivery: Delivery) {
    this.peer = new RoguePeer("driver", { rekey: { minMs: 600_000, maxMs: 600_000 }, resumed: false });
    this.delivery = delivery;
    delivery.attach(this.peer.channel);
  }

  /** The records come in one frame. Nothing of them is stored yet. */
  receive(...records: readonly RogueRecord[]): void {
    const { peer, delivery } = this;
    for (const event of peer.say(...records)) {
      if (event.type === "record") delivery.receive(peer.channel, event, peer.clock.now);
    }
  }

  /** The end of a turn: what happened is stored, told, and what waits is given to the channel. */
  turn(): DeliveryEvent[] {
    const events = this.delivery.commit();
    this.delivery.transmit(this.peer.channel);
    return events;
  }

  /** The records come in one frame, and the turn ends. */
  hear(...records: readonly RogueRecord[]): DeliveryEvent[] {
    this.receive(...records);
    return this.turn();
  }

  /** Something is said, and the turn ends. */
  send(text: string): number {
    const seq = this.delivery.send(toUtf8(text), this.peer.clock.now);
    this.turn();
    return seq;
  }

  /** All that the delivery's side has to send. */
  records(): RogueRecord[] {
    return this.peer.hear().flat();
  }

  /** The RESUME that it has said. */
  said(): Resume {
    const [first] = this.records();
    if (first?.type !== TYPE.resume) throw new Error(`the first record is ${first?.type}`);
    return decodeResume(first.body);
  }
}

/** A session in which both have said RESUME for the first time. */
export function withRogue(said: Partial<Resume> = {}) {
  const store = new MemoryStore(OURS);
  const delivery = new Delivery(store, PEER);
  const session = new RogueSession(delivery);
  session.peer.hear();
  session.hear(resume(said));
  return { store, delivery, session, peer: session.peer };
}
