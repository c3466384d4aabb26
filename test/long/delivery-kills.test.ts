// Five hundred kills of either program, at moments of chance and at the worst ones, while lines go both ways, and everything
// is kept (--history forever); then some where nothing is. Minutes, so it is no part of `npm test`.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { describe, it, type TestContext } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Fixture } from "../e2e/fixture.ts";
import { DeliveryPair } from "./delivery-pair.ts";
import { checkHeard } from "./delivery-record.ts";

const KILLS = Number(process.env["LAIR_TEST_KILLS"] ?? 500);
const LINES_A_BURST = 12;

/** When the next kill is. */
type Moment =
  /** So long after its last start: it may not even have opened its store. */
  | { readonly type: "start"; readonly afterMs: number }
  /** So long after it has come to be connected: RESUME, and what is sent again. */
  | { readonly type: "connected"; readonly afterMs: number }
  /** So long after lines were given to both: in a transaction, between it and what is printed, before the acknowledgement. */
  | { readonly type: "burst"; readonly afterMs: number };

function drawMoment(random: SeededRandom): Moment {
  const kind = random.below(100);
  if (kind < 25) return { type: "start", afterMs: random.below(400) };
  if (kind < 50) return { type: "connected", afterMs: random.below(12) };
  return { type: "burst", afterMs: random.below(25) };
}

describe(`${KILLS} kills under a talk (seed ${FIRST_SEED})`, { timeout: 900_000 }, () => {
  it("lose, double and reorder nothing that was shown as sent, and both histories agree", (t) =>
    killUnderTalk(t, KILLS, true));

  it("the same without a history: what waits is stored in another way", (t) =>
    killUnderTalk(t, Math.ceil(KILLS / 5), false));
});

async function killUnderTalk(t: TestContext, count: number, isKept: boolean): Promise<void> {
  const random = new SeededRandom(FIRST_SEED);
  const keep = isKept ? ["--history", "forever"] : [];
  const pair = await DeliveryPair.begin(new Fixture(t), random, { server: keep, client: keep });
  const { server, client } = pair;
  let unreached = 0;
  client.onExit = (code) => {
    // Without a terminal, a first connection that fails is the end. The server may be dead just then: before it has taken
    // the connection (3), or in the middle of the handshake (4).
    const isExpected = (code === 3 || code === 4) && client.seen("connected") === undefined;
    assert.ok(isExpected, `left with ${code}\n${client.describe()}`);
    unreached += 1;
    pair.start(client);
  };
  const moments = new Map<string, number>();
  for (let kills = 0; kills < count; kills++) {
    const victim = random.pick(pair.sides);
    const moment = drawMoment(random);
    await reach(pair, moment);
    await pair.kill(victim);
    pair.start(victim);
    const what = `${victim.role}, ${moment.type}`;
    moments.set(what, (moments.get(what) ?? 0) + 1);
  }
  await pair.connected();
  await pair.settle();
  await pair.quit();

  const heard = [checkHeard(server.record, client.record), checkHeard(client.record, server.record)];
  if (isKept) pair.checkHistories();
  t.diagnostic(
    [
      `lines heard: ${heard.join(" and ")} of ${server.record.saidCount} and ${client.record.saidCount} said`,
      `promised: ${server.record.promised.size} and ${client.record.promised.size}`,
      `shown again: ${client.record.repeats} and ${server.record.repeats}`,
      `starts without a server: ${unreached}`,
      ...[...moments].map(([what, count]) => `${what}: ${count}`),
    ].join("; "),
  );
  for (const { record } of pair.sides) assert.ok(record.promised.size > count, `${record.promised.size} promised`);
}

/** Waits for the moment, while both say something. */
async function reach(pair: DeliveryPair, moment: Moment): Promise<void> {
  for (const side of pair.sides) pair.say(side, LINES_A_BURST);
  switch (moment.type) {
    case "start":
      break;
    case "connected":
    case "burst": {
      // A client that waits for its next try comes at once when it is told something.
      let tries = pair.client.record.count("reconnecting");
      await pair.until("that both are connected", () => {
        const now = pair.client.record.count("reconnecting");
        if (now !== tries) pair.say(pair.client, 1);
        tries = now;
        return pair.sides.every((side) => side.seen("connected") !== undefined) ? true : undefined;
      });
      if (moment.type === "burst") for (const side of pair.sides) pair.say(side, LINES_A_BURST);
    }
  }
  await delay(moment.afterMs);
}
