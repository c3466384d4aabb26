// What a person is typing is theirs: nothing that arrives, no resize and no paste disturbs it, and nothing that arrives
// is lost over it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Program } from "../e2e/program.ts";
import { terminalAndClient } from "../e2e/terminals.ts";
import { type Terminal, WITHOUT_TMUX } from "../e2e/tmux.ts";

/** 200 letters that are nowhere the same, so that a lost or doubled piece is seen. */
const LONG = Array.from({ length: 40 }, (_, index) => `w${String(index).padStart(2, "0")} `)
  .join("")
  .trimEnd();

function say(bob: Program, from: number, to: number): void {
  for (let number = from; number <= to; number++) bob.tell({ send: `message ${number}` });
}

/** The numbers of the messages of {@link say} that stand in a terminal, in their order. */
async function numbersIn(terminal: Terminal): Promise<number[]> {
  const found = (await terminal.history()).matchAll(/^\d\d:\d\d {2}bob {2}message (\d+)$/gm);
  return [...found].map((match) => Number(match[1]));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** What is typed behind the prompt, its rows put together again; undefined when the prompt is not the last thing. */
function inputIn(screen: string): string | undefined {
  return /(?:^|\n)bob › {2}(.*(?:\n {2}.*)*)$/.exec(screen)?.[1]?.replaceAll(/\s+/g, " ");
}

async function showsInput(terminal: Terminal, text: string): Promise<void> {
  await terminal.until(`shows the input ${text}`, async () => {
    // A row may end within a word.
    const input = inputIn(await terminal.screen())?.replaceAll(" ", "");
    return input === text.replaceAll(" ", "") ? true : undefined;
  });
}

/** That nothing of the prompt was left behind anywhere: it stands there once, and so does each piece of the input. */
async function standsOnce(terminal: Terminal, pieces: readonly string[]): Promise<void> {
  const history = await terminal.history();
  for (const piece of ["bob ›", ...pieces]) assert.equal(history.split(piece).length, 2, `${piece} in:\n${history}`);
}

async function hasAll(terminal: Terminal, count: number): Promise<void> {
  await terminal.showed(new RegExp(`^.*  message ${count}$`, "m"));
  assert.deepEqual(await numbersIn(terminal), upTo(count));
}

describe("a line that is being typed", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("stays whole while 50 messages arrive, which are all shown in order, and is sent as it was typed", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.type("half a li");
    await showsInput(ada, "half a li");
    say(bob, 1, 50);
    await hasAll(ada, 50);
    assert.equal(inputIn(await ada.screen()), "half a li");
    await standsOnce(ada, ["half a li"]);
    await ada.enter("ne, finished");
    assert.equal((await bob.next("message"))["text"], "half a line, finished");
    await hasAll(ada, 50);
  });

  it("takes each key that is pressed between the messages", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    const text = "typed in between";
    for (const [index, letter] of Array.from(text).entries()) {
      say(bob, index + 1, index + 1);
      await ada.type(letter);
    }
    await showsInput(ada, text);
    await hasAll(ada, text.length);
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], text);
  });

  it("may wrap over three rows while messages arrive", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.type(LONG);
    await showsInput(ada, LONG);
    say(bob, 1, 30);
    await hasAll(ada, 30);
    const screen = await ada.screen();
    assert.match(screen, /\nbob › {2}.*\n {2}.*\n {2}.*$/);
    await showsInput(ada, LONG);
    await standsOnce(ada, ["w00", "w20", "w39"]);
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], LONG);
    await ada.shows(/\nbob ›$/);
    await hasAll(ada, 30);
    await standsOnce(ada, ["w00", "w20", "w39"]);
  });

  it("may be edited in its middle while messages arrive", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.type(LONG);
    await ada.press("C-a", "Right", "Right", "Right");
    say(bob, 1, 10);
    await hasAll(ada, 10);
    await ada.type("!");
    await showsInput(ada, LONG.replace("w00", "w00!"));
    await standsOnce(ada, ["w00!", "w20", "w39"]);
    await ada.press("C-e");
    await ada.enter("?");
    assert.equal((await bob.next("message"))["text"], `${LONG.replace("w00", "w00!")}?`);
  });

  const SIZES = [
    [44, 24],
    [120, 30],
    [60, 14],
    [80, 24],
  ] as const;

  it("is laid out anew in a narrower and a wider terminal, and nothing of it is left behind", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.type(LONG);
    await showsInput(ada, LONG);
    await standsOnce(ada, ["w00", "w20", "w39"]);
    let sent = 0;
    for (const [columns, rows] of SIZES) {
      await ada.rests();
      await ada.resize(columns, rows);
      // The first row is as full as it may be at this width, but for a blank at its end.
      const width = columns - "bob ›  ".length - 2;
      await ada.shows(new RegExp(`^bob › {2}.{${width - 1},${width}}\n`, "m"));
      await showsInput(ada, LONG);
      say(bob, sent + 1, sent + 3);
      sent += 3;
      await hasAll(ada, sent);
      await standsOnce(ada, ["w00", "w20", "w39"]);
    }
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], LONG);
  });

  // What is drawn in the moment of a resize may leave a piece of the prompt behind (see `Screen`): only that.
  it("and the messages survive a resize at the moment at which messages arrive", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.type(LONG);
    await showsInput(ada, LONG);
    let sent = 0;
    for (const [columns, rows] of SIZES) {
      say(bob, sent + 1, sent + 3);
      await ada.resize(columns, rows);
      say(bob, sent + 4, sent + 6);
      sent += 6;
      await ada.showed(new RegExp(`message ${sent}$`, "m"));
      await showsInput(ada, LONG);
    }
    assert.deepEqual(await numbersIn(ada), upTo(sent));
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], LONG);
  });
});

describe("a paste", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  const LINES = "first line\n\tindented\n\nquit\nlast line";

  it("of several lines is one message, sent by Enter only, and none of its lines is a command", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.paste(LINES);
    await ada.shows(/^bob › {2}first line\n(?:.*\n)+ {2}last line$/m);
    say(bob, 1, 3);
    await hasAll(ada, 3);
    assert.deepEqual(bob.all("message"), []);
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], LINES);
    assert.equal(bob.all("message").length, 1);
    await ada.shows(/^\d\d:\d\d {2}you {2}first line\n {12}.*\n\n {12}quit\n {12}last line\nbob ›$/m);
  });

  it("is put where the cursor is, and what was typed around it is sent with it", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.type("[]");
    await ada.press("Left");
    await ada.paste("a\nb");
    await ada.enter("c");
    assert.equal((await bob.next("message"))["text"], "[a\nbc]");
  });

  it("of 16,384 bytes arrives whole; one byte more is refused and nothing is sent", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    const text = "0123456789abcdef".repeat(1024);
    await ada.paste(text);
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], text);
    await ada.paste(`${text}!`);
    await ada.press("Enter");
    await ada.shows(/\[message-too-long\]\nbob ›$/);
    assert.equal(bob.all("message").length, 1);
  });

  it("of lines in one go that were typed stays lines, where the terminal marks pastes", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.press("a", "Enter", "s", "t", "a", "t", "u", "s", "Enter", "b", "Enter");
    const said = await bob.count("message", 2);
    assert.deepEqual(
      said.map((message) => message["text"]),
      ["a", "b"],
    );
    await ada.shows(/^bob › {2}status\n {2}with /m);
  });
});
