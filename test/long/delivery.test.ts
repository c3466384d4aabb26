// What is said arrives once and in order, whoever was away, was stopped or was killed in between; and when the client
// comes back by itself, and when it does not.
// More of test/e2e/delivery.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Proxy } from "../e2e/proxy.ts";
import { heard, RestartablePair, settled, textsOf } from "../e2e/restartable-pair.ts";
import { connected, inviteOf, portOf, Fixture } from "../e2e/fixture.ts";
import { withAnotherIdentity } from "../e2e/stored-pairings.ts";

describe("a line said while the other is away", { concurrency: 3 }, () => {
  it("is sent by a server that was killed with it, and by a client that comes back by itself", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    pair.server.tell({ send: "to the client" });
    await pair.client.next("message");
    await pair.server.next("delivered");
    await settled(pair.client);
    await pair.kill("client");
    for (const send of ["one", "two"]) pair.server.tell({ send });
    await pair.server.count("queued", 2);
    await pair.kill("server");

    const server = await pair.startServer();
    assert.deepEqual((await server.next("backlog"))["seqs"], [1, 2]);
    const client = pair.startClient();
    await connected(server, client);
    assert.deepEqual(await heard(client, 2), ["one", "two"]);
    await server.count("delivered", 2);

    // Now the server alone, while the client stays and says something meanwhile.
    await pair.kill("server");
    client.tell({ send: "back" });
    await client.next("queued");
    await pair.startServer();
    await pair.comesBack();
    assert.deepEqual(await heard(pair.server, 1), ["back"]);
    await client.next("delivered");
    pair.server.tell({ send: "three" });
    assert.deepEqual(await heard(client, 3), ["one", "two", "three"]);
    assert.deepEqual(
      client.all("message").map(({ seq }) => seq),
      [1, 2, 3],
    );
  });
});

describe("lair-client without a terminal", { concurrency: 3 }, () => {
  it("says how much waits, and leaves with 3, if its server is not there", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    await pair.kill("server");
    for (const send of ["1", "2", "3"]) pair.client.tell({ send });
    await pair.client.count("queued", 3);
    pair.client.tell({ command: "quit" });
    await pair.client.leaves(1);
    const pipe = pair.startClient({ json: false });
    await pipe.leaves(3);
    assert.match(pipe.stderr, /3 messages wait for [^]*Nobody answers [^]*\[unreachable\]\n$/);
  });

  it("comes back to a server that was shut down, at once when it is told something, and takes a goodbye for the end", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    pair.server.signal("SIGTERM");
    await pair.server.leaves(143);
    assert.equal((await pair.client.next("disconnected"))["reason"], "shutting-down");
    // Each command makes it try at once, until it draws a pause that nobody would wait for.
    const { client } = pair;
    let pauseMs = 0;
    for (let tries = 1; ; tries++) {
      pauseMs = Number((await client.count("reconnecting", tries)).at(-1)!["inMs"]);
      if (pauseMs >= 10_000) break;
      client.tell({ command: "peers" });
    }
    const since = performance.now();
    const server = await pair.startServer();
    client.tell({ command: "peers" });
    await server.next("connected");
    assert.ok(performance.now() - since < pauseMs, `it waited for ${pauseMs} ms`);
    const tries = client.all("reconnecting").length;
    await pair.quit("server");
    await client.leaves(0);
    assert.equal(client.all("reconnecting").length, tries);
  });

  it("does not come back to another key, and leaves with 4 and what is kept", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    await pair.kill("server");
    pair.client.tell({ send: "to the right one" });
    await pair.client.next("queued");
    await withAnotherIdentity(pair.homes.server, "server");
    const impostor = await pair.startServer();
    await pair.client.leaves(4);
    assert.deepEqual(
      pair.client.all("error").map(({ code }) => code),
      ["peer-key-changed", "not-delivered"],
    );
    assert.deepEqual(textsOf(impostor), []);
  });

  it("does not come back to a server that is busy meanwhile, and leaves with 1 and what is kept", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server({ args: ["--max-peers", "1"] });
    const proxy = await Proxy.to(fixture, await portOf(server));
    const otherHome = fixture.home();
    const other = fixture.client({ home: otherHome, args: ["--invite-file", fixture.file(await inviteOf(server))] });
    await connected(server, other);
    other.tell({ command: "quit" });
    await other.leaves(0);
    server.tell({ command: "invite" });
    const invite = String((await server.count("invite", 2))[1]!["invite"]);
    const client = fixture.client({ args: [proxy.url, "--invite-file", fixture.file(invite)] });
    await connected(server, client);
    // It hears of nothing while somebody else takes its place.
    process.kill(client.pid, "SIGSTOP");
    proxy.cut();
    await server.count("disconnected", 2);
    await connected(server, fixture.client({ home: otherHome }));
    client.tell({ send: "waits" });
    process.kill(client.pid, "SIGCONT");
    await client.leaves(1);
    assert.deepEqual(
      client.all("disconnected").map(({ reason }) => reason),
      ["cut", "busy"],
    );
    assert.equal(client.all("error").at(-1)?.["code"], "not-delivered");
    assert.equal(server.all("connected").length, 3);
  });
});

describe("a server with several peers, none of whom is there", () => {
  it("does not guess for whom a line is, also when one of them is there", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const [first, second] = [fixture.home(), fixture.home()];
    const args = await fixture.ownListen();
    const server = fixture.server({ home, args });
    for (const [index, clientHome] of [first, second].entries()) {
      const invite = String((await server.count("invite", index + 1)).at(-1)!["invite"]);
      const client = fixture.client({ home: clientHome, args: ["--invite-file", fixture.file(invite)] });
      await client.next("connected");
      client.tell({ command: "quit" });
      await client.leaves(0);
      await server.count("disconnected", index + 1);
      server.tell({ command: "invite" });
    }
    server.tell({ command: "quit" });
    await server.leaves(0);

    const again = fixture.server({ home, args });
    await again.next("listening");
    again.tell({ send: "to whom?" });
    assert.equal((await again.next("error"))["code"], "ambiguous-recipient");
    assert.deepEqual(again.all("backlog"), []);
    for (const command of ["history", "forget"]) {
      again.tell({ command });
      assert.equal((await again.next("error"))["code"], "ambiguous-recipient");
    }
    const client = fixture.client({ home: second });
    const { peer } = await again.next("connected");
    again.tell({ send: "to you?" });
    assert.equal((await again.next("error"))["code"], "ambiguous-recipient");
    client.tell({ command: "quit" });
    await again.next("disconnected");
    again.tell({ send: "to you", to: (peer as { fingerprint: string }).fingerprint });
    await again.next("queued");
    again.tell({ command: "quit" });
    await again.leaves(1);
    assert.deepEqual(again.all("connected")[0]?.["peer"], server.all("connected")[1]?.["peer"]);
  });
});
