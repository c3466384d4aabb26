// What is said arrives once and in order, whoever was away, was stopped or was killed in between; and when the client
// comes back by itself, and when it does not.
// test/long/delivery.test.ts has more.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { heard, RestartablePair, settled } from "./restartable-pair.ts";
import { Fixture } from "./fixture.ts";

describe("a line said while the other is away", { concurrency: 3 }, () => {
  it("is kept when the one who said it quits, waits, and arrives once, in order and under the next numbers", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    pair.client.tell({ send: "0" });
    await pair.server.next("message");
    await pair.client.next("delivered");
    await pair.kill("server");
    for (const send of ["1", "2", "3"]) pair.client.tell({ send });
    await pair.client.count("queued", 3);
    pair.client.tell({ command: "status" });
    const status = await pair.client.next("status");
    const { sent, undelivered, queued, store, history, timerSeconds } = status;
    assert.deepEqual(
      { sent, undelivered, queued, store, history, timerSeconds },
      { sent: 4, undelivered: 3, queued: 3, store: "file", history: "off", timerSeconds: 0 },
    );
    // Each line makes it try, so it may be at that now or be waiting.
    const { state, retryInMs } = status;
    assert.ok(
      state === "connecting" ? retryInMs === 0 : state === "nobody" && Number(retryInMs) > 0,
      JSON.stringify(status),
    );
    pair.client.tell({ command: "quit" });
    await pair.client.leaves(1);
    const error = pair.client.all("error").at(-1);
    assert.equal(error?.["code"], "not-delivered");
    assert.match(`${String(error?.["message"])} ${String(error?.["hint"])}`, /^3 messages .* not .*\bkept\b/);

    // Without a terminal an unreachable server is 3 at the start, whatever waits.
    const alone = pair.startClient();
    await alone.leaves(3);
    assert.deepEqual(alone.all("backlog")[0]?.["seqs"], [1, 2, 3]);
    assert.equal(alone.all("error")[0]?.["code"], "unreachable");
    assert.deepEqual(alone.all("reconnecting"), []);

    await pair.meet();
    const { server, client } = pair;
    assert.equal(client.all("backlog")[0]?.["waiting"], 3);
    client.tell({ send: "4" });
    await client.count("delivered", 4);
    assert.deepEqual(await heard(server, 4), ["1", "2", "3", "4"]);
    assert.deepEqual(
      server.all("message").map(({ seq, again }) => [seq, again]),
      [1, 2, 3, 4].map((seq) => [seq, undefined]),
    );
    assert.deepEqual(
      client.all("sent").map(({ seq, was }) => [seq, was]),
      [1, 2, 3, 4].map((seq) => [seq, undefined]),
    );
    assert.deepEqual([...client.all("memory"), ...server.all("memory")], []);
  });
});

describe("lair-client without a terminal", { concurrency: 3 }, () => {
  it("takes lines from a pipe while its server is away, delivers them to the one that is back, and leaves with it", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t), { client: { json: false } });
    const { client } = pair;
    await client.write("one\n");
    await pair.server.next("message");
    await settled(pair.server);
    await pair.kill("server");
    await client.says(/link to .* was cut/);
    await client.write("two\nthree\n");
    const server = await pair.startServer();
    assert.deepEqual(await heard(server, 2), ["two", "three"]);
    await pair.quit("server");
    await client.leaves(0);
    assert.match(client.stderr, /Trying again [^]*connected again[^]* left\n$/);
  });
});
