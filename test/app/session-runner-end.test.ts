// How a driver's line ends: once, for whatever reason, and a mistake of our own is not lost.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../src/core/channel/index.ts";
import { LairError } from "../../src/core/errors.ts";
import { SYSTEM_CLOCK } from "../../src/node/clock.ts";
import { connected, deliver, type Driven, exchange, say, turn, twoSides, types } from "./fake-carrier.ts";
import type { Session } from "../../src/core/chat/session.ts";
import type { ManualClock } from "../node/manual-clock.ts";

/** The one end, an error. */
function errorOf({ ends }: Driven<Session>): LairError {
  assert.equal(ends.length, 1);
  const [end] = ends;
  assert.ok(end?.type === "error");
  return end.error;
}

/** The server says something, and the client hears it. */
async function hear(client: Driven<Session>, server: Driven<Session>, clock: ManualClock): Promise<void> {
  say(server, clock, "hello");
  server.runner.wake();
  await turn();
  await exchange(client, server);
}

describe("the end of a line", () => {
  it("is an error when the line throws: the carrier is dropped, and nobody hears anything twice", async () => {
    const { server, clock } = await connected();
    const { events } = server;
    const before = events.length;
    server.carrier.handlers!.frame(new Uint8Array(272));
    assert.equal(errorOf(server).code, "noise-authentication");
    assert.deepEqual(server.carrier.calls, ["authenticated", "terminate"]);
    server.carrier.handlers!.closed({ clean: false });
    server.carrier.handlers!.frame(new Uint8Array(272));
    clock.pass(100_000);
    assert.equal(server.ends.length, 1);
    assert.equal(events.length, before);
    assert.deepEqual(server.carrier.calls, ["authenticated", "terminate"]);
    assert.equal(server.runner.session.state, "closed");
  });

  it("is an error when time makes the line throw", async () => {
    const { client, server, clock } = await connected();
    clock.pass(45_000);
    assert.equal(errorOf(client).code, "peer-silent");
    assert.equal(errorOf(server).code, "peer-silent");
    assert.deepEqual(clock.pending, []);
  });

  it("is an error when the key has grown too old while the machine slept", async () => {
    const { client, clock } = await connected();
    clock.time.setWall(8 * 3_600_000);
    assert.equal(clock.fireNext(), true);
    clock.pass(10_000);
    assert.equal(errorOf(client).code, "key-expired");
    assert.ok(client.carrier.calls.includes("terminate"));
  });

  it("is a cut when the carrier closes, cleanly or not", async () => {
    for (const clean of [true, false]) {
      const { client, clock } = await connected();
      const before = clock.pending.length;
      client.carrier.handlers!.closed({ clean });
      client.carrier.handlers!.closed({ clean });
      assert.deepEqual(client.ends, [{ type: "cut" }]);
      assert.equal(clock.pending.length, before - 1);
      assert.equal(client.runner.session.state, "closed");
      await client.runner.gone;
    }
  });

  it("is a cut when the driver is told to drop everything", async () => {
    const { client, server, clock } = await connected();
    say(client, clock, "never sent");
    client.runner.wake();
    const before = client.carrier.sent.length;
    client.runner.terminate();
    client.runner.terminate();
    await turn();
    assert.deepEqual(client.ends, [{ type: "cut" }]);
    assert.equal(client.carrier.sent.length, before);
    client.carrier.drain();
    server.runner.wake();
    await turn();
    assert.equal(client.carrier.sent.length, before);
  });

  it("is by us when our CLOSE has gone out, and by them when theirs has come; either carrier closes with 1000", async () => {
    const { client, server, clock } = await connected();
    client.runner.session.chatSession!.leave(CLOSE_REASON.shuttingDown, 2_000, clock.now());
    client.runner.wake();
    await turn();
    assert.deepEqual(client.carrier.calls.slice(-1), ["close 1000"]);
    assert.equal(client.ends.length, 1);
    assert.ok(client.ends[0]?.type === "closed" && client.ends[0].by === "us");
    await exchange(client, server);
    assert.deepEqual(server.ends, [{ type: "closed", by: "them", reason: CLOSE_REASON.shuttingDown }]);
    assert.deepEqual(server.carrier.calls, ["authenticated", "close 1000"]);
    assert.deepEqual(server.events.at(-1), { type: "closed", reason: CLOSE_REASON.shuttingDown });
    assert.deepEqual(clock.pending, []);
    server.carrier.handlers!.closed({ clean: true });
    assert.equal(server.ends.length, 1);
  });

  it("shows what came in the frame of a CLOSE", async () => {
    const { client, server, clock } = await connected();
    server.carrier.isStuck = true;
    for (let count = 0; count < 12; count++) say(server, clock, "x".repeat(16_000));
    server.runner.wake();
    await turn();
    server.runner.session.chatSession!.refuse(CLOSE_REASON.replaced, clock.now());
    const before = server.carrier.sent.length;
    server.carrier.drain();
    assert.equal(server.carrier.sent.length, before + 1);
    await exchange(client, server);
    assert.deepEqual(types(client), ["opened", ...Array.from({ length: 12 }, () => "message"), "closed"]);
  });

  it("waits for delivery when it is left so, and comes with the ACK", async () => {
    const { client, server, clock } = await connected();
    say(client, clock, "the last words");
    client.runner.session.chatSession!.leave(CLOSE_REASON.goodbye, 2_000, clock.now());
    client.runner.wake();
    await turn();
    clock.pass(1_000);
    assert.deepEqual(client.ends, []);
    await exchange(client, server);
    assert.deepEqual(types(server), ["opened", "message", "closed"]);
    assert.equal(client.runner.session.chatSession!.chat!.undelivered, 0);
  });

  it("comes in order when the driver is told to leave, and closes with 1001 when the program shuts down", async () => {
    for (const [reason, code] of [
      [CLOSE_REASON.goodbye, 1000],
      [CLOSE_REASON.shuttingDown, 1001],
    ] as const) {
      const { client, server, clock } = await connected();
      say(client, clock, "the last words");
      client.runner.leave(reason, 2_000);
      await turn();
      await exchange(client, server);
      assert.deepEqual(types(server), ["opened", "message", "closed"]);
      assert.deepEqual(server.events.at(-1), { type: "closed", reason });
      assert.deepEqual(client.carrier.calls.slice(-1), [`close ${code}`]);
      assert.deepEqual(server.carrier.calls.slice(-1), ["close 1000"]);
    }
  });

  it("is a cut when the driver is told to leave before the line is open", async () => {
    const { client } = twoSides();
    await turn();
    client.runner.leave(CLOSE_REASON.goodbye, 2_000);
    assert.deepEqual([client.ends, client.carrier.calls], [[{ type: "cut" }], ["terminate"]]);
  });

  it("is forced after 4 s when the carrier is stuck and CLOSE cannot go out", async () => {
    const { client, clock } = await connected();
    const startMs = clock.now().monotonicMs;
    client.carrier.bufferedBytes = 1_000_000;
    say(client, clock, "stuck");
    client.runner.session.chatSession!.refuse(CLOSE_REASON.goodbye, clock.now());
    client.runner.wake();
    await turn();
    clock.pass(3_999);
    assert.deepEqual(client.ends, []);
    let turns = 0;
    while (client.ends.length === 0 && clock.fireNext()) turns += 1;
    assert.deepEqual(client.ends, [{ type: "cut" }]);
    assert.deepEqual(client.carrier.calls.slice(-1), ["terminate"]);
    assert.ok(turns < 20);
    const tookMs = clock.now().monotonicMs - startMs;
    assert.ok(tookMs >= 4_000 && tookMs <= 4_500, `${tookMs} ms`);
  });

  it("leaves no timer, and what comes afterwards does nothing", async () => {
    const { client, server, clock } = await connected();
    say(server, clock, "too late");
    server.runner.wake();
    await turn();
    client.runner.terminate();
    server.runner.terminate();
    assert.deepEqual(clock.pending, []);
    const [seen, sent] = [client.events.length, client.carrier.sent.length];
    await exchange(client, server);
    client.carrier.drain();
    client.runner.wake();
    await turn();
    assert.deepEqual([client.events.length, client.carrier.sent.length], [seen, sent]);
    assert.deepEqual(clock.pending, []);
  });

  for (const when of ["before", "after"] as const) {
    it(`lets \`gone\` wait for the carrier, if somebody asks ${when} the end`, async () => {
      const { client } = await connected();
      let isGone = false;
      const ask = (): void => {
        void client.runner.gone.then(() => {
          isGone = true;
        });
      };
      if (when === "before") ask();
      client.runner.terminate();
      if (when === "after") ask();
      await turn();
      assert.equal(isGone, false);
      client.carrier.handlers!.closed({ clean: false });
      await turn();
      assert.equal(isGone, true);
    });
  }
});

describe("a mistake of our own", () => {
  it("in what listens to events ends the line as internal, with its cause", async () => {
    const { client, server, clock } = await connected();
    const mistake = new TypeError("undefined is not a function");
    client.onEvent = () => {
      throw mistake;
    };
    await hear(client, server, clock);
    const error = errorOf(client);
    assert.equal(error.code, "internal");
    assert.equal(error.cause, mistake);
    assert.ok(client.carrier.calls.includes("terminate"));
  });

  it("in an event that time brings is not lost either", async () => {
    const { client, server, clock } = twoSides();
    await turn();
    await deliver(client, server);
    await deliver(server, client);
    client.onEvent = () => {
      throw new Error("in a timer");
    };
    clock.pass(2_000);
    assert.equal(errorOf(client).code, "internal");
  });

  it("keeps a LairError as it is", async () => {
    const { client, server, clock } = await connected();
    const error = new LairError("home-unwritable", "The disk is full.");
    client.onEvent = () => {
      throw error;
    };
    await hear(client, server, clock);
    assert.equal(errorOf(client), error);
  });
});

function fail(): never {
  throw new LairError("store-unwritable", "It failed.");
}

describe("a disk of ours that fails in the middle", () => {
  for (const code of ["store-unwritable", "store-damaged", "home-unwritable", "store-locked"] as const) {
    it(`is told to the other side as what it is: ${code}`, async () => {
      const { client, server, clock } = await connected();
      const error = new LairError(code, "It failed.");
      const chat = client.runner.session.chatSession!.chat!;
      chat.commit = () => {
        throw error;
      };
      await hear(client, server, clock);
      assert.equal(errorOf(client), error);
      assert.deepEqual(
        client.carrier.calls.filter((call) => call !== "authenticated"),
        ["close 1011"],
      );
      assert.deepEqual(server.ends, [{ type: "closed", by: "them", reason: CLOSE_REASON.unable }]);
      assert.equal(client.runner.session.state, "closed");
      // Not acknowledged, so it comes again.
      assert.equal(server.runner.session.chatSession!.chat!.undelivered, 1);
    });
  }

  it("is told also when it fails while a message arrives, and when it is the program that notices", async () => {
    for (const where of ["receive", "show"]) {
      const { client, server, clock } = await connected();
      if (where === "receive") client.runner.session.chatSession!.chat!.receive = fail;
      else client.onEvent = fail;
      await hear(client, server, clock);
      assert.equal(errorOf(client).code, "store-unwritable");
      assert.deepEqual(server.ends, [{ type: "closed", by: "them", reason: CLOSE_REASON.unable }]);
    }
  });

  it("overtakes what waits, and is one frame", async () => {
    const { client, server, clock } = await connected();
    const before = client.carrier.sent.length;
    client.carrier.bufferedBytes = 64 * 1024;
    say(client, clock, "x".repeat(16_000));
    client.runner.wake();
    await turn();
    client.carrier.bufferedBytes = 0;
    client.onEvent = () => {
      throw new LairError("home-unwritable", "It failed.");
    };
    say(server, clock, "hello");
    server.runner.wake();
    await turn();
    await deliver(server, client);
    assert.equal(client.carrier.sent.length, before + 1);
    await exchange(client, server);
    assert.deepEqual(types(server).slice(-1), ["closed"]);
    assert.equal(client.runner.session.chatSession!.chat!.undelivered, 1);
  });

  it("is not told to a peer that reads nothing, nor after a fault of the peer or a mistake of ours", async () => {
    const ends: [LairError | TypeError, number][] = [
      [new LairError("store-unwritable", "It failed."), 64 * 1024],
      [new LairError("record-malformed", "Nonsense."), 0],
      [new LairError("noise-authentication", "Altered."), 0],
      [new TypeError("undefined is not a function"), 0],
    ];
    for (const [error, bufferedBytes] of ends) {
      const { client, server, clock } = await connected();
      const before = client.carrier.sent.length;
      client.carrier.bufferedBytes = bufferedBytes;
      client.onEvent = () => {
        throw error;
      };
      say(server, clock, "hello");
      server.runner.wake();
      await turn();
      await deliver(server, client);
      assert.equal(client.ends.length, 1);
      assert.deepEqual([client.carrier.calls, client.carrier.sent.length], [["authenticated", "terminate"], before]);
    }
  });
});

describe("the system's clock", () => {
  it("tells both times, and calls back once unless that was cancelled", async () => {
    const before = Date.now();
    const { monotonicMs, wallMs } = SYSTEM_CLOCK.now();
    assert.ok(wallMs >= before && wallMs <= Date.now());
    assert.ok(SYSTEM_CLOCK.now().monotonicMs >= monotonicMs);
    let cancelled = 0;
    SYSTEM_CLOCK.setTimer(0, () => cancelled++)();
    await new Promise<void>((resolve) => SYSTEM_CLOCK.setTimer(1, resolve));
    assert.equal(cancelled, 0);
  });
});
