// The session vector as TypeScript sees it (docs/PROTOCOL.md, section 16), and two channels that play it again.
// Knows no handshake: the channels come from the test.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fromHex, toHex, u64 } from "../../src/core/bytes.ts";
import { type Channel, type ChannelEvent, CLOSE_REASON, type Opened } from "../../src/core/channel/index.ts";
import type { FakeClock } from "../core/channel/fake-clock.ts";

export type Side = "client" | "server";

export interface SideVector {
  readonly staticPrivate: string;
  readonly staticPublic: string;
  readonly ephemeralPrivate: string;
  readonly ephemeralPublic: string;
  readonly pingToken: string;
  readonly hello: string;
}

export interface SessionVector extends Readonly<Record<Side, SideVector>> {
  readonly suite: string;
  readonly psk: string;
  readonly proofKey: string;
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

/** The conversation of the vector between two channels. Every frame that either seals must be the next of the vector. */
export class Replay {
  readonly clock: FakeClock;
  readonly channels: Readonly<Record<Side, Channel>>;
  readonly #underWay: Record<Side, Uint8Array[]> = { client: [], server: [] };
  readonly #received: Record<Side, number> = { client: 0, server: 0 };
  #checked = 0;

  constructor({ clock, client, server }: Played) {
    this.clock = clock;
    this.channels = { client: client.channel, server: server.channel };
  }

  get checked(): number {
    return this.#checked;
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

  say(side: Side): void {
    const record = VECTOR.frames[this.#checked]?.records[0];
    assert.ok(record !== undefined, "the vector goes on");
    this.channels[side].sendData(bytes(record).subarray(3));
    this.#pump(side);
  }

  close(side: Side): void {
    this.channels[side].close(CLOSE_REASON.goodbye, this.clock.now);
    this.#pump(side);
  }

  /** The next frame of `from` arrives; what its receiver answers is checked too. */
  deliver(from: Side): ChannelEvent[] {
    const to = from === "client" ? "server" : "client";
    const frame = this.#underWay[from].shift();
    assert.ok(frame !== undefined, `a frame of the ${from} is under way`);
    const events = this.channels[to].receive(frame, this.clock.now);
    for (const event of events) {
      if (event.type !== "record" || event.record !== "data") continue;
      this.#received[to] += 1;
      this.channels[to].sendAck(u64(BigInt(this.#received[to])));
    }
    this.#pump(to);
    return events;
  }

  #pump(side: Side): void {
    for (;;) {
      const frame = this.channels[side].nextFrame(this.clock.now);
      if (frame === undefined) return;
      const expected = VECTOR.frames[this.#checked++];
      assert.equal(expected?.from, side, `frame ${this.#checked - 1} comes from the other side`);
      assert.equal(toHex(frame), expected.frame, expected.note);
      this.#underWay[side].push(frame);
    }
  }
}
