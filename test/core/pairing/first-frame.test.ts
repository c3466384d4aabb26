// The guest between message 3 and the host's first frame (docs/PROTOCOL.md §9.2): it does not know yet whether it is
// accepted. It goes on after 2 s, but the invite goes only with a frame.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { connect, Meeting, strangers } from "./fixture.ts";

/** Message 3 has arrived; the host's first frame is under way. */
function waiting() {
  const people = strangers();
  const meeting = new Meeting(people.guest, people.host, people.byInvite).run(3);
  assert.equal(meeting.underWay.host.length, 1);
  return { ...people, meeting };
}

describe("the guest without a first frame", () => {
  it("is not open before 2 s, and asks to be woken then", () => {
    const { meeting, clock } = waiting();
    assert.equal(meeting.client.deadlineMs, clock.now.monotonicMs + 2_000);
    clock.pass(1_999);
    assert.deepEqual(meeting.client.advance(clock.now), []);
  });

  it("goes on after 2 s, once, and keeps the invite", () => {
    const { meeting, clock, guest, invite } = waiting();
    clock.pass(2_000);
    assert.deepEqual(meeting.client.advance(clock.now), [{ type: "opened", peer: guest.stored, pairedNow: true }]);
    assert.deepEqual(meeting.client.advance(clock.now), []);
    assert.equal(meeting.client.isAccepted, false);
    assert.deepEqual(guest.stored!.invitePsk, invite.psk);
    assert.ok(meeting.client.deadlineMs > clock.now.monotonicMs);
  });

  it("is accepted by a frame that comes later than 2 s: the invite goes then, and nothing is opened twice", () => {
    const { meeting, clock, guest } = waiting();
    clock.pass(2_000);
    meeting.take("guest");
    meeting.run();
    assert.deepEqual(meeting.types("guest"), ["opened"]);
    assert.equal(meeting.client.isAccepted, true);
    assert.equal(guest.stored!.invitePsk, undefined);
    assert.equal(meeting.client.peer!.invitePsk, undefined);
  });

  it("may speak meanwhile", () => {
    const { meeting, clock } = waiting();
    clock.pass(2_000);
    meeting.take("guest");
    meeting.client.chatSession!.chat!.say("hello?", clock.now);
    meeting.run();
    assert.deepEqual(meeting.types("host"), ["opened", "message"]);
    assert.deepEqual(meeting.types("guest"), ["opened", "queued", "released", "delivered"]);
  });
});

describe("the host's first frame", () => {
  it("opens the guest's line before what the frame brings", () => {
    const { meeting, clock, host, guest, byInvite } = waiting();
    meeting.cut();
    host.makeInvite("second");
    const invite = host.invites[0]!;
    const again = new Meeting(guest, host, { ...byInvite, psk: invite.psk }).run(2);
    again.deliver("guest");
    again.server.chatSession!.chat!.say("welcome", clock.now);
    again.run();
    assert.deepEqual(again.types("guest"), ["opened", "message"]);
  });

  it("opens nothing when it is CLOSE, and is an answer nonetheless", () => {
    const { guest, host, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run(2);
    meeting.deliver("guest");
    meeting.server.chatSession!.refuse(CLOSE_REASON.shuttingDown, clock.now);
    meeting.run();
    assert.deepEqual(meeting.events.guest, [{ type: "closed", reason: CLOSE_REASON.shuttingDown }]);
    assert.equal(meeting.client.isAccepted, true);
    assert.equal(meeting.client.state, "closed");
    assert.equal(guest.stored!.invitePsk, undefined);
    clock.pass(2_000);
    assert.deepEqual(meeting.client.advance(clock.now), []);
  });

  it("opens the line when something is to be said before the CLOSE", () => {
    const { guest, host, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run(2);
    meeting.deliver("guest");
    meeting.server.chatSession!.chat!.say("sorry, I must go", clock.now);
    meeting.server.chatSession!.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
    meeting.run();
    assert.deepEqual(meeting.types("guest"), ["opened", "message", "closed"]);
  });

  it("opens nothing when it ends in CLOSE before anything could be said; what was said waits for the next time", () => {
    const { guest, host, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run(2);
    meeting.deliver("guest");
    meeting.server.chatSession!.chat!.say("sorry, I must go", clock.now);
    meeting.server.chatSession!.refuse(CLOSE_REASON.goodbye, clock.now);
    meeting.run();
    assert.deepEqual(meeting.types("guest"), ["closed"]);
    meeting.cut();
    assert.deepEqual(connect(guest, host)!.types("guest"), ["opened", "message"]);
  });

  it("is no answer when it does not authenticate", () => {
    const { meeting, guest, invite } = waiting();
    meeting.underWay.host[0]![20]! ^= 1;
    meeting.deliver("host");
    assert.equal(meeting.client.isAccepted, false);
    assert.equal(meeting.client.state, "closed");
    assert.deepEqual(meeting.types("guest"), []);
    assert.deepEqual(guest.stored!.invitePsk, invite.psk);
  });
});
