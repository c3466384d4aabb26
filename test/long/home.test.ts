// The home directory under the real programs: where it is, who may read it, and what becomes of damaged files.

import assert from "node:assert/strict";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { isReadableByAll, isRoot, NOBODY } from "../e2e/another-user.ts";
import { BIN } from "../e2e/build.ts";
import { connected, inviteOf, pair, Fixture } from "../e2e/fixture.ts";
import { openHome } from "../node/home/open-home.ts";
import { peerOf } from "../node/home/places.ts";

describe("a home that is open to others", { concurrency: 2 }, () => {
  it("is refused with 1 and the chmod to run, and nothing is put there", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home(0o755);
    for (const name of ["server", "client"] as const) {
      const program = fixture[name]({ home, json: false });
      await program.leaves(1);
      assert.ok(program.stderr.includes(`chmod 700 ${home}`), program.stderr);
      assert.match(program.stderr, /\[home-mode\]\n$/);
      assert.equal(existsSync(join(home, name)), false);
    }
  });

  it("is refused for a single file of it too", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    for (const program of [client, server]) program.kill();
    await Promise.all([server.exited, client.exited]);
    const path = join(home, "server/identity.json");
    chmodSync(path, 0o640);
    const again = fixture.server({ home, json: false });
    await again.leaves(1);
    assert.ok(again.stderr.includes(`chmod 600 ${path}`), again.stderr);
  });
});

describe("a damaged file", () => {
  it("is named with 1 and left as it is, whichever it is", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    for (const program of [client, server]) program.kill();
    await Promise.all([server.exited, client.exited]);
    for (const name of ["server", "client"] as const) {
      for (const file of ["identity.json", "peers.json"]) {
        // As of a program that kept the pairings in files.
        if (file === "peers.json") openHome(home, name).pairings.savePeer(peerOf(1));
        const path = join(home, name, file);
        const whole = readFileSync(path);
        const cut = whole.subarray(0, whole.length >> 1);
        writeFileSync(path, cut);
        const program = fixture[name]({ home, json: false });
        await program.leaves(1);
        assert.ok(program.stderr.includes(`${path} was cut short`), program.stderr);
        assert.match(program.stderr, /mv .*\[home-damaged\]\n$/s);
        assert.deepEqual(readFileSync(path), cut);
        writeFileSync(path, whole, { mode: 0o600 });
      }
    }
  });
});

describe("a home that cannot be written", () => {
  it("is an error with 1 that names it", async (t) => {
    const fixture = new Fixture(t);
    const inAFile = join(fixture.file("no directory"), "home");
    const program = fixture.server({ home: inAFile, json: false });
    await program.leaves(1);
    assert.ok(program.stderr.includes(inAFile), program.stderr);
    assert.match(program.stderr, /\[home-unwritable\]\n$/);
  });

  it("is one too when it is only read-only", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    // Modes do not stop root, so root starts the program as somebody else, who must be able to read it.
    const user = NOBODY;
    if (isRoot) {
      if (!isReadableByAll(BIN)) return t.diagnostic("the clone is closed to other users, so root cannot try this");
      chownSync(home, user, user);
      chmodSync(dirname(home), 0o711);
    }
    chmodSync(home, 0o500);
    const program = fixture.client({ home, json: false, ...(isRoot ? { user } : {}) });
    await program.leaves(1);
    assert.ok(program.stderr.includes(home), program.stderr);
    assert.match(program.stderr, /\[home-unwritable\]\n$/);
  });
});

describe("the place of the home", { concurrency: 2 }, () => {
  it("is --home, else LAIR_HOME, else lair in XDG_CONFIG_HOME, with or without a HOME", async (t) => {
    const fixture = new Fixture(t);
    const [given, own, config] = [fixture.path("given"), fixture.path("own"), fixture.home(0o755)];
    for (const [expected, args, env] of [
      [given, ["--home", given], { LAIR_HOME: own }],
      [own, [], { LAIR_HOME: own, XDG_CONFIG_HOME: config }],
      [join(config, "lair"), [], { LAIR_HOME: "", XDG_CONFIG_HOME: config, HOME: undefined }],
    ] as const) {
      const server = fixture.server({ args, env });
      await server.next("invite");
      assert.equal(statSync(expected).mode & 0o777, 0o700);
      assert.ok(existsSync(join(expected, "server/identity.json")));
      server.kill();
    }
    assert.equal(statSync(config).mode & 0o777, 0o755);
  });

  it("is .config/lair in the user's own directory when nothing says otherwise", async (t) => {
    const fixture = new Fixture(t);
    const user = fixture.home(0o755);
    mkdirSync(join(user, ".config"), { mode: 0o755 });
    const server = fixture.server({ env: { LAIR_HOME: undefined, XDG_CONFIG_HOME: "relative", HOME: user } });
    await server.next("invite");
    assert.ok(existsSync(join(user, ".config/lair/server/identity.json")));
  });
});

describe("a home that both programs share", () => {
  it("holds a pair for each side, and the client of it can also be somebody else's", async (t) => {
    const fixture = new Fixture(t);
    const { home, server, client } = await pair(fixture);
    const other = fixture.server();
    const file = fixture.file(await inviteOf(other));
    client.tell({ command: "quit" });
    await client.leaves(0);
    await server.next("disconnected");
    const abroad = fixture.client({ home, args: ["--invite-file", file] });
    await connected(other, abroad);
    abroad.tell({ command: "quit" });
    await abroad.leaves(0);

    // A third one of this account has left an invite: asked for by its address, it is found though others are known.
    server.tell({ command: "quit" });
    await server.leaves(0);
    const third = fixture.server({ home: fixture.home() });
    const left = await inviteOf(third);
    writeFileSync(join(home, "invite"), left, { mode: 0o600 });
    const newcomer = fixture.client({ home, args: [String(third.all("listening")[0]!["url"])] });
    await connected(third, newcomer);
    newcomer.tell({ command: "quit" });
    await newcomer.leaves(0);

    // Several servers are known now: without a terminal the address says which.
    const undecided = fixture.client({ home, json: false });
    await undecided.leaves(2);
    assert.match(undecided.stderr, /Several servers[^]*Say which one: --to NAME/);
    for (const known of [third, other]) {
      const url = String(known.all("listening")[0]!["url"]);
      const again = fixture.client({ home, args: [url] });
      await connected(known, again);
      again.tell({ command: "quit" });
      await again.leaves(0);
    }
  });
});
