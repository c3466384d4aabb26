// Meeting under a psk file (docs/PROTOCOL.md §9.4): the psk is shared, the keys are not known the first time.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClientCredential, UntrustedKeyError } from "../../../src/core/pairing/client-session.ts";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { keyPair } from "../channel/pair.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { GuestPerson, HostPerson, Meeting, URL } from "./fixture.ts";

const PSK = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 0xff);

function people(trust: { guest?: boolean; host?: boolean } = {}) {
  const clock = new FakeClock();
  const guest = new GuestPerson({ name: "bert", seed: 2, clock });
  const host = new HostPerson({ name: "anna", seed: 1, clock });
  host.psk = PSK;
  host.trustFirst = trust.host ?? false;
  host.restart();
  guest.trustFirst = trust.guest ?? false;
  const credential = (): ClientCredential => ({ type: "psk-file", psk: PSK, peer: guest.stored });
  return { clock, guest, host, meet: () => new Meeting(guest, host, credential()).run() };
}

/** Both know each other. */
function acquainted() {
  const both = people({ guest: true, host: true });
  both.meet().cut();
  both.guest.trustFirst = false;
  both.host.trustFirst = false;
  both.host.restart();
  return both;
}

describe("a psk file between two who never met (§9.4)", () => {
  it("pins both keys and derives no psk when both trust the first", () => {
    const { guest, host, meet, clock } = people({ guest: true, host: true });
    const meeting = meet();
    const common = { psk: undefined, pairedAtMs: clock.now.wallMs, comparedAtMs: undefined, invitePsk: undefined };
    const anna = { publicKey: host.identity.publicKey, name: "anna", url: URL, ...common };
    const bert = { publicKey: guest.identity.publicKey, name: "bert", url: undefined, ...common };
    assert.deepEqual(guest.stored, anna);
    assert.deepEqual(host.peers, [bert]);
    assert.deepEqual(meeting.events.guest, [{ type: "opened", peer: anna, pairedNow: true }]);
    assert.deepEqual(meeting.types("host"), ["opened"]);
  });

  it("stops a guest who does not trust the first before message 3, and says whose key it was", () => {
    const { guest, host, meet } = people({ host: true });
    const meeting = meet();
    const error = meeting.errors.guest;
    assert.ok(error instanceof UntrustedKeyError);
    assert.equal(error.code, "not-trusted");
    assert.deepEqual(error.publicKey, host.identity.publicKey);
    assert.equal(error.peerName, "anna");
    assert.equal(guest.stored, undefined);
    assert.equal(meeting.sent.guest.length, 1);
    assert.deepEqual(host.peers, []);
  });

  it("tells a guest whom the host does not trust, and shows its key at the host", () => {
    const { guest, host, meet } = people({ guest: true });
    const meeting = meet();
    assert.deepEqual(meeting.events.host, [
      { type: "refused", reason: "not-trusted", publicKey: guest.identity.publicKey, name: "bert" },
    ]);
    assert.deepEqual(meeting.events.guest, [{ type: "closed", reason: CLOSE_REASON.notTrusted }]);
    assert.deepEqual(host.peers, []);
    assert.equal(host.server.active, undefined);
    assert.deepEqual([meeting.server.state, meeting.client.state], ["closed", "closed"]);
  });

  it("lets a guest in whom the person at the host has accepted meanwhile", () => {
    const { guest, host, meet, clock } = people({ guest: true });
    meet().cut();
    host.server.savePeer({
      publicKey: guest.identity.publicKey,
      name: "bert",
      psk: undefined,
      pairedAtMs: clock.now.wallMs,
      comparedAtMs: clock.now.wallMs,
      url: undefined,
      invitePsk: undefined,
    });
    assert.deepEqual(meet().types("guest"), ["opened"]);
  });
});

describe("a psk file between two who know each other", () => {
  it("opens without trust in anything new", () => {
    const { guest, host, meet } = acquainted();
    const [known, peers] = [guest.stored, host.peers];
    const meeting = meet();
    assert.deepEqual(meeting.events.guest, [{ type: "opened", peer: known, pairedNow: false }]);
    assert.deepEqual(meeting.events.host, [{ type: "opened", peer: peers[0], pairedNow: false }]);
    assert.deepEqual([guest.stored, host.peers], [known, peers]);
  });

  it("does not let in somebody in between who has the psk and another key", () => {
    const { guest, clock } = acquainted();
    const known = guest.stored;
    const attacker = new HostPerson({ name: "anna", seed: 77, clock });
    attacker.psk = PSK;
    attacker.trustFirst = true;
    attacker.restart();
    // Not even who trusts the first is fooled: this is not the first.
    guest.trustFirst = true;
    const meeting = new Meeting(guest, attacker, { type: "psk-file", psk: PSK, peer: known }).run();
    throwsLair(() => {
      throw meeting.errors.guest;
    }, "peer-key-changed");
    assert.equal(meeting.sent.guest.length, 1);
    assert.equal(guest.stored, known);
  });

  it("does not take another key for the guest's, unless told to trust any first one", () => {
    const { guest, host, meet } = acquainted();
    guest.identity = keyPair(TOY_SUITE, guest.random.bytes);
    const meeting = meet();
    assert.deepEqual(meeting.types("host"), ["refused"]);
    assert.equal(host.peers.length, 1);
  });
});

describe("a psk file and another psk", () => {
  it("gets no answer", () => {
    const { guest, host } = people({ guest: true, host: true });
    const other = PSK.toReversed();
    const meeting = new Meeting(guest, host, { type: "psk-file", psk: other, peer: undefined }).run();
    throwsLair(() => {
      throw meeting.errors.host;
    }, "proof-unknown");
    assert.equal(meeting.sent.host.length, 0);
  });
});
