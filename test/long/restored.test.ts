// A store that was put back from an old copy, or is gone: what test/long/restored-homes.test.ts leaves out.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bothQuit, memories, playGone, playOldCopy, conversation } from "../e2e/restored.ts";
import { RestartablePair, textsOf } from "../e2e/restartable-pair.ts";
import { Fixture } from "../e2e/fixture.ts";

describe("the store of lair-server", () => {
  it("put back from an old copy is told to both, and nothing comes twice, also what waited when it was copied", async (t) => {
    await playOldCopy(new Fixture(t), "server");
  });
});

describe("a store that is gone", { concurrency: 2 }, () => {
  it("at the client is told to both, and the two go on", async (t) => {
    await playGone(new Fixture(t), ["client"]);
  });

  it("on both sides leaves nothing to tell of, and the two go on", async (t) => {
    await playGone(new Fixture(t), ["server", "client"]);
  });
});

describe("an old copy of both stores at once", () => {
  it("that fit each other goes unnoticed, and what is said next is not taken for what was said before", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    await conversation(pair, "first");
    await bothQuit(pair);
    const putBack = [pair.backUp("server"), pair.backUp("client")];
    await pair.meet();
    await conversation(pair, "second");
    await bothQuit(pair);
    for (const put of putBack) put();
    await pair.meet();
    await conversation(pair, "third");
    assert.deepEqual([...memories(pair.server), ...memories(pair.client)], []);
    assert.deepEqual(
      [...textsOf(pair.server), ...textsOf(pair.client)],
      ["third from the client", "third from the server"],
    );
  });
});
