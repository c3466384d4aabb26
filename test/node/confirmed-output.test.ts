// Standard output that says what it has: nothing counts as written before the system has confirmed it, whatever fails.

import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { ConfirmedOutput, fileSink, type Sink, streamSink } from "../../src/node/confirmed-output.ts";
import { isReaderGone, outputFailed } from "../../src/node/output-error.ts";
import { notShown } from "../../src/app/shown.ts";

const failed = (code: string): Error => Object.assign(new Error(code), { code });

/** A sink that confirms when the test says so. */
class SlowSink implements Sink {
  readonly texts: string[] = [];
  readonly pending: ((error?: Error) => void)[] = [];
  isFull = false;
  fail: (error: Error) => void = () => {};

  write(text: string, done: (error?: Error) => void): void {
    this.texts.push(text);
    this.pending.push(done);
  }
  onError(listener: (error: Error) => void): void {
    this.fail = listener;
  }
  close(): void {}
}

function open() {
  const sink = new SlowSink();
  const output = new ConfirmedOutput(sink);
  const told: (boolean | string)[] = [];
  output.onFailure(() => void told.push("failed"));
  const ask = (): void => output.whenTaken((isTaken) => told.push(isTaken));
  return { sink, output, told, ask };
}

describe("what was given to the output", () => {
  it("is taken once the system has confirmed every write of it, and no later one", () => {
    const { sink, output, told, ask } = open();
    ask();
    assert.deepEqual(told, [true]);
    output.write("a");
    output.write("b");
    ask();
    output.write("c");
    sink.pending[0]!();
    assert.deepEqual(told, [true]);
    sink.pending[1]!();
    assert.deepEqual(told, [true, true]);
  });

  it("never is when a write fails, nor anything after it, though a later write would do", async () => {
    const { sink, output, told, ask } = open();
    output.write("a");
    ask();
    output.write("b");
    ask();
    sink.pending[0]!();
    sink.pending[1]!(failed("ENOSPC"));
    // Not from within a write.
    assert.deepEqual([...told], [true, false]);
    await Promise.resolve();
    sink.fail(failed("EIO"));
    output.write("c");
    ask();
    sink.pending[1]!();
    await Promise.resolve();
    assert.deepEqual(
      [told, sink.texts],
      [
        [true, false, "failed", false],
        ["a", "b"],
      ],
    );
    assert.equal((output.failure as { code?: string }).code, "ENOSPC");
    output.onFailure(() => void told.push("late"));
    await Promise.resolve();
    assert.equal(told.at(-1), "late");
  });

  it("never is when the stream fails between two writes, or throws", async () => {
    for (const spoil of [
      ({ sink }: ReturnType<typeof open>) => sink.fail(failed("EIO")),
      ({ sink, output }: ReturnType<typeof open>) => {
        sink.write = () => assert.fail("thrown");
        output.write("b");
      },
    ]) {
      const opened = open();
      opened.output.write("a");
      opened.ask();
      spoil(opened);
      await Promise.resolve();
      assert.deepEqual(opened.told, [false, "failed"]);
    }
  });

  it("is written in one piece if it was gathered in one turn, and counts once that is confirmed", async () => {
    const { sink, output, told, ask } = open();
    for (const text of ["a\n", "b\n", "c\n"]) output.gather(text);
    assert.deepEqual(sink.texts, [], "more may come in this turn");
    await Promise.resolve();
    assert.deepEqual(sink.texts, ["a\nb\nc\n"]);
    ask();
    assert.deepEqual(told, []);
    sink.pending[0]!();
    assert.deepEqual(told, [true]);
    await Promise.resolve();
    assert.equal(sink.texts.length, 1);
  });

  it("is written first, if it was gathered: before a later write, before it is asked for, and at the end", () => {
    const { sink, output, told, ask } = open();
    output.gather("a");
    output.write("b");
    assert.deepEqual(sink.texts, ["a", "b"]);
    output.gather("c");
    ask();
    assert.deepEqual([sink.texts.at(-1), told], ["c", []], "asked for, and not confirmed");
    output.gather("d");
    output.close();
    output.gather("e");
    assert.deepEqual(sink.texts, ["a", "b", "c", "d"]);
  });

  it("is gathered up to 64 KiB, so that a reader who stops is noticed within a turn", () => {
    const { sink, output } = open();
    const line = "x".repeat(1_023);
    for (let count = 0; count < 130; count++) output.gather(`${line}\n`);
    assert.deepEqual(
      sink.texts.map(({ length }) => length),
      [65_536, 65_536],
    );
  });

  it("is lost with the output that fails, if it was gathered, and is not taken", async () => {
    const { sink, output, told, ask } = open();
    output.gather("a");
    sink.fail(failed("EPIPE"));
    ask();
    await Promise.resolve();
    assert.deepEqual([sink.texts, told], [[], [false, "failed"]]);
  });

  it("is full only while it works", () => {
    const { sink, output } = open();
    sink.isFull = true;
    assert.equal(output.isFull, true);
    sink.fail(failed("EPIPE"));
    assert.equal(output.isFull, false);
  });
});

describe("a stream", () => {
  it("is believed by its callbacks, not by what waits in it: a failed one is empty too", async () => {
    // As the standard streams do: an error does not end them, and the next write is tried again.
    const stream = new Writable({
      autoDestroy: false,
      emitClose: false,
      write: (chunk, _encoding, done) => done(String(chunk) === "bad" ? failed("EIO") : null),
    });
    const output = new ConfirmedOutput(streamSink(stream));
    const told: boolean[] = [];
    output.write("good");
    output.whenTaken((isTaken) => told.push(isTaken));
    output.write("bad");
    output.write("good again");
    output.whenTaken((isTaken) => told.push(isTaken));
    await new Promise(setImmediate);
    assert.equal(stream.writableLength, 0);
    assert.deepEqual([...told], [true, false]);
  });

  it("has one listener, however many writes wait for its reader", () => {
    const stream = new Writable({ highWaterMark: 16, write: () => {} });
    const output = new ConfirmedOutput(streamSink(stream));
    for (let number = 0; number < 1_000; number++) {
      output.write(`line ${number}\n`);
      output.whenTaken(() => assert.fail("nobody reads it"));
    }
    assert.equal(output.isFull, true);
    assert.deepEqual(
      stream.eventNames().map((name) => [name, stream.listenerCount(name)]),
      [["error", 1]],
    );
  });
});

describe("a file", () => {
  it("gets all of a text, in as many pieces as the system takes it", (t) => {
    const directory = mkdtempSync(join(tmpdir(), "lair-output-"));
    t.after(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "out");
    const fd = openSync(path, "w");
    let calls = 0;
    const output = new ConfirmedOutput(
      fileSink(
        fd,
        shortWrite(fd, () => (++calls, 5)),
      ),
    );
    output.write("grüße, 日本\n");
    output.whenTaken((isTaken) => assert.equal(isTaken, true));
    output.close();
    assert.deepEqual([readFileSync(path, "utf8"), calls > 1], ["grüße, 日本\n", true]);
  });

  it("that is cut short in the middle of a text has not taken it", () => {
    for (const limit of [5, 0]) {
      let calls = 0;
      const output = new ConfirmedOutput(
        fileSink(-1, () => {
          // A disk that is full, or one that takes nothing and says nothing.
          if (++calls > 1 && limit > 0) throw failed("ENOSPC");
          return limit;
        }),
      );
      output.write("a long text");
      let isTaken: boolean | undefined;
      output.whenTaken((answer) => (isTaken = answer));
      assert.equal(isTaken, false);
      assert.equal(outputFailed(output.failure).code, "output-failed");
    }
  });

  it("that is only open for reading, or full, is a failure with its name", () => {
    for (const [path, flags, code] of [
      [devNull, "r", "EBADF"],
      ["/dev/full", "w", "ENOSPC"],
    ] as const) {
      if (process.platform !== "linux" && path === "/dev/full") continue;
      const fd = openSync(path, flags);
      const output = new ConfirmedOutput(fileSink(fd));
      output.write("x");
      closeSync(fd);
      assert.match(outputFailed(output.failure).message, new RegExp(`^Cannot write standard output: .* \\[${code}\\]`));
    }
  });

  it("that fails when it is closed has failed", () => {
    const output = new ConfirmedOutput({
      ...fileSink(-1, ((_fd: number, bytes: Buffer) => bytes.length) as never),
      close: () => {
        throw failed("EDQUOT");
      },
    });
    output.write("x");
    output.close();
    assert.match(outputFailed(output.failure).message, /quota.*EDQUOT/);
  });
});

describe("an error of the output", () => {
  it("is the reader's going or a failure", () => {
    for (const code of ["EPIPE", "ECONNRESET"]) assert.equal(isReaderGone(failed(code)), true);
    for (const code of ["ENOSPC", "EIO", "EBADF"]) assert.equal(isReaderGone(failed(code)), false);
    assert.equal(isReaderGone(undefined), false);
    for (const error of [failed("EWHATEVER"), new Error("none"), undefined]) {
      const { message, hint } = outputFailed(error);
      assert.match(message, /the system failed/);
      assert.ok(hint);
    }
  });

  it("says what becomes of what was not shown", () => {
    assert.match(`${notShown(1, true).message} ${notShown(1, true).hint}`, /^1 received message was .*It is kept/);
    assert.match(`${notShown(2, false).message} ${notShown(2, false).hint}`, /^2 received messages .*They are lost/);
  });
});

/** Writes no more at a time than `most` says. */
function shortWrite(fd: number, most: () => number): never {
  return ((_fd: number, bytes: Uint8Array, at: number) => {
    const piece = bytes.subarray(at, at + most());
    return writeSync(fd, piece);
  }) as never;
}
