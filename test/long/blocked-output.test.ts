// A program whose standard output nobody reads: it must not pile up what a peer sends, nor say that it has arrived, and it
// must still end when it is told to.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import { BIN } from "../e2e/build.ts";
import { Fixture } from "../e2e/fixture.ts";

const LINES = 20_000;
const LINE = "x".repeat(1_000);

describe("output that nobody reads", { timeout: 60_000 }, () => {
  it("holds the sender up, and two signals end the program", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const args = [join(BIN, "lair-server.js"), "--json", "--home", home, "--listen", "127.0.0.1:0", "--rekey", "1-1"];
    const server = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
    t.after(() => server.kill("SIGKILL"));
    const exited = once(server, "exit");
    let said = "";
    await new Promise<void>((resolve) => {
      server.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('"event":"invite"')) resolve();
      });
    });
    server.stdout.removeAllListeners("data").pause();

    const client = fixture.client({ home, args: ["--once", "--no-store"], json: false });
    client.end(`${LINE}\n`.repeat(LINES));
    // 20 MB fit into no pipe. What nobody takes is not read, the answer to the next renewal of the keys neither, and so
    // the server ends the session: what it has not read is not delivered.
    await client.leaves(1);
    const undelivered = Number(/^(\d+) messages were not delivered/m.exec(client.stderr)?.[1]);
    // Of what the client had not read yet it counts what the pipe gives without a pause: all of it, where nothing is busy.
    assert.ok(undelivered > LINES / 20, client.stderr);

    server.kill("SIGTERM");
    server.kill("SIGTERM");
    assert.deepEqual(await exited, [143, null]);
  });
});
