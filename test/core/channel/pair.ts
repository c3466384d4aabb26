// Two channels that have shaken hands, a clock that they share, and a line between them that the test moves by hand.

import {
  Admission,
  type Channel,
  type ChannelEvent,
  type ChannelLimits,
  type HandshakeParty,
  hourOf,
  InitiatorHandshake,
  type Opened,
  type RekeyWindow,
  ResponderHandshake,
} from "../../../src/core/channel/index.ts";
import type { CipherSuite, RandomSource, Role } from "../../../src/core/noise/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { SeededRandom } from "./seeded-random.ts";
import { TOY_SUITE } from "./toy-suite.ts";
import type { Tracker } from "./tracking.ts";
import { type Identity, identityFromPrivateKey } from "../../../src/core/identity/identity.ts";

export type Side = "driver" | "other";
export const SIDES: readonly Side[] = ["driver", "other"];
export const opposite = (side: Side): Side => (side === "driver" ? "other" : "driver");

/** When handshakes without a clock of their own happen. */
export const NOW = new FakeClock().now;
/** The hour of the hint that a client with a right clock sends. */
export const HOUR = hourOf(NOW);

export interface PairOptions {
  readonly suite?: CipherSuite;
  readonly seed?: number;
  readonly clock?: FakeClock;
  /** Which role announces the window; the responder unless told otherwise. */
  readonly driver?: Role;
  readonly rekey?: RekeyWindow;
  readonly limits?: Partial<ChannelLimits>;
  /** Watches the secrets of both sides. */
  readonly tracker?: Tracker;
  /** Whether both have said RESUME already; yes unless told otherwise. */
  readonly resumed?: boolean;
  /** What each role can do besides the chat; nothing unless told otherwise. */
  readonly capabilities?: Partial<Record<Role, readonly string[]>>;
}

export interface Pair extends Record<Side, Channel> {
  readonly clock: FakeClock;
  readonly psk: Uint8Array;
  readonly messages: readonly Uint8Array[];
  readonly opened: Record<Role, Opened>;
}

export const WINDOW: RekeyWindow = { minMs: 1_000, maxMs: 2_000 };

export function keyPair(suite: CipherSuite, random: RandomSource): Identity {
  return identityFromPrivateKey(suite, random(32));
}

/** What one role brings; each draws from a generator of its own, so that one side's draws do not move the other's. */
export function partyOf(role: Role, options: PairOptions = {}): HandshakeParty {
  const { suite = TOY_SUITE, seed = 1, driver = "responder", rekey = WINDOW, limits, tracker } = options;
  const random = new SeededRandom(2 * seed + (role === "initiator" ? 0 : 1)).bytes;
  const hello = { name: role, agent: "test/1", capabilities: options.capabilities?.[role] ?? [] };
  return {
    suite: tracker?.suite(suite) ?? suite,
    // The static key is the caller's, so it is not watched.
    staticKey: keyPair(suite, random),
    random: tracker?.random(random) ?? random,
    hello: role === driver ? { ...hello, rekey } : hello,
    ...(limits === undefined ? {} : { limits }),
  };
}

export function pskOf({ seed = 1 }: PairOptions = {}): Uint8Array {
  return new SeededRandom(seed + 2 ** 31).bytes(32);
}

export function admissionOf(suite: CipherSuite, psk: Uint8Array): Admission<{ readonly psk: Uint8Array }> {
  const admission = new Admission<{ readonly psk: Uint8Array }>(suite.hash, NOW);
  admission.accept("the only one", psk, { psk });
  return admission;
}

export function openPair(options: PairOptions = {}): Pair {
  const { clock = new FakeClock(), driver = "responder", tracker } = options;
  const psk = tracker?.track(pskOf(options)) ?? pskOf(options);
  const client = new InitiatorHandshake(partyOf("initiator", options), psk, HOUR);
  const party = partyOf("responder", options);
  const server = new ResponderHandshake(party, admissionOf(party.suite, psk));
  const { message2 } = server.answer(client.message1, NOW)!;
  client.readMessage2(message2);
  const initiator = client.finish(clock.now);
  const responder = server.finish(initiator.message3, clock.now);
  const opened = { initiator, responder };
  // It is the caller's.
  tracker?.forget(psk);
  const pair = {
    clock,
    psk,
    messages: [client.message1, message2, initiator.message3],
    opened,
    driver: opened[driver].channel,
    other: opened[driver === "initiator" ? "responder" : "initiator"].channel,
  };
  if (options.resumed !== false) resume(pair);
  return pair;
}

/** Each side says RESUME, in a frame of its own; what it says is another layer's business. */
export function resume(pair: Record<Side, Channel> & { readonly clock: FakeClock }): Record<Side, Uint8Array> {
  const { now } = pair.clock;
  for (const side of SIDES) pair[side].sendResume(new Uint8Array(56));
  const frames = { driver: pair.driver.nextFrame(now)!, other: pair.other.nextFrame(now)! };
  for (const side of SIDES) pair[side].receive(frames[opposite(side)], now);
  return frames;
}

/** What lies between the two. It holds frames back as long as the test likes; each direction keeps its order. */
export class LinkedPair {
  readonly pair: Pair;
  /** By sender. */
  readonly underWay: Record<Side, Uint8Array[]> = { driver: [], other: [] };
  /** By receiver. */
  readonly events: Record<Side, ChannelEvent[]> = { driver: [], other: [] };

  constructor(pair: Pair) {
    this.pair = pair;
  }

  /** Takes what `side` has to send; returns the number of frames. */
  take(side: Side, most = Number.POSITIVE_INFINITY): number {
    for (let count = 0; count < most; count++) {
      const frame = this.pair[side].nextFrame(this.pair.clock.now);
      if (frame === undefined) return count;
      this.underWay[side].push(frame);
    }
    return most;
  }

  /** Delivers the next frame that `sender` has sent; false when none is under way. */
  deliver(sender: Side): boolean {
    const frame = this.underWay[sender].shift();
    if (frame === undefined) return false;
    const receiver = opposite(sender);
    const channel = this.pair[receiver];
    if (channel.state !== "closed") this.events[receiver].push(...channel.receive(frame, this.pair.clock.now));
    return true;
  }

  /** Takes and delivers until nothing moves. */
  pump(): void {
    let moved = true;
    while (moved) {
      moved = false;
      for (const side of SIDES) moved = this.take(side) > 0 || this.deliver(side) || moved;
    }
  }

  /** Time passes, both sides look at it, and everything arrives. */
  pass(ms: number): void {
    this.pair.clock.pass(ms);
    for (const side of SIDES) this.pair[side].advance(this.pair.clock.now);
    this.pump();
  }

  /** The bodies of all DATA that `receiver` got. */
  received(receiver: Side): Uint8Array[] {
    return this.events[receiver].flatMap((event) =>
      event.type === "record" && event.record === "data" ? [event.body] : [],
    );
  }
}
