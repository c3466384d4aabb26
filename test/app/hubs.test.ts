// Hubs among the peers of a program: their sessions belong to the engine of the rooms, which is loaded for the first of them,
// and nothing is said to them. The engine is a double.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Rooms } from "../../src/app/rooms/rooms.ts";
import { LairError } from "../../src/core/errors.ts";
import { BAD_NUMBER, FakeHub, hubWorld, Member, memberOfHub, news } from "./hub-in-memory.ts";

/** An engine that is there when the test says so. */
function laterEngine() {
  let loading: { readonly begin: () => void; readonly fail: (error: unknown) => void } | undefined;
  const load = (make: () => Rooms): Promise<Rooms> =>
    new Promise((resolve, reject) => {
      loading = { begin: () => resolve(make()), fail: reject };
    });
  return { load, begin: () => loading?.begin(), fail: (error: unknown) => loading?.fail(error) };
}

describe("a program without a hub", () => {
  it("loads no engine, refuses commands about rooms, and says how to join", async () => {
    const { network, random, pass } = hubWorld();
    const member = new Member(network, random);
    member.room({ type: "rooms" });
    await pass(500);
    assert.deepEqual(member.engines, []);
    const [error] = member.all("error");
    assert.equal(error?.code, "hub-away");
    assert.match(error?.hint ?? "", /join/);
    member.command({ type: "quit" });
    await pass(500);
    await member.messenger.close();
    assert.deepEqual([member.code, member.engines], [0, []]);
  });

  it("refuses what is no link", async () => {
    const { network, random } = hubWorld();
    const member = new Member(network, random);
    member.join("lair://hub.example:8080/#AAAA");
    assert.match(member.errors.join(), /^\[invite-malformed\]/);
  });
});

describe("a hub", () => {
  it("is joined by its invite: it is stored as a hub, and its session is the engine's", async () => {
    const { member, hub, pass } = await memberOfHub();
    assert.deepEqual(member.hubs, ["hub"]);
    const [connected] = member.all("connected");
    assert.deepEqual([connected?.peer.name, connected?.peer.isHub, connected?.pairedNow], ["hub", true, true]);
    assert.deepEqual(member.rooms.told, ["recall hub", "opened hub"]);
    member.rooms.send!({ kind: "call", number: 7, bytes: Uint8Array.of(1, 2) });
    hub.send(news(1));
    await pass(500);
    assert.deepEqual(hub.transfers, [{ kind: "call", number: 7, bytes: Uint8Array.of(1, 2) }]);
    assert.deepEqual(member.rooms.told.slice(2), ["receive 1"]);
  });

  it("that goes and comes back ends one session of the engine and begins another", async () => {
    const { member, hub, pass } = await memberOfHub();
    const { send } = member.rooms;
    hub.shut();
    await pass(1_000);
    // Nobody carries it, and it does not matter.
    send!({ kind: "call", number: 1, bytes: Uint8Array.of(1) });
    hub.open();
    await pass(60_000);
    assert.deepEqual(member.rooms.told, ["recall hub", "opened hub", "ended hub", "opened hub"]);
    assert.deepEqual(hub.transfers, []);
    assert.equal(member.all("disconnected")[0]?.peer?.isHub, true);
  });

  it("that suspends its member is told of once and tried until the operator lifts it, without a restart", async () => {
    const { member, hub, pass } = await memberOfHub();
    hub.send(news(1));
    await pass(500);
    hub.keepOut();
    await pass(600_000);
    assert.ok(hub.tries > 10, "it is tried");
    assert.ok(member.rooms.told.filter((one) => one === "opened hub").length > 10, "and opens each time");
    assert.deepEqual(member.errors, ["[not-trusted] The hub hub does not let you in any more."]);
    assert.deepEqual(
      [member.all("connected"), member.all("disconnected")].map(({ length }) => length),
      [1, 1],
    );
    assert.deepEqual(member.all("reconnecting"), []);
    hub.isKeepingOut = false;
    await pass(60_000);
    hub.send(news(2));
    await pass(500);
    assert.equal(member.rooms.told.at(-1), "receive 2");
    assert.equal(member.all("connected").length, 2);
    // And once more, from the start.
    hub.keepOut();
    await pass(60_000);
    assert.deepEqual(
      [member.errors, member.all("disconnected")].map(({ length }) => length),
      [2, 2],
    );
    assert.equal(member.code, undefined);
  });

  it("is known at the next start, which loads the engine", async () => {
    const { member, network, random, pass } = await memberOfHub();
    const next = new Member(network, random, { after: member });
    await pass(1_000);
    assert.deepEqual(next.rooms.told, ["recall hub", "opened hub"]);
  });

  it("is not asked twice: its invite again says so, and another one of a stranger is another hub", async () => {
    const { member, hub, network, random, pass } = await memberOfHub();
    member.join(hub.invite());
    const other = new FakeHub("other", network, random);
    const third = new FakeHub("third", network, random);
    // Both are being met at the same time.
    for (const one of [other, third]) member.join(one.invite());
    await pass(1_000);
    assert.match(member.all("notice")[0]?.text ?? "", /already a member/);
    assert.deepEqual(member.hubs.toSorted(), ["hub", "other", "third"]);
    assert.deepEqual(member.rooms.told.slice(2), ["opened other", "opened third"]);
  });

  it("whose news cannot be read loses its session, and the person is told", async () => {
    const { member, hub, pass } = await memberOfHub();
    hub.send(news(BAD_NUMBER));
    await pass(500);
    const [error] = member.all("error");
    assert.deepEqual([error?.code, error?.peer?.name], ["call-malformed", "hub"]);
    assert.equal(member.all("disconnected")[0]?.reason, "protocol");
    assert.equal(member.rooms.told.at(-1), "ended hub");
  });

  it("that does not act as one any more is told of, and left", async () => {
    const { member, network, random, pass } = await memberOfHub();
    const person = new FakeHub("person", network, random, []);
    member.join(person.invite());
    await pass(1_000);
    member.pairings.savePeer({ ...member.peer("person")!, isHub: true });
    member.pairings.forgetPeer(member.peer("hub")!.publicKey);
    const last = new Member(network, random, { after: member });
    await pass(1_000);
    assert.match(last.errors[0] ?? "", /^\[hub-away\] person was a hub/);
    assert.deepEqual(last.rooms.told, ["recall person"]);
  });
});

describe("a hub is no person", () => {
  it("gets nothing that is said, and is not chosen", async () => {
    const { member, pass } = await memberOfHub();
    member.command({ type: "say", text: "hello" });
    member.command({ type: "say", text: "hello", to: "hub" });
    member.command({ type: "say-all", text: "hello", confirmed: true });
    member.command({ type: "select", who: "hub" });
    member.command({ type: "introduce", who: ["hub", "hub"] });
    member.command({ type: "timer", seconds: 5, to: "hub" });
    member.command({ type: "renumber", to: "hub" });
    member.command({ type: "history", count: 5, to: "hub" });
    await pass(500);
    const codes = member.all("error").map(({ code }) => code);
    const refused = ["usage", "usage", "usage", "usage", "usage"];
    assert.deepEqual(codes, ["ambiguous-recipient", "usage", "not-connected", ...refused]);
    assert.deepEqual([member.all("queued"), member.all("sent"), member.all("selected")], [[], [], []]);
    assert.ok(member.all("people").every(({ peers }) => peers.length === 0));
    const { hubs = [] } = member.all("people").at(-1)!;
    assert.deepEqual(
      hubs.map(({ name }) => name),
      ["hub"],
    );
  });

  it("what was said before it was known refuses it, as nobody was meant", async () => {
    const { network, random, hub, pass } = hubWorld();
    const member = new Member(network, random);
    member.join(hub.invite());
    member.command({ type: "say", text: "hello" });
    await pass(1_000);
    assert.match(member.errors.join(), /^\[ambiguous-recipient\]/);
    member.command({ type: "end" });
    await pass(1_000);
    assert.equal(member.code, 1);
  });

  it("is shown as a hub, and can be renamed, muted and asked for", async () => {
    const { member, hub, pass } = await memberOfHub();
    member.command({ type: "peers" });
    member.command({ type: "who" });
    member.command({ type: "status" });
    member.command({ type: "rename", name: "the hub", to: "hub" });
    const [peers, who, status] = [member.all("peers")[0], member.all("who")[0], member.all("status")[0]];
    assert.deepEqual(
      peers?.peers.map(({ isHub }) => isHub),
      [true],
    );
    assert.deepEqual(
      who?.conversations.map(({ peer, state }) => [peer.isHub, state]),
      [[true, "connected"]],
    );
    assert.deepEqual([status?.status.peer?.name, status?.status.state, status?.status.url], ["hub", "open", hub.url]);
    member.command({ type: "mute", who: "the hub", isMuted: true });
    await pass(1_000);
    assert.equal(member.all("disconnected")[0]?.reason, "muted");
    member.join(hub.link());
    assert.match(member.errors.join(), /is muted/);
    member.command({ type: "mute", who: "the hub", isMuted: false });
    await pass(60_000);
    assert.deepEqual(member.rooms.told, ["recall hub", "opened hub", "ended the hub", "opened the hub"]);
  });

  it("shows nothing that it says in the chat", async () => {
    const { member, hub, pass } = await memberOfHub();
    hub.say("I am your friend.");
    await pass(1_000);
    assert.deepEqual(member.all("message"), []);
    const chat = member.messenger.chatWith(member.peer("hub")!);
    assert.deepEqual([chat.received, chat.takeUnseen()], [1, []]);
  });

  it("does not stand between a person and the lines for that person", async () => {
    const { member, network, random, pass } = await memberOfHub();
    const bob = new FakeHub("bob", network, random, []);
    member.join(bob.invite());
    await pass(1_000);
    member.command({ type: "say", text: "hello" });
    await pass(500);
    assert.deepEqual(
      member.all("sent").map(({ peer }) => peer.name),
      ["bob"],
    );
  });
});

describe("forgetting a hub", () => {
  for (const history of [false, true]) {
    it(`ends its session and tells the engine${history ? ", with the history" : ""}`, async () => {
      const { member, hub, pass } = await memberOfHub();
      member.command({ type: "forget-peer", who: "hub", history, confirmed: true });
      hub.send(news(1));
      await pass(1_000);
      const forgotten = `forgotten hub${history ? " with history" : ""}`;
      assert.deepEqual(member.rooms.told, ["recall hub", "opened hub", "ended hub", forgotten]);
      assert.deepEqual(member.hubs, []);
      member.room({ type: "rooms" });
      assert.match(member.errors.join(), /^\[hub-away\]/);
      // And it can be joined again.
      member.join(hub.invite());
      await pass(1_000);
      assert.deepEqual([member.hubs, member.rooms.told.at(-1)], [["hub"], "opened hub"]);
    });
  }
});

describe("while the engine is being loaded", () => {
  it("a hub that is forgotten is known to it, so that its rooms go", async () => {
    const { member, network, random, pass } = await memberOfHub();
    const { load, begin } = laterEngine();
    const next = new Member(network, random, { after: member, load });
    await pass(1_000);
    next.command({ type: "forget-peer", who: "hub", history: true, confirmed: true });
    await pass(500);
    begin();
    await pass(500);
    assert.deepEqual(next.rooms.told, ["recall hub", "ended hub", "forgotten hub with history"]);
  });

  it("what comes and what is commanded waits, in order", async () => {
    const { load, begin } = laterEngine();
    const { member, hub, pass } = await memberOfHub({ load });
    hub.send(news(1));
    await pass(500);
    member.room({ type: "rooms" });
    member.room({ type: "say", room: "#ops", text: "hello" });
    await pass(500);
    assert.deepEqual(member.engines, []);
    begin();
    await pass(500);
    const [recalled, opened, ...rest] = member.rooms.told;
    assert.deepEqual([recalled, opened], ["recall hub", "opened hub"]);
    assert.deepEqual(rest.toSorted(), ["receive 1", "rooms", "say"]);
    assert.ok(rest.indexOf("rooms") < rest.indexOf("say"));
  });

  it("a hub that has gone is not told of, and one that sends nonsense loses its session", async () => {
    for (const isGone of [true, false]) {
      const { load, begin } = laterEngine();
      const { member, hub, pass } = await memberOfHub({ load });
      if (isGone) hub.shut();
      await pass(500);
      begin();
      await pass(500);
      if (isGone) assert.deepEqual(member.rooms.told, ["recall hub", "ended hub"]);
      else {
        hub.send(news(BAD_NUMBER));
        await pass(500);
        assert.match(member.errors.join(), /^\[call-malformed\]/);
      }
    }
  });

  it("a program that leaves stores what was said, and then closes", async () => {
    const { load, begin } = laterEngine();
    const { member, pass } = await memberOfHub({ load });
    member.room({ type: "say", room: "#ops", text: "hello" });
    member.command({ type: "quit" });
    await pass(10_000);
    assert.equal(member.code, 1);
    assert.match(member.errors.join(), /1 message was not delivered yet/);
    const closed = member.messenger.close();
    begin();
    await closed;
    assert.deepEqual(member.rooms.told.slice(-3), ["say", "ended hub", "closed"]);
  });

  it("and it cannot be: that is told, its commands are refused, and people are talked with", async () => {
    const { load, fail } = laterEngine();
    const { member, network, random, pass } = await memberOfHub({ load });
    fail(new LairError("store-unwritable", "The disk is full."));
    await pass(1_000);
    member.room({ type: "rooms" });
    assert.deepEqual(
      member.all("error").map(({ code }) => code),
      ["store-unwritable", "store-unwritable"],
    );
    assert.equal(member.all("disconnected")[0]?.reason, "left");
    const bob = new FakeHub("bob", network, random, []);
    member.join(bob.invite());
    await pass(1_000);
    assert.equal(member.all("connected").at(-1)?.peer.name, "bob");
    member.command({ type: "quit" });
    await pass(5_000);
    await member.messenger.close();
    assert.equal(member.code, 0);
  });
});

describe("a link to a room", () => {
  it("pairs with an unknown hub, and is used once its session is open", async () => {
    const { network, random, hub, pass } = hubWorld();
    const member = new Member(network, random);
    const link = hub.link();
    member.join(`Come in: ${link}`);
    await pass(1_000);
    assert.deepEqual(member.rooms.told, ["recall hub", "opened hub", "join-link"]);
    assert.deepEqual(member.rooms.commands, [{ type: "join-link", link }]);
    assert.equal(member.isPairedWith(hub), true);
  });

  it("goes to a known hub as it is, at once or when it is there", async () => {
    const { member, hub, pass } = await memberOfHub();
    const before = member.peer("hub")!.pairedAtMs;
    member.join(hub.link());
    assert.deepEqual(member.rooms.told, ["recall hub", "opened hub", "join-link"]);
    hub.shut();
    await pass(1_000);
    member.join(hub.link());
    await pass(5_000);
    assert.equal(member.rooms.told.at(-1), "ended hub");
    hub.open();
    await pass(60_000);
    assert.deepEqual(member.rooms.told.slice(-2), ["opened hub", "join-link"]);
    assert.equal(member.peer("hub")!.pairedAtMs, before);
  });

  it("to somebody who is no hub leads nowhere", async () => {
    const { network, random, pass } = hubWorld();
    const person = new FakeHub("person", network, random, []);
    const member = new Member(network, random);
    member.join(person.link());
    await pass(1_000);
    assert.match(member.errors.join(), /person is not a hub/);
    assert.deepEqual(member.engines, []);
  });
});

describe("lines of rooms whose time is over", () => {
  it("are left to the engine, by the time that is trusted", async () => {
    const { member } = await memberOfHub();
    member.messenger.expireRooms(12_345);
    assert.equal(member.rooms.told.at(-1), "expire 12345");
  });
});

describe("a program with rooms that leaves", () => {
  it("waits for what a hub has not taken, as long as for people", async () => {
    for (const isTaken of [true, false]) {
      const { member, pass } = await memberOfHub();
      member.rooms.undelivered = 2;
      member.command({ type: "end" });
      await pass(5_000);
      assert.equal(member.code, undefined);
      if (isTaken) {
        member.rooms.undelivered = 0;
        member.rooms.idle!();
        await pass(1_000);
      } else {
        await pass(8_000);
      }
      assert.equal(member.code, isTaken ? 0 : 1);
      const told = member.errors.filter((text) => text.includes("2 messages were not delivered yet"));
      assert.equal(told.length, isTaken ? 0 : 1);
      assert.equal(member.rooms.told.at(-1), "ended hub");
      member.rooms.undelivered = 0;
      await member.messenger.close();
      assert.equal(member.rooms.told.at(-1), "closed");
    }
  });

  it("waits for what was said a moment before, so that it is counted and stored", async () => {
    const { member, hub, pass } = await memberOfHub();
    hub.shut();
    await pass(500);
    // The engine has not come to it yet.
    member.rooms.undelivered = 1;
    member.command({ type: "quit" });
    await pass(500);
    assert.deepEqual([member.code, member.errors], [undefined, []]);
    member.rooms.idle!();
    await pass(500);
    assert.equal(member.code, 1);
    assert.match(member.errors.join(), /1 message was not delivered yet/);
  });

  it("waits for its hub at the end of its input, if lines wait for it", async () => {
    const { member, hub, pass } = await memberOfHub();
    hub.shut();
    await pass(1_000);
    member.rooms.undelivered = 1;
    member.command({ type: "end" });
    await pass(3_000);
    assert.equal(member.code, undefined);
    hub.open();
    await pass(5_000);
    assert.equal(member.rooms.told.at(-1), "opened hub");
    member.rooms.undelivered = 0;
    member.rooms.idle!();
    await pass(1_000);
    assert.equal(member.code, 0);
  });
});

describe("the end of the engine", () => {
  it("waits for what it has been told, but not for ever", async () => {
    for (const isDone of [true, false]) {
      const { member, pass } = await memberOfHub();
      member.rooms.undelivered = 1;
      let isClosed = false;
      void member.messenger.close().then(() => {
        isClosed = true;
      });
      await pass(1_000);
      assert.equal(isClosed, false);
      assert.ok(!member.rooms.told.includes("closed"));
      if (isDone) member.rooms.idle!();
      await pass(isDone ? 500 : 3_000);
      assert.equal(isClosed, true);
      assert.equal(member.rooms.told.at(-1), "closed");
    }
  });
});

describe("output that nobody takes", () => {
  it("stops what comes from a hub, also from one that comes then", async () => {
    for (const isLate of [false, true]) {
      const { member, hub, pass } = await memberOfHub();
      if (isLate) {
        hub.shut();
        await pass(500);
      }
      member.messenger.regulateOutput(false);
      if (isLate) {
        hub.open();
        await pass(30_000);
      }
      await pass(500);
      hub.send(news(1));
      await pass(1_000);
      const before = member.rooms.told.filter((text) => text === "receive 1").length;
      member.messenger.regulateOutput(true);
      await pass(1_000);
      const after = member.rooms.told.filter((text) => text === "receive 1").length;
      assert.deepEqual([before, after], [0, 1]);
    }
  });
});

describe("--to with a room", () => {
  it("says there what names nobody, and its input waits until the room is there", async () => {
    const { member, pass } = await memberOfHub({ to: "#ops" });
    assert.deepEqual(member.demands, []);
    const room = { id: "00".repeat(16), name: "ops", standing: "joined", people: [] } as const;
    member.rooms.frame.show({ type: "known-rooms", rooms: [room], hubs: ["hub"] });
    await pass(500);
    assert.deepEqual(member.demands, ["listening"]);
    member.command({ type: "say", text: "hello" });
    member.command({ type: "timer", seconds: 60, to: "#dev" });
    member.command({ type: "say", text: "here", to: room.id });
    assert.deepEqual(member.rooms.commands, [
      { type: "say", room: "#ops", text: "hello" },
      { type: "timer", room: "#dev", seconds: 60 },
      { type: "say", room: room.id, text: "here" },
    ]);
    assert.deepEqual(member.all("room").length, 1);
  });

  it("keeps its input waiting until a hub has been there, though the room is known from before", async () => {
    const { member, hub, network, random, pass } = await memberOfHub();
    hub.shut();
    await pass(1_000);
    const next = new Member(network, random, { after: member, to: "#ops" });
    await pass(1_000);
    const room = { id: "00".repeat(16), name: "ops", standing: "joined", people: [] } as const;
    next.rooms.frame.show({ type: "known-rooms", rooms: [room], hubs: ["hub"] });
    await pass(1_000);
    assert.deepEqual(next.demands, []);
    hub.open();
    await pass(60_000);
    assert.deepEqual(next.demands, ["listening"]);
  });
});
