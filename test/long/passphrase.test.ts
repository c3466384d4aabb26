// An identity under a passphrase with the real programs, at the real cost: from files, and typed in a real terminal.
// What each mistake leads to is in test/cli/unlock.test.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Program } from "../e2e/program.ts";
import { inviteOf, Fixture } from "../e2e/fixture.ts";
import { isBackInShell, openTerminals } from "../e2e/terminals.ts";
import { type Terminal, WITHOUT_TMUX } from "../e2e/tmux.ts";

const PASSPHRASE = "correct horse b\u00e4ttery";

const identityIn = (home: string, role = "server"): string => readFileSync(join(home, role, "identity.json"), "utf8");

/** Starts a server, and tells its fingerprint once it listens. */
async function fingerprintOf(fixture: Fixture, home: string, ...args: readonly string[]): Promise<unknown> {
  const server = fixture.server({ home, args });
  const { fingerprint } = await server.next("listening");
  server.tell({ command: "quit" });
  await server.leaves(0);
  return fingerprint;
}

/** Runs a program that leaves by itself. */
async function leaves(program: Program, code: number): Promise<Program> {
  program.end();
  await program.leaves(code);
  return program;
}

describe("a passphrase from a file", { concurrency: 2 }, () => {
  it("protects the identity from its making on, and opens it at each start", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const file = fixture.file(`${PASSPHRASE}\n`);
    const own = await fingerprintOf(fixture, home, "--passphrase", "--passphrase-file", file);
    const before = identityIn(home);
    assert.match(before, /^\{"version":2,.*"N":131072,"r":8,"p":1,/);
    assert.doesNotMatch(before, /privateKey/);
    assert.equal(await fingerprintOf(fixture, home, "--passphrase-file", file), own);
    const wrong = await leaves(fixture.server({ home, args: ["--passphrase-file", fixture.file("wrong")] }), 4);
    assert.equal(wrong.all("error")[0]?.["code"], "passphrase-wrong");
    const none = await leaves(fixture.server({ home }), 2);
    assert.equal(none.all("error")[0]?.["code"], "passphrase-needed");
    assert.match(none.stderr, /--passphrase-file FILE \(mode 600\)/);
    assert.equal(identityIn(home), before);
  });

  it("is added, changed and removed, and the identity stays the same", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const [one, two] = [fixture.file("one"), fixture.file("two")];
    const own = await fingerprintOf(fixture, home);
    const passphrase = async (name: Program["name"], code: number, ...args: string[]): Promise<Program> => {
      return await leaves(fixture.command(name, { home, json: false, args: ["passphrase", ...args] }), code);
    };
    // The server's part of the home is not the client's.
    const none = await passphrase("lair-client", 2, "add", "--new-passphrase-file", one);
    assert.match(none.stderr, /lair-client --passphrase \[usage\]\n$/);
    const added = await passphrase("lair-server", 0, "add", "--new-passphrase-file", one);
    assert.match(added.stdout, /^A passphrase protects the identity from now on\..*\n$/);
    assert.equal(added.stderr, "");
    assert.match(identityIn(home), /"version":2/);
    await passphrase("lair-server", 0, "change", "--passphrase-file", one, "--new-passphrase-file", two);
    const removed = fixture.command("lair-server", { home, args: ["passphrase", "remove", "--passphrase-file", two] });
    await leaves(removed, 0);
    assert.match(String(removed.all("notice")[0]?.["message"]), /No passphrase protects/);
    assert.equal(await fingerprintOf(fixture, home), own);
  });
});

const SERVER = "lair-server --listen 127.0.0.1:0 --name ada";

/** That nothing of any passphrase was ever on this screen. */
async function hidesAll(terminal: Terminal): Promise<void> {
  assert.doesNotMatch(await terminal.history(), /horse|mistake|\u00e4/);
}

describe("a passphrase that is typed", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("is asked for twice at the first start, once later, and never shown", async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const home = fixture.home();
    const ada = await tmux.terminal({ home });
    await ada.enter(`${SERVER} --passphrase`);
    await ada.shows(/^new passphrase:$/m);
    await ada.enter(PASSPHRASE);
    await ada.shows(/^once more:$/m);
    await ada.paste(PASSPHRASE);
    await ada.press("Enter");
    await ada.shows(/^Waiting\.[^]*\nnobody \u203a$/m);
    assert.match(identityIn(home), /"version":2/);
    await ada.enter("quit");
    await isBackInShell(ada, 0);
    await ada.enter(`clear; ${SERVER}`);
    await ada.shows(/^passphrase:$/m);
    await ada.enter("mistake");
    await ada.shows(/^That is not the passphrase\.\npassphrase:$/m);
    // Backspace takes a whole character, Ctrl-U all of them; a cursor key is none.
    await ada.type("mistake");
    await ada.press("C-u");
    await ada.type("correct horse b\u00e4x\u00e4");
    await ada.press("BSpace", "BSpace", "Left");
    await ada.enter("ttery");
    await ada.shows(/^Opening the identity[^]*^Waiting\.[^]*\nnobody \u203a$/m);
    // The prompt is the same as ever.
    await ada.enter("status");
    await ada.shows(/^ {2}with +nobody/m);
    await hidesAll(ada);
    await ada.enter("quit");
    await isBackInShell(ada, 0);
  });

  it("is tried three times, then the program leaves with 4", async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const home = fixture.home();
    const args = ["--passphrase-file", fixture.file(PASSPHRASE)];
    await inviteOf(fixture.server({ home, args }));
    const before = identityIn(home);
    const ada = await tmux.terminal({ home });
    await ada.enter(SERVER);
    for (const tries of [0, 1, 2]) {
      await ada.shows(
        new RegExp(`^The identity is under a passphrase\\.\\n(?:passphrase:\\n.*\\n.*\\n){${tries}}passphrase:$`, "m"),
      );
      await ada.enter(`mistake ${tries}`);
    }
    await ada.shows(/^That is not the passphrase\. Nothing was changed\.\n[^]*\[passphrase-wrong\]\n\$$/m);
    assert.equal(identityIn(home), before);
    await hidesAll(ada);
    await isBackInShell(ada, 4);
    // No stop in between leaves the terminal without echo.
    for (const [end, code] of [
      [async () => await ada.press("C-c"), 130],
      [async () => await ada.press("C-d"), 2],
      [async () => void process.kill(ada.pid, "SIGTERM"), 143],
    ] as const) {
      await ada.enter(`clear; ${SERVER}`);
      await ada.shows(/^passphrase:$/m);
      if (code !== 2) await ada.type("half a mistake");
      await ada.rests();
      await end();
      await isBackInShell(ada, code);
    }
  });

  it("is added in the terminal", async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const home = fixture.home();
    await fingerprintOf(fixture, home);
    const ada = await tmux.terminal({ home });
    await ada.enter("lair-server passphrase add");
    await ada.shows(/^new passphrase:$/m);
    await ada.enter(PASSPHRASE);
    await ada.shows(/^once more:$/m);
    await ada.enter(PASSPHRASE);
    await ada.shows(/^A passphrase protects the identity from now on\./m);
    await hidesAll(ada);
    assert.match(identityIn(home), /"version":2/);
    await isBackInShell(ada, 0);
  });

  it("is asked for before the invite, and the line is talked over as ever", async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const server = fixture.server();
    const bob = await tmux.terminal();
    await bob.enter("lair-client --name bob --passphrase");
    await bob.shows(/^new passphrase:$/m);
    await bob.enter(PASSPHRASE);
    await bob.shows(/^once more:$/m);
    await bob.enter(PASSPHRASE);
    await bob.shows(/^invite:$/m);
    await bob.enter(await inviteOf(server));
    await server.next("connected");
    await bob.enter("hello");
    assert.equal((await server.next("message"))["text"], "hello");
    await hidesAll(bob);
    await bob.enter("quit");
    await isBackInShell(bob, 0);
  });
});
