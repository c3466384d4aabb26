// What both programs do without a connection, and leave: show, search, export and forget what was kept, beside a program
// that runs and without one.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { heard, RestartablePair, type Role } from "../e2e/restartable-pair.ts";
import { openTerminals } from "../e2e/terminals.ts";
import { WITHOUT_TMUX } from "../e2e/tmux.ts";
import { Fixture } from "../e2e/fixture.ts";

const LINE = /^\d\d:\d\d {2}(?:you|ada|bob) {2}.*$/m;

describe("subcommands", () => {
  const fixture = new Fixture();
  let pair: RestartablePair;
  before(async () => {
    pair = await RestartablePair.begin(fixture, {
      server: { args: ["--history", "forever", "--name", "ada"] },
      client: { args: ["--history", "forever", "--name", "bob"] },
    });
    const { server, client } = pair;
    server.tell({ send: "\u001b[31mred\u001b[0m light" });
    await client.next("message");
    client.tell({ send: "the light is green" });
    await heard(server, 1);
    await client.next("delivered");
  });
  after(() => fixture.clear());

  /** Runs a subcommand of a role to its end; what it said on standard output and standard error. */
  async function run(role: Role, args: readonly string[], code = 0, json = false) {
    const program = fixture.command(`lair-${role}`, { home: pair.homes[role], args, json, input: "ignore" });
    await program.leaves(code);
    return program;
  }

  describe("beside the programs that run", { concurrency: 3 }, () => {
    it("show the lines on standard output, sanitised, on both sides", async () => {
      const { stdout, stderr } = await run("server", ["history"]);
      assert.match(stdout, /^\d\d:\d\d {2}you {2}red light\n\d\d:\d\d {2}bob {2}the light is green\n$/);
      assert.equal(stderr, "");
      const last = await run("client", ["history", "1"]);
      assert.match(last.stdout, /^\d\d:\d\d {2}you {2}the light is green\n$/);
    });

    it("search, with the words marked", async () => {
      const { stdout } = await run("client", ["search", "gre", "--peer", "ada"]);
      assert.match(stdout, /1 line with "gre"\n\d\d:\d\d {2}you {2}the light is \*green\*\n$/);
      const nothing = await run("client", ["search", "yellow"]);
      assert.match(nothing.stdout, /^\W*no line with "yellow"\n$/);
    });

    it("answer as events with --json", async () => {
      const { events } = await run("server", ["search", "light", "green"], 0, true);
      assert.deepEqual(
        events.map(({ event, total }) => [event, total]),
        [["found", 1]],
      );
      const [entry] = events[0]!["entries"] as { [member: string]: unknown }[];
      assert.deepEqual([entry!["from"], entry!["text"], entry!["delivered"]], ["peer", "the light is green", true]);
    });

    it("export into a new file of mode 0600, never over another", async () => {
      const file = fixture.path("exported.jsonl");
      const { stderr, stdout } = await run("client", ["export", file]);
      assert.match(stderr + stdout, /2 lines written to /);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const texts = readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { text: string }).text);
      assert.deepEqual(texts, ["\u001b[31mred\u001b[0m light", "the light is green"]);
      const before = readFileSync(file);
      const again = await run("client", ["export", file], 1);
      assert.match(again.stderr, /already exists[^]*\[file-exists\]\n$/);
      assert.deepEqual(readFileSync(file), before);
    });

    it("forget nobody: the program that runs would keep whom it knows", async () => {
      const { stderr } = await run("client", ["forget-peer", "ada", "--yes"], 1);
      assert.match(stderr, /using .*Type forget-peer at its prompt.*\[store-locked\]\n$/s);
      assert.match((await run("client", ["history", "--peer", "ada"])).stdout, LINE);
    });

    it("forget nothing: the program that runs has to be asked", async () => {
      const { stderr } = await run("client", ["forget", "--yes"], 1);
      assert.match(stderr, /using .*\[store-locked\]\n$/s);
      assert.match((await run("client", ["history"])).stdout, LINE);
    });

    it("are refused where it is not clear whose lines are meant", async () => {
      assert.match(
        (await run("client", ["history", "--peer", "eve"], 1)).stderr,
        /goes by "eve"[^]*ada .*[^]*\[peer-unknown\]/,
      );
      const stranger = fixture.command("lair-client", { args: ["history"], json: false, input: "ignore" });
      await stranger.leaves(1);
      assert.match(stranger.stderr, /Nobody is paired here[^]*\[peer-unknown\]/);
    });
  });

  describe("once no program runs any more, and several peers are known", { concurrency: 3 }, () => {
    before(async () => {
      const { server, client } = pair;
      client.tell({ command: "quit" });
      await client.leaves(0);
      server.tell({ command: "invite" });
      const invite = String((await server.count("invite", 2))[1]!["invite"]);
      const carol = fixture.client({ args: ["--name", "carol", "--invite-file", fixture.file(invite)] });
      await carol.next("connected");
      carol.tell({ send: "of carol" });
      await carol.next("delivered");
      await pair.quit("server");
    });

    it("want to know whose, by name or by the start of the fingerprint", async () => {
      const unclear = await run("server", ["history"], 1);
      assert.match(unclear.stderr, /Several peers [^]*bob [^]*carol [^]*--peer[^]*\[peer-unknown\]/);
      assert.match((await run("server", ["history", "--peer", "carol"])).stdout, /^\d\d:\d\d {2}carol {2}of carol\n$/);
      const print = (pair.server.all("connected")[1]!["peer"] as { fingerprint: string }).fingerprint;
      assert.match((await run("server", ["history", "--peer", print.slice(0, 9)])).stdout, /of carol/);
    });

    it("forget one peer's lines with --yes, and ask for it where nobody can be asked", async () => {
      const { events } = await run("client", ["forget"], 2, true);
      assert.deepEqual(
        events.map(({ event, code }) => [event, code]),
        [["error", "usage"]],
      );
      const forgotten = await run("client", ["forget", "--yes"], 0, true);
      assert.deepEqual([forgotten.events[0]?.event, forgotten.events[0]?.["count"]], ["forgotten", 2]);
      assert.match((await run("client", ["history"])).stdout, /nothing is kept with ada/);
    });

    it("ask in a terminal before they forget", { skip: WITHOUT_TMUX }, async (t) => {
      const { tmux } = openTerminals(t);
      const terminal = await tmux.terminal({ home: pair.homes.server });
      for (const [answer, code] of [
        ["y", 1],
        ["yes", 0],
      ] as const) {
        await terminal.enter("lair-server forget --peer bob");
        await terminal.shows(/^Remove all 2 lines kept with bob, here only\? \(yes or no\)$/m);
        await terminal.enter(answer);
        await terminal.enter('code=$?; clear; echo "code $code"');
        await terminal.shows(new RegExp(`^code ${code}\n\\$$`));
      }
    });
  });

  describe("where a person is to be forgotten", () => {
    it("forget the one who is named, with what was said, and nobody else", async () => {
      for (const who of ["eve", "ca", ""]) {
        const { stderr } = await run("server", ["forget-peer", who, "--yes"], who === "" ? 2 : 1);
        assert.match(stderr, who === "" ? /takes a name/ : /Nobody here goes by[^]*bob [^]*carol /);
      }
      const forgotten = await run("server", ["forget-peer", "carol", "--with-history", "--yes"]);
      assert.match(forgotten.stderr, /carol is forgotten, and a stranger from now on/);
      assert.match((await run("server", ["history", "--peer", "carol"], 1)).stderr, /Nobody here goes by "carol"/);
      // One peer is left, so it need not be said whose.
      await run("server", ["history"]);
    });
  });
});
