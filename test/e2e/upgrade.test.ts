// Who may knock at the real server: upgrades by hand, as a web page or a proxy would ask. TLS is in
// test/long/tls.test.ts.

import assert from "node:assert/strict";
import { mkdirSync, rmdirSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Program } from "./program.ts";
import { isAnswered, recordedMessage1 } from "./rogue-client.ts";
import { inviteOf, portOf, Fixture, urlOf } from "./fixture.ts";

const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Protocol": "lair.1",
};

/** The status of the answer to a GET with these headers; undefined takes one away. */
async function knock(port: number, headers: { readonly [name: string]: string | undefined }): Promise<string> {
  const all = { Host: `127.0.0.1:${port}`, ...UPGRADE, ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return await new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      socket.write(`GET / HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    });
    let answer = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      answer += text;
      if (answer.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "nothing"));
  });
}

describe("an upgrade", () => {
  const fixture = new Fixture();
  let strict: Program;
  let open: Program;
  let port: number;
  let openPort: number;
  before(async () => {
    strict = fixture.server();
    open = fixture.server({ args: ["--allow-origin", "https://ok.example", "--allow-host", "lair.example"] });
    [port, openPort] = [await portOf(strict), await portOf(open)];
  });
  after(() => fixture.clear());

  it("is accepted without an Origin, under any loopback name with any port", async () => {
    assert.equal(await knock(port, {}), "101");
    for (const host of ["localhost", "localhost:1", "LOCALHOST:80", "[::1]:5", "127.9.9.9"]) {
      assert.equal(await knock(port, { Host: host }), "101", host);
    }
  });

  it("is refused for every Origin, the own one too", async () => {
    for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${port}`, "https://ok.example", ""]) {
      assert.equal(await knock(port, { Origin: origin }), "403", origin);
    }
  });

  it("is refused for a Host that is no loopback name, and without one", async () => {
    for (const host of ["evil.example", `127.0.0.1.evil.example:${port}`, "lair.example", "localhost.evil"]) {
      assert.equal(await knock(port, { Host: host }), "403", host);
    }
    assert.match(await knock(port, { Host: undefined }), /^40[03]$/);
  });

  it("is refused without the subprotocol, or with another one", async () => {
    assert.equal(await knock(port, { "Sec-WebSocket-Protocol": undefined }), "400");
    assert.equal(await knock(port, { "Sec-WebSocket-Protocol": "chat, lair.2" }), "400");
  });

  it("is what a plain request is told to ask for", async () => {
    assert.equal(await knock(port, { Connection: "close", Upgrade: undefined }), "426");
  });

  it("is accepted from an Origin and under a Host that were allowed, and from no other", async () => {
    assert.equal(await knock(openPort, { Origin: "https://ok.example" }), "101");
    assert.equal(await knock(openPort, { Host: "lair.example" }), "101");
    assert.equal(await knock(openPort, { Host: "lair.example:443", Origin: "https://ok.example" }), "101");
    assert.equal(await knock(openPort, { Origin: "https://ok.example.evil" }), "403");
    assert.equal(await knock(openPort, { Host: "other.example" }), "403");
  });

  it("is nothing that the person is told of, and changes nothing", async () => {
    strict.tell({ command: "status" });
    assert.equal((await strict.next("status"))["state"], "nobody");
    assert.deepEqual(
      strict.events.map(({ event }) => event),
      ["hello", "listening", "invite", "status"],
    );
    assert.equal(strict.stderr, "");
  });
});

describe("a first message that was recorded", () => {
  it("is refused after a restart, and nobody is answered whom the server could not remember", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const first = fixture.server({ home });
    const invite = await inviteOf(first);
    const recorded = recordedMessage1(invite);
    assert.equal(await isAnswered(await urlOf(first), recorded), true);
    first.tell({ command: "quit" });
    await first.leaves(0);

    const second = fixture.server({ home });
    const url = await urlOf(second);
    assert.equal(await isAnswered(url, recorded), false);
    // Something is in the way of every write.
    const path = join(home, "server", "admitted");
    unlinkSync(path);
    mkdirSync(path);
    const unheard = recordedMessage1(invite);
    assert.equal(await isAnswered(url, unheard), false);
    assert.equal(await isAnswered(url, recordedMessage1(invite)), false);
    const told = await second.next("error");
    assert.equal(told["code"], "home-unwritable");
    assert.match(String(told["message"]), /^A connection was not answered\. Cannot write /);
    rmdirSync(path);
    assert.equal(await isAnswered(url, unheard), false);
    assert.equal(await isAnswered(url, recordedMessage1(invite)), true);
    assert.equal(second.all("error").length, 1);
  });
});
