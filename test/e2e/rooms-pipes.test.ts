// How lair-client ends when it talks in a room: a pipe ends with 0 once its lines are in the log, and with a sentence if the
// hub is not there; what is kept then is said at the next start, once.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { FaultyProxy } from "./faulty-proxy.ts";
import { Fixture } from "./fixture.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { inviteFor } from "./hub-home.ts";
import { created, HubPeople, joined, linkTo } from "./hub-people.ts";
import type { Program } from "./program.ts";

describe("a program that leaves while it talks in a room", () => {
  const fixture = new Fixture();
  let proxy!: FaultyProxy;
  let target: number | undefined;
  let ada!: Program;
  let home = "";

  /** bob's program, in which the hub is found through the proxy. */
  function bob(args: readonly string[] = ["--to", "#ops"], json = false): Program {
    return fixture.client({ home, args, json });
  }

  async function heard(count: number): Promise<readonly unknown[]> {
    return (await ada.count("message", count)).map(({ text }) => text);
  }

  before(async () => {
    const hub = await HubPeople.begin(fixture);
    ada = await hub.enter("ada");
    const room = await created(ada, "ops");
    const link = await linkTo(ada, room);
    proxy = await FaultyProxy.open(fixture, new SeededRandom(1));
    target = hub.port;
    proxy.target = target;
    home = fixture.home();
    const invite = inviteFor(await hub.invite(), { url: proxy.url });
    const first = fixture.client({ home, args: ["--name", "bob", "--invite-file", fixture.file(invite)] });
    await first.next("connected");
    await joined(first, link);
    first.tell({ command: "quit" });
    await first.leaves(0);
  });
  after(() => fixture.clear());

  it("ends with 0 once the lines of a pipe are in the log", async () => {
    const program = bob();
    program.end("one\ntwo\n");
    await program.leaves(0);
    assert.deepEqual(await heard(2), ["one", "two"]);
    assert.equal(program.stdout, "");
  });

  it("ends with 1 and a sentence if there is no such room", async () => {
    const program = bob(["--to", "#nope"]);
    await program.write("one\n");
    await program.leaves(1);
    assert.match(program.stderr, /You are in no room called "#nope"\./);
  });

  it("ends with 3 and a sentence if the hub is not there, and its lines are not kept", async () => {
    proxy.target = undefined;
    const program = bob();
    program.end("lost\nlost\n");
    await program.leaves(3);
    assert.match(program.stderr, /2 messages were not delivered, and will not be\./);
    proxy.target = target;
  });

  it("keeps the lines with --queue until the hub is there", async () => {
    proxy.target = undefined;
    const program = bob(["--queue", "--verbose", "--to", "#ops"]);
    program.end("three\nfour\n");
    await program.says(/hung up without an answer/);
    proxy.target = target;
    await program.leaves(0);
    assert.deepEqual(await heard(4), ["one", "two", "three", "four"]);
  });

  it("keeps what waits when it is told to quit", async () => {
    const program = bob([], true);
    await program.next("connected");
    proxy.target = undefined;
    for (const wire of proxy.wires) wire.destroy();
    await program.next("disconnected");
    for (const text of ["five", "six"]) {
      program.tell({ send: text, to: "#ops" });
      await program.next("queued");
    }
    program.tell({ command: "quit" });
    await program.leaves(1);
    assert.equal(program.all("error").at(-1)?.["message"], "2 messages were not delivered yet.");
    proxy.target = target;
    const next = bob([], true);
    await next.count("sent", 2);
    next.tell({ command: "quit" });
    await next.leaves(0);
    assert.deepEqual((await heard(6)).slice(4), ["five", "six"]);
  });
});
