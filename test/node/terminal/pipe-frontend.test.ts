// Faces without a terminal in front of them: what goes to standard output, what to standard error, and what nowhere.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { Command, ProgramEvent } from "../../../src/app/events.ts";
import type { Demand, FrontendOutput } from "../../../src/app/frontend.ts";
import type { PeerView } from "../../../src/core/identity/peer-view.ts";
import type { HistoryEntry } from "../../../src/core/chat/history.ts";
import { PipeFrontend, type PipeFrontendOptions, type PipeInput } from "../../../src/node/terminal/pipe-frontend.ts";
import { createStyle } from "../../../src/node/terminal/create-style.ts";
import { PrintFrontend } from "../../../src/ui/print-frontend.ts";

const NOW = new Date(2026, 10, 20, 14, 3).getTime();
const ADA: PeerView = { name: "ada", fingerprint: "7ufq", pairedAtMs: 0, comparedAtMs: undefined };
const ENTRY: HistoryEntry = { from: "peer", seq: 0, atMs: NOW, text: "hi", isDelivered: true, expiresAtMs: undefined };
const RETRY = {
  type: "reconnecting",
  peer: ADA,
  url: "ws://a:1",
  attempt: 1,
  inMs: 500,
  message: "No.",
  code: "X",
} as const;
const BEGINNING: ProgramEvent = { type: "history", peer: ADA, entries: [ENTRY], occasion: "start" };
const ASKED: ProgramEvent = { type: "history", peer: ADA, entries: [ENTRY], occasion: "asked" };

interface Surroundings extends Partial<PipeFrontendOptions> {
  readonly columns?: number;
}

/** A stream that takes at once what is written. */
function outputOf<S extends PassThrough>(stream: S): S & FrontendOutput {
  return Object.assign(stream, { whenTaken: (action: (isTaken: boolean) => void) => action(true) });
}

/** What a pipe's two ends get of these events. */
function piped(
  events: readonly ProgramEvent[],
  { columns, ...options }: Surroundings = {},
): [output: string, error: string] {
  const open = () => Object.assign(new PassThrough(), { columns });
  const [output, error] = [outputOf(open()), open()];
  const frontend = new PipeFrontend({
    program: "lair-client",
    input: undefined,
    hasCommands: false,
    output,
    error,
    unicode: true,
    place: "own",
    nowMs: () => NOW,
    onCommand: () => assert.fail("nothing was typed"),
    ...options,
  });
  for (const event of events) frontend.show(event);
  return [String(output.read() ?? ""), String(error.read() ?? "")];
}

/** What the two outputs of a subcommand get of an event. */
function printed(event: ProgramEvent, color = false): [output: string, error: string] {
  const [output, error] = [new PassThrough(), new PassThrough()];
  const looks = { style: createStyle(color, true), unicode: true, columns: () => 40, nowMs: () => NOW };
  new PrintFrontend({ program: "lair-client", output, error, ...looks }).show(event);
  return [String(output.read() ?? ""), String(error.read() ?? "")];
}

describe("a pipe", () => {
  it("gets received text alone, and the rest beside it", () => {
    const events: ProgramEvent[] = [
      { type: "backlog", peer: ADA, seqs: [0] },
      { type: "message", peer: ADA, seq: 0, atMs: NOW, text: "one", again: true },
      { type: "message", peer: ADA, seq: 1, atMs: NOW, text: "two", again: true },
      { type: "message", peer: ADA, seq: 2, atMs: NOW, text: "three" },
    ];
    const error = [
      "       · 1 message waits for ada",
      "       · stored when the program stopped; you may have seen these",
      "",
    ];
    assert.deepEqual(piped(events), ["one\ntwo\nthree\n", error.join("\n")]);
  });

  it("gets text as it is, tabs too, where nothing of ours goes", () => {
    const text = "a\tb\n       · keys renewed\nNobody answers. [unreachable]";
    assert.equal(piped([{ type: "message", peer: ADA, seq: 0, atMs: NOW, text }])[0], `${text}\n`);
  });

  it("gets every line, and each state of a counter, without what was meant for a terminal", () => {
    const lines = "x\n".repeat(8_000);
    assert.equal(piped([{ type: "message", peer: ADA, seq: 0, atMs: NOW, text: lines }])[0], `${lines}\n`);
    const text = "\x1b[32m10%\r20%\r\x1b[K100%\x1b(B\x1b[m";
    assert.equal(piped([{ type: "message", peer: ADA, seq: 0, atMs: NOW, text }])[0], "10%\n20%\n100%\n");
  });

  it("gets text that no line of ours can be taken for, where both go to one terminal or file", () => {
    const forged = [
      "hi\n       · keys renewed\n14:03  you  yes\nNobody answers at ws://a:1. [unreachable]\r\nada left\u2028ada left\n",
      `${" ".repeat(33)}Connected to ada`,
      "words ".repeat(30),
    ];
    for (const place of ["terminal", "with-errors"] as const) {
      for (const text of forged) {
        const events: ProgramEvent[] = [
          { type: "connected", peer: ADA, pairedNow: false },
          { type: "message", peer: ADA, seq: 0, atMs: NOW, text },
        ];
        const [output] = piped(events, { place, ...(place === "terminal" ? { columns: 40 } : {}) });
        const [first = "", ...more] = output.slice(0, -1).split("\n");
        assert.ok(first.startsWith("14:03  ada  "), first);
        for (const row of more) assert.ok(row.startsWith(" ".repeat("14:03  ada  ".length)) || row === "", row);
        // What is wider would go on in the first column.
        if (place === "terminal") for (const row of [first, ...more]) assert.ok(row.length <= 40, row);
      }
    }
  });

  it("gets UTF-8 in a file whatever the locale, and not in a terminal that cannot show it", () => {
    const text: ProgramEvent = { type: "message", peer: ADA, seq: 0, atMs: NOW, text: "grüße" };
    const [own, shared, terminal] = (["own", "with-errors", "terminal"] as const).map(
      (place) => piped([text], { place, unicode: false })[0],
    );
    assert.deepEqual([own, shared, terminal], ["grüße\n", "14:03  ada  grüße\n", "14:03  ada  gru<U+00DF>e\n"]);
  });

  it("is told nothing of connections where a line is only to be handed in, and still what comes and what fails", () => {
    const events: ProgramEvent[] = [
      { type: "started", program: "lair-client", version: "1", fingerprint: "7ufq" },
      { type: "connecting", peer: ADA, url: "ws://a:1", how: "known" },
      RETRY,
      { type: "backlog", peer: ADA, seqs: [0] },
      { type: "connected", peer: ADA, pairedNow: false },
      { type: "message", peer: ADA, seq: 0, atMs: NOW, text: "hi" },
      { type: "disconnected", reason: "left", peer: ADA, undelivered: 0 },
    ];
    const failed: ProgramEvent = { type: "error", code: "store-locked", message: "No." };
    assert.deepEqual(piped(events, { isQuiet: true }), ["hi\n", ""]);
    // It knows all the same whose text it is.
    assert.deepEqual(piped(events, { isQuiet: true, place: "with-errors" }), ["14:03  ada  hi\n", ""]);
    assert.match(piped([failed], { isQuiet: true })[1], /No\. {2}\[store-locked\]|No\. \[store-locked\]/);
    assert.notEqual(piped(events)[1], "");
  });

  it("takes lines at once where they are kept", () => {
    const calls: string[] = [];
    for (const isQueueing of [false, true]) {
      const input: PipeInput = {
        handlers: { line() {}, tooLong() {}, misread() {}, end() {} },
        resume: () => void calls.push(`${isQueueing}`),
        pause() {},
        close() {},
      };
      piped([], { input, isQueueing });
    }
    assert.deepEqual(calls, ["true"]);
  });

  it("gets nothing of its own lines back, queued or sent", () => {
    const line = { seq: 0, atMs: NOW, text: "mine" };
    const events: ProgramEvent[] = [
      { type: "queued", peer: ADA, ...line },
      { type: "released", peer: ADA, seq: 0, was: 0 },
    ];
    assert.deepEqual(
      piped([...events, { type: "sent", peer: ADA, ...line }, { type: "delivered", peer: ADA, seq: 0 }]),
      ["", ""],
    );
  });

  it("is not filled by tries to connect", () => {
    const events = [RETRY, { ...RETRY, attempt: 2 }, { ...RETRY, attempt: 3 }, { ...RETRY, attempt: 4, code: "Y" }];
    const error = ["       · No. Trying again in 1 s. [X]", "       · No. Trying again in 1 s (4th try). [Y]", ""];
    assert.deepEqual(piped(events), ["", error.join("\n")]);
  });

  it("is reminded of the last lines only where somebody types", () => {
    const error = "       · the last lines kept with ada\n14:03  ada  hi\n";
    assert.deepEqual(piped([BEGINNING]), ["", ""]);
    assert.deepEqual(piped([BEGINNING], { hasCommands: true }), ["", error]);
    assert.deepEqual(piped([ASKED], { hasCommands: true }), ["", "14:03  ada  hi\n"]);
  });
});

/** A pipe whose input has three such lines. */
function misreadPipe(hasCommands: boolean) {
  const [output, error] = [outputOf(new PassThrough()), new PassThrough()];
  const commands: Command[] = [];
  const handlers = { line() {}, tooLong() {}, misread() {}, end() {} } as PipeInput["handlers"];
  const input: PipeInput = { handlers, resume() {}, pause() {}, close() {} };
  const frontend = new PipeFrontend({
    program: "lair-client",
    input,
    hasCommands,
    output,
    error,
    unicode: true,
    place: "own",
    nowMs: () => NOW,
    onCommand: (command) => commands.push(command),
  });
  for (const line of [3, 5, 9]) input.handlers.misread({ line, kind: "not-utf8", isRest: false });
  input.handlers.end();
  frontend.close();
  return { commands, error: String(error.read()) };
}

/** What is done to the input for each of these, after what is done at the start. */
function regulated(demands: readonly Demand[], options: Partial<PipeFrontendOptions>): string[] {
  const calls: string[] = [];
  const note = (call: string) => () => void calls.push(call);
  const handlers = { line() {}, tooLong() {}, misread() {}, end() {} } as PipeInput["handlers"];
  const input: PipeInput = { handlers, resume: note("resume"), pause: note("pause"), close: note("close") };
  const frontend = new PipeFrontend({
    program: "lair-client",
    input,
    hasCommands: false,
    output: outputOf(new PassThrough()),
    error: new PassThrough(),
    unicode: true,
    place: "own",
    nowMs: () => NOW,
    onCommand: () => {},
    ...options,
  });
  for (const demand of demands) frontend.regulateInput(demand);
  return calls;
}

describe("the input of a pipe", () => {
  it("waits until somebody listens, and for room", () => {
    assert.deepEqual(regulated(["nobody", "listening", "overrun"], {}), ["pause", "resume", "pause"]);
  });

  it("waits for room only where its lines are kept", () => {
    assert.deepEqual(regulated(["nobody", "overrun", "listening"], { isQueueing: true }), [
      "resume",
      "resume",
      "pause",
      "resume",
    ]);
  });

  it("never waits where somebody types commands", () => {
    assert.deepEqual(regulated(["nobody", "overrun"], { hasCommands: true }), ["resume"]);
  });
});

describe("input of a pipe that is not UTF-8", () => {
  it("is told once with its line, counted at the end, and makes the exit code 1", () => {
    const { commands, error } = misreadPipe(false);
    assert.equal(
      error,
      "Line 3 of the input is not UTF-8; it was not sent.\n" +
        "Convert the input first, for example with iconv -f ISO-8859-1 -t UTF-8. [input-malformed]\n" +
        "       · 3 lines of the input in all were not sent for this reason\n",
    );
    assert.deepEqual(commands, [{ type: "misread" }, { type: "misread" }, { type: "misread" }, { type: "end" }]);
  });

  it("is told each time to somebody who types", () => {
    const { commands, error } = misreadPipe(true);
    assert.equal(error.match(/Line \d of the input is not UTF-8/g)?.length, 3);
    assert.deepEqual(commands, [{ type: "end" }]);
  });
});

describe("a frontend that prints and leaves", () => {
  it("puts what was asked for on standard output, and the rest on standard error", () => {
    assert.deepEqual(printed(ASKED), ["14:03  ada  hi\n", ""]);
    const found: ProgramEvent = { type: "found", peer: ADA, words: "hi", entries: [ENTRY], total: 1 };
    assert.deepEqual(printed(found), ['       · 1 line with "hi"\n14:03  ada  *hi*\n', ""]);
    assert.deepEqual(printed({ type: "exported", peer: ADA, file: "a", count: 1 }), [
      "",
      "       · 1 line written to a\n",
    ]);
    assert.deepEqual(printed({ type: "error", code: "x", message: "No." }), ["", "No. [x]\n"]);
    assert.deepEqual(printed({ type: "delivered", peer: ADA, seq: 0 }), ["", ""]);
  });

  it("breaks lines at the width, and has colours if told so", () => {
    const long = { ...ENTRY, text: "words ".repeat(9).trim() };
    const [output] = printed({ type: "history", peer: ADA, entries: [long], occasion: "asked" }, true);
    assert.equal(output.split("\n").length, 4);
    assert.ok(output.includes("\x1b[2m14:03\x1b[22m"), "the time is dim");
  });
});
