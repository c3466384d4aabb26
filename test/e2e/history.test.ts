// What is kept of a conversation where its person wants that: for how long, shown, searched, exported and forgotten, at a
// running program. Timers are in test/long/timers.test.ts.

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { historyOf, keepsOnly, textsIn } from "./kept.ts";
import type { JsonEvent } from "./program.ts";
import { heard, RestartablePair } from "./restartable-pair.ts";
import { Fixture } from "./fixture.ts";

describe("the history of a running program", () => {
  const fixture = new Fixture();
  let pair: RestartablePair;
  let file: string;
  before(async () => {
    pair = await RestartablePair.begin(fixture, { server: { args: ["--history", "forever"] } });
    const { server, client } = pair;
    server.tell({ send: "Das Grüne, im grünen Wald" });
    await client.next("message");
    client.tell({ send: "a forest, said bob" });
    client.tell({ send: "GRÜN" });
    await heard(server, 2);
    await server.next("delivered");
    file = fixture.path("exported.jsonl");
  });
  after(() => fixture.clear());

  it("is off until somebody asks for it: nothing is kept once it is delivered", async () => {
    const { client } = pair;
    await client.count("delivered", 2);
    assert.deepEqual(await historyOf(client), []);
    client.tell({ command: "search", words: "forest" });
    assert.equal((await client.next("found"))["total"], 0);
    client.tell({ command: "status" });
    assert.equal((await client.next("status"))["history"], "off");
  });

  it("holds the lines of both with --history, in order, the last N of them", async () => {
    const { server } = pair;
    assert.deepEqual(await historyOf(server), ["Das Grüne, im grünen Wald", "a forest, said bob", "GRÜN"]);
    assert.deepEqual(await historyOf(server, 1), ["GRÜN"]);
    const [, asked] = server.all("history");
    const [entry] = asked!["entries"] as { [member: string]: unknown }[];
    assert.deepEqual(Object.keys(entry!), ["from", "seq", "at", "text", "delivered"]);
    assert.deepEqual([entry!["from"], entry!["seq"], entry!["delivered"]], ["peer", 1, true]);
  });

  it("is searched by words, by the beginning of the last one, and without accents and capitals", async () => {
    const { server } = pair;
    for (const [words, texts] of [
      ["grun", ["Das Grüne, im grünen Wald", "GRÜN"]],
      ["FOREST a", ["a forest, said bob"]],
      ["wald das", ["Das Grüne, im grünen Wald"]],
      ["gru wald", []],
      ["ob", []],
      ['"*', []],
    ] as const) {
      server.tell({ command: "search", words });
      const found = await server.next("found");
      assert.deepEqual([found["words"], found["total"], textsIn(found)], [words, texts.length, texts], words);
    }
  });

  it("is exported as JSON lines into a new file of mode 0600, never over another", async () => {
    const { server } = pair;
    server.tell({ command: "export", file });
    const { peer, ...exported } = await server.next("exported");
    assert.deepEqual(exported, { event: "exported", file, count: 3 });
    assert.notEqual(peer, undefined);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const lines = readFileSync(file, "utf8").split("\n");
    assert.equal(lines.pop(), "");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      server.all("history")[0]!["entries"],
    );
    writeFileSync(file, "mine");
    server.tell({ command: "export", file });
    assert.equal((await server.next("error"))["code"], "file-exists");
    assert.equal(readFileSync(file, "utf8"), "mine");
    server.tell({ command: "export", file: fixture.path("none/file") });
    assert.equal((await server.next("error"))["code"], "file-unwritable");
  });

  it("is remembered for the peer, shown at the start, and read by the next program though nobody is connected", async () => {
    await pair.quit("client");
    await pair.kill("server");
    const server = await pair.startServer();
    const reminder = await server.next("history");
    assert.equal(reminder["occasion"], "start");
    assert.deepEqual(textsIn(reminder), ["Das Grüne, im grünen Wald", "a forest, said bob", "GRÜN"]);
    server.tell({ command: "status" });
    assert.equal((await server.next("status"))["history"], "forever");
    server.tell({ send: "while nobody is there" });
    await server.next("queued");
    assert.equal((await historyOf(server, 1))[0], "while nobody is there");
    assert.equal((server.all("history").at(-1)!["entries"] as JsonEvent[])[0]!["delivered"], false);
  });

  it("is forgotten with what waits, which arrives all the same", async () => {
    const { server } = pair;
    server.tell({ command: "forget" });
    assert.equal((await server.next("forgotten"))["count"], 4);
    assert.deepEqual(await historyOf(server), []);
    const client = pair.startClient();
    assert.equal((await client.next("message"))["text"], "while nobody is there");
    client.tell({ command: "quit" });
    await client.leaves(0);
  });

  it("keeps no more than its span, from the moment on in which it is set", async () => {
    await pair.quit("server");
    const again = await pair.startServer({ args: ["--history", "3s"] });
    again.tell({ command: "status" });
    assert.deepEqual((await again.next("status"))["history"], { ms: 3_000 });
    await keepsOnly(again, []);
    const client = pair.startClient();
    client.tell({ send: "for a moment" });
    await again.next("message");
    assert.deepEqual(await historyOf(again), ["for a moment"]);
    await keepsOnly(again, []);
  });

  it("keeps no more than its limit, and says once that its oldest lines go", async () => {
    await pair.quit("server");
    await pair.meet({ server: { args: ["--history", "forever", "--history-limit", "64K"] } });
    const texts = ["one", "two", "three", "four", "five", "six"].map((word) => word.padEnd(15_000, " and so on"));
    for (const text of texts) pair.client.tell({ send: text });
    const limited = pair.server;
    await heard(limited, texts.length);
    // At the next turn. (A program that ends sooner leaves it to the next one if a line is still noted as unseen.)
    await limited.next("history-limit");
    await pair.quit("server");
    const [said, ...more] = limited.all("history-limit");
    assert.deepEqual(said, { event: "history-limit", peer: limited.all("connected")[0]!["peer"], limitBytes: 65_536 });
    assert.deepEqual(more, []);
    const again = await pair.startServer();
    assert.deepEqual(await historyOf(again), texts.slice(2));
    again.tell({ command: "search", words: "two" });
    assert.equal((await again.next("found"))["total"], 0);
    assert.deepEqual(again.all("history-limit"), []);
  });
});
