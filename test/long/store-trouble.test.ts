// A store that cannot be used: held by another program, damaged, open to others, or in a directory that takes no writing.
// Each time the person is told, nothing is changed, and --no-store talks all the same. And what no file ever holds.

import assert from "node:assert/strict";
import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { isReadableByAll, isRoot, NOBODY } from "../e2e/another-user.ts";
import { BIN } from "../e2e/build.ts";
import type { Program } from "../e2e/program.ts";
import { heard, RestartablePair, type Role, settled, textsOf } from "../e2e/restartable-pair.ts";
import { Fixture } from "../e2e/fixture.ts";

function storeOf(pair: RestartablePair, role: Role): string {
  const found = pair.storeFiles(role).find((path) => path.endsWith(".db"));
  assert.ok(found !== undefined, "there is no store");
  return found;
}

/** All that lies in a home, by path. */
function filesOf(home: string): ReadonlyMap<string, Buffer> {
  const paths = readdirSync(home, { recursive: true, encoding: "utf8" }).map((entry) => join(home, entry));
  return new Map(paths.filter((path) => statSync(path).isFile()).map((path) => [path, readFileSync(path)]));
}

/** It has left with 1 and this error, in JSON or in words. */
async function isRefused(program: Program, code: string, message: RegExp): Promise<void> {
  await program.leaves(1);
  assert.match(program.stderr, message);
  assert.match(program.stderr, new RegExp(`\\[${code}\\]\\n$`));
  if (program.isJson) {
    assert.deepEqual(
      program.events.map(({ event, code: found }) => [event, found]),
      [["error", code]],
    );
  }
}

describe("a second program of a role on the same home", () => {
  it("is told so and leaves with 1, while the first goes on; with --no-store it works beside it", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    const { server, client, homes, fixture } = pair;
    await Promise.all([
      isRefused(fixture.server({ home: homes.server }), "store-locked", /Another Lair program of this role/),
      isRefused(fixture.client({ home: homes.client, json: false }), "store-locked", /or with --no-store/),
    ]);
    client.tell({ send: "still here" });
    assert.deepEqual(await heard(server, 1), ["still here"]);

    const beside = fixture.client({ home: homes.client, args: ["--no-store"] });
    await beside.next("connected");
    await client.leaves(1);
    beside.tell({ send: "from memory" });
    await beside.next("delivered");
    assert.deepEqual(await heard(server, 2), ["still here", "from memory"]);
    beside.tell({ command: "status" });
    assert.equal((await beside.next("status"))["store"], "memory");
    beside.tell({ command: "history" });
    assert.equal((await beside.next("error"))["code"], "usage");
    // What waits is gone with it, and that is said.
    await pair.kill("server");
    await beside.next("disconnected");
    beside.tell({ send: "lost" });
    await beside.next("queued");
    beside.tell({ command: "quit" });
    await beside.leaves(1);
    assert.match(String(beside.all("error").at(-1)?.["message"]), /^1 message was not delivered\.$/);

    // The store has not heard of what was said without it, and the pair goes on.
    await pair.meet();
    pair.client.tell({ send: "with the store again" });
    assert.deepEqual(await heard(pair.server, 1), ["with the store again"]);
  });
});

describe("a damaged store", () => {
  it("is told and is left as it is; with --no-store nobody is known, but an invite works", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t), { client: { args: ["--history", "forever"] } });
    pair.client.tell({ send: "kept" });
    await pair.client.next("delivered");
    await pair.quit("client");
    const path = storeOf(pair, "client");
    const whole = readFileSync(path);
    const garbled = Uint8Array.from(whole, (byte, index) => (index >= 1_000 && index < 5_000 ? byte ^ 0x5a : byte));
    for (const [what, damaged] of [
      ["cut short", whole.subarray(0, whole.length - 5_000)],
      ["garbled", garbled],
    ] as const) {
      writeFileSync(path, damaged);
      const client = pair.startClient();
      await isRefused(client, "store-damaged", /It was left as it is\.[^]*backup[^]*--no-store/);
      assert.deepEqual(readFileSync(path), Buffer.from(damaged), what);
    }
    const subcommand = pair.fixture.command("lair-client", { home: pair.homes.client, args: ["history"], json: false });
    await isRefused(subcommand, "store-damaged", /It was left as it is/);
    const alone = pair.startClient({ args: ["--no-store"], json: false });
    alone.end();
    await alone.leaves(2);
    assert.match(alone.stderr, /No server is known[^]*store, which cannot be read[^]*garbled[^]*--invite-file/);
    const inviteFile = async (): Promise<string> => {
      const before = pair.server.all("invite").length;
      pair.server.tell({ command: "invite" });
      const invites = await pair.server.count("invite", before + 1);
      return pair.fixture.file(String(invites.at(-1)!["invite"]));
    };
    const without = pair.startClient({ args: ["--no-store", "--invite-file", await inviteFile()] });
    await without.next("connected");
    assert.match(String(without.all("notice")[0]?.["message"]), /so no peer is known in this run/);
    without.tell({ send: "all the same" });
    assert.deepEqual(await heard(pair.server, 2), ["kept", "all the same"]);
    assert.deepEqual(readFileSync(path), Buffer.from(garbled));
    await pair.quit("client");

    // Its pairing is not the newest any more.
    writeFileSync(path, whole);
    const client = pair.startClient({ args: ["--invite-file", await inviteFile()] });
    const reminder = await client.next("history");
    assert.equal((reminder["entries"] as { text: string }[])[0]?.text, "kept");
    await client.next("connected");
    client.tell({ send: "from the backup" });
    await pair.server.count("message", 3);
    assert.deepEqual(textsOf(client), []);
  });
});

describe("a store that others could get at, or that cannot be written", () => {
  it("is refused with the chmod to run, and never opened", async (t) => {
    const pair = await RestartablePair.begin(new Fixture(t));
    await pair.quit("client");
    const path = storeOf(pair, "client");
    chmodSync(path, 0o640);
    const before = filesOf(pair.homes.client);
    await isRefused(
      pair.startClient({ json: false }),
      "home-mode",
      new RegExp(`mode 640\\)[^]*Run: chmod 600 '?${path}`),
    );
    assert.deepEqual(filesOf(pair.homes.client), before);
    chmodSync(path, 0o600);
    await pair.startClient().next("connected");
  });

  it("is told at the start when its directory takes no writing, and --no-store talks", async (t) => {
    // Modes do not stop root, so root starts the program as somebody else, who must be able to read it.
    if (isRoot && !isReadableByAll(BIN)) return t.diagnostic("the clone is closed to others, so root cannot try this");
    const pair = await RestartablePair.begin(new Fixture(t));
    await pair.quit("client");
    const home = pair.homes.client;
    const user = isRoot ? { user: NOBODY } : {};
    if (isRoot) {
      const entries = readdirSync(home, { recursive: true, encoding: "utf8" }).map((entry) => join(home, entry));
      for (const path of [home, ...entries]) chownSync(path, NOBODY, NOBODY);
      chmodSync(dirname(home), 0o711);
    }
    const directory = join(home, "client");
    pair.fixture.atEnd(() => chmodSync(directory, 0o700));
    const isTold = async (): Promise<void> => {
      chmodSync(directory, 0o500);
      const before = filesOf(home);
      await isRefused(pair.startClient(user), "store-unwritable", /--home[^]*--no-store/);
      assert.deepEqual(filesOf(home), before);
      chmodSync(directory, 0o700);
    };
    // SQLite would open it for reading, and say nothing.
    for (const path of pair.storeFiles("client")) chmodSync(path, 0o400);
    await isTold();
    // With a log that can be written it would have no need of the directory.
    for (const path of pair.storeFiles("client")) {
      chmodSync(path, 0o600);
      if (/-(?:wal|shm)$/.test(path)) rmSync(path);
    }
    await isTold();
    chmodSync(directory, 0o500);
    const without = pair.startClient({ ...user, args: ["--no-store"] });
    await without.next("connected");
    without.tell({ send: "all the same" });
    assert.deepEqual(await heard(pair.server, 1), ["all the same"]);
  });
});

describe("what was typed, sent, searched for and queued", () => {
  it("stands in no file of either home", async (t) => {
    const keep = { args: ["--history", "forever"] };
    const pair = await RestartablePair.begin(new Fixture(t), { server: keep, client: keep });
    const { server, client } = pair;
    server.tell({ send: "canary-of-the-server and more words" });
    await client.next("message");
    client.tell({ send: "canary-of-the-client and more words" });
    await server.next("message");
    for (const program of [server, client]) program.tell({ command: "search", words: "canary more words" });
    for (const program of [server, client]) assert.equal((await program.next("found"))["total"], 2);
    await settled(client);
    const look = (): void => {
      for (const home of [pair.homes.server, pair.homes.client]) {
        const files = filesOf(home);
        assert.ok(
          [...files.keys()].some((path) => path.endsWith(".db-wal")),
          "no log of the store was looked at",
        );
        for (const [path, bytes] of files) {
          for (const word of ["canary", "more words", "SQLite format"])
            assert.ok(!bytes.includes(word), `${word} in ${path}`);
        }
      }
    };
    look();
    await pair.kill("client");
    server.tell({ send: "canary that is queued, more words" });
    await server.next("queued");
    await pair.kill("server");
    look();
  });
});
