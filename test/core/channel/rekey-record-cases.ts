// A rekey record that a peer with the right keys has changed (docs/PROTOCOL.md §8.4): each byte of its body to other
// values, every shorter body, a longer one. `npm test` takes two values for each byte, test/long all 255.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat } from "../../../src/core/bytes.ts";
import { quickSuite } from "../noise/spy-suite.ts";
import { directPair, FRAMES, type Recorded, recordFrames } from "./direct-pair.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { opposite, type PairOptions } from "./pair.ts";
import { plaintextOf, record, recordsOf, type RogueRecord, TYPE } from "./rogue-peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "./toy-suite.ts";

const REKEY_FRAMES = [
  ["REKEY_INIT", TYPE.init, 52],
  ["REKEY_REPLY", TYPE.reply, 52],
  ["REKEY_DONE", TYPE.done, 4],
] as const;

function withByte(body: Uint8Array, at: number, value: number): Uint8Array {
  const changed = body.slice();
  changed[at] = value;
  return changed;
}

/** Declares the tests; each byte is changed by XOR with each of `changes`. */
export function describeRekeyRecords(changes: readonly number[]): void {
  for (const [name, type, length] of REKEY_FRAMES) {
    const { sender, index, ready } = FRAMES[name];

    /** A session in which the frame with the record arrives, but with the body that `change` returns. */
    const arrive = (change: (body: Uint8Array) => Uint8Array, options: PairOptions, recorded: Recorded): void => {
      const pair = directPair(options);
      ready(pair, recorded);
      const changed = recordsOf(pair.open(sender, recorded[name], index)).map((sent): RogueRecord =>
        sent.type === type ? record(type, change(sent.body)) : sent,
      );
      const receiver = pair[opposite(sender)];
      try {
        receiver.receive(pair.seal(sender, plaintextOf(...changed), index), pair.clock.now);
      } catch (error) {
        assert.equal(receiver.state, "closed");
        throw error;
      }
    };

    const toy = { suite: TOY_SUITE };
    const toyFrames = recordFrames(toy);

    describe(`the body of a ${name} (§8.4)`, () => {
      it("is taken as it is", () => {
        arrive(
          (body) => {
            assert.equal(body.length, length);
            return body;
          },
          toy,
          toyFrames,
        );
      });

      it(`is fatal when any byte of it has another value: ${changes.length} for each`, () => {
        for (let at = 0; at < length; at++) {
          for (const change of changes) {
            const arriveChanged = (): void => arrive((body) => withByte(body, at, body[at]! ^ change), toy, toyFrames);
            const error = throwsLair(arriveChanged, undefined, `byte ${at} ^ ${change}`);
            assert.equal(error.code, at < 4 ? "rekey-protocol" : "noise-authentication", `byte ${at} ^ ${change}`);
          }
        }
      });

      it("is fatal when a bit of it is flipped, under real cryptography", () => {
        const real = { suite: quickSuite(OPENSSL_SUITE) };
        const realFrames = recordFrames(real);
        const flips = changes.filter((change) => (change & (change - 1)) === 0);
        for (let at = 0; at < length; at++) {
          for (const flip of flips) {
            throwsLair(() => arrive((body) => withByte(body, at, body[at]! ^ flip), real, realFrames));
          }
        }
      });

      it("is fatal when it is shorter or longer", () => {
        for (let shorter = 0; shorter < length; shorter++) {
          throwsLair(() => arrive((body) => body.slice(0, shorter), toy, toyFrames), "rekey-protocol");
        }
        throwsLair(() => arrive((body) => concat(body, Uint8Array.of(0)), toy, toyFrames), "rekey-protocol");
      });
    });
  }
}
