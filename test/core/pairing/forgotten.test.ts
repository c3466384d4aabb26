// A peer that the server has forgotten: a stranger from then on, whatever it still has of the pairing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { LairError } from "../../../src/core/errors.ts";
import { throwsLair } from "../../throws-lair.ts";
import { connect, Meeting, pairedPeople, strangers, type ServerPerson } from "./fixture.ts";

const isUnanswered = (meeting: Meeting): void => {
  assert.equal(meeting.sent.server.length, 0);
  assert.ok(meeting.errors.server instanceof LairError);
  assert.equal(meeting.errors.server.code, "proof-unknown");
};

const forget = (server: ServerPerson, client: { readonly identity: { readonly publicKey: Uint8Array } }): void =>
  server.machine.forgetPeer(client.identity.publicKey, server.clock.now);

describe("a peer that was forgotten", () => {
  for (const isRestarted of [false, true]) {
    it(`gets no answer to anything that it has kept${isRestarted ? ", nor after a restart" : ""}`, () => {
      const { client, server, invite } = pairedPeople();
      forget(server, client);
      if (isRestarted) server.restart();
      assert.deepEqual([server.machine.peers, server.peers, server.invites], [[], [], []]);
      const credentials = client.credentials(invite);
      assert.equal(credentials.length, 2, "the pair's psk and the invite's");
      for (const credential of credentials) isUnanswered(new Meeting(client, server, credential).run());
    });
  }

  it("is told goodbye where a session is open, and nothing afterwards", () => {
    const { client, server } = pairedPeople();
    const meeting = connect(client, server)!;
    forget(server, client);
    meeting.run();
    assert.deepEqual(meeting.events.client.at(-1), { type: "closed", reason: CLOSE_REASON.goodbye });
    assert.deepEqual([meeting.server.state, meeting.client.state], ["closed", "closed"]);
    meeting.cut();
    assert.equal(connect(client, server), undefined);
  });

  it("does not come in by a handshake that is under way, whether by the pair's psk or by the invite", () => {
    const { client, server, byInvite } = strangers();
    const underWay = new Meeting(client, server, byInvite).run(2);
    new Meeting(client, server, byInvite).run().cut();
    const again = new Meeting(client, server, client.credentials()[0]!).run(2);
    forget(server, client);
    for (const meeting of [underWay, again]) {
      meeting.run();
      throwsLair(() => {
        throw meeting.errors.server;
      }, "proof-unknown");
      assert.deepEqual(meeting.types("server"), []);
    }
    assert.deepEqual([server.machine.peers, server.peers], [[], []]);
    assert.deepEqual(server.machine.active, []);
  });

  it("by another program is a stranger too, from its next connection on, and can be paired anew", () => {
    const { client, server, invite } = pairedPeople();
    server.peers = [];
    for (const credential of client.credentials(invite)) {
      const meeting = new Meeting(client, server, credential).run();
      assert.ok(meeting.errors.server instanceof LairError);
      assert.equal(meeting.errors.server.code, "proof-unknown");
      assert.deepEqual(meeting.types("server"), []);
      meeting.cut();
      assert.deepEqual([server.machine.peers, server.peers], [[], []]);
    }
    // From the second on it is not even answered.
    isUnanswered(new Meeting(client, server, client.credentials()[0]!).run());
    const again = new Meeting(client, server, {
      type: "invite",
      psk: server.makeInvite("again").psk,
      serverKey: server.identity.publicKey,
      peer: client.stored,
    }).run();
    assert.deepEqual(again.types("server"), ["opened"]);
  });

  it("is known as before when that cannot be stored", () => {
    const { client, server } = pairedPeople();
    server.failures = 1;
    assert.throws(() => forget(server, client), /no space left/);
    const meeting = connect(client, server)!;
    assert.deepEqual(meeting.types("server"), ["opened"]);
  });

  it("changes nothing for others, and nothing is done for a key that nobody knows", () => {
    const { client, server } = pairedPeople();
    const other = strangers().client;
    server.failures = 1;
    forget(server, { identity: { publicKey: other.random.bytes(32) } });
    assert.equal(server.failures, 1, "nothing was written");
    server.failures = 0;
    assert.deepEqual(connect(client, server)?.types("server"), ["opened"]);
  });

  it("is not the first again under a psk file", () => {
    const { client, server } = strangers();
    const psk = server.random.bytes(32);
    server.psk = psk;
    server.trustFirst = true;
    server.restart();
    client.trustFirst = true;
    const meet = (): Meeting => new Meeting(client, server, { type: "psk-file", psk, peer: client.stored }).run();
    assert.deepEqual(meet().types("server"), ["opened"]);
    server.restart();
    forget(server, client);
    const meeting = meet();
    assert.deepEqual(meeting.types("server"), ["refused"]);
    assert.deepEqual(meeting.events.client, [{ type: "closed", reason: CLOSE_REASON.notTrusted }]);
    assert.deepEqual(server.peers, []);
  });

  it("has no psk in memory any more", () => {
    const { client, server } = pairedPeople();
    const { psk } = server.machine.peers[0]!;
    forget(server, client);
    assert.deepEqual(psk, new Uint8Array(32));
  });

  for (const isForgotten of ["the pairing", "the pairing and all that was said"]) {
    it(`can be paired anew, and both hear each other: ${isForgotten} was forgotten`, () => {
      const { client, server, clock } = pairedPeople();
      const first = connect(client, server)!;
      const ofClient = first.client.chatSession!.chat!;
      const ofServer = first.server.chatSession!.chat!;
      for (const chat of [ofClient, ofServer]) chat.say("before", clock.now);
      first.run();
      forget(server, client);
      if (isForgotten !== "the pairing") ofServer.forget();
      first.run().cut();
      for (const chat of [ofClient, ofServer]) chat.say("between", clock.now);
      for (const chat of [ofClient, ofServer]) chat.commit();
      const second = connect(client, server, server.makeInvite("second"))!;
      for (const chat of [ofClient, ofServer]) chat.say("after", clock.now);
      second.run();
      const heard = (party: "client" | "server"): string[] =>
        second.events[party].flatMap((event) => (event.type === "message" ? [event.text] : []));
      assert.deepEqual(
        [heard("client"), heard("server")],
        [
          ["between", "after"],
          ["between", "after"],
        ],
      );
      assert.deepEqual([ofClient.undelivered, ofServer.undelivered], [0, 0]);
    });
  }
});
