// What is said arrives once and in order, whoever was away, was stopped or was killed in between; and when the client
// comes back by itself, and when it does not.

import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Proxy } from "./proxy.ts";
import { heard, Reunion, textsOf } from "./reunion.ts";
import { connected, inviteOf, portOf, Stage } from "./stage.ts";

describe("a line said while the other is away", { concurrency: 3 }, () => {
  it("is kept when the one who said it quits, waits, and arrives once, in order and under the next numbers", async (t) => {
    const pair = await Reunion.begin(new Stage(t));
    pair.client.tell({ send: "0" });
    await pair.server.next("message");
    await pair.client.next("delivered");
    await pair.kill("server");
    for (const send of ["1", "2", "3"]) pair.client.tell({ send });
    await pair.client.count("queued", 3);
    pair.client.tell({ command: "status" });
    const status = await pair.client.next("status");
    const { sent, undelivered, queued, store, history, timerSeconds } = status;
    assert.deepEqual(
      { sent, undelivered, queued, store, history, timerSeconds },
      { sent: 4, undelivered: 3, queued: 3, store: "file", history: "off", timerSeconds: 0 },
    );
    // Each line makes it try, so it may be at that now or be waiting.
    const { state, retryInMs } = status;
    assert.ok(
      state === "connecting" ? retryInMs === 0 : state === "nobody" && Number(retryInMs) > 0,
      JSON.stringify(status),
    );
    pair.client.tell({ command: "quit" });
    await pair.client.leaves(1);
    const error = pair.client.all("error").at(-1);
    assert.equal(error?.["code"], "not-delivered");
    assert.match(`${String(error?.["message"])} ${String(error?.["hint"])}`, /^3 messages .* not .*\bkept\b/);

    // Without a terminal an unreachable server is 3 at the start, whatever waits.
    const alone = pair.startClient();
    await alone.leaves(3);
    assert.deepEqual(alone.all("backlog")[0]?.["seqs"], [1, 2, 3]);
    assert.equal(alone.all("error")[0]?.["code"], "unreachable");
    assert.deepEqual(alone.all("reconnecting"), []);
    const pipe = pair.startClient({ json: false });
    await pipe.leaves(3);
    assert.match(pipe.stderr, /3 messages wait for [^]*Nobody answers [^]*\[unreachable\]\n$/);

    await pair.meet();
    const { server, client } = pair;
    assert.equal(client.all("backlog")[0]?.["waiting"], 3);
    client.tell({ send: "4" });
    await client.count("delivered", 4);
    assert.deepEqual(await heard(server, 4), ["1", "2", "3", "4"]);
    assert.deepEqual(
      server.all("message").map(({ seq, again }) => [seq, again]),
      [1, 2, 3, 4].map((seq) => [seq, undefined]),
    );
    assert.deepEqual(
      client.all("sent").map(({ seq, was }) => [seq, was]),
      [1, 2, 3, 4].map((seq) => [seq, undefined]),
    );
    assert.deepEqual([...client.all("memory"), ...server.all("memory")], []);
  });

  it("is sent by a server that was killed with it, and by a client that comes back by itself", async (t) => {
    const pair = await Reunion.begin(new Stage(t));
    pair.server.tell({ send: "to the client" });
    await pair.client.next("message");
    await pair.server.next("delivered");
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
  it("takes lines from a pipe while its server is away, delivers them to the one that is back, and leaves with it", async (t) => {
    const pair = await Reunion.begin(new Stage(t), { client: { json: false } });
    const { client } = pair;
    await client.write("one\n");
    await pair.server.next("message");
    await pair.kill("server");
    await client.says(/link to .* was cut/);
    await client.write("two\nthree\n");
    const server = await pair.startServer();
    assert.deepEqual(await heard(server, 2), ["two", "three"]);
    await pair.quit("server");
    await client.leaves(0);
    assert.match(client.stderr, /Trying again [^]*connected again[^]* left\n$/);
  });

  it("comes back to a server that was shut down, at once when it is told something, and takes a goodbye for the end", async (t) => {
    const pair = await Reunion.begin(new Stage(t));
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
    const pair = await Reunion.begin(new Stage(t));
    await pair.kill("server");
    pair.client.tell({ send: "to the right one" });
    await pair.client.next("queued");
    const identity = join(pair.homes.server, "server/identity.json");
    renameSync(identity, `${identity}.aside`);
    const impostor = await pair.startServer();
    await pair.client.leaves(4);
    assert.deepEqual(
      pair.client.all("error").map(({ code }) => code),
      ["peer-key-changed", "not-delivered"],
    );
    assert.deepEqual(textsOf(impostor), []);
  });

  it("does not come back to a server that is busy meanwhile, and leaves with 1 and what is kept", async (t) => {
    const stage = new Stage(t);
    const server = stage.server();
    const proxy = await Proxy.to(stage, await portOf(server));
    const otherHome = stage.home();
    const other = stage.client({ home: otherHome, args: ["--invite-file", stage.file(await inviteOf(server))] });
    await connected(server, other);
    other.tell({ command: "quit" });
    await other.leaves(0);
    server.tell({ command: "invite" });
    const invite = String((await server.count("invite", 2))[1]!["invite"]);
    const client = stage.client({ args: [proxy.url, "--invite-file", stage.file(invite)] });
    await connected(server, client);
    // It hears of nothing while somebody else takes its place.
    process.kill(client.pid, "SIGSTOP");
    proxy.cut();
    await server.count("disconnected", 2);
    await connected(server, stage.client({ home: otherHome }));
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
  it("does not guess for whom a line is, until one of them has been", async (t) => {
    const stage = new Stage(t);
    const home = stage.home();
    const [first, second] = [stage.home(), stage.home()];
    const server = stage.server({ home });
    for (const [index, clientHome] of [first, second].entries()) {
      const invite = String((await server.count("invite", index + 1)).at(-1)!["invite"]);
      const client = stage.client({ home: clientHome, args: ["--invite-file", stage.file(invite)] });
      await client.next("connected");
      client.tell({ command: "quit" });
      await client.leaves(0);
      await server.count("disconnected", index + 1);
      server.tell({ command: "invite" });
    }
    server.tell({ command: "quit" });
    await server.leaves(0);

    const again = stage.server({ home, args: ["--listen", `127.0.0.1:${await portOf(server)}`] });
    await again.next("listening");
    again.tell({ send: "to whom?" });
    assert.equal((await again.next("error"))["code"], "not-connected");
    assert.deepEqual(again.all("backlog"), []);
    for (const command of ["history", "forget"]) {
      again.tell({ command });
      assert.equal((await again.next("error"))["code"], "not-connected");
    }
    const client = stage.client({ home: second });
    await again.next("connected");
    client.tell({ command: "quit" });
    await again.next("disconnected");
    again.tell({ send: "to you" });
    await again.next("queued");
    again.tell({ command: "quit" });
    await again.leaves(1);
    assert.deepEqual(again.all("connected")[0]?.["peer"], server.all("connected")[1]?.["peer"]);
  });
});
