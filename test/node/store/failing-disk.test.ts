// What is left of a commit that the disk did not take: nothing, and the store goes on when the disk does.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Engine, type OpenEngine, openLibsql } from "../../../src/node/store/connection.ts";
import { acknowledged, ADA, arrived, faultOf, newPlace, open, queued, shown, skipped } from "./places.ts";
import { startProgram } from "./second-program.ts";

const CODES = { full: 13, readonly: 8, ioFsync: 1034, ioWrite: 778, cantOpen: 14, noMemory: 7 };

/** Fails the statements for which `judge` names a code, before or after SQLite has carried them out. */
class Trouble {
  judge: (sql: string) => { readonly code: number; readonly isDone?: boolean } | undefined = () => undefined;

  readonly open: OpenEngine = (...place) => {
    const engine = openLibsql(...place);
    const around = <Result>(sql: string, action: () => Result): Result => {
      const trouble = this.judge(sql);
      const fail = (): never => {
        throw Object.assign(new Error("injected"), { code: "SQLITE_INJECTED", rawCode: trouble!.code });
      };
      if (trouble !== undefined && trouble.isDone !== true) fail();
      const result = action();
      if (trouble !== undefined) fail();
      return result;
    };
    const wrapped: Engine = {
      get inTransaction() {
        return engine.inTransaction;
      },
      exec: (sql) => around(sql, () => engine.exec(sql)),
      prepare(sql) {
        const statement = engine.prepare(sql);
        return {
          raw: () => statement.raw(),
          run: (values) => around(sql, () => statement.run(values)),
          get: (values) => around(sql, () => statement.get(values)),
          all: (values) => around(sql, () => statement.all(values)),
        };
      },
      close: () => engine.close(),
    };
    return wrapped;
  };
}

describe("a commit that the disk does not take", () => {
  for (const [name, code] of Object.entries(CODES)) {
    it(`leaves nothing, whichever statement fails, and the next one works (${name})`, () => {
      const trouble = new Trouble();
      const place = newPlace();
      const store = open(place, { open: trouble.open });
      store.setRetention(ADA, "forever");
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
          const fault = faultOf(() => {
            throw error;
          });
          assert.equal(fault.code, "store-unwritable");
          assert.match(`${fault.message} ${fault.hint}`, /store\.db.*\[SQLITE_[A-Z]+\].*--no-store/);
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
    assert.equal(faultOf(() => store.commit(ADA, [queued(1, "lost")])).code, "store-unwritable");
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
      assert.equal(faultOf(() => store.commit(ADA, [queued(1, "lost")])).code, "store-unwritable");
    trouble.judge = (sql) => (sql.includes("wal_checkpoint") ? { code: CODES.ioFsync } : undefined);
    assert.equal(faultOf(() => store.commit(ADA, [queued(1, "lost")])).code, "store-unwritable");
    trouble.judge = () => undefined;
    store.commit(ADA, [queued(1, "after")]);
    assert.equal(store.load(ADA).next, 2);
  });

  it("that can be neither ended nor undone stops the store, clearly", () => {
    const trouble = new Trouble();
    const store = open(newPlace(), { open: trouble.open });
    trouble.judge = (sql) => (/^(?:COMMIT|ROLLBACK)/.test(sql) ? { code: CODES.ioWrite } : undefined);
    assert.equal(faultOf(() => store.commit(ADA, [queued(0, "lost")])).code, "store-unwritable");
    trouble.judge = () => undefined;
    const fault = faultOf(() => store.load(ADA));
    assert.equal(fault.code, "store-unwritable");
    assert.match(String(fault.hint), /start this program again/);
  });

  it("is a bug, and said as such, when nothing is wrong with the disk", () => {
    const trouble = new Trouble();
    const store = open(newPlace(), { open: trouble.open });
    trouble.judge = (sql) => (sql.includes("INTO messages") ? { code: 19 } : undefined);
    assert.throws(() => store.commit(ADA, [queued(0, "lost")]), /injected/);
    trouble.judge = () => undefined;
    store.commit(ADA, [queued(0, "fine")]);
  });
});

describe("how a commit reaches the disk", () => {
  it("waits for the disk, unless it holds nothing but what was acknowledged or shown", () => {
    const trouble = new Trouble();
    const store = open(newPlace(), { open: trouble.open });
    let mode = "FULL";
    const modes: string[] = [];
    trouble.judge = (sql) => {
      mode = /^PRAGMA synchronous = (.*)$/.exec(sql)?.[1] ?? mode;
      if (sql === "COMMIT") modes.push(mode);
      return undefined;
    };
    store.commit(ADA, [queued(0, "one"), arrived(0, "two")]);
    store.commit(ADA, [acknowledged(1), shown(1)]);
    store.commit(ADA, [{ type: "released", next: 1 }]);
    store.commit(ADA, [shown(1)]);
    store.commit(ADA, [shown(1), { type: "setting", value: new Uint8Array(1) }]);
    assert.deepEqual(modes, ["FULL", "NORMAL", "FULL", "NORMAL", "FULL"]);
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
