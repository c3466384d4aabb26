import assert from "node:assert/strict";
import { statSync, symlinkSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { findPeer } from "../../../src/core/identity/peer.ts";
import { realDisk } from "../../../src/node/disk.ts";
import { defaultHome } from "../../../src/node/home/home.ts";
import { openHome } from "./open-home.ts";
import { bytesOf, filesIn, inviteOf, newPlace, openInviteOf, pairOf, peerOf } from "./places.ts";
import { throwsLair } from "../../throws-lair.ts";

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** As os.homedir() of a user id without an entry. */
const noEntry = (): never => {
  throw Object.assign(new Error("uv_os_get_passwd returned ENOENT"), { code: "ERR_SYSTEM_ERROR" });
};

describe("default home", () => {
  it("is $LAIR_HOME, else $XDG_CONFIG_HOME/lair, else ~/.config/lair", () => {
    assert.equal(defaultHome({ LAIR_HOME: "/a", XDG_CONFIG_HOME: "/b", HOME: "/c" }), "/a");
    assert.equal(defaultHome({ LAIR_HOME: "", XDG_CONFIG_HOME: "/b", HOME: "/c" }), "/b/lair");
    assert.equal(defaultHome({ XDG_CONFIG_HOME: "", HOME: "/c" }), "/c/.config/lair");
    assert.equal(defaultHome({ XDG_CONFIG_HOME: "relative", HOME: "/c" }), "/c/.config/lair");
    const ofAccount = join(userInfo().homedir, ".config", "lair");
    assert.equal(defaultHome({}), ofAccount);
    // An empty one must not become the current directory.
    assert.equal(defaultHome({ HOME: "" }), ofAccount);
    assert.equal(defaultHome({ HOME: "relative" }), ofAccount);
  });

  it("has to be named where the account has none, as in a container", () => {
    for (const accountHome of [noEntry, () => "", () => "relative"]) {
      for (const env of [{}, { HOME: "" }, { HOME: "." }, { XDG_CONFIG_HOME: "x", HOME: "x" }]) {
        const fault = throwsLair(() => defaultHome(env, accountHome));
        assert.equal(fault.code, "usage");
        assert.match(fault.message, /account has no home/);
        assert.match(fault.hint!, /--home DIR.*LAIR_HOME/);
      }
      assert.equal(defaultHome({ HOME: "/c" }, accountHome), "/c/.config/lair");
      assert.equal(defaultHome({ LAIR_HOME: "a" }, accountHome), "a");
    }
  });
});

describe("home", () => {
  it("is made with everything closed to others, whatever the umask", () => {
    const before = process.umask(0);
    try {
      const home = openHome(join(newPlace(), "deep", "lair"), "server");
      home.saveIdentity(pairOf(1));
      home.pairings.savePeer(peerOf(2));
      home.pairings.changeInvites(() => [openInviteOf(3)]);
      home.leaveInvite(inviteOf(4));
      const files = ["invite", "server/identity.json", "server/invites.json", "server/peers.json"];
      assert.deepEqual(filesIn(home.directory), files);
      for (const file of files) assert.equal(modeOf(join(home.directory, file)), 0o600, file);
      for (const directory of ["..", ".", "server"]) assert.equal(modeOf(join(home.directory, directory)), 0o700);
    } finally {
      process.umask(before);
    }
  });

  it("keeps what was saved, over programs", () => {
    const place = newPlace();
    const home = openHome(place, "server");
    assert.equal(home.loadIdentity(), undefined);
    assert.deepEqual(home.pairings.peers(), []);
    assert.deepEqual(home.pairings.invites(), []);
    home.saveIdentity(pairOf(1));
    home.pairings.savePeer(peerOf(2));
    home.pairings.changeInvites(() => [openInviteOf(3), openInviteOf(4)]);
    const later = openHome(place, "server");
    assert.deepEqual(later.loadIdentity(), pairOf(1));
    assert.deepEqual(later.pairings.peers(), [peerOf(2)]);
    assert.deepEqual(later.pairings.invites(), [openInviteOf(3), openInviteOf(4)]);
  });

  it("adds a peer or replaces the one with its key, in place", () => {
    const home = openHome(newPlace(), "client");
    home.pairings.savePeer(peerOf(1));
    home.pairings.savePeer(peerOf(2));
    const changed = {
      ...peerOf(1),
      name: "ada",
      psk: undefined,
      comparedAtMs: 5,
      url: undefined,
      invitePsk: bytesOf(9),
    };
    home.pairings.savePeer(changed);
    assert.deepEqual(home.pairings.peers(), [changed, peerOf(2)]);
    assert.deepEqual(findPeer(home.pairings.peers(), bytesOf(2)), peerOf(2));
    assert.equal(findPeer(home.pairings.peers(), bytesOf(3)), undefined);
  });

  it("forgets a peer", () => {
    const home = openHome(newPlace(), "client");
    home.pairings.savePeer(peerOf(1));
    home.pairings.savePeer(peerOf(2));
    home.pairings.forgetPeer(bytesOf(1));
    home.pairings.forgetPeer(bytesOf(1));
    assert.deepEqual(home.pairings.peers(), [peerOf(2)]);
  });

  it("forgets with a peer the invite that it came by, before the peer, and no other invite", () => {
    const place = newPlace();
    let isFull = false;
    const disk = {
      ...realDisk,
      renameSync: (from: string, to: string) => {
        if (isFull && to.endsWith("peers.json")) throw Object.assign(new Error("full"), { code: "ENOSPC" });
        realDisk.renameSync(from, to);
      },
    };
    const home = openHome(place, "server", { disk });
    home.pairings.savePeer({ ...peerOf(1), invitePsk: bytesOf(7) });
    home.pairings.changeInvites(() => [openInviteOf(6), openInviteOf(7)]);
    isFull = true;
    assert.equal(throwsLair(() => home.pairings.forgetPeer(bytesOf(1))).code, "home-unwritable");
    // Interrupted in between the peer is still known, and its invite opens nothing any more.
    assert.deepEqual([home.pairings.peers().length, home.pairings.invites()], [1, [openInviteOf(6)]]);
    isFull = false;
    home.pairings.forgetPeer(bytesOf(1));
    assert.deepEqual([home.pairings.peers(), home.pairings.invites()], [[], [openInviteOf(6)]]);
  });

  it("changes the open invites in one step", () => {
    const home = openHome(newPlace(), "server");
    home.pairings.changeInvites(() => [openInviteOf(1), openInviteOf(2)]);
    home.pairings.changeInvites((invites) => invites.filter((invite) => invite.id !== "invite-1"));
    assert.deepEqual(home.pairings.invites(), [openInviteOf(2)]);
  });

  it("does not write what it could not read again", () => {
    const home = openHome(newPlace(), "server");
    home.pairings.savePeer(peerOf(1));
    assert.throws(() => home.pairings.savePeer({ ...peerOf(2), pairedAtMs: Number.NaN }), RangeError);
    assert.throws(() => home.pairings.savePeer({ ...peerOf(2), publicKey: bytesOf(2).slice(1) }), RangeError);
    assert.deepEqual(home.pairings.peers(), [peerOf(1)]);
    assert.deepEqual(filesIn(home.directory), ["server/peers.json"]);
  });

  it("never replaces an identity by another", () => {
    const home = openHome(newPlace(), "server");
    home.saveIdentity(pairOf(1));
    home.saveIdentity(pairOf(1));
    const fault = throwsLair(() => home.saveIdentity(pairOf(2)));
    assert.equal(fault.code, "home-unwritable");
    assert.deepEqual(home.loadIdentity(), pairOf(1));
    assert.deepEqual(
      home.identity(() => pairOf(3)),
      pairOf(1),
    );
  });

  it("makes an identity once", () => {
    const home = openHome(newPlace(), "server");
    assert.deepEqual(
      home.identity(() => pairOf(3)),
      pairOf(3),
    );
    assert.deepEqual(
      home.identity(() => assert.fail("made twice")),
      pairOf(3),
    );
  });

  it("erases nothing of the caller's key pair", () => {
    const pair = pairOf(1);
    const home = openHome(newPlace(), "server");
    home.saveIdentity(pair);
    home.saveIdentity(pair);
    assert.deepEqual(pair, pairOf(1));
  });

  it("is shared by a server and a client that leave each other's files alone", () => {
    const place = newPlace();
    const server = openHome(place, "server");
    const client = openHome(place, "client");
    server.saveIdentity(pairOf(1));
    client.saveIdentity(pairOf(2));
    server.pairings.savePeer(peerOf(3));
    assert.deepEqual(server.loadIdentity(), pairOf(1));
    assert.deepEqual(client.loadIdentity(), pairOf(2));
    assert.deepEqual(client.pairings.peers(), []);
  });

  it("hands an invite over from the server to the client", () => {
    const place = newPlace();
    const server = openHome(place, "server");
    const client = openHome(place, "client");
    assert.equal(client.findInvite(), undefined);
    assert.equal(client.removeLeftInvite(), false);
    server.leaveInvite(inviteOf(1));
    server.leaveInvite(` ${inviteOf(2)}\n`);
    assert.equal(client.findInvite(), inviteOf(2));
    assert.equal(client.removeLeftInvite(inviteOf(1)), false);
    assert.equal(client.findInvite(), inviteOf(2));
    assert.equal(client.removeLeftInvite(inviteOf(2)), true);
    assert.equal(server.findInvite(), undefined);
    assert.equal(throwsLair(() => server.leaveInvite("lair://")).code, "invite-malformed");
    assert.deepEqual(filesIn(place), []);
  });

  it("may be named by a relative path or a link to a directory", () => {
    const place = newPlace();
    mkdirSync(join(place, "real"), { mode: 0o700 });
    symlinkSync("real", join(place, "link"));
    openHome(join(place, "link"), "client").pairings.savePeer(peerOf(1));
    const home = openHome(relative(process.cwd(), join(place, "real")), "client");
    assert.equal(home.directory, join(place, "real"));
    assert.deepEqual(home.pairings.peers(), [peerOf(1)]);
  });

  it("takes a file that somebody has laid out anew", () => {
    const home = openHome(newPlace(), "server");
    home.saveIdentity(pairOf(1));
    home.pairings.savePeer(peerOf(2));
    for (const name of ["identity.json", "peers.json"]) {
      const path = join(home.directory, "server", name);
      writeFileSync(path, `${JSON.stringify(JSON.parse(readFileSync(path, "utf8")), undefined, 2)}\n`);
    }
    assert.deepEqual(home.loadIdentity(), pairOf(1));
    assert.deepEqual(home.pairings.peers(), [peerOf(2)]);
  });
});
