// docs/HUB.md has every call, refusal and piece of news as the code has them: another member can be written from it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { CALLS, NEWS, REFUSALS } from "../../../src/core/hub/calls.ts";

const DOCUMENT = readFileSync(new URL("../../../docs/HUB.md", import.meta.url), "utf8");
/** Prettier sets a table's columns. */
const rows = DOCUMENT.split("\n").map((line) => line.replaceAll(/ *\| */g, "|"));

/** The rows of a table that begin with a number, between two headings. */
function between(from: string, to: string | undefined): string[] {
  const end = to === undefined ? rows.length : rows.indexOf(to);
  return rows.slice(rows.indexOf(from), end).filter((row) => /^\|\d/.test(row));
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
  assert.deepEqual(between("## 5. News", undefined), made);
});
