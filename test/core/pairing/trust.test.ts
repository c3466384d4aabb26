// A key that waits at the host for `trust` (docs/PROTOCOL.md §9.4): who is kept waiting, who is let in, and that letting
// somebody in never harms a pairing. And "trust the first key", which is about one.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClientCredential } from "../../../src/core/pairing/client-session.ts";
import { fingerprint } from "../../../src/core/identity/fingerprint.ts";
import { pairedPeer } from "../../../src/core/identity/peer.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { connect, GuestPerson, HostPerson, Meeting } from "./fixture.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";

const PSK = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 0xff);
const byFile = (guest: GuestPerson): ClientCredential => ({ type: "psk-file", psk: PSK, peer: guest.stored });
const printOf = (guest: GuestPerson): string => fingerprint(TOY_SUITE, guest.identity.publicKey).replaceAll(" ", "");

function hostWithFile({ trustFirst = false } = {}) {
  const clock = new FakeClock();
  const host = new HostPerson({ name: "anna", seed: 1, clock });
  host.psk = PSK;
  host.trustFirst = trustFirst;
  host.restart();
  const somebody = (seed: number, name = `guest ${seed}`): GuestPerson => {
    const guest = new GuestPerson({ name, seed, clock });
    guest.trustFirst = true;
    return guest;
  };
  /** Comes by the psk file and goes. */
  const visit = (guest: GuestPerson): Meeting => {
    const meeting = new Meeting(guest, host, byFile(guest)).run();
    meeting.cut();
    return meeting;
  };
  return { clock, host, somebody, visit };
}

describe("trust", () => {
  it("lets in the key that waits, under the name it came with, and says nothing of compared words", () => {
    const { clock, host, somebody, visit } = hostWithFile();
    const guest = somebody(2, "be\u202ert");
    assert.deepEqual(visit(guest).types("host"), ["refused"]);
    const peer = host.server.trust(printOf(guest).slice(0, 8), clock.now);
    assert.deepEqual(peer, {
      publicKey: guest.identity.publicKey,
      name: "bert",
      psk: undefined,
      pairedAtMs: clock.now.wallMs,
      comparedAtMs: undefined,
      url: undefined,
      invitePsk: undefined,
    });
    assert.deepEqual(host.peers, [peer]);
    assert.deepEqual(visit(guest).types("host"), ["opened"]);
  });

  it("takes a whole fingerprint, with its blanks", () => {
    const { clock, host, somebody, visit } = hostWithFile();
    const guest = somebody(2);
    visit(guest);
    assert.equal(host.server.trust(fingerprint(TOY_SUITE, guest.identity.publicKey), clock.now).name, "guest 2");
  });

  it("cannot undo a pairing that was made by an invite while the key waited", () => {
    const { clock, host, somebody, visit } = hostWithFile();
    const guest = somebody(2);
    visit(guest);
    guest.stored = undefined;
    connect(guest, host, host.makeInvite())!.cut();
    const paired = structuredClone(host.peers);
    assert.ok(paired[0]!.psk !== undefined);
    throwsLair(() => host.server.trust(printOf(guest), clock.now), "peer-unknown");
    assert.deepEqual(host.peers, paired);
    host.restart();
    assert.deepEqual(connect(guest, host)?.types("guest"), ["opened"]);
  });

  it("knows nobody twice, and nobody whose key cannot be stored", () => {
    const { clock, host, somebody, visit } = hostWithFile();
    const guest = somebody(2);
    visit(guest);
    host.failures = 1;
    assert.throws(() => host.server.trust(printOf(guest), clock.now), /no space/);
    assert.deepEqual(host.server.peers, []);
    host.server.trust(printOf(guest), clock.now);
    throwsLair(() => host.server.trust(printOf(guest), clock.now), "peer-unknown");
  });

  it("wants a beginning that only one key has", () => {
    const { clock, host, somebody, visit } = hostWithFile();
    visit(somebody(2));
    visit(somebody(3));
    assert.match(throwsLair(() => host.server.trust("", clock.now), "peer-unknown").message, /^2 waiting keys/);
    assert.match(throwsLair(() => host.server.trust("11111111", clock.now), "peer-unknown").message, /^No waiting key/);
  });

  it("works for each of the last 16 keys that were shown; the oldest gives way", () => {
    const { clock, host, somebody, visit } = hostWithFile();
    const guests = Array.from({ length: 18 }, (_, index) => somebody(100 + index));
    for (const guest of guests.slice(0, 17)) visit(guest);
    // The second comes once more, so that the third is the oldest now.
    visit(guests[1]!);
    visit(guests[17]!);
    for (const gone of [0, 2]) {
      throwsLair(() => host.server.trust(printOf(guests[gone]!), clock.now), "peer-unknown");
    }
    for (const guest of [guests[1]!, ...guests.slice(3)]) host.server.trust(printOf(guest), clock.now);
    assert.equal(host.peers.length, 16);
  });
});

describe("a peer that is stored without its psk", () => {
  it("is not admitted by the psk of before any more", () => {
    const { host, somebody } = hostWithFile();
    const guest = somebody(2);
    connect(guest, host, host.makeInvite())!.cut();
    host.server.savePeer({ ...host.server.peers[0]!, psk: undefined });
    const meeting = new Meeting(guest, host, guest.credentials()[0]!).run();
    throwsLair(() => {
      throw meeting.errors.host;
    }, "proof-unknown");
  });
});

describe("trust in the first key under a psk file, at the host", () => {
  it("is spent with it: a later key waits for trust like any other, also after a restart", () => {
    const { clock, host, somebody, visit } = hostWithFile({ trustFirst: true });
    const [first, second, third] = [somebody(2), somebody(3), somebody(4)];
    assert.deepEqual(visit(first).types("host"), ["opened"]);
    assert.deepEqual(visit(second).types("host"), ["refused"]);
    host.restart();
    assert.deepEqual(visit(third).types("host"), ["refused"]);
    assert.deepEqual(visit(first).types("host"), ["opened"]);
    assert.equal(host.peers.length, 1);
    host.server.trust(printOf(third), clock.now);
    assert.deepEqual(visit(third).types("host"), ["opened"]);
  });

  it("is not spent by somebody who was paired by an invite", () => {
    const { host, somebody, visit } = hostWithFile({ trustFirst: true });
    connect(somebody(2), host, host.makeInvite())!.cut();
    assert.deepEqual(visit(somebody(3)).types("host"), ["opened"]);
  });

  it("is spent by a known key that comes by the psk file", () => {
    const { host, somebody, visit } = hostWithFile({ trustFirst: true });
    const known = somebody(2);
    connect(known, host, host.makeInvite())!.cut();
    assert.deepEqual(visit(known).types("host"), ["opened"]);
    assert.deepEqual(visit(somebody(3)).types("host"), ["refused"]);
  });
});

describe("trust in the first key under a psk file, at the guest", () => {
  it("recognises who is paired by an invite, and keeps that psk", () => {
    const { host, somebody } = hostWithFile();
    const guest = somebody(2);
    connect(guest, host, host.makeInvite())!.cut();
    const { psk } = guest.stored!;
    // At another address, so that nobody is expected.
    const meeting = new Meeting(guest, host, { type: "psk-file", psk: PSK, peer: undefined }).run();
    assert.deepEqual(guest.stored!.psk, psk);
    assert.deepEqual(meeting.events.guest, [{ type: "opened", peer: guest.stored, pairedNow: false }]);
  });

  it("is not needed for a key that is pinned already", () => {
    const { host, somebody, visit } = hostWithFile({ trustFirst: true });
    const guest = somebody(2);
    visit(guest);
    guest.trustFirst = false;
    const meeting = new Meeting(guest, host, { type: "psk-file", psk: PSK, peer: undefined }).run();
    assert.deepEqual(meeting.types("guest"), ["opened"]);
  });
});

describe("two who claim one name", () => {
  it("are told apart at the host, whichever way they come", () => {
    const { clock, host, somebody, visit } = hostWithFile();
    const [first, second, third] = [somebody(2, "bob"), somebody(3, "bob"), somebody(4, "Bob")];
    connect(first, host, host.makeInvite("one"))!.cut();
    connect(second, host, host.makeInvite("two"))!.cut();
    visit(third);
    host.server.trust(printOf(third), clock.now);
    assert.deepEqual(
      host.peers.map(({ name }) => name),
      ["bob", `bob ${printOf(second).slice(0, 4)}`, `Bob ${printOf(third).slice(0, 4)}`],
    );
  });

  it("are told apart at the guest", () => {
    const { clock, host, somebody } = hostWithFile();
    const guest = somebody(2);
    const met = { publicKey: new Uint8Array(32).fill(7), claimedName: "anna", atMs: clock.now.wallMs };
    guest.acquaintances = [pairedPeer(TOY_SUITE, met, [])];
    connect(guest, host, host.makeInvite());
    assert.equal(guest.stored!.name, `anna ${fingerprint(TOY_SUITE, host.identity.publicKey).slice(0, 4)}`);
  });
});
