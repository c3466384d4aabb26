// What is left of a commit that the disk did not take: nothing, and the store goes on when the disk does.
import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { setImmediate as turns } from "node:timers/promises";
import { describe, it } from "node:test";
import { type OpenEngine, openLibsql } from "../../../src/node/store/connection.ts";
import { storeError } from "../../../src/node/store/store-error.ts";
import { WriterLock } from "../../../src/node/store/writer-lock.ts";
import { acknowledged, ADA, arrived, BOB, newPlace, open, queued, rowsOf, shown, skipped } from "./places.ts";
import { effort } from "../../effort.ts";
import { startProgram } from "./second-program.ts";
import { CODES, Trouble } from "./trouble.ts";
import { throwsLair } from "../../throws-lair.ts";

const TRIED = effort(["full", "ioFsync"], Object.keys(CODES)) as readonly (keyof typeof CODES)[];

describe("a commit that the disk does not take", () => {
  for (const name of TRIED) {
    const code = CODES[name];
    for (const kept of ["forever", "off"] as const)
      it(`leaves nothing, whichever statement fails, and the next one works (${name}, history ${kept})`, () => {
        const trouble = new Trouble();
        const place = newPlace();
        const store = open(place, { open: trouble.open });
        store.setRetention(ADA, kept);
        store.commit(ADA, [queued(0, "before"), arrived(0, "before")]);
        const changes = [queued(1, "lost"), arrived(1, "lost"), acknowledged(1), shown(1), skipped(5)];
        let failures = 0;
        // The first statement of the commit fails, then the second one, and so on until it goes through.
        for (let failing = 0; ; failing++) {
          const before = store.load(ADA);
          const words = store.search(ADA, "lost", 5, 0).total;
          let count = 0;
          let isOver = false;
          trouble.judge = () => (!isOver && count++ === failing ? ((isOver = true), { code }) : undefined);
          try {
            store.commit(ADA, changes);
            break;
          } catch (error) {
            const fault = throwsLair(() => {
              throw error;
            });
            assert.equal(fault.code, "store-unwritable");
            assert.match(`${fault.message} ${fault.hint}`, /store\.db.*\[SQLITE_[A-Z_]+\].*--no-store/);
            failures++;
          } finally {
            trouble.judge = () => undefined;
          }
          assert.deepEqual(store.load(ADA), before, `statement ${failing}`);
          assert.equal(store.search(ADA, "lost", 5, 0).total, words);
        }
        assert.ok(failures > 8, `${failures} statements were made to fail`);
        assert.equal(store.load(ADA).next, 2);
        store.close();
        assert.equal(open(place).load(ADA).next, 2);
      });
  }

  it("is not there when the program is killed and started again, though its log was whole and only fsync failed", () => {
    const trouble = new Trouble();
    const place = newPlace();
    const store = open(place, { open: trouble.open });
    store.commit(ADA, [queued(0, "before")]);
    // After a real failed fsync the frames are in the log, and SQLite takes them back in memory only. Here they are
    // even committed; what has to follow is the small transaction in their place and a new log.
    const seen: string[] = [];
    let isOver = false;
    trouble.judge = (sql) => {
      seen.push(sql);
      if (isOver || sql !== "COMMIT") return undefined;
      isOver = true;
      return { code: CODES.ioFsync };
    };
    assert.equal(throwsLair(() => store.commit(ADA, [queued(1, "lost")])).code, "store-unwritable");
    trouble.judge = () => undefined;
    const end = seen.slice(seen.indexOf("COMMIT"));
    assert.deepEqual(
      end.filter((sql) => /^(?:ROLLBACK|UPDATE meta|COMMIT|PRAGMA wal)/.test(sql)).map((sql) => sql.slice(0, 10)),
      ["COMMIT", "ROLLBACK", "UPDATE met", "COMMIT", "PRAGMA wal"],
    );
    assert.equal(fs.statSync(join(place, "store.db-wal")).size, 0);
    assert.equal(store.load(ADA).next, 1);
  });

  it("is followed by none until the disk has been mended", () => {
    const trouble = new Trouble();
    const store = open(newPlace(), { open: trouble.open });
    store.commit(ADA, [queued(0, "before")]);
    trouble.judge = (sql) => (sql === "COMMIT" || sql.includes("wal_checkpoint") ? { code: CODES.ioFsync } : undefined);
    for (let i = 0; i < 3; i++)
      assert.equal(throwsLair(() => store.commit(ADA, [queued(1, "lost")])).code, "store-unwritable");
    trouble.judge = (sql) => (sql.includes("wal_checkpoint") ? { code: CODES.ioFsync } : undefined);
    assert.equal(throwsLair(() => store.commit(ADA, [queued(1, "lost")])).code, "store-unwritable");
    trouble.judge = () => undefined;
    store.commit(ADA, [queued(1, "after")]);
    assert.equal(store.load(ADA).next, 2);
  });

  it("that can be neither ended nor undone stops the store, clearly", () => {
    const trouble = new Trouble();
    const store = open(newPlace(), { open: trouble.open });
    trouble.judge = (sql) => (/^(?:COMMIT|ROLLBACK)/.test(sql) ? { code: CODES.ioWrite } : undefined);
    assert.equal(throwsLair(() => store.commit(ADA, [queued(0, "lost")])).code, "store-unwritable");
    trouble.judge = () => undefined;
    const fault = throwsLair(() => store.load(ADA));
    assert.equal(fault.code, "store-unwritable");
    assert.match(String(fault.hint), /start this program again/);
  });

  it("is a bug, and said as such, when nothing is wrong with the disk", () => {
    const trouble = new Trouble();
    const store = open(newPlace(), { open: trouble.open });
    trouble.judge = (sql) => (sql.includes("INTO batches") ? { code: 19 } : undefined);
    assert.throws(() => store.commit(ADA, [queued(0, "lost")]), /injected/);
    trouble.judge = () => undefined;
    store.commit(ADA, [queued(0, "fine")]);
  });
});

describe("how a commit reaches the disk", () => {
  it("waits for the disk, unless it holds nothing but what was acknowledged or shown", () => {
    const trouble = new Trouble();
    const store = open(newPlace(), { open: trouble.open });
    store.setRetention(ADA, "forever");
    let mode = "FULL";
    const modes: string[] = [];
    trouble.judge = (sql) => {
      mode = /^PRAGMA synchronous = (.*)$/.exec(sql)?.[1] ?? mode;
      if (sql === "COMMIT") modes.push(mode);
      return undefined;
    };
    store.commit(ADA, [queued(0, "one"), arrived(0, "two"), arrived(1, "three")]);
    store.commit(ADA, [acknowledged(1), shown(1)]);
    store.commit(ADA, [{ type: "released", next: 1 }]);
    store.commit(ADA, [shown(1)]);
    store.commit(ADA, [shown(1), { type: "setting", value: new Uint8Array(1) }]);
    assert.deepEqual(modes, ["FULL", "NORMAL", "FULL", "NORMAL", "FULL"]);
  });

  it("is with the next one, where only what was acknowledged or shown is new, and nothing is kept", () => {
    const trouble = new Trouble();
    const place = newPlace();
    const store = open(place, { open: trouble.open });
    let commits = 0;
    trouble.judge = (sql) => {
      if (sql === "BEGIN IMMEDIATE") commits++;
      return undefined;
    };
    const inFile = (): unknown[] => [
      ...rowsOf(place, "SELECT acknowledged, shown, unshown FROM peers")[0]!,
      rowsOf(place, "SELECT * FROM batches").length,
    ];
    store.commit(ADA, [queued(0, "one"), arrived(0, "two"), arrived(1, "three")]);
    commits = 0;
    store.commit(ADA, [acknowledged(1), shown(1)]);
    store.commit(ADA, [shown(2)]);
    const { acknowledged: oldest, shown: seen, inbox } = store.load(ADA);
    assert.deepEqual([oldest, seen, inbox.length], [1, 2, 0], "it is as the caller was told");
    assert.equal(commits, 0);
    assert.deepEqual(inFile(), [0, 0, 2, 2]);
    // Somebody else's commit takes it along; one that fails leaves it for the next.
    trouble.judge = (sql) => (sql === "COMMIT" ? { code: CODES.full } : undefined);
    assert.equal(throwsLair(() => store.commit(BOB, [queued(0, "lost")])).code, "store-unwritable");
    trouble.judge = () => undefined;
    assert.deepEqual(inFile(), [0, 0, 2, 2]);
    assert.deepEqual([store.load(ADA).shown, store.load(BOB).next], [2, 0]);
    store.commit(BOB, [queued(0, "goes on")]);
    assert.deepEqual(inFile(), [1, 2, 0, 1]);
  });

  it("does not wait for another one for long", async () => {
    const place = newPlace();
    const store = open(place);
    store.commit(ADA, [queued(0, "one")]);
    store.commit(ADA, [acknowledged(1)]);
    while (rowsOf(place, "SELECT acknowledged FROM peers")[0]![0] === 0) await turns();
    assert.deepEqual(rowsOf(place, "SELECT * FROM batches"), []);
    store.commit(ADA, [queued(1, "two"), arrived(0, "three"), shown(1)]);
    store.commit(ADA, [acknowledged(2)]);
    store.close();
    assert.deepEqual(rowsOf(place, "SELECT acknowledged, shown, unshown FROM peers"), [[2, 1, 0]]);
  });
});

/** Lines that are heard and shown, each in a turn of its own. */
async function hear(store: ReturnType<typeof open>, first: number, count: number): Promise<void> {
  for (let seq = first; seq < first + count; seq++) {
    store.commit(ADA, [arrived(seq, "a line")]);
    store.commit(ADA, [shown(seq + 1)]);
    await turns();
  }
}

describe("the log of a store that is told line after line", () => {
  const COPY = "PRAGMA wal_checkpoint(PASSIVE)";

  it("is copied into the file between two lines, when nobody waits, so that it never gets long", async () => {
    const trouble = new Trouble();
    const place = newPlace();
    const store = open(place, { open: trouble.open });
    const done: string[] = [];
    let mode = "FULL";
    trouble.judge = (sql) => {
      mode = /^PRAGMA synchronous = (.*)$/.exec(sql)?.[1] ?? mode;
      if (sql === "COMMIT" || sql === COPY) done.push(sql === COPY ? "copied" : mode);
      return undefined;
    };
    await hear(store, 0, 120);
    const copies = done.flatMap((what, index) => (what === "copied" ? [done[index - 1]] : []));
    assert.deepEqual(copies, ["NORMAL", "NORMAL", "NORMAL", "NORMAL"], "each follows on what was shown");
    // 200 pages are what a commit would copy by itself.
    assert.ok(fs.statSync(join(place, "store.db-wal")).size < 200 * 4_096);
  });

  it("is copied later, and the disk is mended, when that fails", async () => {
    const trouble = new Trouble();
    const place = newPlace();
    const store = open(place, { open: trouble.open });
    let [copies, mended] = [0, 0];
    trouble.judge = (sql) => {
      if (sql.startsWith("UPDATE meta SET mended")) mended++;
      if (sql !== COPY) return undefined;
      copies++;
      return copies === 1 ? { code: CODES.ioFsync } : undefined;
    };
    await hear(store, 0, 70);
    assert.deepEqual([copies, mended, store.load(ADA).shown], [2, 1, 70]);
    store.close();
    assert.equal(open(place).load(ADA).shown, 70);
  });
});

describe("a disk with no room left", () => {
  it("takes nothing back that was stored, and says so in a program of its own", async () => {
    const place = newPlace();
    // In blocks of 512 bytes: some 200 kB a file.
    const program = startProgram(place, "write", "ulimit -f 400");
    assert.equal(await program.answer(), "open");
    const line = "a line that takes some room ".repeat(200);
    let stored = 0;
    let answer: unknown = "done";
    while (answer === "done" && stored < 200) {
      answer = await program.ask(`queue ${line}`);
      if (answer === "done") stored++;
    }
    assert.equal(answer, "store-unwritable");
    assert.ok(stored > 3, `${stored} were stored`);
    assert.equal(await program.ask("count"), stored);
    await program.kill();
    const store = open(place);
    assert.equal(store.load(ADA).outbox.length, stored);
    store.commit(ADA, [queued(stored, "there is room again")]);
  });
});

/** A file system that refuses the lock on the files for which `refuses` says so, as SQLite tells of it. */
function refusing(refuses: (path: string) => boolean, code: string, rawCode: number): OpenEngine {
  return (path, ...more) => {
    const engine = openLibsql(path, ...more);
    const exec = (sql: string): unknown => {
      if (!refuses(path)) return engine.exec(sql);
      throw Object.assign(new Error("injected"), { code, rawCode });
    };
    return { exec, inTransaction: false, prepare: (sql) => engine.prepare(sql), close: () => engine.close() };
  };
}

const always = (): boolean => true;

describe("a lock that the writer does not get", () => {
  it("is another Lair program's when that is seen, and leaves nothing", () => {
    const place = newPlace();
    const path = join(place, "store.lock");
    const held = new WriterLock(path);
    const fault = throwsLair(() => new WriterLock(path));
    assert.equal(fault.code, "store-locked");
    assert.match(fault.message, /^Another Lair program of this role is already using /);
    // No list of locks on this system.
    const lockList = join(place, "no list");
    assert.match(throwsLair(() => new WriterLock(path, { lockList })).message, /^Another Lair program/);
    held.release();
    assert.deepEqual(fs.readdirSync(place), ["store.lock"]);
  });

  // ENOLCK and EACCES of a network drive come as SQLITE_BUSY.
  it("is refused by the file system when not even a new file can be locked there", () => {
    const place = newPlace();
    const fault = throwsLair(
      () => new WriterLock(join(place, "store.lock"), { open: refusing(always, "SQLITE_BUSY", 5) }),
    );
    assert.equal(fault.code, "store-unwritable");
    assert.match(fault.message, /store\.lock: the file system refuses locks.*\[ENOLCK or EACCES\]/);
    assert.match(String(fault.hint), /a disk of this machine.*--home.*--no-store/);
    assert.deepEqual(fs.readdirSync(place), ["store.lock"]);
  });

  it("is nobody's that is seen when the list of locks does not have it", () => {
    const place = newPlace();
    const path = join(place, "store.lock");
    const lockList = join(place, "locks");
    fs.writeFileSync(lockList, "1: POSIX  ADVISORY  WRITE 438 fe:00:1 120 120\n");
    const open = refusing((file) => file === path, "SQLITE_BUSY", 5);
    const fault = throwsLair(() => new WriterLock(path, { open, lockList }));
    assert.equal(fault.code, "store-locked");
    assert.match(fault.message, /store\.lock is locked, but by no program that is visible from here/);
    assert.match(String(fault.hint), /another container or on another machine.*ENOLCK, EACCES.*--home/);
  });

  it("is told as what the system said", () => {
    const codes = {
      SQLITE_PERM: 3,
      SQLITE_IOERR_LOCK: 3850,
      SQLITE_PROTOCOL: 15,
      SQLITE_READONLY: 8,
      SQLITE_CANTOPEN: 14,
    };
    for (const [code, rawCode] of Object.entries(codes)) {
      const place = newPlace();
      const fault = throwsLair(
        () => new WriterLock(join(place, "store.lock"), { open: refusing(always, code, rawCode) }),
      );
      assert.equal(fault.code, "store-unwritable");
      assert.ok(fault.message.includes(`[${code}]`), fault.message);
      assert.ok(!`${fault.message}${fault.hint}`.includes("Another"), fault.message);
    }
  });

  it("says of each of its kinds what is the matter", () => {
    const kinds: Readonly<Record<string, readonly [number, RegExp]>> = {
      SQLITE_BUSY: [5, /another program holds it, or the file system refuses locks \[SQLITE_BUSY\]/],
      SQLITE_IOERR_LOCK: [3850, /refuses locks \[SQLITE_IOERR_LOCK\]/],
      SQLITE_IOERR_SHMLOCK: [5130, /refuses locks \[SQLITE_IOERR_SHMLOCK\]/],
      SQLITE_IOERR_SHMMAP: [5386, /shared memory \[SQLITE_IOERR_SHMMAP\]/],
      SQLITE_IOERR_FSYNC: [1034, /the disk failed \[SQLITE_IOERR_FSYNC\]/],
      SQLITE_IOERR_WRITE: [778, /the disk failed, or a limit .* \[SQLITE_IOERR_WRITE\]/],
    };
    for (const [code, [rawCode, text]] of Object.entries(kinds)) {
      const said = storeError("store.db", Object.assign(new Error("injected"), { code, rawCode }));
      assert.match(String(said), text);
    }
    for (const code of ["EIO", "ENOLCK", "EMFILE", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "ESTALE"]) {
      const said = storeError("store.db", Object.assign(new Error("injected"), { code }));
      assert.match(String(said), new RegExp(`\\[${code}\\]`));
    }
  });
});

describe("a store that the disk fails to show", (): void => {
  it("is not taken for a missing one, which a new one would replace", (t) => {
    const place = newPlace();
    const store = open(place);
    store.commit(ADA, [queued(0, "kept")]);
    store.close();
    const before = fs.readFileSync(join(place, "store.db"));
    const real = fs.statSync;
    const stat = t.mock.method(fs, "statSync", (...args: Parameters<typeof real>) => {
      if (String(args[0]).endsWith("store.db")) throw Object.assign(new Error("injected"), { code: "EIO" });
      return real(...args);
    });
    // What Node's own makes of any failure.
    const exists = t.mock.method(fs, "existsSync", () => false);
    syncBuiltinESMExports();
    for (const mode of ["write", "read"] as const) {
      const fault = throwsLair(() => open(place, { mode }));
      assert.equal(fault.code, "store-unwritable");
      assert.match(fault.message, /store\.db: the disk failed \[EIO\]/);
    }
    stat.mock.restore();
    exists.mock.restore();
    syncBuiltinESMExports();
    assert.deepEqual(fs.readFileSync(join(place, "store.db")), before);
    assert.equal(open(place).load(ADA).next, 1);
  });

  it("is not there, and no other program is kept out, when one step of creating it fails", (t) => {
    const steps = ["openSync", "fsyncSync", "renameSync"] as const;
    for (const step of steps) {
      const codes = effort(["EIO", "ENOSPC"], ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EMFILE"]);
      for (const code of codes) {
        const place = newPlace();
        const call = t.mock.method(fs, step, () => {
          throw Object.assign(new Error("injected"), { code });
        });
        syncBuiltinESMExports();
        const fault = throwsLair(() => open(place));
        call.mock.restore();
        syncBuiltinESMExports();
        assert.equal(fault.code, "store-unwritable", step);
        assert.ok(fault.message.includes(`[${code}]`), fault.message);
        const store = open(place);
        store.commit(ADA, [queued(0, "after")]);
        store.close();
      }
    }
  });

  it("is there when only its directory can never be synced", (t) => {
    const call = t.mock.method(fs, "fsyncSync", () => {
      throw Object.assign(new Error("injected"), { code: "EINVAL" });
    });
    syncBuiltinESMExports();
    open(newPlace()).commit(ADA, [queued(0, "kept")]);
    assert.equal(call.mock.callCount(), 1);
    call.mock.restore();
    syncBuiltinESMExports();
  });
});
