// Signals: an orderly end and the exit code that a shell expects; what the other side sees of it.
// test/long/signals.test.ts has more.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Proxy } from "./proxy.ts";
import { framesOf } from "./recording.ts";
import { inviteOf, pair, portOf, Fixture } from "./fixture.ts";
import { isHangUpIgnored } from "../../src/cli/signals.ts";

describe("signals", { concurrency: 3 }, () => {
  it("SIGINT says goodbye and leaves with 130", async (t) => {
    const { server, client } = await pair(new Fixture(t));
    client.signal("SIGINT");
    await client.leaves(130);
    assert.equal((await server.next("disconnected"))["reason"], "closed");
    server.signal("SIGINT");
    await server.leaves(130);
  });

  it("SIGTERM of the server leaves with 143, and the client is told of the shutdown", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server();
    const proxy = await Proxy.to(fixture, await portOf(server));
    const invite = fixture.file(await inviteOf(server));
    const client = fixture.client({ args: [proxy.url, "--invite-file", invite, "--once"] });
    await Promise.all([server.next("connected"), client.next("connected")]);
    server.signal("SIGTERM");
    await Promise.all([server.leaves(143), client.leaves(0)]);
    assert.equal(client.all("disconnected")[0]!["reason"], "shutting-down");
    const closes = framesOf(proxy.connections[0]!.toClient).filter(({ opcode }) => opcode === 8);
    assert.deepEqual(
      closes.map(({ payload }) => payload.readUInt16BE()),
      [1001],
    );
  });
});

/** The beginning of /proc/PID/status. */
const status = (ignored: string): string => `Name:\tsh\nSigBlk:\t0000000000000001\nSigIgn:\t${ignored}\nSigCgt:\t0\n`;

describe("a hang-up", () => {
  it("ends a program at a terminal, unless its parent ignores it", () => {
    for (const ignored of ["0000000000000001", "0000000000384007", "fffffffffffffffb"]) {
      assert.equal(isHangUpIgnored(true, status(ignored)), true, ignored);
    }
    for (const ignored of ["0000000000000000", "0000000000001000", "fffffffffffffffe"]) {
      assert.equal(isHangUpIgnored(true, status(ignored)), false, ignored);
    }
    for (const unknown of [undefined, "", "no status"]) assert.equal(isHangUpIgnored(true, unknown), false);
  });
});
