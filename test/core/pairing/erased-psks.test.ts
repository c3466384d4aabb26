// Psks that have served are overwritten (docs/PROTOCOL.md §8.2): of spent and expired invites, of pairs that were replaced,
// and of pairings that came to nothing. What was handed in stays as it is: it is the caller's.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAllZero, toUtf8 } from "../../../src/core/bytes.ts";
import { Server, type ServerRegistry } from "../../../src/core/pairing/server.ts";
import type { CipherSuite } from "../../../src/core/noise/index.ts";
import { keyPair } from "../channel/pair.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { Tracker } from "../channel/tracking.ts";
import { connect, DAY_MS, GuestPerson, Meeting, strangers } from "./fixture.ts";

const PAIR_PSK_INFO = String(toUtf8("lair/1 pair psk"));

/** People whose derived pair psks can be looked at, the guest's before the host's in each pairing. */
function watchedStrangers() {
  const pairPsks: Uint8Array[] = [];
  const suite: CipherSuite = {
    ...TOY_SUITE,
    hash: {
      ...TOY_SUITE.hash,
      hkdf: (salt, ikm, info, length) => {
        const output = TOY_SUITE.hash.hkdf(salt, ikm, info, length);
        if (String(info) === PAIR_PSK_INFO) pairPsks.push(output);
        return output;
      },
    },
  };
  return { ...strangers(suite), pairPsks };
}

const areErased = (arrays: readonly Uint8Array[]): boolean[] => arrays.map((bytes) => isAllZero(bytes));

describe("the psk that a pairing derives", () => {
  it("is kept by the guest while the line lives, and by the host as a copy", () => {
    const { guest, host, byInvite, pairPsks } = watchedStrangers();
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.deepEqual(areErased(pairPsks), [false, true]);
    assert.deepEqual(host.server.peers[0]!.psk, pairPsks[0]);
    meeting.cut();
    assert.deepEqual(areErased(pairPsks), [true, true]);
    assert.equal(isAllZero(host.server.peers[0]!.psk!), false);
    assert.notEqual(connect(guest, host), undefined);
  });

  it("is overwritten when the guest cannot store the pair", () => {
    const { guest, host, byInvite, pairPsks } = watchedStrangers();
    guest.failures = 1;
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.match(String(meeting.errors.guest), /no space/);
    assert.deepEqual(areErased(pairPsks), [true]);
  });

  it("is overwritten when the guest cannot store that the invite has served", () => {
    const { guest, host, byInvite, pairPsks } = watchedStrangers();
    const meeting = new Meeting(guest, host, byInvite).run(3);
    guest.failures = 1;
    meeting.run();
    assert.match(String(meeting.errors.guest), /no space/);
    assert.deepEqual(areErased(pairPsks), [true, true]);
  });

  it("is not even derived by the guest when the key is not the expected one", () => {
    const { guest, host, byInvite, pairPsks } = watchedStrangers();
    const serverKey = keyPair(TOY_SUITE, guest.random.bytes).publicKey;
    const meeting = new Meeting(guest, host, { ...byInvite, type: "invite", serverKey, peer: undefined }).run();
    throwsLair(() => {
      throw meeting.errors.guest;
    }, "peer-key-changed");
    assert.deepEqual(pairPsks, []);
  });

  it("is overwritten when the host cannot store the pair", () => {
    const { guest, host, byInvite, pairPsks } = watchedStrangers();
    host.failures = 1;
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.match(String(meeting.errors.host), /no space/);
    assert.equal(isAllZero(pairPsks[1]!), true);
  });

  it("is overwritten when the invite was spent by somebody else meanwhile", () => {
    const { guest, host, byInvite, clock, pairPsks } = watchedStrangers();
    const late = new Meeting(guest, host, byInvite).run(2);
    const other = new GuestPerson({ name: "carl", seed: 51, clock });
    new Meeting(other, host, byInvite).run();
    pairPsks.length = 0;
    late.run();
    throwsLair(() => {
      throw late.errors.host;
    }, "proof-unknown");
    assert.deepEqual(areErased(pairPsks), [true]);
  });

  it("is overwritten where the psk is that of a pair, whose psk stays", () => {
    const { guest, host, byInvite, pairPsks } = watchedStrangers();
    new Meeting(guest, host, byInvite).run().cut();
    pairPsks.length = 0;
    connect(guest, host)!;
    assert.deepEqual(areErased(pairPsks), [true, true]);
  });
});

/** A host whose only secret is an invite's, and that stores nothing itself. */
function withWatchedInvite(registry: Partial<ServerRegistry> = {}) {
  const people = strangers();
  const tracker = new Tracker();
  const { host, clock } = people;
  const psk = tracker.track(people.invite.psk);
  host.server = new Server({
    party: host.party({ minMs: 30_000, maxMs: 120_000 }),
    admissionMemory: undefined,
    registry: { savePeer() {}, pair() {}, dropInvite() {}, forgetPeer() {}, ...registry },
    peers: [],
    invites: [{ id: "first", psk, expiresAtMs: clock.now.wallMs + DAY_MS }],
    now: clock.now,
    psk: undefined,
    trustFirst: false,
    chatWith: host.chatWith,
  });
  tracker.forget(psk);
  return { ...people, psk, tracker };
}

describe("a psk at the host", () => {
  it("of a pair is overwritten when the pair gets a new one, and not before", () => {
    const { guest, host, byInvite } = strangers();
    new Meeting(guest, host, byInvite).run().cut();
    const first = host.server.peers[0]!;
    const older = first.psk!;
    const given = { ...first, name: "B", psk: older.slice() };
    host.server.savePeer(given);
    assert.equal(isAllZero(older), false);
    const [, again] = guest.credentials(host.makeInvite("second"));
    new Meeting(guest, host, again!).run().cut();
    assert.equal(isAllZero(older), true);
    assert.equal(isAllZero(given.psk), false);
    assert.notEqual(connect(guest, host), undefined);
  });

  it("of an invite is overwritten when it has served; the caller's stays", () => {
    const { guest, host, byInvite, psk, tracker } = withWatchedInvite();
    assert.equal(tracker.live().length, 1);
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.deepEqual(meeting.types("host"), ["opened"]);
    // The one of the session, for its rekeys.
    assert.equal(tracker.live().length, 1);
    meeting.cut();
    assert.equal(tracker.live().length, 0);
    assert.equal(isAllZero(psk), false);
  });

  it("of an invite is overwritten when it has expired", () => {
    const { host, clock, psk, tracker } = withWatchedInvite();
    clock.pass(DAY_MS - 1);
    host.server.dropExpiredInvites(clock.now);
    assert.equal(tracker.live().length, 1);
    clock.pass(1);
    host.server.dropExpiredInvites(clock.now);
    assert.equal(tracker.live().length, 0);
    assert.equal(isAllZero(psk), false);
  });

  it("of an invite is overwritten when its handshake is given up half-way and it has expired", () => {
    const { guest, host, byInvite, clock, tracker } = withWatchedInvite();
    const meeting = new Meeting(guest, host, byInvite).run(1);
    clock.pass(DAY_MS);
    host.server.dropExpiredInvites(clock.now);
    assert.notEqual(tracker.live().length, 0, "the handshake could still go on");
    meeting.cut();
    assert.equal(tracker.live().length, 0);
  });

  it("of an invite that expires during its handshake pairs all the same", () => {
    const used: string[] = [];
    const { guest, host, byInvite, clock } = withWatchedInvite({ pair: (_, inviteId) => used.push(inviteId) });
    clock.pass(DAY_MS - 1);
    const meeting = new Meeting(guest, host, byInvite).run(2);
    clock.pass(1);
    host.server.dropExpiredInvites(clock.now);
    meeting.run();
    assert.deepEqual(meeting.types("host"), ["opened"]);
    assert.deepEqual(used, ["first"]);
  });
});
