// People who distribute a secret by other means: --psk-file on both sides, and the first sight of a key.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { Program } from "../e2e/program.ts";
import { connected, Fixture, urlOf } from "../e2e/fixture.ts";

describe("--psk-file", () => {
  const fixture = new Fixture();
  const psk = randomBytes(32);
  const hex = fixture.file(`${psk.toString("hex")}\n`);
  const base64Url = fixture.file(psk.toString("base64url"));
  const home = fixture.home();
  let server: Program;
  let url: string;
  before(async () => {
    server = fixture.server({ args: ["--psk-file", hex] });
    url = await urlOf(server);
  });
  after(() => fixture.clear());

  it("needs no invite", () => {
    assert.deepEqual(server.all("invite"), []);
  });

  it("is no reason for a client without a terminal to trust a key: it leaves with 4 and says how", async () => {
    const client = fixture.client({ home, args: [url, "--psk-file", base64Url], json: false });
    await client.leaves(4);
    assert.match(client.stderr, /not been accepted here yet[^]*--trust-first[^]*\[not-trusted\]/);
    assert.deepEqual(server.all("error"), []);
  });

  it("is none for the server either: it shows fingerprint and words, and the client leaves with 4", async () => {
    const client = fixture.client({ home, args: [url, "--psk-file", base64Url, "--trust-first", "--name", "dora"] });
    await client.leaves(4);
    const error = await server.next("error");
    assert.equal(error["code"], "not-trusted");
    assert.match(String(error["message"]), /dora/);
    const details = (error["details"] as string[]).join("\n");
    assert.match(details, /([a-z2-7]{4} ){7}[a-z2-7]{4}/);
    assert.match(details, /([a-z]{3,8} ){11}[a-z]{3,8}/);
    assert.deepEqual(server.all("connected"), []);
    assert.deepEqual(client.all("connected"), []);
    assert.equal(client.all("error")[0]!["code"], "not-trusted");
  });

  it("lets that key in once it was accepted at the server", async () => {
    const details = (server.all("error")[0]!["details"] as string[]).join("\n");
    server.tell({ command: "trust", who: /([a-z2-7]{4} ){7}[a-z2-7]{4}/.exec(details)![0] });
    await server.next("notice");
    // The client has accepted the server's key before, so it needs neither --trust-first nor the address.
    const client = fixture.client({ home, args: ["--psk-file", hex] });
    await connected(server, client);
    client.tell({ send: "let in" });
    assert.equal((await server.next("message"))["text"], "let in");
    client.tell({ command: "quit" });
    await client.leaves(0);
    await server.next("disconnected");
  });

  it("that others do not have is 4 for them", async () => {
    const other = fixture.file(randomBytes(32).toString("hex"));
    const client = fixture.client({ args: [url, "--psk-file", other, "--trust-first"], json: false });
    await client.leaves(4);
    assert.match(client.stderr, /does not know this psk/);
  });

  it("of mode 0644 is refused with the chmod", async () => {
    const lax = fixture.file(psk.toString("hex"), 0o644);
    for (const name of ["server", "client"] as const) {
      const program = fixture[name]({ args: ["--psk-file", lax, ...(name === "client" ? [url] : [])], json: false });
      await program.leaves(1);
      assert.ok(program.stderr.includes(`chmod 600 ${lax}`), program.stderr);
    }
  });

  it("with a weak or garbled secret is refused, and nothing of it is shown", async () => {
    for (const [content, words] of [
      ["00".repeat(32), /psk-weak/],
      ["0123".repeat(16), /psk-weak/],
      [`${psk.toString("hex")}ab`, /psk-malformed/],
    ] as const) {
      const program = fixture.server({ args: ["--psk-file", fixture.file(content)], json: false });
      await program.leaves(1);
      assert.match(program.stderr, words);
      assert.ok(!program.stderr.includes(content.slice(0, 8)));
    }
  });
});

describe("--trust-first on both sides", () => {
  it("accepts the first key and pins it", async (t) => {
    const fixture = new Fixture(t);
    const file = fixture.file(randomBytes(32).toString("hex"));
    const [home, serverHome] = [fixture.home(), fixture.home()];
    const args = ["--psk-file", file, "--trust-first"];
    const listen = await fixture.ownListen();
    const server = fixture.server({ home: serverHome, args: [...args, ...listen] });
    const url = await urlOf(server);
    const client = fixture.client({ home, args: [url, ...args] });
    await connected(server, client);
    server.tell({ command: "quit" });
    await Promise.all([server.leaves(0), client.leaves(0)]);
    // Another server with the same secret at the same address: its key is not the pinned one.
    const impostor = fixture.server({ args: [...args, ...listen] });
    await impostor.next("listening");
    const again = fixture.client({ home, args: [url, ...args] });
    await again.leaves(4);
    assert.equal(again.all("error")[0]!["code"], "peer-key-changed");
    impostor.kill();
    await impostor.exited;
    const back = fixture.server({ home: serverHome, args: ["--psk-file", file, ...listen] });
    await back.next("listening");
    const known = fixture.client({ home, args: ["--psk-file", file] });
    await connected(back, known);
    back.tell({ command: "quit" });
    await Promise.all([back.leaves(0), known.leaves(0)]);
    // At another address its key is still the pinned one, so there is nothing to be trusted anew.
    const moved = fixture.server({ home: serverHome, args: ["--psk-file", file] });
    const found = fixture.client({ home, args: [await urlOf(moved), "--psk-file", file] });
    await connected(moved, found);
    assert.equal(found.all("connected")[0]!["paired"], false);
  });
});

describe("--trust-first at the server", () => {
  it("is about the first key: the next one is shown and refused, until trust lets it in", async (t) => {
    const fixture = new Fixture(t);
    const file = fixture.file(randomBytes(32).toString("hex"));
    const args = ["--psk-file", file, "--trust-first"];
    const server = fixture.server({ args });
    const url = await urlOf(server);
    const first = fixture.client({ args: [url, ...args, "--name", "bob"] });
    await connected(server, first);
    first.tell({ command: "quit" });
    await first.leaves(0);
    await server.next("disconnected");
    const home = fixture.home();
    const start = { home, args: [url, ...args, "--name", "bob"] };
    await fixture.client(start).leaves(4);
    const error = await server.next("error");
    assert.equal(error["code"], "not-trusted");
    // The command that was suggested, as it was suggested.
    const hint = /trust ([a-z2-7]+)$/.exec(String(error["hint"]));
    server.tell({ command: "trust", who: hint![1] });
    await server.next("notice");
    await connected(server, fixture.client(start));
    const [one, other] = server.all("connected").map(({ peer }) => peer as { name: string; fingerprint: string });
    assert.equal(one!.name, "bob");
    assert.equal(other!.name, `bob ${other!.fingerprint.slice(0, 4)}`);
    assert.equal(server.all("error").length, 1);
  });
});

describe("a trust that comes late", () => {
  it("does no harm to who was paired by an invite meanwhile", async (t) => {
    const fixture = new Fixture(t);
    const file = fixture.file(randomBytes(32).toString("hex"));
    const [home, serverHome] = [fixture.home(), fixture.home()];
    const listen = await fixture.ownListen();
    const server = fixture.server({ home: serverHome, args: ["--psk-file", file, ...listen] });
    const url = await urlOf(server);
    await fixture.client({ home, args: [url, "--psk-file", file, "--trust-first"] }).leaves(4);
    const hint = /trust ([a-z2-7]+)$/.exec(String((await server.next("error"))["hint"]));
    server.tell({ command: "invite" });
    const invite = String((await server.next("invite"))["invite"]);
    const client = fixture.client({ home, args: ["--invite-file", fixture.file(invite)] });
    await connected(server, client);
    client.tell({ command: "quit" });
    await client.leaves(0);
    await server.next("disconnected");
    server.tell({ command: "trust", who: hint![1] });
    await server.count("error", 2);
    assert.equal(server.all("error")[1]!["code"], "peer-unknown");
    server.tell({ command: "quit" });
    await server.leaves(0);
    const again = fixture.server({ home: serverHome, args: listen });
    await again.next("listening");
    await connected(again, fixture.client({ home }));
  });
});
