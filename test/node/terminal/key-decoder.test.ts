import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { type Key, KeyDecoder, terminalMarksPastes } from "../../../src/node/terminal/key-decoder.ts";

function decode(...chunks: (string | Uint8Array)[]): Key[] {
  const decoder = new KeyDecoder();
  return chunks.flatMap((chunk) => decoder.decode(typeof chunk === "string" ? Buffer.from(chunk) : chunk));
}

function names(...chunks: string[]): string[] {
  return decode(...chunks).map((key) => (key.type === "key" ? key.name : `${key.type} ${key.text}`));
}

describe("KeyDecoder", () => {
  it("knows text, Enter, and the control characters of readline", () => {
    assert.deepEqual(names("hi\r"), ["text hi", "enter"]);
    assert.deepEqual(names("\x01\x05\x0b\x15\x17\x19"), [
      "home",
      "end",
      "erase-to-end",
      "erase-to-start",
      "erase-word",
      "yank",
    ]);
    assert.deepEqual(names("\x03", "\x04", "\x0c", "\x1a"), ["interrupt", "end-or-delete", "redraw", "suspend"]);
  });

  it("knows arrows in both modes, Home, End and Delete in all spellings, and modifiers", () => {
    assert.deepEqual(names("\x1b[A\x1bOB\x1b[C\x1bOD"), ["up", "down", "right", "left"]);
    assert.deepEqual(names("\x1b[H\x1bOH\x1b[1~\x1b[7~"), ["home", "home", "home", "home"]);
    assert.deepEqual(names("\x1b[F\x1b[4~\x1b[8~\x1b[3~"), ["end", "end", "end", "delete"]);
    assert.deepEqual(names("\x1b[1;5D\x1b[1;3C\x1bb\x1bf"), ["word-left", "word-right", "word-left", "word-right"]);
  });

  it("takes Ctrl-J and Alt-Enter for a newline", () => assert.deepEqual(names("\n", "\x1b\r"), ["newline", "newline"]));

  it("swallows sequences that it does not know, whole", () => {
    assert.deepEqual(names("a\x1b[24~\x1b[?1;2cb\x1b[Ic\x1bxd"), ["text a", "text b", "text c", "text d"]);
  });

  it("gives a marked paste as one, with its line ends", () => {
    assert.deepEqual(decode("\x1b[200~one\rtwo\r\nthree\x1b[201~!"), [
      { type: "paste", text: "one\ntwo\nthree" },
      { type: "text", text: "!" },
    ]);
  });

  it("does not obey what is inside a paste", () => {
    assert.deepEqual(decode("\x1b[200~a\x03\x1b[Ab\x1b[201~"), [{ type: "paste", text: "a\x03\x1b[Ab" }]);
  });

  it("takes lines that arrive together for a paste; an Enter at the end stays one", () => {
    assert.deepEqual(decode("one\rtwo\r"), [
      { type: "paste", text: "one\ntwo" },
      { type: "key", name: "enter" },
    ]);
    assert.deepEqual(decode("one\rtwo"), [{ type: "paste", text: "one\ntwo" }]);
    assert.deepEqual(names("\rtwo\r"), ["enter", "text two", "enter"]);
  });

  it("takes them for typed once the terminal has marked a paste", () => {
    assert.deepEqual(names("\x1b[200~x\x1b[201~", "one\rtwo\r"), ["paste x", "text one", "enter", "text two", "enter"]);
  });

  it("takes them for typed in a terminal that is known to mark pastes", () => {
    const keys = new KeyDecoder(true).decode(Buffer.from("yes\rstatus\r"));
    assert.deepEqual(
      keys.map((key) => (key.type === "key" ? key.name : key.text)),
      ["yes", "enter", "status", "enter"],
    );
    for (const TERM of ["xterm-256color", "tmux-256color", "screen", "rxvt-unicode", "foot"]) {
      assert.equal(terminalMarksPastes({ TERM }), true, TERM);
    }
    for (const TERM of ["linux", "vt220", "cygwin", ""]) assert.equal(terminalMarksPastes({ TERM }), false, TERM);
    assert.equal(terminalMarksPastes({}), false);
  });

  it("holds a lone ESC until it is told to give up", () => {
    const decoder = new KeyDecoder();
    assert.deepEqual(decoder.decode(Buffer.from("\x1b")), []);
    assert.equal(decoder.isHolding, true);
    assert.deepEqual(decoder.flush(), []);
    assert.equal(decoder.isHolding, false);
    assert.deepEqual(decoder.decode(Buffer.from("[A")), [{ type: "text", text: "[A" }]);
  });

  it("does not wait for ever for the end of a sequence", () => {
    assert.deepEqual(names(`\x1b[${"1;".repeat(40)}`, "x").at(-1), "text x");
  });

  it("gives the same keys however the bytes are cut", () => {
    const piece = fc.constantFrom(
      "a",
      "ü",
      "漢",
      "👍",
      "\x1b[A",
      "\x1b[1;5D",
      "\x1b[200~p\rq ü\x1b[201~",
      "\x03",
      "\x1b\r",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 10 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(""));
        const places = [0, ...cuts.filter((cut) => cut <= bytes.length).toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        assert.deepEqual(joinText(decode(...chunks)), joinText(decode(bytes)));
      }),
    );
  });
});

/** Neighbouring texts as one: a cut between two letters is no difference. */
function joinText(keys: readonly Key[]): Key[] {
  const joined: Key[] = [];
  for (const key of keys) {
    const last = joined.at(-1);
    if (key.type === "text" && last?.type === "text")
      joined[joined.length - 1] = { type: "text", text: last.text + key.text };
    else joined.push(key);
  }
  return joined;
}
