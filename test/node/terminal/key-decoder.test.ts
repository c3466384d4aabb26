import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { KeyDecoder, terminalMarksPastes, typedText } from "../../../src/node/terminal/key-decoder.ts";
import type { Key } from "../../../src/ui/keys.ts";

function decode(...chunks: (string | Uint8Array)[]): Key[] {
  const decoder = new KeyDecoder();
  return chunks.flatMap((chunk) => decoder.decode(typeof chunk === "string" ? Buffer.from(chunk) : chunk));
}

function names(...chunks: (string | Uint8Array)[]): string[] {
  return namesOf(decode(...chunks));
}

function namesOf(keys: readonly Key[]): string[] {
  return keys.map((key) => (key.type === "key" ? key.name : `${key.type} ${key.text}`));
}

/** Bytes from text in which each character up to U+00FF is one byte. */
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

/** What no person types, in all the forms that terminals have for it: none of it is text. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  "a colour": ["\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\", "\x1b]11;rgb:1e1e/1e1e/1e1e\x07", "\x1b]4;1;rgb:cd/0/0\x07"],
  "a colour in C1": ["\x9d11;rgb:0/0/0\x9c", "\x9d11;rgb:0/0/0\x07", "\xc2\x9d11;rgb:0/0/0\xc2\x9c"],
  "a clipboard": ["\x1b]52;c;aGVsbG8=\x1b\\"],
  "a title with letters": ["\x1b]lb\xc3\x9cber \xe6\x97\xa5\x1b\\", "\x9dlb\xc3\x9cber\x9c"],
  "DECRQSS, XTVERSION": ["\x1bP1$r0m\x1b\\", "\x1bP>|xterm(390)\x1b\\", "\x90>|foot\x9c", "\x1bP1+r544e=7874\x07"],
  "SOS, PM, APC": [
    "\x1bXtext\x1b\\",
    "\x1b^text\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x98a\x9c",
    "\x9ea\x07",
    "\x9fa\x1b\\",
  ],
  "DA, DSR, CPR, DECRPM": [
    "\x1b[?64;1;2c",
    "\x1b[>41;390;0c",
    "\x1b[0n",
    "\x1b[24;80R",
    "\x1b[?2026;2$y",
    "\x9b24;80R",
  ],
  "the size of the window": ["\x1b[8;24;80t", "\x1b[4;480;640t"],
  focus: ["\x1b[I", "\x1b[O"],
  "SGR's mouse": ["\x1b[<0;10;20M", "\x1b[<0;10;20m", "\x1b[<64;200;100M"],
  "X10's mouse": ["\x1b[M !!", "\x1b[M#\x7e\x21", "\x1b[M \x7f!", "\x1b[M \xc3\xa9", "\x9bM !!"],
  "urxvt's mouse": ["\x1b[32;10;20M"],
  "kitty's keys": ["\x1b[?1u", "\x1b[97;1:3u", "\x1b[57441;2u", "\x1b[97:65;2u"],
  "function keys": ["\x1bOP", "\x1b[15~", "\x1b[24;5~", "\x1b[[A", "\x1b[[E", "\x1b[1;2P"],
};

/** Keys, and what they are. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "\x1b[A": ["up"],
  "\x1b[1;5D": ["word-left"],
  "\x1bOC": ["right"],
  "\x9bB": ["down"],
  "\xc2\x9bB": ["down"],
  "\x8fH": ["home"],
  "\x1b[3~": ["delete"],
  "\x1bb": ["word-left"],
  "\x1b\r": ["newline"],
  "\x1b[99;5u": ["interrupt"],
  "\x1b[27;5;99~": ["interrupt"],
  "\x1b[27;2;13~": ["newline"],
  "\x1b[13u": ["enter"],
  "\x1b[200~p\rq\x1b[A\x1b[201~": ["paste p\nq"],
  "\xc3\xbc": ["text \u00fc"],
};

/** The keys where Tab is one. */
function tabs(text: string, marksPastes: boolean): string[] {
  return new KeyDecoder({ completes: true, marksPastes })
    .decode(Buffer.from(text))
    .map((key) => (key.type === "key" ? key.name : `${key.type} ${key.text}`));
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

  it("knows Tab only where it is asked to, and not where it may be part of an unmarked paste", () => {
    assert.deepEqual(tabs("to b\t", false), ["text to b", "complete"]);
    assert.deepEqual(tabs("b\t\t\r", false), ["text b", "complete", "complete", "enter"]);
    assert.deepEqual(tabs("a\tb", false), ["text a", "text b"]);
    assert.deepEqual(tabs("a\tb", true), ["text a", "complete", "text b"]);
    assert.deepEqual(tabs("\x1b[200~a\tb\x1b[201~", true), ["paste a\tb"]);
    assert.deepEqual(tabs("\x1b[9u", false), ["complete"]);
    assert.deepEqual(names("a\t"), ["text a"]);
  });

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
    assert.deepEqual(decode("\x1b[200~a\x03\x1b[Ab\x1b[201~"), [{ type: "paste", text: "a\x03b" }]);
  });

  it("takes colours and control strings out of a paste as wholes, and leaves text", () => {
    const paste = "\x1b[31mred\x1b[0m \x1b]8;;http://a\x07link\x1b]8;;\x1b\\ \u009b1mbold\x1b(B \x1b]never\n[31m ends";
    assert.deepEqual(names(`\x1b[200~${paste}\x1b[201~`), ["paste red link bold never\n[31m ends"]);
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
    const keys = new KeyDecoder({ marksPastes: true }).decode(Buffer.from("yes\rstatus\r"));
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

  it("takes an ESC that nothing follows for a key by itself, which is nothing", () => {
    const decoder = new KeyDecoder();
    for (const [typed, expected] of [
      ["x", "text x"],
      ["b", "text b"],
      ["\r", "enter"],
      // Somebody types "Please" or "Ok": the letter is alone in its chunk.
      ["P", "text P"],
      ["O", "text O"],
    ] as const) {
      assert.deepEqual(decoder.decode(Buffer.from("\x1b")), []);
      assert.equal(decoder.isHolding, true);
      decoder.rest();
      assert.equal(decoder.isHolding, false);
      assert.deepEqual(namesOf(decoder.decode(Buffer.from(typed))), [expected]);
    }
  });

  it("does not wait for ever for the end of a sequence or a string", () => {
    assert.deepEqual(names(`\x1b[${"1;".repeat(128)}`, "x").at(-1), "text x");
    assert.deepEqual(names(`\x1b]11;${"x".repeat(65_536)}`, "y").at(-1), "text y");
  });

  it("takes Enter and Ctrl-C out of a string that never ends, and what follows is typed", () => {
    assert.deepEqual(names("\x1bP", "Please", "\r", "hi"), ["enter", "text hi"]);
    assert.deepEqual(names("\x1b]0;", "\x03", "hi"), ["interrupt", "text hi"]);
    assert.deepEqual(names("\x1b[1;", "\r", "hi"), ["enter", "text hi"]);
    assert.deepEqual(names("\x1b\x03"), ["interrupt"]);
  });

  for (const [what, answers] of Object.entries(ANSWERS)) {
    it(`swallows ${what} whole, wherever and for however long it is cut`, () => {
      for (const answer of answers) {
        const whole = bytes(`a${answer}b`);
        for (let first = 0; first <= whole.length; first++) {
          for (let second = first; second <= whole.length; second++) {
            const chunks = [whole.subarray(0, first), whole.subarray(first, second), whole.subarray(second)];
            assert.deepEqual(joinText(decode(...chunks)), [{ type: "text", text: "ab" }], `${what} ${first} ${second}`);
          }
        }
        assert.deepEqual(joinText(decode(...Array.from(whole, (byte) => Uint8Array.of(byte)))).length, 1, what);
      }
    });
  }

  it("gives each key wherever it is cut, and with a pause at the cut", () => {
    for (const [key, expected] of Object.entries(KEYS)) {
      const whole = bytes(key);
      for (let cut = 0; cut <= whole.length; cut++) {
        const decoder = new KeyDecoder();
        const before = decoder.decode(whole.subarray(0, cut));
        assert.deepEqual(namesOf([...before, ...decoder.decode(whole.subarray(cut))]), expected, JSON.stringify(key));
      }
    }
  });

  it("joins the rest of a sequence to an ESC of any age, where nobody types such a thing", () => {
    for (const sequence of ["\x1b[A", "\x1b]11;rgb:0/0/0\x1b\\", "\x1bP1$r0m\x1b\\", "\x1bOA", "\x1b_G;OK\x1b\\"]) {
      const whole = bytes(sequence);
      for (let cut = 1; cut <= whole.length; cut++) {
        const decoder = new KeyDecoder();
        const keys = decoder.decode(whole.subarray(0, cut));
        decoder.rest();
        keys.push(...decoder.decode(whole.subarray(cut)));
        assert.deepEqual(namesOf(keys), sequence.endsWith("A") ? ["up"] : [], `${JSON.stringify(sequence)} ${cut}`);
      }
    }
  });

  it("marks what is not UTF-8, and takes single bytes of C1 for letters where the locale is another", () => {
    assert.deepEqual(joinText(decode(bytes("gr\xfc\xdfe"))), [{ type: "text", text: "gr\udcfc\udcdfe" }]);
    assert.deepEqual(names(bytes("\xe9"), bytes("\r")), ["text \udce9", "enter"]);
    // A string that has begun with a byte of C1 and ends in Enter was none.
    assert.deepEqual(names(bytes("\x90"), "abc", "\r"), ["text \udc90", "enter"]);
    const decoder = new KeyDecoder({ unicode: false });
    assert.deepEqual(namesOf(decoder.decode(bytes("\x9bA\x90\xe0"))), ["text \udc9bA\udc90"]);
    assert.deepEqual(names("\u0082\ufffd"), ["text \u0082\ufffd"]);
  });

  it("puts an unmarked paste together whose letters are cut", () => {
    const whole = Buffer.from("one\rü");
    assert.deepEqual(joinText(decode(whole.subarray(0, -1), whole.subarray(-1))), [
      { type: "paste", text: "one\n" },
      { type: "text", text: "ü" },
    ]);
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
      "\x1b]0;ü\x1b\\",
      "\x1b[M !!",
      "\x1bP1$r\x07",
      "\u009b1m",
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

describe("a line that the terminal has edited", () => {
  it("is without what cursor keys and answers of the terminal leave in it, and keeps its tabs", () => {
    assert.equal(typedText("ye\x1b[D\x1b]11;rgb:0/0/0\x1b\\s\x1bP1$r\x07"), "yes");
    assert.equal(typedText("größer\tals"), "größer\tals");
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
