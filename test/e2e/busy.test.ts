// A second connection where there is a place for one: another peer is told so, the same one takes over.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Program } from "./program.ts";
import { connected, pair, Fixture } from "./fixture.ts";

describe("a server with somebody on the line", () => {
  const fixture = new Fixture();
  const other = fixture.home();
  let home: string;
  let server: Program;
  let first: Program;
  before(async () => {
    const paired = await pair(fixture, { server: { args: ["--max-peers", "1"] } });
    ({ home, server } = paired);
    paired.client.tell({ command: "quit" });
    await paired.client.leaves(0);
    server.tell({ command: "invite" });
    await server.count("invite", 2);
    // The second peer pairs, and leaves; then the first one comes.
    const second = fixture.client({
      home: other,
      args: ["--invite-file", fixture.file(String(server.all("invite")[1]!["invite"]))],
    });
    await connected(server, second);
    second.tell({ command: "quit" });
    await second.leaves(0);
    await server.count("disconnected", 2);
    first = fixture.client({ home });
    await server.count("connected", 3);
    await first.next("connected");
  });
  after(() => fixture.clear());

  it("tells another paired peer that it is busy, and that one leaves with 1", async () => {
    const second = fixture.client({ home: other });
    await second.leaves(1);
    assert.deepEqual(
      second.all("disconnected").map(({ reason }) => reason),
      ["busy"],
    );
    assert.deepEqual(second.all("connected"), []);
  });

  it("goes on with the first", async () => {
    first.tell({ send: "still here" });
    const heard = await server.next("message");
    assert.equal(heard["text"], "still here");
    server.tell({ send: "me too", to: (heard["peer"] as { fingerprint: string }).fingerprint });
    assert.equal((await first.next("message"))["text"], "me too");
    assert.equal(server.all("disconnected").length, 2);
  });

  it("lets a newer connection of the same peer take over; the older one is told and leaves with 1", async () => {
    // As from a copy of the home on another machine: a second program on the same one is told that the first is there.
    const newer = fixture.client({ home, args: ["--no-store"] });
    await newer.next("connected");
    await first.leaves(1);
    assert.equal(first.all("disconnected")[0]!["reason"], "replaced");
    assert.deepEqual(
      first.all("error").map(({ code }) => code),
      ["replaced"],
    );
    await server.count("connected", 4);
    assert.equal((await server.count("disconnected", 3))[2]!["reason"], "replaced");
    newer.tell({ send: "newer" });
    assert.equal((await server.next("message", ({ text }) => text !== "still here"))["text"], "newer");
    const { peer } = server.all("message").at(-1)!;
    server.tell({ command: "status", to: (peer as { fingerprint: string }).fingerprint });
    assert.equal((await server.next("status"))["state"], "open");
  });
});
