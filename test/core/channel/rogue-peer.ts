// A peer with the right keys and no manners: it shakes hands as docs/PROTOCOL.md says, by HandshakeState directly, and
// then packs any records it likes, in any order. It shares no code with src/core/channel but the packing of HELLO.
// It also shows that the document and the channel agree: its rekeys are written from §8 alone.

import { concat, readU16, toUtf8, u32 } from "../../../src/core/bytes.ts";
import type { Channel, ChannelEvent, Opened } from "../../../src/core/channel/index.ts";
import { InitiatorHandshake, ResponderHandshake } from "../../../src/core/channel/index.ts";
import { packHello } from "../../../src/core/channel/hello.ts";
import {
  CipherState,
  HandshakeState,
  type KeyPair,
  type RandomSource,
  type Transport,
} from "../../../src/core/noise/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { admissionOf, HOUR, NOW, type PairOptions, partyOf, pskOf, type Side } from "./pair.ts";
import { rogueProof, rogueState } from "./rogue-handshake.ts";
import { TOY_SUITE } from "./toy-suite.ts";

export const TYPE = {
  hello: 0x01,
  close: 0x02,
  ping: 0x03,
  pong: 0x04,
  init: 0x10,
  reply: 0x11,
  done: 0x12,
  data: 0x20,
  ack: 0x21,
  resume: 0x22,
} as const;

export interface RogueRecord {
  readonly type: number;
  readonly body: Uint8Array;
}

export const record = (type: number, body: Uint8Array = new Uint8Array(0)): RogueRecord => ({ type, body });
const EMPTY = new Uint8Array(0);

/** Records as §4 says, padded to 256 bytes or not at all. */
export function plaintextOf(...records: readonly RogueRecord[]): Uint8Array {
  const packed = concat(
    ...records.map(({ type, body }) => concat(Uint8Array.of(type, body.length >> 8, body.length & 0xff), body)),
  );
  return packed.length < 256 ? concat(packed, new Uint8Array(256 - packed.length)) : packed;
}

export function recordsOf(plaintext: Uint8Array): RogueRecord[] {
  const records: RogueRecord[] = [];
  for (let offset = 0; offset < plaintext.length && plaintext[offset] !== 0;) {
    const end = offset + 3 + readU16(plaintext, offset + 1);
    records.push({ type: plaintext[offset]!, body: plaintext.slice(offset + 3, end) });
    offset = end;
  }
  return records;
}

export class RoguePeer {
  readonly clock: FakeClock;
  /** The honest side. */
  readonly channel: Channel;
  readonly opened: Opened;
  readonly drives: boolean;
  /** The epoch of the last rekey that this peer has computed. */
  epoch = 0;
  /** Where the next ephemeral key comes from. */
  random: RandomSource;
  readonly #options: PairOptions;
  readonly #psk: Uint8Array;
  readonly #staticKey: KeyPair;
  readonly #remoteStaticKey: Uint8Array;
  #keys: Transport;
  #send: CipherState;
  #receive: CipherState;
  #handshake: HandshakeState | undefined;

  /** `side` is what the honest channel is; `options.driver` says which role that has. */
  constructor(side: Side, options: PairOptions = {}) {
    const { tracker, ...own } = options;
    const { clock = new FakeClock(), driver = "responder" } = own;
    this.clock = clock;
    this.drives = side === "other";
    this.#options = own;
    this.#psk = pskOf(own);
    const honestRole = (side === "driver") === (driver === "responder") ? "responder" : "initiator";
    const role = honestRole === "responder" ? "initiator" : "responder";
    const { random, staticKey, hello } = partyOf(role, own);
    this.#staticKey = staticKey;
    // The first 32 bytes are the ephemeral key of the handshake, which is not used again.
    random(32);
    this.random = random;
    const state = rogueState(role, own);
    const party = partyOf(honestRole, options);
    const psk = tracker?.track(this.#psk) ?? this.#psk;
    if (honestRole === "responder") {
      const honest = new ResponderHandshake(party, admissionOf(party.suite, psk));
      state.readMessage(honest.answer(state.writeMessage(rogueProof(own)), NOW)!.message2);
      this.opened = honest.finish(
        state.writeMessage(packHello({ ...hello, signatureKey: staticKey.signatureKey })),
        clock.now,
      );
    } else {
      const honest = new InitiatorHandshake(party, psk, HOUR);
      state.readMessage(honest.message1);
      honest.readMessage2(state.writeMessage(packHello({ ...hello, signatureKey: staticKey.signatureKey })));
      const opened = honest.finish(clock.now);
      state.readMessage(opened.message3);
      this.opened = opened;
    }
    this.channel = this.opened.channel;
    tracker?.forget(psk);
    this.#remoteStaticKey = state.remoteStaticKey!;
    this.#keys = state.split();
    this.#send = this.#keys.send;
    this.#receive = this.#keys.receive;
    if (own.resumed === false) return;
    this.say(record(TYPE.resume, new Uint8Array(56)));
    this.channel.sendResume(new Uint8Array(56));
    this.hear();
  }

  seal(plaintext: Uint8Array): Uint8Array {
    return this.#send.encryptWithAd(EMPTY, plaintext);
  }

  /** One frame with these records. */
  say(...records: readonly RogueRecord[]): ChannelEvent[] {
    return this.channel.receive(this.seal(plaintextOf(...records)), this.clock.now);
  }

  /** What the honest side has to send, as one list for each frame; the keys change where §8.2 says. */
  hear(): RogueRecord[][] {
    const frames: RogueRecord[][] = [];
    for (;;) {
      const frame = this.channel.nextFrame(this.clock.now);
      if (frame === undefined) return frames;
      const records = recordsOf(this.#receive.decryptWithAd(EMPTY, frame));
      frames.push(records);
      for (const { type, body } of records) {
        if (type === TYPE.reply) this.readReply(body);
        if (type === TYPE.done) this.#receive = this.#keys.receive;
      }
    }
  }

  /** The KK state that leads to the next epoch. */
  beginRekey(): HandshakeState {
    const { suite = TOY_SUITE } = this.#options;
    const epoch = u32(this.epoch + 1);
    return new HandshakeState({
      pattern: "KKpsk2",
      suite,
      role: this.drives ? "initiator" : "responder",
      random: (length) => this.random(length),
      staticKey: this.#staticKey,
      remoteStaticKey: this.#remoteStaticKey,
      prologue: concat(toUtf8("lair/1 rekey"), epoch, this.#keys.handshakeHash),
      psks: [suite.hash.hkdf(this.#keys.exporterSecret, this.#psk, toUtf8("lair/1 rekey psk"), 32)],
    });
  }

  /** A right REKEY_INIT (this peer drives). */
  init(payload: Uint8Array = EMPTY): RogueRecord {
    this.#handshake = this.beginRekey();
    return record(TYPE.init, concat(u32(this.epoch + 1), this.#handshake.writeMessage(payload)));
  }

  /** A right REKEY_REPLY to a REKEY_INIT; call {@link switchSend} when it has been said. */
  reply(init: RogueRecord, payload: Uint8Array = EMPTY): RogueRecord {
    const handshake = this.beginRekey();
    handshake.readMessage(init.body.subarray(4));
    const body = concat(u32(this.epoch + 1), handshake.writeMessage(payload));
    this.#keys = handshake.split();
    this.epoch += 1;
    return record(TYPE.reply, body);
  }

  readReply(body: Uint8Array): void {
    this.#handshake!.readMessage(body.subarray(4));
    this.#keys = this.#handshake!.split();
    this.#receive = this.#keys.receive;
    this.epoch += 1;
  }

  /** A right REKEY_DONE, after {@link readReply}; call {@link switchSend} when it has been said. */
  done(): RogueRecord {
    return record(TYPE.done, u32(this.epoch));
  }

  switchSend(): void {
    this.#send = this.#keys.send;
  }
}
