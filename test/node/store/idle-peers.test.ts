// People of whom nothing is stored cost the store nothing when it looks for what is due.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { arrived, newPlace, open, shown } from "./places.ts";
import { Trouble } from "./trouble.ts";

const NOW_MS = 1_800_000_000_000;

/** How many statements a look takes beside so many people of whom nothing waits and nothing is kept. */
function statementsBeside(people: number): number {
  const trouble = new Trouble();
  const store = open(newPlace(), { open: trouble.open });
  for (let one = 0; one <= people; one++) {
    const peer = new Uint8Array(32).fill(one + 1);
    if (one === 0) store.setRetention(peer, { ms: 1_000 });
    store.commit(peer, [arrived(0, "a line", NOW_MS)]);
    store.commit(peer, [shown(1)]);
  }
  store.purge(NOW_MS);
  let statements = 0;
  trouble.judge = () => {
    statements += 1;
    return undefined;
  };
  assert.equal(store.purge(NOW_MS), NOW_MS + 1_001, "the line of the first is due then");
  store.indexWords();
  return statements;
}

describe("people of whom nothing is stored", () => {
  it("are not asked about one by one when the store looks for what is due", () => {
    assert.equal(statementsBeside(40), statementsBeside(2));
  });
});
