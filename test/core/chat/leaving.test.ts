// How a conversation ends in order (docs/PROTOCOL.md §11): after delivery, or at once, and by both sides together.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import { SIDES } from "../channel/pair.ts";
import { conversation } from "./two-talkers.ts";

describe("leaving a conversation (§11)", () => {
  it("is immediate when all is delivered", () => {
    const { run, driver, other, events, clock } = conversation();
    driver.leave(CLOSE_REASON.shuttingDown, 2_000, clock.now);
    run();
    assert.deepEqual(events.other, [{ type: "closed", reason: CLOSE_REASON.shuttingDown }]);
    assert.deepEqual([driver.channel.state, other.channel.state], ["closed", "closed"]);
  });

  it("waits until what was said is delivered", () => {
    const { run, say, take, deliver, driver, events, clock, texts, chats } = conversation();
    say("driver", "the last words");
    driver.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
    take("driver");
    clock.pass(1_000);
    take("driver");
    assert.equal(driver.channel.state, "open");
    deliver("driver");
    run();
    assert.deepEqual(texts("other"), ["the last words"]);
    assert.deepEqual(events.driver, [{ type: "delivered", seq: 0 }]);
    assert.deepEqual(events.other.at(-1), { type: "closed", reason: CLOSE_REASON.goodbye });
    assert.equal(chats.driver.undelivered, 0);
  });

  it("shows and acknowledges what arrives while it waits", () => {
    const { run, say, take, driver, clock, texts, chats } = conversation();
    say("driver", "the last words");
    driver.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
    take("driver");
    say("other", "crossing them");
    run();
    assert.deepEqual(texts("driver"), ["crossing them"]);
    assert.equal(chats.other.undelivered, 0);
    assert.equal(driver.channel.state, "closed");
  });

  it("waits no longer than it was told, and asks to be woken then", () => {
    const { say, take, driver, clock, underWay, chats } = conversation();
    say("driver", "never acknowledged");
    driver.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
    assert.equal(driver.deadlineMs, clock.now.monotonicMs + 2_000);
    take("driver");
    underWay.driver.length = 0;
    clock.pass(1_999);
    assert.equal(take("driver"), 0);
    assert.equal(driver.channel.state, "open");
    clock.pass(1);
    assert.equal(take("driver"), 1);
    assert.equal(driver.channel.state, "closed");
    assert.equal(chats.driver.undelivered, 1);
  });

  it("counts the wait by the wall clock too", () => {
    const { say, take, driver, clock } = conversation();
    say("driver", "never acknowledged");
    driver.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
    take("driver");
    clock.setWall(2_000);
    take("driver");
    assert.equal(driver.channel.state, "closed");
  });

  it("keeps its first reason and its first time limit", () => {
    const { run, say, take, driver, events, clock } = conversation();
    say("driver", "unheard");
    driver.leave(CLOSE_REASON.goodbye, 1_000, clock.now);
    driver.leave(CLOSE_REASON.shuttingDown, 60_000, clock.now);
    take("driver");
    clock.pass(1_000);
    run();
    assert.deepEqual(events.other.at(-1), { type: "closed", reason: CLOSE_REASON.goodbye });
  });

  it("does not ask to be woken again and again while CLOSE waits to go out", () => {
    const { say, driver, clock } = conversation();
    say("driver", "unheard");
    driver.leave(CLOSE_REASON.goodbye, 1_000, clock.now);
    clock.pass(1_000);
    driver.advance(clock.now);
    assert.equal(driver.channel.state, "closing");
    assert.equal(driver.deadlineMs, clock.now.monotonicMs + 3_000);
  });

  it("goes well when both leave at once", () => {
    for (const first of SIDES) {
      const { run, say, take, driver, other, clock, texts } = conversation();
      say("driver", "bye");
      say("other", "so long");
      driver.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
      other.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
      take(first);
      run();
      assert.deepEqual([texts("driver"), texts("other")], [["so long"], ["bye"]]);
      assert.deepEqual([driver.channel.state, other.channel.state], ["closed", "closed"]);
    }
  });

  it("goes well when both leave at once with nothing to say", () => {
    const { take, run, driver, other, clock } = conversation();
    for (const side of [driver, other]) side.leave(CLOSE_REASON.goodbye, 2_000, clock.now);
    take("driver");
    take("other");
    run();
    assert.deepEqual([driver.channel.state, other.channel.state], ["closed", "closed"]);
  });
});

describe("refusing a conversation", () => {
  it("says why without waiting for an acknowledgement, after what was said", () => {
    const { run, say, take, driver, events, clock, texts, chats } = conversation();
    say("driver", "one moment");
    take("driver");
    driver.refuse(CLOSE_REASON.busy, clock.now);
    assert.equal(driver.channel.state, "closing");
    run();
    assert.deepEqual(texts("other"), ["one moment"]);
    assert.deepEqual(events.other.at(-1), { type: "closed", reason: CLOSE_REASON.busy });
    assert.equal(chats.driver.undelivered, 1);
  });

  it("shows and acknowledges what arrives before its CLOSE has left", () => {
    const { run, say, take, deliver, driver, other, clock, texts, chats } = conversation();
    say("other", "one question");
    take("other");
    driver.refuse(CLOSE_REASON.replaced, clock.now);
    deliver("other");
    run();
    assert.deepEqual(texts("driver"), ["one question"]);
    assert.equal(chats.other.undelivered, 0);
    assert.equal(other.channel.state, "closed");
  });

  it("cuts a wait for delivery short", () => {
    const { say, take, driver, clock, underWay } = conversation();
    say("driver", "unheard");
    driver.leave(CLOSE_REASON.goodbye, 60_000, clock.now);
    take("driver");
    underWay.driver.length = 0;
    driver.refuse(CLOSE_REASON.replaced, clock.now);
    assert.equal(take("driver"), 1);
    assert.equal(driver.channel.state, "closed");
  });
});
