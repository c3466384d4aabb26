// The launcher of a clone, which starts tsx: what it leaves alone.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Fixture } from "../e2e/fixture.ts";

describe("a clone's launcher", () => {
  it("neither makes nor looks for anything in the temporary directory, where another user may have been first", async (t) => {
    const fixture = new Fixture(t);
    const shared = fixture.home(0o1777);
    // Where tsx looks for the process that watches it.
    const trap = join(shared, `tsx-${process.geteuid?.()}`);
    mkdirSync(trap);
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    server.listen(join(trap, `${process.pid}.pipe`));
    await once(server, "listening");
    fixture.atEnd(() => void server.close());
    const launcher = fileURLToPath(new URL("../../bin/lair-server.js", import.meta.url));
    const env = { PATH: process.env["PATH"], HOME: fixture.home(), TMPDIR: shared, TMP: shared, TEMP: shared };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [launcher, "--version"], {
      env,
      cwd: shared,
    });
    assert.match(stdout, /^lair-server /);
    assert.equal(stderr, "");
    assert.equal(connections, 0);
    assert.deepEqual(readdirSync(shared), [`tsx-${process.geteuid?.()}`]);
    assert.deepEqual(readdirSync(trap), [`${process.pid}.pipe`]);
  });
});
