// The key of one direction, and how two clocks make one age (docs/PROTOCOL.md §8.4). Its use inside a session is in
// key-age.test.ts and rekey-rules.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DirectionKey } from "../../../src/core/channel/direction-key.ts";
import { elapsedMs } from "../../../src/core/channel/index.ts";
import { CipherState } from "../../../src/core/noise/index.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "./toy-suite.ts";

const START = { monotonicMs: 100, wallMs: 1_000_000 };
const at = (ms: number): typeof START => ({ monotonicMs: 100 + ms, wallMs: 1_000_000 + ms });
const EMPTY = new Uint8Array(0);

function keyOf(maxAgeMs: number, maxFrames: number): DirectionKey {
  const cipherState = new CipherState(TOY_SUITE.cipher, new Uint8Array(32).fill(8));
  return new DirectionKey(cipherState, START, { maxAgeMs, maxFrames });
}

describe("elapsedMs (§8.4)", () => {
  it("believes the clock that says more, and never says less than nothing", () => {
    const cases: [monotonicMs: number, wallMs: number, elapsed: number][] = [
      [5, 5, 5],
      [5, 90, 90],
      [5, -90, 5],
      [0, 0, 0],
      [-5, -90, 0],
    ];
    for (const [monotonicMs, wallMs, elapsed] of cases) {
      const now = { monotonicMs: START.monotonicMs + monotonicMs, wallMs: START.wallMs + wallMs };
      assert.equal(elapsedMs(START, now), elapsed);
    }
  });
});

describe("DirectionKey (§8.4)", () => {
  it("counts its frames and opens what its twin has sealed", () => {
    const [sender, receiver] = [keyOf(1_000, 10), keyOf(1_000, 10)];
    for (let frame = 1; frame <= 3; frame++) {
      const sealed = sender.seal(Uint8Array.of(frame), START);
      assert.deepEqual(receiver.open(sealed, START), Uint8Array.of(frame));
      assert.deepEqual([sender.frames, receiver.frames], [frame, frame]);
    }
  });

  it("is used at its greatest age and not after, and names the first millisecond after", () => {
    const key = keyOf(1_000, 10);
    assert.equal(key.expiresMs, at(1_001).monotonicMs);
    key.seal(EMPTY, at(1_000));
    throwsLair(() => key.seal(EMPTY, at(1_001)), "key-expired");
    throwsLair(() => key.open(new Uint8Array(16), at(1_001)), "key-expired");
    throwsLair(() => key.requireUsable(at(1_001)), "key-expired");
    assert.equal(key.ageMs(at(1_001)), 1_001);
  });

  it("seals as many frames as it may and no more", () => {
    const key = keyOf(1_000, 2);
    key.seal(EMPTY, START);
    key.seal(EMPTY, START);
    throwsLair(() => key.seal(EMPTY, START), "key-worn-out");
    throwsLair(() => key.open(new Uint8Array(16), START), "key-worn-out");
  });

  it("refuses a plaintext over 65,519 bytes, which costs it nothing", () => {
    const key = keyOf(1_000, 2);
    throwsLair(() => key.seal(new Uint8Array(65_520), START), "noise-message-length");
    assert.equal(key.frames, 0);
    assert.equal(key.seal(new Uint8Array(65_519), START).length, 65_535);
  });

  it("opens nothing over 65,535 bytes", () => {
    throwsLair(() => keyOf(1_000, 2).open(new Uint8Array(65_536), START), "frame-length");
    throwsLair(() => keyOf(1_000, 2).open(new Uint8Array(65_535), START), "noise-authentication");
  });

  it("is of no use once it was destroyed", () => {
    const key = keyOf(1_000, 2);
    key.destroy();
    throwsLair(() => key.seal(EMPTY, START), "noise-dead");
    throwsLair(() => key.open(new Uint8Array(16), START), "noise-dead");
  });
});
