import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { decodeMessage } from "../../../src/core/chat/message.ts";
import { LairError } from "../../../src/core/errors.ts";
import { storeFiles } from "../../../src/node/store/open-store.ts";
import { MIGRATIONS } from "../../../src/node/store/schema.ts";
import {
  acknowledged,
  ADA,
  arrived,
  beforeLimits,
  copyOf,
  newPlace,
  open,
  PRIVATE_KEY,
  queued,
  rawly,
  rowsOf,
  shown,
  stampOf,
  textsOf,
} from "./places.ts";
import { startProgram } from "./second-program.ts";
import { throwsLair } from "../../throws-lair.ts";
import { outboxOf } from "../../core/delivery/whole-outbox.ts";

const STORE = "store.db";

function snapshot(directory: string): Record<string, string> {
  const names = fs.readdirSync(directory).filter((name) => !name.endsWith("-shm"));
  return Object.fromEntries(names.map((name) => [name, fs.readFileSync(join(directory, name), "hex")]));
}

/** A directory with a store in it that has something in its log, as a killed program leaves it. */
function killedPlace(): string {
  const [source, place] = [newPlace(), newPlace()];
  const store = open(source);
  store.commit(ADA, [queued(0, "in the log")]);
  for (const name of [STORE, `${STORE}-wal`]) fs.copyFileSync(join(source, name), join(place, name));
  assert.ok(fs.statSync(join(place, `${STORE}-wal`)).size > 0, "the log is not empty");
  return place;
}

describe("opening the store", () => {
  it("creates files that only their owner can read, whatever the umask", () => {
    const umask = process.umask(0);
    try {
      const place = newPlace();
      open(place).commit(ADA, [queued(0, "text")]);
      const names = fs.readdirSync(place).toSorted();
      assert.deepEqual(names, [STORE, `${STORE}-shm`, `${STORE}-wal`, "store.lock"]);
      for (const name of names) assert.equal(fs.statSync(join(place, name)).mode & 0o777, 0o600, name);
    } finally {
      process.umask(umask);
    }
  });

  it("shows the files that are there to whoever judges their modes, before it opens them", () => {
    const place = newPlace();
    const seen: (readonly string[])[] = [];
    const inspect = (paths: readonly string[]) => void seen.push(paths);
    open(place, { inspect }).close();
    open(place, { inspect }).close();
    assert.deepEqual(seen[0], []);
    assert.ok(seen[1]!.includes(join(place, STORE)) && seen[1]!.includes(join(place, "store.lock")), String(seen[1]));
    const refusal = new LairError("home-mode", "open to others");
    const before = snapshot(place);
    const refuse = (): never => {
      throw refusal;
    };
    assert.throws(() => open(place, { inspect: refuse }), refusal);
    assert.deepEqual(snapshot(place), before);
  });

  it("starts anew what a crash left half created", () => {
    const place = newPlace();
    for (const end of ["", "-wal", "-journal"]) fs.writeFileSync(join(place, `store.new${end}`), "half");
    open(place).commit(ADA, [queued(0, "text")]);
    assert.deepEqual(
      fs.readdirSync(place).filter((name) => name.startsWith("store.new")),
      [],
    );
  });

  it("brings an older store up to date, whole or not at all, and leaves a newer one alone", () => {
    const place = newPlace();
    const store = open(place);
    store.setRetention(ADA, "forever");
    store.commit(ADA, [queued(0, "old"), acknowledged(1)]);
    store.close();
    const step = "CREATE TABLE later (x); INSERT INTO later VALUES (1);";
    const half = [...MIGRATIONS, step, "CREATE TABLE more (x); THIS IS NO SQL;"];
    assert.throws(() => open(place, { migrations: half }), /syntax/);
    const next = open(place, { migrations: [...MIGRATIONS, step] });
    assert.deepEqual(textsOf(next.all(ADA, 0)), ["old"]);
    next.close();
    open(place, { migrations: [...MIGRATIONS, step] }).close();
    const before = snapshot(place);
    for (const mode of ["write", "read"] as const) {
      const fault = throwsLair(() => open(place, { mode }));
      assert.equal(fault.code, "store-newer");
      assert.match(
        `${fault.message} ${fault.hint}`,
        new RegExp(`format is ${MIGRATIONS.length + 1}.*Update Lair.*--no-store`),
      );
    }
    assert.deepEqual(snapshot(place), before);
  });

  it("brings one from before kinds and streams up to date: what waited is chat, whatever is said since", () => {
    const place = newPlace();
    const store = open(place);
    store.setRetention(ADA, "forever");
    store.commit(ADA, [queued(0, "delivered"), acknowledged(1), queued(1, "waits"), arrived(0, "to be shown")]);
    store.close();
    beforeLimits(place);
    const columns = ["kind", "stream"].map((name) => `ALTER TABLE messages DROP COLUMN ${name}`);
    rawly(place, ...columns, "DROP TABLE indexed", "PRAGMA user_version = 4");
    const newer = open(place);
    const route = { kind: 2, stream: 1 };
    newer.commit(ADA, [{ type: "queued", seq: 2, stamp: stampOf(2), atMs: 0, message: new Uint8Array(3), route }]);
    const { inbox } = newer.load(ADA);
    assert.deepEqual(
      [...outboxOf(newer, ADA), ...inbox].map((message) => [message.seq, message.route]),
      [
        [1, undefined],
        [2, route],
        [0, undefined],
      ],
    );
    assert.deepEqual(textsOf(newer.all(ADA, 0)), ["delivered", "waits"]);
  });

  it("goes on with what waits in one from before batches, beside what is said since", () => {
    const place = newPlace();
    let store = open(place);
    const route = { kind: 2, stream: 1 };
    store.commit(
      ADA,
      [0, 1, 2].flatMap((seq) => [queued(seq, `mine ${seq}`, 5), arrived(seq, `theirs ${seq}`, 5)]),
    );
    store.commit(ADA, [acknowledged(1), shown(1)]);
    store.commit(ADA, [
      { type: "arrived", seq: 3, stamp: stampOf(9, 2), atMs: 0, message: new Uint8Array(3), route },
      { type: "released", next: 2 },
    ]);
    const [before, outbox] = [store.load(ADA), outboxOf(store, ADA)];
    store.close();
    beforeLimits(place);
    store = open(place);
    assert.deepEqual([store.load(ADA), outboxOf(store, ADA)], [before, outbox]);
    store.commit(ADA, [queued(3, "mine 3"), arrived(4, "theirs 4")]);
    assert.deepEqual(rowsOf(place, "SELECT first FROM batches ORDER BY first"), [[3], [4]]);
    const waiting = (): unknown[] =>
      [outboxOf(store, ADA), store.load(ADA).inbox].map((all) => all.map(({ seq }) => seq));
    assert.deepEqual(waiting(), [
      [1, 2, 3],
      [1, 2, 3, 4],
    ]);
    store.commit(ADA, [acknowledged(2), shown(3), { type: "renumbered", first: 12 }]);
    store.close();
    store = open(place);
    assert.deepEqual(waiting(), [
      [12, 13],
      [3, 4],
    ]);
    store.commit(ADA, [acknowledged(14), shown(5)]);
    assert.deepEqual(waiting(), [[], []]);
    assert.deepEqual(rowsOf(place, "SELECT * FROM messages"), []);
  });

  it("brings it up to date for a reader too", () => {
    const place = newPlace();
    open(place).close();
    const migrations = [...MIGRATIONS, "CREATE TABLE later (x)"];
    assert.deepEqual(open(place, { mode: "read", migrations }).last(ADA, 1, 0), []);
    assert.equal(throwsLair(() => open(place)).code, "store-newer");
  });
});

const other = PRIVATE_KEY.map((byte) => byte ^ 1);

describe("a store that is not as it was written", () => {
  it("is refused whole, and nothing of it changes: another identity's, garbled, cut, empty", () => {
    const damages: Record<string, (path: string) => void> = {
      garbled: (path) => fs.writeFileSync(path, new Uint8Array(20_000).fill(0x55)),
      "garbled at the start": (path) => {
        const bytes = fs.readFileSync(path);
        bytes[30]! ^= 1;
        fs.writeFileSync(path, bytes);
      },
      cut: (path) => fs.truncateSync(path, 8_192),
      "cut within a page": (path) => fs.truncateSync(path, 5_000),
      empty: (path) => fs.truncateSync(path, 0),
      "another program's": (path) => fs.writeFileSync(path, "SQLite format 3\0, or so it says"),
      "another identity's": () => {},
    };
    const whole = killedPlace();
    open(whole).close();
    for (const [name, damage] of Object.entries(damages)) {
      for (const mode of ["write", "read"] as const) {
        const place = copyOf(whole);
        damage(join(place, STORE));
        const before = snapshot(place);
        const privateKey = name.startsWith("another id") ? other : PRIVATE_KEY;
        const fault = throwsLair(() => open(place, { mode, privateKey }).load(ADA));
        assert.equal(fault.code, "store-damaged", `${name}, ${mode}: ${fault.message}`);
        assert.match(`${fault.message} ${fault.hint}`, /left as it is.*backup.*move.*--no-store/, name);
        assert.deepEqual(snapshot(place), before, `${name}, ${mode}`);
      }
    }
  });

  it("is refused when somebody with the page key has turned its version, or taken a table out of it", () => {
    const changes = [0, -1, -2147483648].map((version) => `PRAGMA user_version = ${version}`);
    for (const table of ["meta", "openings", "peers", "messages", "lives"]) {
      changes.push(`PRAGMA foreign_keys = OFF; DROP TABLE ${table}`);
    }
    const whole = newPlace();
    const store = open(whole);
    store.commit(ADA, [queued(0, "text")]);
    store.close();
    for (const change of changes) {
      for (const mode of ["write", "read"] as const) {
        const place = copyOf(whole);
        rawly(place, change);
        const before = fs.readFileSync(join(place, STORE));
        const fault = throwsLair(() => {
          const opened = open(place, { mode });
          opened.load(ADA);
          opened.last(ADA, 1, 0);
        });
        assert.equal(fault.code, "store-damaged", `${change}, ${mode}: ${fault.message}`);
        assert.match(`${fault.message} ${fault.hint}`, /left as it is.*backup.*move.*--no-store/, change);
        if (change.includes("= -")) assert.match(fault.message, /has lost its version/, change);
        assert.deepEqual(fs.readFileSync(join(place, STORE)), before, `${change}, ${mode}`);
        // Nor does it keep the lock.
        if (mode === "read") assert.notEqual(throwsLair(() => open(place).load(ADA)).code, "store-locked", change);
      }
    }
  });

  it("is not even opened for an identity that it does not belong to, lest its log be carried over with a wrong key", () => {
    const place = killedPlace();
    const before = snapshot(place);
    for (const mode of ["write", "read"] as const)
      assert.equal(throwsLair(() => open(place, { mode, privateKey: other })).code, "store-damaged", mode);
    assert.deepEqual({ ...snapshot(place), "store.lock": "" }, { ...before, "store.lock": "" });
    assert.ok(!fs.existsSync(join(place, `${STORE}-shm`)), "SQLite has not begun to work on it");
    assert.equal(open(place).load(ADA).outbox.length, 1);
  });

  it("may be gone while its log is there: nothing new is begun beside that", () => {
    const place = killedPlace();
    fs.renameSync(join(place, STORE), join(place, "aside"));
    const before = snapshot(place);
    const fault = throwsLair(() => open(place));
    assert.equal(fault.code, "store-damaged");
    assert.match(fault.message, /is missing.*store\.db-wal/);
    assert.deepEqual({ ...snapshot(place), "store.lock": "" }, { ...before, "store.lock": "" });
    fs.renameSync(join(place, "aside"), join(place, STORE));
    assert.equal(open(place).load(ADA).outbox.length, 1);
  });

  it("does not keep the lock, so that one can try again", () => {
    const place = killedPlace();
    const whole = fs.readFileSync(join(place, STORE));
    fs.writeFileSync(join(place, STORE), "garbled");
    assert.equal(throwsLair(() => open(place)).code, "store-damaged");
    fs.writeFileSync(join(place, STORE), whole);
    assert.equal(open(place).load(ADA).outbox.length, 1);
  });
});

describe("a place where nothing can be written", () => {
  it("is said with what to do", () => {
    const place = newPlace();
    fs.writeFileSync(join(place, "file"), "");
    for (const directory of [join(place, "missing"), join(place, "file")]) {
      const fault = throwsLair(() => open(directory));
      assert.equal(fault.code, "store-unwritable");
      assert.match(`${fault.message} ${fault.hint}`, /\[[A-Z_]+\].*--home.*--no-store/);
    }
  });

  it("may be a directory in the store's place", () => {
    const place = newPlace();
    fs.mkdirSync(join(place, STORE));
    assert.equal(throwsLair(() => open(place)).code, "store-unwritable");
  });
});

describe("two identities in one directory", () => {
  it("have a store each, and neither is in the other's way", () => {
    const place = newPlace();
    const [one, two] = [{ name: "store-one" }, { name: "store-two", privateKey: other }];
    for (const [options, text] of [
      [one, "of one"],
      [two, "of two"],
    ] as const) {
      const store = open(place, options);
      store.commit(ADA, [queued(0, text)]);
      store.close();
    }
    // Another connection may still hold files beside them: it ends when it is collected.
    const files = fs.readdirSync(place).filter((name) => !/-(?:wal|shm)$/.test(name));
    assert.deepEqual(files.toSorted(), ["store-one.db", "store-two.db", "store.lock"]);
    const before = fs.readFileSync(join(place, "store-two.db"));
    const idOf = (options: typeof one): Uint8Array => open(place, { ...options, mode: "read" }).id;
    assert.notDeepEqual(idOf(one), idOf(two));
    open(place, one).commit(ADA, [queued(1, "of one")]);
    const reader = open(place, { ...two, mode: "read" });
    assert.deepEqual(
      outboxOf(reader, ADA).map(({ message }) => decodeMessage(message)),
      [{ kind: "text", text: "of two", atMs: 0 }],
    );
    assert.deepEqual(fs.readFileSync(join(place, "store-two.db")), before);
    assert.equal(throwsLair(() => open(place, { ...one, mode: "read", privateKey: other })).code, "store-damaged");
  });

  it("have one lock: of a role one program writes, whoever it is", () => {
    const place = newPlace();
    const store = open(place, { name: "store-one" });
    const fault = throwsLair(() => open(place, { name: "store-two", privateKey: other }));
    assert.equal(fault.code, "store-locked");
    assert.ok(fault.message.includes(`is already using ${place}`), fault.message);
    assert.ok(!fs.existsSync(join(place, "store-two.db")), "nothing was begun");
    store.close();
    open(place, { name: "store-two", privateKey: other });
  });

  it("have names of files that say whose they are", () => {
    assert.deepEqual(storeFiles("store-one"), [
      "store.lock",
      "store-one.db",
      "store-one.db-wal",
      "store-one.db-shm",
      "store-one.db-journal",
    ]);
    const place = newPlace();
    open(place, { name: "store-one" }).close();
    open(place, { name: "store-two" }).close();
    const seen: string[] = [];
    open(place, { name: "store-two", inspect: (paths) => void seen.push(...paths) });
    assert.deepEqual(seen.slice(0, 2), [join(place, "store.lock"), join(place, "store-two.db")]);
    assert.ok(!seen.some((path) => path.includes("store-one")), String(seen));
  });
});

describe("two programs with one store", () => {
  it("do not both write: the second is told so, until the first has gone, even by SIGKILL", async () => {
    const place = newPlace();
    const first = startProgram(place, "write");
    assert.equal(await first.answer(), "open");
    assert.equal(await first.ask("queue one"), "done");
    const fault = throwsLair(() => open(place));
    assert.equal(fault.code, "store-locked");
    assert.match(`${fault.message} ${fault.hint}`, /Another Lair.*--home.*--no-store/);
    await first.kill();
    const store = open(place);
    assert.equal(store.load(ADA).outbox.length, 1);
    const third = startProgram(place, "write");
    assert.equal(await third.answer(), "store-locked");
    store.close();
    const fourth = startProgram(place, "write");
    assert.equal(await fourth.answer(), "open");
    assert.equal(await fourth.ask("count"), 1);
    assert.equal(await fourth.ask("close"), "done");
    assert.equal(open(place).load(ADA).outbox.length, 1);
  });

  it("may write and read at the same time", async () => {
    const place = newPlace();
    const store = open(place);
    store.setRetention(ADA, "forever");
    store.commit(ADA, [queued(0, "before")]);
    const reader = startProgram(place, "read");
    assert.equal(await reader.answer(), "open");
    assert.deepEqual(await reader.ask("texts"), ["before"]);
    store.commit(ADA, [queued(1, "meanwhile")]);
    assert.deepEqual(await reader.ask("texts"), ["before", "meanwhile"]);
    assert.match(String(await reader.ask("queue not allowed")), /opened for reading/);
    assert.equal(await reader.ask("count"), 2);
    assert.equal(store.forget(ADA), 2);
    assert.deepEqual(await reader.ask("texts"), []);
    await reader.kill();
    assert.equal(store.load(ADA).next, 2);
  });

  it("may read without any that writes, also what a killed one has left, and where there is nothing", () => {
    const place = killedPlace();
    const reader = open(place, { mode: "read" });
    assert.equal(reader.load(ADA).outbox.length, 1);
    assert.throws(() => reader.forget(ADA), TypeError);
    assert.throws(() => reader.setRetention(ADA, "off"), TypeError);
    reader.close();
    assert.equal(open(place).load(ADA).outbox.length, 1);
    const empty = newPlace();
    const none = open(empty, { mode: "read" });
    assert.deepEqual([none.last(ADA, 5, 0), none.search(ADA, "word", 5, 0).total, none.load(ADA).next], [[], 0, 0]);
    assert.deepEqual(fs.readdirSync(empty), []);
  });
});
