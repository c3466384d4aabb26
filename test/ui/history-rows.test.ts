// What was kept, on the screen: lines of before in the same columns, with their dates, and what was looked for marked.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { ProgramEvent } from "../../src/app/events.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import type { HistoryEntry } from "../../src/core/chat/history.ts";
import { createStyle } from "../../src/node/terminal/create-style.ts";
import { View } from "../../src/ui/view.ts";

const NOW = new Date(2026, 10, 20, 14, 3).getTime();
const DAY_MS = 86_400_000;
const ADA: PeerView = { name: "ada", fingerprint: "7ufq 3xkd", pairedAtMs: NOW, comparedAtMs: undefined };

function createView(columns = 80, color = false): View {
  const style = createStyle(color, true);
  return new View({
    program: "lair-client",
    unicode: true,
    merges: true,
    nowMs: () => NOW,
    columns: () => columns,
    style,
  });
}

/** A view whose prompt is at ada. */
function atAda(columns = 80, color = false): View {
  const view = createView(columns, color);
  view.render({ type: "selected", peer: ADA, by: "start" });
  return view;
}

function entry(text: string, change: Partial<HistoryEntry> = {}): HistoryEntry {
  return { from: "peer", seq: 0, atMs: NOW, text, isDelivered: true, expiresAtMs: undefined, ...change };
}

function asked(...entries: HistoryEntry[]): ProgramEvent {
  return { type: "history", peer: ADA, entries, occasion: "asked" };
}

function found(words: string, total: number, ...entries: HistoryEntry[]): ProgramEvent {
  return { type: "found", peer: ADA, words, entries, total };
}

function start(...entries: HistoryEntry[]): ProgramEvent {
  return { type: "history", peer: ADA, entries, occasion: "start" };
}

/** A line as a search for these words shows it. */
function marked(words: string, text: string): string {
  const [, row = ""] = createView().render(found(words, 1, entry(text))).rows;
  return row.slice("14:03  ada  ".length);
}

const textOf = (event: ProgramEvent): string => createView().render(event).rows.join(" ").replaceAll(/\s+/g, " ");

describe("a history that is off", () => {
  it("is said to be off where nothing is found, with the way to turn it on", () => {
    const off =
      "The history is off: start lair-client with --history 30d, or with --history forever, to keep what is said.";
    const asked = { type: "history", peer: ADA, entries: [], occasion: "asked" } as const;
    for (const event of [found("words", 0), asked]) {
      assert.ok(textOf({ ...event, isOff: true } as ProgramEvent).includes(off), event.type);
      assert.equal(textOf({ ...event, isOff: false } as ProgramEvent).includes("is off"), false);
    }
    const some = { ...found("words", 1, entry("words")), isOff: true } as ProgramEvent;
    assert.equal(textOf(some).includes("is off"), false, "something was found");
  });
});

describe("the history that was asked for", () => {
  it("stands in the columns of the conversation, and says what waits", () => {
    const lines = [entry("can you see this?"), entry("yes\nI can", { from: "you", isDelivered: false })];
    assert.deepEqual(createView().render(asked(...lines)).rows, [
      "14:03  ada  can you see this?",
      "14:03  you  yes",
      "            I can (waiting)",
    ]);
  });

  it("tells the date wherever it changes, and what is said next tells its own", () => {
    const view = createView();
    const before = NOW - 2 * DAY_MS;
    const lines = [entry("a", { atMs: before }), entry("b", { atMs: before }), entry("c", { atMs: NOW - DAY_MS })];
    assert.deepEqual(view.render(asked(...lines)).rows, [
      "       · 18 Nov 2026",
      "14:03  ada  a",
      "14:03  ada  b",
      "       · 19 Nov 2026",
      "14:03  ada  c",
    ]);
    const now: ProgramEvent = { type: "sent", peer: ADA, seq: 0, atMs: NOW, text: "d" };
    assert.deepEqual(view.render(now).rows, ["       · 20 Nov 2026", "14:03  you  d"]);
    assert.deepEqual(view.render(now).rows, ["14:03  you  d"]);
  });

  it("repeats no time that has not come yet, or is none", () => {
    for (const atMs of [NOW + DAY_MS, Number.NaN, -1, 1e300]) {
      assert.deepEqual(createView().render(asked(entry("hi", { atMs }))).rows, ["14:03  ada  hi"]);
    }
  });

  it("says so where there is none", () => {
    assert.deepEqual(createView().render(asked()).rows, ["       · nothing is kept with ada"]);
  });
});

describe("the history at the start", () => {
  it("is dim, or is named where nothing can be dim", () => {
    const lines = start(entry("hi"), entry("yes", { from: "you" }));
    assert.deepEqual(createView(80, true).render(lines).rows, [
      "\x1b[2m14:03\x1b[22m  \x1b[2mada\x1b[22m  \x1b[2mhi\x1b[22m",
      "\x1b[2m14:03\x1b[22m  \x1b[2myou\x1b[22m  \x1b[2myes\x1b[22m",
    ]);
    assert.deepEqual(createView().render(lines).rows, [
      "       · the last lines kept with ada",
      "14:03  ada  hi",
      "14:03  you  yes",
    ]);
    assert.deepEqual(createView().render(start()).rows, []);
  });

  it("does not switch the prompt", () => {
    const view = createView();
    view.render(start(entry("hi")));
    assert.equal(view.selection.peer, undefined);
  });
});

describe("what a search has found", () => {
  it("begins with how much there is", () => {
    const first = (event: ProgramEvent): string => atAda().render(event).rows[0]!;
    assert.equal(first(found("words", 120, entry("words"), entry("words"))), '       · 2 of 120 lines with "words"');
    assert.equal(first(found("words", 1, entry("words"))), '       · 1 line with "words"');
    assert.equal(first(found("words", 2, entry("words"), entry("words"))), '       · 2 lines with "words"');
    assert.equal(first(found("words", 10_000, entry("words"))), '       · 1 of 10000 lines with "words"');
    assert.equal(first(found("words", 10_001, entry("words"))), '       · 1 of more than 10,000 lines with "words"');
    assert.deepEqual(atAda().render(found("a\u001b[2J", 0)).rows, ['       · no line with "a"']);
  });

  it("marks the words, whatever their case and accents, the last one by its beginning", () => {
    assert.equal(marked("log", "The LOG, the logs and the catalog."), "The *LOG*, the *logs* and the catalog.");
    assert.equal(marked("the log", "The LOG, the logs, then"), "*The* *LOG*, *the* *logs*, then");
    assert.equal(marked("cafe", "Café cafe\u0301s decaf"), "*Café* *cafe\u0301s* decaf");
    assert.equal(marked("CAFÉ", "cafe"), "*cafe*");
    assert.equal(marked("Résumé x", "resume re\u0301sumé X"), "*resume* *re\u0301sumé* *X*");
    assert.equal(marked("日", "日本 x"), "*日本* x");
    assert.equal(marked("?!", "what?!"), "what?!");
    assert.equal(marked("$&", "$& a"), "$& a");
    assert.equal(marked("", "a b"), "a b");
  });

  it("is bold and underlined where there are colours", () => {
    const rows = createView(80, true).render(found("hi", 1, entry("hi you"))).rows;
    assert.ok(rows[1]!.endsWith("\x1b[1m\x1b[4mhi\x1b[24m\x1b[22m you"), JSON.stringify(rows[1]));
  });

  it("never begins a row, or is wider than one, whatever was said and looked for", () => {
    const part = fc.constantFrom("hit", " ", "\n", "14:05  you  yes", "\r", "\x1b[A", "漢".repeat(20), "x".repeat(90));
    const text = fc.array(part).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.constantFrom("hit", "14 05 you yes", "漢", "x"), fc.boolean(), (said, words, color) => {
        const plain = createView(40).render(asked(entry(said))).rows;
        const [, ...rows] = atAda(40, color).render(found(words, 1, entry(said))).rows;
        // oxlint-disable-next-line no-control-regex
        const bare = rows.map((row) => row.replaceAll(/\x1b\[\d+m/g, ""));
        for (const [index, row] of bare.entries()) {
          assert.ok(row.startsWith(index === 0 ? "14:03  ada  " : " ".repeat(12)), row);
          const wide = row.match(/漢/g)?.length ?? 0;
          // Or it is one word and nothing else, for the terminal to wrap.
          assert.ok(row.length + wide <= 40 || /^[!-~]+$/.test(row.slice(12)), row);
        }
        // Looks change nothing of what it says.
        if (color) assert.deepEqual(bare, plain);
      }),
    );
  });
});
