// docs/HUB.md has every call, refusal and piece of news as the code has them: another member can be written from it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { CALLS, NEWS, REFUSALS } from "../../../src/core/hub/calls.ts";
import { KNOCK } from "../../../src/core/hub/knock.ts";

const DOCUMENT = readFileSync(new URL("../../../docs/HUB.md", import.meta.url), "utf8");
/** Prettier sets a table's columns. */
const rows = DOCUMENT.split("\n").map((line) => line.replaceAll(/ *\| */g, "|"));

/** The rows of a table that begin with a number, between two headings. */
function between(from: string, to: string): string[] {
  return rows.slice(rows.indexOf(from), rows.indexOf(to)).filter((row) => /^\|\d/.test(row));
}

it("docs/HUB.md has all calls", () => {
  const made = Object.entries(CALLS).map(
    ([name, row]) => `|${row.code}|\`${name}\`|${row.ask.form}|${row.answer.form}|`,
  );
  assert.deepEqual(between("## 3. Calls", "## 4. Refusals"), made);
});

it("docs/HUB.md has all refusals, in their order", () => {
  const list = REFUSALS.map((refusal) => `\`${refusal}\``).join(", ");
  assert.ok(DOCUMENT.includes(`${list}.`));
});

it("docs/HUB.md has all news", () => {
  const made = Object.entries(NEWS).map(([name, row]) => `|${row.code}|\`${name}\`|${row.body.form}|`);
  assert.deepEqual(between("## 5. News", "## 6. Limits"), made);
});

it("docs/HUB.md has what a knock carries", () => {
  assert.ok(DOCUMENT.includes(`\`${KNOCK.form}\``), KNOCK.form);
});
