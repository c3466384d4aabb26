// The client between message 3 and the server's first frame (docs/PROTOCOL.md §9.2): it does not know yet whether it is
// accepted. It goes on after 2 s, but the invite goes only with a frame.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { connect, Meeting, strangers } from "./fixture.ts";

/** Message 3 has arrived; the server's first frame is under way. */
function waiting() {
  const people = strangers();
  const meeting = new Meeting(people.client, people.server, people.byInvite).run(3);
  assert.equal(meeting.underWay.server.length, 1);
  return { ...people, meeting };
}

describe("the client without a first frame", () => {
  it("is not open before 2 s, and asks to be woken then", () => {
    const { meeting, clock } = waiting();
    assert.equal(meeting.client.deadlineMs, clock.now.monotonicMs + 2_000);
    clock.pass(1_999);
    assert.deepEqual(meeting.client.advance(clock.now), []);
  });

  it("goes on after 2 s, once, and keeps the invite", () => {
    const { meeting, clock, client, invite } = waiting();
    clock.pass(2_000);
    assert.deepEqual(meeting.client.advance(clock.now), [{ type: "opened", peer: client.stored, pairedNow: true }]);
    assert.deepEqual(meeting.client.advance(clock.now), []);
    assert.equal(meeting.client.isAccepted, false);
    assert.deepEqual(client.stored!.invitePsk, invite.psk);
    assert.ok(meeting.client.deadlineMs > clock.now.monotonicMs);
  });

  it("is accepted by a frame that comes later than 2 s: the invite goes then, and nothing is opened twice", () => {
    const { meeting, clock, client } = waiting();
    clock.pass(2_000);
    meeting.take("client");
    meeting.run();
    assert.deepEqual(meeting.types("client"), ["opened"]);
    assert.equal(meeting.client.isAccepted, true);
    assert.equal(client.stored!.invitePsk, undefined);
    assert.equal(meeting.client.peer!.invitePsk, undefined);
  });

  it("may speak meanwhile", () => {
    const { meeting, clock } = waiting();
    clock.pass(2_000);
    meeting.take("client");
    meeting.client.chatSession!.chat!.say("hello?", clock.now);
    meeting.run();
    assert.deepEqual(meeting.types("server"), ["opened", "message"]);
    assert.deepEqual(meeting.types("client"), ["opened", "queued", "released", "delivered"]);
  });
});

describe("the server's first frame", () => {
  it("opens the client's line before what the frame brings", () => {
    const { meeting, clock, server, client, byInvite } = waiting();
    meeting.cut();
    server.makeInvite("second");
    const invite = server.invites[0]!;
    const again = new Meeting(client, server, { ...byInvite, psk: invite.psk }).run(2);
    again.deliver("client");
    again.server.chatSession!.chat!.say("welcome", clock.now);
    again.run();
    assert.deepEqual(again.types("client"), ["opened", "message"]);
  });

  it("opens nothing when it is CLOSE, and is an answer nonetheless", () => {
    const { client, server, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite).run(2);
    meeting.deliver("client");
    meeting.server.chatSession!.refuse(CLOSE_REASON.shuttingDown, clock.now);
    meeting.run();
    assert.deepEqual(meeting.events.client, [{ type: "closed", reason: CLOSE_REASON.shuttingDown }]);
    assert.equal(meeting.client.isAccepted, true);
    assert.equal(meeting.client.state, "closed");
    assert.equal(client.stored!.invitePsk, undefined);
    clock.pass(2_000);
    assert.deepEqual(meeting.client.advance(clock.now), []);
  });

  it("opens the line when something is to be said before the CLOSE", () => {
    const { client, server, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite).run(2);
    meeting.deliver("client");
    meeting.server.chatSession!.chat!.say("sorry, I must go", clock.now);
    meeting.server.chatSession!.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
    meeting.run();
    assert.deepEqual(meeting.types("client"), ["opened", "message", "closed"]);
  });

  it("opens nothing when it ends in CLOSE before anything could be said; what was said waits for the next time", () => {
    const { client, server, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite).run(2);
    meeting.deliver("client");
    meeting.server.chatSession!.chat!.say("sorry, I must go", clock.now);
    meeting.server.chatSession!.refuse(CLOSE_REASON.goodbye, clock.now);
    meeting.run();
    assert.deepEqual(meeting.types("client"), ["closed"]);
    meeting.cut();
    assert.deepEqual(connect(client, server)!.types("client"), ["opened", "message"]);
  });

  it("is no answer when it does not authenticate", () => {
    const { meeting, client, invite } = waiting();
    meeting.underWay.server[0]![20]! ^= 1;
    meeting.deliver("server");
    assert.equal(meeting.client.isAccepted, false);
    assert.equal(meeting.client.state, "closed");
    assert.deepEqual(meeting.types("client"), []);
    assert.deepEqual(client.stored!.invitePsk, invite.psk);
  });
});
