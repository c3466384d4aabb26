// A peer that is forgotten by `lair-server forget-peer` while a lair-server with --no-store runs, which has read the
// pairings at its start and locks nothing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connected, Fixture, pair } from "../e2e/fixture.ts";

describe("a lair-server with --no-store", () => {
  it("does not let a peer in that was forgotten since it was started", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    server.tell({ command: "quit" });
    await server.leaves(0);
    client.kill();
    await client.exited;

    const without = fixture.server({ home, args: ["--no-store"] });
    await without.next("listening");
    const url = String(without.all("listening")[0]!["url"]);
    const before = fixture.client({ home, args: [url] });
    await connected(before, without);
    before.tell({ command: "quit" });
    await before.leaves(0);
    const peer = without.all("connected")[0]!["peer"] as { readonly fingerprint: string };

    const errand = fixture.command("lair-server", {
      home,
      json: false,
      args: ["forget-peer", peer.fingerprint.replaceAll(" ", ""), "--yes"],
    });
    await errand.leaves(0);
    const after = fixture.client({ home, args: [url] });
    assert.equal((await after.next("error"))["code"], "handshake-rejected");
    await after.leaves(4);
    assert.equal(without.all("connected").length, 1);
    without.tell({ command: "peers" });
    assert.deepEqual((await without.next("peers"))["peers"], []);
  });
});
