import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findPeer } from "../../../src/core/identity/peer.ts";
import { toBase64Url } from "../../../src/core/bytes.ts";
import type { Home } from "../../../src/node/home/home.ts";
import { openHome } from "./open-home.ts";
import { effort } from "../../effort.ts";
import { bytesOf, filesIn, inviteOf, newPlace, openInviteOf, pairOf, peerOf } from "./places.ts";
import { throwsLair } from "../../throws-lair.ts";

/** Everything that reads, replaces or removes each file. */
const uses: Record<string, ((home: Home) => unknown)[]> = {
  "server/identity.json": [
    (home) => home.loadIdentity(),
    (home) => home.saveIdentity(pairOf(1)),
    (home) => home.identity(() => pairOf(9)),
  ],
  "server/peers.json": [
    (home) => home.pairings.peers(),
    (home) => findPeer(home.pairings.peers(), bytesOf(2)),
    (home) => home.pairings.savePeer(peerOf(9)),
    (home) => home.pairings.forgetPeer(bytesOf(2)),
  ],
  "server/invites.json": [
    (home) => home.pairings.invites(),
    (home) => home.pairings.changeInvites(() => []),
    (home) => home.pairings.changeInvites(() => []),
  ],
  invite: [
    (home) => home.findInvite(),
    (home) => home.leaveInvite(inviteOf(9)),
    (home) => home.removeLeftInvite(),
    (home) => home.removeLeftInvite(inviteOf(4)),
  ],
};

const secrets = [pairOf(1).privateKey, bytesOf(3), bytesOf(5), bytesOf(4)].map(toBase64Url);

function fullHome(): Home {
  const home = openHome(newPlace(), "server");
  home.saveIdentity(pairOf(1));
  home.pairings.savePeer(peerOf(2));
  home.pairings.changeInvites(() => [openInviteOf(5)]);
  home.leaveInvite(inviteOf(4));
  return home;
}

/** Puts `content` in the file's place and sees that everything refuses it by name and leaves it as it is. */
function refuses(home: Home, name: string, content: Uint8Array | string, said = /./): void {
  const path = join(home.directory, name);
  writeFileSync(path, content);
  const present = filesIn(home.directory);
  for (const use of [() => openHome(home.directory, "server"), ...uses[name]!]) {
    // Opening is fine, and must not tidy it away.
    if (use.length === 0) {
      use(home);
      continue;
    }
    const fault = throwsLair(() => use(home));
    assert.equal(fault.code, "home-damaged", `${name}: ${String(content)}`);
    assert.ok(fault.message.startsWith(path), fault.message);
    assert.match(fault.message, said);
    assert.match(fault.hint ?? "", new RegExp(`mv ${path} ${path}.damaged`));
    const everything = `${fault.message} ${fault.hint} ${String(fault.cause)}`;
    for (const secret of secrets) assert.ok(!everything.includes(secret.slice(0, 8)), everything);
  }
  assert.deepEqual(readFileSync(path), Buffer.from(content));
  assert.deepEqual(filesIn(home.directory), present);
}

describe("damaged file of the home", () => {
  for (const name of Object.keys(uses)) {
    it(`is named and never touched at any length it was cut to: HOME/${name}`, () => {
      const home = fullHome();
      const whole = readFileSync(join(home.directory, name));
      for (let length = 0; length < whole.length; length += effort(7, 1))
        refuses(home, name, whole.subarray(0, length));
      writeFileSync(join(home.directory, name), whole);
      uses[name]![0]!(home);
    });

    it(`is named and never touched when it is garbled: HOME/${name}`, () => {
      const home = fullHome();
      const other = name === "server/peers.json" ? "server/identity.json" : "server/peers.json";
      const contents = ["{}", "[]", "null", "7", '"x"', "\0\0\0\0", "\u{feff}", "hello", '{"version":1}', "{", "}"];
      for (const content of contents) refuses(home, name, content);
      refuses(home, name, Uint8Array.of(0xff, 0xfe, 0x80));
      refuses(home, name, readFileSync(join(home.directory, other)));
    });
  }

  for (const name of Object.keys(uses).filter((file) => file !== "invite")) {
    it(`is noticed whichever letter has changed: HOME/${name}`, () => {
      const home = fullHome();
      const whole = readFileSync(join(home.directory, name));
      // X25519 ignores five bits of a private key (RFC 7748 §5); the next of its first letter differs in such a one only.
      const ignored = name === "server/identity.json" ? whole.indexOf('"privateKey":"') + '"privateKey":"'.length : -1;
      for (let at = 0; at < whole.length; at += effort(7, 1)) {
        if (at === ignored) continue;
        const changed = Buffer.from(whole);
        // The next letter, which is mostly one that is allowed there.
        changed[at]! += 1;
        if (String.fromCharCode(whole[at]!, changed[at]!) !== "\n\v") refuses(home, name, changed);
      }
    });

    it(`is told from one that a newer version wrote: HOME/${name}`, () => {
      const home = fullHome();
      const whole = readFileSync(join(home.directory, name), "utf8");
      // Version 2 of identity.json is of one under a passphrase, so the next newer one is 3.
      // Version 3 of the lists is the present one, and 2 says where they were moved to.
      const newer = name === "server/identity.json" ? 3 : 4;
      const versions = [`${newer}`, "17"].map((version) => [version, /newer version of Lair/] as const);
      const unknown = ["0", "-1"].map((version) => [version, /version that this program does not know/] as const);
      for (const [version, said] of [...versions, ...unknown]) {
        refuses(home, name, whole.replace(/"version":\d/, `"version":${version}`), said);
      }
    });
  }

  it("says when it is empty, and when it was cut short", () => {
    const home = fullHome();
    for (const name of Object.keys(uses)) {
      const whole = readFileSync(join(home.directory, name), "utf8");
      refuses(home, name, "", /is empty/);
      if (name !== "invite") refuses(home, name, whole.slice(0, -1), /was cut short/);
      if (name !== "invite") refuses(home, name, whole.slice(0, 40), /was cut short/);
    }
  });

  it("says what moving it away would lose", () => {
    const home = fullHome();
    for (const [name, use] of Object.entries(uses))
      writeFileSync(join(home.directory, name), use.length > 0 ? "x" : "");
    assert.match(throwsLair(() => home.loadIdentity()).hint ?? "", /new identity.*pair with you again/);
    assert.match(throwsLair(() => home.pairings.peers()).hint ?? "", /pairings are lost/);
    assert.match(throwsLair(() => home.pairings.invites()).hint ?? "", /unused invites no longer work/);
    assert.match(throwsLair(() => home.findInvite()).hint ?? "", /nothing is lost but that invite/);
  });

  it("is one with the same peer twice, too", () => {
    const home = fullHome();
    const other = openHome(newPlace(), "server");
    other.pairings.savePeer(peerOf(2));
    other.pairings.savePeer(peerOf(6));
    const twice = readFileSync(join(other.directory, "server/peers.json"), "utf8");
    const item = (seed: number) => twice.split("\n").find((line) => line.includes(`"peer ${seed}"`))!;
    refuses(home, "server/peers.json", twice.replace(item(6).replace(/\]\}$/, ""), item(2).replace(/,$/, "")));
  });

  it("is one that is far too large, or no file at all", () => {
    const home = fullHome();
    writeFileSync(join(home.directory, "server/peers.json"), Buffer.alloc(9 * 1_048_576, 0x20));
    assert.equal(throwsLair(() => home.pairings.peers()).code, "file-unreadable");
    assert.equal(throwsLair(() => home.pairings.savePeer(peerOf(9))).code, "file-unreadable");
  });
});
