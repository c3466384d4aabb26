import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { accessRules } from "../../../src/node/home/access.ts";
import { openHome, readSecretFile } from "../../../src/node/home/home.ts";
import { bytesOf, faultOf, inviteOf, newPlace, openInviteOf, pairOf, peerOf } from "./places.ts";

const laxModes = [
  0o701, 0o702, 0o704, 0o710, 0o720, 0o740, 0o755, 0o777, 0o601, 0o602, 0o604, 0o610, 0o620, 0o640, 0o644,
];
const paths = [
  "",
  "server",
  "server/identity.json",
  "server/peers.json",
  "server/invites.json",
  "server/admitted",
  "invite",
];

function fullHome(place: string) {
  const home = openHome(place, "server");
  home.saveIdentity(pairOf(1));
  home.savePeer(peerOf(2));
  home.saveInvites([openInviteOf(3)]);
  home.leaveInvite(inviteOf(4));
  home.openAdmitted().remember(bytesOf(5).slice(0, 16));
  return home;
}

describe("home whose modes are lax", () => {
  for (const name of paths) {
    it(`is refused for HOME/${name}, with the chmod that mends it`, () => {
      const place = newPlace();
      fullHome(place);
      const path = join(place, name);
      const wanted = statSync(path).mode & 0o777;
      for (const mode of laxModes) {
        chmodSync(path, mode);
        const fault = faultOf(() => openHome(place, "server"));
        assert.equal(fault.code, "home-mode");
        assert.ok(fault.message.includes(path) && fault.message.includes(mode.toString(8)), fault.message);
        const command = /^Run: (chmod .*)$/.exec(fault.hint ?? "")?.[1];
        assert.equal(command, `chmod ${wanted.toString(8)} ${path}`);
        execFileSync("sh", ["-c", command]);
        openHome(place, "server");
      }
    });
  }

  it("names all commands at once", () => {
    const place = newPlace();
    fullHome(place);
    chmodSync(join(place, "server"), 0o755);
    chmodSync(join(place, "server/peers.json"), 0o644);
    const { hint } = faultOf(() => openHome(place, "server"));
    assert.equal(hint, `Run: chmod 700 ${place}/server && chmod 600 ${place}/server/peers.json`);
  });

  it("is refused at every reading too, and by every save", () => {
    const home = fullHome(newPlace());
    for (const name of paths.slice(2)) chmodSync(join(home.directory, name), 0o640);
    const actions = [
      () => home.loadIdentity(),
      () => home.saveIdentity(pairOf(1)),
      () => home.peers(),
      () => home.savePeer(peerOf(5)),
      () => home.forgetPeer(peerOf(2).publicKey),
      () => home.invites(),
      () => home.saveInvites([]),
      () => home.findInvite(),
      () => home.leaveInvite(inviteOf(5)),
      () => home.removeLeftInvite(),
    ];
    for (const action of actions) assert.equal(faultOf(action).code, "home-mode", String(action));
    for (const name of paths.slice(2)) assert.equal(statSync(join(home.directory, name)).mode & 0o777, 0o640);
  });

  it("gives a command that a shell reads as it was meant", () => {
    const place = newPlace();
    const strange = join(place, 'it\'s $HOME; `x` "y"\n-z');
    mkdirSync(strange, { mode: 0o700 });
    chmodSync(strange, 0o750);
    const command = /^Run: (chmod [^]*)$/.exec(faultOf(() => openHome(strange, "client")).hint ?? "")?.[1];
    execFileSync("sh", ["-c", command!]);
    assert.equal(statSync(strange).mode & 0o777, 0o700);
  });

  it("creates nothing in a directory that it refuses", () => {
    const place = newPlace();
    chmodSync(place, 0o755);
    faultOf(() => openHome(place, "client"));
    assert.throws(() => statSync(join(place, "client")), /ENOENT/);
  });

  it("is not looked at on Windows", () => {
    const place = newPlace();
    fullHome(place);
    for (const name of paths) chmodSync(join(place, name), 0o777);
    const home = openHome(place, "server", { platform: "win32" });
    assert.deepEqual(home.loadIdentity(), pairOf(1));
    home.savePeer(peerOf(7));
    assert.deepEqual(home.peers(), [peerOf(2), peerOf(7)]);
    assert.equal(readSecretFile(join(place, "invite"), "x", accessRules("win32")).length, inviteOf(4).length);
  });

  it("is taken when it is stricter", () => {
    const place = newPlace();
    fullHome(place);
    for (const name of paths.slice(2)) chmodSync(join(place, name), 0o400);
    assert.deepEqual(openHome(place, "server").loadIdentity(), pairOf(1));
  });
});

describe("home of another user", () => {
  const owner = process.geteuid?.() ?? 0;

  it("is refused, whatever its mode", () => {
    const place = newPlace();
    fullHome(place);
    const fault = faultOf(() => openHome(place, "server", { userId: owner + 1 }));
    assert.equal(fault.code, "home-mode");
    assert.match(fault.message, new RegExp(`belongs to another user \\(number ${owner}\\)`));
    assert.match(fault.hint ?? "", new RegExp(`sudo chown ${owner + 1} `));
    const secret = join(place, "invite");
    assert.equal(faultOf(() => readSecretFile(secret, "x", accessRules("linux", owner + 1))).code, "home-mode");
  });

  it("is open to root", () => {
    const place = newPlace();
    fullHome(place);
    assert.deepEqual(openHome(place, "server", { userId: 0 }).loadIdentity(), pairOf(1));
    assert.deepEqual(accessRules("linux", 0), { checksModes: true, userId: undefined });
  });
});

describe("symbolic link in place of a file of the home", () => {
  for (const name of paths.slice(2)) {
    it(`is refused and left alone: HOME/${name}`, () => {
      const place = newPlace();
      const home = fullHome(place);
      const path = join(place, name);
      renameSync(path, join(place, "elsewhere"));
      symlinkSync(join(place, "elsewhere"), path);
      const before = readFileSync(path);
      const actions: Record<string, (() => unknown)[]> = {
        "server/identity.json": [() => home.loadIdentity(), () => home.saveIdentity(pairOf(9))],
        "server/peers.json": [() => home.peers(), () => home.savePeer(peerOf(9))],
        "server/invites.json": [() => home.invites(), () => home.saveInvites([])],
        "server/admitted": [() => home.openAdmitted()],
        invite: [() => home.findInvite(), () => home.leaveInvite(inviteOf(9)), () => home.removeLeftInvite()],
      };
      for (const action of actions[name]!) {
        const fault = faultOf(action);
        assert.equal(fault.code, "home-mode");
        assert.ok(fault.message.includes(`${path} is a symbolic link`));
      }
      assert.deepEqual(readFileSync(path), before);
    });
  }
});

function secretIn(place: string, mode = 0o600): string {
  const path = join(place, "my secret");
  writeFileSync(path, "the secret", { mode });
  chmodSync(path, mode);
  return path;
}

describe("secret file", () => {
  it("is read when it is closed to others", () => {
    const place = newPlace();
    for (const mode of [0o600, 0o400]) {
      assert.deepEqual(Buffer.from(readSecretFile(secretIn(place, mode), "the psk file")).toString(), "the secret");
      chmodSync(join(place, "my secret"), 0o600);
    }
  });

  it("is refused when any other user has any permission, with the chmod", () => {
    const path = secretIn(newPlace());
    for (const mode of [0o601, 0o602, 0o604, 0o610, 0o620, 0o640, 0o644, 0o666]) {
      chmodSync(path, mode);
      const fault = faultOf(() => readSecretFile(path, "the psk file"));
      assert.equal(fault.code, "home-mode");
      assert.equal(fault.hint, `Run: chmod 600 '${path}'`);
      assert.ok(!`${fault.message}${fault.hint}`.includes("the secret"));
    }
  });

  it("may be reached through a link, whose target counts", () => {
    const place = newPlace();
    const path = secretIn(place);
    symlinkSync(path, join(place, "soft"));
    linkSync(path, join(place, "hard"));
    for (const name of ["soft", "hard"]) assert.equal(readSecretFile(join(place, name), "x").length, 10);
    chmodSync(path, 0o644);
    assert.equal(faultOf(() => readSecretFile(join(place, "soft"), "x")).code, "home-mode");
  });

  it("must be there", () => {
    const fault = faultOf(() => readSecretFile(join(newPlace(), "none"), "the psk file"));
    assert.equal(fault.code, "file-unreadable");
    assert.match(fault.message, /none, named as the psk file/);
    assert.equal(faultOf(() => readSecretFile(join(secretIn(newPlace()), "x"), "x")).code, "file-unreadable");
  });

  it("must be a regular file: no directory, no device, no pipe, which would make it wait", () => {
    const place = newPlace();
    execFileSync("mkfifo", ["-m", "600", join(place, "pipe")]);
    for (const path of [place, "/dev/null", join(place, "pipe")]) {
      const fault = faultOf(() => readSecretFile(path, "x"));
      assert.equal(fault.code, "file-unreadable");
      assert.match(fault.message, /is not a regular file/);
    }
  });

  it("has 4 KiB at most", () => {
    const path = secretIn(newPlace());
    writeFileSync(path, "x".repeat(4_096));
    assert.equal(readSecretFile(path, "x").length, 4_096);
    writeFileSync(path, "x".repeat(4_097));
    assert.match(faultOf(() => readSecretFile(path, "x")).message, /too large/);
  });
});
