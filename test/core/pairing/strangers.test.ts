// Whoever should not get in (docs/PROTOCOL.md §3.2, §9.1 to §9.3): strangers, replays, spent and expired invites, changed
// keys, somebody in between, and those who never finish.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { detailsOf } from "../../../src/app/error-words.ts";
import type { ClientCredential } from "../../../src/core/pairing/client-session.ts";
import type { Session } from "../../../src/core/chat/session.ts";
import { LairError, type LairErrorCode } from "../../../src/core/errors.ts";
import { fingerprint } from "../../../src/core/identity/fingerprint.ts";
import { type Passed, spySuite } from "../noise/spy-suite.ts";
import { keyPair } from "../channel/pair.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { connect, DAY_MS, GuestPerson, HostPerson, Meeting, pairedPeople, strangers } from "./fixture.ts";

function failedWith(error: unknown, code: LairErrorCode): LairError {
  return throwsLair(() => {
    if (error !== undefined) throw error;
  }, code);
}

describe("a stranger at the host (§3.2)", () => {
  it("gets no byte, and no Diffie-Hellman is computed and no key made for it", () => {
    const passed: Passed[] = [];
    const { host, clock } = strangers(spySuite(TOY_SUITE, passed));
    const guest = new GuestPerson({ clock, seed: 50 });
    const credential: ClientCredential = {
      type: "invite",
      psk: guest.random.bytes(32),
      serverKey: host.identity.publicKey,
      peer: undefined,
    };
    const meeting = new Meeting(guest, host, credential);
    const before = passed.length;
    meeting.run();
    failedWith(meeting.errors.host, "proof-unknown");
    assert.equal(meeting.server.state, "closed");
    assert.equal(meeting.sent.host.length, 0);
    const kinds = passed.slice(before).map(({ kind }) => kind);
    assert.ok(kinds.length > 0, "the suite is watched");
    assert.deepEqual(
      kinds.filter((kind) => kind === "dh result" || kind === "private key"),
      [],
    );
    assert.equal(host.server.active, undefined);
  });

  it("is watched rightly: an invited guest does cost Diffie-Hellmans", () => {
    const passed: Passed[] = [];
    const { host, clock, byInvite } = strangers(spySuite(TOY_SUITE, passed));
    new Meeting(new GuestPerson({ clock, seed: 50 }), host, byInvite).run();
    assert.equal(passed.filter(({ kind }) => kind === "dh result").length, 3);
  });

  it("gets no byte for a message 1 of another length", () => {
    const { host, clock } = strangers();
    for (const length of [0, 1, 79, 81, 1_024]) {
      const session = host.server.session(clock.now);
      throwsLair(() => session.receive(new Uint8Array(length), clock.now), "noise-message-length");
      assert.equal(session.nextFrame(clock.now), undefined);
      assert.equal(session.state, "closed");
    }
  });

  it("gets no answer to a message 1 that was recorded, while the first goes on", () => {
    const { host, guest, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run(1);
    const replay = host.server.session(clock.now);
    throwsLair(() => replay.receive(meeting.sent.guest[0]!, clock.now), "proof-replayed");
    assert.equal(replay.nextFrame(clock.now), undefined);
    assert.deepEqual(meeting.run().types("host"), ["opened"]);
  });

  it("gets no answer to a recorded message 1 of a pair either", () => {
    const { host, guest, clock } = pairedPeople();
    const meeting = connect(guest, host)!;
    meeting.cut();
    const replay = host.server.session(clock.now);
    throwsLair(() => replay.receive(meeting.sent.guest[0]!, clock.now), "proof-replayed");
  });

  it("gets no answer to a message 1 that was recorded before a restart: of an invite, of a pair, under a psk file", () => {
    const byInvite = strangers();
    const ofInvite = new Meeting(byInvite.guest, byInvite.host, byInvite.byInvite).run(1);
    const pair = pairedPeople();
    const ofPair = connect(pair.guest, pair.host)!;
    ofPair.cut();
    const byFile = strangers();
    byFile.host.psk = byFile.guest.random.bytes(32);
    byFile.host.restart();
    const credential: ClientCredential = { type: "psk-file", psk: byFile.host.psk.slice(), peer: undefined };
    const ofFile = new Meeting(byFile.guest, byFile.host, credential).run(1);
    for (const [{ host, clock }, meeting] of [
      [byInvite, ofInvite],
      [pair, ofPair],
      [byFile, ofFile],
    ] as const) {
      assert.ok(meeting.sent.host.length > 0, "the first was answered");
      for (let restarts = 0; restarts < 2; restarts++) {
        host.restart();
        const replay = host.server.session(clock.now);
        throwsLair(() => replay.receive(meeting.sent.guest[0]!, clock.now), "proof-replayed");
        assert.equal(replay.nextFrame(clock.now), undefined);
      }
    }
  });
});

describe("a host that cannot remember whom it has let in (§3.2)", () => {
  it("answers nobody until it can again, and then not what was recorded meanwhile", () => {
    const { host, guest, byInvite, clock } = strangers();
    host.admittedFailure = new LairError("home-unwritable", "The disk is full.");
    const meeting = new Meeting(guest, host, byInvite).run();
    failedWith(meeting.errors.host, "home-unwritable");
    assert.equal(meeting.sent.host.length, 0);
    host.admittedFailure = undefined;
    const replay = host.server.session(clock.now);
    throwsLair(() => replay.receive(meeting.sent.guest[0]!, clock.now), "proof-replayed");
    assert.deepEqual(new Meeting(guest, host, byInvite).run().types("host"), ["opened"]);
  });
});

describe("an invite", () => {
  it("opens until its last millisecond", () => {
    const { host, guest, byInvite, clock } = strangers();
    clock.pass(DAY_MS - 1);
    assert.deepEqual(new Meeting(guest, host, byInvite).run().types("host"), ["opened"]);
  });

  it("opens nothing from its exact time on, also after a restart", () => {
    const { host, guest, byInvite, clock } = strangers();
    clock.pass(DAY_MS);
    for (const restart of [false, true]) {
      if (restart) host.restart();
      const meeting = new Meeting(guest, host, byInvite).run();
      failedWith(meeting.errors.host, "proof-unknown");
      assert.equal(meeting.sent.host.length, 0);
      assert.equal(guest.stored, undefined);
    }
  });

  it("goes from the disk when its time is over", () => {
    const { host, guest, byInvite, clock } = strangers();
    clock.pass(DAY_MS - 1);
    host.makeInvite("second");
    clock.pass(1);
    new Meeting(guest, host, byInvite).run();
    assert.deepEqual(
      host.invites.map(({ id }) => id),
      ["second"],
    );
  });

  it("costs nobody the connection when it cannot be taken from the disk", () => {
    const { host, guest, clock } = pairedPeople();
    host.makeInvite("second");
    clock.pass(DAY_MS);
    host.failures = 1;
    assert.deepEqual(connect(guest, host)?.types("host"), ["opened"]);
    assert.equal(host.invites.length, 1);
  });

  it("expires by the wall clock, so also while the machine sleeps", () => {
    const { host, guest, byInvite, clock } = strangers();
    clock.setWall(DAY_MS);
    failedWith(new Meeting(guest, host, byInvite).run().errors.host, "proof-unknown");
  });

  it("still opens when the wall clock leaps ahead, as at a start without the time, but not for more than its day", () => {
    for (const leapMs of [60 * DAY_MS, -60 * DAY_MS]) {
      const late = strangers();
      late.clock.setWall(leapMs);
      late.clock.pass(DAY_MS);
      failedWith(new Meeting(late.guest, late.host, late.byInvite).run().errors.host, "proof-unknown");
      const { host, guest, byInvite, clock } = strangers();
      clock.setWall(leapMs);
      clock.pass(DAY_MS - 1);
      assert.deepEqual(new Meeting(guest, host, byInvite).run().types("host"), ["opened"], String(leapMs));
    }
  });

  it("pairs one of two guests who use it at once", () => {
    const { host, guest, byInvite, clock } = strangers();
    const other = new GuestPerson({ name: "carl", seed: 51, clock });
    const first = new Meeting(guest, host, byInvite).run(2);
    const second = new Meeting(other, host, byInvite).run(2);
    second.run();
    first.run();
    assert.deepEqual([second.types("guest"), second.types("host")], [["opened"], ["opened"]]);
    failedWith(first.errors.host, "proof-unknown");
    assert.deepEqual(first.types("guest"), []);
    assert.equal(first.client.isAccepted, false);
    assert.deepEqual(
      host.peers.map(({ name }) => name),
      ["carl"],
    );
    assert.equal(second.server.state, "open");
    // Who came too late is told by every door: neither what it stored nor the invite opens anything.
    first.cut();
    second.cut();
    assert.equal(connect(guest, host), undefined);
  });

  it("that names another server's key ends at message 2, with both fingerprints and nothing stored or shown", () => {
    const { host, guest, invite } = strangers();
    const elsewhere = keyPair(TOY_SUITE, guest.random.bytes).publicKey;
    const meeting = new Meeting(guest, host, {
      type: "invite",
      psk: invite.psk,
      serverKey: elsewhere,
      peer: undefined,
    }).run();
    const error = failedWith(meeting.errors.guest, "peer-key-changed");
    assert.deepEqual(detailsOf(error), [
      `invite   ${fingerprint(TOY_SUITE, elsewhere)}`,
      `now      ${fingerprint(TOY_SUITE, host.identity.publicKey)}`,
    ]);
    assert.match(error.message, /not the server that made the invite/);
    assert.ok(error.hint);
    assert.equal(guest.stored, undefined);
    assert.equal(meeting.sent.guest.length, 1);
    assert.equal(meeting.client.state, "closed");
    assert.deepEqual(host.peers, []);
    assert.equal(host.invites.length, 1);
  });

  it("that names another key than the one pinned for its server says who changed", () => {
    const { host, guest, clock } = pairedPeople();
    const known = guest.stored!;
    const fake = new HostPerson({ name: "anna", seed: 60, clock });
    const invite = fake.makeInvite();
    // The same server, as the address has it, but the invite was made by somebody else's.
    const meeting = new Meeting(guest, fake, {
      type: "invite",
      psk: invite.psk,
      serverKey: host.identity.publicKey,
      peer: known,
    }).run();
    const error = failedWith(meeting.errors.guest, "peer-key-changed");
    assert.deepEqual(detailsOf(error), [
      `paired   ${fingerprint(TOY_SUITE, host.identity.publicKey)}`,
      `now      ${fingerprint(TOY_SUITE, fake.identity.publicKey)}`,
    ]);
    assert.equal(guest.stored, known);
  });
});

describe("a changed key under the psk of a pair (§9.3)", () => {
  it("of the host ends at the guest before message 3, with both fingerprints", () => {
    const { host, guest } = pairedPeople();
    const [old, known, writes] = [host.identity, guest.stored!, guest.written.length];
    host.identity = keyPair(TOY_SUITE, host.random.bytes);
    host.restart();
    const meeting = new Meeting(guest, host, guest.credentials()[0]!).run();
    const error = failedWith(meeting.errors.guest, "peer-key-changed");
    assert.deepEqual(detailsOf(error), [
      `paired   ${fingerprint(TOY_SUITE, old.publicKey)}`,
      `now      ${fingerprint(TOY_SUITE, host.identity.publicKey)}`,
    ]);
    assert.match(error.message, /This is not the anna you were paired with/);
    assert.match(error.hint!, /anna.*another channel.*new invite/);
    assert.deepEqual([guest.stored, guest.written.length], [known, writes]);
    assert.equal(meeting.sent.guest.length, 1);
    assert.equal(meeting.client.state, "closed");
    assert.deepEqual(meeting.types("guest"), []);
  });

  it("of the guest ends at the host before its first frame, with both fingerprints", () => {
    const { host, guest } = pairedPeople();
    const [old, known] = [guest.identity, host.peers];
    guest.identity = keyPair(TOY_SUITE, guest.random.bytes);
    const meeting = new Meeting(guest, host, guest.credentials()[0]!).run();
    const error = failedWith(meeting.errors.host, "peer-key-changed");
    assert.deepEqual(detailsOf(error), [
      `paired   ${fingerprint(TOY_SUITE, old.publicKey)}`,
      `now      ${fingerprint(TOY_SUITE, guest.identity.publicKey)}`,
    ]);
    assert.match(error.message, /This is not the bert you were paired with/);
    assert.equal(host.peers, known);
    assert.equal(meeting.sent.host.length, 1);
    assert.deepEqual([meeting.server.state, host.server.active], ["closed", undefined]);
    assert.deepEqual(meeting.types("host"), []);
  });

  it("does not pass as another pinned key: the proof selects one pair", () => {
    const { host, guest, clock } = pairedPeople();
    const other = new GuestPerson({ name: "carl", seed: 52, clock });
    connect(other, host, host.makeInvite("second"))!.cut();
    // carl is pinned too, but comes with bert's psk.
    const stolen = { ...guest.credentials()[0]! };
    const meeting = new Meeting(other, host, stolen).run();
    failedWith(meeting.errors.host, "peer-key-changed");
  });

  it("puts neither a key nor a psk into the error", () => {
    const { host, guest } = pairedPeople();
    guest.identity = keyPair(TOY_SUITE, guest.random.bytes);
    const meeting = new Meeting(guest, host, guest.credentials()[0]!).run();
    const error = failedWith(meeting.errors.host, "peer-key-changed");
    const said = [error.message, error.hint, ...detailsOf(error)].join("\n");
    for (const secret of [guest.stored!.psk!, guest.identity.privateKey, guest.identity.publicKey]) {
      assert.ok(!said.includes(Buffer.from(secret).toString("hex")));
      assert.ok(!said.includes(Buffer.from(secret).toString("base64url")));
    }
  });
});

describe("a handshake that is never finished", () => {
  const cases: Record<string, (meeting: Meeting) => { session: Session; startedBefore: number }> = {
    "at the guest, without message 2": (meeting) => ({ session: meeting.client, startedBefore: 0 }),
    "at the host, without message 1": (meeting) => ({ session: meeting.server, startedBefore: 0 }),
    "at the host, without message 3": (meeting) => ({ session: meeting.run(1).server, startedBefore: 0 }),
  };
  for (const [where, prepare] of Object.entries(cases)) {
    it(`ends after 10 s ${where}`, () => {
      const { host, guest, byInvite, clock } = strangers();
      const startMs = clock.now.monotonicMs;
      const { session } = prepare(new Meeting(guest, host, byInvite));
      assert.equal(session.deadlineMs, startMs + 10_000);
      clock.pass(9_999);
      assert.deepEqual(session.advance(clock.now), []);
      assert.equal(session.state, "handshaking");
      clock.pass(1);
      throwsLair(() => session.advance(clock.now), "handshake-rejected");
      assert.equal(session.state, "closed");
      assert.equal(session.deadlineMs, Number.POSITIVE_INFINITY);
      assert.equal(session.nextFrame(clock.now), undefined);
    });
  }

  it("ends by the wall clock too, when the machine has slept", () => {
    const { host, clock } = strangers();
    const session = host.server.session(clock.now);
    clock.setWall(10_000);
    throwsLair(() => session.advance(clock.now), "handshake-rejected");
  });

  it("leaves no secret of the handshake behind when it is destroyed half-way", () => {
    const { host, guest, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run(1);
    meeting.cut();
    throwsLair(() => meeting.client.receive(meeting.underWay.host[0]!, clock.now), "noise-dead");
    assert.equal(guest.stored, undefined);
  });
});
