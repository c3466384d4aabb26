// The session vector as TypeScript sees it (docs/PROTOCOL.md, section 16), and two channels that play it again, each with
// the delivery over it.
// Knows no handshake: the channels come from the test.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { type Channel, CLOSE_REASON, type Opened } from "../../src/core/channel/index.ts";
import { Delivery, type DeliveryEvent } from "../../src/core/delivery/delivery.ts";
import { MemoryStore } from "../../src/core/delivery/memory-store.ts";
import { DATA_HEAD_BYTES } from "../../src/core/delivery/data.ts";
import type { FakeClock } from "../core/channel/fake-clock.ts";

export type Side = "client" | "server";

export interface SideVector {
  readonly staticPrivate: string;
  readonly staticPublic: string;
  readonly signatureSeed: string;
  readonly signatureKey: string;
  readonly ephemeralPrivate: string;
  readonly ephemeralPublic: string;
  readonly pingToken: string;
  readonly store: string;
  readonly life: string;
  readonly hello: string;
}

export interface OutcomeVector {
  readonly delivered: number;
  readonly start: number;
  readonly expected: number;
  readonly notices: readonly {
    readonly whose: string;
    readonly what: string;
    readonly missing: number;
  }[];
}

export interface SessionVector extends Readonly<Record<Side, SideVector>> {
  readonly suite: string;
  readonly psk: string;
  readonly proofKey: string;
  readonly hour: number;
  readonly hint: string;
  readonly proof: string;
  readonly handshake: readonly { readonly from: Side; readonly payload: string; readonly message: string }[];
  readonly epochs: readonly {
    readonly epoch: number;
    readonly handshakeHash: string;
    readonly k1: string;
    readonly k2: string;
    readonly k3: string;
  }[];
  readonly rekey: Readonly<
    Record<
      | "prologue"
      | "psk"
      | "driverEphemeralPrivate"
      | "otherEphemeralPrivate"
      | "message1"
      | "message2"
      | "init"
      | "reply"
      | "done",
      string
    >
  > & { readonly epoch: number };
  readonly frames: readonly {
    readonly from: Side;
    readonly note: string;
    readonly epoch: number;
    readonly nonce: number;
    readonly records: readonly string[];
    readonly plaintext: string;
    readonly frame: string;
  }[];
  readonly pairing: Readonly<
    Record<"invite" | "pairPsk" | "clientFingerprint" | "serverFingerprint" | "safetyBytes", string>
  > & { readonly safetyWords: readonly string[] };
  readonly resumes: readonly {
    readonly note: string;
    readonly client: string;
    readonly server: string;
    readonly clientSent: readonly string[];
    readonly serverSent: readonly string[];
    readonly misfit: boolean;
    readonly thenClient: OutcomeVector;
    readonly thenServer: OutcomeVector;
  }[];
}

/** What the Go program has written. */
export const VECTOR = JSON.parse(
  readFileSync(new URL("../vectors/session.json", import.meta.url), "utf8"),
) as SessionVector;

export function bytes(hex: string): Uint8Array {
  const decoded = fromHex(hex);
  assert.ok(decoded !== undefined, "the vector holds hex");
  return decoded;
}

export interface Played extends Record<Side, Opened> {
  readonly clock: FakeClock;
  readonly messages: readonly Uint8Array[];
}

/** What one side has learnt of: kinds of events, with numbers where they have one. */
export type Learnt = string;

const storeOf = (side: Side): MemoryStore => new MemoryStore(bytes(VECTOR[side].life), bytes(VECTOR[side].store));

/** The conversation of the vector between two channels. Every frame that either seals must be the next of the vector. */
export class Replay {
  readonly clock: FakeClock;
  readonly channels: Readonly<Record<Side, Channel>>;
  readonly deliveries: Readonly<Record<Side, Delivery>>;
  readonly #underWay: Record<Side, Uint8Array[]> = { client: [], server: [] };
  #checked = 0;

  constructor({ clock, client, server }: Played) {
    this.clock = clock;
    this.channels = { client: client.channel, server: server.channel };
    this.deliveries = {
      client: new Delivery(storeOf("client"), client.remoteStaticKey),
      server: new Delivery(storeOf("server"), server.remoteStaticKey),
    };
  }

  get checked(): number {
    return this.#checked;
  }

  open(side: Side): void {
    this.deliveries[side].attach(this.channels[side]);
    this.advance(side);
  }

  advance(side: Side): void {
    this.channels[side].advance(this.clock.now);
    this.#pump(side);
  }

  pass(ms: number): void {
    this.clock.pass(ms);
    this.advance("client");
    this.advance("server");
  }

  /** Says what the next frame of the vector says. */
  say(side: Side): void {
    const record = VECTOR.frames[this.#checked]?.records[0];
    assert.ok(record !== undefined, "the vector goes on");
    // Behind the record's header, and the number and the stamp, which are ours to give.
    this.deliveries[side].send(bytes(record).subarray(3 + DATA_HEAD_BYTES), this.clock.now);
    this.#pump(side);
  }

  close(side: Side): void {
    this.channels[side].close(CLOSE_REASON.goodbye, this.clock.now);
    this.#pump(side);
  }

  /** The next frame of `from` arrives; what its receiver answers is checked too. Returns what the receiver has learnt. */
  deliver(from: Side): Learnt[] {
    const to = from === "client" ? "server" : "client";
    const frame = this.#underWay[from].shift();
    assert.ok(frame !== undefined, `a frame of the ${from} is under way`);
    const learnt: Learnt[] = [];
    for (const event of this.channels[to].receive(frame, this.clock.now)) {
      if (event.type === "record") this.deliveries[to].receive(this.channels[to], event, this.clock.now);
      else if (event.type === "rekeyed") learnt.push(`rekeyed ${event.epoch}`);
      else if (event.type === "closed") learnt.push(`closed ${event.reason}`);
    }
    return [...learnt, ...this.#pump(to).map(named)];
  }

  #pump(side: Side): readonly DeliveryEvent[] {
    const [channel, delivery] = [this.channels[side], this.deliveries[side]];
    const events = delivery.commit();
    for (;;) {
      delivery.sessionOn(channel)?.transmit();
      const frame = channel.nextFrame(this.clock.now);
      if (frame === undefined) return events;
      const expected = VECTOR.frames[this.#checked++];
      assert.equal(expected?.from, side, `frame ${this.#checked - 1} comes from the other side`);
      assert.equal(toHex(frame), expected.frame, expected.note);
      this.#underWay[side].push(frame);
    }
  }
}

function named(event: DeliveryEvent): Learnt {
  if (event.type === "memory") return `memory ${event.whose} ${event.what}`;
  if (event.type === "room") throw new Error("no stream was full");
  return `${event.type} ${event.seq}`;
}
