// The store, cut at 2,000 places of its log as a crash or a power cut may leave it: it opens each time, holds every commit
// whose end was reached, and nothing of one whose end was not. Prints its seed.
import assert from "node:assert/strict";
import { type OpenEngine, openLibsql } from "../../src/node/store/connection.ts";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Change } from "../../src/core/delivery/store.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { SqlStore } from "../../src/node/store/sql-store.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { ADA, newPlace, open, optionsFor, queued, said, stampOf } from "../node/store/places.ts";

const CUTS = 1_000;
/** Lets the log grow as long as SQLite does by itself: the programs copy it into the file earlier. */
const LONG_LOG: OpenEngine = (...place) => {
  const engine = openLibsql(...place);
  return {
    get inTransaction() {
      return engine.inTransaction;
    },
    exec: (sql) => engine.exec(sql.replace(/(wal_autocheckpoint =) \d+/, "$1 1000")),
    prepare: (sql) => engine.prepare(sql),
    close: () => engine.close(),
  };
};
// SQLite's file format, §4: the header of the log, that of a frame, and a page.
const HEADER = 32;
const FRAME = 24 + 4_096;
/** Frames that are recorded: with 1,000 SQLite carries the log over, and the file would no longer be that of the start. */
const FRAMES = 950;

// Connections end with their statements, and those when they are collected: 2,000 of them would run out of descriptors.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What can be read from a store: all that waits, the newest lines, and what the index of words says. */
function digestOf(store: SqlStore): string {
  const state = [store.load(ADA), store.last(ADA, 20, 0), store.search(ADA, "common", 3, 0), store.retention(ADA)];
  return createHash("sha256").update(JSON.stringify(state)).digest("hex");
}

/** Where the log ends that SQLite would read: what lies behind has other salts, from before it was begun anew. */
function endOfLog(log: Buffer): number {
  const salts = log.subarray(16, 24);
  let end = HEADER;
  while (end + FRAME <= log.length && log.subarray(end + 8, end + 16).equals(salts)) end += FRAME;
  return end;
}

function randomCommit(random: SeededRandom, store: SqlStore): readonly Change[] {
  const { acknowledged, released, next, expected, shown } = store.load(ADA);
  const count = random.pick([1, 1, 1, 2, 10]);
  const line = () => said(`common ${random.word()} ${"x".repeat(random.below(300))}`, 5);
  switch (random.below(7)) {
    case 0:
    case 1:
      return Array.from({ length: count }, (_, i) => ({
        type: "queued",
        seq: next + i,
        stamp: stampOf(random.word()),
        atMs: 5,
        ...line(),
      }));
    case 2:
      return Array.from({ length: count }, (_, i) => ({
        type: "arrived",
        seq: expected + i,
        stamp: stampOf(i, random.below(256)),
        atMs: 5,
        ...line(),
      }));
    case 3:
      return [{ type: "acknowledged", next: random.between(acknowledged, next), atMs: 6 }];
    case 4:
      return [{ type: "shown", next: random.between(shown, expected) }];
    case 5:
      return [{ type: "skipped", next: expected + random.below(3) }];
    default:
      return [
        { type: "released", next: random.between(released, next) },
        { type: "setting", value: random.bytes(9) },
      ];
  }
}

/** Every kind of place, and then any. */
function cutsOf(random: SeededRandom, ends: readonly number[], length: number): number[] {
  const cuts = new Set<number>();
  const add = (cut: number): void => void (cut >= 0 && cut <= length && cuts.add(cut));
  [0, 1, 8, HEADER - 1, HEADER, HEADER + 1, HEADER + 23, HEADER + 24, length].forEach(add);
  for (const end of ends) for (const off of [-1, 0, 1]) add(end + off);
  while (cuts.size < CUTS) {
    const frame = HEADER + FRAME * random.below(Math.floor((length - HEADER) / FRAME));
    add(random.pick([frame - 1, frame, frame + 1, frame + 12, frame + 24, frame + 25, random.below(length)]));
  }
  return [...cuts];
}

interface Recording {
  readonly file: Buffer;
  readonly log: Buffer;
  /** What the store held when the log ended there; the first is what the file holds without it. */
  readonly states: readonly { readonly end: number; readonly digest: string }[];
}

function record(random: SeededRandom, place: string, store: SqlStore, withoutLog: string): Recording {
  const file = fs.readFileSync(join(place, "store.db"));
  const now = (): Recording["states"][number] => ({
    end: endOfLog(fs.readFileSync(join(place, "store.db-wal"))),
    digest: digestOf(store),
  });
  const states = [{ end: 0, digest: withoutLog }, now()];
  while (states.at(-1)!.end < FRAMES * FRAME) {
    store.commit(ADA, randomCommit(random, store));
    // What was acknowledged or shown may go with the next commit.
    const state = now();
    if (state.end > states.at(-1)!.end) states.push(state);
  }
  assert.ok(states.length > 80, `${states.length} commits were recorded`);
  assert.ok(file.equals(fs.readFileSync(join(place, "store.db"))), "nothing was carried over meanwhile");
  return { file, log: fs.readFileSync(join(place, "store.db-wal")), states };
}

function opensAtEveryCut(random: SeededRandom, { file, log, states }: Recording): void {
  const cuts = cutsOf(
    random,
    states.map(({ end }) => end),
    log.length,
  );
  assert.equal(cuts.length, CUTS);
  const base = newPlace();
  for (const [index, cut] of cuts.entries()) {
    const place = join(base, String(index));
    fs.mkdirSync(place, { mode: 0o700 });
    fs.writeFileSync(join(place, "store.db"), file, { mode: 0o600 });
    fs.writeFileSync(join(place, "store.db-wal"), log.subarray(0, cut), { mode: 0o600 });
    const expected = states.findLast(({ end }) => end <= cut)!;
    const goesOn = index % 10 === 0;
    const store = openStore(optionsFor(place, { mode: goesOn ? "write" : "read" }));
    assert.equal(digestOf(store), expected.digest, `cut at ${cut} of ${log.length}`);
    if (goesOn) {
      const { next } = store.load(ADA);
      store.commit(ADA, [queued(next, "afterwards")]);
      store.close();
      const again = openStore(optionsFor(place, { mode: "read" }));
      assert.equal(again.load(ADA).next, next + 1, `cut at ${cut}, then written to`);
      again.close();
    }
    store.close();
    fs.rmSync(place, { recursive: true });
    if (index % 50 === 0) collect();
  }
}

describe("a store whose log was cut", () => {
  const seed = Number(process.env.STORE_SEED ?? Date.now() % 2 ** 31);

  it(`has every commit that was whole, and no part of another, at ${CUTS} places (STORE_SEED=${seed})`, () => {
    const random = new SeededRandom(seed);
    const place = newPlace();
    const store = open(place, { open: LONG_LOG });
    store.setRetention(ADA, "forever");
    store.close();
    const again = open(place, { open: LONG_LOG });
    opensAtEveryCut(random, record(random, place, again, digestOf(again)));
  });

  it(`has them too where an older log lies behind the new one, at ${CUTS} places (STORE_SEED=${seed})`, () => {
    const random = new SeededRandom(seed + 1);
    const place = newPlace();
    const store = open(place, { open: LONG_LOG });
    store.setRetention(ADA, "forever");
    // Until SQLite has carried the log over by itself and begun it anew from the front.
    const pathOfLog = join(place, "store.db-wal");
    let before: string;
    do {
      before = digestOf(store);
      store.commit(ADA, randomCommit(random, store));
    } while (endOfLog(fs.readFileSync(pathOfLog)) === fs.statSync(pathOfLog).size);
    const recording = record(random, place, store, before);
    assert.ok(recording.states.at(-1)!.end < recording.log.length, "an older log lies behind");
    opensAtEveryCut(random, recording);
  });
});
