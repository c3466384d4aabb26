// Lines of a pipe: whatever the chunks are, the lines are the same; a pause loses nothing; the end comes once.

import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LineReader } from "../../src/node/line-reader.ts";

const MIB = 1024 * 1024;

/** A reader, what it has told, and a promise for the end. */
function reading(stream: Readable, onLine: (text: string, reader: LineReader) => void = () => {}) {
  const reader = new LineReader(stream);
  const lines: string[] = [];
  let ends = 0;
  let tooLong = 0;
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
      end() {
        ends += 1;
        resolve();
      },
    };
  });
  return { reader, lines, ended, ends: () => ends, tooLong: () => tooLong };
}

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
      { numRuns: 200 },
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

  it("makes U+FFFD of what is no UTF-8, also when it is cut short at the end", async () => {
    assert.deepEqual(await linesOf(Uint8Array.of(0x61, 0xff, 0x62, 0x0a, 0xf0, 0x9f)), ["a\ufffdb", "\ufffd"]);
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
      { numRuns: 60 },
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

  it("is one of more than 1,048,576 characters", async () => {
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
      reader.handlers = { line: (text) => lines.push(text), tooLong: assert.fail, end: resolve };
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
