// A line: its states, what it counts, and that whatever throws ends it (docs/PROTOCOL.md §6).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { throwsLair } from "../../throws-lair.ts";
import { connect, Meeting, pairedPeople, strangers } from "../pairing/fixture.ts";

describe("a line", () => {
  it("handshakes, is open, rekeys, closes and is closed", () => {
    const { client, server, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite);
    assert.deepEqual([meeting.client.state, meeting.server.state], ["handshaking", "handshaking"]);
    assert.equal(meeting.server.chatSession, undefined);
    meeting.run();
    assert.deepEqual([meeting.client.state, meeting.server.state], ["open", "open"]);
    for (let waitedMs = 0; waitedMs <= 120_000 && meeting.server.state === "open"; waitedMs += 10_000) {
      meeting.run();
      clock.pass(10_000);
      meeting.take("client");
      meeting.take("server");
      meeting.deliver("client");
    }
    assert.equal(meeting.server.state, "rekeying");
    meeting.run();
    assert.ok(meeting.types("server").includes("rekeyed"));
    assert.ok(meeting.types("client").includes("rekeyed"));
    meeting.client.chatSession!.refuse(CLOSE_REASON.goodbye, clock.now);
    assert.equal(meeting.client.state, "closing");
    meeting.run();
    assert.deepEqual([meeting.client.state, meeting.server.state], ["closed", "closed"]);
    assert.deepEqual(meeting.types("server").slice(-1), ["closed"]);
  });

  it("counts the bytes of its frames, both ways, those of the handshake too", () => {
    const { client, server, byInvite } = strangers();
    const meeting = new Meeting(client, server, byInvite).run();
    const bytes = { client: 0, server: 0 };
    for (const side of ["client", "server"] as const)
      for (const frame of meeting.sent[side]) bytes[side] += frame.length;
    assert.deepEqual([meeting.client.bytesSent, meeting.server.bytesReceived], [bytes.client, bytes.client]);
    assert.deepEqual([meeting.server.bytesSent, meeting.client.bytesReceived], [bytes.server, bytes.server]);
    assert.ok(bytes.client > 80);
  });

  it("measures a round trip from the start", () => {
    const { client, server, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite).run(3);
    meeting.take("server");
    clock.pass(40);
    meeting.run();
    assert.equal(meeting.server.chatSession!.roundTripMs, 40);
  });

  it("is over after a frame that does not authenticate", () => {
    const { client, server, clock } = pairedPeople();
    const meeting = connect(client, server)!;
    throwsLair(() => meeting.server.receive(new Uint8Array(272), clock.now), "noise-authentication");
    assert.equal(meeting.server.state, "closed");
    assert.equal(meeting.server.isOver, true);
    assert.equal(meeting.server.chatSession!.channel.state, "closed");
    assert.equal(meeting.server.nextFrame(clock.now), undefined);
    assert.equal(meeting.server.deadlineMs, Number.POSITIVE_INFINITY);
  });

  it("is over when time ends it: after 45 s of silence", () => {
    const { client, server, clock } = pairedPeople();
    const meeting = connect(client, server)!;
    clock.pass(44_999);
    meeting.client.advance(clock.now);
    clock.pass(1);
    throwsLair(() => meeting.client.advance(clock.now), "peer-silent");
    assert.equal(meeting.client.state, "closed");
  });

  it("is over when its key has grown too old while the machine slept, whatever is tried first", () => {
    for (const attempt of ["advance", "nextFrame"] as const) {
      const { client, server, clock } = pairedPeople();
      const meeting = connect(client, server)!;
      meeting.client.chatSession!.chat!.say("too late", clock.now);
      meeting.client.advance(clock.now);
      clock.setWall(3_600_000);
      throwsLair(() => meeting.client[attempt](clock.now), "key-expired");
      assert.equal(meeting.client.state, "closed");
    }
  });

  it("sends nothing of its handshake after it was destroyed", () => {
    const { client, server, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite);
    meeting.client.destroy();
    assert.equal(meeting.client.nextFrame(clock.now), undefined);
    assert.equal(meeting.client.state, "closed");
  });

  it("does its work in two crossed connections without mixing them up", () => {
    const { client, server, clock } = pairedPeople();
    const [first, second] = [1, 2].map(() => new Meeting(client, server, client.credentials()[0]!));
    first!.run(1);
    second!.run(1);
    second!.run();
    first!.run();
    first!.client.chatSession!.chat!.say("from the later one", clock.now);
    first!.run();
    second!.run();
    assert.deepEqual(second!.types("client"), ["opened", "closed"]);
    assert.deepEqual(first!.types("server"), ["opened", "message"]);
  });
});
