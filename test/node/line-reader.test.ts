// Lines of a pipe: whatever the chunks are, the lines are the same; a pause loses nothing; the end comes once.

import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LairError } from "../../src/core/errors.ts";
import { LineReader, terminalLineBytes } from "../../src/node/line-reader.ts";
import { effort } from "../effort.ts";

const MIB = 1024 * 1024;

/** A reader, what it has told, and a promise for the end. */
function reading(stream: Readable, onLine: (text: string, reader: LineReader) => void = () => {}) {
  const reader = new LineReader(stream);
  const lines: string[] = [];
  let ends = 0;
  let tooLong = 0;
  const misread: string[] = [];
  const ended = new Promise<void>((resolve) => {
    reader.handlers = {
      line(text) {
        assert.equal(ends, 0, "no line comes after the end");
        lines.push(text);
        onLine(text, reader);
      },
      tooLong() {
        tooLong += 1;
      },
      misread({ line, kind, isRest }) {
        misread.push(`${line} ${kind}${isRest ? " and the rest" : ""}`);
      },
      end() {
        ends += 1;
        resolve();
      },
    };
  });
  return { reader, lines, ended, ends: () => ends, tooLong: () => tooLong, misread };
}

/** The lines of an input, and what was told of those that are none: "2 not-utf8". */
async function reads(...chunks: readonly (string | Uint8Array)[]): Promise<[lines: string[], misread: string[]]> {
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk as Uint8Array)),
    { objectMode: false },
  );
  const { reader, lines, misread, ended } = reading(stream);
  reader.resume();
  await ended;
  return [lines, misread];
}

const wide = (text: string, order: "le" | "be" = "le"): Buffer => {
  const units = Buffer.from(text, "utf16le");
  return order === "le" ? units : units.swap16();
};
const bytewise = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));

async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk as Uint8Array)),
    { objectMode: false },
  );
  const { reader, lines, ended } = reading(stream);
  reader.resume();
  await ended;
  return lines;
}

/** The event loop has gone round, so whatever a stream had to tell is told. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("a line reader", () => {
  it("gives the same lines for any chunks, letters cut in half included", async () => {
    const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, ""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n"))),
        fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, "")),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (full, rest, sizes) => {
          const bytes = Buffer.from(full.map(([text, end]) => text + end).join("") + rest);
          const chunks: Buffer[] = [];
          for (let at = 0, index = 0; at < bytes.length; index++) {
            const size = sizes[index % sizes.length]!;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          const expected = [...full.map(([text]) => text), ...(rest === "" ? [] : [rest])];
          assert.deepEqual(await linesOf(...chunks), expected);
        },
      ),
      { numRuns: effort(25, 200) },
    );
  });

  it("ends lines at LF and at CRLF, and keeps a CR inside a line", async () => {
    assert.deepEqual(await linesOf("one\ntwo\r\nth\rree\n\r\n\nlast"), ["one", "two", "th\rree", "", "", "last"]);
  });

  it("takes CRLF that comes in two chunks for one end", async () => {
    assert.deepEqual(await linesOf("one\r", "\ntwo"), ["one", "two"]);
  });

  it("gives a last line without a line ending, with or without a CR", async () => {
    assert.deepEqual(await linesOf("one\ntwo"), ["one", "two"]);
    assert.deepEqual(await linesOf("one\ntwo\r"), ["one", "two"]);
    assert.deepEqual(await linesOf("one\n"), ["one"]);
    assert.deepEqual(await linesOf(), []);
  });

  it("gives nothing before it is resumed", async () => {
    const stream = new PassThrough();
    const { reader, lines } = reading(stream);
    stream.write("early\n");
    await settled();
    assert.deepEqual(lines, []);
    reader.resume();
    await settled();
    assert.deepEqual(lines, ["early"]);
  });

  it("holds back what a pause comes before, in order", async () => {
    const stream = new PassThrough();
    const { reader, lines, ended } = reading(stream, (_, reader) => reader.pause());
    stream.end("one\ntwo\r\nthree\nfour");
    for (const expected of [["one"], ["one", "two"], ["one", "two", "three"], ["one", "two", "three", "four"]]) {
      reader.resume();
      await settled();
      assert.deepEqual(lines, expected);
    }
    reader.resume();
    await ended;
  });

  it("has no more listeners after a thousand pauses than before the first", async () => {
    const stream = new PassThrough();
    const { reader, lines } = reading(stream, (_, reader) => reader.pause());
    const count = (): number => stream.eventNames().reduce((sum, name) => sum + stream.listenerCount(name), 0);
    stream.write("line\n".repeat(1_000));
    reader.resume();
    await settled();
    const before = count();
    for (let paused = 1; paused < 1_000; paused++) reader.resume();
    await settled();
    assert.equal(lines.length, 1_000);
    assert.equal(count(), before);
  });

  it("loses and reorders nothing under any pauses and resumes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme", maxLength: 4 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 7 }),
        async (chunks, pauses, every) => {
          const whole = chunks.join("\n");
          const stream = new PassThrough();
          let count = 0;
          const { reader, lines, ended, ends } = reading(stream, (_, reader) => {
            count += 1;
            if (pauses[count % pauses.length]!) reader.pause();
            if (count % every === 0) reader.resume();
          });
          for (const letter of Buffer.from(whole)) stream.write(Buffer.of(letter));
          stream.end();
          for (let tries = 0; ends() === 0; tries++) {
            assert.ok(tries < 100, "the end comes");
            reader.resume();
            await settled();
          }
          await ended;
          assert.equal(ends(), 1);
          assert.deepEqual(lines, await linesOf(whole));
        },
      ),
      { numRuns: effort(8, 60) },
    );
  });

  it("keeps the rest in the pipe while it is paused", async () => {
    let produced = 0;
    const stream = new Readable({
      highWaterMark: 16,
      read() {
        produced += 1;
        this.push(Buffer.from(`line ${produced} ${"x".repeat(1000)}\n`));
      },
    });
    const { reader, lines } = reading(stream, (_, reader) => reader.pause());
    reader.resume();
    await settled();
    assert.equal(lines.length, 1);
    const before = produced;
    await settled();
    assert.equal(produced, before);
    assert.ok(produced < 200, `${produced} kB were read ahead`);
    reader.close();
  });

  it("ends once, however the stream ends", async () => {
    const failing = new PassThrough();
    const { reader, lines, ended, ends } = reading(failing);
    reader.resume();
    failing.write("one\nhalf");
    await settled();
    failing.destroy(new Error("EIO"));
    await ended;
    await settled();
    assert.deepEqual([lines, ends()], [["one", "half"], 1]);
    const finished = reading(Readable.from([Buffer.from("a")], { objectMode: false }));
    finished.reader.resume();
    await finished.ended;
    finished.reader.pause();
    finished.reader.resume();
    await settled();
    assert.equal(finished.ends(), 1);
  });

  it("keeps the end back while a line is kept back, and tells it when nothing is", async () => {
    const stream = new PassThrough();
    const { reader, lines, ends } = reading(stream, (_, reader) => reader.pause());
    reader.resume();
    stream.end("one\ntwo\n");
    await settled();
    assert.deepEqual([lines, ends()], [["one"], 0]);
    reader.resume();
    await settled();
    // Paused again by its line; but there is nothing left that anybody could come for.
    assert.deepEqual([lines, ends()], [["one", "two"], 1]);
  });

  it("tells the end of an empty input though nobody has resumed it", async () => {
    const { ended, ends } = reading(Readable.from([], { objectMode: false }));
    await ended;
    assert.equal(ends(), 1);
  });

  it("gives nothing after it was closed, and lets go of the stream", async () => {
    const stream = new PassThrough();
    const { reader, lines, ends } = reading(stream, (_, reader) => reader.close());
    reader.resume();
    stream.write("one\ntwo\n");
    await settled();
    assert.deepEqual([lines, ends()], [["one"], 0]);
    assert.equal(stream.destroyed, true);
  });
});

describe("input that is not UTF-8", () => {
  it("is told with the number of its line, and the other lines come", async () => {
    const old: readonly (readonly [name: string, bytes: readonly number[]])[] = [
      ["Latin-1", [0x67, 0x72, 0xfc, 0xdf, 0x65]],
      ["KOI8-R", [0xd0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4]],
      ["Shift-JIS", [0x93, 0xfa, 0x96, 0x7b]],
      ["GBK", [0xc4, 0xe3, 0xba, 0xc3]],
      ["overlong", [0xc0, 0x80]],
      ["half a pair", [0xed, 0xa0, 0x80]],
      ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
      ["cut short", [0x61, 0xf0, 0x9f]],
      ["one byte", [0xff]],
    ];
    for (const [name, bytes] of old) {
      const input = Buffer.concat([Buffer.from("one\n"), Uint8Array.from(bytes), Buffer.from("\r\nüber\n\n")]);
      const expected = [["one", "über", ""], ["2 not-utf8"]];
      assert.deepEqual(await reads(input), expected, name);
      assert.deepEqual(await reads(...bytewise(input)), expected, name);
    }
    assert.deepEqual(await reads("a\nb\n", Uint8Array.of(0xf0, 0x9f)), [["a", "b"], ["3 not-utf8"]]);
  });

  it("is not a U+FFFD that somebody wrote, nor a letter in many pieces", async () => {
    assert.deepEqual(await reads("\ufffd\n👍\n"), [["\ufffd", "👍"], []]);
    assert.deepEqual(await reads(...bytewise(Buffer.from("\ufffd\n👍\n"))), [["\ufffd", "👍"], []]);
  });

  it("is told for each line, and counted with those that came before", async () => {
    const stream = new PassThrough();
    const reader = new LineReader(stream);
    stream.end(Buffer.from("first\n\xe4\nok\n\xe5\n", "latin1"));
    assert.equal(await reader.first(), "first");
    const told: number[] = [];
    await new Promise<void>((resolve) => {
      reader.handlers = { line() {}, tooLong() {}, misread: ({ line }) => told.push(line), end: resolve };
      reader.resume();
    });
    assert.deepEqual(told, [2, 4]);
  });

  it("is UTF-16 with a mark: all of it, whatever is in it, in any chunks", async () => {
    for (const order of ["le", "be"] as const) {
      for (const text of ["a\r\nb\n", "привет\n", "上海\n海上\n", "\n", "x"]) {
        const input = wide(`\ufeff${text}`, order);
        for (const chunks of [[input], bytewise(input)]) {
          assert.deepEqual(await reads(...chunks), [[], ["1 utf-16 and the rest"]], `${order} ${text}`);
        }
      }
    }
    const utf32 = Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0, 0x0a, 0, 0, 0]);
    assert.deepEqual(await reads(...bytewise(utf32)), [[], ["1 utf-32 and the rest"]]);
    assert.deepEqual(await reads(Uint8Array.of(0, 0, 0xfe, 0xff, 0, 0, 0, 0x61)), [[], ["1 utf-32 and the rest"]]);
  });

  it("is UTF-16 without a mark where it looks so", async () => {
    for (const order of ["le", "be"] as const) {
      for (const text of ["hello\nthere\n", '{"send":"a"}\r\n{"command":"quit"}\r\n', "привет мир\nснова\n"]) {
        assert.deepEqual(await reads(wide(text, order)), [[], ["1 utf-16 and the rest"]], `${order} ${text}`);
      }
      // In pieces each line is judged by itself.
      for (const text of ["hello\nthere\n", "привет мир\nснова\n"]) {
        const [lines, misread] = await reads(...bytewise(wide(text, order)));
        assert.deepEqual([lines, misread], [[], ["1 utf-16", "2 utf-16"]], `${order} ${text}`);
      }
    }
    assert.deepEqual(await reads(wide("上海\n海上\n")), [[], ["1 utf-16 and the rest"]]);
  });

  it("of UTF-16 between lines of UTF-8 is told, and the others come", async () => {
    for (const order of ["le", "be"] as const) {
      const input = Buffer.concat([Buffer.from("one\n"), wide("two\n", order), Buffer.from("three and more\n")]);
      assert.deepEqual(await reads(input), [["one", "three and more"], ["2 utf-16"]], order);
    }
    const first = Buffer.concat([wide("one\n"), Buffer.from("two, three, four and more\n")]);
    assert.deepEqual(await reads(first), [["two, three, four and more"], ["1 utf-16"]]);
  });

  it("is no text where it has zeros, as names from find -print0", async () => {
    assert.deepEqual(await reads("a name\0another one\0\nnext\n"), [["next"], ["1 nul"]]);
  });

  it("is not what has tabs, escapes or one letter over and over", async () => {
    const lines = ["1\t2\t3\t", "\t\t\t\t", "aaaa", "\x1b[\x1b[", "a\rb\rc\r!", "日本語"];
    assert.deepEqual(await reads(lines.map((line) => `${line}\n`).join("")), [lines, []]);
  });
});

describe("a byte order mark", () => {
  it("at the start of the input is dropped, once, in any chunks", async () => {
    for (const [text, expected] of [
      ["\ufeffone\n\ufefftwo", ["one", "\ufefftwo"]],
      ["\ufeff\ufeffone", ["\ufeffone"]],
      ["\ufeff\n", [""]],
      ["\ufeff", []],
      ["one", ["one"]],
    ] as const) {
      assert.deepEqual(await reads(text), [expected, []]);
      assert.deepEqual(await reads(...bytewise(Buffer.from(text))), [expected, []]);
    }
  });

  it("is no part of the first line alone", async () => {
    const stream = new PassThrough();
    stream.end("\ufefflair://invite\nhello\n");
    assert.equal(await new LineReader(stream).first(), "lair://invite");
  });

  it("that is cut short by the end is no mark, and a line that begins like one waits for nothing but its end", async () => {
    assert.deepEqual(await reads(Uint8Array.of(0xef, 0xbb)), [[], ["1 not-utf8"]]);
    assert.deepEqual(await reads(Uint8Array.of(0xef), "\nb\n"), [["b"], ["1 not-utf8"]]);
  });
});

describe("a line that fills a terminal's line buffer", () => {
  it("may have been cut, and is told and not given", async () => {
    const stream = Readable.from([Buffer.from(`${"x".repeat(4094)}\n${"y".repeat(4095)}\nlast\n`)], {
      objectMode: false,
    });
    const reader = new LineReader(stream, { cutBytes: terminalLineBytes("linux") });
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      reader.handlers = {
        line: (text) => seen.push(text.slice(0, 4)),
        tooLong: assert.fail,
        misread: ({ line, kind }) => seen.push(`${line} ${kind}`),
        end: resolve,
      };
      reader.resume();
    });
    assert.deepEqual(seen, ["xxxx", "2 cut", "last"]);
  });

  it("is one of fewer bytes on macOS, and there is none on Windows", () => {
    assert.equal(terminalLineBytes("darwin"), 1023);
    assert.equal(terminalLineBytes("win32"), undefined);
  });
});

describe("a line that is too long", () => {
  const long = "y".repeat(MIB + 1);

  it("is told as such, and nothing of it is taken for a line of its own", async () => {
    for (const size of [1, 1000, MIB, 10 * MIB]) {
      const text = Buffer.from(`before\n${"y".repeat(2 * MIB)}{"command":"quit"}\nafter\n`);
      const chunks = Array.from({ length: Math.ceil(text.length / Math.max(size, 4096)) }, (_, index) =>
        text.subarray(index * Math.max(size, 4096), (index + 1) * Math.max(size, 4096)),
      );
      const { reader, lines, ended, tooLong } = reading(Readable.from(chunks, { objectMode: false }));
      reader.resume();
      await ended;
      assert.deepEqual(lines, ["before", "after"]);
      assert.equal(tooLong(), 1);
    }
  });

  it("is told at the end of the input too", async () => {
    const { reader, lines, ended, tooLong } = reading(
      Readable.from([Buffer.from(`a\n${long}`)], { objectMode: false }),
    );
    reader.resume();
    await ended;
    assert.deepEqual(lines, ["a"]);
    assert.equal(tooLong(), 1);
  });

  it("is one of more than 1,048,576 bytes", async () => {
    const text = Buffer.from(`${"y".repeat(MIB)}\n`);
    const { reader, lines, ended, tooLong } = reading(Readable.from([text], { objectMode: false }));
    reader.resume();
    await ended;
    assert.equal(lines[0]?.length, MIB);
    assert.equal(tooLong(), 0);
  });

  it("is not kept whole while it is still coming", async () => {
    const stream = new PassThrough();
    const { reader, lines } = reading(stream);
    reader.resume();
    for (let i = 0; i < 64; i++) {
      stream.write("y".repeat(MIB));
      await settled();
    }
    assert.deepEqual(lines, []);
    stream.write("\nnext\n");
    await settled();
    assert.deepEqual(lines, ["next"]);
    reader.close();
  });
});

describe("the first line alone", () => {
  it("is given to who asks for it, and the others to who comes later", async () => {
    const stream = new PassThrough();
    const reader = new LineReader(stream);
    stream.end("lair://invite\r\nhello\nworld");
    assert.equal(await reader.first(), "lair://invite");
    await settled();
    const lines: string[] = [];
    await new Promise<void>((resolve) => {
      reader.handlers = {
        line: (text) => lines.push(text),
        tooLong: assert.fail,
        misread: () => assert.fail(),
        end: resolve,
      };
      reader.resume();
    });
    assert.deepEqual(lines, ["hello", "world"]);
  });

  it("may be empty, and is the rest where nothing ends it", async () => {
    for (const [text, expected] of [
      ["\nlater", ""],
      ["no newline", "no newline"],
    ] as const) {
      const reader = new LineReader(Readable.from([Buffer.from(text)], { objectMode: false }));
      assert.equal(await reader.first(), expected);
    }
  });

  it("is refused by its name when it is not UTF-8", async () => {
    for (const [bytes, message] of [
      [Buffer.from("lair://\xfc\n", "latin1"), /^Line 1 of the input is not UTF-8; it cannot be an invite\.$/],
      [wide("\ufefflair://x\n"), /^Line 1 of the input looks like UTF-16,/],
    ] as const) {
      const reader = new LineReader(Readable.from([bytes], { objectMode: false }));
      await assert.rejects(reader.first(), (error: unknown) => {
        assert.ok(error instanceof LairError && error.code === "input-malformed");
        assert.match(error.message, message);
        return true;
      });
    }
  });

  it("is undefined when the input ends without one, or fails", async () => {
    assert.equal(await new LineReader(Readable.from([], { objectMode: false })).first(), undefined);
    const failing = new PassThrough();
    const first = new LineReader(failing).first();
    failing.destroy(new Error("EIO"));
    assert.equal(await first, undefined);
  });
});

describe("counting what is left", () => {
  it("counts the lines, up to the end of the input", async () => {
    const { reader, lines } = reading(
      Readable.from([Buffer.from("one\ntwo\n\nthree")], { objectMode: false }),
      (_, reader) => reader.pause(),
    );
    reader.resume();
    await settled();
    assert.deepEqual(lines, ["one"]);
    assert.equal(await reader.countRest(), 3);
  });
});
