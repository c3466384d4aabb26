// What docs/api.md says of the calls and of the listener's refusals. That its examples work: test/long/api-examples.test.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type CallName, CALLS } from "../../../src/app/api/calls.ts";
import { PROBLEMS } from "../../../src/node/http/problem.ts";
import { MOST_BODY_BYTES } from "../../../src/node/page-api/app.ts";
import { type CallSchemas, SCHEMAS } from "../../../src/node/page-api/call-schemas.ts";

const DOCUMENT = readFileSync(new URL("../../../docs/api.md", import.meta.url), "utf8");

/** The rows of a table, without the blanks that set its columns. */
function rows(beginning: RegExp): readonly string[] {
  const lines = DOCUMENT.split("\n").map((line) => line.replaceAll(/ *\| */g, "|"));
  const first = lines.findIndex((line) => beginning.test(line));
  assert.ok(first >= 0, String(beginning));
  const behind = lines.slice(first + 2);
  return behind.slice(
    0,
    behind.findIndex((line) => !line.startsWith("|")),
  );
}

/** The rows of the table of calls, as they are to be. */
function documentedCalls(): readonly string[] {
  return (Object.keys(CALLS) as CallName[]).map((name) => {
    const { method, path, summary } = CALLS[name];
    const { input, output }: CallSchemas = SCHEMAS[name];
    const members = Object.keys(input.properties).filter((member) => !path.includes(`{${member}}`));
    const listed = members.map((member) => `\`${member}\`${input.required?.includes(member) === true ? "" : "?"}`);
    const given: string = output?.$id ?? Object.keys(output?.["properties"] ?? {}).join("`, `");
    const answer = output === undefined ? "" : given === "" ? "an object" : `\`${given}\``;
    return `|\`${method} ${path}\`|${listed.join(", ")}|${answer}|${summary}|`;
  });
}

describe("docs/api.md", () => {
  it("has the table of calls as the listener has it", () => {
    assert.deepEqual(rows(/^\|call\|/), documentedCalls());
  });

  it("has each refusal of the listener, with its status", () => {
    const written = rows(/^\|code\|status\|/).map((row) => row.split("|").slice(1, 3).join(" "));
    // Those that the hub's listener alone has.
    const own = Object.entries(PROBLEMS).filter(([code]) => code !== "not-ready" && code !== "store-failed");
    assert.deepEqual(new Set(written), new Set(own.map(([code, { status }]) => `\`${code}\` ${status}`)));
  });

  it("says how long a body may be", () => {
    assert.ok(DOCUMENT.includes(`at most ${MOST_BODY_BYTES / 1_024} KiB`));
  });
});
