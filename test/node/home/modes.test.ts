import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
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
import { accessRules, refuseExposures } from "../../../src/node/home/access.ts";
import { readSecretFile } from "../../../src/node/home/home.ts";
import { openHome } from "./open-home.ts";
import { exposedParents } from "../../../src/node/home/parents.ts";
import { bytesOf, filesIn, inviteOf, newPlace, openInviteOf, pairOf, peerOf } from "./places.ts";
import { effort } from "../../effort.ts";
import { throwsLair } from "../../throws-lair.ts";

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
  home.pairings.savePeer(peerOf(2));
  home.pairings.changeInvites(() => [openInviteOf(3)]);
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
      for (const mode of effort([0o720, 0o604], laxModes)) {
        chmodSync(path, mode);
        const fault = throwsLair(() => openHome(place, "server"));
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
    const { hint } = throwsLair(() => openHome(place, "server"));
    assert.equal(hint, `Run: chmod 700 ${place}/server && chmod 600 ${place}/server/peers.json`);
  });

  it("is mended at once where it is a copy without modes, with a store and a lock in it", () => {
    const above = newPlace();
    const place = join(above, "copy");
    fullHome(place);
    const stores = ["store.lock", ...["", "-wal", "-shm", "-journal"].map((end) => `store-1a2b3c4d.db${end}`)];
    for (const name of ["lock", ...stores]) writeFileSync(join(place, "server", name), "");
    const [files, directories] = [filesIn(place), ["", "server", ".."]];
    for (const name of files) chmodSync(join(place, name), 0o644);
    for (const name of directories) chmodSync(join(place, name), name === ".." ? 0o775 : 0o755);
    const fault = throwsLair(() => openHome(place, "server"));
    assert.match(fault.message, /\(and 13 more like it\)/);
    const command = /^Run: (chmod .*)$/.exec(fault.hint!)?.[1];
    execFileSync("sh", ["-c", command!]);
    for (const name of files) assert.equal(statSync(join(place, name)).mode & 0o777, 0o600, name);
    openHome(place, "server").refuseExposed(files.map((name) => join(place, name)));
  });

  it("is refused at every reading too, and by every save", () => {
    const home = fullHome(newPlace());
    for (const name of paths.slice(2)) chmodSync(join(home.directory, name), 0o640);
    const actions = [
      () => home.loadIdentity(),
      () => home.saveIdentity(pairOf(1)),
      () => home.pairings.peers(),
      () => home.pairings.savePeer(peerOf(5)),
      () => home.pairings.forgetPeer(peerOf(2).publicKey),
      () => home.pairings.invites(),
      () => home.pairings.changeInvites(() => []),
      () => home.findInvite(),
      () => home.leaveInvite(inviteOf(5)),
      () => home.removeLeftInvite(),
    ];
    for (const action of actions) assert.equal(throwsLair(action).code, "home-mode", String(action));
    for (const name of paths.slice(2)) assert.equal(statSync(join(home.directory, name)).mode & 0o777, 0o640);
  });

  it("gives a command that a shell reads as it was meant", () => {
    const place = newPlace();
    const strange = join(place, 'it\'s $HOME; `x` "y"\n-z');
    mkdirSync(strange, { mode: 0o700 });
    chmodSync(strange, 0o750);
    const command = /^Run: (chmod [^]*)$/.exec(throwsLair(() => openHome(strange, "client")).hint ?? "")?.[1];
    execFileSync("sh", ["-c", command!]);
    assert.equal(statSync(strange).mode & 0o777, 0o700);
  });

  it("creates nothing in a directory that it refuses", () => {
    const place = newPlace();
    chmodSync(place, 0o755);
    throwsLair(() => openHome(place, "client"));
    assert.throws(() => statSync(join(place, "client")), /ENOENT/);
  });

  it("is not looked at on Windows", () => {
    const place = newPlace();
    fullHome(place);
    for (const name of paths) chmodSync(join(place, name), 0o777);
    const home = openHome(place, "server", { platform: "win32" });
    assert.deepEqual(home.loadIdentity(), pairOf(1));
    home.pairings.savePeer(peerOf(7));
    assert.deepEqual(home.pairings.peers(), [peerOf(2), peerOf(7)]);
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
    const fault = throwsLair(() => openHome(place, "server", { userId: owner + 1 }));
    assert.equal(fault.code, "home-mode");
    assert.match(fault.message, new RegExp(`belongs to another user \\(number ${owner}\\)`));
    // Whoever takes over what another user has made may take over a trap.
    assert.doesNotMatch(fault.hint ?? "", /chown|sudo|chmod/);
    assert.match(fault.hint ?? "", /of your own with --home/);
    const secret = join(place, "invite");
    assert.equal(throwsLair(() => readSecretFile(secret, "x", accessRules("linux", owner + 1))).code, "home-mode");
  });

  it("is open to root", () => {
    const place = newPlace();
    fullHome(place);
    assert.deepEqual(openHome(place, "server", { userId: 0 }).loadIdentity(), pairOf(1));
    const { checksModes, checksParents, userId } = accessRules("linux", 0);
    assert.deepEqual([checksModes, checksParents, userId], [true, true, undefined]);
  });
});

/** A home that is not there yet, some directories below one that is `mode`. */
function below(mode: number) {
  const place = newPlace();
  const open = join(place, "open");
  mkdirSync(join(open, "mine"), { recursive: true, mode: 0o755 });
  chmodSync(open, mode);
  return { place, open, home: join(open, "mine", "deep", "lair") };
}

describe("directory above the home", () => {
  it("that others can change is refused before anything is made, with the chmod that mends it", () => {
    for (const mode of [0o777, 0o757, 0o775, 0o722, 0o703 | 0o020, 0o2775]) {
      const { open, home } = below(mode);
      const fault = throwsLair(() => openHome(home, "client"));
      assert.equal(fault.code, "home-mode");
      assert.ok(
        fault.message.includes(`${open}, on the way to the home, can be changed by other users`),
        fault.message,
      );
      assert.equal(fault.hint, `Run: chmod go-w ${open}`);
      assert.throws(() => statSync(join(open, "mine", "deep")), /ENOENT/);
      execFileSync("sh", ["-c", fault.hint.slice("Run: ".length)]);
      openHome(home, "client");
    }
  });

  it("is taken when it is sticky, as /tmp is, or when others can only read it", () => {
    for (const mode of [0o1777, 0o1775, 0o755, 0o711, 0o750]) openHome(below(mode).home, "client");
  });

  it("counts on the way through a link too, before it and behind it", () => {
    const { place, open } = below(0o777);
    const safe = join(place, "safe");
    mkdirSync(safe);
    symlinkSync(safe, join(open, "link"));
    symlinkSync(join("..", "open", "mine"), join(safe, "to-open"));
    symlinkSync(join(open, "link"), join(safe, "chain"));
    for (const path of [join(open, "link"), join(safe, "to-open", "lair"), join(safe, "chain", "lair")]) {
      assert.ok(throwsLair(() => openHome(path, "client")).message.includes(`${open}, on the way`), path);
    }
    chmodSync(open, 0o1777);
    openHome(join(safe, "chain", "lair"), "client");
  });

  it("of another user is refused, but root's; root itself may use its users' homes", () => {
    const { open, home } = below(0o755);
    const uid = 54_321;
    const stats = statSync(open);
    const judge = (userId: number, unmappedUserId?: number) =>
      exposedParents(home, "", { ...accessRules("linux", userId), unmappedUserId }).map(({ what }) => what);
    if (stats.uid === 0) assert.deepEqual(judge(uid), []);
    else
      assert.ok(judge(uid).some((what) => what.startsWith(`${open}, on the way to the home, belongs to another user`)));
    if (stats.uid === 0) {
      chownSync(open, uid, uid);
      assert.equal(judge(uid + 1).length, 1);
      assert.match(
        throwsLair(() => refuseExposures(exposedParents(home, "", accessRules("linux", uid + 1)))).hint!,
        /--home/,
      );
      assert.deepEqual(judge(uid), []);
      assert.deepEqual(judge(uid + 1, uid), [], "the users outside of a container");
    }
    assert.deepEqual(judge(0), []);
  });

  it("of root that others can change is not for another user to mend", () => {
    const { open, home } = below(0o777);
    if (statSync(open).uid !== 0) return;
    const fault = throwsLair(() => refuseExposures(exposedParents(home, "", accessRules("linux", 54_321))));
    assert.match(fault.message, /can be changed by other users/);
    assert.doesNotMatch(fault.hint!, /chmod|chown|sudo/);
  });

  it("is not looked at on Windows and Android", () => {
    for (const platform of ["win32", "android"]) openHome(below(0o777).home, "client", { platform });
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
        "server/peers.json": [() => home.pairings.peers(), () => home.pairings.savePeer(peerOf(9))],
        "server/invites.json": [() => home.pairings.invites(), () => home.pairings.changeInvites(() => [])],
        "server/admitted": [() => home.openAdmitted()],
        invite: [() => home.findInvite(), () => home.leaveInvite(inviteOf(9)), () => home.removeLeftInvite()],
      };
      for (const action of actions[name]!) {
        const fault = throwsLair(action);
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
      const fault = throwsLair(() => readSecretFile(path, "the psk file"));
      assert.equal(fault.code, "home-mode");
      assert.match(fault.message, /is no longer secret/);
      assert.equal(fault.hint?.split(", on")[0], `Close it (chmod 600 '${path}'), then put a new one into it`);
      assert.ok(!`${fault.message}${fault.hint}`.includes("the secret"));
    }
  });

  it("is called no longer secret when it was open, whatever it is, and what makes a new one is said", () => {
    const path = secretIn(newPlace(), 0o644);
    const renewals = {
      "the passphrase file": /passphrase change/,
      "the invite file": /ask for a new one/,
      "the TLS key": /new certificate/,
    };
    for (const [what, renewal] of Object.entries(renewals)) {
      const fault = throwsLair(() => readSecretFile(path, what));
      assert.match(fault.message, /no longer secret/);
      assert.match(fault.hint!, renewal);
    }
  });

  it("may be reached through a link, whose target counts", () => {
    const place = newPlace();
    const path = secretIn(place);
    symlinkSync(path, join(place, "soft"));
    linkSync(path, join(place, "hard"));
    for (const name of ["soft", "hard"]) assert.equal(readSecretFile(join(place, name), "x").length, 10);
    chmodSync(path, 0o644);
    assert.equal(throwsLair(() => readSecretFile(join(place, "soft"), "x")).code, "home-mode");
  });

  it("is refused where others can put another in its place, by the rule for the home", () => {
    for (const what of ["the psk file", "the passphrase file"]) {
      for (const mode of [0o777, 0o775, 0o757]) {
        const { place, open } = below(mode);
        const path = secretIn(join(open, "mine"));
        symlinkSync(path, join(place, "link"));
        for (const name of [path, join(place, "link")]) {
          const fault = throwsLair(() => readSecretFile(name, what));
          assert.equal(fault.code, "home-mode");
          assert.ok(fault.message.startsWith(`${open}, on the way to ${what}, can be changed by other`), fault.message);
          assert.equal(fault.hint, `Run: chmod go-w ${open}`);
        }
        assert.equal(readSecretFile(path, what, accessRules("win32")).length, 10);
        chmodSync(open, 0o1777);
        for (const name of [path, join(place, "link")]) assert.equal(readSecretFile(name, what).length, 10);
      }
    }
  });

  it("must be there", () => {
    const fault = throwsLair(() => readSecretFile(join(newPlace(), "none"), "the psk file"));
    assert.equal(fault.code, "file-unreadable");
    assert.match(fault.message, /none, named as the psk file/);
    assert.equal(throwsLair(() => readSecretFile(join(secretIn(newPlace()), "x"), "x")).code, "file-unreadable");
  });

  it("must be a regular file: no directory, no device, no pipe, which would make it wait", () => {
    const place = newPlace();
    execFileSync("mkfifo", ["-m", "600", join(place, "pipe")]);
    for (const path of [place, "/dev/null", join(place, "pipe")]) {
      const fault = throwsLair(() => readSecretFile(path, "x"));
      assert.equal(fault.code, "file-unreadable");
      assert.match(fault.message, /is not a regular file/);
    }
  });

  it("has 4 KiB at most", () => {
    const path = secretIn(newPlace());
    writeFileSync(path, "x".repeat(4_096));
    assert.equal(readSecretFile(path, "x").length, 4_096);
    writeFileSync(path, "x".repeat(4_097));
    assert.match(throwsLair(() => readSecretFile(path, "x")).message, /too large/);
  });
});
