// A pairing that a cut link, a crash or a full disk interrupts (docs/PROTOCOL.md §9.2): the two can always go on.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LairError } from "../../../src/core/errors.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { connect, Meeting, strangers } from "./fixture.ts";
import { agree, isSpent } from "./pairing-outcome.ts";

describe("a link that is cut while the two pair (§9.2, the crash matrix)", () => {
  const restarts = { nobody: [], "the host": ["host"] } as const;
  // After 0 frames message 1 is lost, after 1 message 2, after 2 message 3, after 3 the host's first frame.
  for (let arrived = 0; arrived <= 6; arrived++) {
    for (const [who, restarted] of Object.entries(restarts)) {
      for (const holdsInvite of [true, false]) {
        const what = `${arrived} frames, ${who} restarted, the invite ${holdsInvite ? "given again" : "not given again"}`;
        it(`leaves them able to connect: after ${what}`, () => {
          const { guest, host, invite, byInvite } = strangers();
          new Meeting(guest, host, byInvite).run(arrived).cut();
          if (restarted.length > 0) host.restart();
          // Before message 3 was made nothing is stored, so the person gives the invite again.
          const again = holdsInvite || arrived < 2 ? invite : undefined;
          const meeting = connect(guest, host, again);
          assert.deepEqual(meeting?.types("guest"), ["opened"]);
          assert.deepEqual(meeting.types("host"), ["opened"]);
          meeting.cut();
          agree(guest, host, invite);
          assert.deepEqual(connect(guest, host)?.types("host"), ["opened"]);
          isSpent(invite, guest, host);
        });
      }
    }
  }

  it("leaves them able to connect when it is cut again and again", () => {
    const { guest, host, invite, byInvite } = strangers();
    new Meeting(guest, host, byInvite).run(2).cut();
    for (let arrived = 2; arrived <= 3; arrived++) {
      for (const credential of guest.credentials(invite)) new Meeting(guest, host, credential).run(arrived).cut();
    }
    assert.deepEqual(connect(guest, host)?.types("guest"), ["opened"]);
    agree(guest, host, invite);
    isSpent(invite, guest, host);
  });

  it("takes the later of two handshakes of one guest that were under way at once", () => {
    const { guest, host, invite, byInvite } = strangers();
    const first = new Meeting(guest, host, byInvite).run(2);
    const second = new Meeting(guest, host, byInvite).run(2);
    first.run();
    assert.deepEqual(first.types("host"), ["opened"]);
    second.run();
    assert.deepEqual(second.types("host"), ["opened"]);
    agree(guest, host, invite);
    second.cut();
    assert.notEqual(connect(guest, host), undefined);
    isSpent(invite, guest, host);
  });

  for (const later of [1, 2, 3]) {
    it(`leaves them able to connect when an old message 3 arrives behind ${later} newer ones that were lost`, () => {
      const { guest, host, invite, byInvite } = strangers();
      const held = new Meeting(guest, host, byInvite).run(2);
      for (let i = 0; i < later; i++) new Meeting(guest, host, byInvite).run(2).cut();
      held.run(1);
      assert.deepEqual(held.types("host"), ["opened"]);
      held.cut();
      assert.deepEqual(connect(guest, host)?.types("guest"), ["opened"]);
      agree(guest, host, invite);
      assert.equal(guest.stored!.formerPsks, undefined);
      isSpent(invite, guest, host);
    });
  }

  it("tells the guest that the host could not store it, and the two can try again as they are", () => {
    const { guest, host, invite, byInvite } = strangers();
    host.failure = new LairError("home-unwritable", "The disk is full.");
    host.failures = 1;
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.deepEqual(meeting.types("host"), ["refused"]);
    assert.deepEqual(meeting.types("guest"), ["closed"]);
    assert.ok(guest.stored!.invitePsk !== undefined, "the invite is kept");
    meeting.cut();
    assert.deepEqual(connect(guest, host)?.types("guest"), ["opened"]);
    agree(guest, host, invite);
    isSpent(invite, guest, host);
  });

  it("does not lose a pairing that works to another invite whose handshake was cut", () => {
    const { guest, host, byInvite } = strangers();
    new Meeting(guest, host, byInvite).run().cut();
    const another = host.makeInvite("another");
    const credential = guest.credentials(another).at(-1)!;
    assert.equal(credential.type, "invite");
    new Meeting(guest, host, credential).run(2).cut();
    host.restart();
    host.invites = [];
    host.restart();
    assert.deepEqual(connect(guest, host)?.types("guest"), ["opened"]);
    assert.deepEqual(guest.stored!.psk, host.peers[0]!.psk);
  });

  it("does not take the earlier one once the later has paired", () => {
    const { guest, host, invite, byInvite } = strangers();
    const first = new Meeting(guest, host, byInvite).run(2);
    const second = new Meeting(guest, host, byInvite).run();
    const psk = host.peers[0]!.psk;
    first.run();
    throwsLair(() => {
      throw first.errors.host;
    }, "proof-unknown");
    assert.deepEqual(host.peers[0]!.psk, psk);
    assert.equal(second.server.state, "open");
    agree(guest, host, invite);
  });
});

describe("a full disk (§9.2)", () => {
  it("keeps message 3 from leaving when the guest cannot store the pair, and the next try works", () => {
    const { guest, host, invite, byInvite } = strangers();
    guest.failures = 1;
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.match(String(meeting.errors.guest), /no space/);
    assert.equal(meeting.client.state, "closed");
    assert.equal(meeting.client.chatSession!.channel.state, "closed");
    assert.equal(meeting.sent.guest.length, 1);
    assert.equal(guest.stored, undefined);
    meeting.cut();
    assert.notEqual(connect(guest, host, invite), undefined);
    agree(guest, host, invite);
  });

  it("ends the line when the guest cannot store that the invite has served, and the next try works", () => {
    const { guest, host, invite, byInvite } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run(3);
    guest.failures = 1;
    meeting.run();
    assert.match(String(meeting.errors.guest), /no space/);
    assert.equal(meeting.client.state, "closed");
    assert.deepEqual(meeting.types("guest"), []);
    meeting.cut();
    assert.deepEqual(connect(guest, host)?.types("guest"), ["opened"]);
    agree(guest, host, invite);
    isSpent(invite, guest, host);
  });

  it("stores pair and spent invite at the host in one step", () => {
    const { guest, host, byInvite } = strangers();
    host.failAfterWrites = 1;
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.deepEqual(meeting.types("host"), ["opened"]);
    assert.deepEqual([host.peers.length, host.invites, host.peers[0]!.invitePsk], [1, [], undefined]);
  });

  it("lets nobody in when the host cannot store the pair, and the next try works", () => {
    const { guest, host, invite, byInvite } = strangers();
    host.failures = 1;
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.match(String(meeting.errors.host), /no space/);
    assert.equal(meeting.server.state, "closed");
    assert.equal(meeting.sent.host.length, 1);
    assert.deepEqual([host.peers, host.server.peers, host.server.active], [[], [], undefined]);
    assert.equal(host.invites.length, 1);
    meeting.cut();
    assert.deepEqual(connect(guest, host)?.types("guest"), ["opened"]);
    agree(guest, host, invite);
    isSpent(invite, guest, host);
  });
});
