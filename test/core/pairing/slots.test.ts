// Who stays when several come (docs/PROTOCOL.md §12): as many peers as there are places, and of one peer the newest
// connection.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { throwsLair } from "../../throws-lair.ts";
import { SpyStore } from "../delivery/spy-store.ts";
import { connect, ClientPerson, Meeting, pairedPeople } from "./fixture.ts";

/** bert is connected; carl has an invite. There is a place for one, unless the test says so. */
function oneConnected(maxPeers = 1) {
  const { server, client, clock } = pairedPeople();
  server.maxPeers = maxPeers;
  server.restart();
  const first = connect(client, server)!;
  const other = new ClientPerson({ name: "carl", seed: 51, clock });
  return { server, client, clock, first, other };
}

describe("several peers at once", () => {
  it("talk each in a session of its own, and one that leaves costs the others nothing", () => {
    const { server, first, other, clock } = oneConnected(2);
    const second = connect(other, server, server.makeInvite("second"))!;
    assert.deepEqual(server.machine.active, [first.server, second.server]);
    first.client.chatSession!.chat!.say("from bert", clock.now);
    second.client.chatSession!.chat!.say("from carl", clock.now);
    for (const meeting of [first, second]) meeting.run();
    assert.deepEqual(
      [first, second].map((meeting) => meeting.types("server")),
      [
        ["opened", "message"],
        ["opened", "message"],
      ],
    );
    first.cut();
    server.machine.ended(first.server);
    assert.deepEqual(server.machine.active, [second.server]);
    second.client.chatSession!.chat!.say("still here", clock.now);
    second.run();
    assert.equal(second.types("server").at(-1), "message");
  });
});

describe("a peer for whom no place is left (busy)", () => {
  it("is told so inside the channel, and the first goes on", () => {
    const { server, first, other, clock } = oneConnected();
    const second = connect(other, server, server.makeInvite("second"))!;
    assert.deepEqual(second.events.client, [{ type: "closed", reason: CLOSE_REASON.busy }]);
    assert.deepEqual(second.events.server, [
      { type: "refused", reason: "busy", peer: server.peers.find(({ name }) => name === "carl") },
    ]);
    assert.ok(
      other.stored !== undefined && other.stored.invitePsk === undefined,
      "it is paired, and its invite has served",
    );
    assert.deepEqual(server.invites, []);
    assert.equal(second.server.state, "closed");
    assert.equal(second.client.state, "closed");
    assert.deepEqual(server.machine.active, [first.server]);
    first.client.chatSession!.chat!.say("still here", clock.now);
    first.run();
    assert.deepEqual(first.types("server"), ["opened", "message"]);
  });

  it("is told so when its message 3 and its first frame come in one piece", () => {
    const { server, other } = oneConnected();
    const second = new Meeting(other, server, other.credentials(server.makeInvite("second"))[0]!).run(2);
    assert.equal(second.underWay.client.length, 2);
    second.deliver("client");
    second.deliver("client");
    second.run();
    assert.deepEqual(second.events.client, [{ type: "closed", reason: CLOSE_REASON.busy }]);
    assert.deepEqual(second.errors, {});
  });

  it("hears nothing before it has authenticated", () => {
    const { server, other } = oneConnected();
    const invite = server.makeInvite("second");
    const second = new Meeting(other, server, other.credentials(invite)[0]!).run(2);
    assert.equal(second.sent.server.length, 1);
    assert.deepEqual(second.types("server"), []);
  });

  it("never hears that it was connected", () => {
    const { server, other } = oneConnected();
    const second = connect(other, server, server.makeInvite("second"))!;
    assert.ok(!second.types("client").includes("opened"));
    assert.equal(second.client.isAccepted, true);
  });

  it("is paired nonetheless by its invite, and gets in when the first has left", () => {
    const { server, first, other } = oneConnected();
    connect(other, server, server.makeInvite("second"))!.cut();
    assert.equal(other.stored?.invitePsk, undefined);
    assert.deepEqual(server.invites, []);
    assert.deepEqual(connect(other, server)?.types("server"), ["refused"]);
    first.cut();
    assert.deepEqual(server.machine.active, []);
    assert.deepEqual(connect(other, server)?.types("server"), ["opened"]);
  });

  it("gets in when the first line is over and nobody has said so yet", () => {
    const { server, first, other } = oneConnected();
    first.server.destroy();
    assert.deepEqual(connect(other, server, server.makeInvite("second"))?.types("server"), ["opened"]);
  });

  it("leaves the slot to the first when it has gone", () => {
    const { server, first, other } = oneConnected();
    const second = connect(other, server, server.makeInvite("second"))!;
    server.machine.ended(second.server);
    assert.deepEqual(server.machine.active, [first.server]);
  });
});

describe("a peer whose messages the server cannot store (unable)", () => {
  it("is told so, keeps what it has, and gets in when the disk is well again", () => {
    const { server, client } = pairedPeople();
    const store = new SpyStore();
    server.store = store;
    server.restart();
    store.failsLoad = true;
    const meeting = new Meeting(client, server, client.credentials()[0]!).run();
    assert.deepEqual(meeting.events.client, [{ type: "closed", reason: CLOSE_REASON.unable }]);
    const [refused] = meeting.events.server;
    assert.ok(refused?.type === "refused" && refused.reason === "unable", JSON.stringify(refused));
    assert.equal(refused.error.code, "store-unwritable");
    assert.equal(meeting.server.state, "closed");
    meeting.cut();
    store.failsLoad = false;
    assert.equal(connect(client, server)?.types("server")[0], "opened");
  });

  it("is dropped for a mistake of our own", () => {
    const { server, client } = pairedPeople();
    server.chatWith = () => {
      throw new TypeError("a mistake of ours");
    };
    server.restart();
    const meeting = new Meeting(client, server, client.credentials()[0]!).run();
    assert.ok(meeting.errors.server instanceof TypeError, "no error");
    assert.deepEqual(meeting.events.client, []);
  });
});

describe("a client whose own store fails", () => {
  it("shows no key and opens no line", () => {
    const { server, client } = pairedPeople();
    const store = new SpyStore();
    client.store = store;
    client.restart();
    store.failsLoad = true;
    const meeting = new Meeting(client, server, client.credentials()[0]!).run();
    throwsLair(() => {
      throw meeting.errors.client;
    }, "store-unwritable");
    assert.deepEqual([meeting.client.state, meeting.sent.client.length, meeting.events.server], ["closed", 1, []]);
  });
});

describe("the same peer again (replaced)", () => {
  it("takes over what was said, once, and the older connection is told", () => {
    const { server, client, clock, first } = oneConnected();
    first.server.chatSession!.chat!.say("under way", clock.now);
    first.take("server");
    first.server.chatSession!.chat!.say("not stored yet", clock.now);
    const second = connect(client, server)!;
    assert.deepEqual(
      second.events.client.flatMap((event) => (event.type === "message" ? [event.text] : [])),
      ["under way", "not stored yet"],
    );
    assert.deepEqual(server.machine.active, [second.server]);
    assert.equal(first.server.state, "closing");
    first.run();
    assert.deepEqual(first.events.client.slice(1), [{ type: "closed", reason: CLOSE_REASON.replaced }]);
    assert.equal(first.server.state, "closed");
    assert.equal(second.client.state, "open");
  });

  it("takes over only once it has authenticated", () => {
    const { server, client, first } = oneConnected();
    new Meeting(client, server, client.credentials()[0]!).run(2).cut();
    assert.deepEqual(server.machine.active, [first.server]);
    assert.equal(first.server.state, "open");
  });

  it("takes the slot from an older connection that ends later", () => {
    const { server, client, first } = oneConnected();
    const second = connect(client, server)!;
    server.machine.ended(first.server);
    assert.deepEqual(server.machine.active, [second.server]);
  });
});
