// A peer that the server has forgotten: a stranger from then on, whatever it still has of the pairing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { LairError } from "../../../src/core/errors.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { connect, Meeting, pairedPeople, strangers, type HostPerson } from "./fixture.ts";

const isUnanswered = (meeting: Meeting): void => {
  assert.equal(meeting.sent.host.length, 0);
  assert.ok(meeting.errors.host instanceof LairError);
  assert.equal(meeting.errors.host.code, "proof-unknown");
};

const forget = (host: HostPerson, guest: { readonly identity: { readonly publicKey: Uint8Array } }): void =>
  host.server.forgetPeer(guest.identity.publicKey, host.clock.now);

describe("a peer that was forgotten", () => {
  for (const isRestarted of [false, true]) {
    it(`gets no answer to anything that it has kept${isRestarted ? ", nor after a restart" : ""}`, () => {
      const { guest, host, invite } = pairedPeople();
      forget(host, guest);
      if (isRestarted) host.restart();
      assert.deepEqual([host.server.peers, host.peers, host.invites], [[], [], []]);
      const credentials = guest.credentials(invite);
      assert.equal(credentials.length, 2, "the pair's psk and the invite's");
      for (const credential of credentials) isUnanswered(new Meeting(guest, host, credential).run());
    });
  }

  it("is told goodbye where a session is open, and nothing afterwards", () => {
    const { guest, host } = pairedPeople();
    const meeting = connect(guest, host)!;
    forget(host, guest);
    meeting.run();
    assert.deepEqual(meeting.events.guest.at(-1), { type: "closed", reason: CLOSE_REASON.goodbye });
    assert.deepEqual([meeting.server.state, meeting.client.state], ["closed", "closed"]);
    meeting.cut();
    assert.equal(connect(guest, host), undefined);
  });

  it("does not come in by a handshake that is under way, whether by the pair's psk or by the invite", () => {
    const { guest, host, byInvite } = strangers();
    const underWay = new Meeting(guest, host, byInvite).run(2);
    new Meeting(guest, host, byInvite).run().cut();
    const again = new Meeting(guest, host, guest.credentials()[0]!).run(2);
    forget(host, guest);
    for (const meeting of [underWay, again]) {
      meeting.run();
      throwsLair(() => {
        throw meeting.errors.host;
      }, "proof-unknown");
      assert.deepEqual(meeting.types("host"), []);
    }
    assert.deepEqual([host.server.peers, host.peers], [[], []]);
    assert.equal(host.server.active, undefined);
  });

  it("is known as before when that cannot be stored", () => {
    const { guest, host } = pairedPeople();
    host.failures = 1;
    assert.throws(() => forget(host, guest), /no space left/);
    const meeting = connect(guest, host)!;
    assert.deepEqual(meeting.types("host"), ["opened"]);
  });

  it("changes nothing for others, and nothing is done for a key that nobody knows", () => {
    const { guest, host } = pairedPeople();
    const other = strangers().guest;
    host.failures = 1;
    forget(host, { identity: { publicKey: other.random.bytes(32) } });
    assert.equal(host.failures, 1, "nothing was written");
    host.failures = 0;
    assert.deepEqual(connect(guest, host)?.types("host"), ["opened"]);
  });

  it("is not the first again under a psk file", () => {
    const { guest, host } = strangers();
    const psk = host.random.bytes(32);
    host.psk = psk;
    host.trustFirst = true;
    host.restart();
    guest.trustFirst = true;
    const meet = (): Meeting => new Meeting(guest, host, { type: "psk-file", psk, peer: guest.stored }).run();
    assert.deepEqual(meet().types("host"), ["opened"]);
    host.restart();
    forget(host, guest);
    const meeting = meet();
    assert.deepEqual(meeting.types("host"), ["refused"]);
    assert.deepEqual(meeting.events.guest, [{ type: "closed", reason: CLOSE_REASON.notTrusted }]);
    assert.deepEqual(host.peers, []);
  });

  it("has no psk in memory any more", () => {
    const { guest, host } = pairedPeople();
    const { psk } = host.server.peers[0]!;
    forget(host, guest);
    assert.deepEqual(psk, new Uint8Array(32));
  });

  for (const isForgotten of ["the pairing", "the pairing and all that was said"]) {
    it(`can be paired anew, and both hear each other: ${isForgotten} was forgotten`, () => {
      const { guest, host, clock } = pairedPeople();
      const first = connect(guest, host)!;
      const ofGuest = first.client.chatSession!.chat!;
      const ofHost = first.server.chatSession!.chat!;
      for (const chat of [ofGuest, ofHost]) chat.say("before", clock.now);
      first.run();
      forget(host, guest);
      if (isForgotten !== "the pairing") ofHost.forget();
      first.run().cut();
      for (const chat of [ofGuest, ofHost]) chat.say("between", clock.now);
      for (const chat of [ofGuest, ofHost]) chat.commit();
      const second = connect(guest, host, host.makeInvite("second"))!;
      for (const chat of [ofGuest, ofHost]) chat.say("after", clock.now);
      second.run();
      const heard = (party: "guest" | "host"): string[] =>
        second.events[party].flatMap((event) => (event.type === "message" ? [event.text] : []));
      assert.deepEqual(
        [heard("guest"), heard("host")],
        [
          ["between", "after"],
          ["between", "after"],
        ],
      );
      assert.deepEqual([ofGuest.undelivered, ofHost.undelivered], [0, 0]);
    });
  }
});
