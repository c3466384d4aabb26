import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  afterEntry,
  compareMark,
  decodeLogView,
  decodeMark,
  encodeLogView,
  encodeMark,
  type HashedEntry,
  logFrom,
  type LogView,
  markOf,
  WHOLE_LOG,
} from "../../../src/core/room/log-hash.ts";
import { throwsLair } from "../../throws-lair.ts";

/** A u64 in hex. */
const n = (number: number): string => number.toString(16).padStart(16, "0");
const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest());
const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

function entry(seq: number, change: Partial<HashedEntry> = {}): HashedEntry {
  return { seq, type: "message", id: fill(16, seq), epoch: 0, poster: fill(32, 1), bytes: fill(5, seq), ...change };
}

/** The view after these entries. */
function read(view: LogView, ...entries: readonly HashedEntry[]): LogView {
  return entries.reduce((before, one) => afterEntry(sha256, before, one), view);
}

/** Entries `from` to before `to`. */
function entries(from: number, to: number): HashedEntry[] {
  return Array.from({ length: to - from }, (_, at) => entry(from + at));
}

const marked = (view: LogView) => markOf(view) ?? assert.fail("it has no mark");
const verdict = (view: LogView, of: LogView): string => compareMark(sha256, view, marked(of)).verdict;

describe("the hash of a room's log", () => {
  it("is what Python computes", () => {
    // import hashlib, struct
    // h, d = bytes(32), lambda b: hashlib.sha256(b).digest()
    // for seq, kind, epoch, body in ((0, 0, 0, b"commit"), (1, 1, 1, b"line"), (2, 2, 2**40, b"")):
    //     head = struct.pack(">QB", seq, kind) + bytes([seq]) * 16 + struct.pack(">Q", epoch) + bytes([7]) * 32
    //     h = d(h + d(head + d(body)))
    const poster = fill(32, 7);
    const view = read(
      WHOLE_LOG,
      { seq: 0, type: "commit", id: fill(16, 0), epoch: 0, poster, bytes: new TextEncoder().encode("commit") },
      { seq: 1, type: "message", id: fill(16, 1), epoch: 1, poster, bytes: new TextEncoder().encode("line") },
      { seq: 2, type: "notice", id: fill(16, 2), epoch: 2 ** 40, poster, bytes: new Uint8Array(0) },
    );
    assert.equal(toHex(marked(view).hash), "cb87e3e3a672b678f30c709e23fa02758a4b24bb7a0bb9c50173722716d63ef2");
    assert.equal(marked(view).seq, 2);
  });

  it("is the same for two who have read the same, and differs with each member of an entry and its place", () => {
    const ada = read(WHOLE_LOG, ...entries(0, 5));
    assert.equal(verdict(ada, read(WHOLE_LOG, ...entries(0, 5))), "same");
    const changes: readonly Partial<HashedEntry>[] = [
      { type: "notice" },
      { id: fill(16, 99) },
      { epoch: 1 },
      { poster: fill(32, 2) },
      { bytes: fill(5, 99) },
      { bytes: fill(6, 2) },
    ];
    for (const change of changes) {
      const other = read(WHOLE_LOG, entry(0), entry(1), entry(2, change), entry(3), entry(4));
      assert.equal(verdict(ada, other), "differs", JSON.stringify(change));
    }
    const swapped = read(WHOLE_LOG, entry(0), { ...entry(2), seq: 1 }, { ...entry(1), seq: 2 }, entry(3), entry(4));
    assert.equal(verdict(ada, swapped), "differs");
    const leftOut = read(WHOLE_LOG, entry(0), ...[2, 3, 4, 5].map((at) => ({ ...entry(at), seq: at - 1 })));
    assert.equal(verdict(ada, leftOut), "differs");
  });

  it("is compared with what was read, up to 64 entries back", () => {
    const ada = read(WHOLE_LOG, ...entries(0, 100));
    assert.equal(verdict(ada, read(WHOLE_LOG, ...entries(0, 37))), "same");
    assert.equal(verdict(ada, read(WHOLE_LOG, ...entries(0, 36))), "unknown");
    assert.equal(verdict(read(WHOLE_LOG, ...entries(0, 99)), ada), "unknown", "ahead of it");
    assert.equal(markOf(WHOLE_LOG), undefined);
  });

  it("is taken over by somebody who came later, from a mark of any entry that she has read", () => {
    const ada = [...entries(0, 20).keys()].map((at) => read(WHOLE_LOG, ...entries(0, at + 1)));
    for (const [at, early] of ada.entries()) {
      const cyd = read(logFrom(12), ...entries(12, 16));
      assert.equal(markOf(cyd), undefined);
      const { verdict: says, view } = compareMark(sha256, cyd, marked(early));
      // 11 is the entry before the first that she has read.
      if (at < 11 || at > 15) assert.deepEqual([says, view], ["unknown", cyd], `mark of ${at}`);
      else assert.deepEqual(marked(read(view, ...entries(16, 20))), marked(ada[19]!), `mark of ${at}`);
    }
  });

  it("begins anew where entries are missing", () => {
    const bob = read(WHOLE_LOG, ...entries(0, 3), ...entries(7, 9));
    assert.deepEqual([bob.state, bob.next, bob.recent.length], ["unanchored", 9, 2]);
    assert.throws(() => afterEntry(sha256, bob, entry(8)), RangeError);
    const anchored = compareMark(sha256, bob, marked(read(WHOLE_LOG, ...entries(0, 8)))).view;
    assert.equal(verdict(anchored, read(WHOLE_LOG, ...entries(0, 9))), "same");
  });

  it("is noticed by two members whom a hub shows different logs, whichever of them speaks", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (length, at) => {
        const same = entries(0, length);
        const other = same.map((one) => (one.seq === at % length ? { ...one, bytes: fill(5, 255) } : one));
        const [ada, bob] = [read(WHOLE_LOG, ...same), read(WHOLE_LOG, ...other)];
        assert.equal(verdict(ada, bob), "differs");
        assert.equal(verdict(bob, ada), "differs");
      }),
      { numRuns: 30 },
    );
  });
});

describe("a mark and a view as bytes", () => {
  const hash = fill(32, 9);

  it("come back as they were written", () => {
    assert.deepEqual(decodeMark(encodeMark({ seq: 2 ** 40, hash })), { seq: 2 ** 40, hash });
    assert.equal(toHex(encodeMark({ seq: 1, hash })), "0000000000000001" + "09".repeat(32));
    assert.deepEqual(encodeMark(undefined), new Uint8Array(0));
    for (const view of [
      WHOLE_LOG,
      logFrom(7),
      read(logFrom(7), ...entries(7, 9)),
      read(WHOLE_LOG, ...entries(0, 100)),
    ]) {
      assert.deepEqual(decodeLogView(encodeLogView(view)), view);
    }
  });

  it("are nothing else: a mark is none then, a view is damage", () => {
    const numberTooLarge = "ffffffffffffffff";
    for (const hex of ["", "00", numberTooLarge + "09".repeat(32), "0000000000000001" + "09".repeat(33)]) {
      assert.equal(decodeMark(fromHex(hex)!), undefined, hex);
    }
    for (const hex of [
      "",
      "01",
      `02${n(1)}${"09".repeat(32)}`,
      `01${n(1)}`,
      `00${n(0)}`,
      `01${n(1)}${"09".repeat(31)}`,
      `01${n(1)}${"09".repeat(64)}`,
      `01${numberTooLarge}${"09".repeat(32)}`,
      `01${n(100)}${"09".repeat(32 * 65)}`,
    ]) {
      throwsLair(() => decodeLogView(fromHex(hex)!), "store-damaged", hex.slice(0, 40));
    }
  });
});
