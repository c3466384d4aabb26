import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { Command, ProgramEvent } from "../../../src/app/events.ts";
import type { Frontend } from "../../../src/app/frontend.ts";
import type { PeerView } from "../../../src/core/identity/peer-view.ts";
import { createTerminalFrontend } from "../../../src/node/terminal/terminal-frontend.ts";
import { FakeClock, FakeHooks, FakeInput, FakeOutput } from "./fakes.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq 3xkd m2pa 5t6h", pairedAtMs: 0, comparedAtMs: undefined };
const CONNECTED: ProgramEvent = { type: "connected", peer: ADA, pairedNow: false };
/** How a command names ada. */
const TO_ADA = { to: "7ufq3xkdm2pa5t6h" };
const RETRY = {
  type: "reconnecting",
  peer: ADA,
  url: "ws://a:1",
  attempt: 1,
  inMs: 500,
  message: "No.",
  code: "X",
} as const;
const CUT: ProgramEvent = { type: "disconnected", reason: "cut", peer: ADA, undelivered: 1 };

class Fixture {
  readonly clock = new FakeClock();
  readonly hooks = new FakeHooks();
  readonly input = new FakeInput();
  readonly output: FakeOutput;
  readonly error = new PassThrough();
  readonly commands: Command[] = [];
  readonly frontend: Frontend;
  onCommand: (command: Command) => void = () => {};

  constructor(
    options: { plain?: boolean; bell?: boolean; columns?: number; rows?: number; env?: Record<string, string> } = {},
  ) {
    this.output = new FakeOutput(options.columns ?? 60, options.rows ?? 20);
    this.frontend = createTerminalFrontend({
      program: "lair-client",
      version: "0.1.0",
      input: this.input as unknown as NodeJS.ReadStream,
      output: this.output,
      error: this.error,
      plain: options.plain ?? false,
      color: false,
      unicode: true,
      bell: options.bell ?? false,
      env: options.env ?? {},
      clock: this.clock,
      hooks: this.hooks,
      onCommand: (command) => {
        this.commands.push(command);
        this.onCommand(command);
      },
    });
  }

  show(...events: ProgramEvent[]): void {
    for (const event of events) this.frontend.show(event);
  }

  said(text: string): void {
    this.show({ type: "message", peer: ADA, seq: 0, atMs: this.clock.wallMs, text });
  }

  get rows(): string[] {
    return this.output.grid.text;
  }
}

const FORGET_ASKED = { type: "forget-asked", peer: CONNECTED.peer, count: 3 } as const;

describe("the live face", () => {
  it("shows what arrives above what is being typed", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED);
    fixture.input.type("what I am typing");
    fixture.said("can you see this?");
    assert.deepEqual(fixture.rows.slice(-2), ["14:03  ada  can you see this?", "ada ›  what I am typing"]);
  });

  it("yields what is typed, and gives it its place in the conversation instead of a copy", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED);
    fixture.onCommand = (command) => {
      if (command.type === "say")
        fixture.show({ type: "sent", peer: ADA, seq: 0, atMs: fixture.clock.wallMs, text: command.text });
    };
    fixture.input.type("yes\r");
    assert.deepEqual(fixture.commands, [{ type: "say", text: "yes", ...TO_ADA }]);
    assert.deepEqual(fixture.rows.slice(-2), ["14:03  you  yes", "ada ›"]);
    assert.equal(fixture.rows.filter((row) => row.includes("yes")).length, 1);
  });

  it("leaves a command above its answer", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED);
    fixture.input.type("peers\r");
    fixture.show({ type: "peers", peers: [], connected: [] });
    assert.deepEqual(fixture.rows.slice(-3), ["ada ›  peers", "  Nobody is paired with this account yet.", "ada ›"]);
  });

  it("completes names and commands at Tab, and lists what it could be in a dim line", () => {
    const fixture = new Fixture();
    const people = ["ada", "adam", "bob"].map((name, at) => ({ ...ADA, name, fingerprint: `${"xyz"[at]!}aaa bbbb` }));
    fixture.show({ type: "people", peers: people }, CONNECTED);
    fixture.input.type("to b\t");
    assert.equal(fixture.rows.at(-1), "ada ›  to bob");
    fixture.input.type("\r");
    assert.deepEqual(fixture.commands, [{ type: "select", who: "zaaabbbb" }]);
    fixture.input.type("@a\t");
    assert.equal(fixture.rows.at(-1), "ada ›  @ada");
    fixture.input.type("\t");
    assert.deepEqual(fixture.rows.slice(-2), ["       · ada · adam", "ada ›  @ada"]);
    fixture.input.type("m\t");
    fixture.input.type("hi");
    assert.equal(fixture.rows.at(-1), "ada ›  @adam hi");
    fixture.input.type("\x15\x1b[200~st\t\x1b[201~");
    assert.equal(fixture.rows.at(-1), "ada ›  st", "nothing is completed in a paste");
    fixture.input.type("\x15all st\t");
    assert.equal(fixture.rows.at(-1), "ada ›  all st");
    assert.equal(fixture.commands.length, 1);
  });

  it("lists at most forty people", () => {
    const fixture = new Fixture({ rows: 60 });
    const people = Array.from({ length: 45 }, (_, at) => ({ ...ADA, name: `a${at}`, fingerprint: `${at}` }));
    fixture.show({ type: "people", peers: people });
    fixture.input.type("@a\t");
    assert.match(fixture.rows.slice(1).join(" "), /· a38 · a39 · 5 more\s+nobody ›/u);
    assert.doesNotMatch(fixture.rows.join(" "), /a40/u);
  });

  it("asks for the status of the peer at the prompt and of the others, or of the one that it names", () => {
    const fixture = new Fixture();
    fixture.input.type("status\r");
    fixture.show({ type: "people", peers: [ADA] }, CONNECTED);
    fixture.input.type("status\r");
    fixture.input.type("status ada\r");
    assert.deepEqual(fixture.commands, [
      { type: "status" },
      { type: "status", withOthers: true, ...TO_ADA },
      { type: "status", ...TO_ADA },
    ]);
  });

  it("answers help and what it does not know by itself", () => {
    const fixture = new Fixture();
    fixture.input.type("help\r");
    fixture.input.type("/foo\r");
    assert.deepEqual(fixture.commands, []);
    assert.ok(fixture.rows.some((row) => row.includes("words to compare")));
    assert.ok(fixture.rows.some((row) => row.includes("Not understood: /foo")));
    assert.ok(fixture.rows.join(" ").includes("[unknown-command]"));
  });

  it("asks once about a word that was meant as a command, keeps it in the line, and sends it at another Enter", () => {
    const fixture = new Fixture();
    fixture.input.type("statsu\r");
    assert.deepEqual(fixture.commands, []);
    const question = ["       · Did you mean status? Enter sends it as it is;", "         Ctrl-U clears it."];
    assert.deepEqual(fixture.rows.slice(-3), [...question, "nobody ›  statsu"]);
    fixture.input.type("\r");
    assert.deepEqual(fixture.commands, [{ type: "say", text: "statsu" }]);
    fixture.input.type("statsu\r");
    fixture.input.type("\x7f\x7fus\r");
    assert.deepEqual(fixture.commands[1], { type: "status" });
    fixture.input.type("exit\r");
    fixture.input.type("\x15\r\r");
    assert.equal(fixture.commands.length, 2, "an empty line sends nothing");
    fixture.input.type("exit\r");
    assert.equal(fixture.commands.length, 2, "it is asked again");
  });

  it("takes yes or no behind the question of forget for its answer, and says neither to the peer", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED, FORGET_ASKED);
    fixture.input.type("\r");
    fixture.input.type("y\r");
    fixture.input.type("no\r");
    assert.deepEqual(fixture.commands, []);
    assert.deepEqual(fixture.rows.slice(-2), ["       · nothing was removed", "ada ›"]);
    fixture.show(FORGET_ASKED);
    fixture.input.type("yes\r");
    assert.deepEqual(fixture.commands, [{ type: "forget", confirmed: true, ...TO_ADA }]);
    fixture.input.type("yes\r");
    assert.deepEqual(fixture.commands[1], { type: "say", text: "yes", ...TO_ADA }, "it was answered");
    fixture.show(FORGET_ASKED);
    fixture.input.type("well\r");
    fixture.input.type("yes\r");
    assert.deepEqual(fixture.commands.slice(2), [
      { type: "say", text: "well", ...TO_ADA },
      { type: "say", text: "yes", ...TO_ADA },
    ]);
    fixture.show({ ...FORGET_ASKED, count: 0 });
    fixture.input.type("yes\r");
    assert.deepEqual(fixture.commands[4], { type: "say", text: "yes", ...TO_ADA }, "nothing was asked");
  });

  it("takes yes behind the question of forget-peer for that peer, by its fingerprint", () => {
    const fixture = new Fixture();
    const who = CONNECTED.peer.fingerprint.replaceAll(" ", "");
    const asked = { type: "forget-peer-asked", peer: CONNECTED.peer, history: true, count: 3 } as const;
    fixture.show(CONNECTED, asked);
    fixture.input.type("no\r");
    assert.deepEqual(fixture.commands, []);
    fixture.show(asked);
    fixture.input.type("yes\r");
    assert.deepEqual(fixture.commands, [{ type: "forget-peer", who, history: true, confirmed: true }]);
    fixture.show(asked);
    fixture.said("are you coming?");
    fixture.input.type("yes\r");
    assert.equal(fixture.commands.length, 1);
    const typed = "forget-peer ada --with-history --yes";
    assert.ok(fixture.rows.join(" ").replaceAll(/\s+/g, " ").includes(typed), fixture.rows.join("\n"));
  });

  it("asks whom a yes is for when the peer has said something since forget asked", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED, FORGET_ASKED);
    fixture.said("are you coming?");
    fixture.input.type("yes\r");
    assert.deepEqual(fixture.commands, []);
    assert.ok(
      fixture.rows.join(" ").replaceAll(/\s+/g, " ").includes("Then type forget ada yes. To say it, type /say yes."),
    );
    fixture.input.type("\r");
    assert.deepEqual(fixture.commands, [], "a second Enter sends it to nobody");
    fixture.input.type("/say yes\r");
    assert.deepEqual(fixture.commands, [{ type: "say", text: "yes", ...TO_ADA }]);
  });

  it("keeps lines that were typed before the prompt was there, and says so", () => {
    const fixture = new Fixture();
    fixture.input.type("hello\nworld\n");
    assert.deepEqual(fixture.commands, []);
    assert.ok(fixture.rows.join(" ").includes("This was typed before the prompt appeared."));
    fixture.input.type("\r");
    assert.deepEqual(fixture.commands, [{ type: "say", text: "hello\nworld" }]);
    const quitting = new Fixture();
    quitting.input.type("quit\n");
    quitting.input.type("\r");
    assert.deepEqual(quitting.commands, [{ type: "quit" }]);
    const later = new Fixture();
    later.input.type("a");
    later.input.type("b\nc\n");
    assert.equal(later.rows.join(" ").includes("before the prompt"), false, "Ctrl-J is a key");
  });

  it("puts no answer of the terminal into the line, and takes an arrow key whole, however slowly it comes", () => {
    const fixture = new Fixture();
    fixture.input.type("ab");
    for (const piece of ["\x1b", "]11;rgb:1e1e/1e1e", "/1e1e\x1b", "\\", "\x1bP1$r0m", "\x1b\\", "\x1b", "[", "D"]) {
      fixture.input.type(piece);
      fixture.clock.pass(120_000);
    }
    fixture.input.type("|");
    assert.equal(fixture.rows.at(-1), "nobody ›  a|b");
    fixture.frontend.close();
    assert.equal(fixture.clock.pending.length, 0);
  });

  it("says once what is not UTF-8 in a line, and sends nothing of it", () => {
    const fixture = new Fixture();
    fixture.input.emit("data", Buffer.from("gr\xfc\xdfe", "latin1"));
    assert.equal(fixture.rows.at(-1), "nobody ›  gr\ufffd\ufffde");
    fixture.input.type("\r");
    assert.deepEqual(fixture.commands, []);
    assert.ok(fixture.rows.some((row) => row.startsWith("This line contains something that is not UTF-8")));
    assert.ok(fixture.rows.join(" ").includes("LANG=C.UTF-8, without LC_ALL. [input-malformed]"));
    fixture.input.type("\ufffd\r");
    assert.deepEqual(fixture.commands, [{ type: "say", text: "\ufffd" }]);
  });

  it("sends a paste of several lines as one message, marked or not", () => {
    const fixture = new Fixture();
    fixture.input.type("one\rtwo\r");
    fixture.input.type("\x1b[200~a\rb\x1b[201~");
    assert.equal(fixture.commands.length, 1);
    fixture.input.type("\r");
    assert.deepEqual(fixture.commands, [
      { type: "say", text: "one\ntwo" },
      { type: "say", text: "a\nb" },
    ]);
  });

  it("merges renewals into the line above the prompt, and only there", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED, { type: "rekeyed", peer: ADA, epoch: 1 });
    fixture.input.type("typing");
    fixture.show({ type: "rekeyed", peer: ADA, epoch: 2 });
    assert.deepEqual(fixture.rows.slice(-2), ["       · keys renewed (2)", "ada ›  typing"]);
    fixture.said("hi");
    fixture.show({ type: "rekeyed", peer: ADA, epoch: 3 });
    assert.deepEqual(fixture.rows.slice(-4), [
      "       · keys renewed (2)",
      "14:03  ada  hi",
      "       · keys renewed",
      "ada ›  typing",
    ]);
  });

  it("tries again in one line, which the connection takes the place of", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED, { ...CUT, undelivered: 0 }, RETRY);
    fixture.input.type("typing");
    fixture.show({ ...RETRY, attempt: 2, inMs: 1_000 }, { ...RETRY, attempt: 3, inMs: 2_000 });
    const cut = "       · the link to ada was cut";
    assert.deepEqual(fixture.rows.slice(-3), [
      cut,
      "       · No. Trying again in 2 s (3rd try). [X]",
      "ada, offline ›  typing",
    ]);
    fixture.show(CONNECTED);
    assert.deepEqual(fixture.rows.slice(-3), [cut, "       · connected again", "ada ›  typing"]);
  });

  it("keeps that one line below all that is printed meanwhile", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED, { ...CUT, undelivered: 0 }, RETRY);
    fixture.onCommand = (command) => {
      if (command.type === "say")
        fixture.show({ type: "queued", peer: ADA, seq: 0, atMs: fixture.clock.wallMs, text: command.text });
    };
    fixture.input.type("hello?\r");
    fixture.show({ ...RETRY, attempt: 2 });
    fixture.input.type("peers\r");
    fixture.show({ type: "peers", peers: [], connected: [] }, { ...RETRY, attempt: 3 });
    const said = [
      "14:03  you  hello?",
      "ada, offline, 1 waiting ›  peers",
      "  Nobody is paired with this account yet.",
    ];
    assert.deepEqual(fixture.rows.slice(-6), [
      "       · the link to ada was cut",
      ...said,
      "       · No. Trying again in 1 s (3rd try). [X]",
      "ada, offline, 1 waiting ›",
    ]);
    fixture.show(CONNECTED);
    assert.deepEqual(fixture.rows.slice(-5), [...said, "       · connected again", "ada, 1 waiting ›"]);
  });

  it("lets the line of the tries stand where it is once something has gone wrong, or the person leaves", () => {
    for (const event of [
      { ...CUT, undelivered: 0 },
      { type: "error", code: "busy", message: "Busy." },
    ] as const) {
      const fixture = new Fixture();
      fixture.show(CONNECTED, { ...CUT, undelivered: 0 }, RETRY, event);
      fixture.said("the last word");
      assert.deepEqual(fixture.rows.slice(-2), ["14:03  ada  the last word", "ada, offline ›"]);
    }
    const fixture = new Fixture();
    fixture.show(CONNECTED, { ...CUT, undelivered: 0 }, RETRY);
    fixture.input.type("quit\r");
    assert.deepEqual(fixture.rows.slice(-2), ["ada, offline ›  quit", "ada, offline ›"]);
  });

  it("replaces a try that takes several rows, and nothing above it", () => {
    const fixture = new Fixture({ columns: 40 });
    const long = { ...RETRY, message: "Nobody answers at ws://10.0.0.7:8080." };
    fixture.show({ type: "selected", peer: ADA, by: "start" });
    fixture.said("kept");
    fixture.show(long, { ...long, attempt: 2 }, { ...long, attempt: 3 });
    assert.deepEqual(fixture.rows.slice(-5), [
      "14:03  ada  kept",
      "       · Nobody answers at",
      "         ws://10.0.0.7:8080. Trying",
      "         again in 1 s (3rd try). [X]",
      "ada, offline ›",
    ]);
  });

  it("puts what is said without a link into its place, and counts it", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED, { ...CUT, undelivered: 0 });
    fixture.onCommand = (command) => {
      if (command.type === "say")
        fixture.show({ type: "queued", peer: ADA, seq: 0, atMs: fixture.clock.wallMs, text: command.text });
    };
    fixture.input.type("are you there?\r");
    assert.deepEqual(fixture.rows.slice(-2), ["14:03  you  are you there?", "ada, offline, 1 waiting ›"]);
  });

  it("loses no message that came with a renewal during a resize", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED);
    fixture.output.resize(50);
    fixture.said("kept");
    fixture.show({ type: "rekeyed", peer: ADA, epoch: 1 });
    fixture.clock.pass(1_000);
    fixture.show({ type: "rekeyed", peer: ADA, epoch: 2 }, { type: "rekeyed", peer: ADA, epoch: 3 });
    assert.deepEqual(fixture.rows.slice(-4), [
      "14:03  ada  kept",
      "       · keys renewed",
      "       · keys renewed (2)",
      "ada ›",
    ]);
  });

  it("tells in the prompt what waits for more than two seconds", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED, { type: "sent", peer: ADA, seq: 0, atMs: fixture.clock.wallMs, text: "x" });
    assert.equal(fixture.rows.at(-1), "ada ›");
    fixture.clock.pass(1_999);
    assert.equal(fixture.rows.at(-1), "ada ›");
    fixture.clock.pass(1);
    assert.equal(fixture.rows.at(-1), "ada, 1 waiting ›");
    fixture.show({ type: "delivered", peer: ADA, seq: 0 });
    assert.equal(fixture.rows.at(-1), "ada ›");
  });

  it("yields interrupt at each Ctrl-C, quit at Ctrl-D on an empty line and at the end of the input", () => {
    const fixture = new Fixture();
    fixture.input.type("x\x03\x03");
    fixture.input.type("\x7f\x04");
    assert.deepEqual(
      fixture.commands.map((command) => command.type),
      ["interrupt", "interrupt", "quit"],
    );
    fixture.input.emit("end");
    assert.equal(fixture.commands.at(-1)?.type, "quit");
  });

  it("waits for the end of a series of resizes, and loses nothing meanwhile", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED);
    fixture.clock.pass(1_000);
    fixture.input.type("a line that takes more than one row of any of these widths, and more");
    fixture.clock.pass(1_000);
    const before = fixture.output.written.length;
    for (const columns of [50, 40, 70, 45]) {
      fixture.output.resize(columns);
      fixture.said(`at ${columns}`);
      fixture.clock.pass(100);
    }
    assert.equal(fixture.output.written.length, before);
    fixture.clock.pass(300);
    const messages = fixture.rows.filter((row) => row.startsWith("14:03")).map((row) => row.slice(12));
    assert.deepEqual(messages, ["at 50", "at 40", "at 70", "at 45"]);
    assert.equal(fixture.rows.filter((row) => row.includes("›")).length, 1);
  });

  it("takes the terminal, and gives it back on close, once", () => {
    const fixture = new Fixture();
    assert.equal(fixture.input.isRaw, true);
    assert.ok(fixture.output.written.includes("\x1b[?2004h"));
    fixture.said("last words");
    fixture.input.type("half a li");
    fixture.frontend.close();
    assert.equal(fixture.input.isRaw, false);
    assert.ok(fixture.output.written.endsWith("\x1b[?2004l"));
    assert.equal(fixture.output.grid.cursorShown, true);
    assert.deepEqual(fixture.rows.slice(-2), ["14:03  ada  last words", ""]);
    assert.equal(fixture.output.grid.cursor.column, 0);
    const written = fixture.output.written.length;
    fixture.frontend.close();
    fixture.said("too late");
    fixture.input.type("quit\r");
    fixture.output.resize(50);
    fixture.clock.pass(10_000);
    assert.equal(fixture.output.written.length, written);
    assert.deepEqual(fixture.commands, []);
    assert.equal(
      fixture.hooks.onExitListeners.size + fixture.hooks.onContinueListeners.size + fixture.clock.pending.length,
      0,
    );
  });

  it("gives the terminal back when the process ends some other way", () => {
    const fixture = new Fixture();
    for (const listener of fixture.hooks.onExitListeners) listener();
    assert.equal(fixture.input.isRaw, false);
    assert.ok(fixture.output.written.endsWith("\x1b[?2004l"));
  });

  it("may be closed by the command that it yields, and draws nothing after", () => {
    const fixture = new Fixture();
    fixture.onCommand = () => fixture.frontend.close();
    fixture.input.type("quit\r");
    assert.deepEqual(fixture.rows.slice(-2), ["nobody ›  quit", ""]);
  });

  it("lets the shell have the terminal at Ctrl-Z, and comes back with all that happened", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED);
    fixture.input.type("half a li\x1a");
    assert.equal(fixture.hooks.suspended, 1);
    assert.equal(fixture.input.isRaw, false);
    fixture.said("while you were away");
    assert.ok(!fixture.rows.join("").includes("away"));
    for (const listener of fixture.hooks.onContinueListeners) listener();
    assert.equal(fixture.input.isRaw, true);
    assert.deepEqual(fixture.rows.slice(-2), ["14:03  ada  while you were away", "ada ›  half a li"]);
  });

  it("goes on by itself where there is nobody to suspend it", () => {
    const fixture = new Fixture();
    fixture.input.type("\x1a");
    fixture.clock.pass(500);
    assert.equal(fixture.input.isRaw, true);
    assert.equal(fixture.rows.at(-1), "nobody ›");
  });

  it("draws once when the timer and the signal both tell that it goes on", () => {
    const fixture = new Fixture();
    fixture.input.type("a line that takes more than one row on a screen of sixty columns");
    fixture.input.type("\x1a");
    fixture.clock.pass(500);
    for (const listener of fixture.hooks.onContinueListeners) listener();
    assert.equal(fixture.rows.filter((row) => row.includes("›")).length, 1);
  });

  it("rings for each message if it is to, and never where nothing is redrawn", () => {
    const rung = [{ bell: true }, {}, { bell: true, plain: true }].map((options) => {
      const fixture = new Fixture(options);
      fixture.show(CONNECTED);
      for (const text of ["one", "two"]) fixture.said(text);
      return fixture.output.written.split("\u0007").length - 1;
    });
    assert.deepEqual(rung, [2, 0, 0]);
  });

  it("has written what it was given at once, and later while the shell or a resize holds it back", () => {
    const told: boolean[] = [];
    const ask = (fixture: Fixture): void => fixture.frontend.whenTaken((isTaken) => told.push(isTaken));
    const fixture = new Fixture();
    fixture.said("one");
    ask(fixture);
    assert.deepEqual(told, [true]);
    fixture.output.resize(50);
    ask(fixture);
    fixture.said("two");
    ask(fixture);
    assert.deepEqual(told, [true, true]);
    fixture.clock.pass(300);
    assert.ok(fixture.rows.join().includes("two"));
    assert.deepEqual(told, [true, true, true]);
    fixture.input.type("\x1a");
    fixture.said("three");
    ask(fixture);
    for (const listener of fixture.hooks.onContinueListeners) listener();
    assert.deepEqual(told.splice(0), [true, true, true, true]);
  });

  it("has never written what it held back when it was closed, nor what comes afterwards", () => {
    const told: boolean[] = [];
    for (const plain of [false, true]) {
      const fixture = new Fixture({ plain });
      if (!plain) fixture.input.type("\x1a");
      fixture.said("one");
      if (!plain) fixture.frontend.whenTaken((isTaken) => told.push(isTaken));
      fixture.frontend.close();
      fixture.said("two");
      fixture.frontend.whenTaken((isTaken) => told.push(isTaken));
    }
    assert.deepEqual(told, [false, false, false]);
  });

  it("copies errors, made safe, to a standard error that is elsewhere", () => {
    const fixture = new Fixture();
    fixture.show({ type: "error", code: "unreachable", message: "Nobody\x1b[2J answers.", hint: "Start it." });
    assert.equal(String(fixture.error.read()), "Nobody answers. Start it. [unreachable]\n");
    assert.ok(fixture.rows.some((row) => row === "Start it. [unreachable]"));
  });

  it("never disturbs the screen, whatever a peer sends", () => {
    const fixture = new Fixture();
    fixture.show(CONNECTED);
    fixture.input.type("mine");
    fixture.said("\x1b]0;title\x07\x1b[2J\x1b[H\x1b]52;c;eA==\x07\rada ›  rm -rf\n14:04  you  I agree\x9b1A\u202e");
    // The grid throws at any sequence that is not ours.
    assert.deepEqual(fixture.rows.slice(-4), [
      "14:03  ada  ada ›  rm -rf",
      "            14:04  you  I agree",
      "            <U+202E>",
      "ada ›  mine",
    ]);
  });

  it("shows what is typed with the joiners and marks that its script needs, and no others", () => {
    const fixture = new Fixture();
    fixture.input.type("می\u200c");
    assert.equal(fixture.rows.at(-1), "nobody ›  می\u200c");
    fixture.input.type("خواهم ab\u200cc");
    assert.equal(fixture.rows.at(-1), "nobody ›  می\u200cخواهم ab<U+200C>c");
  });

  it("shows what is pasted without obeying it", () => {
    const fixture = new Fixture();
    fixture.input.type("\x1b[200~a\x1b[2J\tb\u202e\x1b[201~");
    assert.equal(fixture.rows.at(-1), "nobody ›  a    b<U+202E>");
  });
});

describe("the plain face", () => {
  it("appends every event as a line, without a prompt and without any escape sequence", () => {
    const fixture = new Fixture({ plain: true, columns: 200 });
    fixture.show(CONNECTED, { type: "rekeyed", peer: ADA, epoch: 1 }, { type: "rekeyed", peer: ADA, epoch: 2 });
    fixture.said("a message that is longer than the screen is wide\nand a second line");
    fixture.input.type("/foo\r");
    fixture.clock.pass(100);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(fixture.output.written, /[\x1b\r]|›/);
    assert.deepEqual(fixture.output.written.split("\n").slice(1, 6), [
      "       · keys renewed",
      "       · keys renewed",
      "14:03  ada  a message that is longer than the screen is wide",
      "            and a second line",
      "/foo",
    ]);
    fixture.frontend.close();
  });

  it("indents what does not fit into a row, so that no text of a peer begins where our lines do; a URL stays whole", () => {
    const fixture = new Fixture({ plain: true, columns: 40 });
    fixture.show(CONNECTED);
    const before = fixture.output.written.length;
    const url = `https://chat.example/${"x".repeat(40)}`;
    fixture.said(`so much is said here that 14:03  bob  can stand anywhere: ${url} is\n· disconnected`);
    assert.deepEqual(fixture.output.written.slice(before).split("\n"), [
      "14:03  ada  so much is said here that",
      "            14:03  bob  can stand",
      "            anywhere:",
      `            ${url}`,
      "            is",
      "            · disconnected",
      "",
    ]);
    // As the terminal shows it: but for the URL, nothing of it is in the first columns.
    const rows = fixture.output.grid.text.slice(-7);
    assert.ok(
      rows.every((row) => row.startsWith("14:03  ada") || /^(?: {12}|x*$)/.test(row)),
      rows.join("\n"),
    );
    fixture.frontend.close();
  });

  it("leaves its lines whole where the terminal does not say how wide it is", () => {
    const fixture = new Fixture({ plain: true, columns: 0 });
    fixture.show(CONNECTED);
    fixture.said("word ".repeat(100).trim());
    assert.match(fixture.output.written, /^14:03 {2}ada {2}(?:word ){99}word$/m);
    fixture.frontend.close();
  });

  it("yields commands and what is said, and quits at the end of the input", () => {
    const fixture = new Fixture({ plain: true });
    for (const key of "hello\rstatus\r") fixture.input.type(key);
    fixture.input.type("\x03\x04");
    fixture.clock.pass(100);
    fixture.input.emit("end");
    assert.deepEqual(fixture.commands, [
      { type: "say", text: "hello" },
      { type: "status" },
      { type: "interrupt" },
      { type: "quit" },
      { type: "quit" },
    ]);
    assert.equal(fixture.output.written, "hello\nstatus\n");
  });

  it("reads keys and not lines of the terminal's, whose buffer would cut them, and gives the terminal back", () => {
    const fixture = new Fixture({ plain: true });
    assert.equal(fixture.input.isRaw, true);
    const long = "x".repeat(16_384);
    for (let at = 0; at < long.length; at += 4095) fixture.input.type(long.slice(at, at + 4095));
    fixture.input.type("\r");
    fixture.clock.pass(100);
    assert.deepEqual(fixture.commands, [{ type: "say", text: long }]);
    fixture.input.type("half");
    fixture.frontend.close();
    assert.equal(fixture.input.isRaw, false);
    assert.ok(fixture.output.written.endsWith("half\n"));
    assert.equal(
      fixture.hooks.onExitListeners.size + fixture.hooks.onContinueListeners.size + fixture.clock.pending.length,
      0,
    );
  });

  it("takes lines that come together for one message, whatever the chunks and the line ends are", () => {
    for (const lineEnd of ["\r", "\n", "\r\n"]) {
      for (const size of [2, 5, 100]) {
        const fixture = new Fixture({ plain: true });
        const paste = `quit${lineEnd}  two${lineEnd}${lineEnd}three`;
        for (let at = 0; at < paste.length; at += size) {
          fixture.input.type(paste.slice(at, at + size));
          fixture.clock.pass(99);
        }
        fixture.clock.pass(1_000);
        assert.deepEqual(fixture.commands, [], "it waits for Enter");
        fixture.input.type("\r");
        const expected = { type: "say", text: "quit\n  two\n\nthree" };
        assert.deepEqual(fixture.commands, [expected], `${JSON.stringify(lineEnd)} in chunks of ${size}`);
        fixture.input.type(`a${lineEnd}b${lineEnd}`);
        assert.equal(fixture.commands.length, 1);
        fixture.clock.pass(100);
        assert.deepEqual(fixture.commands[1], { type: "say", text: "a\nb" });
        fixture.frontend.close();
      }
    }
  });

  it("takes a line for whole at its Enter when somebody types on", () => {
    const fixture = new Fixture({ plain: true });
    fixture.input.type("hello\r");
    fixture.input.type("h");
    assert.deepEqual(fixture.commands, [{ type: "say", text: "hello" }]);
    fixture.input.type("o");
    fixture.input.type("\r");
    assert.deepEqual(fixture.commands[1], { type: "say", text: "ho" });
  });

  it("echoes what is typed made safe, and takes back what is erased by backspaces", () => {
    const fixture = new Fixture({ plain: true });
    for (const key of ["日", "ü", "\u202e", "\x7f", "\x7f", "\x1b[A", "\x1b]11;rgb:0\x07", "x", "\x15", "ok", "\r"]) {
      fixture.input.type(key);
    }
    fixture.clock.pass(100);
    const back = "\b \b";
    assert.equal(fixture.output.written, `日ü<U+202E>${back.repeat(8)}${back}x${back.repeat(3)}ok\n`);
    assert.deepEqual(fixture.commands, [{ type: "say", text: "ok" }]);
  });

  it("echoes nothing where Emacs has shown the line already", () => {
    const fixture = new Fixture({ plain: true, env: { INSIDE_EMACS: "29.1,comint" } });
    fixture.input.type("hello\n");
    fixture.clock.pass(100);
    assert.deepEqual(fixture.commands, [{ type: "say", text: "hello" }]);
    assert.equal(fixture.output.written, "");
  });

  it("puts a line of its own below what is half typed, which goes on", () => {
    const fixture = new Fixture({ plain: true });
    fixture.show(CONNECTED);
    const before = fixture.output.written.length;
    fixture.input.type("half ");
    fixture.said("hi");
    fixture.input.type("a line\r");
    fixture.clock.pass(100);
    assert.equal(fixture.output.written.slice(before), "half \n14:03  ada  hi\na line\n");
    assert.deepEqual(fixture.commands, [{ type: "say", text: "half a line", ...TO_ADA }]);
  });

  it("keeps the recipient of a line that is begun, or not yet known to be whole, whoever leaves, comes and writes", () => {
    const BOB: PeerView = { ...ADA, name: "bob", fingerprint: "q4wm 7c2e x2kd o3va" };
    const changes: readonly ProgramEvent[] = [
      CUT,
      { type: "connected", peer: BOB, pairedNow: false },
      { type: "message", peer: BOB, seq: 0, atMs: 0, text: "of bob" },
    ];
    for (const typed of [["half ", "a line\r"], ["half a line\r"], Array.from("half a line\r")]) {
      const fixture = new Fixture({ plain: true, columns: 200 });
      fixture.show({ type: "people", peers: [ADA, BOB] }, CONNECTED);
      const [first = "", ...rest] = typed;
      fixture.input.type(first);
      fixture.show(...changes);
      assert.match(fixture.output.written, / {2}bob {2}of bob\n.*to bob switches the prompt/);
      for (const keys of rest) fixture.input.type(keys);
      fixture.clock.pass(100);
      assert.deepEqual(fixture.commands, [{ type: "say", text: "half a line", ...TO_ADA }]);
      fixture.frontend.close();
    }
    // With nothing typed it turns to who is there, since nobody was chosen.
    const fixture = new Fixture({ plain: true, columns: 200 });
    fixture.show({ type: "people", peers: [ADA, BOB] }, CONNECTED, ...changes);
    fixture.input.type("hello\r");
    fixture.clock.pass(100);
    assert.deepEqual(fixture.commands, [{ type: "say", text: "hello", to: "q4wm7c2ex2kdo3va" }]);
    fixture.frontend.close();
  });

  it("asks once about a word that was meant as a command, below it, and keeps it for another Enter", () => {
    const fixture = new Fixture({ plain: true, columns: 80 });
    for (const key of "qiut\r") fixture.input.type(key);
    const question = "       · Did you mean quit? Enter sends it as it is; Ctrl-U clears it.\n";
    assert.equal(fixture.output.written, `qiut\n${question}qiut`);
    assert.deepEqual(fixture.commands, []);
    fixture.input.type("\r");
    assert.deepEqual(fixture.commands, [{ type: "say", text: "qiut" }]);
    assert.equal(fixture.output.written, `qiut\n${question}qiut\n`);
    fixture.frontend.close();
  });

  it("says so where a line is not UTF-8, and sends nothing of it", () => {
    const fixture = new Fixture({ plain: true });
    fixture.input.emit("data", Buffer.from("caf\xe9\r", "latin1"));
    fixture.clock.pass(100);
    assert.deepEqual(fixture.commands, []);
    assert.match(fixture.output.written, /^caf\ufffd\nThis line contains something that is not UTF-8/);
  });

  it("lets the shell have the terminal at Ctrl-Z, and takes it again", () => {
    const fixture = new Fixture({ plain: true });
    fixture.input.type("\x1a");
    assert.deepEqual([fixture.hooks.suspended, fixture.input.isRaw], [1, false]);
    for (const listener of fixture.hooks.onContinueListeners) listener();
    assert.equal(fixture.input.isRaw, true);
    fixture.input.type("\x1a");
    fixture.clock.pass(500);
    assert.equal(fixture.input.isRaw, true);
  });

  it("tells each reason for trying again once, and what waits once", () => {
    const fixture = new Fixture({ plain: true, columns: 80 });
    fixture.show(CONNECTED, { type: "sent", peer: ADA, seq: 0, atMs: fixture.clock.wallMs, text: "x" }, CUT);
    const before = fixture.output.written.length;
    fixture.show(RETRY, { ...RETRY, attempt: 2 }, { ...RETRY, attempt: 3, code: "Y" });
    fixture.show(
      { type: "queued", peer: ADA, seq: 1, atMs: fixture.clock.wallMs, text: "y" },
      { ...RETRY, attempt: 4, code: "Y" },
    );
    fixture.show(CONNECTED, { type: "released", peer: ADA, seq: 1, was: 1 }, { type: "delivered", peer: ADA, seq: 1 });
    fixture.clock.pass(5_000);
    assert.ok(fixture.output.written.slice(0, before).endsWith("was cut; 1 message waits for the next time\n"));
    assert.deepEqual(fixture.output.written.slice(before).split("\n"), [
      "       · No. Trying again in 1 s. [X]",
      "       · No. Trying again in 1 s (3rd try). [Y]",
      "14:03  you  y",
      "       · connected again",
      "       · nothing is waiting any more",
      "",
    ]);
    fixture.frontend.close();
  });

  it("tells as lines that something waits, and that nothing does any more", () => {
    const fixture = new Fixture({ plain: true });
    fixture.show(CONNECTED, { type: "sent", peer: ADA, seq: 0, atMs: fixture.clock.wallMs, text: "x" });
    fixture.clock.pass(2_000);
    assert.ok(fixture.output.written.endsWith("· 1 message not delivered yet\n"));
    fixture.show({ type: "delivered", peer: ADA, seq: 0 });
    assert.ok(fixture.output.written.endsWith("· nothing is waiting any more\n"));
    fixture.frontend.close();
    assert.equal(fixture.clock.pending.length, 0);
  });
});
