// The long run of test/e2e/interrupted-pairing.test.ts: a minute or two, so it is no part of `npm test`.

import { after, before, describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Interruption, PAIRING_BYTES } from "../e2e/interruption.ts";
import { Fixture } from "../e2e/fixture.ts";

describe(`fifty pairings that are cut anywhere (seed ${FIRST_SEED})`, () => {
  const fixture = new Fixture();
  let interruption: Interruption;
  before(async () => {
    interruption = await Interruption.prepare(fixture);
  });
  after(() => fixture.clear());

  it("can all be done again", async () => {
    const random = new SeededRandom(FIRST_SEED);
    for (let count = 0; count < 50; count++) {
      const cutAfterBytes = random.between(1, PAIRING_BYTES - 1_000);
      await interruption.play({ cutAfterBytes }, `cut ${count}, after ${cutAfterBytes} bytes`);
    }
  });
});
