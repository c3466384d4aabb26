// The programs with --http: how they start, who is told of the link, and that a terminal and an API never disagree.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import { Fixture, inviteOf, pair, urlOf } from "../e2e/fixture.ts";
import type { Program } from "../e2e/program.ts";
import { signInAt } from "../node/page-api/sign-in.ts";

type Json = ReturnType<typeof JSON.parse>;

/** Calls the API of a program, and gives the status and the JSON. */
async function caller(program: Program) {
  const { url } = program.all("http")[0] ?? (await program.next("http"));
  const [address = "", token = ""] = String(url).split("/#");
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const call = async (method: string, path: string, json?: unknown): Promise<Json> => {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const response = await fetch(`${address}/api/v1${path}`, { method, headers, ...body });
    const text = await response.text();
    return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
  };
  return { address, token, call };
}

describe("a program with a page", { concurrency: 3 }, () => {
  it("starts without knowing anybody, pairs by its API, and talks both ways beside a terminal", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server({ args: ["--http", "--name", "ada"] });
    const client = fixture.client({ args: ["--http", "--name", "bob"] });
    const [ofServer, ofClient] = await Promise.all([caller(server), caller(client)]);
    await client.next("notice", ({ message }) => String(message).startsWith("Nobody is paired here yet."));
    const { json: invite } = await ofServer.call("POST", "/invites");
    assert.deepEqual((await ofServer.call("GET", "/invites")).json.invites.length, 2);
    assert.equal((await ofClient.call("POST", "/join", { link: invite.invite })).status, 204);
    await Promise.all([server.next("connected"), client.next("connected")]);
    // The invite of the terminal is still open; that of the page was used.
    assert.ok(!(await ofServer.call("GET", "/invites")).json.invites.some(({ id }: Json) => id === invite.id));

    const said = await ofClient.call("POST", "/send", { msg: "from the page" });
    assert.equal(said.status, 200);
    assert.equal((await server.next("message"))["text"], "from the page");
    // What is said on the page is told in the terminal, too.
    await client.next("delivered", ({ seq }) => seq === said.json.sent[0].seq);
    server.tell({ send: "from the terminal" });
    await client.next("message", ({ text }) => text === "from the terminal");
    const { conversations } = (await ofServer.call("GET", "/conversations")).json;
    const { messages } = (await ofServer.call("GET", `/conversations/${conversations[0].id}/messages`)).json;
    assert.deepEqual(
      messages.map(({ text }: Json) => text),
      ["from the page", "from the terminal"],
    );
    assert.deepEqual(server.all("invite").length, 1, "an invite of the page is not shown in the terminal");
  });

  it("waits for a server that is away, and for another invite if one is no good", async (t) => {
    const fixture = new Fixture(t);
    const client = fixture.client({ args: ["--http"] });
    const { call } = await caller(client);
    assert.equal((await call("POST", "/join", { link: "lair://nothing" })).json.code, "invite-malformed");
    const gone = fixture.server({ args: ["--http", ...(await fixture.ownListen())] });
    const { json: invite } = await (await caller(gone)).call("POST", "/invites");
    gone.tell({ command: "quit" });
    await gone.leaves(0);
    assert.equal((await call("POST", "/join", { link: invite.invite })).status, 204);
    await client.next("reconnecting");
    const server = fixture.server({ args: ["--http"] });
    const { json: other } = await (await caller(server)).call("POST", "/invites");
    assert.equal((await call("POST", "/join", { link: other.invite })).status, 204);
    await Promise.all([server.next("connected"), client.next("connected")]);
  });

  it("ends with --once where nobody answers, as without a page", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server({ args: await fixture.ownListen() });
    const file = fixture.file(await inviteOf(server));
    server.tell({ command: "quit" });
    await server.leaves(0);
    const client = fixture.client({ args: ["--http", "--once", "--invite-file", file] });
    await client.leaves(3);
    assert.equal(client.all("http").length, 1);
  });

  it("tells the link on standard error in a pipe", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server({ json: false, args: ["--http"], input: "ignore" });
    const line = await server.says(/^Page: http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}$/m);
    assert.equal((await fetch(line.slice("Page: ".length))).status, 200);
    assert.equal(server.stdout, "");
  });

  it("ends soon with pages open, and a page with the same token goes on after a restart", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const args = ["--http-token-file", fixture.path("token"), "--http"];
    args.push(`127.0.0.1:${await fixture.ownPort()}`);
    const { server } = await pair(fixture, { home, server: { args } });
    const first = await caller(server);
    const follow = async (address: string): Promise<WebSocket> => {
      const { cookie, key } = await signInAt(address, first.token);
      return new WebSocket(`${address.replace("http", "ws")}/api/v1/events`, ["lair-events", `lair-key.${key}`], {
        headers: { Cookie: cookie, Origin: address },
      });
    };
    const page = await follow(first.address);
    await new Promise((resolve) => page.once("open", resolve));
    const closed = new Promise((resolve) => page.once("close", resolve));
    server.tell({ command: "quit" });
    await server.leaves(0);
    await closed;
    const again = fixture.server({ home, args });
    const second = await caller(again);
    assert.deepEqual([second.address, second.token], [first.address, first.token]);
    const back = await follow(second.address);
    await new Promise((resolve, reject) => back.once("open", resolve).once("error", reject));
    back.terminate();
  });

  it("says a line once if it is killed before its answer, and the call is repeated with its key", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const args = ["--http", "--http-token-file", fixture.path("token"), ...(await fixture.ownListen())];
    const { server, client } = await pair(fixture, { home, server: { args } });
    const first = await caller(server);
    const asked = { method: "POST", headers: { Authorization: `Bearer ${first.token}`, "Idempotency-Key": "k" } };
    const body = JSON.stringify({ msg: "once" });
    const answer = request(`${first.address}/api/v1/send`, {
      ...asked,
      headers: { ...asked.headers, "Content-Type": "application/json" },
    });
    // Nobody reads the answer: the program is killed as soon as the line is stored.
    answer.on("error", () => {}).end(body);
    await server.next("sent");
    server.kill();
    await server.exited;
    const again = fixture.server({ home, args });
    const { call, token, address } = await caller(again);
    const repeat = async (): Promise<Json> =>
      await (
        await fetch(`${address}/api/v1/send`, {
          method: "POST",
          headers: { ...asked.headers, Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
          body,
        })
      ).json();
    const { sent } = await repeat();
    assert.deepEqual([sent.length, sent[0].seq], [1, 0]);
    assert.deepEqual(await repeat(), { sent });
    await call("POST", "/send", { msg: "the end" });
    await client.next("message", ({ text }) => text === "the end");
    const texts = client.all("message").map(({ text }) => text);
    assert.deepEqual(texts, ["once", "the end"]);
  });

  it("lets somebody in who knows the psk, once the words were compared", async (t) => {
    const fixture = new Fixture(t);
    const psk = fixture.file(randomBytes(32).toString("hex"));
    const server = fixture.server({ args: ["--http", "--psk-file", psk] });
    const { call } = await caller(server);
    assert.deepEqual((await call("GET", "/keys")).json, { keys: [] });
    const start = [await urlOf(server), "--psk-file", psk, "--trust-first", "--name", "dora"];
    const home = fixture.home();
    const refused = fixture.client({ home, args: start });
    await server.next("error", ({ code }) => code === "not-trusted");
    const [key] = (await call("GET", "/keys")).json.keys;
    assert.deepEqual([key.name, key.id], ["dora", key.fingerprint.replaceAll(" ", "")]);
    assert.ok(key.words.length > 5);
    assert.equal((await call("POST", "/keys/abcdefgh/trust")).json.code, "peer-unknown");
    const { status, json } = await call("POST", `/keys/${key.id}/trust`);
    assert.deepEqual([status, json.id, json.name], [200, key.id, "dora"]);
    assert.deepEqual((await call("GET", "/keys")).json, { keys: [] });
    await refused.leaves(4);
    const client = fixture.client({ home, args: start });
    await Promise.all([server.next("connected"), client.next("connected")]);
  });

  it("says what is wrong with its address, and starts nothing then", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server({ args: ["--http"] });
    const { address } = await caller(server);
    const second = fixture.client({ args: ["--http", new URL(address).host] });
    await second.leaves(1);
    const [error] = second.all("error");
    assert.equal(error!["code"], "address-in-use");
    assert.match(String(error!["hint"]), /--http HOST:PORT/);
  });
});
