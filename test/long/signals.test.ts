// Signals: an orderly end and the exit code that a shell expects; what the other side sees of it.
// More of test/e2e/signals.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Proxy } from "../e2e/proxy.ts";
import { inviteOf, pair, portOf, Fixture } from "../e2e/fixture.ts";
import { isHangUpIgnored } from "../../src/cli/signals.ts";

describe("signals", { concurrency: 3 }, () => {
  it("SIGHUP ends neither, since no stream is a terminal; SIGTERM of the client leaves with 143", async (t) => {
    const { server, client } = await pair(new Fixture(t));
    for (const program of [client, server, client]) program.signal("SIGHUP");
    client.tell({ send: "still here" });
    await server.next("message");
    server.tell({ send: "so am I" });
    await client.next("message");
    client.signal("SIGTERM");
    await client.leaves(143);
    assert.equal((await server.next("disconnected"))["reason"], "shutting-down");
    server.signal("SIGTERM");
    await server.leaves(143);
  });

  it("SIGINT leaves within 3 s though somebody does not listen, and a second one at once", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server();
    const proxy = await Proxy.to(fixture, await portOf(server));
    const args = [proxy.url, "--invite-file", fixture.file(await inviteOf(server))];
    const home = fixture.home();
    for (const signals of [1, 2]) {
      const client = fixture.client({ home, args });
      await client.next("connected");
      proxy.stall("toServer", "toClient");
      client.tell({ send: "never acknowledged" });
      await client.next("sent");
      const startedMs = performance.now();
      client.signal("SIGINT");
      await client.next("notice");
      if (signals === 2) client.signal("SIGINT");
      await client.leaves(130);
      const tookMs = performance.now() - startedMs;
      // 2.4 s is how long one signal waits, 10 s the longest wait that there is.
      assert.ok(signals === 2 ? tookMs < 2_300 : tookMs > 2_300 && tookMs < 9_000, `it took ${tookMs} ms`);
      assert.match(client.stdout, /"event":"disconnected".*"undelivered":[12]\b/);
      proxy.resume();
    }
  });

  it("SIGKILL of one is a cut for the other", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    client.kill();
    assert.equal((await server.next("disconnected"))["reason"], "cut");
    const again = fixture.client({ home, args: ["--once"] });
    await again.next("connected");
    server.kill();
    await again.leaves(1);
    assert.equal(again.all("disconnected")[0]!["reason"], "cut");
  });
});

/** The beginning of /proc/PID/status. */
const status = (ignored: string): string => `Name:\tsh\nSigBlk:\t0000000000000001\nSigIgn:\t${ignored}\nSigCgt:\t0\n`;

describe("a hang-up", () => {
  it("ends nothing where no stream is a terminal, whatever the parent does with it", () => {
    for (const parent of [undefined, status("0000000000000000"), status("0000000000000001")]) {
      assert.equal(isHangUpIgnored(false, parent), true);
    }
  });
});
