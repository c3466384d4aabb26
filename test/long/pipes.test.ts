// Standard input and output that are no terminal: each line is a message, and nothing is lost without a word.
// More of test/e2e/pipes.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { piped, textsOf } from "../e2e/piped.ts";
import type { Program } from "../e2e/program.ts";
import { Proxy } from "../e2e/proxy.ts";
import { lengthsOf } from "../e2e/recording.ts";
import { heard, RestartablePair } from "../e2e/restartable-pair.ts";
import { inviteOf, pair, portOf, Fixture } from "../e2e/fixture.ts";

describe("a pipe into lair-client", { concurrency: 4 }, () => {
  it("takes CRLF, a last line without an end, and a mark at the start; an empty line is a message too", async (t) => {
    const { server, client } = await piped(new Fixture(t));
    client.end("\ufeffa\r\n\r\n\ngrüße\nlast");
    await client.leaves(0);
    await server.next("disconnected");
    assert.deepEqual(textsOf(server), ["a", "", "", "grüße", "last"]);
  });

  it("leaves when a server's input has ended, though nobody came or is there", async (t) => {
    const fixture = new Fixture(t);
    const silent = fixture.server({ json: false });
    await silent.says(/Waiting/);
    silent.end("");
    await silent.leaves(0);
  });

  it("says words that would be commands in a terminal", async (t) => {
    const { server, client } = await piped(new Fixture(t));
    client.end("quit\n/status\nstatus\n");
    await client.leaves(0);
    await server.next("disconnected");
    assert.deepEqual(textsOf(server), ["quit", "/status", "status"]);
  });

  it("goes on after a line over 16,384 bytes, and leaves with 1 and the count", async (t) => {
    const { server, client } = await piped(new Fixture(t));
    client.end(`before\n${"x".repeat(16_385)}\nafter\n`);
    await client.leaves(1);
    await server.next("disconnected");
    assert.deepEqual(textsOf(server), ["before", "after"]);
    assert.match(client.stderr, /16,?384 bytes[^]*1 message was not delivered/);
  });

  it("leaves with 1 after some 10 s and says how many were not delivered when nobody acknowledges", async (t) => {
    const { client, proxy } = await piped(new Fixture(t));
    proxy.stall("toServer", "toClient");
    const startedMs = performance.now();
    client.end("a\nb\nc\n");
    await client.leaves(1);
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs > 9_500, `it took ${tookMs} ms`);
    assert.match(client.stderr, /\b3 messages wait for the next time/);
  });

  it("counts also what it had not read when the line is cut and no other is to be made", async (t) => {
    const { client, proxy } = await piped(new Fixture(t), ["--once", "--no-store"]);
    proxy.stall("toServer", "toClient");
    await client.write("line\n".repeat(3_000));
    proxy.cut();
    await client.leaves(1);
    assert.match(client.stderr, /\b3000 messages were not delivered/);
  });

  it("ends with 1 for a server that leaves while lines wait", async (t) => {
    const { server, client, proxy } = await piped(new Fixture(t));
    proxy.stall("toServer");
    await client.write("waits\nwaits too\n");
    server.tell({ command: "quit" });
    await client.leaves(1);
    // Whether they had been sent when the other left is a matter of moments.
    assert.match(client.stderr, /\b2 messages (?:were not delivered|wait for the next time)/);
  });

  it("leaves when nobody reads its output any more, as behind head -1, and shows the rest next time", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const { server, client } = await pair(fixture, { home, client: { json: false } });
    server.tell({ send: "first" });
    await client.lines(1);
    client.closeOutput();
    server.tell({ send: "second" });
    await client.leaves(1);
    assert.equal((await server.next("disconnected"))["reason"], "closed");
    assert.match(client.stderr, /1 received message was not shown\.\n.*next start.* \[not-shown\]/);
    const again = fixture.client({ home, json: false });
    again.end();
    await again.leaves(0);
    assert.equal(again.stdout, "second\n");
  });
});

describe("a pipe over a wire that dies before the server has said a word", () => {
  it("counts what was said all the same", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server();
    const proxy = await Proxy.to(fixture, await portOf(server));
    // Its message 3 arrives, and then nothing comes back: after 2 s it goes on without the first frame.
    proxy.options = { stallWhen: (passed) => lengthsOf(passed.toServer).length >= 2 };
    const client = fixture.client({
      args: [proxy.url, "--invite-file", fixture.file(await inviteOf(server)), "--once"],
      json: false,
    });
    await client.write("one\ntwo\n");
    await client.says(/Connected to/);
    proxy.cut();
    await client.leaves(1);
    assert.match(client.stderr, /link to .* was cut[^]*\b2 messages wait for the next time/);
  });
});

describe("a pipe into lair-server", { concurrency: 2 }, () => {
  it("is none when standard input is /dev/null: a service stays up", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const server = fixture.server({ home, input: "ignore" });
    await server.next("invite");
    for (let count = 1; count <= 2; count++) {
      const client = fixture.client({ home });
      await client.next("connected");
      client.tell({ command: "quit" });
      await client.leaves(0);
      await server.count("disconnected", count);
    }
    server.signal("SIGTERM");
    await server.leaves(143);
  });
});

describe("a pipe into lair-client --queue", { concurrency: 2 }, () => {
  it("keeps lines though nobody is there, tells so with 0, and delivers them once, without a word", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    await pair.quit("client");
    await pair.quit("server");
    const queue = (...args: readonly string[]): Program =>
      pair.startClient({ args: ["--queue", ...args], json: false });
    for (const [text, told] of [
      ["one\ntwo\n", /^2 messages were not delivered yet\. They are kept and will be sent next time\.\n$/],
      ["three\n", /^3 messages were/],
    ] as const) {
      const kept = queue("--once");
      kept.end(text);
      await kept.leaves(0);
      assert.match(kept.stderr.replace(/^ +[·-] /, ""), told);
    }
    await pair.startServer();
    const last = queue();
    last.end("four\n");
    await last.leaves(0);
    assert.deepEqual(await heard(pair.server, 4), ["one", "two", "three", "four"]);
    assert.deepEqual([last.stdout, last.stderr], ["", ""]);
    // Nothing of it waits any more; such an input has ended here.
    const flush = pair.startClient({ args: ["--queue"], json: false, input: "ignore" });
    await flush.leaves(0);
    assert.equal(flush.stderr, "");
    assert.equal(textsOf(pair.server).length, 4);
  });

  it("says with 2 that nobody is known, and takes no line for an invite", async (t) => {
    const client = new Fixture(t).client({ args: ["--queue"], json: false });
    client.end("alert\n");
    await client.leaves(2);
    assert.match(client.stderr, /^You are not paired with that server yet[^]*without --queue[^]*\[usage\]\n$/);
  });
});

describe("lair-client without any input", { concurrency: 2 }, () => {
  it("stays and prints what comes, as a service does, also after its server was away", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t), { client: { input: "ignore", json: false } });
    const { client } = pair;
    pair.server.tell({ send: "first" });
    assert.deepEqual(await client.lines(1), ["first"]);
    await pair.kill("server");
    await client.says(/link to .* was cut/);
    await pair.startServer();
    await pair.server.next("connected");
    pair.server.tell({ send: "second" });
    assert.deepEqual(await client.lines(2), ["first", "second"]);
    client.signal("SIGTERM");
    await client.leaves(143);
  });

  it("stays with --json too, and with --once until its only line ends", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t), { client: { input: "ignore", args: ["--once"] } });
    pair.server.tell({ send: "to whoever only listens" });
    await pair.client.next("message");
    await pair.quit("server");
    await pair.client.leaves(0);
    assert.deepEqual(pair.client.all("reconnecting"), []);
  });
});

describe("an output that fails", { concurrency: 2, skip: process.platform !== "linux" && "needs /dev/full" }, () => {
  const failure = /^Cannot write standard output: the disk is full \[ENOSPC\]\.\n.*\[output-failed\]$/m;

  it("is named by a program that speaks JSON, and by one that prints and leaves", async (t) => {
    const fixture = new Fixture(t);
    const programs = [
      fixture.server({ input: "ignore", output: "/dev/full" }),
      fixture.command("lair-client", { json: false, args: ["--version"], output: "/dev/full" }),
    ];
    for (const program of programs) {
      await program.leaves(1);
      assert.match(program.stderr, failure);
    }
  });
});

describe("2,000 lines each way at once, with the keys renewed every second", () => {
  it("all arrive, in order", async (t) => {
    const { server, client } = await piped(new Fixture(t), [], ["--rekey", "1-1.2"]);
    const lines = Array.from({ length: 2_000 }, (_, number) => `line ${number} ${"y".repeat(number % 200)}`);
    for (const [half, count] of [
      [lines.slice(0, 1_000), 1],
      [lines.slice(1_000), 2],
    ] as const) {
      // Half of it on each side of a renewal, and at its very moment.
      await server.count("rekeyed", count);
      void client.write(`${half.join("\n")}\n`);
      void server.write(half.map((send) => `${JSON.stringify({ send })}\n`).join(""));
    }
    await client.lines(2_000);
    client.end();
    await client.leaves(0);
    await server.next("disconnected");
    assert.deepEqual(textsOf(server), lines);
    assert.deepEqual(client.stdout.split("\n").slice(0, -1), lines);
    assert.equal(server.all("delivered").length, 2_000);
  });
});
