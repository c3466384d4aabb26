// Two channels without the handshake before them: the test gives them their keys of epoch 0, so that it knows them, and
// so that the same seed gives the same two channels again in microseconds.

import { Channel } from "../../../src/core/channel/index.ts";
import { CipherState, type RandomSource } from "../../../src/core/noise/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { keyPair, type PairOptions, resume, type Side, WINDOW } from "./pair.ts";
import { SeededRandom } from "./seeded-random.ts";
import { TOY_SUITE } from "./toy-suite.ts";

const EMPTY = new Uint8Array(0);

export interface DirectPair extends Record<Side, Channel> {
  readonly clock: FakeClock;
  /** The plaintext of the `index`th frame that `sender` has sealed in epoch 0, after its RESUME where that has been said. */
  open(sender: Side, frame: Uint8Array, index: number): Uint8Array;
  /** Another plaintext as that frame. */
  seal(sender: Side, plaintext: Uint8Array, index: number): Uint8Array;
}

/** `driverRandom` takes the place of the driver's seeded source. */
export function directPair(options: PairOptions = {}, driverRandom?: RandomSource): DirectPair {
  const { suite = TOY_SUITE, seed = 1, clock = new FakeClock(), rekey = WINDOW, limits } = options;
  const random = new SeededRandom(seed).bytes;
  const keys = { driver: random(32), other: random(32) };
  const cipherState = (sender: Side, nonce = 0): CipherState => {
    const state = new CipherState(suite.cipher, keys[sender].slice());
    state.setNonce(BigInt(nonce));
    return state;
  };
  const statics = { driver: keyPair(suite, random), other: keyPair(suite, random) };
  const shared = { psk: random(32), handshakeHash: random(32), exporterSecret: random(32), ephemeral: random(32) };
  const channel = (side: Side, peer: Side): Channel =>
    new Channel({
      session: {
        suite,
        random:
          (side === "driver" ? driverRandom : undefined) ?? new SeededRandom(seed + (side === "driver" ? 1 : 2)).bytes,
        staticKey: statics[side],
        remoteStaticKey: statics[peer].publicKey,
        psk: shared.psk,
      },
      transport: {
        send: cipherState(side),
        receive: cipherState(peer),
        handshakeHash: shared.handshakeHash,
        exporterSecret: shared.exporterSecret.slice(),
      },
      remoteEphemeralKey: shared.ephemeral,
      drives: side === "driver",
      rekeyWindow: rekey,
      now: clock.now,
      ...(limits === undefined ? {} : { limits }),
    });
  const pair = { clock, driver: channel("driver", "other"), other: channel("other", "driver") };
  const isResumed = options.resumed !== false;
  if (isResumed) resume(pair);
  const first = isResumed ? 1 : 0;
  return {
    ...pair,
    open: (sender, frame, index) => cipherState(sender, first + index).decryptWithAd(EMPTY, frame),
    seal: (sender, plaintext, index) => cipherState(sender, first + index).encryptWithAd(EMPTY, plaintext),
  };
}

/** The frames of one session, each as its sender has sealed it; the same for the same options. */
export interface Recorded {
  readonly DATA: Uint8Array;
  readonly REKEY_INIT: Uint8Array;
  readonly REKEY_REPLY: Uint8Array;
  readonly REKEY_DONE: Uint8Array;
}

/** For each: who sends it, as which frame of its own, and how its receiver alone comes to where it is to arrive. */
export const FRAMES: Record<
  keyof Recorded,
  { sender: Side; index: number; ready: (pair: DirectPair, recorded: Recorded) => void }
> = {
  DATA: { sender: "other", index: 0, ready: () => {} },
  REKEY_INIT: { sender: "driver", index: 0, ready: ({ clock }) => clock.pass(2_000) },
  REKEY_REPLY: {
    sender: "other",
    index: 1,
    ready: (pair, recorded) => {
      pair.driver.receive(recorded.DATA, pair.clock.now);
      beginRekey(pair);
    },
  },
  REKEY_DONE: {
    sender: "driver",
    index: 1,
    ready: ({ other, clock }, recorded) => {
      clock.pass(2_000);
      other.receive(recorded.REKEY_INIT, clock.now);
      other.nextFrame(clock.now);
    },
  },
};

export function recordFrames(options: PairOptions): Recorded {
  const pair = directPair(options);
  const { driver, other, clock } = pair;
  other.sendData(new Uint8Array(20).fill(7));
  const data = other.nextFrame(clock.now)!;
  driver.receive(data, clock.now);
  const init = beginRekey(pair);
  other.receive(init, clock.now);
  const reply = other.nextFrame(clock.now)!;
  driver.receive(reply, clock.now);
  return { DATA: data, REKEY_INIT: init, REKEY_REPLY: reply, REKEY_DONE: driver.nextFrame(clock.now)! };
}

function beginRekey({ driver, clock }: DirectPair): Uint8Array {
  clock.pass(2_000);
  driver.advance(clock.now);
  return driver.nextFrame(clock.now)!;
}
