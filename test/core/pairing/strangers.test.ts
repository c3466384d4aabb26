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
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { connect, DAY_MS, ClientPerson, ServerPerson, Meeting, pairedPeople, strangers } from "./fixture.ts";

function failedWith(error: unknown, code: LairErrorCode): LairError {
  return throwsLair(() => {
    if (error !== undefined) throw error;
  }, code);
}

describe("a stranger at the server (§3.2)", () => {
  it("gets no byte, and no Diffie-Hellman is computed and no key made for it", () => {
    const passed: Passed[] = [];
    const { server, clock } = strangers(spySuite(TOY_SUITE, passed));
    const client = new ClientPerson({ clock, seed: 50 });
    const credential: ClientCredential = {
      type: "invite",
      psk: client.random.bytes(32),
      serverKey: server.identity.publicKey,
      peer: undefined,
    };
    const meeting = new Meeting(client, server, credential);
    const before = passed.length;
    meeting.run();
    failedWith(meeting.errors.server, "proof-unknown");
    assert.equal(meeting.server.state, "closed");
    assert.equal(meeting.sent.server.length, 0);
    const kinds = passed.slice(before).map(({ kind }) => kind);
    assert.ok(kinds.length > 0, "the suite is watched");
    assert.deepEqual(
      kinds.filter((kind) => kind === "dh result" || kind === "private key"),
      [],
    );
    assert.deepEqual(server.machine.active, []);
  });

  it("is watched rightly: an invited client does cost Diffie-Hellmans", () => {
    const passed: Passed[] = [];
    const { server, clock, byInvite } = strangers(spySuite(TOY_SUITE, passed));
    new Meeting(new ClientPerson({ clock, seed: 50 }), server, byInvite).run();
    assert.equal(passed.filter(({ kind }) => kind === "dh result").length, 3);
  });

  it("gets no byte for a message 1 of another length", () => {
    const { server, clock } = strangers();
    for (const length of [0, 1, 80, 95, 97, 1_024]) {
      const session = server.machine.session(clock.now);
      throwsLair(() => session.receive(new Uint8Array(length), clock.now), "noise-message-length");
      assert.equal(session.nextFrame(clock.now), undefined);
      assert.equal(session.state, "closed");
    }
  });

  it("gets no answer to a message 1 that was recorded, while the first goes on", () => {
    const { server, client, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite).run(1);
    const replay = server.machine.session(clock.now);
    throwsLair(() => replay.receive(meeting.sent.client[0]!, clock.now), "proof-replayed");
    assert.equal(replay.nextFrame(clock.now), undefined);
    assert.deepEqual(meeting.run().types("server"), ["opened"]);
  });

  it("gets no answer to a recorded message 1 of a pair either", () => {
    const { server, client, clock } = pairedPeople();
    const meeting = connect(client, server)!;
    meeting.cut();
    const replay = server.machine.session(clock.now);
    throwsLair(() => replay.receive(meeting.sent.client[0]!, clock.now), "proof-replayed");
  });

  it("gets no answer to a message 1 that was recorded before a restart: of an invite, of a pair, under a psk file", () => {
    const byInvite = strangers();
    const ofInvite = new Meeting(byInvite.client, byInvite.server, byInvite.byInvite).run(1);
    const pair = pairedPeople();
    const ofPair = connect(pair.client, pair.server)!;
    ofPair.cut();
    const byFile = strangers();
    byFile.server.psk = byFile.client.random.bytes(32);
    byFile.server.restart();
    const credential: ClientCredential = { type: "psk-file", psk: byFile.server.psk.slice(), peer: undefined };
    const ofFile = new Meeting(byFile.client, byFile.server, credential).run(1);
    for (const [{ server, clock }, meeting] of [
      [byInvite, ofInvite],
      [pair, ofPair],
      [byFile, ofFile],
    ] as const) {
      assert.ok(meeting.sent.server.length > 0, "the first was answered");
      for (let restarts = 0; restarts < 2; restarts++) {
        server.restart();
        const replay = server.machine.session(clock.now);
        throwsLair(() => replay.receive(meeting.sent.client[0]!, clock.now), "proof-replayed");
        assert.equal(replay.nextFrame(clock.now), undefined);
      }
    }
  });
});

describe("a server that cannot remember whom it has let in (§3.2)", () => {
  it("answers nobody until it can again, and then not what was recorded meanwhile", () => {
    const { server, client, byInvite, clock } = strangers();
    server.admittedFailure = new LairError("home-unwritable", "The disk is full.");
    const meeting = new Meeting(client, server, byInvite).run();
    failedWith(meeting.errors.server, "home-unwritable");
    assert.equal(meeting.sent.server.length, 0);
    server.admittedFailure = undefined;
    const replay = server.machine.session(clock.now);
    throwsLair(() => replay.receive(meeting.sent.client[0]!, clock.now), "proof-replayed");
    assert.deepEqual(new Meeting(client, server, byInvite).run().types("server"), ["opened"]);
  });
});

describe("an invite", () => {
  it("opens until its last millisecond", () => {
    const { server, client, byInvite, clock } = strangers();
    clock.pass(DAY_MS - 1);
    assert.deepEqual(new Meeting(client, server, byInvite).run().types("server"), ["opened"]);
  });

  it("opens nothing from its exact time on, also after a restart", () => {
    const { server, client, byInvite, clock } = strangers();
    clock.pass(DAY_MS);
    for (const restart of [false, true]) {
      if (restart) server.restart();
      const meeting = new Meeting(client, server, byInvite).run();
      failedWith(meeting.errors.server, "proof-unknown");
      assert.equal(meeting.sent.server.length, 0);
      assert.equal(client.stored, undefined);
    }
  });

  it("goes from the disk when its time is over", () => {
    const { server, client, byInvite, clock } = strangers();
    clock.pass(DAY_MS - 1);
    server.makeInvite("second");
    clock.pass(1);
    new Meeting(client, server, byInvite).run();
    assert.deepEqual(
      server.invites.map(({ id }) => id),
      ["second"],
    );
  });

  it("costs nobody the connection when it cannot be taken from the disk", () => {
    const { server, client, clock } = pairedPeople();
    server.makeInvite("second");
    clock.pass(DAY_MS);
    server.failures = 1;
    assert.deepEqual(connect(client, server)?.types("server"), ["opened"]);
    assert.equal(server.invites.length, 1);
  });

  it("expires by the wall clock, so also while the machine sleeps", () => {
    const { server, client, byInvite, clock } = strangers();
    clock.setWall(DAY_MS);
    failedWith(new Meeting(client, server, byInvite).run().errors.server, "proof-unknown");
  });

  it("still opens when the wall clock leaps ahead, as at a start without the time, but not for more than its day", () => {
    for (const leapMs of [60 * DAY_MS, -60 * DAY_MS]) {
      const late = strangers();
      late.clock.setWall(leapMs);
      late.clock.pass(DAY_MS);
      failedWith(new Meeting(late.client, late.server, late.byInvite).run().errors.server, "proof-unknown");
      const { server, client, byInvite, clock } = strangers();
      clock.setWall(leapMs);
      clock.pass(DAY_MS - 1);
      assert.deepEqual(new Meeting(client, server, byInvite).run().types("server"), ["opened"], String(leapMs));
    }
  });

  it("pairs one of two clients who use it at once", () => {
    const { server, client, byInvite, clock } = strangers();
    const other = new ClientPerson({ name: "carl", seed: 51, clock });
    const first = new Meeting(client, server, byInvite).run(2);
    const second = new Meeting(other, server, byInvite).run(2);
    second.run();
    first.run();
    assert.deepEqual([second.types("client"), second.types("server")], [["opened"], ["opened"]]);
    failedWith(first.errors.server, "proof-unknown");
    assert.deepEqual(first.types("client"), []);
    assert.equal(first.client.isAccepted, false);
    assert.deepEqual(
      server.peers.map(({ name }) => name),
      ["carl"],
    );
    assert.equal(second.server.state, "open");
    // Who came too late is told by every door: neither what it stored nor the invite opens anything.
    first.cut();
    second.cut();
    assert.equal(connect(client, server), undefined);
  });

  it("that names another server's key ends at message 2, with its fingerprint and nothing stored or shown", () => {
    const { server, client, invite } = strangers();
    const elsewhere = keyPair(TOY_SUITE, client.random.bytes).publicKey;
    const meeting = new Meeting(client, server, {
      type: "invite",
      psk: invite.psk,
      serverKey: elsewhere,
      peer: undefined,
    }).run();
    const error = failedWith(meeting.errors.client, "peer-key-changed");
    assert.deepEqual(detailsOf(error), [`now      ${fingerprint(TOY_SUITE, server.identity)}`]);
    assert.match(error.message, /not the server that made the invite/);
    assert.ok(error.hint);
    assert.equal(client.stored, undefined);
    assert.equal(meeting.sent.client.length, 1);
    assert.equal(meeting.client.state, "closed");
    assert.deepEqual(server.peers, []);
    assert.equal(server.invites.length, 1);
  });

  it("that names another key than the one pinned for its server says who changed", () => {
    const { server, client, clock } = pairedPeople();
    const known = client.stored!;
    const fake = new ServerPerson({ name: "anna", seed: 60, clock });
    const invite = fake.makeInvite();
    // The same server, as the address has it, but the invite was made by somebody else's.
    const meeting = new Meeting(client, fake, {
      type: "invite",
      psk: invite.psk,
      serverKey: server.identity.publicKey,
      peer: known,
    }).run();
    const error = failedWith(meeting.errors.client, "peer-key-changed");
    assert.deepEqual(detailsOf(error), [
      `paired   ${fingerprint(TOY_SUITE, server.identity)}`,
      `now      ${fingerprint(TOY_SUITE, fake.identity)}`,
    ]);
    assert.equal(client.stored, known);
  });
});

describe("a changed key under the psk of a pair (§9.3)", () => {
  it("of the server ends at the client before message 3, with both fingerprints", () => {
    const { server, client } = pairedPeople();
    const [old, known, writes] = [server.identity, client.stored!, client.written.length];
    server.identity = keyPair(TOY_SUITE, server.random.bytes);
    server.restart();
    const meeting = new Meeting(client, server, client.credentials()[0]!).run();
    const error = failedWith(meeting.errors.client, "peer-key-changed");
    assert.deepEqual(detailsOf(error), [
      `paired   ${fingerprint(TOY_SUITE, old)}`,
      `now      ${fingerprint(TOY_SUITE, server.identity)}`,
    ]);
    assert.match(error.message, /This is not the anna you were paired with/);
    assert.match(error.hint!, /anna.*another channel.*new invite/);
    assert.deepEqual([client.stored, client.written.length], [known, writes]);
    assert.equal(meeting.sent.client.length, 1);
    assert.equal(meeting.client.state, "closed");
    assert.deepEqual(meeting.types("client"), []);
  });

  it("of the client ends at the server before its first frame, with both fingerprints", () => {
    const { server, client } = pairedPeople();
    const [old, known] = [client.identity, server.peers];
    client.identity = keyPair(TOY_SUITE, client.random.bytes);
    const meeting = new Meeting(client, server, client.credentials()[0]!).run();
    const error = failedWith(meeting.errors.server, "peer-key-changed");
    assert.deepEqual(detailsOf(error), [
      `paired   ${fingerprint(TOY_SUITE, old)}`,
      `now      ${fingerprint(TOY_SUITE, client.identity)}`,
    ]);
    assert.match(error.message, /This is not the bert you were paired with/);
    assert.equal(server.peers, known);
    assert.equal(meeting.sent.server.length, 1);
    assert.deepEqual([meeting.server.state, server.machine.active], ["closed", []]);
    assert.deepEqual(meeting.types("server"), []);
  });

  it("does not pass as another pinned key: the proof selects one pair", () => {
    const { server, client, clock } = pairedPeople();
    const other = new ClientPerson({ name: "carl", seed: 52, clock });
    connect(other, server, server.makeInvite("second"))!.cut();
    // carl is pinned too, but comes with bert's psk.
    const stolen = { ...client.credentials()[0]! };
    const meeting = new Meeting(other, server, stolen).run();
    failedWith(meeting.errors.server, "peer-key-changed");
  });

  it("puts neither a key nor a psk into the error", () => {
    const { server, client } = pairedPeople();
    client.identity = keyPair(TOY_SUITE, client.random.bytes);
    const meeting = new Meeting(client, server, client.credentials()[0]!).run();
    const error = failedWith(meeting.errors.server, "peer-key-changed");
    const said = [error.message, error.hint, ...detailsOf(error)].join("\n");
    for (const secret of [client.stored!.psk!, client.identity.privateKey, client.identity.publicKey]) {
      assert.ok(!said.includes(Buffer.from(secret).toString("hex")));
      assert.ok(!said.includes(Buffer.from(secret).toString("base64url")));
    }
  });
});

describe("a handshake that is never finished", () => {
  const cases: Record<string, (meeting: Meeting) => { session: Session; startedBefore: number }> = {
    "at the client, without message 2": (meeting) => ({ session: meeting.client, startedBefore: 0 }),
    "at the server, without message 1": (meeting) => ({ session: meeting.server, startedBefore: 0 }),
    "at the server, without message 3": (meeting) => ({ session: meeting.run(1).server, startedBefore: 0 }),
  };
  for (const [where, prepare] of Object.entries(cases)) {
    it(`ends after 10 s ${where}`, () => {
      const { server, client, byInvite, clock } = strangers();
      const startMs = clock.now.monotonicMs;
      const { session } = prepare(new Meeting(client, server, byInvite));
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
    const { server, clock } = strangers();
    const session = server.machine.session(clock.now);
    clock.setWall(10_000);
    throwsLair(() => session.advance(clock.now), "handshake-rejected");
  });

  it("leaves no secret of the handshake behind when it is destroyed half-way", () => {
    const { server, client, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite).run(1);
    meeting.cut();
    throwsLair(() => meeting.client.receive(meeting.underWay.server[0]!, clock.now), "noise-dead");
    assert.equal(client.stored, undefined);
  });
});
