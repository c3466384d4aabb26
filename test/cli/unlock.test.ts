// The identity at the start of a program, with a person or a file to answer, and what each mistake leads to. The cost of
// the passphrases is a small one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { toUtf8 } from "../../src/core/bytes.ts";
import type { Home } from "../../src/node/home/home.ts";
import { exitCodeOf } from "../../src/app/frontend.ts";
import { openIdentity } from "../../src/cli/unlock.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { filesIn, pairOf } from "../node/home/places.ts";
import { cheapHome, ioOf, type KnownIo, Left } from "./known-answers.ts";

const keySource = { suite: OPENSSL_SUITE, random: new SeededRandom(11).bytes };

const ARGS = { passphrase: false, passphraseFile: undefined, json: false };
const open = (home: Home, io: KnownIo, args: Partial<typeof ARGS | { passphraseFile: string }> = {}) =>
  openIdentity(home, { ...ARGS, ...args }, keySource, io);
const contentOf = (home: Home): string => readFileSync(join(home.directory, "client/identity.json"), "utf8");

function lockedHome(): Home {
  const home = cheapHome();
  home.saveIdentity(pairOf(1), toUtf8("right"));
  return home;
}

/** The LairError or whatever else a start ends with. */
async function fails(starting: Promise<unknown>, code: string, exitCode: number): Promise<Error & { hint?: string }> {
  const error: unknown = await starting.then(
    () => assert.fail("it started"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error && "code" in error, String(error));
  assert.equal(error.code, code);
  assert.equal(exitCodeOf(error), exitCode);
  return error;
}

describe("an identity without a passphrase", () => {
  it("is made and read without a question", async () => {
    const home = cheapHome();
    const io = ioOf({ typed: [] });
    const pair = await open(home, io);
    assert.deepEqual(await open(home, io), pair);
    assert.equal(home.identityState, "open");
    assert.deepEqual([io.asked, io.said], [[], []]);
  });

  it("is not started when a passphrase was offered, so that nobody believes it to be under one", async () => {
    const home = cheapHome();
    home.saveIdentity(pairOf(1));
    const before = contentOf(home);
    for (const args of [{ passphrase: true }, { passphraseFile: "f" }]) {
      const error = await fails(open(home, ioOf({ typed: [] }), args), "usage", 2);
      assert.match(error.hint!, /lair-client passphrase add/);
    }
    assert.equal(contentOf(home), before);
  });
});

describe("--passphrase at the first start", () => {
  it("makes an identity under what was typed twice", async () => {
    const home = cheapHome();
    const io = ioOf({ typed: ["right", "right"] });
    const pair = await open(home, io, { passphrase: true });
    assert.deepEqual(io.asked, ["new passphrase: ", "once more: "]);
    io.hasErasedAll();
    assert.equal(home.identityState, "locked");
    const again = ioOf({ typed: ["right"] });
    assert.deepEqual(await open(home, again, { passphrase: true }), pair);
    assert.deepEqual(again.asked, ["passphrase: "]);
    again.hasErasedAll();
  });

  it("takes it from a file where there is one, without a terminal, and the file alone is enough", async () => {
    for (const args of [{ passphrase: true, passphraseFile: "f" }, { passphraseFile: "f" }]) {
      const home = cheapHome();
      const pair = await open(home, ioOf({ files: { f: "right\n" } }), args);
      assert.equal(home.identityState, "locked");
      for (const content of ["right", "right\n", "right\r\n"]) {
        const io = ioOf({ files: { f: content } });
        assert.deepEqual(await open(home, io, { passphraseFile: "f" }), pair);
        io.hasErasedAll();
      }
    }
  });

  it("asks again when the two differ, when it is empty and when it is too long", async () => {
    const home = cheapHome();
    const io = ioOf({ typed: ["right", "wrong", "", "right", "right"] });
    await open(home, io, { passphrase: true });
    assert.deepEqual(io.said.slice(1), ["Those two were not the same.", "An empty one protects nothing."]);
    io.hasErasedAll();
    const long = ioOf({ typed: ["too-long", "right", "too-long", "right", "right"] });
    await open(cheapHome(), long, { passphrase: true });
    long.hasErasedAll();
  });

  const unfinished: Record<string, readonly string[]> = {
    "differ three times": ["a", "b", "a", "b", "a", "b"],
    "are empty three times": ["", "", ""],
    "end with Ctrl-D": ["a", "ended"],
  };
  for (const [how, typed] of Object.entries(unfinished)) {
    it(`leaves nothing behind when the answers ${how}`, async () => {
      const home = cheapHome();
      await fails(open(home, ioOf({ typed }), { passphrase: true }), "passphrase-needed", 2);
      assert.deepEqual(filesIn(home.directory), []);
    });
  }

  it("leaves with 130 and nothing behind after Ctrl-C", async () => {
    for (const typed of [["interrupted"], ["a", "interrupted"]]) {
      const home = cheapHome();
      await assert.rejects(open(home, ioOf({ typed }), { passphrase: true }), new Left(130));
      assert.deepEqual(filesIn(home.directory), []);
    }
  });

  it("needs a terminal or a file", async () => {
    const home = cheapHome();
    const error = await fails(open(home, ioOf({}), { passphrase: true }), "passphrase-needed", 2);
    assert.match(error.hint!, /--passphrase-file FILE/);
    assert.deepEqual(filesIn(home.directory), []);
  });

  it("refuses a file with nothing in it, and one with too much", async () => {
    for (const content of ["", "\n", "\r\n", "x".repeat(1_025)]) {
      const [home, io] = [cheapHome(), ioOf({ files: { f: content } })];
      await fails(open(home, io, { passphraseFile: "f" }), "passphrase-needed", 2);
      io.hasErasedAll();
      assert.deepEqual(filesIn(home.directory), []);
    }
  });

  it("refuses a file with more than one line, and one that is not UTF-8, and says so", async () => {
    const wide = Buffer.from("\ufeffright\r\n", "utf16le");
    const cases: readonly (readonly [string | Uint8Array, RegExp])[] = [
      ["one\ntwo", /has more than one line/],
      ["one\r\ntwo\r\n", /has more than one line/],
      ["one\rtwo", /has more than one line/],
      ["one\n\n", /has more than one line/],
      ["\none", /has more than one line/],
      ["one\r", /has more than one line/],
      ["\ufeff", /is empty/],
      ["\ufeff\r\n", /is empty/],
      [wide, /is UTF-16, not UTF-8/],
      [Buffer.from(wide).swap16(), /is UTF-16, not UTF-8/],
      [Buffer.from("right", "utf16le"), /is UTF-16, not UTF-8/],
      [Uint8Array.of(0xff, 0xfe, 0, 0, 0x72, 0, 0, 0), /is UTF-32, not UTF-8/],
      [Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x0a), /is not text in UTF-8/],
      ["ri\0ght", /zero bytes/],
    ];
    for (const [content, message] of cases) {
      const [home, io] = [cheapHome(), ioOf({ files: { f: content } })];
      const error = await fails(open(home, io, { passphraseFile: "f" }), "passphrase-needed", 2);
      assert.match(error.message, message);
      io.hasErasedAll();
      assert.deepEqual(filesIn(home.directory), []);
    }
  });

  it("takes a text for one passphrase, from a file with a byte order mark and from another keyboard", async () => {
    const home = cheapHome();
    await open(home, ioOf({ files: { f: "\ufeffcafe\u0301\r\n" } }), { passphraseFile: "f" });
    for (const typed of ["cafe\u0301", "caf\u00e9"]) await open(home, ioOf({ typed: [typed] }));
    await open(home, ioOf({ files: { f: "caf\u00e9" } }), { passphraseFile: "f" });
  });

  it("does not take what is not UTF-8 for a new one, nor a lone byte order mark", async () => {
    const latin = Uint8Array.of(0x63, 0xe9);
    const io = ioOf({ typed: [latin, "\ufeff", "right", "right"] });
    await open(cheapHome(), io, { passphrase: true });
    assert.match(io.said[1]!, /not UTF-8/);
    assert.match(io.said[2]!, /empty/);
    io.hasErasedAll();
    const old = ioOf({ typed: [latin, "right"] });
    await open(lockedHome(), old);
    assert.ok(old.said.some((text) => text.includes("not UTF-8")));
  });

  it("does not put its own in the place of one that was made meanwhile", async () => {
    const home = cheapHome();
    const io = ioOf({ typed: ["right", "right"] });
    const { ask } = io;
    const meanwhile = {
      ...io,
      ask: (question: string) => {
        if (home.identityState === "none") home.saveIdentity(pairOf(3));
        return ask!(question);
      },
    };
    await fails(openIdentity(home, { ...ARGS, passphrase: true }, keySource, meanwhile), "home-unwritable", 1);
    assert.deepEqual(home.loadIdentity(), pairOf(3));
  });
});

describe("an identity under a passphrase", () => {
  it("is opened by a person at the first, the second or the third try", async () => {
    for (const typed of [["right"], ["wrong", "right"], ["wrong", "", "right"]]) {
      const io = ioOf({ typed });
      assert.deepEqual(await open(lockedHome(), io), pairOf(1));
      assert.equal(io.said.filter((text) => text === "That is not the passphrase.").length, typed.length - 1);
      io.hasErasedAll();
    }
  });

  it("is not opened by three wrong ones: 4, and nothing has changed", async () => {
    const home = lockedHome();
    const before = contentOf(home);
    const io = ioOf({ typed: ["wrong", "righ", "right ", "right"] });
    const error = await fails(open(home, io), "passphrase-wrong", 4);
    assert.match(error.hint!, /somebody has changed .*identity\.json.*backup/);
    assert.equal(io.asked.length, 3);
    assert.equal(contentOf(home), before);
    io.hasErasedAll();
  });

  it("gives a file one try", async () => {
    const io = ioOf({ typed: [], files: { f: "wrong" } });
    await fails(open(lockedHome(), io, { passphraseFile: "f" }), "passphrase-wrong", 4);
    io.hasErasedAll();
  });

  it("is not opened by a file with more than one line, and the way out is named", async () => {
    const io = ioOf({ files: { f: "right\nwrong" } });
    const error = await fails(open(lockedHome(), io, { passphraseFile: "f" }), "passphrase-needed", 2);
    assert.match(error.message, /more than one line/);
    assert.match(error.hint!, /lair-client passphrase change --passphrase-file FILE/);
    io.hasErasedAll();
  });

  it("is not opened without a terminal and without a file", async () => {
    const home = lockedHome();
    const error = await fails(open(home, ioOf({})), "passphrase-needed", 2);
    assert.match(error.hint!, /--passphrase-file FILE/);
    assert.throws(() => home.loadIdentity(), { code: "passphrase-needed" });
  });

  it("stays closed after Ctrl-C and Ctrl-D", async () => {
    await assert.rejects(open(lockedHome(), ioOf({ typed: ["wrong", "interrupted"] })), new Left(130));
    await fails(open(lockedHome(), ioOf({ typed: ["ended"] })), "passphrase-needed", 2);
  });
});
