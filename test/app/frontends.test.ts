// One frontend made of several: facts go to all, answers to who has asked.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgramEvent } from "../../src/app/events.ts";
import type { Demand } from "../../src/app/frontend.ts";
import { Frontends } from "../../src/app/frontends.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";

const BOB: PeerView = { name: "bob", fingerprint: "aaaa bbbb", pairedAtMs: 0, comparedAtMs: undefined };
const FACT: ProgramEvent = { type: "message", peer: BOB, seq: 1, atMs: 0, text: "hi" };
const ANSWER: ProgramEvent = { type: "who", conversations: [] };
const NOTICE: ProgramEvent = { type: "notice", text: "noted" };
const ROOM = { id: "ab".repeat(16), name: "ops" };
const ROOM_FACT: ProgramEvent = { type: "room", report: { type: "left", room: ROOM } };
const ROOM_ANSWER: ProgramEvent = { type: "room", report: { type: "members", room: ROOM, topic: "", members: [] } };

class FakeFrontend {
  readonly shown: ProgramEvent[] = [];
  readonly demands: Demand[] = [];
  /** Who waits for it. */
  waiting: ((isTaken: boolean) => void)[] = [];

  show(event: ProgramEvent): void {
    this.shown.push(event);
  }

  isAt({ name }: PeerView): boolean {
    return name === "bob";
  }

  regulateInput(demand: Demand): void {
    this.demands.push(demand);
  }

  whenTaken(action: (isTaken: boolean) => void): () => void {
    this.waiting.push(action);
    return () => {
      this.waiting = this.waiting.filter((one) => one !== action);
    };
  }

  close(): void {}

  get types(): readonly string[] {
    return this.shown.map((event) => (event.type === "room" ? event.report.type : event.type));
  }
}

function throwing(): never {
  throw new RangeError("a bug");
}

function open() {
  const [main, log, page] = [new FakeFrontend(), new FakeFrontend(), new FakeFrontend()];
  return { main, log, page, all: new Frontends(main, [log]) };
}

describe("one frontend made of several", () => {
  it("shows facts to all, and answers to who has asked", () => {
    const { main, log, page, all } = open();
    for (const event of [FACT, ROOM_FACT]) all.show(event);
    all.asking(page, () => {
      for (const event of [ANSWER, NOTICE, ROOM_ANSWER, FACT]) all.show(event);
    });
    assert.deepEqual(page.types, ["who", "notice", "members", "message"]);
    assert.deepEqual(main.types, ["message", "left", "message"]);
    assert.deepEqual(log.types, main.types);
  });

  it("shows what the terminal has asked for to the terminal alone, and its facts once", () => {
    const { main, log, all } = open();
    all.byMain(() => {
      for (const event of [ANSWER, NOTICE, FACT]) all.show(event);
    });
    assert.deepEqual([main.types, log.types], [["who", "notice", "message"], ["message"]]);
  });

  it("shows what speaks of a terminal's keys in the terminal alone", () => {
    const { main, log, all } = open();
    all.show({ type: "notice", text: "Ctrl-C leaves", isOfKeys: true });
    assert.deepEqual([main.types, log.types], [["notice"], []]);
  });

  it("shows what nobody has asked for: answers in the terminal, notices everywhere", () => {
    const { main, log, all } = open();
    for (const event of [ANSWER, NOTICE]) all.show(event);
    assert.deepEqual([main.types, log.types], [["who", "notice"], ["notice"]]);
    assert.doesNotThrow(() => new Frontends(undefined, [log]).show(ANSWER));
  });

  it("forgets who has asked, also when a command throws", () => {
    const { main, page, all } = open();
    assert.throws(() => all.asking(page, throwing), RangeError);
    all.asking(page, () => all.byMain(() => all.show(ANSWER)));
    all.show(ANSWER);
    assert.deepEqual([main.types, page.types], [["who", "who"], []]);
  });

  it("has the prompt and the input of the terminal", () => {
    const { main, all } = open();
    all.regulateInput("overrun");
    assert.deepEqual(main.demands, ["overrun"]);
    assert.equal(all.isAt(BOB), true);
    assert.equal(new Frontends(undefined, []).isAt(BOB), false);
  });

  it("counts a message as shown once one of them has taken it, once", () => {
    const { main, log, all } = open();
    const taken: boolean[] = [];
    const note = (isTaken: boolean): void => void taken.push(isTaken);
    all.whenTaken(note);
    main.waiting[0]!(true);
    assert.deepEqual([taken, log.waiting], [[true], []], "nobody waits for the other any more");
    all.whenTaken(note);
    log.waiting[0]!(true);
    main.waiting[1]!(false);
    assert.deepEqual(taken, [true, true]);
    all.whenTaken(note);
    main.waiting[2]!(false);
    assert.deepEqual(taken, [true, true, false]);
  });

  it("waits for a page where there is no terminal", () => {
    const log = new FakeFrontend();
    const taken: boolean[] = [];
    new Frontends(undefined, [log]).whenTaken((isTaken) => void taken.push(isTaken));
    assert.deepEqual(taken, []);
    log.waiting[0]!(true);
    assert.deepEqual(taken, [true]);
  });
});
