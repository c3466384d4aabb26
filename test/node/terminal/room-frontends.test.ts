// Rooms in each face of a terminal: lines that change where they stand, typing and reading, pipes.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { Command, ProgramEvent } from "../../../src/app/events.ts";
import type { Frontend } from "../../../src/app/frontend.ts";
import type { RoomReport } from "../../../src/app/rooms/room-reports.ts";
import { PipeFrontend } from "../../../src/node/terminal/pipe-frontend.ts";
import { createTerminalFrontend } from "../../../src/node/terminal/terminal-frontend.ts";
import { CAROL, OPS, REPORTS } from "../../ui/room-reports.ts";
import { FakeClock, FakeHooks, FakeInput, FakeOutput } from "./fakes.ts";

/** A program whose prompt is at the room ops. */
class Fixture {
  readonly clock = new FakeClock();
  readonly input = new FakeInput();
  readonly output: FakeOutput;
  readonly commands: Command[] = [];
  readonly frontend: Frontend;
  onCommand: (command: Command) => void = () => {};

  constructor(options: { plain?: boolean; bell?: boolean; rows?: number } = {}) {
    this.output = new FakeOutput(80, options.rows ?? 20);
    this.frontend = createTerminalFrontend({
      program: "lair-client",
      version: "0.1.0",
      input: this.input as unknown as NodeJS.ReadStream,
      output: this.output,
      error: new PassThrough(),
      plain: options.plain ?? false,
      color: false,
      unicode: true,
      bell: options.bell ?? false,
      env: {},
      clock: this.clock,
      hooks: new FakeHooks(),
      onCommand: (command) => {
        this.commands.push(command);
        this.onCommand(command);
      },
    });
    this.report(REPORTS["known-rooms"]);
    this.input.type("to #ops\r");
  }

  report(...reports: readonly RoomReport[]): void {
    for (const report of reports) this.frontend.show({ type: "room", report: at(report, this.clock.wallMs) });
  }

  get rows(): string[] {
    return this.output.grid.text;
  }
}

function at(report: RoomReport, atMs: number): RoomReport {
  return "atMs" in report ? { ...report, atMs } : report;
}

function noted(what: "typing" | "read"): Command {
  return { type: "room", command: { type: "noted", what, room: OPS.id } };
}

const OTHER: RoomReport = { ...REPORTS.message, id: "99".repeat(16), seq: 8, from: CAROL, text: "on it" };

describe("the live face at a room", () => {
  it("sends what is typed into the room, and gives it its number in place", () => {
    const fixture = new Fixture();
    fixture.onCommand = ({ type }) => {
      if (type === "room" && fixture.commands.length === 2) fixture.report(REPORTS.queued, OTHER, REPORTS.sent);
    };
    for (const key of ["h", "i", "\r"]) fixture.input.type(key);
    const say: Command = { type: "room", command: { type: "say", room: OPS.id, text: "hi" } };
    assert.deepEqual(fixture.commands.slice(0, 2), [noted("typing"), say]);
    assert.deepEqual(fixture.rows.slice(-3), ["14:03    7  you  hi", "14:03    8  carol  on it", "#ops ›"]);
  });

  it("changes a line where it stands", () => {
    const fixture = new Fixture();
    fixture.report(REPORTS.message, OTHER);
    fixture.input.type("half a line");
    fixture.report(REPORTS.edited);
    const below = ["14:03    8  carol  on it", "#ops ›  half a line"];
    assert.deepEqual(fixture.rows.slice(-3), ["14:03    7  ada  the build is green (edited)", ...below]);
    fixture.report(REPORTS.deleted);
    assert.deepEqual(fixture.rows.slice(-3), ["14:03    7  ada  (deleted)", ...below]);
  });

  it("says what has changed if the screen does not have the line any more", () => {
    const fixture = new Fixture({ rows: 6 });
    fixture.report(REPORTS.message, ...Array.from({ length: 8 }, (_, seq) => ({ ...OTHER, id: `${seq}`, seq })));
    fixture.report(REPORTS.edited);
    assert.equal(fixture.rows.at(-2), "       · ada changed line 7: the build is green");
    fixture.output.resize(70);
    fixture.clock.pass(1_000);
    fixture.report({ ...OTHER, id: "ff" });
    fixture.report({ ...REPORTS.deleted, id: "7", seq: 7, by: CAROL });
    assert.equal(fixture.rows.at(-2), "       · carol deleted line 7");
  });

  it("tells that the user types and has read, but not of commands", () => {
    const fixture = new Fixture();
    fixture.input.type("/members");
    assert.deepEqual(fixture.commands, []);
    fixture.input.type("\x15hel");
    fixture.input.type("lo");
    assert.deepEqual(fixture.commands, [noted("typing")]);
    fixture.report(REPORTS.message);
    assert.deepEqual(fixture.commands, [noted("typing"), noted("read")]);
  });

  it("shows who types, until they have stopped", () => {
    const fixture = new Fixture();
    fixture.report(REPORTS.typing);
    assert.equal(fixture.rows.at(-1), "#ops, carol types ›");
    fixture.clock.pass(10_000);
    assert.equal(fixture.rows.at(-1), "#ops ›");
  });

  it("completes rooms, their people and their commands", () => {
    const fixture = new Fixture();
    const completed: Readonly<Record<string, string>> = {
      "to #o": "to #ops",
      "@#o": "@#ops",
      "remove c": "remove carol",
      memb: "members",
      "accept #": "accept #dev",
    };
    for (const [typed, line] of Object.entries(completed)) {
      fixture.input.type(`${typed}\t`);
      assert.equal(fixture.rows.at(-1), `#ops ›  ${line}`);
      fixture.input.type("\x15");
    }
    fixture.input.type("to #\t");
    assert.match(fixture.rows.at(-2)!, /· #ops · #dev$/u);
  });

  it("rings for what is said in a room, if asked to", () => {
    for (const bell of [true, false]) {
      const fixture = new Fixture({ bell });
      fixture.report(REPORTS.message);
      assert.equal(fixture.output.written.includes("\u0007"), bell);
    }
  });
});

describe("the plain face at a room", () => {
  it("prints a line once, and says what has changed", () => {
    const fixture = new Fixture({ plain: true });
    const id = "77".repeat(16);
    fixture.report(REPORTS.message, REPORTS.edited, { ...REPORTS.queued, id }, { ...REPORTS.sent, id });
    assert.deepEqual(fixture.commands, [noted("read")]);
    const { rows } = fixture;
    assert.ok(rows.includes("14:03    7  ada  the build is red"));
    assert.ok(rows.includes("       · ada changed line 7: the build is green"));
    assert.equal(rows.filter((row) => row.endsWith("you  hi")).length, 1);
  });
});

describe("a pipe", () => {
  const events: readonly ProgramEvent[] = Object.values(REPORTS).map((report) => ({ type: "room", report }));

  /** What its two ends get. */
  function piped(place: "own" | "with-errors"): [output: string, error: string] {
    const output = Object.assign(new PassThrough(), {
      whenTaken: (action: (isTaken: boolean) => void) => action(true),
    });
    const error = new PassThrough();
    const frontend = new PipeFrontend({
      program: "lair-client",
      input: undefined,
      hasCommands: false,
      output,
      error,
      unicode: true,
      place,
      nowMs: () => 0,
      onCommand: () => assert.fail("nothing was typed"),
    });
    for (const event of events) frontend.show(event);
    return [String(output.read() ?? ""), String(error.read() ?? "")];
  }

  it("has on standard output what was said, and nothing else", () => {
    const [output, error] = piped("own");
    assert.equal(output, "the build is red\n");
    assert.match(error, /ada has removed carol/u);
  });

  it("has who said it if errors go to the same file", () => {
    assert.match(piped("with-errors")[0], /^\d\d:\d\d {4}7 {2}.*ada {2}the build is red\n/u);
  });
});
