// verify, rename and peers, over a list of peers and without any face.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { equalInConstantTime } from "../../src/core/bytes.ts";
import type { ProgramEvent } from "../../src/app/events.ts";
import type { Conversation } from "../../src/app/conversation.ts";
import { Recipients } from "../../src/app/recipients.ts";
import { pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { viewPeer } from "../../src/core/identity/peer-view.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { PeerCommands } from "../../src/app/peer-commands.ts";
import { FakeClock } from "../core/channel/fake-clock.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { keysOf } from "../core/identity/keys-of.ts";

const peerOf = (seed: number, name: string): Peer =>
  pairedPeer(OPENSSL_SUITE, { ...keysOf(seed), claimedName: name, atMs: 1 }, []);

function commands(peers: Peer[]) {
  const clock = new FakeClock();
  const shown: ProgramEvent[] = [];
  const forgotten: unknown[] = [];
  const carriers = new PeerCommands({
    suite: OPENSSL_SUITE,
    frontend: { show: (event) => shown.push(event), regulateInput() {}, whenTaken() {}, close() {} },
    clock: { now: () => clock.now },
    self: keysOf(99),
    peers: () => peers,
    savePeer: (peer) => {
      const at = peers.findIndex(({ publicKey }) => equalInConstantTime(publicKey, peer.publicKey));
      peers.splice(at, 1, peer);
    },
    forgetPeer: (peer, history) => {
      forgotten.push([peer.name, history]);
      peers.splice(peers.indexOf(peer), 1);
    },
    countLines: () => 3,
    recipients: new Recipients({ suite: OPENSSL_SUITE, known: () => peers, talksWith: () => true, to: undefined }),
    conversation: () => ({ isOpen: false }) as Conversation,
  });
  return { clock, shown, forgotten, commands: carriers };
}

describe("forget-peer", () => {
  it("asks first, and then forgets whom it asked about", () => {
    const peers = [peerOf(1, "anna"), peerOf(2, "bob")];
    const { commands: some, shown, forgotten } = commands(peers);
    const bob = viewPeer(OPENSSL_SUITE, peers[1]!);
    some.carryOut({ type: "forget-peer", who: "BOB", history: true, confirmed: false });
    assert.deepEqual(shown.splice(0), [{ type: "forget-peer-asked", peer: bob, history: true, count: 3 }]);
    assert.deepEqual(forgotten, []);
    const who = bob.fingerprint.slice(0, 9);
    some.carryOut({ type: "forget-peer", who, history: true, confirmed: true });
    assert.deepEqual(shown, [{ type: "peer-forgotten", peer: bob, history: true }]);
    assert.deepEqual(forgotten, [["bob", true]]);
    assert.deepEqual(
      peers.map(({ name }) => name),
      ["anna"],
    );
  });

  it("forgets nobody who was not named, nor one of two of the same name", () => {
    const peers = [peerOf(1, "anna"), peerOf(2, "bob"), { ...peerOf(3, "x"), name: "bob" }];
    const { commands: some, forgotten } = commands(peers);
    for (const who of ["carl", "bob", "", "ann"]) {
      assert.throws(() => some.carryOut({ type: "forget-peer", who, history: false, confirmed: true }), {
        code: "peer-unknown",
      });
    }
    assert.deepEqual(forgotten, []);
  });

  it("show no words for a peer whose signature key is not known yet, and say what to do", () => {
    const { signatureKey: _, ...former } = peerOf(1, "anna");
    const { commands: carriers, shown } = commands([former]);
    assert.throws(() => carriers.carryOut({ type: "verify", compared: false }), {
      code: "not-connected",
      message: "One key of anna is not known yet, and the words cover it too.",
      hint: "Connect with anna once, then ask for the words again.",
    });
    assert.deepEqual(shown, []);
  });

  it("find a peer by its fingerprint, also by the one of before there were signature keys", () => {
    const anna = peerOf(1, "anna");
    for (const keys of [anna, { publicKey: anna.publicKey }]) {
      const { commands: carriers, forgotten } = commands([anna, peerOf(2, "bert")]);
      const who = fingerprint(OPENSSL_SUITE, keys).replaceAll(" ", "").slice(0, 8);
      carriers.carryOut({ type: "forget-peer", who, history: false, confirmed: true });
      assert.deepEqual(forgotten, [["anna", false]]);
    }
  });
});

describe("rename", () => {
  it("is refused for a name that somebody else bears, however it is spelt", () => {
    const peers = [peerOf(1, "anna"), peerOf(2, "bob")];
    const before = [...peers];
    const { commands: some } = commands(peers);
    for (const name of ["bob", "Bob", "BOB", "bоb", "ʙob", "b0b", "böb"]) {
      assert.throws(() => some.carryOut({ type: "rename", name, to: "anna" }), {
        code: "usage",
        message: /already called /,
      });
    }
    assert.deepEqual(peers, before);
  });

  it("is refused for a name that looks like a word of the program", () => {
    const peers = [peerOf(1, "anna")];
    const { commands: some } = commands(peers);
    for (const name of ["you", "yσu", "ʏou", "offIine", "поbody", "Peer 2"]) {
      assert.throws(() => some.carryOut({ type: "rename", name }), { code: "usage", message: /looks like a word/ });
    }
    assert.equal(peers[0]!.name, "anna");
  });

  it("keeps the joiners of a name, and leaves out those that do nothing", () => {
    const peers = [peerOf(1, "anna")];
    const { commands: some } = commands(peers);
    for (const [typed, kept] of [
      ["علی\u{200c}رضا", "علی\u{200c}رضا"],
      ["\u{200f}زهرا\u{200c}سادات", "زهراسادات"],
    ] as const) {
      some.carryOut({ type: "rename", name: typed });
      assert.equal(peers[0]!.name, kept);
    }
    assert.throws(() => some.carryOut({ type: "rename", name: "a\u{202e}b" }), { code: "usage" });
  });

  it("may give the same peer its own name anew", () => {
    const peers = [peerOf(1, "anna"), peerOf(2, "bob")];
    commands(peers).commands.carryOut({ type: "rename", name: "Anna", to: "anna" });
    assert.deepEqual(
      peers.map(({ name }) => name),
      ["Anna", "bob"],
    );
  });
});

describe("verify done", () => {
  it("notes the time for the only peer there is, though nobody is connected", () => {
    const peers = [peerOf(1, "anna")];
    const { clock, commands: some, shown } = commands(peers);
    some.carryOut({ type: "verify", compared: true });
    assert.equal(peers[0]!.comparedAtMs, clock.now.wallMs);
    assert.equal(shown.length, 1);
  });

  it("is refused when there are several and none is named, and when nobody is paired", () => {
    const { commands: some } = commands([peerOf(1, "anna"), peerOf(2, "bob")]);
    assert.throws(() => some.carryOut({ type: "verify", compared: true }), { code: "ambiguous-recipient" });
    assert.throws(() => commands([]).commands.carryOut({ type: "verify", compared: true }), { code: "not-connected" });
  });
});

describe("peers", () => {
  it("lists everybody, or only who is named", () => {
    const peers = [peerOf(1, "anna"), peerOf(2, "bob")];
    const { commands: some, shown } = commands(peers);
    some.carryOut({ type: "peers" });
    some.carryOut({ type: "peers", to: "BOB" });
    const views = peers.map((peer) => viewPeer(OPENSSL_SUITE, peer));
    assert.deepEqual(shown, [
      { type: "peers", peers: views, connected: [] },
      { type: "peers", peers: views.slice(1), connected: [] },
    ]);
    assert.throws(() => some.carryOut({ type: "peers", to: "carl" }), { code: "peer-unknown" });
  });
});
