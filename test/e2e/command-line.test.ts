// The real programs and what they are asked on the command line: one message, what to do, and never a stack trace.
// The whole grammar is in test/cli/arguments.test.ts. `npm run test:long` starts them with all of these lines.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { divertWarnings } from "../../src/cli/node-warnings.ts";
import type { Program } from "./program.ts";
import { Fixture } from "./fixture.ts";
import { effort } from "../effort.ts";

const SECRET = "AQ".repeat(44).slice(0, 87);

/** Runs a program to its end, in a directory of its own and without JSON. */
async function tries(fixture: Fixture, name: Program["name"], args: readonly string[], code: number): Promise<Program> {
  const program = fixture[name === "lair-server" ? "server" : "client"]({ args, json: false });
  program.end();
  await program.leaves(code);
  if (code !== 0) assert.match(program.stderr, /\[[a-z-]+\]\n$/);
  return program;
}

describe("a warning of Node itself", () => {
  it("reaches nobody but who asks for it with --verbose, and the file that the environment names", () => {
    const told: string[] = [];
    const emitted = (env: NodeJS.ProcessEnv, tell?: (text: string) => void): string[] => {
      const emitter = Object.assign(new EventEmitter(), { env });
      emitter.on("warning", () => told.push("as Node does"));
      divertWarnings(tell, emitter as unknown as Parameters<typeof divertWarnings>[1]);
      emitter.emit("warning", Object.assign(new Error("11 drain listeners"), { name: "MaxListenersExceededWarning" }));
      return told.splice(0);
    };
    assert.deepEqual(emitted({}), []);
    assert.deepEqual(
      emitted({}, (text) => told.push(text)),
      ["MaxListenersExceededWarning: 11 drain listeners"],
    );
    assert.deepEqual(emitted({ NODE_REDIRECT_WARNINGS: "/a" }), ["as Node does"]);
  });
});

describe("the command line", { concurrency: 3 }, () => {
  it("--help and --version go to standard output, and leave with 0", async (t) => {
    const fixture = new Fixture(t);
    for (const name of effort(["lair-client"] as const, ["lair-server", "lair-client"] as const)) {
      const help = await tries(fixture, name, ["--help"], 0);
      assert.match(help.stdout, /--psk-file FILE[^]*Windows/);
      assert.match((await tries(fixture, name, ["--version"], 0)).stdout, /^lair-(server|client) \d+\.\d+\.\d+\n$/);
    }
  });

  const refused: readonly (readonly [Program["name"], readonly string[], RegExp])[] = [
    ["lair-server", ["--nonsense"], /--nonsense/],
    ["lair-server", ["--rekey", "0.5-2"], /--rekey/],
    ["lair-client", ["http://127.0.0.1:1"], /ws:\/\/HOST:PORT/],
    ["lair-client", ["--name", "a\u001bb"], /--name/],
  ];
  for (const [name, args, words] of effort(refused.slice(0, 1), refused)) {
    it(`${name} ${JSON.stringify(args.join(" "))} is refused with 2`, async (t) => {
      const program = await tries(new Fixture(t), name, args, 2);
      assert.match(program.stderr, words);
      assert.ok(program.stderr.split("\n").length <= 4, program.stderr);
      assert.equal(program.stdout, "");
    });
  }

  const secrets: readonly (readonly [Program["name"], readonly string[]])[] = [
    ["lair-client", [`lair://127.0.0.1:8080/#${SECRET}`]],
    ["lair-server", ["--psk-file", SECRET.slice(0, 43)]],
  ];
  for (const [name, args] of effort(secrets.slice(0, 1), secrets)) {
    it(`${name} refuses the secret in ${args.join(" ").slice(0, 24)}... with 2, and does not repeat it`, async (t) => {
      const program = await tries(new Fixture(t), name, args, 2);
      assert.match(program.stderr, /secret was given as an argument/);
      assert.doesNotMatch(program.stderr, /AQAQ|0123456789/);
    });
  }

  it("says what to do about a file that has no invite", async (t) => {
    const fixture = new Fixture(t);
    const file = join(fixture.home(), "invite.txt");
    writeFileSync(file, "see you at noon\n", { mode: 0o600 });
    const program = await tries(fixture, "lair-client", ["--invite-file", file], 1);
    assert.match(program.stderr, /^This is not an invite[^\n]*\nAsk the other side for one/);
  });

  it("reports as an event too with --json", async (t) => {
    const program = new Fixture(t).client({ args: ["--nonsense"] });
    await program.leaves(2);
    assert.equal(program.all("error")[0]!["code"], "usage");
  });
});
