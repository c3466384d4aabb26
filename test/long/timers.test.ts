// Messages that disappear, on both sides.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { historyOf, keepsOnly } from "../e2e/kept.ts";
import type { JsonEvent, Program } from "../e2e/program.ts";
import { heard, RestartablePair, settled } from "../e2e/restartable-pair.ts";
import { Fixture } from "../e2e/fixture.ts";

/** The program tells that this timer holds, and who has set it. */
async function isSet(program: Program, seconds: number, by: "you" | "peer"): Promise<void> {
  const event = await program.next("timer");
  assert.deepEqual([event["seconds"], event["by"]], [seconds, by]);
}

describe("messages that disappear", { concurrency: 2 }, () => {
  it("do so on both sides once either has set the timer, until either ends it", async (t) => {
    const keep = { args: ["--history", "forever"] };
    const pair = await RestartablePair.begin(new Fixture(t), { server: keep, client: keep });
    const { server, client } = pair;
    server.tell({ send: "stays" });
    await client.next("message");
    client.tell({ command: "timer", seconds: 1 });
    await isSet(client, 1, "you");
    await isSet(server, 1, "peer");
    for (const program of [server, client]) {
      program.tell({ command: "status" });
      assert.equal((await program.next("status"))["timerSeconds"], 1);
    }
    server.tell({ send: "goes" });
    client.tell({ send: "goes too" });
    await Promise.all([heard(server, 1), heard(client, 2), client.count("delivered", 2)]);
    const kept = await historyOf(client);
    assert.deepEqual(kept.slice(0, 1), ["stays"]);
    const entries = client.all("history").at(-1)!["entries"] as JsonEvent[];
    for (const { text, expires } of entries) assert.equal(expires !== undefined, text !== "stays", String(text));
    for (const program of [server, client]) await keepsOnly(program, ["stays"]);
    server.tell({ command: "timer", seconds: 0 });
    await isSet(client, 0, "peer");
    client.tell({ send: "stays as well" });
    await server.next("message", ({ text }) => text === "stays as well");
    await settled(client);
    const last = (await historyOf(client)).at(-1);
    assert.equal(last, "stays as well");
    assert.equal((client.all("history").at(-1)!["entries"] as JsonEvent[]).at(-1)!["expires"], undefined);
  });
});
