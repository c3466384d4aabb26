// passphrase add, change and remove: the key pair stays, and nothing changes before all was given and right. The cost of
// the passphrases is a small one.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { toUtf8 } from "../../src/core/bytes.ts";
import type { Home } from "../../src/node/home/home.ts";
import type { PassphraseAction } from "../../src/cli/argument-reader.ts";
import { changePassphrase } from "../../src/cli/passphrase-command.ts";
import { encodeLockedIdentity } from "../../src/node/home/locked-identity-file.ts";
import { sealedBefore } from "../core/identity/sealed-before.ts";
import { pairOf } from "../node/home/places.ts";
import { cheapHome, ioOf, type KnownIo, Left } from "./known-answers.ts";

interface Files {
  readonly passphraseFile?: string;
  readonly newPassphraseFile?: string;
}

function carryOut(home: Home, action: PassphraseAction, io: KnownIo, files: Files = {}): Promise<string> {
  const none = { home: undefined, passphraseFile: undefined, newPassphraseFile: undefined, json: false };
  return changePassphrase(home, { command: "passphrase", action, ...none, ...files }, io);
}

function homeUnder(passphrase: string | undefined): Home {
  const home = cheapHome();
  home.saveIdentity(pairOf(1), passphrase === undefined ? undefined : toUtf8(passphrase));
  return home;
}

const opens = (home: Home, passphrase: string): boolean => {
  const pair = home.unlock(toUtf8(passphrase));
  if (pair !== undefined) assert.deepEqual(pair, pairOf(1));
  return pair !== undefined;
};

describe("the passphrase of an identity", () => {
  it("is added, changed and removed by a person, and the key pair stays", async () => {
    const home = homeUnder(undefined);
    const add = ioOf({ typed: ["one", "one"] });
    assert.match(await carryOut(home, "add", add), /passphrase protects the identity from now on/);
    assert.ok(opens(home, "one"), "after add");
    const change = ioOf({ typed: ["one", "two", "two"] });
    assert.match(await carryOut(home, "change", change), /was changed/);
    assert.deepEqual(change.asked, ["passphrase: ", "new passphrase: ", "once more: "]);
    assert.ok(opens(home, "two") && !opens(home, "one"), "after change");
    const remove = ioOf({ typed: ["two"] });
    assert.match(await carryOut(home, "remove", remove), /No passphrase protects/);
    assert.deepEqual(home.loadIdentity(), pairOf(1));
    for (const io of [add, change, remove]) io.hasErasedAll();
  });

  it("is added, changed and removed from files, without a terminal", async () => {
    const home = homeUnder(undefined);
    const io = ioOf({ files: { a: "one\n", b: "two\n" } });
    await carryOut(home, "add", io, { newPassphraseFile: "a" });
    assert.ok(opens(home, "one"), "after add");
    await carryOut(home, "change", io, { passphraseFile: "a", newPassphraseFile: "b" });
    assert.ok(opens(home, "two") && !opens(home, "one"), "after change");
    await carryOut(home, "remove", io, { passphraseFile: "b" });
    assert.deepEqual(home.loadIdentity(), pairOf(1));
    io.hasErasedAll();
  });

  it("may come from a file in part, and be typed in part", async () => {
    const home = homeUnder("one");
    await carryOut(home, "change", ioOf({ typed: ["two", "two"], files: { a: "one" } }), { passphraseFile: "a" });
    assert.ok(opens(home, "two"), "old from a file");
    await carryOut(home, "change", ioOf({ typed: ["two"], files: { a: "three" } }), { newPassphraseFile: "a" });
    assert.ok(opens(home, "three"), "new from a file");
  });

  it("of an earlier program may be what is none today, so that nobody is locked out; a new one may not", async () => {
    const latin = Uint8Array.of(0x63, 0xe9);
    for (const old of [toUtf8("one\ntwo"), latin]) {
      const home = homeUnder(undefined);
      writeFileSync(home.identityPath, encodeLockedIdentity(sealedBefore(pairOf(1), old)));
      const io = ioOf({ files: { a: old, b: "new" } });
      await carryOut(home, "change", io, { passphraseFile: "a", newPassphraseFile: "b" });
      assert.ok(opens(home, "new"));
      io.hasErasedAll();
      await assert.rejects(carryOut(home, "change", io, { passphraseFile: "b", newPassphraseFile: "a" }), {
        code: "passphrase-needed",
      });
      await assert.rejects(carryOut(home, "remove", io, { passphraseFile: "a" }), { code: "passphrase-needed" });
      assert.ok(opens(home, "new"));
    }
  });

  const refused: readonly (readonly [
    string,
    string | undefined,
    PassphraseAction,
    readonly string[] | undefined,
    string,
  ])[] = [
    ["three wrong ones", "one", "change", ["x", "y", "z"], "passphrase-wrong"],
    ["three wrong ones", "one", "remove", ["x", "y", "z"], "passphrase-wrong"],
    ["new ones that differ", "one", "change", ["one", "a", "b", "a", "b", "a", "b"], "passphrase-needed"],
    ["new ones that are empty", undefined, "add", ["", "", ""], "passphrase-needed"],
    ["the end of the input", "one", "change", ["one", "ended"], "passphrase-needed"],
    ["nobody to ask", "one", "change", undefined, "passphrase-needed"],
    ["nobody to ask", undefined, "add", undefined, "passphrase-needed"],
    ["one that is there", "one", "add", [], "usage"],
    ["none that is there", undefined, "change", [], "usage"],
    ["none that is there", undefined, "remove", [], "usage"],
  ];
  for (const [what, passphrase, action, typed, code] of refused) {
    it(`stays as it is when ${action} meets ${what}`, async () => {
      const home = homeUnder(passphrase);
      const before = readFileSync(home.identityPath);
      await assert.rejects(carryOut(home, action, ioOf(typed === undefined ? {} : { typed })), { code });
      assert.deepEqual(readFileSync(home.identityPath), before);
    });
  }

  it("stays as it is after Ctrl-C, wherever it comes", async () => {
    for (const typed of [["interrupted"], ["one", "interrupted"], ["one", "two", "interrupted"]]) {
      const home = homeUnder("one");
      await assert.rejects(carryOut(home, "change", ioOf({ typed })), new Left(130));
      assert.ok(opens(home, "one"), typed.join());
    }
  });

  it("is none of a home without an identity, and none is made", async () => {
    for (const action of ["add", "change", "remove"] as const) {
      const home = cheapHome();
      await assert.rejects(carryOut(home, action, ioOf({ typed: [] })), {
        code: "usage",
        hint: /lair-client --passphrase$/,
      });
      assert.equal(home.identityState, "none");
    }
  });
});
