// The examples of docs/api.md, as they stand there, against a real program.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { Fixture, pair } from "../e2e/fixture.ts";

const DOCUMENT = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
const EXAMPLES = [...DOCUMENT.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text!.trim());

/** Each call is followed by a line with its status. The events end with the reader's patience. */
const PREFIX = `
set -u
curl() { command curl -w '\\n%{http_code}\\n' "$@" || [ $? = 28 ]; }
`;

interface Called {
  readonly status: number;
  readonly text: string;
}

async function run(example: string, env: Readonly<Record<string, string>>): Promise<readonly Called[]> {
  // Those that define names are needed by all others.
  const names = EXAMPLES.filter((one) => !one.includes("curl")).join("\n");
  const script = `${PREFIX}\n${names}\n${example.replaceAll(/--max-time \d+/g, "--max-time 1")}`;
  const { stdout } = await promisify(execFile)("bash", ["-c", script], { env: { PATH: process.env["PATH"], ...env } });
  return [...stdout.matchAll(/(.*?)\n(\d{3})\n/gs)].map(([, text, status]) => ({
    text: text!,
    status: Number(status),
  }));
}

/** What the examples refuse on purpose: an invite that is none, and a conversation that is not there. */
const REFUSED = new Map([
  ["/join", 422],
  ["/conversations/nobody/messages", 404],
]);

describe("docs/api.md", () => {
  it("has examples of everything that a program begins with", () => {
    for (const path of ["status", "conversations", "send", "invites", "join", "commands", "openapi.json", "events"]) {
      assert.ok(
        EXAMPLES.some((example) => example.includes(`$LAIR/api/v1/${path}`)),
        path,
      );
    }
  });

  it("has examples that work, with a token that is kept", async (t) => {
    const fixture = new Fixture(t);
    const tokenFile = fixture.path("token");
    const { server, client } = await pair(fixture, {
      server: { args: ["--http", "--http-token-file", tokenFile, "--name", "bob"] },
      client: { args: ["--name", "ada"] },
    });
    const url = String(server.all("http")[0]!["url"]);
    const [address = "", token = ""] = url.split("/#");
    assert.equal(readFileSync(tokenFile, "utf8"), `${token}\n`);
    assert.equal(statSync(tokenFile).mode & 0o777, 0o600);
    let calls = 0;
    for (const example of EXAMPLES) {
      for (const { status, text } of await run(example, { LAIR: address, TOKEN: token })) {
        const [, refused] = [...REFUSED].find(([path]) => example.split("\n").at(-1)!.includes(path)) ?? [];
        const isRefused = refused !== undefined && status === refused;
        assert.ok(isRefused || status === 200 || status === 204, `${example}\n${status} ${text}`);
        if (!text.startsWith(": lair")) assert.ok(text === "" || JSON.parse(text), example);
        calls += 1;
      }
    }
    assert.equal(calls, DOCUMENT.match(/^curl /gm)!.length);
    const texts = async (count: number): Promise<unknown[]> =>
      (await client.count("message", count)).map((message) => message["text"]);
    assert.deepEqual(await texts(3), ["the backup is done", "the disk is full", "backup 17 is done"]);
  });
});
