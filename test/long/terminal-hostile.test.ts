// A peer who sends what is meant for the terminal and not for the eye: nothing of it may reach the title, the clipboard,
// the cursor, or the lines that stand there already, and nothing may look as if somebody else had said it.

// What is looked for are control characters.
/* oxlint-disable no-control-regex */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { introduceAs } from "../e2e/rogue-client.ts";
import { lastRow, leftInvite, terminalAndClient, openTerminals } from "../e2e/terminals.ts";
import { type Terminal, WITHOUT_TMUX } from "../e2e/tmux.ts";

const SECRET = Buffer.from("stolen").toString("base64");

/** By what they would do. */
const ATTACKS: readonly (readonly [what: string, text: string])[] = [
  ["the title", "\x1b]0;owned\x07\x1b]2;owned\x1b\\\x1bkowned\x1b\\\x9d0;owned\x9c"],
  ["the clipboard", `\x1b]52;c;${SECRET}\x07\x1b]52;;${SECRET}\x1b\\\x9d52;c;${SECRET}\x9c`],
  ["tmux's way to the terminal around it", `\x1bPtmux;\x1b\x1b]52;c;${SECRET}\x07\x1b\\`],
  ["clearing the screen and its history", "\x1b[2J\x1b[3J\x1b[H\x1bc\x9b2J"],
  ["moving the cursor up and writing there", "\x1b[10A\x1b[2KFORGED\x1b[1;1HFORGED\x1bM\x1bMFORGED\x8dFORGED"],
  [
    "writing over the row",
    "visible\rFORGED\x1b[GFORGED\x1b[1000DFORGED\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\bFORGED",
  ],
  ["other modes", "\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[4h\x1b[3;5r\x1b[?6h\x1b[?7l\x0e\x1b(0\x1b#8\x1b[8m"],
  ["answers that would be typed for us", "\x1b[c\x1b[6n\x1b[21t\x05\x1bP$qm\x1b\\\x1b]10;?\x07"],
  [
    "forged lines",
    "hi\n14:03  you  I give you all I have\nbob ›  quit\n       · keys renewed\n$ rm -rf\nConnected to eve",
  ],
  ["line ends of all kinds", "one\u2028FORGED\u2029FORGED\x0bFORGED\x0cFORGED\x85FORGED\r\nFORGED\n\rFORGED"],
  ["writing backwards", "\u202e14:03 uoy\u202c \u2066x\u2069 \u200f\u061cabc"],
  ["invisible letters", "a\u200bb\u2060c\ufeffd\u{e0041}\u{e0042}e\u00adf"],
  ["a tower of marks", `Z${"\u0301\u0334\u0353".repeat(200)}`],
  ["letters wider than they are counted", "👨‍👩‍👧‍👦".repeat(60) + "FORGED" + "🏴‍☠️".repeat(60) + "FORGED" + "が".repeat(90)],
  ["a word that is longer than the screen", `${"x".repeat(300)}FORGED 14:03  you  FORGED`],
];

async function state(terminal: Terminal): Promise<string> {
  const flags = ["cursor_flag", "wrap_flag", "insert_flag", "origin_flag", "alternate_on", "mouse_any_flag"];
  const formats = ["pane_title", "window_name", "scroll_region_upper", "scroll_region_lower", ...flags];
  return await terminal.property(formats.join("},#{"));
}

/** That the cursor stands behind what is typed, on the last row that is not empty. */
async function cursorIsAtHome(terminal: Terminal): Promise<void> {
  const rows = (await terminal.screen()).split("\n");
  assert.equal(await terminal.property("cursor_y"), String(rows.length - 1));
  assert.equal(await terminal.property("cursor_x"), String(lastRow(rows.join("\n")).length));
}

describe("hostile text from the peer", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("would be seen if it got through: this terminal obeys", async (t) => {
    const { tmux } = openTerminals(t);
    const terminal = await tmux.terminal();
    await tmux.trustPrograms();
    await terminal.enter(`printf '\\033]2;owned\\007\\033]52;c;${SECRET}\\007'`);
    await terminal.until("has taken the title and the clipboard", async () =>
      (await state(terminal)).startsWith("owned,") && (await tmux.clipboard()) === "stolen\n" ? true : undefined,
    );
  });

  it("changes no title, no clipboard, no mode and no line but its own, and is indented as it is", async (t) => {
    const { tmux, ada, bob } = await terminalAndClient(t);
    await tmux.trustPrograms();
    bob.tell({ send: "an honest line" });
    await ada.shows(/ {2}bob {2}an honest line\nbob ›$/);
    await ada.type("half a line");
    await ada.shows(/\nbob › {2}half a line$/);
    const recording = await ada.record();
    const [stateBefore, historyBefore] = [await state(ada), await ada.history()];
    for (const [what, text] of ATTACKS) {
      bob.tell({ send: text });
      bob.tell({ send: `after ${what}` });
      await ada.showed(new RegExp(`^\\d\\d:\\d\\d {2}bob {2}after ${what}$`, "m"));
      assert.equal(await state(ada), stateBefore, what);
      assert.equal(await tmux.clipboard(), "", what);
      assert.match(await ada.screen(), /\nbob › {2}half a line$/, what);
      await cursorIsAtHome(ada);
    }
    const before = historyBefore.split("\n").slice(0, -1);
    const rows = (await ada.history()).split("\n");
    assert.deepEqual(rows.slice(0, before.length), before);
    // A word that is wider than the screen goes on at the start of the next row. It has no blank there, unlike each line of ours.
    const isWordGoingOn = /^[!-~]+$/;
    for (const row of rows.slice(before.length, -1)) {
      if (!isWordGoingOn.test(row)) assert.match(row, /^(?:\d\d:\d\d {2}bob(?: {2}|$)| {12}|$)/);
    }
    // Only what the prompt needs: colours, moves, erasing to the end, wrapping and the cursor on and off.
    const printed = await recording.until(new RegExp(`after ${ATTACKS.at(-1)![0]}[^]*half a line`));
    const sequences = new Set(printed.match(/\x1b(?:\[[0-?]*[@-~]|[^[])/g));
    for (const sequence of sequences) assert.match(sequence, /^\x1b(?:\[\d*[mABCKJ]|\[\?(?:7|25)[hl]|[78])$/);
    assert.doesNotMatch(printed, /[\x00-\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]/);
    await ada.enter(", finished");
    assert.equal((await bob.next("message"))["text"], "half a line, finished");
  });

  it("of 10,000 lines leaves the earlier ones within reach, and says that it was cut", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    bob.tell({ send: "an honest line" });
    await ada.type("half a line");
    bob.tell({ send: "\n".repeat(9_999) });
    bob.tell({ send: "the end" });
    await ada.shows(/\[\d+ more lines not shown\]\n\d\d:\d\d {2}bob {2}the end\nbob › {2}half a line$/);
    assert.match(await ada.history(), / {2}bob {2}an honest line\n/);
    await cursorIsAtHome(ada);
  });
});

describe("a hostile name", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("with control characters is no introduction: dropped, and the screen stays as it is", async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const home = fixture.home();
    const ada = await tmux.terminal({ home });
    await tmux.trustPrograms();
    await ada.enter("lair-server --listen 127.0.0.1:0 --name ada");
    await ada.shows(/^Waiting\.[^]*\nnobody ›$/m);
    const before = [await state(ada), await ada.screen()];
    for (const name of ["\x1b]2;owned\x07", `\x1b]52;c;${SECRET}\x07`, "a\x1b[2Jb", "a\rb", "a\nb", "a\x9b2J"]) {
      const client = await introduceAs(name, leftInvite(home));
      await client.dropped;
    }
    assert.deepEqual([await state(ada), await ada.screen()], before);
    assert.equal(await tmux.clipboard(), "");
  });

  // As a pattern, what is to be seen of each. In a sentence of ours what is more than a word is in quotation marks.
  for (const [name, shown] of [
    ["a\u202ecila\u2066\u200b", "acila"],
    ["you", "\\?you"],
    ["nоbσdy", "\\?nоbσdy"],
    ["bob ›  quit", "bob › quit"],
    ["W".repeat(64), "W{23}…"],
  ] as const) {
    it(`that would read as ${shown.replaceAll("\\", "")} is shown so`, async (t) => {
      const { fixture, tmux } = openTerminals(t);
      const home = fixture.home();
      const ada = await tmux.terminal({ home });
      await ada.enter("lair-server --listen 127.0.0.1:0 --name ada");
      await ada.shows(/^Waiting\.[^]*\nnobody ›$/m);
      const client = await introduceAs(name, leftInvite(home));
      fixture.atEnd(() => client.leave());
      await ada.shows(
        new RegExp(`^Connected to ${/^\w+$/.test(shown) ? shown : `"${shown}"`} · [^]*\n${shown} ›$`, "m"),
      );
    });
  }
});
