// The interface for programs (--json): every event in the form that the README promises, and what input may be.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Program } from "./program.ts";
import { pair, Fixture } from "./fixture.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const PRINT = /^([a-z2-7]{4} ){7}[a-z2-7]{4}$/;

describe("--json", () => {
  const fixture = new Fixture();
  let server: Program;
  let client: Program;
  before(async () => ({ server, client } = await pair(fixture, { server: { args: ["--rekey", "1-1.2"] } })));
  after(() => fixture.clear());

  it("says which interface it is, announces the address and the fingerprint, then the invite with its end", () => {
    const [hello, listening, invite] = server.events;
    assert.deepEqual([hello?.event, hello?.["json"], hello?.["program"]], ["hello", 2, "lair-server"]);
    assert.equal(client.events[0]?.event, "hello");
    assert.match(String(listening?.["url"]), /^ws:\/\/127\.0\.0\.1:[1-9]\d*$/);
    assert.match(String(listening?.["fingerprint"]), PRINT);
    assert.equal(invite?.event, "invite");
    assert.match(String(invite["expires"]), ISO);
    assert.ok(Date.parse(String(invite["expires"])) > Date.now());
  });

  it("says who is connected", () => {
    const peer = client.all("connected")[0]?.["peer"] as { name: string; fingerprint: string };
    assert.equal(typeof peer.name, "string");
    assert.match(peer.fingerprint, PRINT);
  });

  it("numbers messages from 0, and each is sent, received and delivered under its number", async () => {
    client.tell({ send: "first" });
    const message = await server.next("message");
    assert.equal(message["seq"], 0);
    assert.equal(message["text"], "first");
    assert.match(String(message["at"]), ISO);
    const delivered = await client.next("delivered");
    const { peer } = client.all("connected")[0]!;
    assert.deepEqual(delivered, { event: "delivered", peer, seq: 0 });
    assert.deepEqual(client.all("sent"), [{ event: "sent", peer, seq: 0 }]);
  });

  it("tells each renewal of the keys on both sides", async () => {
    const [first] = await server.count("rekeyed", 1);
    assert.deepEqual(first, { event: "rekeyed", peer: server.all("connected")[0]!["peer"], epoch: 1 });
    const { peer } = client.all("connected")[0]!;
    assert.deepEqual((await client.count("rekeyed", 1))[0], { ...first, peer });
  });

  it("answers status with every member of the promised form", async () => {
    server.tell({ send: "one of the server's" });
    await server.count("delivered", 1);
    await client.count("rekeyed", 1);
    for (const program of [server, client]) {
      program.tell({ command: "status" });
      const status = await program.next("status");
      for (const member of ["sent", "received", "undelivered", "rekeys", "epoch", "bytesSent", "bytesReceived"]) {
        assert.ok(Number.isSafeInteger(status[member]), `${member} is ${String(status[member])}`);
      }
      assert.match(String(status["state"]), /^(open|rekeying)$/);
      assert.equal(status["sent"], 1);
      assert.equal(status["received"], 1);
      assert.equal(status["undelivered"], 0);
      assert.ok(Number(status["rekeys"]) >= 1);
      assert.ok(typeof status["keyAgeMs"] === "number" && status["keyAgeMs"] >= 0 && status["keyAgeMs"] < 60_000);
      assert.ok(typeof status["roundTripMs"] === "number" && status["roundTripMs"] >= 0, "no round trip");
      assert.ok(Number(status["bytesSent"]) > 500);
      assert.equal(status["suite"], "Noise_XXpsk2_25519_AESGCM_SHA256");
    }
  });

  const bad = {
    "no JSON": "hello",
    "a string": '"send"',
    "a number": "1",
    null: "null",
    "an array": '[{"send":"x"}]',
    "an empty object": "{}",
    "a text that is none": '{"send":1}',
    "both at once": '{"send":"x","command":"quit"}',
    "an unknown command": '{"command":"dance"}',
    "a command that is none": '{"command":{"send":"x"}}',
    "a member of every object": '{"command":"constructor"}',
    "half an object": '{"send":"x"',
    "a mebibyte": `{"send":"${"a".repeat(1024 * 1024)}`,
  };
  it("answers a line that is no request with one error, and nothing else happens", async () => {
    for (const [what, line] of Object.entries(bad)) {
      const before = client.events.filter(({ event }) => event !== "rekeyed").length;
      void client.write(`${line}\n`);
      const error = await client.next("error");
      assert.equal(error["code"], "input-malformed", what);
      assert.equal(typeof error["message"], "string");
      // Its answer comes after all that the line could have brought.
      client.tell({ command: "status" });
      const status = await client.next("status");
      assert.equal(status["sent"], 1, what);
      const added = client.events.filter(({ event }) => event !== "rekeyed").slice(before);
      assert.ok(
        added.slice(0, -1).every(({ event }) => event === "error"),
        what,
      );
    }
  });

  it("passes over empty lines", async () => {
    const before = client.all("error").length;
    void client.write("\n\r\n   \n");
    client.tell({ command: "status" });
    await client.next("status");
    assert.equal(client.all("error").length, before);
  });

  it("shows the same words to verify on both sides, lists the peer, and renames it", async () => {
    for (const program of [server, client]) program.tell({ command: "verify" });
    const [words, same] = [(await server.next("verify"))["words"], (await client.next("verify"))["words"]];
    assert.ok(Array.isArray(words) && words.length === 12);
    assert.deepEqual(words, same);
    client.tell({ command: "rename", name: "the other" });
    assert.equal(((await client.next("renamed"))["peer"] as { name: string }).name, "the other");
    client.tell({ command: "peers" });
    const peers = (await client.next("peers"))["peers"] as { name: string }[];
    assert.deepEqual(
      peers.map(({ name }) => name),
      ["the other"],
    );
    client.tell({ command: "invite" });
    assert.equal((await client.next("error"))["code"], "usage");
  });

  it("says so when a text is longer than 16,384 bytes, and takes one of just as many", async () => {
    client.tell({ send: "x".repeat(16_385) });
    assert.equal((await client.next("error"))["code"], "message-too-long");
    client.tell({ send: "ü".repeat(8_192) });
    assert.equal((await server.next("message"))["text"], "ü".repeat(8_192));
  });

  const hostile = [
    '\u001b]0;owned\u0007\u001b[2J\u009b31m\u007f\r\n{"event":"message"}',
    "\u2028\u2029\u202e\u200b\ufeff\u{e0041}",
    "\\u0000 \u0000 \" ' \\",
    "\ud800 alone",
    "👩‍👩‍👧‍👦 🇩🇪 e\u0301",
  ];
  it("escapes hostile text: it arrives unchanged, in one line, and nothing in it can act on a terminal", async () => {
    for (const text of hostile) {
      client.tell({ send: text });
      if (/\p{Surrogate}/u.test(text)) {
        // Half a pair would arrive as another character.
        assert.equal((await client.next("error"))["code"], "input-malformed");
      } else assert.equal((await server.next("message"))["text"], text);
    }
    assert.doesNotMatch(server.stdout, /[^\P{C}\n]|\u2028|\u2029/u);
    assert.ok(server.stdout.split("\n").every((line) => line === "" || /^\{.*\}$/.test(line)));
  });

  it("has nothing to say on standard error", () => {
    assert.equal(server.stderr, "");
    assert.equal(client.stderr, "");
  });

  it("keeps answering while nobody is connected, and what is sent then is queued", async () => {
    client.tell({ command: "quit" });
    await client.leaves(0);
    assert.deepEqual((await server.next("disconnected"))["reason"], "closed");
    server.tell({ command: "status" });
    assert.equal((await server.next("status"))["state"], "nobody");
    server.tell({ send: "anybody?" });
    const { peer } = server.all("connected")[0]!;
    assert.deepEqual(await server.next("queued"), { event: "queued", peer, seq: server.all("sent").length });
    server.tell({ command: "status" });
    const { undelivered, queued } = await server.next("status", (status) => status["queued"] !== 0);
    assert.deepEqual({ undelivered, queued }, { undelivered: 1, queued: 1 });
    server.tell({ command: "quit" });
    assert.equal((await server.next("error"))["code"], "not-delivered");
    await server.leaves(1);
  });
});

describe("--json before the line is open", () => {
  it("keeps what is sent and the end of the input until the client is connected", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const server = fixture.server({ home });
    await server.next("invite");
    const client = fixture.client({ home });
    client.end('{"send":"early"}\n{"send":"bird"}\n');
    await client.leaves(0);
    await server.next("disconnected");
    assert.deepEqual(
      server.all("message").map(({ text }) => text),
      ["early", "bird"],
    );
    assert.equal(client.all("delivered").length, 2);
  });
});
