// One session of a delivery, or of what is above it, with a peer who has the right keys and says what it likes.

import { concat, readU64, toUtf8, u64 } from "../../../src/core/bytes.ts";
import type { Channel, ChannelEvent, Instant } from "../../../src/core/channel/index.ts";
import { Delivery, type DeliveryEvent } from "../../../src/core/delivery/delivery.ts";
import { decodeResume, encodeResume, type Resume } from "../../../src/core/delivery/resume.ts";
import { record, RoguePeer, type RogueRecord, TYPE } from "../channel/rogue-peer.ts";
import { LastingStore, stampOf } from "./lasting-store.ts";

export const PEER = new Uint8Array(32).fill(7);
export const idOf = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);
export const OURS = idOf(1);
export const THEIRS = idOf(2);
/** Kind and stream of a chat message. */
const CHAT = [1, 0] as const;
export const NO_STAMP = new Uint8Array(12);

/** A DATA of the peer's, whose numbers and indexes agree unless another stamp is given. */
export const data = (
  seq: bigint | number,
  said: string | Uint8Array = "x",
  stamp = stampOf(THEIRS, low(seq)),
  [kind, stream]: readonly [number, number] = CHAT,
): RogueRecord => {
  const message = typeof said === "string" ? toUtf8(said) : said;
  return record(TYPE.data, concat(u64(BigInt(seq)), stamp, Uint8Array.of(kind, stream >> 8, stream & 0xff), message));
};
/** The same of ours. */
export const ours = (seq: number, text: string, stamp = stampOf(OURS, seq)): RogueRecord => data(seq, text, stamp);
const low = (seq: bigint | number): number => Number(BigInt.asUintN(32, BigInt(seq)));
export const ack = (next: bigint | number): RogueRecord => record(TYPE.ack, u64(BigInt(next)));
/** A RESUME of a peer whose store is new to everybody, but for what is given. */
export const resume = (said: Partial<Resume> = {}): RogueRecord =>
  record(
    TYPE.resume,
    encodeResume({ store: THEIRS, known: idOf(0), next: 0, first: 0, sent: 0, last: NO_STAMP, ...said }),
  );

export const numbersOf = (records: readonly RogueRecord[], type: number): bigint[] =>
  records.filter((one) => one.type === type).map(({ body }) => readU64(body, 0));

/** What is carried by channels: a delivery, or what is above it. */
interface Carried<Event> {
  attach(channel: Channel): void;
  receive(channel: Channel, event: Extract<ChannelEvent, { type: "record" }>, now: Instant): unknown;
  commit(): readonly Event[];
  sessionOn(channel: Channel): { transmit(): void } | undefined;
}

export class CarriedSession<Event> {
  readonly peer = new RoguePeer("driver", { rekey: { minMs: 600_000, maxMs: 600_000 }, resumed: false });
  readonly #carried: Carried<Event>;

  /** Attaches it to a channel of its own; nothing has been heard yet. */
  constructor(carried: Carried<Event>) {
    this.#carried = carried;
    carried.attach(this.peer.channel);
  }

  /** The records come in one frame. Nothing of them is stored yet. */
  receive(...records: readonly RogueRecord[]): void {
    const { channel, clock } = this.peer;
    for (const event of this.peer.say(...records)) {
      if (event.type === "record") this.#carried.receive(channel, event, clock.now);
    }
  }

  /** The end of a turn: what happened is stored, told, and what waits is given to the channel. */
  turn(): readonly Event[] {
    const events = this.#carried.commit();
    this.#carried.sessionOn(this.peer.channel)?.transmit();
    return events;
  }

  /** The records come in one frame, and the turn ends. */
  hear(...records: readonly RogueRecord[]): readonly Event[] {
    this.receive(...records);
    return this.turn();
  }

  /** All that our side has to send. */
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

export class RogueSession extends CarriedSession<DeliveryEvent> {
  readonly delivery: Delivery;

  constructor(delivery: Delivery) {
    super(delivery);
    this.delivery = delivery;
  }

  /** Something is said, and the turn ends. */
  send(text: string): number {
    const seq = this.delivery.send(toUtf8(text), this.peer.clock.now);
    this.turn();
    return seq;
  }
}

/** A session in which both have said RESUME for the first time. */
export function withRogue(said: Partial<Resume> = {}) {
  const store = new LastingStore(OURS);
  const delivery = new Delivery(store, PEER);
  const session = new RogueSession(delivery);
  session.peer.hear();
  session.hear(resume(said));
  return { store, delivery, session, peer: session.peer };
}
