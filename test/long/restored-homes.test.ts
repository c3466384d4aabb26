// A store that was put back from an old copy, or is gone. With the roles the other way round, and both at once:
// test/long/restored.test.ts.

import { describe, it } from "node:test";
import { playGone, playOldCopy } from "../e2e/restored.ts";
import { Fixture } from "../e2e/fixture.ts";

describe("the store of lair-client", { concurrency: 2 }, () => {
  it("put back from an old copy is told to both, and nothing comes twice, also what waited when it was copied", async (t) => {
    await playOldCopy(new Fixture(t), "client");
  });
});

describe("the store of lair-server", () => {
  it("that is gone is told to both, and the two go on", async (t) => {
    await playGone(new Fixture(t), ["server"]);
  });
});
