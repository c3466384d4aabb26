// What is left of an export that the disk does not take: nothing, and nobody is told that it is done.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { LairError } from "../../src/core/errors.ts";
import { type ExportDisk, exportLines } from "../../src/node/export-file.ts";
import { filesIn, newPlace } from "./home/places.ts";
import { throwsLair } from "../throws-lair.ts";
import { closeThenFail, failing, writeHalfThenFail } from "./failing-calls.ts";

const toLine = (item: string): string => `${item}\n`;

const LINES = ["über", "x".repeat(70_000), "last"];

const steps: Record<string, (code: string) => Partial<ExportDisk>> = {
  creating: (code) => ({ openSync: failing(code) }),
  writing: (code) => ({ writeSync: failing(code) }),
  "writing the second half": (code) => ({ writeSync: writeHalfThenFail(code) }),
  syncing: (code) => ({ fsyncSync: failing(code) }),
  closing: (code) => ({ closeSync: closeThenFail(code) }),
  "syncing the directory": (code) => ({
    fsyncSync: (descriptor) => (fs.fstatSync(descriptor).isDirectory() ? failing(code)() : fs.fsyncSync(descriptor)),
  }),
};

const writeSync: ExportDisk["writeSync"] = (descriptor, bytes, offset) =>
  fs.writeSync(descriptor, bytes, offset, Math.min(7_001, bytes.length - offset));

const takeNothing = (): number => 0;

function* half(): Generator<string> {
  yield "first";
  throw new LairError("store-damaged", "the store is garbled");
}

describe("an export", () => {
  for (const [step, calls] of Object.entries(steps)) {
    it(`is not done, and leaves nothing, when ${step} fails`, () => {
      for (const code of ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EMFILE"]) {
        const place = newPlace();
        const path = join(place, "lines");
        const fault = throwsLair(() => exportLines(path, LINES, toLine, { ...fs, ...calls(code) }));
        assert.equal(fault.code, "file-unwritable");
        assert.ok(fault.message.includes(`[${code}]; no part of it is left`), fault.message);
        assert.deepEqual(filesIn(place), []);
      }
    });
  }

  it("is whole when the disk takes a part at a time, and on a file system that cannot sync directories", () => {
    const path = join(newPlace(), "lines");
    const { fsyncSync } = steps["syncing the directory"]!("EINVAL");
    assert.equal(exportLines(path, LINES, toLine, { ...fs, writeSync, fsyncSync: fsyncSync! }), 3);
    assert.equal(fs.readFileSync(path, "utf8"), LINES.map(toLine).join(""));
  });

  it("does not wait for ever for a disk that takes nothing", () => {
    const place = newPlace();
    const disk: ExportDisk = { ...fs, writeSync: takeNothing };
    assert.match(throwsLair(() => exportLines(join(place, "lines"), LINES, toLine, disk)).message, /\[EIO\]/);
    assert.deepEqual(filesIn(place), []);
  });

  it("names what is left when that cannot be removed", () => {
    const path = join(newPlace(), "lines");
    const disk: ExportDisk = { ...fs, fsyncSync: failing("EIO"), unlinkSync: failing("EIO") };
    const fault = throwsLair(() => exportLines(path, LINES, toLine, disk));
    assert.match(fault.message, /\[EIO\], nor removed: a part of the history may be in it/);
    assert.match(String(fault.hint), /Remove that file yourself/);
  });

  it("says what the store said when that fails half way", () => {
    const place = newPlace();
    assert.equal(throwsLair(() => exportLines(join(place, "lines"), half(), toLine)).code, "store-damaged");
    assert.deepEqual(filesIn(place), []);
  });

  it("never goes over a file that is there", () => {
    const path = join(newPlace(), "lines");
    fs.writeFileSync(path, "mine");
    assert.equal(throwsLair(() => exportLines(path, LINES, toLine)).code, "file-exists");
    assert.equal(fs.readFileSync(path, "utf8"), "mine");
  });
});
