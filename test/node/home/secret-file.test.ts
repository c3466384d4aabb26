// What reading a secret file leaves in memory when it goes wrong half-way. Its rules are in modes.test.ts.

import assert from "node:assert/strict";
import fs, { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { readSecretFile } from "../../../src/node/home/secret-file.ts";

const SECRET = "the letters of a secret";

/** The path of a new secret file. */
function secretFile(t: TestContext): string {
  const place = mkdtempSync(join(tmpdir(), "lair-secret-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const path = join(place, "psk");
  writeFileSync(path, SECRET, { mode: 0o600 });
  return path;
}

/**
 * Reads a secret file whose second read does what `second` does. The outcome, and the memory into which it was read. Only
 * while it is read is `readSync` another one, and only for this file: Node and tsx read files of their own.
 */
function interrupted(t: TestContext, second: () => number) {
  const path = secretFile(t);
  const { readSync } = fs;
  const { ino } = statSync(path);
  const targets: Uint8Array[] = [];
  fs.readSync = ((descriptor: number, into: Uint8Array, at: number, length: number, position: number | null) => {
    if (fs.fstatSync(descriptor).ino !== ino) return readSync(descriptor, into, at, length, position);
    targets.push(into);
    return targets.length === 1 ? readSync(descriptor, into, at, Math.min(4, length), null) : second();
  }) as typeof fs.readSync;
  syncBuiltinESMExports();
  try {
    return { bytes: readSecretFile(path, "the psk file"), targets };
  } catch (error) {
    return { error, targets };
  } finally {
    fs.readSync = readSync;
    syncBuiltinESMExports();
  }
}

describe("readSecretFile", () => {
  it("says in a sentence what the disk says of a file that is open already", (t) => {
    const path = secretFile(t);
    const { fstatSync } = fs;
    fs.fstatSync = () => {
      throw Object.assign(new Error("EIO: i/o error, fstat"), { code: "EIO" });
    };
    syncBuiltinESMExports();
    try {
      assert.throws(() => readSecretFile(path, "the psk file"), {
        code: "file-unreadable",
        message: `Cannot read ${path}: the disk failed [EIO].`,
      });
    } finally {
      fs.fstatSync = fstatSync;
      syncBuiltinESMExports();
    }
  });

  it("returns what is there of a file that shrinks meanwhile, and overwrites the memory that was too long", (t) => {
    const { bytes, error, targets } = interrupted(t, () => 0);
    assert.deepEqual([error, targets.map(({ length }) => length)], [undefined, [SECRET.length, SECRET.length]]);
    assert.equal(toHex(bytes!), toHex(toUtf8(SECRET.slice(0, 4))));
    assert.ok(targets[0]!.every((byte) => byte === 0));
  });

  it("overwrites what it has read of a file that cannot be read to its end", (t) => {
    const { error, targets } = interrupted(t, () => {
      throw Object.assign(new Error("EIO"), { code: "EIO" });
    });
    assert.equal((error as { code?: string }).code, "file-unreadable");
    assert.deepEqual(
      targets.map(({ length }) => length),
      [SECRET.length, SECRET.length],
    );
    assert.ok(targets[0]!.every((byte) => byte === 0));
  });
});
