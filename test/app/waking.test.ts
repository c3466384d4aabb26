// Whom a program wakes: a server with a thousand people must not look at all of them for each line that one of them says.

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { SessionRunner } from "../../src/app/session-runner.ts";
import type { Session } from "../../src/core/chat/session.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";
import { Network, Node } from "./node-in-memory.ts";

const OTHERS = ["bob", "cyd", "dan"];

async function turns(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await turn();
}

/** Ada, and others who have connected to her. */
async function connected() {
  const random = new SeededRandom(1);
  const clock = new ManualClock();
  const network = new Network(clock);
  const [ada, ...others] = ["ada", ...OTHERS].map((name) => new Node(name, network, random));
  for (const other of others) {
    const psk = random.bytes(32);
    ada!.pair(other, psk, false);
    other.pair(ada!, psk, true);
  }
  for (const node of [ada!, ...others]) node.start();
  await clock.passWith(3_000, turn);
  await turns(10);
  assert.equal(ada!.told.filter(({ type }) => type === "connected").length, OTHERS.length);
  return { ada: ada!, others };
}

/** The names of the peers of all sessions, in any program, that were woken during the action. */
async function wokenBy(action: () => Promise<void>): Promise<string[]> {
  const spy = mock.method(SessionRunner.prototype, "wake");
  try {
    await action();
  } finally {
    spy.mock.restore();
  }
  const woken = new Set(spy.mock.calls.map(({ this: runner }) => runner as SessionRunner<Session>));
  return [...woken].map(({ session }) => session.peer!.name).toSorted();
}

describe("a line that somebody says", () => {
  it("wakes the two sessions that carry it, and no other, also when it has been shown", async () => {
    const { ada, others } = await connected();
    const [bob] = others;
    const woken = await wokenBy(async () => {
      bob!.say(ada, "hello");
      await turns(10);
    });
    assert.deepEqual(ada.received.get("bob"), ["hello"]);
    assert.deepEqual(woken, ["ada", "bob"]);
  });
});
