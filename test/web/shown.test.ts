// What the page shows of names, texts, times and events, and in which rows.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MessageJson } from "../../src/app/api/views.ts";
import { initials, personName, shownName, shownText } from "../../src/web/state/names.ts";
import { notePhrase, warningOf } from "../../src/web/state/notes.ts";
import { noticesOf } from "../../src/web/state/notices.ts";
import { rowsOf } from "../../src/web/state/rows.ts";
import { excerpt, isFewEmoji, textBlocks, textParts } from "../../src/web/state/text-parts.ts";
import { dayPhrase, shortWhen } from "../../src/web/state/words.ts";
import { HOSTILE } from "./fake-texts.ts";

const ada = { name: "ada", fingerprint: "aaaa bbbb" };
const bob = { name: "bob", fingerprint: "cccc dddd" };

function links(text: string): string[] {
  return textParts(text).flatMap((part) => (part.kind === "link" ? part.text : []));
}

function codes(text: string): string[] {
  return textBlocks(text).flatMap(({ isCode, text: piece }) => (isCode ? piece : []));
}

/** A line that was said so many minutes after ten. */
function line(id: string, minutes: number, from = ada, more: Partial<MessageJson> = {}): MessageJson {
  const at = new Date(Date.parse("2026-11-27T10:00:00.000Z") + minutes * 60_000).toISOString();
  return { id, from, at, text: id, ...more };
}

function kinds(lines: readonly MessageJson[], more: Partial<Parameters<typeof rowsOf>[0]> = {}): string[] {
  const find = (id: string): MessageJson | undefined => lines.find((one) => one.id === id);
  return rowsOf({ lines, before: undefined, notes: [], find, ...more }).map((row) =>
    row.kind === "line" ? `${row.line.id}${row.isFirst ? " first" : ""}${row.isLast ? " last" : ""}` : row.kind,
  );
}

/** Five past nine, local time, on a day of November 2026. */
function nineOn(day: number): number {
  return new Date(2026, 10, day, 9, 5).getTime();
}

describe("notices of the page", () => {
  it("tell that a store has lost something, and what goes for want of room", () => {
    const peer = { name: "ada", fingerprint: "aaaa bbbb" };
    const told = (event: object): string[] =>
      noticesOf({ event: "memory", peer, ...event }).map(({ tone, text }) => `${tone}: ${text}`);
    assert.deepEqual(told({ whose: "peer", what: "older", missing: 2 }), [
      "problem: The store of ada is an older copy. Up to 2 messages of yours had reached it and are not in it now.",
    ]);
    assert.deepEqual(told({ whose: "own", what: "new", missing: 0 }), [
      "info: The store here is new. Nothing is missing.",
    ]);
    assert.deepEqual(told({ event: "history-limit", limitBytes: 2 ** 28 }), [
      "info: The history with ada has reached 256 MiB: its oldest lines go.",
    ]);
  });
});

describe("names on the page", () => {
  it("never pass for a word of the page", () => {
    for (const name of ["you", "You", "уou", "y\u0308ou", "you (admin)", "#ops", "<b>", ""]) {
      assert.match(shownName(name), /^(?:\?|peer$)/, name);
    }
    for (const name of ["Young", "Yousef", "ada", "נועה", "🦊 fox"]) assert.equal(shownName(name), name);
    assert.equal(personName({ ...ada, self: true }), "you");
  });

  it("show what would be invisible, and are cut", () => {
    assert.equal(shownName("a\u202Eb"), "a<U+202E>b");
    assert.ok(shownName("x".repeat(500)).length <= 48);
    assert.equal(initials("Ada Lovelace"), "AL");
    assert.equal(initials("#ops"), "O");
    assert.equal(initials("🦊"), "?");
  });
});

describe("texts on the page", () => {
  it("have no control and no reordering characters, and no piles of marks", () => {
    for (const text of HOSTILE.texts) {
      // oxlint-disable-next-line no-control-regex
      assert.doesNotMatch(shownText(text), /[\u202a-\u202e\u2066-\u2069\u200b\u0000-\u0008\u001b]/);
      assert.doesNotMatch(shownText(text), /\p{M}{6}/u);
    }
    assert.equal(shownText("a\tb\n<i>"), "a\tb\n<i>");
  });

  it("have code apart from prose, whole, and know few emoji", () => {
    assert.deepEqual(codes("Here:\n\n    one {\n\n        two\n    }\n\nDone."), ["    one {\n\n        two\n    }\n"]);
    assert.deepEqual(codes("```js\na\n\nb\n```\nand ```this``` and\n```\nis open"), ["```js\na\n\nb\n```"]);
    assert.deepEqual(codes("  two blanks\n\n- a list"), []);
    for (const text of ["", "a", "\n\ta\nb\n", "```\n```\n    x\n\n"]) {
      assert.equal(
        textBlocks(text)
          .map((block) => block.text)
          .join("\n"),
        text,
      );
    }
    const few = ["👍🏽", "❤️", "👨‍👩‍👧", "😀 😀 😀", "😀😀😀😀", "1", "👍 yes", ""].map((text) =>
      isFewEmoji(shownText(text)),
    );
    assert.deepEqual(few, [true, true, true, true, false, false, false, false]);
  });

  it("have links only to what is an address", () => {
    assert.deepEqual(links("see https://a.example/x_(y), and http://b.example."), [
      "https://a.example/x_(y)",
      "http://b.example",
    ]);
    assert.deepEqual(links("javascript:alert(1) data:text/html,x file:///etc lair://x https:// ahttp://x"), []);
    assert.equal(
      textParts("a https://b.example c")
        .map(({ text }) => text)
        .join(""),
      "a https://b.example c",
    );
  });

  it("are marked where the words were sought, near the first of them", () => {
    assert.deepEqual(textParts("Die Größe ist groß", "grosse"), textParts("Die Größe ist groß", "grosse"));
    assert.deepEqual(
      textParts("the cellar door", "cell").map(({ kind, text }) => `${kind}:${text}`),
      ["text:the ", "mark:cellar", "text: door"],
    );
    const row = `${"word ".repeat(60)}needle and more`;
    assert.match(excerpt(row, "needle"), /^….{10,60}needle and more$/);
  });
});

describe("the rows of a conversation", () => {
  it("begin a day, and keep lines of one person within five minutes together", () => {
    assert.deepEqual(kinds([line("1", 0), line("2", 1), line("3", 9), line("4", 10, bob), line("5", 1_441, bob)]), [
      "day",
      "1 first",
      "2 last",
      "3 first last",
      "4 first last",
      "day",
      "5 first last",
    ]);
  });

  it("have a line above what is new, and notes at their places", () => {
    const notes = [{ id: "note-1", after: "1", atMs: 0, text: "bob has left" }];
    assert.deepEqual(kinds([line("1", 0), line("2", 1), line("3", 2)], { firstNew: "3", notes }), [
      "day",
      "1 first last",
      "note",
      "2 first last",
      "new",
      "3 first last",
    ]);
  });

  it("know the line that is answered", () => {
    const lines = [line("1", 0), line("2", 1, bob, { replyTo: "1" }), line("3", 2, bob, { replyTo: "0" })];
    const rows = rowsOf({ lines, before: undefined, notes: [], find: (id) => lines.find((one) => one.id === id) });
    assert.deepEqual(
      rows.flatMap((row) => (row.kind === "line" ? [row.answered?.id] : [])),
      [undefined, "1", undefined],
    );
  });
});

describe("times and events in words", () => {
  const nowMs = new Date(2026, 10, 27, 15, 0).getTime();

  it("name the day", () => {
    assert.deepEqual(
      [27, 26, 24, 3].map((day) => dayPhrase(nineOn(day), nowMs)),
      ["Today", "Yesterday", "Tuesday", "3 Nov 2026"],
    );
    assert.deepEqual(
      [27, 26, 24, 3].map((day) => shortWhen(nineOn(day), nowMs)),
      ["09:05", "Yesterday", "Tue", "3 Nov"],
    );
  });

  it("say what happened as the terminal does", () => {
    const room = { room: "00", name: "ops" };
    assert.equal(notePhrase({ event: "joined", ...room, who: bob, by: ada }), "bob was added by ada");
    assert.equal(
      notePhrase({ event: "removed", ...room, who: bob, by: { ...ada, self: true } }),
      "you have removed bob",
    );
    assert.equal(
      notePhrase({ event: "timer", ...room, seconds: 600, by: ada }),
      "lines disappear 10 min after they were said, set by ada",
    );
    assert.equal(
      notePhrase({ event: "timer", peer: bob, seconds: 0, by: "peer" }),
      "messages no longer disappear, set by bob",
    );
    assert.equal(
      notePhrase({ event: "topic-changed", ...room, topic: "a\u202Eb", by: ada }),
      "the topic is “a<U+202E>b” now, by ada",
    );
    assert.equal(notePhrase({ event: "connected", peer: bob }), undefined);
    assert.match(
      warningOf({ event: "key-changed", ...room, who: bob })?.text ?? "",
      /This is not the bob that was known in #ops/,
    );
  });
});
