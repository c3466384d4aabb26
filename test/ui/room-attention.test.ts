// What a prompt tells of its user: that she types in a room, and has read what was shown there.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RoomCommand } from "../../src/app/rooms/room-commands.ts";
import type { KnownRoom } from "../../src/app/rooms/room-reports.ts";
import { RoomAttention } from "../../src/ui/room-attention.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { DEV, KNOWN_OPS, OPS, REPORTS } from "./room-reports.ts";

const MESSAGE = { type: "room", report: REPORTS.message } as const;
const TYPING: RoomCommand = { type: "noted", what: "typing", room: OPS.id };
const READ: RoomCommand = { type: "noted", what: "read", room: OPS.id };

function open() {
  const clock = new ManualClock();
  const commands: RoomCommand[] = [];
  const where: { room: KnownRoom | undefined } = { room: KNOWN_OPS };
  const attention = new RoomAttention({
    room: () => where.room,
    nowMs: () => clock.now().wallMs,
    setTimer: (ms, action) => clock.setTimer(ms, action),
    command: (command) => void commands.push(command),
  });
  return { attention, clock, commands, where };
}

describe("that the user types in a room", () => {
  it("is told once in a few seconds, and again for the next line", () => {
    const { attention, clock, commands } = open();
    for (const text of ["h", "he", "hel"]) attention.typed(text);
    assert.deepEqual(commands, [TYPING]);
    clock.pass(4_000);
    attention.typed("hell");
    assert.deepEqual(commands, [TYPING, TYPING]);
    attention.entered();
    attention.typed("n");
    assert.equal(commands.length, 3);
  });

  it("is not told of commands, of other people's prompts, or of an empty line", () => {
    const { attention, commands, where } = open();
    for (const text of ["", "  ", "/members", "@zoe hi"]) attention.typed(text);
    where.room = undefined;
    attention.typed("to zoe alone");
    assert.deepEqual(commands, []);
  });
});

describe("that the user has read what was said in a room", () => {
  it("is told at once, and then at most every few seconds, with nothing left out", () => {
    const { attention, clock, commands } = open();
    for (let i = 0; i < 100; i++) attention.shown(MESSAGE);
    assert.deepEqual(commands, [READ]);
    clock.pass(2_000);
    assert.deepEqual(commands, [READ, READ]);
    clock.pass(60_000);
    assert.equal(commands.length, 2);
  });

  it("is told when the prompt comes to the room, not before", () => {
    const { attention, commands, where } = open();
    where.room = undefined;
    attention.shown(MESSAGE);
    assert.deepEqual(commands, []);
    where.room = { ...KNOWN_OPS, ...DEV };
    attention.entered();
    assert.deepEqual(commands, []);
    where.room = KNOWN_OPS;
    attention.entered();
    attention.entered();
    assert.deepEqual(commands, [READ]);
  });

  it("is not told after the end", () => {
    const { attention, clock, commands } = open();
    attention.shown(MESSAGE);
    attention.shown(MESSAGE);
    attention.close();
    clock.pass(60_000);
    assert.deepEqual(commands, [READ]);
  });
});
