// A pairing that is cut after each of its messages, or anywhere: the two can always connect afterwards.
// Fifty more cuts are in test/long.

import { after, before, describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Interruption, PAIRING_BYTES } from "../e2e/interruption.ts";
import { lengthsOf } from "../e2e/recording.ts";
import { Fixture } from "../e2e/fixture.ts";

describe(`a pairing that is cut (seed ${FIRST_SEED})`, () => {
  const fixture = new Fixture();
  let interruption: Interruption;
  before(async () => {
    interruption = await Interruption.prepare(fixture);
  });
  after(() => fixture.clear());

  const steps = [
    ["message 1", "toServer", 1],
    ["message 2", "toClient", 1],
    ["message 3", "toServer", 2],
    ["the server's first frame", "toClient", 2],
  ] as const;
  for (const [what, way, frames] of steps) {
    it(`after ${what} can be done again`, async () => {
      await interruption.play({ cutWhen: (passed) => lengthsOf(passed[way]).length >= frames }, what);
    });
  }

  it("anywhere can be done again", async () => {
    const random = new SeededRandom(FIRST_SEED);
    for (let count = 0; count < 3; count++) {
      const cutAfterBytes = random.between(1, PAIRING_BYTES - 1_000);
      await interruption.play({ cutAfterBytes }, `a cut after ${cutAfterBytes} bytes`);
    }
  });
});
