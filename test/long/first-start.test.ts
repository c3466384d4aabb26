// The main job with the two real programs: the first start on one account, and coming back.
// More of test/e2e/first-start.test.ts.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connected, inviteOf, pair, Fixture, urlOf } from "../e2e/fixture.ts";
import { withPairings } from "../e2e/stored-pairings.ts";

describe("the first start on one account", { concurrency: 3 }, () => {
  it("connects a client that was given nothing, and both know each other's key", async (t) => {
    const { server, client } = await pair(new Fixture(t));
    const [atServer, atClient] = [server, client].map((program) => program.all("connected")[0]!["peer"]);
    const own = server.all("listening")[0]!["fingerprint"];
    assert.equal((atClient as { fingerprint: string }).fingerprint, own);
    assert.match((atServer as { fingerprint: string }).fingerprint, /^([a-z2-7]{4} ){7}[a-z2-7]{4}$/);
  });

  it("drops the invite once it has been used", async (t) => {
    const fixture = new Fixture(t);
    const { home, server } = await pair(fixture);
    assert.equal(existsSync(join(home, "invite")), false);
    const [peers, invites] = await withPairings(home, "server", (kept) => [kept.peers(), kept.invites()], "read");
    assert.deepEqual([peers.length, invites], [1, []]);
    assert.equal(server.all("invite").length, 1);
  });

  it("tells the client of a server that quits", async (t) => {
    const { server, client } = await pair(new Fixture(t));
    server.tell({ command: "quit" });
    await server.leaves(0);
    await client.leaves(0);
    assert.equal(client.all("disconnected")[0]!["reason"], "closed");
  });
});

describe("coming back", { concurrency: 3 }, () => {
  it("needs no invite when the client restarts", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    client.tell({ command: "quit" });
    await client.leaves(0);
    await server.next("disconnected");
    const again = fixture.client({ home });
    await connected(server, again);
    again.tell({ send: "back" });
    assert.equal((await server.next("message"))["text"], "back");
    assert.equal(server.all("connected").at(-1)!["paired"], false);
  });

  it("finds a server on another port when the address is given, and remembers it from then on", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    server.tell({ command: "quit" });
    await Promise.all([server.leaves(0), client.leaves(0)]);
    const moved = fixture.server({ home });
    const second = fixture.client({ home, args: [await urlOf(moved)] });
    await connected(moved, second);
    second.tell({ command: "quit" });
    await second.leaves(0);
    await connected(moved, fixture.client({ home }));
  });

  it("does not forget the address over a wrong one that was given once", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    client.tell({ command: "quit" });
    await client.leaves(0);
    const stranger = fixture.server();
    const peers = () => withPairings(home, "client", (pairings) => pairings.peers());
    const before = await peers();
    const lost = fixture.client({ home, args: [await urlOf(stranger)] });
    await lost.leaves(4);
    assert.equal(before.length, 1);
    assert.deepEqual(await peers(), before);
    await connected(server, fixture.client({ home }));
  });

  it("takes both programs only a home each when they are of two accounts", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server();
    const home = fixture.home();
    const first = fixture.client({ home, args: ["--invite-file", fixture.file(await inviteOf(server))] });
    await connected(server, first);
    first.kill();
    await server.next("disconnected");
    await connected(server, fixture.client({ home }));
  });
});
