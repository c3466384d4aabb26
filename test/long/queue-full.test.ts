// More lines than a queue holds, said by a program to a peer who has just gone.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RestartablePair, textsOf } from "../e2e/restartable-pair.ts";
import { Fixture } from "../e2e/fixture.ts";

describe("a line said while the other is away", () => {
  it("is refused once 10,000 wait, those are kept, and the program goes on answering", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    const { server } = pair;
    await pair.kill("client");
    const lines = Array.from({ length: 10_001 }, (_, number) => `${JSON.stringify({ send: `line ${number}` })}\n`);
    await server.write(lines.join(""));
    server.tell({ command: "status" });
    await server.until("its status", () => (server.stdout.includes('"status"') ? true : undefined));
    const { undelivered, queued } = server.all("status")[0]!;
    assert.deepEqual({ undelivered, queued }, { undelivered: 10_000, queued: 10_000 });
    assert.equal(server.all("error")[0]?.["code"], "queue-full");
    const answers = server.events.filter(({ event }) => event === "queued" || event === "error");
    assert.deepEqual([answers.length, answers.at(-1)?.event], [10_001, "error"]);
    const client = pair.startClient();
    await client.until("the last one", () => (client.stdout.includes('"line 9999"') ? true : undefined));
    const wrong = textsOf(client).findIndex((text, index) => text !== `line ${index}`);
    assert.equal(wrong, -1, `message ${wrong} is ${String(textsOf(client)[wrong])}`);
    await server.until("that all is delivered", () =>
      /"delivered",.*"seq":9999\}/.test(server.stdout) ? true : undefined,
    );
    server.tell({ send: "room again" });
    await server.next("sent", ({ seq }) => seq === 10_000);
  });
});
