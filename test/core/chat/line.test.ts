// A line: its states, what it counts, and that whatever throws ends it (docs/PROTOCOL.md §6).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { connect, Meeting, pairedPeople, strangers } from "./household.ts";

describe("a line", () => {
  it("handshakes, is open, rekeys, closes and is closed", () => {
    const { guest, host, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite);
    assert.deepEqual([meeting.guest.state, meeting.host.state], ["handshaking", "handshaking"]);
    assert.equal(meeting.host.conversation, undefined);
    meeting.run();
    assert.deepEqual([meeting.guest.state, meeting.host.state], ["open", "open"]);
    for (let waitedMs = 0; waitedMs <= 120_000 && meeting.host.state === "open"; waitedMs += 10_000) {
      meeting.run();
      clock.pass(10_000);
      meeting.take("guest");
      meeting.take("host");
      meeting.deliver("guest");
    }
    assert.equal(meeting.host.state, "rekeying");
    meeting.run();
    assert.ok(meeting.types("host").includes("rekeyed"));
    assert.ok(meeting.types("guest").includes("rekeyed"));
    meeting.guest.conversation!.refuse(CLOSE_REASON.goodbye, clock.now);
    assert.equal(meeting.guest.state, "closing");
    meeting.run();
    assert.deepEqual([meeting.guest.state, meeting.host.state], ["closed", "closed"]);
    assert.deepEqual(meeting.types("host").slice(-1), ["closed"]);
  });

  it("counts the bytes of its frames, both ways, those of the handshake too", () => {
    const { guest, host, byInvite } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run();
    const bytes = { guest: 0, host: 0 };
    for (const side of ["guest", "host"] as const) for (const frame of meeting.sent[side]) bytes[side] += frame.length;
    assert.deepEqual([meeting.guest.bytesSent, meeting.host.bytesReceived], [bytes.guest, bytes.guest]);
    assert.deepEqual([meeting.host.bytesSent, meeting.guest.bytesReceived], [bytes.host, bytes.host]);
    assert.ok(bytes.guest > 80);
  });

  it("measures a round trip from the start", () => {
    const { guest, host, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run(3);
    meeting.take("host");
    clock.pass(40);
    meeting.run();
    assert.equal(meeting.host.conversation!.roundTripMs, 40);
  });

  it("is over after a frame that does not authenticate", () => {
    const { guest, host, clock } = pairedPeople();
    const meeting = connect(guest, host)!;
    throwsLair(() => meeting.host.receive(new Uint8Array(272), clock.now), "noise-authentication");
    assert.equal(meeting.host.state, "closed");
    assert.equal(meeting.host.isOver, true);
    assert.equal(meeting.host.conversation!.channel.state, "closed");
    assert.equal(meeting.host.nextFrame(clock.now), undefined);
    assert.equal(meeting.host.deadlineMs, Number.POSITIVE_INFINITY);
  });

  it("is over when time ends it: after 45 s of silence", () => {
    const { guest, host, clock } = pairedPeople();
    const meeting = connect(guest, host)!;
    clock.pass(44_999);
    meeting.guest.advance(clock.now);
    clock.pass(1);
    throwsLair(() => meeting.guest.advance(clock.now), "peer-silent");
    assert.equal(meeting.guest.state, "closed");
  });

  it("is over when its key has grown too old while the machine slept, whatever is tried first", () => {
    for (const attempt of ["advance", "nextFrame"] as const) {
      const { guest, host, clock } = pairedPeople();
      const meeting = connect(guest, host)!;
      meeting.guest.conversation!.correspondence!.say("too late", clock.now);
      meeting.guest.advance(clock.now);
      clock.setWall(3_600_000);
      throwsLair(() => meeting.guest[attempt](clock.now), "key-expired");
      assert.equal(meeting.guest.state, "closed");
    }
  });

  it("sends nothing of its handshake after it was destroyed", () => {
    const { guest, host, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite);
    meeting.guest.destroy();
    assert.equal(meeting.guest.nextFrame(clock.now), undefined);
    assert.equal(meeting.guest.state, "closed");
  });

  it("does its work in two crossed connections without mixing them up", () => {
    const { guest, host, clock } = pairedPeople();
    const [first, second] = [1, 2].map(() => new Meeting(guest, host, guest.credentials()[0]!));
    first!.run(1);
    second!.run(1);
    second!.run();
    first!.run();
    first!.guest.conversation!.correspondence!.say("from the later one", clock.now);
    first!.run();
    second!.run();
    assert.deepEqual(second!.types("guest"), ["opened", "closed"]);
    assert.deepEqual(first!.types("host"), ["opened", "message"]);
  });
});
