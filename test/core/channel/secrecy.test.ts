// What stolen secrets open (docs/PROTOCOL.md §8): those of one epoch nothing of another, the long-term ones nothing that
// was recorded. Each test also shows that what it tries does open what it should.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromHex, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { packHello } from "../../../src/core/channel/hello.ts";
import { HandshakeState, NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { NODE_SUITE } from "./node-suite.ts";
import { Line, openPair, partyOf, pskOf, SIDES } from "./pair.ts";
import { derived, opens, Tracker } from "./tracking.ts";

const EPOCHS = [0, 1, 2, 3];

/** Plays a session of four epochs with two frames from each side in each. */
function playEpochs(line: Line, after: (epoch: number, frames: Uint8Array[]) => void): void {
  for (const epoch of EPOCHS) {
    const frames: Uint8Array[] = [];
    for (const side of [...SIDES, ...SIDES]) {
      line.pair[side].sendData(new Uint8Array(40).fill(epoch));
      line.take(side);
      frames.push(...line.underWay[side]);
      line.pump();
    }
    assert.equal(line.pair.driver.epoch, epoch);
    after(epoch, frames);
    line.pass(2_000);
  }
}

describe("all secrets of both sides at one epoch (§8)", () => {
  for (const [name, suite] of Object.entries({ NOBLE_SUITE, NODE_SUITE })) {
    it(`open the frames of that epoch and of no other, under ${name}`, () => {
      const tracker = new Tracker();
      const line = new Line(openPair({ suite, tracker }));
      const recorded: Uint8Array[][] = [];
      const snapshots: Uint8Array[][] = [];
      playEpochs(line, (epoch, frames) => {
        recorded[epoch] = frames;
        snapshots[epoch] = derived(
          suite,
          [...tracker.live()].map((hex) => fromHex(hex)!),
        );
      });
      for (const stolenAt of EPOCHS) {
        for (const sealedAt of EPOCHS) {
          for (const frame of recorded[sealedAt]!) {
            const isOpen = opens(suite, snapshots[stolenAt]!, frame);
            assert.equal(isOpen, stolenAt === sealedAt, `stolen at ${stolenAt}, sealed at ${sealedAt}`);
          }
        }
      }
    });
  }
});

describe("the static keys and the psk, after the fact (§8)", () => {
  const suite = NODE_SUITE;
  const psk = pskOf();
  const line = new Line(openPair({ suite }));
  const recorded: Uint8Array[] = [];
  playEpochs(line, (_epoch, frames) => recorded.push(...frames));
  const [message1, , message3] = line.pair.messages as [Uint8Array, Uint8Array, Uint8Array];

  it("open nothing that was recorded", () => {
    const { messages } = line.pair;
    const statics = [partyOf("initiator", { suite }).staticKey, partyOf("responder", { suite }).staticKey];
    // What can be computed without a private ephemeral key: statics with statics, and with the ephemerals on the wire.
    const publics = [...statics.map(({ publicKey }) => publicKey), ...messages.map((message) => message.slice(0, 32))];
    const shared = statics.flatMap(({ privateKey }) => publics.map((key) => suite.dh.dh(privateKey, key)));
    const rekeyPsk = suite.hash.hkdf(psk, psk, toUtf8("lair/1 rekey psk"), 32);
    const pool = [psk, rekeyPsk, ...statics.map(({ privateKey }) => privateKey), ...shared];
    const keys = derived(suite, pool);
    for (const frame of recorded) assert.equal(opens(suite, keys, frame), false);
  });

  it("open the first epoch once somebody adds an ephemeral private key, so the recording is sound", () => {
    const { random, staticKey, hello } = partyOf("responder", { suite });
    const thief = new HandshakeState({
      pattern: "XXpsk2",
      suite,
      role: "responder",
      random,
      staticKey,
      prologue: toUtf8("lair/1"),
      psks: [psk],
    });
    thief.readMessage(message1);
    assert.equal(toHex(thief.writeMessage(packHello(hello))), toHex(line.pair.messages[1]!));
    thief.readMessage(message3);
    const { receive } = thief.split();
    // Sealed by the initiator, who is not the driver: the second.
    assert.equal(receive.decryptWithAd(new Uint8Array(0), recorded[1]!).length, 256);
  });
});
