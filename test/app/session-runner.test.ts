// The driver of a line, with a carrier and a clock that the test moves: one turn after whatever happens, and one timer.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SpyStore } from "../core/delivery/spy-store.ts";
import { connected, deliver, drive, exchange, say, turn, twoSides, types } from "./fake-carrier.ts";

describe("a driver's turn", () => {
  it("sends what the line has from its start, but not before its maker is done", async () => {
    const { client } = twoSides();
    assert.equal(client.carrier.sent.length, 0);
    await turn();
    assert.equal(client.carrier.sent.length, 1);
  });

  it("connects two sides, which tell it once each", async () => {
    const { client, server } = await connected();
    assert.deepEqual([types(client), types(server)], [["opened"], ["opened"]]);
  });

  it("holds a client to be a stranger while its secret is searched for, and goes on by the timer", async () => {
    const { client, server, serverPerson, clock } = twoSides();
    for (let index = 0; index < 599; index++) serverPerson.makeInvite(`other ${index}`);
    let proven = 0;
    Object.assign(server.carrier, { proven: () => void (proven += 1) });
    await turn();
    await deliver(client, server);
    for (let slice = 2; slice <= 3; slice++) {
      assert.deepEqual([proven, server.carrier.sent.length], [0, 0], "600 secrets take three turns");
      clock.pass(1);
      await turn();
    }
    assert.deepEqual([proven > 0, server.carrier.sent.length], [true, 1]);
    await exchange(client, server);
    assert.deepEqual([types(client), types(server)], [["opened"], ["opened"]]);
  });

  it("sends a burst of messages in one frame", async () => {
    const { client, server, clock } = await connected();
    const before = client.carrier.sent.length;
    for (const text of ["one", "two", "three"]) {
      say(client, clock, text);
      client.runner.wake();
    }
    assert.equal(client.carrier.sent.length, before);
    await turn();
    assert.equal(client.carrier.sent.length, before + 1);
    await exchange(client, server);
    assert.deepEqual(types(server).slice(1), ["message", "message", "message"]);
    assert.deepEqual(types(client).slice(1), ["sent", "sent", "sent", "delivered", "delivered", "delivered"]);
  });

  it("sends the answer to a frame in the turn in which it came", async () => {
    const { client, server, clock } = await connected();
    say(client, clock, "one");
    client.runner.wake();
    await turn();
    const before = server.carrier.sent.length;
    await deliver(client, server);
    assert.equal(server.carrier.sent.length, before + 1);
  });

  it("stores, acknowledges and answers all that came in one piece together", async () => {
    const store = new SpyStore();
    const { client, server, clock } = await connected(store);
    for (const text of ["one", "two", "three"]) {
      say(client, clock, text);
      client.runner.wake();
      await turn();
    }
    const before = [store.commits.length, server.carrier.sent.length];
    for (; client.carrier.delivered < client.carrier.sent.length; client.carrier.delivered++) {
      server.carrier.handlers!.frame(client.carrier.sent[client.carrier.delivered]!);
    }
    assert.deepEqual([store.commits.length, server.carrier.sent.length], before);
    await turn();
    assert.deepEqual([store.commits.length, server.carrier.sent.length], [before[0]! + 1, before[1]! + 1]);
    assert.deepEqual(types(server).slice(1), ["message", "message", "message"]);
  });

  it("stores a full frame with the next one that comes in the same turn of the event loop, and a shorter one at once", async () => {
    const store = new SpyStore();
    const { client, server, clock } = await connected(store);
    const framesOf = async (texts: readonly string[]): Promise<readonly Uint8Array[]> => {
      for (const text of texts) say(client, clock, text);
      client.runner.wake();
      await turn();
      const frames = client.carrier.sent.slice(client.carrier.delivered);
      client.carrier.delivered = client.carrier.sent.length;
      return frames;
    };
    // As when each is read by itself: what its reading has caused is done before the next.
    const come = async (frames: readonly Uint8Array[]): Promise<number> => {
      const before = store.commits.length;
      for (const frame of frames) {
        server.carrier.handlers!.frame(frame);
        await new Promise<void>(queueMicrotask);
      }
      return store.commits.length - before;
    };
    const [first, second, ...more] = await framesOf(Array.from({ length: 7 }, () => "x".repeat(16_384)));
    assert.equal(more.length, 1, "three in each, and what is left in the last");
    const before = store.commits.length;
    assert.equal(await come([first!, second!]), 0);
    await turn();
    assert.deepEqual([store.commits.length - before, types(server).slice(1).length], [1, 6]);
    assert.equal(await come(more), 1);
    const [alone] = await framesOf(Array.from({ length: 3 }, () => "x".repeat(16_384)));
    assert.equal(await come([alone!]), 0);
    await turn();
    assert.equal(types(server).slice(1).length, 10, "also when nothing follows");
    const [held] = await framesOf(Array.from({ length: 3 }, () => "x".repeat(16_384)));
    assert.equal(await come([held!]), 0);
    const sent = server.carrier.sent.length;
    say(server, clock, "what is said meanwhile does not wait for it");
    server.runner.wake();
    await new Promise<void>(queueMicrotask);
    assert.equal(server.carrier.sent.length, sent + 1);
    await exchange(client, server);
    assert.equal(client.runner.session.chatSession!.chat!.undelivered, 0);
  });

  it("sends an ACK with the answer of who was told, at once or a moment later", async () => {
    const { client, server, clock } = await connected();
    const answers = {
      atOnce: (answer: () => void) => answer(),
      later: (answer: () => void) => void Promise.resolve().then(answer),
    };
    for (const when of Object.values(answers)) {
      server.onEvent = ({ type }) => {
        if (type !== "message") return;
        when(() => {
          say(server, clock, "back");
          server.runner.wake();
        });
      };
      say(client, clock, "forth");
      client.runner.wake();
      await turn();
      const before = server.carrier.sent.length;
      await deliver(client, server);
      assert.equal(server.carrier.sent.length, before + 1);
      await exchange(client, server);
    }
    assert.deepEqual(types(client).slice(1), ["sent", "delivered", "message", "sent", "delivered", "message"]);
    assert.deepEqual(types(server).slice(1), ["message", "sent", "delivered", "message", "sent", "delivered"]);
  });

  it("sends a PONG with what is said as soon as the session is open", async () => {
    const { client, server, clock } = twoSides();
    client.onEvent = ({ type }) => {
      if (type !== "opened") return;
      void Promise.resolve().then(() => {
        say(client, clock, "first");
        client.runner.wake();
      });
    };
    await turn();
    await exchange(client, server);
    assert.deepEqual(types(server), ["opened", "message"]);
    // Messages 1 and 3, RESUME with PING, and the line with PONG.
    assert.equal(client.carrier.sent.length, 4);
  });

  it("sends one ACK for a frame, however many transactions store it", async () => {
    const store = new SpyStore();
    const { client, server, clock } = await connected(store);
    for (let index = 0; index < 300; index++) say(client, clock, `${index}`);
    client.runner.wake();
    await turn();
    const before = [store.commits.length, server.carrier.sent.length];
    await deliver(client, server);
    assert.deepEqual([store.commits.length, server.carrier.sent.length], [before[0]! + 5, before[1]! + 1]);
    await exchange(client, server);
    assert.equal(client.runner.session.chatSession!.chat!.undelivered, 0);
  });

  it("goes on by itself where two stores do not fit, once it has told that", async () => {
    const { client, server, clock, serverPerson, clientPerson } = await connected();
    say(client, clock, "one");
    client.runner.wake();
    await turn();
    await exchange(client, server);
    for (const { runner } of [client, server]) runner.terminate();
    serverPerson.store = new SpyStore();
    serverPerson.restart();
    clientPerson.chatWith(clientPerson.stored!).say("two", clock.now());
    const [late, anew] = [
      drive(clientPerson.session(clientPerson.credentials()[0]!), clock),
      drive(serverPerson.machine.session(clock.now()), clock),
    ];
    await turn();
    await deliver(late, anew);
    await deliver(anew, late);
    while (await deliver(late, anew));
    // RESUME and its ACK come in one piece.
    const came = anew.carrier.sent.slice(anew.carrier.delivered);
    for (const frame of came) late.carrier.handlers!.frame(frame);
    anew.carrier.delivered += came.length;
    await turn();
    // In a turn of its own, and without any time passing.
    assert.deepEqual(types(late), ["queued", "opened", "memory", "released"]);
    while (await deliver(late, anew));
    assert.deepEqual(types(anew), ["opened", "memory", "message"]);
  });

  for (const [what, texts] of [
    ["what came", ["the last words"]],
    ["a full frame that came", Array.from({ length: 3 }, () => "x".repeat(16_384))],
  ] as const) {
    it(`stores ${what} before the carrier closed in the same turn of the event loop`, async () => {
      const { client, server, clock } = await connected();
      for (const text of texts) say(client, clock, text);
      client.runner.wake();
      await turn();
      server.carrier.handlers!.frame(client.carrier.sent.at(-1)!);
      if (texts.length > 1) await new Promise<void>(queueMicrotask);
      server.carrier.handlers!.closed({ clean: false });
      assert.deepEqual([types(server).slice(1), server.ends], [texts.map(() => "message"), [{ type: "cut" }]]);
    });
  }

  it("keeps one timer, which is never longer than 10 s", async () => {
    const { client, server, clock } = await connected();
    assert.equal(clock.pending.length, 2);
    for (let count = 0; count < 50; count++) {
      say(client, clock, "again");
      client.runner.wake();
      await turn();
      await exchange(client, server);
      clock.pass(700);
      assert.equal(clock.pending.length, 2);
      for (const delayMs of clock.pending) assert.ok(delayMs > 0 && delayMs <= 10_000, `${delayMs} ms`);
    }
  });

  it("leaves its timer alone when a deadline moves away", async () => {
    const { client, server, clock } = await connected();
    clock.pass(1);
    let asked = 0;
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (delayMs, action) => {
      asked += 1;
      return setTimer(delayMs, action);
    };
    for (let count = 0; count < 20; count++) {
      say(client, clock, "again");
      client.runner.wake();
      await turn();
      await exchange(client, server);
    }
    assert.equal(asked, 0);
  });

  it("is made when the line has something to do: the client goes on after 2 s without a frame", async () => {
    const { client, server, clock } = twoSides();
    await turn();
    await deliver(client, server);
    await deliver(server, client);
    clock.pass(1_999);
    assert.deepEqual(types(client), []);
    clock.pass(1);
    assert.deepEqual(types(client), ["opened"]);
  });

  it("renews the keys when that is due, with nobody saying anything", async () => {
    const { client, server, clock } = await connected();
    await clock.passWith(600_000, () => exchange(client, server));
    const rekeys = types(server).filter((type) => type === "rekeyed").length;
    assert.ok(rekeys >= 5 && rekeys <= 20, `${rekeys} rekeys`);
    assert.deepEqual(types(client), types(server));
    assert.deepEqual([client.ends, server.ends], [[], []]);
  });
});

describe("back pressure", () => {
  it("pulls nothing while 64 KiB wait in the carrier, and goes on when they are gone", async () => {
    const { client, server, clock } = await connected();
    const before = client.carrier.sent.length;
    client.carrier.bufferedBytes = 64 * 1024;
    say(client, clock, "patience");
    client.runner.wake();
    await turn();
    clock.pass(1_000);
    assert.equal(client.carrier.sent.length, before);
    client.carrier.drain();
    assert.equal(client.carrier.sent.length, before + 1);
    await exchange(client, server);
    assert.deepEqual(types(server), ["opened", "message"]);
  });

  it("stops in the middle of what waits: the rest stays in the line, in order", async () => {
    const { client, server, clock } = await connected();
    client.carrier.isStuck = true;
    const texts = Array.from({ length: 40 }, (_, index) => `${index} ${"x".repeat(16_000)}`);
    for (const text of texts) say(client, clock, text);
    client.runner.wake();
    await turn();
    assert.ok(client.carrier.bufferedBytes >= 64 * 1024);
    assert.ok(client.carrier.bufferedBytes < 64 * 1024 + 65_536, `${client.carrier.bufferedBytes} bytes`);
    const { waitingBytes } = client.runner.session.chatSession!.channel;
    // The channel is given 256 KiB at a time; the rest waits where it is stored.
    assert.ok(waitingBytes > 120_000 && waitingBytes < 280_000, `${waitingBytes} bytes`);
    for (let round = 0; round < 20; round++) client.carrier.drain();
    await exchange(client, server);
    const arrived = server.events.flatMap((event) => (event.type === "message" ? [event.text] : []));
    assert.deepEqual(arrived, texts);
  });

  it("goes on just below 64 KiB", async () => {
    const { client, clock } = await connected();
    const before = client.carrier.sent.length;
    client.carrier.bufferedBytes = 64 * 1024 - 1;
    say(client, clock, "in time");
    client.runner.wake();
    await turn();
    assert.equal(client.carrier.sent.length, before + 1);
  });
});

/** Frames of `count` messages, one each, as they would come in one piece. */
async function flood({ client, server, clock }: Awaited<ReturnType<typeof connected>>, count: number) {
  for (let index = 0; index < count; index++) {
    say(client, clock, `${index}`);
    client.runner.wake();
    await turn();
  }
  const frames = client.carrier.sent.slice(client.carrier.delivered);
  client.carrier.delivered += frames.length;
  assert.equal(frames.length, count);
  return () => {
    for (const frame of frames) server.carrier.handlers!.frame(frame);
  };
}

const texts = ({ events }: Awaited<ReturnType<typeof connected>>["server"]): string[] =>
  events.flatMap((event) => (event.type === "message" ? [event.text] : []));

describe("an inbox that is full", () => {
  it("is not read for, so nothing more is acknowledged, until something of it is shown; the peer waits", async () => {
    const { client, server, clock } = await connected();
    const { chat } = server.runner.session.chatSession!;
    let isFull = false;
    Object.defineProperty(chat, "isInboxFull", { get: () => isFull });
    say(client, clock, "one");
    client.runner.wake();
    await turn();
    server.onEvent = () => {
      isFull = true;
    };
    await exchange(client, server);
    assert.deepEqual([server.carrier.isPaused, client.runner.session.chatSession!.chat!.undelivered], [true, 0]);
    isFull = false;
    chat!.show(1);
    server.runner.wake();
    await turn();
    assert.equal(server.carrier.isPaused, false);
    assert.deepEqual(server.ends, []);
  });

  it("stays unread while the output takes nothing, and the other way round", async () => {
    const { client, server, clock } = await connected();
    let isFull = true;
    Object.defineProperty(server.runner.session.chatSession!.chat, "isInboxFull", { get: () => isFull });
    say(client, clock, "one");
    client.runner.wake();
    await turn();
    await exchange(client, server);
    server.runner.regulateReceiving(false);
    isFull = false;
    server.runner.wake();
    await turn();
    assert.equal(server.carrier.isPaused, true);
    server.runner.regulateReceiving(true);
    assert.equal(server.carrier.isPaused, false);
  });
});

describe("a turn of the event loop", () => {
  it("tells for 10 ms and reads no more meanwhile; what else there is to do comes in between, and nothing is lost", async () => {
    const sides = await connected();
    const { client, server, clock } = sides;
    const come = await flood(sides, 20);
    // Showing one takes 4 ms.
    server.onEvent = () => clock.time.pass(4);
    come();
    // The turn in which they came.
    await new Promise<void>(queueMicrotask);
    const perTurn = [texts(server).length];
    for (let seen = perTurn[0]!; seen < 20; seen = texts(server).length) {
      await turn();
      perTurn.push(texts(server).length - seen);
      assert.equal(server.carrier.isPaused, texts(server).length < 20);
    }
    assert.ok(
      perTurn.every((count) => count <= 3),
      perTurn.join(" "),
    );
    assert.deepEqual(
      texts(server),
      Array.from({ length: 20 }, (_, index) => `${index}`),
    );
    await exchange(client, server);
    assert.equal(client.runner.session.chatSession!.chat!.undelivered, 0);
  });

  it("counts also what it takes to read a frame", async () => {
    const sides = await connected();
    const { server, clock } = sides;
    const come = await flood(sides, 8);
    const session = server.runner.session;
    const receive = session.receive.bind(session);
    let taken = 0;
    session.receive = (frame, now) => {
      taken += 1;
      clock.time.pass(6);
      return receive(frame, now);
    };
    come();
    assert.deepEqual([taken, server.carrier.isPaused], [1, true]);
    while (server.carrier.isPaused) await turn();
    assert.deepEqual([taken, texts(server).length], [8, 8]);
  });

  it("does something in each, however long one message takes", async () => {
    const sides = await connected();
    const come = await flood(sides, 4);
    sides.server.onEvent = () => sides.clock.time.pass(50);
    come();
    for (let turns = 1; turns <= 5; turns++) await turn();
    assert.deepEqual(texts(sides.server), ["0", "1", "2", "3"]);
  });

  it("has a time of its own behind each timer", async () => {
    const { client, server, clock } = await connected();
    await clock.passWith(30_000, () => exchange(client, server));
    assert.deepEqual([client.carrier.isPaused, server.carrier.isPaused], [false, false]);
  });

  it("that a flood has filled does not wake a person's pause", async () => {
    const sides = await connected();
    const { server, clock } = sides;
    const come = await flood(sides, 6);
    server.onEvent = () => clock.time.pass(8);
    come();
    server.runner.regulateReceiving(false);
    for (let turns = 0; turns < 10; turns++) await turn();
    assert.deepEqual([texts(server).length, server.carrier.isPaused], [6, true]);
    server.runner.regulateReceiving(true);
    assert.equal(server.carrier.isPaused, false);
  });

  it("brings the end behind what came before it", async () => {
    const sides = await connected();
    const { server, clock } = sides;
    const come = await flood(sides, 9);
    let isGone = false;
    void server.runner.gone.then(() => {
      isGone = true;
    });
    server.onEvent = () => clock.time.pass(4);
    server.onEnd = () => assert.equal(texts(server).length, 9);
    come();
    server.carrier.handlers!.closed({ clean: false });
    await Promise.resolve();
    assert.deepEqual([server.ends, isGone], [[], false]);
    while (server.ends.length === 0) await turn();
    await turn();
    assert.deepEqual([server.ends, isGone, texts(server).length], [[{ type: "cut" }], true, 9]);
  });

  it("brings what is stored before an end that does not wait, and drops what is not taken", async () => {
    const sides = await connected();
    const { client, server, clock } = sides;
    const come = await flood(sides, 9);
    server.onEvent = () => clock.time.pass(4);
    come();
    await turn();
    assert.ok(texts(server).length < 9);
    server.runner.terminate();
    assert.deepEqual([texts(server).length, server.ends], [9, [{ type: "cut" }]]);
    server.carrier.handlers!.closed({ clean: false });
    client.runner.terminate();
    await turn();
    assert.deepEqual(clock.pending, []);
  });

  it("tells all at once where something later is to be told", async () => {
    const sides = await connected();
    const { server, clock } = sides;
    const come = await flood(sides, 9);
    server.onEvent = () => clock.time.pass(4);
    come();
    await turn();
    server.runner.tellAll();
    assert.equal(texts(server).length, 9);
    for (let turns = 0; turns < 3; turns++) await turn();
    assert.deepEqual([texts(server).length, server.carrier.isPaused], [9, false]);
  });
});

describe("authenticated()", () => {
  it("is told a server's carrier once, with message 3 and not before", async () => {
    const { client, server, clock } = twoSides();
    await turn();
    await deliver(client, server);
    await deliver(server, client);
    assert.deepEqual(server.carrier.calls, []);
    await deliver(client, server);
    assert.deepEqual(server.carrier.calls, ["authenticated"]);
    await clock.passWith(60_000, () => exchange(client, server));
    assert.deepEqual(server.carrier.calls, ["authenticated"]);
  });

  it("is never told for a stranger", async () => {
    const { server } = twoSides();
    await turn();
    server.carrier.handlers!.frame(new Uint8Array(80));
    assert.deepEqual(server.carrier.calls, ["terminate"]);
  });

  it("may be missing", async () => {
    const { client, server } = twoSides();
    Object.assign(server.carrier, { authenticated: undefined });
    await turn();
    await exchange(client, server);
    assert.deepEqual([types(server), server.carrier.calls], [["opened"], []]);
  });
});

describe("a peer that takes nothing", () => {
  it("is dropped after 10 s when more than 64 KiB wait for it, wherever they wait, and what waits is kept", async () => {
    for (const isStuck of [true, false]) {
      const { client, clock } = await connected();
      client.carrier.isStuck = isStuck;
      for (let count = 0; count < 5; count++) say(client, clock, "x".repeat(16_000));
      client.runner.wake();
      await turn();
      clock.pass(9_999);
      assert.equal(client.ends.length, 0);
      clock.pass(1);
      assert.ok(client.ends[0]?.type === "error" && client.ends[0].error.code === "peer-stalled");
      assert.match(client.ends[0].error.message, /64 KiB/);
      assert.equal(client.runner.session.chatSession!.chat!.undelivered, 5);
      assert.deepEqual(client.carrier.calls.slice(-1), ["terminate"]);
    }
  });

  it("is not one that reads slowly, a frame every 9 s", async () => {
    const { client, server, clock } = await connected();
    for (let count = 0; count < 40; count++) say(client, clock, "x".repeat(16_000));
    client.runner.wake();
    await turn();
    for (let frames = 0; frames < 8; frames++) {
      clock.pass(9_000);
      assert.equal(await deliver(client, server), true);
      while (await deliver(server, client));
    }
    assert.deepEqual([client.ends, server.ends], [[], []]);
  });

  it("is one that answers everything but messages: dropped after 60 s", async () => {
    const { client, server, clock } = await connected();
    const { channel } = server.runner.session.chatSession!;
    channel.sendAck = () => {};
    say(client, clock, "hello?");
    client.runner.wake();
    await turn();
    await clock.passWith(59_900, () => exchange(client, server));
    assert.equal(client.ends.length, 0);
    await clock.passWith(200, () => exchange(client, server));
    assert.ok(client.ends[0]?.type === "error" && client.ends[0].error.code === "peer-stalled");
    assert.match(client.ends[0].error.message, /60 s/);
  });

  it("is not seen while nothing is read here, and has all its time again afterwards", async () => {
    const { client, clock } = await connected();
    for (let count = 0; count < 5; count++) say(client, clock, "x".repeat(16_000));
    client.runner.wake();
    await turn();
    client.runner.regulateReceiving(false);
    clock.pass(14_000);
    client.runner.regulateReceiving(true);
    clock.pass(9_999);
    assert.deepEqual(client.ends, []);
    clock.pass(10_000);
    assert.equal(client.ends.length, 1);
  });

  it("is one without a RESUME 10 s after the handshake", async () => {
    const { client, server, clock } = twoSides();
    await turn();
    await deliver(client, server);
    await deliver(server, client);
    await deliver(client, server);
    // The client's RESUME never comes.
    clock.pass(9_999);
    assert.equal(server.ends.length, 0);
    clock.pass(1);
    assert.ok(server.ends[0]?.type === "error" && server.ends[0].error.code === "peer-stalled");
    assert.match(server.ends[0].error.message, /10 s/);
  });

  it("is read until its RESUME, also where nobody takes what is shown", async () => {
    const { client, server } = twoSides();
    server.runner.regulateReceiving(false);
    await turn();
    await deliver(client, server);
    await deliver(server, client);
    await deliver(client, server);
    assert.equal(server.carrier.isPaused, false);
    await exchange(client, server);
    assert.equal(server.carrier.isPaused, true);
  });
});
