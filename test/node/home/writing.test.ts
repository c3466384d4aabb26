import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { accessRules } from "../../../src/node/home/access.ts";
import { type Home, readSecretFile } from "../../../src/node/home/home.ts";
import { openHome } from "./open-home.ts";
import { whileLocked } from "../../../src/node/home/lock.ts";
import type { Disk } from "../../../src/node/disk.ts";
import { replaceFile } from "../../../src/node/home/replace-file.ts";
import { filesIn, inviteOf, newPlace, openInviteOf, pairOf, peerOf } from "./places.ts";
import { bundled } from "../../bundled.ts";
import { effort } from "../../effort.ts";
import { throwsLair } from "../../throws-lair.ts";
import { closeThenFail, failing, writeHalfThenFail } from "../failing-calls.ts";

const SAVER = new URL("save-peers.ts", import.meta.url);

function savePeers(home: string, first: number, count: number, how = ""): ChildProcess {
  const argv = [bundled(SAVER), home, String(first), String(count), how];
  return spawn(process.execPath, argv, { stdio: ["ignore", "inherit", "inherit"] });
}

const failingOnDirectories = (code: string) => (descriptor: number) =>
  fs.fstatSync(descriptor).isDirectory() ? failing(code)() : fs.fsyncSync(descriptor);

const FAULTS = effort(
  ["ENOSPC", "EACCES", "EIO"],
  ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "ENOLCK", "EMFILE", "EIO"],
);

const writeOneByte = (descriptor: number, bytes: Uint8Array, offset: number) =>
  fs.writeSync(descriptor, bytes, offset, 1);

const isTemporary = (name: string) => name.endsWith(".tmp");

/** Everything that writes. */
const saves: ((home: Home) => void)[] = [
  (home) => home.pairings.savePeer(peerOf(50)),
  (home) => home.pairings.forgetPeer(peerOf(2).publicKey),
  (home) => home.pairings.changeInvites(() => [openInviteOf(50)]),
  (home) => home.leaveInvite(inviteOf(50)),
];

function fill(home: Home): void {
  home.saveIdentity(pairOf(1));
  home.pairings.savePeer(peerOf(2));
  home.pairings.changeInvites(() => [openInviteOf(3)]);
  home.leaveInvite(inviteOf(4));
}

function snapshot(directory: string): Record<string, string> {
  return Object.fromEntries(filesIn(directory).map((name) => [name, fs.readFileSync(join(directory, name), "hex")]));
}

/** Sees that every save fails as it should and leaves everything as it was. */
function failsAndLeavesAll(home: Home, code: string): void {
  const before = snapshot(home.directory);
  for (const save of saves) {
    const fault = throwsLair(() => save(home));
    assert.equal(fault.code, "home-unwritable");
    assert.ok(fault.message.includes(home.directory) && fault.message.includes(`[${code}]`), fault.message);
    assert.ok(fault.hint !== undefined);
    assert.deepEqual(snapshot(home.directory), before);
  }
}

describe("writing a file of the home", () => {
  const steps: Record<string, (code: string) => Partial<Disk>> = {
    creating: (code) => ({ openSync: failing(code) }),
    writing: (code) => ({ writeSync: failing(code) }),
    "writing the second half": (code) => ({ writeSync: writeHalfThenFail(code) }),
    syncing: (code) => ({ fsyncSync: failing(code) }),
    closing: (code) => ({ closeSync: closeThenFail(code) }),
    renaming: (code) => ({ renameSync: failing(code) }),
  };
  for (const [step, calls] of Object.entries(steps)) {
    it(`leaves the old content and no temporary file when ${step} fails (calls replaced)`, () => {
      for (const code of FAULTS) {
        const place = newPlace();
        fill(openHome(place, "server"));
        failsAndLeavesAll(openHome(place, "server", { disk: { ...fs, ...calls(code) } }), code);
      }
    });
  }

  it("goes on when the disk takes one byte at a time", () => {
    const home = openHome(newPlace(), "client", { disk: { ...fs, writeSync: writeOneByte } });
    home.pairings.savePeer(peerOf(1));
    assert.deepEqual(home.pairings.peers(), [peerOf(1)]);
  });

  it("does not wait for ever for a disk that takes nothing", () => {
    const path = join(newPlace(), "file");
    const fault = throwsLair(() => replaceFile(path, Uint8Array.of(1), { disk: { ...fs, writeSync: () => 0 } }));
    assert.equal(fault.code, "home-unwritable");
    assert.deepEqual(filesIn(join(path, "..")), []);
  });

  it("keeps to what failed first when the temporary file cannot be removed either", () => {
    const path = join(newPlace(), "file");
    const disk: Disk = { ...fs, renameSync: failing("EROFS"), unlinkSync: failing("EIO") };
    assert.match(throwsLair(() => replaceFile(path, Uint8Array.of(1), { disk })).message, /\[EROFS\]/);
    assert.equal(fs.existsSync(path), false);
  });

  it("syncs the file before the rename and the directory after it", () => {
    const calls: string[] = [];
    const logged = <Arguments extends unknown[], Result>(name: string, call: (...args: Arguments) => Result) => {
      return (...args: Arguments): Result => {
        calls.push(name);
        return call(...args);
      };
    };
    const disk: Disk = {
      openSync: logged("open", fs.openSync),
      writeSync: logged("write", (descriptor: number, bytes: Uint8Array) => fs.writeSync(descriptor, bytes)),
      fsyncSync: logged("fsync", fs.fsyncSync),
      closeSync: logged("close", fs.closeSync),
      renameSync: logged("rename", fs.renameSync),
      unlinkSync: logged("unlink", fs.unlinkSync),
    };
    const path = join(newPlace(), "file");
    replaceFile(path, Uint8Array.of(1), { disk });
    assert.deepEqual(calls, ["open", "write", "fsync", "close", "rename", "open", "fsync", "close"]);
    calls.length = 0;
    replaceFile(path, Uint8Array.of(2), { disk, platform: "win32" });
    assert.deepEqual(calls, ["open", "write", "fsync", "close", "rename"]);
    assert.deepEqual(fs.readFileSync(path), Buffer.of(2));
  });

  it("does not call a pairing kept when the directory could not be synced, unless the file system never can", () => {
    const path = join(newPlace(), "file");
    replaceFile(path, Uint8Array.of(1), { disk: { ...fs, fsyncSync: failingOnDirectories("EINVAL") } });
    for (const code of ["EIO", "ENOSPC", "EDQUOT", "EROFS"]) {
      const fault = throwsLair(() =>
        replaceFile(path, Uint8Array.of(2), { disk: { ...fs, fsyncSync: failingOnDirectories(code) } }),
      );
      assert.equal(fault.code, "home-unwritable");
      assert.ok(fault.message.includes(`[${code}]`), fault.message);
    }
  });

  it("fails on a full disk, a real one where one can be mounted", (t) => {
    const place = newPlace();
    const isReal = mountSmallDisk(t, place);
    try {
      const directory = join(place, "lair");
      const home = openHome(directory, "server");
      fill(home);
      if (isReal) fillDisk(join(place, "ballast"));
      failsAndLeavesAll(isReal ? home : openHome(directory, "server", { disk: fullDisk }), "ENOSPC");
      fs.rmSync(join(place, "ballast"), { force: true });
      for (const save of saves) save(home);
      assert.deepEqual(home.pairings.peers(), [peerOf(50)]);
    } finally {
      if (isReal) execFileSync("umount", [place]);
    }
  });

  it("fails in a directory that is really read-only", (t) => {
    const home = unprivilegedHome(t);
    const own = join(home.directory, "server");
    fs.chmodSync(own, 0o500);
    fs.chmodSync(home.directory, 0o500);
    withoutPrivilege(t, () => {
      failsAndLeavesAll(home, "EACCES");
      assert.equal(throwsLair(() => home.removeLeftInvite()).code, "home-unwritable");
      assert.equal(home.findInvite(), inviteOf(4));
      const other = throwsLair(() => openHome(home.directory, "client"));
      assert.equal(other.code, "home-unwritable");
      assert.ok(other.message.includes(join(home.directory, "client")));
      assert.deepEqual(openHome(home.directory, "server").loadIdentity(), pairOf(1));
    });
    fs.chmodSync(home.directory, 0o700);
    fs.chmodSync(own, 0o700);
  });

  it("does not take what it cannot read for missing", (t) => {
    const home = unprivilegedHome(t);
    const own = join(home.directory, "server");
    const peers = join(own, "peers.json");
    fs.chmodSync(peers, 0);
    withoutPrivilege(t, () => {
      assert.equal(throwsLair(() => home.pairings.peers()).code, "file-unreadable");
      assert.equal(throwsLair(() => home.pairings.savePeer(peerOf(9))).code, "file-unreadable");
      // The same file, were it another's: that is what is said then.
      const foreign = accessRules("linux", (process.geteuid?.() ?? 0) + 1);
      assert.equal(throwsLair(() => readSecretFile(peers, "x", foreign)).code, "home-mode");
    });
    fs.chmodSync(own, 0);
    withoutPrivilege(t, () => {
      const opened = openHome(home.directory, "server");
      assert.equal(throwsLair(() => opened.pairings.peers()).code, "file-unreadable");
      assert.equal(throwsLair(() => opened.loadIdentity()).code, "file-unreadable");
      assert.equal(throwsLair(() => opened.identity(() => pairOf(9))).code, "file-unreadable");
      assert.equal(throwsLair(() => opened.pairings.savePeer(peerOf(9))).code, "file-unreadable");
    });
    fs.chmodSync(own, 0o700);
  });

  it("refuses a home that is a file, or lies below one", () => {
    const file = join(newPlace(), "file");
    fs.writeFileSync(file, "mine", { mode: 0o600 });
    for (const path of [file, join(file, "lair")]) {
      const fault = throwsLair(() => openHome(path, "client"));
      assert.equal(fault.code, "home-unwritable");
      assert.ok(fault.message.includes(file));
    }
    assert.equal(fs.readFileSync(file, "utf8"), "mine");
  });

  it("refuses a directory in place of a file, really", () => {
    const home = openHome(newPlace(), "client");
    fs.mkdirSync(join(home.directory, "client/peers.json"), { mode: 0o700 });
    assert.equal(throwsLair(() => home.pairings.savePeer(peerOf(1))).code, "file-unreadable");
    assert.equal(
      throwsLair(() => replaceFile(join(home.directory, "client/peers.json"), new Uint8Array(1))).code,
      "home-unwritable",
    );
    assert.deepEqual(filesIn(home.directory), []);
  });

  it("says so when the home vanished", () => {
    const home = openHome(newPlace(), "client");
    fs.rmSync(home.directory, { recursive: true });
    assert.equal(throwsLair(() => home.pairings.savePeer(peerOf(1))).code, "home-unwritable");
  });
});

describe("crash between write and rename", () => {
  it("leaves the old content, and what is left over is harmless and goes when it is old", async () => {
    const place = newPlace();
    const ending = await once(savePeers(place, 1, 3, "die"), "exit");
    assert.deepEqual(ending, [null, "SIGKILL"]);
    assert.equal(filesIn(place).filter(isTemporary).length, 1);
    const home = openHome(place, "client");
    assert.deepEqual(home.pairings.peers(), [peerOf(1), peerOf(2)]);
    home.pairings.savePeer(peerOf(3));
    assert.deepEqual(home.pairings.peers(), [peerOf(1), peerOf(2), peerOf(3)]);
    assert.equal(filesIn(place).filter(isTemporary).length, 1);
    const left = join(place, filesIn(place).find(isTemporary)!);
    assert.equal(fs.statSync(left).mode & 0o777, 0o600);
    openHome(place, "client", { nowMs: () => Date.now() + 3_600_000 });
    assert.deepEqual(filesIn(place), ["client/peers.json"]);
  });

  it("tidies away nothing that is not its own", () => {
    const place = newPlace();
    openHome(place, "client");
    const others = [".peers.json.tmp", "peers.json.0123456789abcdef.tmp", ".x.0123456789abcdef.tmp~", "notes.tmp"];
    for (const name of others) fs.writeFileSync(join(place, name), "mine", { mode: 0o600 });
    fs.mkdirSync(join(place, ".peers.json.0123456789abcdef.tmp"));
    openHome(place, "client", { nowMs: () => Date.now() + 3_600_000 });
    assert.deepEqual(filesIn(place), others.toSorted());
    assert.ok(fs.existsSync(join(place, ".peers.json.0123456789abcdef.tmp")));
  });
});

describe("several programs saving at once", () => {
  it("lose nothing and mix nothing", async () => {
    const place = newPlace();
    const programs = effort([0, 20], [0, 20, 40, 60]).map((first) => savePeers(place, first, 20));
    const endings = await Promise.all(programs.map((program) => once(program, "exit")));
    assert.deepEqual(
      endings,
      programs.map(() => [0, null]),
    );
    const seeds = openHome(place, "client")
      .pairings.peers()
      .map((peer) => peer.publicKey[0]!);
    assert.deepEqual(
      seeds.toSorted((a, b) => a - b),
      Array.from({ length: 20 * programs.length }, (_, i) => i),
    );
    assert.deepEqual(filesIn(place), ["client/peers.json"]);
  });

  it("do not wait for one that is gone", () => {
    const home = openHome(newPlace(), "client");
    const lock = join(home.directory, "client/lock");
    // No process has this number: it is above the largest that Linux and macOS give.
    fs.writeFileSync(lock, "99999999 0123456789abcdef", { mode: 0o600 });
    home.pairings.savePeer(peerOf(1));
    fs.writeFileSync(lock, "", { mode: 0o600 });
    fs.utimesSync(lock, new Date(), new Date(Date.now() - 60_000));
    home.pairings.savePeer(peerOf(2));
    fs.writeFileSync(lock, `${process.pid} 0123456789abcdef`, { mode: 0o600 });
    fs.utimesSync(lock, new Date(), new Date(Date.now() - 60_000));
    home.pairings.savePeer(peerOf(3));
    assert.deepEqual(home.pairings.peers(), [peerOf(1), peerOf(2), peerOf(3)]);
    assert.deepEqual(filesIn(home.directory), ["client/peers.json"]);
  });

  it("give up on one that does not end, and say so", () => {
    const home = openHome(newPlace(), "client");
    const lock = join(home.directory, "client/lock");
    fs.writeFileSync(lock, `${process.pid} 0123456789abcdef`, { mode: 0o600 });
    const fault = throwsLair(() => whileLocked(lock, () => assert.fail("two at once"), 10));
    assert.equal(fault.code, "home-unwritable");
    assert.ok(fault.message.includes(lock));
    assert.deepEqual(filesIn(home.directory), ["client/lock"]);
  });

  it("leave a lock alone that is no longer theirs", () => {
    const lock = join(newPlace(), "lock");
    whileLocked(lock, () => fs.writeFileSync(lock, "of another"));
    assert.equal(fs.readFileSync(lock, "utf8"), "of another");
  });

  it("free the lock when the change fails", () => {
    const place = newPlace();
    assert.throws(() => whileLocked(join(place, "lock"), failing("EIO")), /EIO/);
    assert.deepEqual(filesIn(place), []);
  });
});

describe("the lock of the home", () => {
  const steps: Record<string, (code: string) => Partial<Disk>> = {
    creating: (code) => ({ openSync: failing(code) }),
    signing: (code) => ({ writeSync: failing(code) }),
    closing: (code) => ({ closeSync: closeThenFail(code) }),
  };
  for (const [step, calls] of Object.entries(steps)) {
    it(`is not had, and not left, when ${step} fails`, () => {
      for (const code of FAULTS) {
        const lock = join(newPlace(), "lock");
        const disk = { ...fs, ...calls(code) };
        const fault = throwsLair(() => whileLocked(lock, () => assert.fail("without the lock"), 10, disk));
        assert.equal(fault.code, "home-unwritable");
        assert.ok(fault.message.includes(lock) && fault.message.includes(`[${code}]`), fault.message);
        assert.ok(!fault.message.includes("Another"), fault.message);
        assert.equal(fs.existsSync(lock), false);
      }
    });
  }

  it("is signed as a whole by a disk that takes one byte at a time", () => {
    const lock = join(newPlace(), "lock");
    const signature = whileLocked(lock, () => fs.readFileSync(lock, "latin1"), 10, { ...fs, writeSync: writeOneByte });
    assert.match(signature, new RegExp(`^${process.pid} [0-9a-f]{16}$`));
    assert.equal(fs.existsSync(lock), false);
  });

  it("takes nothing back of what was done under it when it cannot be removed", () => {
    const lock = join(newPlace(), "lock");
    assert.equal(
      whileLocked(lock, () => "done", 10, { ...fs, unlinkSync: failing("EIO") }),
      "done",
    );
  });

  it("is removed at the next change when it could not be before, or that is said", () => {
    const lock = join(newPlace(), "lock");
    const disk = { ...fs, unlinkSync: failing("EPERM") };
    whileLocked(lock, () => "done", 10, disk);
    const fault = throwsLair(() => whileLocked(lock, () => assert.fail("without the lock"), 10, disk));
    assert.equal(fault.code, "home-unwritable");
    assert.ok(fault.message.startsWith(`This program wrote beside ${lock} and cannot remove`), fault.message);
    assert.match(fault.message, /\[EPERM\]/);
    assert.match(fault.hint!, /Remove that file/);
    assert.equal(
      whileLocked(lock, () => "again", 10),
      "again",
    );
    assert.equal(fs.existsSync(lock), false);
  });

  it("is not taken over from a program that is gone when the rename fails", () => {
    const lock = join(newPlace(), "lock");
    fs.writeFileSync(lock, "99999999 0123456789abcdef", { mode: 0o600 });
    const disk = { ...fs, renameSync: failing("EROFS") };
    const fault = throwsLair(() => whileLocked(lock, () => assert.fail("two at once"), 10, disk));
    assert.match(fault.message, /\[EROFS\]/);
  });

  it("is not taken for a stale one when it cannot be read", (t) => {
    const home = unprivilegedHome(t);
    const lock = join(home.directory, "server", "lock");
    fs.writeFileSync(lock, `${process.pid} 0123456789abcdef`, { mode: 0 });
    fs.utimesSync(lock, new Date(), new Date(Date.now() - 60_000));
    if (process.geteuid?.() === 0) fs.chownSync(lock, nobody, nobody);
    withoutPrivilege(t, () => {
      const fault = throwsLair(() => home.pairings.savePeer(peerOf(9)));
      assert.equal(fault.code, "home-unwritable");
      assert.ok(fault.message.includes(lock) && fault.message.includes("[EACCES]"), fault.message);
    });
    assert.ok(fs.existsSync(lock));
  });
});

/** A disk that takes names but no content. */
const fullDisk: Disk = { ...fs, writeSync: failing("ENOSPC") };

/** Mounts a file system of 64 KiB at `place`, if that is allowed here, and says which it was. */
function mountSmallDisk(t: TestContext, place: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", place], { stdio: "ignore" });
    t.diagnostic("used a real tmpfs of 64 KiB");
    return true;
  } catch {
    t.diagnostic("no file system can be mounted here: used a write call that fails");
    return false;
  }
}

function fillDisk(path: string): void {
  const ballast = fs.openSync(path, "w");
  assert.throws(() => {
    for (;;) fs.writeSync(ballast, Buffer.alloc(4_096));
  }, /ENOSPC/);
  fs.closeSync(ballast);
}

const nobody = 65_534;

/** A full home of a user whom modes stop. */
function unprivilegedHome(t: TestContext): Home {
  const place = newPlace();
  if (process.geteuid?.() === 0) fs.chownSync(place, nobody, nobody);
  return withoutPrivilege(t, () => {
    const home = openHome(join(place, "lair"), "server");
    fill(home);
    return home;
  });
}

/** Runs `action` as a user whom modes stop: root is not one, so root becomes another for that long. */
function withoutPrivilege<Result>(t: TestContext, action: () => Result): Result {
  if (process.geteuid?.() !== 0) return action();
  t.diagnostic(`ran as user ${nobody}`);
  process.seteuid?.(nobody);
  try {
    return action();
  } finally {
    process.seteuid?.(0);
  }
}
