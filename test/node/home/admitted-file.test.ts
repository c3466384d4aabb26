// HOME/server/admitted (docs/PROTOCOL.md §3.2): what it remembers over restarts, full disks, crashes and damage.

import assert from "node:assert/strict";
import { hash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { toHex } from "../../../src/core/bytes.ts";
import { openHome } from "./open-home.ts";
import type { Disk } from "../../../src/node/disk.ts";
import { newPlace } from "./places.ts";
import { throwsLair } from "../../throws-lair.ts";
import { closeThenFail, failing, writeHalfThenFail } from "../failing-calls.ts";

const HEADER = "lair admitted 1\n".length;
const ENTRY = 20;
const LIMIT = 65_536;

const keyOf = (number: number): Uint8Array => {
  const key = new Uint8Array(16).fill(7);
  new DataView(key.buffer).setUint32(4, number);
  return key;
};
const entryOf = (number: number): Buffer => {
  const key = keyOf(number);
  return Buffer.concat([key, hash("sha256", key, "buffer").subarray(0, 4)]);
};
const keysOf = (...numbers: number[]): string[] => numbers.map((number) => toHex(keyOf(number)));

/** A home whose memory can be opened again and again, on a disk of which some calls can be replaced meanwhile. */
function memoryIn(place = newPlace()) {
  const calls: Partial<Disk> = {};
  const counts = { fsync: 0, rename: 0 };
  const disk: Disk = {
    openSync: (...args) => (calls.openSync ?? fs.openSync)(...args),
    writeSync: (...args) => (calls.writeSync ?? fs.writeSync)(...args),
    fsyncSync: (descriptor) => {
      counts.fsync++;
      // The real one takes its time, and what it is for cannot be seen here.
      calls.fsyncSync?.(descriptor);
    },
    closeSync: (descriptor) => (calls.closeSync ?? fs.closeSync)(descriptor),
    renameSync: (from, to) => {
      counts.rename++;
      (calls.renameSync ?? fs.renameSync)(from, to);
    },
    unlinkSync: fs.unlinkSync,
  };
  const open = () => openHome(place, "server", { disk }).openAdmitted();
  const known = () => [...open().known].map(toHex);
  return { place, path: join(place, "server", "admitted"), calls, counts, open, known };
}

function filled(...numbers: number[]) {
  const home = memoryIn();
  const memory = home.open();
  for (const number of numbers) memory.remember(keyOf(number));
  return { ...home, memory };
}

describe("the memory of whom a first message has let in", () => {
  it("is empty at first, without a file, and knows in order what it was told, over restarts", () => {
    const { open, known, path } = memoryIn();
    assert.deepEqual(known(), []);
    assert.equal(fs.existsSync(path), false);
    for (const number of [1, 2, 3]) open().remember(keyOf(number));
    const last = open();
    for (const number of [4, 5]) last.remember(keyOf(number));
    assert.deepEqual(known(), keysOf(1, 2, 3, 4, 5));
    assert.equal(fs.statSync(path).size, HEADER + 5 * ENTRY);
    if (process.platform !== "win32") assert.equal(fs.statSync(path).mode & 0o777, 0o600);
  });

  it("appends and syncs each before it returns", () => {
    const { memory, counts, known } = filled(1);
    for (const number of [2, 3]) {
      const before = { ...counts };
      memory.remember(keyOf(number));
      assert.deepEqual(counts, { fsync: before.fsync + 1, rename: before.rename });
      assert.equal(known().length, number);
    }
  });

  it("keeps the newest 65,536, and is written anew once in as many", () => {
    const { open, path, counts } = memoryIn();
    open();
    const header = Buffer.from("lair admitted 1\n");
    const entries = Array.from({ length: 2 * LIMIT + 1 }, (_, number) => entryOf(number));
    fs.writeFileSync(path, Buffer.concat([header, ...entries.slice(0, -2)]), { mode: 0o600 });
    const memory = open();
    memory.remember(keyOf(2 * LIMIT - 1));
    assert.equal(counts.rename, 0);
    assert.equal(fs.statSync(path).size, HEADER + 2 * LIMIT * ENTRY);
    memory.remember(keyOf(2 * LIMIT));
    assert.equal(counts.rename, 1);
    assert.ok(fs.readFileSync(path).equals(Buffer.concat([header, ...entries.slice(LIMIT)])));
  });

  const steps: Record<string, (code: string) => Partial<Disk>> = {
    opening: (code) => ({ openSync: failing(code) }),
    writing: (code) => ({ writeSync: failing(code) }),
    "writing the second half": (code) => ({ writeSync: writeHalfThenFail(code) }),
    syncing: (code) => ({ fsyncSync: failing(code) }),
    closing: (code) => ({ closeSync: closeThenFail(code) }),
  };
  for (const [step, replaced] of Object.entries(steps)) {
    it(`says that nobody was answered when ${step} fails, and has all of it once the disk works again (calls replaced)`, () => {
      for (const code of ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO"]) {
        for (const isFirst of [true, false]) {
          const { memory, calls, path, known } = isFirst ? filled() : filled(1, 2);
          Object.assign(calls, replaced(code));
          const fault = throwsLair(() => memory.remember(keyOf(3)));
          assert.equal(fault.code, "home-unwritable");
          assert.match(fault.message, /^A connection was not answered\. Cannot write /);
          assert.ok(fault.message.includes(path) && fault.message.includes(`[${code}]`), fault.message);
          assert.ok(fault.hint !== undefined);
          for (const name of Object.keys(calls)) delete calls[name as keyof Disk];
          memory.remember(keyOf(4));
          memory.remember(keyOf(5));
          assert.deepEqual(known(), isFirst ? keysOf(3, 4, 5) : keysOf(1, 2, 3, 4, 5));
        }
      }
    });
  }

  it("is taken up again when a write was cut at any byte, or left zeros, without a word", () => {
    const { path, open, known } = filled(1, 2, 3);
    const whole = fs.readFileSync(path);
    const tails = Array.from({ length: ENTRY }, (_, length) => whole.subarray(HEADER + 2 * ENTRY).subarray(0, length));
    for (const tail of [...tails, Buffer.alloc(ENTRY)]) {
      fs.writeFileSync(path, Buffer.concat([whole.subarray(0, HEADER + 2 * ENTRY), tail]));
      const memory = open();
      assert.equal(memory.damage, undefined);
      memory.remember(keyOf(4));
      assert.deepEqual(known(), keysOf(1, 2, 4));
    }
    assert.equal(fs.existsSync(`${path}.damaged`), false);
  });

  it("is begun anew when it is damaged: said once, the old file is kept, and what can be read of it counts", () => {
    const { path, open, known } = filled(1, 2, 3);
    const whole = fs.readFileSync(path);
    const flipped = Buffer.from(whole);
    flipped[HEADER + 3]! ^= 1;
    const cases: [Buffer, string[]][] = [
      [flipped, keysOf(2, 3)],
      [Buffer.concat([whole, Buffer.alloc(2 * ENTRY)]), keysOf(1, 2, 3)],
      [Buffer.from("lair admitted 2\n"), []],
      [whole.subarray(0, HEADER - 1), []],
      [Buffer.from("something else that somebody has put here"), []],
      [Buffer.alloc(0), []],
    ];
    for (const [content, kept] of cases) {
      fs.writeFileSync(path, content);
      const { damage } = open();
      assert.equal(damage?.code, "home-damaged");
      assert.ok(damage.message.includes(path) && damage.hint !== undefined);
      assert.deepEqual(fs.readFileSync(`${path}.damaged`), content);
      const again = open();
      assert.equal(again.damage, undefined);
      again.remember(keyOf(9));
      assert.deepEqual(known(), [...kept, ...keysOf(9)]);
    }
  });

  it("says so when a damaged file cannot be moved away, and leaves it (calls replaced)", () => {
    const { path, open, calls } = filled(1);
    fs.writeFileSync(path, "damaged");
    calls.renameSync = failing("EROFS");
    assert.equal(throwsLair(open).code, "home-unwritable");
    assert.equal(fs.readFileSync(path, "utf8"), "damaged");
  });

  it("is written as a whole when somebody has removed, cut or replaced it meanwhile", () => {
    const { path, memory, place, known } = filled(1, 2);
    const other = join(place, "other");
    fs.writeFileSync(other, "");
    const deeds = [
      () => fs.unlinkSync(path),
      () => fs.truncateSync(path, 5),
      () => fs.appendFileSync(path, "more"),
      () => {
        fs.unlinkSync(path);
        fs.symlinkSync(other, path);
      },
    ];
    for (const [index, deed] of deeds.entries()) {
      deed();
      memory.remember(keyOf(3 + index));
    }
    assert.deepEqual(known(), keysOf(1, 2, 3, 4, 5, 6));
    assert.equal(fs.lstatSync(path).isFile(), true);
    assert.equal(fs.statSync(other).size, 0, "nothing went through the link");
  });

  it("is refused when it is a link or no file, and left as it is", () => {
    const { path, open, place } = filled(1);
    const other = join(place, "other");
    fs.renameSync(path, other);
    fs.symlinkSync(other, path);
    assert.equal(throwsLair(open).code, "home-mode");
    fs.unlinkSync(path);
    fs.mkdirSync(path, { mode: 0o600 });
    assert.equal(throwsLair(open).code, "file-unreadable");
    assert.equal(fs.statSync(other).size, HEADER + ENTRY);
  });
});
