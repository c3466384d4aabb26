// How it looks where a terminal can do less, or was asked to: no redrawing, no colour, few columns, no UTF-8.

// What is looked for are control characters.
/* oxlint-disable no-control-regex */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connected } from "../e2e/fixture.ts";
import {
  isBackInShell,
  leftInvite,
  type TerminalAndClient,
  terminalAndClient,
  type ServerTerminalOptions,
  openTerminals,
} from "../e2e/terminals.ts";
import { WITHOUT_TMUX } from "../e2e/tmux.ts";

const COLOUR = /\x1b\[[\d;]*m/g;

/** A talk with a bit of everything; returns it with all that was printed. */
async function conversation(both: TerminalAndClient): Promise<string> {
  const { ada, bob } = both;
  const recording = await ada.record();
  bob.tell({ send: "can you see this?" });
  bob.tell({ send: "two\nlines" });
  await ada.shows(/ {2}bob {2}two\n +lines$/m);
  await ada.enter("yes");
  assert.equal((await bob.next("message"))["text"], "yes");
  await ada.enter("status");
  await ada.shows(/^ {2}traffic /m);
  await ada.enter("/nonsense");
  await ada.shows(/\[unknown-command\]/);
  bob.tell({ send: "bye" });
  bob.tell({ command: "quit" });
  return await recording.until(/bob left[^]*\n/);
}

async function printedWith(
  ending: Parameters<typeof terminalAndClient>[0],
  options: ServerTerminalOptions,
): Promise<string> {
  return await conversation(await terminalAndClient(ending, options));
}

describe("the plain face", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  for (const [how, options] of [
    ["--plain", { args: "--plain" }],
    ["TERM=dumb", { env: { TERM: "dumb", FORCE_COLOR: "1" } }],
  ] as const) {
    it(`with ${how} prints lines only: no escape sequence and no redrawing`, async (t) => {
      const both = await terminalAndClient(t, options);
      const printed = await conversation(both);
      assert.doesNotMatch(printed, /\x1b|\x08|\r(?!\n)/);
      assert.match(printed, /\d\d:\d\d {2}bob {2}can you see this\?\r\n/);
      assert.match(printed, /\d\d:\d\d {2}bob {2}two\r\n {12}lines\r\n/);
      assert.match(printed, /^status\r\n {2}with /m);
      await both.ada.press("C-d");
      await isBackInShell(both.ada, 0);
    });
  }

  it("takes a paste for one message, and a line whole that the terminal's own buffer would cut", async (t) => {
    const { ada, bob } = await terminalAndClient(t, { args: "--plain" });
    await ada.paste("one\nquit\n\nthree");
    await ada.shows(/^three$/m);
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], "one\nquit\n\nthree");
    const long = "0123456789".repeat(600);
    await ada.paste(`${long}\n`);
    assert.equal((await bob.next("message"))["text"], long);
  });

  it("leaves by Ctrl-C like the other", async (t) => {
    const { ada, bob } = await terminalAndClient(t, { args: "--plain" });
    await ada.press("C-c");
    assert.equal((await bob.next("disconnected"))["reason"], "closed");
    await isBackInShell(ada, 130);
  });
});

describe("colour", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("is there in a terminal, from the palette of 16 only", async (t) => {
    const colours = new Set((await printedWith(t, {})).match(COLOUR));
    assert.ok(colours.size >= 4, [...colours].join(" "));
    for (const colour of colours) assert.match(colour, /^\x1b\[(?:[012]|22|3[1-79]|9[0-7])m$/);
  });

  for (const [how, options] of [
    ["NO_COLOR", { env: { NO_COLOR: "1" } }],
    ["NO_COLOR though FORCE_COLOR", { env: { NO_COLOR: "1", FORCE_COLOR: "1" } }],
    ["FORCE_COLOR=0", { env: { FORCE_COLOR: "0" } }],
    ["--no-color", { args: "--no-color" }],
  ] as const) {
    it(`is not with ${how}`, async (t) => {
      const printed = await printedWith(t, options);
      assert.equal(printed.match(COLOUR), null);
      // It is the live prompt all the same.
      assert.match(printed, /\x1b\[/);
    });
  }

  it("is with FORCE_COLOR, and never too many for the palette", async (t) => {
    const colours = (await printedWith(t, { env: { FORCE_COLOR: "3", COLORTERM: "truecolor" } })).match(COLOUR) ?? [];
    assert.ok(colours.length > 0);
    assert.doesNotMatch(colours.join(""), /[34]8;/);
  });
});

describe("40 columns", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("are enough: text hangs under its first letter, and nothing is cut", async (t) => {
    const { ada, bob } = await terminalAndClient(t, { columns: 40, rows: 80 });
    const words = "these are quite a few words for a screen of forty columns";
    bob.tell({ send: words });
    await ada.shows(/columns\nbob ›$/);
    await ada.enter(words);
    const screen = await ada.shows(/ {2}you {2}these[^]*columns\nbob ›$/);
    const said = [...screen.matchAll(/^\d\d:\d\d {2}(bob|you) {2}(.*\n(?: {12}.*\n)+)/gm)];
    assert.deepEqual(
      said.map(([, who, text]) => [who, text!.trim().replaceAll(/\s+/g, " ")]),
      [
        ["bob", words],
        ["you", words],
      ],
    );
    for (const command of ["status", "verify", "help", "peers"]) {
      await ada.enter(command);
      // Only a word that no row holds, like the name of the suite, goes on at the left edge: the terminal wraps it.
      const rows = "(?: {2,}\\S.*\n|(?<=\n.{40}\n)\\S.*\n)+";
      const answer = await ada.shows(new RegExp(`^bob › {2}${command}\n${rows}bob ›$`, "m"));
      for (const row of answer.split("\n")) assert.ok(row.length <= 40, row);
    }
  });

  it("hold a long input, with messages above it", async (t) => {
    const { ada, bob } = await terminalAndClient(t, { columns: 40, rows: 12 });
    const text = "word ".repeat(30).trimEnd();
    await ada.type(text);
    for (let number = 1; number <= 10; number++) bob.tell({ send: `message ${number}` });
    await ada.showed(/message 10\nbob › {2}word[^]*word$/);
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], text);
  });
});

describe("a terminal without UTF-8", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("gets ASCII only: - and > for the marks, and numbers for letters that it does not know", async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const home = fixture.home();
    const ada = await tmux.terminal({ home, env: { LANG: "C", LC_ALL: undefined } });
    const recording = await ada.record();
    await ada.enter("lair-server --listen 127.0.0.1:0 --name ada");
    await ada.shows(/^Waiting\.[^]*\nnobody >$/m);
    assert.equal((await ada.history()).match(/No locale|The locale/g)?.length, 1);
    assert.match((await ada.history()).replaceAll(/\n +/g, " "), /start it like this: LANG=C\.UTF-8 lair-server$/m);
    assert.match(await ada.history(), /^lair-server \S+ - ws:\S+ - you are (?:[a-z2-7]{4} ){4}\.\.\.$/m);
    assert.match(leftInvite(home), /^lair:/);
    const bob = fixture.client({ home, args: ["--name", "bób"] });
    await connected(bob);
    bob.tell({ send: "größer › 日本" });
    await ada.shows(/^\d\d:\d\d {2}bob {2}gro.*er > <U\+65E5><U\+672C>$/m);
    await ada.enter("status");
    await ada.shows(/^bob > {2}status\n {2}with +bob - /m);
    assert.match(await recording.until(/status[^]*traffic/), /^[\x00-\x7f]*$/);
  });
});
