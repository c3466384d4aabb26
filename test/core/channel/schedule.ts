// One random schedule of a session (docs/PROTOCOL.md §4, §8): two sides talk, time passes, the line holds frames back,
// and the keys renew themselves in between. Everything follows from the seed.

import assert from "node:assert/strict";
import { readU32, u32 } from "../../../src/core/bytes.ts";
import type { CipherSuite } from "../../../src/core/noise/index.ts";
import { LinkedPair, openPair, opposite, type Side, SIDES } from "./pair.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface Played {
  readonly rekeys: number;
  readonly messages: number;
  /** Whether frames were under way in both directions while the keys were being renewed. */
  readonly crossed: boolean;
}

/** All frames that a schedule may take to arrive: the deadlines of §8.4 have tests of their own. */
const PATIENT = { replyTimeoutMs: 1e9, keyGraceMs: 1e9 };
/** Short of the 45 s after which a silent peer is dead. */
const MOST_TIME_MS = 40_000;

class Schedule {
  readonly #random: SeededRandom;
  readonly #session: LinkedPair;
  readonly #sent: Record<Side, Uint8Array[]> = { driver: [], other: [] };
  readonly #acknowledged: Record<Side, number> = { driver: 0, other: 0 };
  #timeLeftMs = MOST_TIME_MS;
  #crossed = false;

  constructor(seed: number, suite: CipherSuite) {
    this.#random = new SeededRandom(seed);
    const minMs = this.#random.between(1_000, 3_000);
    // Some drivers renew after a few frames rather than after a time.
    const rekeyAfterFrames = this.#random.chance(50) ? this.#random.between(2, 12) : 2 ** 20;
    const pair = openPair({
      suite,
      seed,
      driver: this.#random.pick(["initiator", "responder"]),
      rekey: { minMs, maxMs: minMs + this.#random.below(2_000) },
      limits: { ...PATIENT, rekeyAfterFrames, floodFrames: rekeyAfterFrames / 2 },
    });
    this.#session = new LinkedPair(pair);
  }

  play(steps: number): Played {
    for (let step = 0; step < steps; step++) this.#step(this.#random.pick(SIDES));
    const closer = this.#random.chance(30) ? this.#random.pick(SIDES) : undefined;
    if (closer === undefined) this.#settle();
    else this.#close(closer);
    const { driver, other } = this.#sent;
    return {
      rekeys: this.#session.events.driver.filter(({ type }) => type === "rekeyed").length,
      messages: driver.length + other.length,
      crossed: this.#crossed,
    };
  }

  #step(side: Side): void {
    const channel = this.#session.pair[side];
    const { clock } = this.#session.pair;
    const die = this.#random.below(100);
    if (die < 20) this.#say(side);
    else if (die < 48) this.#session.take(side, this.#random.between(1, 3));
    else if (die < 80) for (let count = this.#random.between(1, 3); count > 0; count--) this.#session.deliver(side);
    else if (die < 85) channel.sendAck(u32(++this.#acknowledged[side]));
    else if (die < 92) channel.advance(clock.now);
    else {
      const ms = Math.min(this.#random.below(1_500), this.#timeLeftMs);
      this.#timeLeftMs -= ms;
      clock.pass(ms);
      for (const each of SIDES) this.#session.pair[each].advance(clock.now);
    }
    const { driver, other } = this.#session.underWay;
    this.#crossed ||= channel.state === "rekeying" && driver.length > 0 && other.length > 0;
  }

  #say(side: Side): void {
    const big = this.#random.below(400) === 0;
    for (let count = this.#random.between(1, big ? 1 : 4); count > 0; count--) {
      const body = new Uint8Array(4 + this.#random.below(big ? 65_513 : 60)).fill(this.#random.below(256));
      body.set(u32(this.#sent[side].length));
      this.#sent[side].push(body);
      this.#session.pair[side].sendData(body);
    }
  }

  /** Nobody closes: all that was sent arrives, and both sides are in one epoch. */
  #settle(): void {
    this.#session.pump();
    for (const side of SIDES) this.#expect(side, this.#sent[side].length);
    const { driver, other } = this.#session.pair;
    assert.equal(driver.epoch, other.epoch);
    assert.deepEqual([driver.state, other.state], ["open", "open"]);
    assert.deepEqual([driver.waitingBytes, other.waitingBytes], [0, 0]);
    for (const side of SIDES) assert.equal(this.#lastAck(side), this.#acknowledged[opposite(side)]);
  }

  /** One side closes: all that it sent arrives, and of what the other sent a beginning. */
  #close(closer: Side): void {
    const { pair } = this.#session;
    const last = opposite(closer);
    pair[closer].close(0, pair.clock.now);
    this.#session.pump();
    assert.deepEqual([pair.driver.state, pair.other.state], ["closed", "closed"]);
    assert.deepEqual(this.#session.events[last].at(-1), { type: "closed", reason: 0 });
    this.#expect(closer, this.#sent[closer].length);
    this.#expect(last, this.#session.received(closer).length);
  }

  /** The first `count` messages of `sender` have arrived, in order, and nothing else. */
  #expect(sender: Side, count: number): void {
    const received = this.#session.received(opposite(sender));
    assert.equal(received.length, count, `of ${sender}`);
    for (const [index, body] of received.entries()) {
      assert.ok(Buffer.compare(body, this.#sent[sender][index]!) === 0, `message ${index} of ${sender}`);
    }
  }

  /** ACKs never go back, and the last one arrives. */
  #lastAck(receiver: Side): number {
    let last = 0;
    for (const event of this.#session.events[receiver]) {
      if (event.type !== "record" || event.record !== "ack") continue;
      const next = readU32(event.body, 0);
      assert.ok(next > last, `ACK ${next} after ${last}`);
      last = next;
    }
    return last;
  }
}

/** Plays `count` schedules. Throws an Error that names the seed of the one that failed. */
export function playSchedules(count: number, suite: CipherSuite, firstSeed: number): Played {
  let [rekeys, messages, crossed] = [0, 0, false];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    try {
      const played = new Schedule(seed, suite).play(160);
      rekeys += played.rekeys;
      messages += played.messages;
      crossed ||= played.crossed;
    } catch (cause) {
      throw new Error(`the schedule of seed ${seed} fails: LAIR_TEST_SEED=${seed} plays it first`, { cause });
    }
  }
  return { rekeys, messages, crossed };
}
