// Short names in front of messages: no two known people have names that look alike, whatever they call themselves.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { cleanName } from "../../src/core/identity/peer-name.ts";
import { passesForOurs } from "../../src/core/identity/reserved-names.ts";
import { looksLike } from "../../src/core/identity/skeleton.ts";
import { columnsAtMost } from "../../src/ui/columns.ts";
import { RowNames } from "../../src/ui/row-names.ts";
import { sanitiseLine } from "../../src/ui/sanitise.ts";
import { effort } from "../effort.ts";

const PRINT = "gwix t4ac u64t 3wbf 4ias xesc an5p by6i";
const SHOWN_COLUMNS = 24;

function person(name: string, first = "aaaa"): PeerView {
  return { name, fingerprint: PRINT.replace("gwix", first), pairedAtMs: 0, comparedAtMs: undefined };
}

function shown({ name }: Pick<PeerView, "name">): string {
  const safe = sanitiseLine(name, SHOWN_COLUMNS);
  return passesForOurs(safe) ? `?${safe}` : safe || "peer";
}

/** Their short names on a screen so wide. */
function namesAt(columns: number, people: readonly PeerView[], ellipsis = "…"): readonly string[] {
  const names = new RowNames({ columns: () => columns, ellipsis, shown });
  return people.map((peer) => names.of(peer, people));
}

describe("short names", () => {
  it("keep the end of names that would look alike when cut", () => {
    const people = [person("Ada Lovelace of A", "aaaa"), person("Ada Lovelace of B", "bbbb")];
    assert.deepEqual(namesAt(100, people), ["Ada Lovelac…of A", "Ada Lovelac…of B"]);
    assert.deepEqual(namesAt(50, people), ["Ada…of A", "Ada…of B"]);
  });

  it("keep the part of the fingerprint that tells two of one name apart", () => {
    const people = [person("Christopher Robin", "aaaa"), person("Christopher Robin h2jg", "h2jg")];
    assert.deepEqual(namesAt(100, people), ["Christopher…obin", "Christopher…h2jg"]);
    assert.deepEqual(namesAt(50, people), ["Chr…obin", "Chr…h2jg"]);
  });

  it("are cut at the end if nobody else's looks like it", () => {
    assert.deepEqual(namesAt(100, [person("Ada Lovelace of A"), person("bob", "bbbb")]), ["Ada Lovelace of…", "bob"]);
  });

  it("are never a word of the program", () => {
    const people = [person("youth club of Rome", "aaaa"), person("youth club of Rome A", "bbbb")];
    for (const name of namesAt(50, people)) assert.equal(passesForOurs(name), false, name);
  });

  it("differ for all names and widths", () => {
    const start = fc.constantFrom(
      "Ada Lovelace of",
      "youth club of ",
      "Ada",
      "Аda Lovelace of",
      "家族家族家族家族",
      "12:3",
    );
    const middle = fc.constantFrom("", " ", "…", "...", " A", " B", "aaaa", " aaaa", "bbbb", "ОF");
    const end = fc.oneof(
      fc.constantFrom("", "A", "B", " aaaa", " bbbb", " cccc", "…of A"),
      fc.string({ maxLength: 12 }),
    );
    const name = fc.tuple(start, middle, end).map((parts) => cleanName(parts.join("")));
    const print = fc.stringMatching(/^[a-c]{4}( [a-z2-7]{4}){7}$/);
    const peer = fc.record({ name, fingerprint: print });
    const people = fc.uniqueArray(peer, { minLength: 2, maxLength: 6, selector: ({ fingerprint }) => fingerprint });
    const screen = fc.record({ columns: fc.integer({ min: 20, max: 120 }), ellipsis: fc.constantFrom("…", "...") });
    fc.assert(
      fc.property(people, screen, (some, { columns, ellipsis }) => {
        const views = some.map((one) => ({ ...one, pairedAtMs: 0, comparedAtMs: undefined }));
        const names = namesAt(columns, views, ellipsis);
        names.forEach((one, index) => {
          assert.ok(columnsAtMost(one) <= (columns < 60 ? 8 : SHOWN_COLUMNS + 1), one);
          assert.ok(
            names.slice(index + 1).every((other) => !looksLike(one)(other)),
            names.join(" | "),
          );
        });
      }),
      { numRuns: effort(60, 5_000) },
    );
  });
});
