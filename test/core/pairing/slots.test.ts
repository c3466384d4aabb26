// Who stays when several come (docs/PROTOCOL.md §12): one peer at a time, and of one peer the newest connection.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { SpyStore } from "../delivery/spy-store.ts";
import { connect, GuestPerson, Meeting, pairedPeople } from "./fixture.ts";

/** bert is connected; carl has an invite. */
function oneConnected() {
  const { host, guest, clock } = pairedPeople();
  const first = connect(guest, host)!;
  const other = new GuestPerson({ name: "carl", seed: 51, clock });
  return { host, guest, clock, first, other };
}

describe("a second peer while one is connected (busy)", () => {
  it("is told so inside the channel, and the first goes on", () => {
    const { host, first, other, clock } = oneConnected();
    const second = connect(other, host, host.makeInvite("second"))!;
    assert.deepEqual(second.events.guest, [{ type: "closed", reason: CLOSE_REASON.busy }]);
    assert.deepEqual(second.events.host, [
      { type: "refused", reason: "busy", peer: host.peers.find(({ name }) => name === "carl") },
    ]);
    assert.ok(
      other.stored !== undefined && other.stored.invitePsk === undefined,
      "it is paired, and its invite has served",
    );
    assert.deepEqual(host.invites, []);
    assert.equal(second.server.state, "closed");
    assert.equal(second.client.state, "closed");
    assert.equal(host.server.active, first.server);
    first.client.chatSession!.chat!.say("still here", clock.now);
    first.run();
    assert.deepEqual(first.types("host"), ["opened", "message"]);
  });

  it("is told so when its message 3 and its first frame come in one piece", () => {
    const { host, other } = oneConnected();
    const second = new Meeting(other, host, other.credentials(host.makeInvite("second"))[0]!).run(2);
    assert.equal(second.underWay.guest.length, 2);
    second.deliver("guest");
    second.deliver("guest");
    second.run();
    assert.deepEqual(second.events.guest, [{ type: "closed", reason: CLOSE_REASON.busy }]);
    assert.deepEqual(second.errors, {});
  });

  it("hears nothing before it has authenticated", () => {
    const { host, other } = oneConnected();
    const invite = host.makeInvite("second");
    const second = new Meeting(other, host, other.credentials(invite)[0]!).run(2);
    assert.equal(second.sent.host.length, 1);
    assert.deepEqual(second.types("host"), []);
  });

  it("never hears that it was connected", () => {
    const { host, other } = oneConnected();
    const second = connect(other, host, host.makeInvite("second"))!;
    assert.ok(!second.types("guest").includes("opened"));
    assert.equal(second.client.isAccepted, true);
  });

  it("is paired nonetheless by its invite, and gets in when the first has left", () => {
    const { host, first, other } = oneConnected();
    connect(other, host, host.makeInvite("second"))!.cut();
    assert.equal(other.stored?.invitePsk, undefined);
    assert.deepEqual(host.invites, []);
    assert.deepEqual(connect(other, host)?.types("host"), ["refused"]);
    first.cut();
    assert.equal(host.server.active, undefined);
    assert.deepEqual(connect(other, host)?.types("host"), ["opened"]);
  });

  it("gets in when the first line is over and nobody has said so yet", () => {
    const { host, first, other } = oneConnected();
    first.server.destroy();
    assert.deepEqual(connect(other, host, host.makeInvite("second"))?.types("host"), ["opened"]);
  });

  it("leaves the slot to the first when it has gone", () => {
    const { host, first, other } = oneConnected();
    const second = connect(other, host, host.makeInvite("second"))!;
    host.server.ended(second.server);
    assert.equal(host.server.active, first.server);
  });
});

describe("a peer whose messages the host cannot store (unable)", () => {
  it("is told so, keeps what it has, and gets in when the disk is well again", () => {
    const { host, guest } = pairedPeople();
    const store = new SpyStore();
    host.store = store;
    host.restart();
    store.failsLoad = true;
    const meeting = new Meeting(guest, host, guest.credentials()[0]!).run();
    assert.deepEqual(meeting.events.guest, [{ type: "closed", reason: CLOSE_REASON.unable }]);
    const [refused] = meeting.events.host;
    assert.ok(refused?.type === "refused" && refused.reason === "unable", JSON.stringify(refused));
    assert.equal(refused.error.code, "store-unwritable");
    assert.equal(meeting.server.state, "closed");
    meeting.cut();
    store.failsLoad = false;
    assert.equal(connect(guest, host)?.types("host")[0], "opened");
  });

  it("is dropped for a mistake of our own", () => {
    const { host, guest } = pairedPeople();
    host.chatWith = () => {
      throw new TypeError("a mistake of ours");
    };
    host.restart();
    const meeting = new Meeting(guest, host, guest.credentials()[0]!).run();
    assert.ok(meeting.errors.host instanceof TypeError, "no error");
    assert.deepEqual(meeting.events.guest, []);
  });
});

describe("a guest whose own store fails", () => {
  it("shows no key and opens no line", () => {
    const { host, guest } = pairedPeople();
    const store = new SpyStore();
    guest.store = store;
    guest.restart();
    store.failsLoad = true;
    const meeting = new Meeting(guest, host, guest.credentials()[0]!).run();
    throwsLair(() => {
      throw meeting.errors.guest;
    }, "store-unwritable");
    assert.deepEqual([meeting.client.state, meeting.sent.guest.length, meeting.events.host], ["closed", 1, []]);
  });
});

describe("the same peer again (replaced)", () => {
  it("takes over what was said, once, and the older connection is told", () => {
    const { host, guest, clock, first } = oneConnected();
    first.server.chatSession!.chat!.say("under way", clock.now);
    first.take("host");
    first.server.chatSession!.chat!.say("not stored yet", clock.now);
    const second = connect(guest, host)!;
    assert.deepEqual(
      second.events.guest.flatMap((event) => (event.type === "message" ? [event.text] : [])),
      ["under way", "not stored yet"],
    );
    assert.equal(host.server.active, second.server);
    assert.equal(first.server.state, "closing");
    first.run();
    assert.deepEqual(first.events.guest.slice(1), [{ type: "closed", reason: CLOSE_REASON.replaced }]);
    assert.equal(first.server.state, "closed");
    assert.equal(second.client.state, "open");
  });

  it("takes over only once it has authenticated", () => {
    const { host, guest, first } = oneConnected();
    new Meeting(guest, host, guest.credentials()[0]!).run(2).cut();
    assert.equal(host.server.active, first.server);
    assert.equal(first.server.state, "open");
  });

  it("takes the slot from an older connection that ends later", () => {
    const { host, guest, first } = oneConnected();
    const second = connect(guest, host)!;
    host.server.ended(first.server);
    assert.equal(host.server.active, second.server);
  });
});
