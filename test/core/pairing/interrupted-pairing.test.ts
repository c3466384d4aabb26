// A pairing that a cut link, a crash or a full disk interrupts (docs/PROTOCOL.md §9.2): the two can always go on.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LairError } from "../../../src/core/errors.ts";
import { throwsLair } from "../../throws-lair.ts";
import { connect, Meeting, strangers } from "./fixture.ts";
import { agree, isSpent } from "./pairing-outcome.ts";

describe("a link that is cut while the two pair (§9.2, the crash matrix)", () => {
  const restarts = { nobody: [], "the server": ["server"] } as const;
  // After 0 frames message 1 is lost, after 1 message 2, after 2 message 3, after 3 the server's first frame.
  for (let arrived = 0; arrived <= 6; arrived++) {
    for (const [who, restarted] of Object.entries(restarts)) {
      for (const holdsInvite of [true, false]) {
        const what = `${arrived} frames, ${who} restarted, the invite ${holdsInvite ? "given again" : "not given again"}`;
        it(`leaves them able to connect: after ${what}`, () => {
          const { client, server, invite, byInvite } = strangers();
          new Meeting(client, server, byInvite).run(arrived).cut();
          if (restarted.length > 0) server.restart();
          // Before message 3 was made nothing is stored, so the person gives the invite again.
          const again = holdsInvite || arrived < 2 ? invite : undefined;
          const meeting = connect(client, server, again);
          assert.deepEqual(meeting?.types("client"), ["opened"]);
          assert.deepEqual(meeting.types("server"), ["opened"]);
          meeting.cut();
          agree(client, server, invite);
          assert.deepEqual(connect(client, server)?.types("server"), ["opened"]);
          isSpent(invite, client, server);
        });
      }
    }
  }

  it("leaves them able to connect when it is cut again and again", () => {
    const { client, server, invite, byInvite } = strangers();
    new Meeting(client, server, byInvite).run(2).cut();
    for (let arrived = 2; arrived <= 3; arrived++) {
      for (const credential of client.credentials(invite)) new Meeting(client, server, credential).run(arrived).cut();
    }
    assert.deepEqual(connect(client, server)?.types("client"), ["opened"]);
    agree(client, server, invite);
    isSpent(invite, client, server);
  });

  it("takes the later of two handshakes of one client that were under way at once", () => {
    const { client, server, invite, byInvite } = strangers();
    const first = new Meeting(client, server, byInvite).run(2);
    const second = new Meeting(client, server, byInvite).run(2);
    first.run();
    assert.deepEqual(first.types("server"), ["opened"]);
    second.run();
    assert.deepEqual(second.types("server"), ["opened"]);
    agree(client, server, invite);
    second.cut();
    assert.notEqual(connect(client, server), undefined);
    isSpent(invite, client, server);
  });

  for (const later of [1, 2, 3]) {
    it(`leaves them able to connect when an old message 3 arrives behind ${later} newer ones that were lost`, () => {
      const { client, server, invite, byInvite } = strangers();
      const held = new Meeting(client, server, byInvite).run(2);
      for (let i = 0; i < later; i++) new Meeting(client, server, byInvite).run(2).cut();
      held.run(1);
      assert.deepEqual(held.types("server"), ["opened"]);
      held.cut();
      assert.deepEqual(connect(client, server)?.types("client"), ["opened"]);
      agree(client, server, invite);
      assert.equal(client.stored!.formerPsks, undefined);
      isSpent(invite, client, server);
    });
  }

  it("tells the client that the server could not store it, and the two can try again as they are", () => {
    const { client, server, invite, byInvite } = strangers();
    server.failure = new LairError("home-unwritable", "The disk is full.");
    server.failures = 1;
    const meeting = new Meeting(client, server, byInvite).run();
    assert.deepEqual(meeting.types("server"), ["refused"]);
    assert.deepEqual(meeting.types("client"), ["closed"]);
    assert.ok(client.stored!.invitePsk !== undefined, "the invite is kept");
    meeting.cut();
    assert.deepEqual(connect(client, server)?.types("client"), ["opened"]);
    agree(client, server, invite);
    isSpent(invite, client, server);
  });

  it("does not lose a pairing that works to another invite whose handshake was cut", () => {
    const { client, server, byInvite } = strangers();
    new Meeting(client, server, byInvite).run().cut();
    const another = server.makeInvite("another");
    const credential = client.credentials(another).at(-1)!;
    assert.equal(credential.type, "invite");
    new Meeting(client, server, credential).run(2).cut();
    server.restart();
    server.invites = [];
    server.restart();
    assert.deepEqual(connect(client, server)?.types("client"), ["opened"]);
    assert.deepEqual(client.stored!.psk, server.peers[0]!.psk);
  });

  it("does not take the earlier one once the later has paired", () => {
    const { client, server, invite, byInvite } = strangers();
    const first = new Meeting(client, server, byInvite).run(2);
    const second = new Meeting(client, server, byInvite).run();
    const psk = server.peers[0]!.psk;
    first.run();
    throwsLair(() => {
      throw first.errors.server;
    }, "proof-unknown");
    assert.deepEqual(server.peers[0]!.psk, psk);
    assert.equal(second.server.state, "open");
    agree(client, server, invite);
  });
});

describe("a full disk (§9.2)", () => {
  it("keeps message 3 from leaving when the client cannot store the pair, and the next try works", () => {
    const { client, server, invite, byInvite } = strangers();
    client.failures = 1;
    const meeting = new Meeting(client, server, byInvite).run();
    assert.match(String(meeting.errors.client), /no space/);
    assert.equal(meeting.client.state, "closed");
    assert.equal(meeting.client.chatSession!.channel.state, "closed");
    assert.equal(meeting.sent.client.length, 1);
    assert.equal(client.stored, undefined);
    meeting.cut();
    assert.notEqual(connect(client, server, invite), undefined);
    agree(client, server, invite);
  });

  it("ends the line when the client cannot store that the invite has served, and the next try works", () => {
    const { client, server, invite, byInvite } = strangers();
    const meeting = new Meeting(client, server, byInvite).run(3);
    client.failures = 1;
    meeting.run();
    assert.match(String(meeting.errors.client), /no space/);
    assert.equal(meeting.client.state, "closed");
    assert.deepEqual(meeting.types("client"), []);
    meeting.cut();
    assert.deepEqual(connect(client, server)?.types("client"), ["opened"]);
    agree(client, server, invite);
    isSpent(invite, client, server);
  });

  it("stores pair and spent invite at the server in one step", () => {
    const { client, server, byInvite } = strangers();
    server.failAfterWrites = 1;
    const meeting = new Meeting(client, server, byInvite).run();
    assert.deepEqual(meeting.types("server"), ["opened"]);
    assert.deepEqual([server.peers.length, server.invites, server.peers[0]!.invitePsk], [1, [], undefined]);
  });

  it("lets nobody in when the server cannot store the pair, and the next try works", () => {
    const { client, server, invite, byInvite } = strangers();
    server.failures = 1;
    const meeting = new Meeting(client, server, byInvite).run();
    assert.match(String(meeting.errors.server), /no space/);
    assert.equal(meeting.server.state, "closed");
    assert.equal(meeting.sent.server.length, 1);
    assert.deepEqual([server.peers, server.machine.peers, server.machine.active], [[], [], []]);
    assert.equal(server.invites.length, 1);
    meeting.cut();
    assert.deepEqual(connect(client, server)?.types("client"), ["opened"]);
    agree(client, server, invite);
    isSpent(invite, client, server);
  });
});
