// Psks that have served are overwritten (docs/PROTOCOL.md §8.2): of spent and expired invites, of pairs that were replaced,
// and of pairings that came to nothing. What was handed in stays as it is: it is the caller's.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAllZero, toUtf8 } from "../../../src/core/bytes.ts";
import { Server, type ServerRegistry } from "../../../src/core/pairing/server.ts";
import type { CipherSuite } from "../../../src/core/noise/index.ts";
import { keyPair } from "../channel/pair.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { Tracker } from "../channel/tracking.ts";
import { connect, DAY_MS, ClientPerson, Meeting, strangers } from "./fixture.ts";

const PAIR_PSK_INFO = String(toUtf8("lair/1 pair psk"));

/** People whose derived pair psks can be looked at, the client's before the server's in each pairing. */
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
  it("is kept by the client while the line lives, and by the server as a copy", () => {
    const { client, server, byInvite, pairPsks } = watchedStrangers();
    const meeting = new Meeting(client, server, byInvite).run();
    assert.deepEqual(areErased(pairPsks), [false, true]);
    assert.deepEqual(server.machine.peers[0]!.psk, pairPsks[0]);
    meeting.cut();
    assert.deepEqual(areErased(pairPsks), [true, true]);
    assert.equal(isAllZero(server.machine.peers[0]!.psk!), false);
    assert.notEqual(connect(client, server), undefined);
  });

  it("is overwritten when the client cannot store the pair", () => {
    const { client, server, byInvite, pairPsks } = watchedStrangers();
    client.failures = 1;
    const meeting = new Meeting(client, server, byInvite).run();
    assert.match(String(meeting.errors.client), /no space/);
    assert.deepEqual(areErased(pairPsks), [true]);
  });

  it("is overwritten when the client cannot store that the invite has served", () => {
    const { client, server, byInvite, pairPsks } = watchedStrangers();
    const meeting = new Meeting(client, server, byInvite).run(3);
    client.failures = 1;
    meeting.run();
    assert.match(String(meeting.errors.client), /no space/);
    assert.deepEqual(areErased(pairPsks), [true, true]);
  });

  it("is not even derived by the client when the key is not the expected one", () => {
    const { client, server, byInvite, pairPsks } = watchedStrangers();
    const serverKey = keyPair(TOY_SUITE, client.random.bytes).publicKey;
    const meeting = new Meeting(client, server, { ...byInvite, type: "invite", serverKey, peer: undefined }).run();
    throwsLair(() => {
      throw meeting.errors.client;
    }, "peer-key-changed");
    assert.deepEqual(pairPsks, []);
  });

  it("is overwritten when the server cannot store the pair", () => {
    const { client, server, byInvite, pairPsks } = watchedStrangers();
    server.failures = 1;
    const meeting = new Meeting(client, server, byInvite).run();
    assert.match(String(meeting.errors.server), /no space/);
    assert.equal(isAllZero(pairPsks[1]!), true);
  });

  it("is not even derived by the server when the invite was spent by somebody else meanwhile", () => {
    const { client, server, byInvite, clock, pairPsks } = watchedStrangers();
    const late = new Meeting(client, server, byInvite).run(2);
    const other = new ClientPerson({ name: "carl", seed: 51, clock });
    new Meeting(other, server, byInvite).run();
    pairPsks.length = 0;
    late.run();
    throwsLair(() => {
      throw late.errors.server;
    }, "proof-unknown");
    assert.deepEqual(pairPsks, []);
  });

  it("is not even derived where the psk is that of a pair, whose psk stays", () => {
    const { client, server, byInvite, pairPsks } = watchedStrangers();
    new Meeting(client, server, byInvite).run().cut();
    pairPsks.length = 0;
    connect(client, server)!;
    assert.deepEqual(pairPsks, []);
  });
});

/** A server whose only secret is an invite's, and that stores nothing itself. */
function withWatchedInvite(registry: Partial<ServerRegistry> = {}) {
  const people = strangers();
  const tracker = new Tracker();
  const { server, clock } = people;
  const psk = tracker.track(people.invite.psk);
  server.machine = new Server({
    party: server.party({ minMs: 30_000, maxMs: 120_000 }),
    admissionMemory: undefined,
    registry: { savePeer() {}, pair() {}, dropInvite() {}, forgetPeer() {}, ...registry },
    peers: [],
    invites: [{ id: "first", psk, expiresAtMs: clock.now.wallMs + DAY_MS }],
    now: clock.now,
    psk: undefined,
    trustFirst: false,
    chatWith: server.chatWith,
  });
  tracker.forget(psk);
  return { ...people, psk, tracker };
}

describe("a psk at the server", () => {
  it("of a pair is overwritten when the pair gets a new one, and not before", () => {
    const { client, server, byInvite } = strangers();
    new Meeting(client, server, byInvite).run().cut();
    const first = server.machine.peers[0]!;
    const older = first.psk!;
    const given = { ...first, name: "B", psk: older.slice() };
    server.machine.savePeer(given);
    assert.equal(isAllZero(older), false);
    const [, again] = client.credentials(server.makeInvite("second"));
    new Meeting(client, server, again!).run().cut();
    assert.equal(isAllZero(older), true);
    assert.equal(isAllZero(given.psk), false);
    assert.notEqual(connect(client, server), undefined);
  });

  it("of an invite is overwritten when it has served; the caller's stays", () => {
    const { client, server, byInvite, psk, tracker } = withWatchedInvite();
    assert.equal(tracker.live().length, 1);
    const meeting = new Meeting(client, server, byInvite).run();
    assert.deepEqual(meeting.types("server"), ["opened"]);
    // The one of the session, for its rekeys.
    assert.equal(tracker.live().length, 1);
    meeting.cut();
    assert.equal(tracker.live().length, 0);
    assert.equal(isAllZero(psk), false);
  });

  it("of an invite is overwritten when it has expired", () => {
    const { server, clock, psk, tracker } = withWatchedInvite();
    clock.pass(DAY_MS - 1);
    server.machine.dropExpiredInvites(clock.now);
    assert.equal(tracker.live().length, 1);
    clock.pass(1);
    server.machine.dropExpiredInvites(clock.now);
    assert.equal(tracker.live().length, 0);
    assert.equal(isAllZero(psk), false);
  });

  it("of an invite is overwritten when its handshake is given up half-way and it has expired", () => {
    const { client, server, byInvite, clock, tracker } = withWatchedInvite();
    const meeting = new Meeting(client, server, byInvite).run(1);
    clock.pass(DAY_MS);
    server.machine.dropExpiredInvites(clock.now);
    assert.notEqual(tracker.live().length, 0, "the handshake could still go on");
    meeting.cut();
    assert.equal(tracker.live().length, 0);
  });

  it("of an invite that expires during its handshake pairs all the same", () => {
    const used: string[] = [];
    const { client, server, byInvite, clock } = withWatchedInvite({ pair: (_, inviteId) => used.push(inviteId) });
    clock.pass(DAY_MS - 1);
    const meeting = new Meeting(client, server, byInvite).run(2);
    clock.pass(1);
    server.machine.dropExpiredInvites(clock.now);
    meeting.run();
    assert.deepEqual(meeting.types("server"), ["opened"]);
    assert.deepEqual(used, ["first"]);
  });
});
