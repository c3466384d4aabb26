// Standard input and output that are no terminal: each line is a message, and nothing is lost without a word.
// test/long/pipes.test.ts has more.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { piped, textsOf } from "./piped.ts";
import { Fixture } from "./fixture.ts";

describe("a pipe into lair-client", { concurrency: 4 }, () => {
  it("delivers each line and leaves with 0 when it ends", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const server = fixture.server({ home });
    await server.next("invite");
    const client = fixture.client({ home, json: false });
    client.end("a\nb\n");
    await client.leaves(0);
    await server.next("disconnected");
    assert.deepEqual(textsOf(server), ["a", "b"]);
    assert.equal(client.stdout, "");
  });

  it("prints what it receives on standard output and everything else on standard error", async (t) => {
    const { server, client } = await piped(new Fixture(t));
    server.tell({ send: "hello, grüße, 日本 👩‍🚀" });
    server.tell({ send: "\u001b]0;title\u0007\u001b[2Jtwo\nlines \u202e\u009b31m" });
    await client.lines(3);
    assert.match(client.stdout, /^hello, grüße, 日本 👩‍🚀\n.*two\nlines .*\n$/);
    assert.doesNotMatch(client.stdout, /[^\P{C}\n\u200d]/u);
    assert.match(client.stderr, /Connected to/);

    // It says which line is not UTF-8 and does not send it, sends the others, and leaves with 1.
    client.end(Buffer.concat([Buffer.from("one\ntwo"), Buffer.of(0xff, 0x0a), Buffer.from("three\n")]));
    await client.leaves(1);
    await server.next("disconnected");
    assert.deepEqual(textsOf(server), ["one", "three"]);
    assert.equal(client.stderr.match(/Line 2 of the input is not UTF-8/g)?.length, 1, client.stderr);
  });
});

describe("a pipe into lair-server", { concurrency: 2 }, () => {
  it("waits until somebody is connected, delivers, and leaves with 0", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const server = fixture.server({ home, json: false });
    server.end("one\ntwo\n");
    await server.says(/Waiting/);
    const client = fixture.client({ home });
    await client.leaves(0);
    await server.leaves(0);
    assert.deepEqual(textsOf(client), ["one", "two"]);
    assert.equal(server.stdout, "");
  });
});

describe("an output that fails", { concurrency: 2, skip: process.platform !== "linux" && "needs /dev/full" }, () => {
  const failure = /^Cannot write standard output: the disk is full \[ENOSPC\]\.\n.*\[output-failed\]$/m;

  it("ends the program with 1, and what it could not take is shown at the next start", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const server = fixture.server({ home, json: false, input: "ignore", output: "/dev/full" });
    await server.says(/Waiting/);
    const client = fixture.client({ home, json: false });
    client.end("x\n");
    await client.leaves(0);
    await server.leaves(1);
    assert.match(server.stderr, failure);
    assert.match(server.stderr, /1 received message was not shown/);
    const next = fixture.server({ home, json: false, input: "ignore" });
    assert.deepEqual(await next.lines(1), ["x"]);
  });
});
