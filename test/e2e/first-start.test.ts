// The main job with the two real programs: the first start on one account, and coming back.
// test/long/first-start.test.ts has more.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Program } from "./program.ts";
import { connected, inviteOf, Fixture } from "./fixture.ts";

describe("the first start on one account", () => {
  const fixture = new Fixture();
  const home = fixture.home();
  let listen: readonly string[];
  let server: Program;
  let client: Program;
  before(async () => {
    listen = await fixture.ownListen();
    server = fixture.server({ home, args: listen });
    await inviteOf(server);
  });
  after(() => fixture.clear());

  it("leaves the invite in the home, readable by its owner alone", async () => {
    const invite = await inviteOf(server);
    assert.equal(readFileSync(join(home, "invite"), "utf8"), invite);
    assert.equal(statSync(join(home, "invite")).mode & 0o777, 0o600);
    assert.match(invite, /^lair:\/\/127\.0\.0\.1:\d+\/#[\w-]{87}$/);
  });

  it("carries messages both ways and says when they were delivered", async () => {
    client = fixture.client({ home });
    await connected(server, client);
    client.tell({ send: "hello from the client" });
    server.tell({ send: "hello from the server" });
    assert.equal((await server.next("message"))["text"], "hello from the client");
    assert.equal((await client.next("message"))["text"], "hello from the server");
    assert.equal((await client.count("delivered", 1))[0]!["seq"], 0);
    assert.equal((await server.count("delivered", 1))[0]!["seq"], 0);
    assert.equal((await client.count("sent", 1))[0]!["seq"], 0);
  });

  it("ends with a goodbye, the client's first", async () => {
    client.tell({ command: "quit" });
    await client.leaves(0);
    assert.equal((await server.next("disconnected"))["reason"], "closed");
    assert.equal(client.all("disconnected")[0]?.["reason"], "closed");
    server.tell({ command: "quit" });
    await server.leaves(0);
    assert.ok(existsSync(home));
  });

  it("needs no invite the next time, when the server is on its port, and the client needs no address", async () => {
    const again = fixture.server({ home, args: listen });
    await again.next("listening");
    assert.equal(again.all("listening")[0]!["fingerprint"], server.all("listening")[0]!["fingerprint"]);
    client = fixture.client({ home });
    await connected(again, client);
    assert.deepEqual(again.all("invite"), []);
    again.tell({ command: "quit" });
    await Promise.all([again.leaves(0), client.leaves(0)]);
  });
});
