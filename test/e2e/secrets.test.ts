// What other users of the machine can see of the running programs, and what the disk keeps: no secret where it does not
// belong, and of the conversation nothing at all.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Program } from "./program.ts";
import { connected, inviteOf, Fixture, urlOf } from "./fixture.ts";
import { withPairings } from "./stored-pairings.ts";

const CANARY = "canary-c0ffee";

describe("the secrets of two running programs", () => {
  const fixture = new Fixture();
  const psk = randomBytes(32);
  const [serverHome, clientHome, otherHome] = [fixture.home(), fixture.home(), fixture.home()];
  const secrets: Buffer[] = [psk];
  const pairPsks: Buffer[] = [];
  let programs: readonly Program[];
  let invite: string;
  before(async () => {
    const pskFile = fixture.file(psk.toString("hex"));
    const server = fixture.server({ home: serverHome, args: ["--verbose", "--invite", "--psk-file", pskFile] });
    invite = await inviteOf(server);
    secrets.push(Buffer.from(invite.split("#")[1]!, "base64url").subarray(1, 33));
    // One pairing of each kind; the first one leaves, so that the second can stay.
    const other = fixture.client({
      home: otherHome,
      args: [await urlOf(server), "--psk-file", pskFile, "--trust-first", "--verbose"],
    });
    await other.leaves(4);
    const inviteFile = fixture.file(invite);
    const client = fixture.client({ home: clientHome, args: ["--verbose", "--invite-file", inviteFile], json: false });
    await connected(server, client);
    void client.write(`${CANARY} to the server\n`);
    server.tell({ send: `${CANARY} to the client` });
    // In any order.
    await Promise.all([server.count("message", 1), server.count("delivered", 1), client.lines(1)]);
    for (const [home, role] of [
      [serverHome, "server"],
      [clientHome, "client"],
      [otherHome, "client"],
    ] as const) {
      const identity = readFileSync(join(home, role, "identity.json"), "utf8");
      for (const [, text] of identity.matchAll(/"privateKey":"([\w-]{43})"/g)) {
        secrets.push(Buffer.from(text!, "base64url"));
      }
      const peers = await withPairings(home, role, (pairings) => pairings.peers(), "read");
      for (const { psk: pairPsk } of peers) if (pairPsk !== undefined) pairPsks.push(Buffer.from(pairPsk));
    }
    secrets.push(...pairPsks);
    programs = [server, client];
  });
  after(() => fixture.clear());

  /** Each secret as it may be written. */
  const spellings = (among: readonly Buffer[] = secrets): string[] =>
    among.flatMap((secret) => [
      secret.toString("base64url"),
      secret.toString("base64").replace(/=+$/, ""),
      secret.toString("hex"),
      secret.toString("latin1"),
    ]);

  it("are more than a few: keys, psk, invite and the pair's own", () => {
    assert.ok(secrets.length >= 6, `${secrets.length} secrets`);
    assert.ok(secrets.every(({ length }) => length === 32));
  });

  it("stand in no command line and in no environment", (t) => {
    if (process.platform !== "linux") return t.diagnostic("no /proc on this system");
    for (const { pid } of programs) {
      for (const name of ["cmdline", "environ"]) {
        const seen = readFileSync(`/proc/${pid}/${name}`).toString("latin1");
        assert.ok(seen.length > 20);
        for (const spelling of spellings()) assert.ok(!seen.includes(spelling), `${name} of ${pid}`);
      }
    }
  });

  it("are on no output, but for the invite where it is shown", () => {
    for (const program of programs) {
      const said = (program.stdout + program.stderr).replaceAll(invite, "");
      for (const spelling of spellings()) assert.ok(!said.includes(spelling), program.name);
    }
  });

  it("lie in files of mode 0600 in directories of mode 0700", () => {
    for (const home of [serverHome, clientHome, otherHome]) {
      const entries = readdirSync(home, { recursive: true, encoding: "utf8" });
      assert.ok(entries.length >= 3);
      for (const entry of entries) {
        const stats = statSync(join(home, entry));
        assert.equal(stats.mode & 0o777, stats.isDirectory() ? 0o700 : 0o600, entry);
      }
    }
  });

  it("of the pairs stand in no file as they are: the store has them, encrypted", () => {
    assert.equal(pairPsks.length, 2);
    for (const home of [serverHome, clientHome]) {
      for (const entry of readdirSync(home, { recursive: true, encoding: "utf8" })) {
        const path = join(home, entry);
        if (!statSync(path).isFile()) continue;
        const content = readFileSync(path).toString("latin1");
        for (const spelling of spellings(pairPsks)) assert.ok(!content.includes(spelling), entry);
      }
    }
  });

  it("leave the conversation alone: no file and no standard error holds a word of it", () => {
    for (const home of [serverHome, clientHome]) {
      for (const entry of readdirSync(home, { recursive: true, encoding: "utf8" })) {
        const path = join(home, entry);
        if (statSync(path).isFile()) assert.ok(!readFileSync(path).includes(CANARY), entry);
      }
    }
    for (const { stderr, name } of programs) assert.ok(!stderr.includes(CANARY), name);
  });
});
