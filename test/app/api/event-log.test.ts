// The events of an API: resumed without a hole, and bounded.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ApiEvent } from "../../../src/app/api/api.ts";
import { EventLog } from "../../../src/app/api/event-log.ts";
import type { ProgramEvent } from "../../../src/app/events.ts";

const notice = (text: string): ProgramEvent => ({ type: "notice", text });

function open(most?: { readonly events: number; readonly characters: number }) {
  const time = { nowMs: 0 };
  const log = new EventLog({
    run: "abc",
    nowMs: () => time.nowMs,
    toObject: (event) => {
      if (event.type !== "notice") return undefined;
      const expiry = event.text === "secret" ? { expires: "1970-01-01T00:00:10.000Z" } : {};
      return { event: "notice", message: event.text, ...expiry };
    },
    ...(most === undefined ? {} : { most }),
  });
  const say = (...texts: readonly string[]): void => {
    for (const text of texts) log.show(notice(text));
  };
  /** What comes from behind an event. */
  const behind = (since: string | undefined): string[] => {
    const told: ApiEvent[] = [];
    log.listen((event) => void told.push(event), since)();
    return told.map(({ id, event }) => `${id} ${event.event} ${JSON.stringify(event["message"] ?? "")}`);
  };
  return { log, say, behind, time };
}

describe("the event log", () => {
  it("tells each event once, in order, also to who was away", () => {
    const { log, say, behind } = open();
    const told: string[] = [];
    const stop = log.listen(({ id }) => void told.push(id));
    say("one", "two");
    stop();
    say("three");
    assert.deepEqual(told, ["abc-1", "abc-2"]);
    assert.deepEqual(behind("abc-1"), ['abc-2 notice "two"', 'abc-3 notice "three"']);
    assert.deepEqual(behind("abc-3"), []);
    assert.deepEqual(behind("abc-0"), ['abc-1 notice "one"', 'abc-2 notice "two"', 'abc-3 notice "three"']);
    assert.deepEqual(behind(undefined), [], "from now on");
  });

  it("goes on without a hole and without a repetition while more comes", () => {
    const { log, say } = open();
    say("one", "two");
    const told: string[] = [];
    log.listen(({ id }) => void told.push(id), "abc-1");
    say("three");
    assert.deepEqual(told, ["abc-2", "abc-3"]);
  });

  it("says that events are missing", () => {
    const { say, behind } = open({ events: 3, characters: 10_000 });
    say("1", "2", "3", "4", "5");
    assert.deepEqual(behind("abc-2"), ['abc-3 notice "3"', 'abc-4 notice "4"', 'abc-5 notice "5"']);
    assert.deepEqual(behind("abc-1"), ['abc-5 gap ""']);
    for (const id of ["other-3", "abc-6", "abc-x", "", "abc-01", "abc--1"]) {
      assert.deepEqual(behind(id), ['abc-5 gap ""'], id);
    }
  });

  it("is bounded by what its events take, too", () => {
    const { say, behind } = open({ events: 1_000, characters: 400 });
    say(...Array.from({ length: 20 }, () => "x".repeat(150)));
    assert.deepEqual(behind("abc-17"), ['abc-20 gap ""']);
    assert.equal(behind("abc-18").length, 2);
    say("x".repeat(1_000));
    assert.deepEqual(behind("abc-20"), ['abc-21 gap ""'], "one that is larger than all is not kept");
    assert.deepEqual(behind("abc-21"), []);
  });

  it("leaves out what only a person's screen needs, and calls back who waits once somebody looks", () => {
    const { log, behind } = open();
    log.show({ type: "people", peers: [] });
    assert.deepEqual(behind("abc-0"), []);
    const taken: string[] = [];
    log.whenTaken(() => void taken.push("one"));
    log.whenTaken(() => void taken.push("taken back"))();
    assert.equal(taken.length, 0);
    const stop = log.listen(() => {});
    assert.deepEqual(taken, ["one"]);
    log.whenTaken(() => void taken.push("two"));
    assert.deepEqual(taken, ["one", "two"]);
    stop();
    log.whenTaken(() => void taken.push("three"));
    assert.deepEqual(taken, ["one", "two"], "nobody looks any more");
  });

  it("does not tell again what has disappeared", () => {
    const { say, behind, time } = open();
    say("one", "secret", "three");
    assert.equal(behind("abc-0").length, 3);
    time.nowMs = 10_000;
    assert.deepEqual(behind("abc-0"), ['abc-1 notice "one"', 'abc-3 notice "three"']);
    assert.deepEqual(behind("abc-2"), ['abc-3 notice "three"'], "its id is still good");
  });
});
