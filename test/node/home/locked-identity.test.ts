// identity.json under a passphrase: what is in it, what is no such file, and that every write is all or nothing. The cost
// of the passphrases is a small one, but for the tests of what the real home believes.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { toBase64Url, toUtf8 } from "../../../src/core/bytes.ts";
import type { Home } from "../../../src/node/home/home.ts";
import { openHome } from "./open-home.ts";
import type { Disk } from "../../../src/node/disk.ts";
import { effort } from "../../effort.ts";
import { filesIn, newPlace, pairOf } from "./places.ts";
import { throwsLair } from "../../throws-lair.ts";

const CHEAP = { N: 16, r: 8, p: 1 };
const RIGHT = toUtf8("right");

function lockedHome(): Home {
  const home = openHome(newPlace(), "server", { scryptCost: CHEAP });
  home.saveIdentity(pairOf(1), RIGHT);
  return home;
}

const contentOf = (home: Home): string => fs.readFileSync(home.identityPath, "utf8");

/** Puts another content in the file's place, with a check that fits unless it is kept. */
function put(home: Home, content: string, keepsCheck = false): void {
  const [, head, , rest] = /^(\{"version":2,"check":")([\w-]*)(",.*\})$/.exec(content) ?? [];
  const checked = (rest ?? "").slice(2, -1);
  const check = toBase64Url(createHash("sha256").update(checked).digest().subarray(0, 12));
  fs.writeFileSync(home.identityPath, keepsCheck || head === undefined ? content : `${head}${check}${rest}`);
}

/** Everything that reads or writes an identity. */
const uses: readonly ((home: Home) => unknown)[] = [
  (home) => home.identityState,
  (home) => home.loadIdentity(),
  (home) => home.unlock(RIGHT),
  (home) => home.identity(() => pairOf(9)),
  (home) => home.saveIdentity(pairOf(1)),
  (home) => home.saveIdentity(pairOf(1), RIGHT),
  (home) => home.protectIdentity(pairOf(1), RIGHT),
  (home) => home.protectIdentity(pairOf(1), undefined),
];

const reads = uses.slice(0, 3);

function refuses(home: Home, said: RegExp, what: string, through = uses): void {
  const before = fs.readFileSync(home.identityPath);
  for (const use of through) {
    const fault = throwsLair(() => use(home));
    assert.equal(fault.code, "home-damaged", what);
    assert.match(fault.message, said, what);
  }
  assert.deepEqual(fs.readFileSync(home.identityPath), before);
}

describe("identity.json under a passphrase", () => {
  it("is JSON with the cost and without the private key, closed to others", () => {
    const home = lockedHome();
    const { publicKey, check, salt, nonce, sealedKey, ...rest } = JSON.parse(contentOf(home)) as {
      [name: string]: unknown;
    };
    assert.deepEqual(rest, { version: 2, N: 16, r: 8, p: 1 });
    assert.equal(publicKey, toBase64Url(pairOf(1).publicKey));
    assert.deepEqual(
      [check, salt, nonce, sealedKey].map((letters) => String(letters).length),
      [16, 22, 16, 64],
    );
    assert.ok(!contentOf(home).includes(toBase64Url(pairOf(1).privateKey).slice(0, 8)), "the private key");
    assert.equal(fs.statSync(home.identityPath).mode & 0o777, 0o600);
  });

  it("is known for what it is, and opened by its passphrase alone", () => {
    const home = openHome(newPlace(), "client", { scryptCost: CHEAP });
    assert.equal(home.identityState, "none");
    home.saveIdentity(pairOf(1));
    assert.equal(home.identityState, "open");
    home.protectIdentity(pairOf(1), RIGHT);
    assert.equal(home.identityState, "locked");
    assert.deepEqual(home.unlock(RIGHT), pairOf(1));
    assert.equal(home.unlock(toUtf8("wrong")), undefined);
    for (const use of [() => home.loadIdentity(), () => home.identity(() => pairOf(2))]) {
      const fault = throwsLair(use);
      assert.equal(fault.code, "passphrase-needed");
      assert.match(fault.hint!, /--passphrase-file FILE/);
    }
    home.protectIdentity(pairOf(1), undefined);
    assert.deepEqual(home.loadIdentity(), pairOf(1));
    assert.deepEqual(filesIn(home.directory), ["client/identity.json"]);
  });

  it("is read when somebody has laid it out anew", () => {
    const home = lockedHome();
    fs.writeFileSync(home.identityPath, `${JSON.stringify(JSON.parse(contentOf(home)), undefined, 2)}\n`);
    assert.deepEqual(home.unlock(RIGHT), pairOf(1));
  });

  it("is never put in the place of another identity, nor under a passphrase that was not asked for", () => {
    const home = lockedHome();
    const before = contentOf(home);
    home.saveIdentity(pairOf(1));
    for (const save of [
      () => home.saveIdentity(pairOf(1), toUtf8("other")),
      () => home.saveIdentity(pairOf(2)),
      () => home.protectIdentity(pairOf(2), RIGHT),
      () => home.protectIdentity(pairOf(2), undefined),
      () => openHome(newPlace(), "server").protectIdentity(pairOf(1), undefined),
    ]) {
      assert.equal(throwsLair(save).code, "home-unwritable");
    }
    assert.equal(contentOf(home), before);
  });

  it("is damaged, and not under a wrong passphrase, whichever letter has changed", () => {
    const home = lockedHome();
    const whole = fs.readFileSync(home.identityPath);
    for (let at = 0; at < whole.length; at += effort(5, 1)) {
      const changed = Buffer.from(whole);
      changed[at]! += 1;
      fs.writeFileSync(home.identityPath, changed);
      refuses(home, /is garbled|newer version|does not know|cut short/, `letter ${at}`, at % 20 === 0 ? uses : reads);
    }
  });

  it("is damaged at any length that it was cut to", () => {
    const home = lockedHome();
    const whole = contentOf(home);
    for (let length = 0; length < whole.length; length += effort(5, 1)) {
      fs.writeFileSync(home.identityPath, whole.slice(0, length));
      const said = length === 0 ? /is empty/ : length < 13 ? /is garbled|was cut short/ : /was cut short/;
      refuses(home, said, `${length} letters`, length % 20 === 0 ? uses : reads);
    }
  });

  it("is not opened when somebody has changed it and made the check fit", () => {
    const home = lockedHome();
    const whole = contentOf(home);
    for (const member of ["publicKey", "salt", "nonce", "sealedKey"]) {
      const other = whole.replace(
        new RegExp(`("${member}":")(.)`),
        (_, head: string, letter: string) => head + (letter === "A" ? "B" : "A"),
      );
      assert.notEqual(other, whole);
      put(home, other);
      assert.equal(home.unlock(RIGHT), undefined, member);
    }
    put(home, whole.replace('"N":16', '"N":32'));
    assert.equal(home.unlock(RIGHT), undefined, "N");
  });

  const hostile: Record<string, string> = {
    "makes guessing cheap": '"N":65536,"r":8,"p":1',
    "takes 2 GiB": '"N":2097152,"r":8,"p":1',
    "takes a terabyte": '"N":1073741824,"r":8,"p":1',
    "takes for ever": '"N":131072,"r":8,"p":1000',
    "has large blocks": '"N":131072,"r":1024,"p":1',
    "is no power of two": '"N":131073,"r":8,"p":1',
    "is nothing": '"N":0,"r":8,"p":1',
    "is negative": '"N":-131072,"r":8,"p":1',
    "is a fraction": '"N":131072.5,"r":8,"p":1',
    "is written in another way": '"N":1.31072e5,"r":8,"p":1',
    "has leading zeros": '"N":0131072,"r":8,"p":1',
  };
  for (const [what, cost] of Object.entries(hostile)) {
    it(`is refused before anything is computed when its cost ${what}`, () => {
      const home = lockedHome();
      put(home, contentOf(home).replace('"N":16,"r":8,"p":1', cost));
      const real = openHome(home.directory, "server");
      // Of this process, not of the machine: others may be at work.
      const before = process.cpuUsage();
      for (const use of uses.slice(0, 5)) assert.equal(throwsLair(() => use(real)).code, "home-damaged");
      const { user, system } = process.cpuUsage(before);
      assert.ok(user + system < 250_000, "it took as long as a guess");
    });
  }

  it("of a test's cost is not believed by the real home, and one of the real cost is", () => {
    const home = lockedHome();
    const real = openHome(home.directory, "server");
    assert.equal(throwsLair(() => real.unlock(RIGHT)).code, "home-damaged");
    put(home, contentOf(home).replace('"N":16', '"N":131072'));
    assert.equal(real.identityState, "locked");
    put(home, contentOf(home).replace('"N":131072', '"N":1048576'));
    assert.equal(real.identityState, "locked");
  });

  it("that is far too long is damaged, and does not bring the program down", () => {
    const home = lockedHome();
    fs.writeFileSync(home.identityPath, `{"version":2,"check":"${"A".repeat(200_000)}"}`);
    refuses(home, /is garbled/, "far too long");
  });
});

const failing = (): never => {
  throw Object.assign(new Error("EIO: injected"), { code: "EIO" });
};

describe("putting an identity under a passphrase", () => {
  const steps: Record<string, Partial<Disk>> = {
    creating: { openSync: failing },
    writing: { writeSync: failing },
    syncing: { fsyncSync: failing },
    renaming: { renameSync: failing },
  };
  for (const [step, calls] of Object.entries(steps)) {
    it(`leaves the old file, whole, when ${step} fails`, () => {
      const home = lockedHome();
      const broken = openHome(home.directory, "server", { scryptCost: CHEAP, disk: { ...fs, ...calls } });
      const before = contentOf(home);
      for (const passphrase of [toUtf8("new"), undefined]) {
        assert.equal(throwsLair(() => broken.protectIdentity(pairOf(1), passphrase)).code, "home-unwritable");
        assert.equal(contentOf(home), before);
        assert.deepEqual(filesIn(home.directory), ["server/identity.json"]);
      }
    });
  }

  it("is there for a reader at every moment, as it was or as it will be", () => {
    const home = lockedHome();
    const seen: string[] = [];
    const watch = <Arguments extends unknown[], Result>(call: (...args: Arguments) => Result) => {
      return (...args: Arguments): Result => {
        seen.push(contentOf(home));
        const result = call(...args);
        seen.push(contentOf(home));
        return result;
      };
    };
    const before = contentOf(home);
    const disk: Disk = {
      openSync: watch(fs.openSync),
      writeSync: watch((descriptor: number, bytes: Uint8Array, offset: number) =>
        fs.writeSync(descriptor, bytes, offset, Math.min(40, bytes.length - offset)),
      ),
      fsyncSync: watch(fs.fsyncSync),
      closeSync: watch(fs.closeSync),
      renameSync: watch(fs.renameSync),
      unlinkSync: watch(fs.unlinkSync),
    };
    openHome(home.directory, "server", { scryptCost: CHEAP, disk }).protectIdentity(pairOf(1), undefined);
    const after = contentOf(home);
    assert.deepEqual([...new Set(seen)], [before, after]);
    assert.ok(!fs.existsSync(join(home.directory, "server/lock")), "the lock is gone");
  });
});
