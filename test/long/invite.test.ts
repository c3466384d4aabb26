// Pairing from elsewhere: the invite in a file or on standard input, and every invite that is no good.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Program } from "../e2e/program.ts";
import { connected, inviteOf, pair, Fixture, urlOf } from "../e2e/fixture.ts";
import { withPairings } from "../e2e/stored-pairings.ts";

/** As if a day had passed since they were made. */
async function expireInvites(home: string): Promise<void> {
  await withPairings(home, "server", (pairings) =>
    pairings.changeInvites((open) => open.map((one) => ({ ...one, expiresAtMs: Date.now() - 1 }))),
  );
}

describe("--invite-file", () => {
  const fixture = new Fixture();
  const home = fixture.home();
  let server: Program;
  let invite: string;
  let file: string;
  before(async () => {
    server = fixture.server();
    invite = await inviteOf(server);
    file = fixture.file(`${invite}\n`);
  });
  after(() => fixture.clear());

  it("that others can read is refused with 1 and the chmod to run", async () => {
    const lax = fixture.file(invite, 0o644);
    const client = fixture.client({ home, args: ["--invite-file", lax], json: false });
    await client.leaves(1);
    assert.ok(client.stderr.includes(`chmod 600 ${lax}`), client.stderr);
    assert.ok(!client.stderr.includes(invite.slice(-40)));
  });

  it("that is not there is named", async () => {
    const client = fixture.client({ home, args: ["--invite-file", fixture.path("none")], json: false });
    await client.leaves(1);
    assert.match(client.stderr, /There is no .*none/);
  });

  it("connects", async () => {
    const client = fixture.client({ home, args: ["--invite-file", file] });
    await connected(server, client);
    assert.equal(client.all("connected")[0]!["paired"], true);
    client.tell({ command: "quit" });
    await client.leaves(0);
    await server.next("disconnected");
  });

  it("given once more by the same person connects, since the two are paired", async () => {
    const client = fixture.client({ home, args: ["--invite-file", file] });
    await connected(server, client);
    client.tell({ command: "quit" });
    await client.leaves(0);
    await server.next("disconnected");
  });

  it("given by somebody else afterwards opens nothing, and leaves with 4", async () => {
    const attacker = fixture.client({ args: ["--invite-file", file], json: false });
    await attacker.leaves(4);
    assert.match(attacker.stderr, /does not know this invite[^]*used, expired[^]*\[handshake-rejected\]/);
    assert.equal(server.all("connected").length, 2);
  });

  it("another invite lets one more person in", async () => {
    server.tell({ command: "invite" });
    await server.count("invite", 2);
    const second = String(server.all("invite")[1]!["invite"]);
    assert.notEqual(second, invite);
    await connected(server, fixture.client({ args: ["--invite-file", fixture.file(second)] }));
  });
});

describe("an invite on standard input", { concurrency: 3 }, () => {
  it("is the first line; the others are messages", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server();
    const client = fixture.client({ json: false });
    client.end(`  ${await inviteOf(server)}  \nhello\nworld\n`);
    await client.leaves(0);
    await server.count("message", 2);
    assert.deepEqual(
      server.all("message").map(({ text }) => text),
      ["hello", "world"],
    );
  });

  it("that is missing leaves with 2 and says what to do", async (t) => {
    const client = new Fixture(t).client({ json: false });
    client.end();
    await client.leaves(2);
    assert.match(client.stderr, /no invite[^]*--invite-file/);
  });

  it("is not read with --json, where lines are requests", async (t) => {
    const client = new Fixture(t).client();
    await client.leaves(2);
    assert.equal(client.all("error")[0]!["code"], "usage");
    assert.match(client.stderr, /--invite-file/);
  });

  it("that was cut short is told so, and no connection is made", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server({ args: ["--verbose"] });
    const invite = await inviteOf(server);
    const client = fixture.client({ json: false });
    client.end(`${invite.slice(0, -3)}\n`);
    await client.leaves(1);
    assert.match(client.stderr, /cut short: 3 letters are missing/);
    assert.ok(!client.stderr.includes(invite.slice(-40, -3)));
    assert.deepEqual(server.all("notice"), []);
  });

  it("that is something else is told so", async (t) => {
    const client = new Fixture(t).client({ json: false });
    client.end("hello\n");
    await client.leaves(1);
    assert.match(client.stderr, /an invite begins with lair:\/\//);
  });
});

describe("an expired invite", () => {
  it("opens nothing, and a new start makes a new one", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const first = fixture.server({ home });
    const invite = await inviteOf(first);
    first.tell({ command: "quit" });
    await first.leaves(0);
    await expireInvites(home);
    const server = fixture.server({ home });
    const next = await inviteOf(server);
    assert.notEqual(next, invite);
    const url = String(server.all("listening")[0]!["url"]);
    const client = fixture.client({ args: [url, "--invite-file", fixture.file(invite)], json: false });
    await client.leaves(4);
    assert.match(client.stderr, /expired/);
    await connected(server, fixture.client({ home }));
    assert.equal(existsSync(`${home}/invite`), false);
  });

  it("goes from the disk at the next start, with the text that was left of it, though none takes its place", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    server.tell({ command: "invite" });
    await server.count("invite", 2);
    assert.equal(existsSync(`${home}/invite`), true);
    server.tell({ command: "quit" });
    await Promise.all([server.leaves(0), client.leaves(0)]);
    await expireInvites(home);
    const again = fixture.server({ home });
    await urlOf(again);
    again.tell({ command: "quit" });
    await again.leaves(0);
    assert.deepEqual(await withPairings(home, "server", (pairings) => pairings.invites()), []);
    assert.equal(existsSync(`${home}/invite`), false);
  });

  it("an open one outlives a restart of the server", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const first = fixture.server({ home });
    const invite = await inviteOf(first);
    first.kill();
    await first.exited;
    const server = fixture.server({ home });
    const shown = await inviteOf(server);
    assert.equal(shown.split("#")[1], invite.split("#")[1]);
    assert.equal(readFileSync(`${home}/invite`, "utf8"), shown);
    await connected(server, fixture.client({ home }));
  });
});
