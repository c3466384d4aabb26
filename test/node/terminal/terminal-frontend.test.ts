import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { Command, ProgramEvent } from "../../../src/app/events.ts";
import type { PeerView } from "../../../src/core/identity/peer-view.ts";
import { type TerminalFrontend, createTerminalFrontend } from "../../../src/node/terminal/terminal-frontend.ts";
import { FakeClock, FakeHooks, FakeInput, FakeOutput } from "./fakes.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq 3xkd m2pa 5t6h", pairedAtMs: 0, comparedAtMs: undefined };
const CONNECTED: ProgramEvent = { type: "connected", peer: ADA, pairedNow: false };
const RETRY = { type: "reconnecting", url: "ws://a:1", attempt: 1, inMs: 500, message: "No.", code: "X" } as const;
const CUT: ProgramEvent = { type: "disconnected", reason: "cut", peer: ADA, undelivered: 1 };

class Stage {
  readonly clock = new FakeClock();
  readonly hooks = new FakeHooks();
  readonly input = new FakeInput();
  readonly output: FakeOutput;
  readonly error = new PassThrough();
  readonly commands: Command[] = [];
  readonly frontend: TerminalFrontend;
  onCommand: (command: Command) => void = () => {};

  constructor(options: { plain?: boolean; columns?: number; rows?: number; env?: Record<string, string> } = {}) {
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
    this.show({ type: "message", seq: 0, atMs: this.clock.wallMs, text });
  }

  get rows(): string[] {
    return this.output.grid.text;
  }
}

const FORGET_ASKED = { type: "forget-asked", peer: CONNECTED.peer, count: 3 } as const;

describe("the live face", () => {
  it("shows what arrives above what is being typed", () => {
    const stage = new Stage();
    stage.show(CONNECTED);
    stage.input.type("what I am typing");
    stage.said("can you see this?");
    assert.deepEqual(stage.rows.slice(-2), ["14:03  ada  can you see this?", "ada ›  what I am typing"]);
  });

  it("yields what is typed, and gives it its place in the conversation instead of a copy", () => {
    const stage = new Stage();
    stage.show(CONNECTED);
    stage.onCommand = (command) => {
      if (command.type === "say") stage.show({ type: "sent", seq: 0, atMs: stage.clock.wallMs, text: command.text });
    };
    stage.input.type("yes\r");
    assert.deepEqual(stage.commands, [{ type: "say", text: "yes" }]);
    assert.deepEqual(stage.rows.slice(-2), ["14:03  you  yes", "ada ›"]);
    assert.equal(stage.rows.filter((row) => row.includes("yes")).length, 1);
  });

  it("leaves a command above its answer", () => {
    const stage = new Stage();
    stage.show(CONNECTED);
    stage.input.type("peers\r");
    stage.show({ type: "peers", peers: [], connected: undefined });
    assert.deepEqual(stage.rows.slice(-3), ["ada ›  peers", "  Nobody is paired with this account yet.", "ada ›"]);
  });

  it("answers help and what it does not know by itself", () => {
    const stage = new Stage();
    stage.input.type("help\r");
    stage.input.type("/foo\r");
    assert.deepEqual(stage.commands, []);
    assert.ok(stage.rows.some((row) => row.includes("words to compare")));
    assert.ok(stage.rows.some((row) => row.includes("Not understood: /foo")));
    assert.ok(stage.rows.join(" ").includes("[unknown-command]"));
  });

  it("asks once about a word that was meant as a command, keeps it in the line, and sends it at another Enter", () => {
    const stage = new Stage();
    stage.input.type("statsu\r");
    assert.deepEqual(stage.commands, []);
    const question = ["       · Did you mean status? Enter sends it as it is;", "         Ctrl-U clears it."];
    assert.deepEqual(stage.rows.slice(-3), [...question, "nobody ›  statsu"]);
    stage.input.type("\r");
    assert.deepEqual(stage.commands, [{ type: "say", text: "statsu" }]);
    stage.input.type("statsu\r");
    stage.input.type("\x7f\x7fus\r");
    assert.deepEqual(stage.commands[1], { type: "status" });
    stage.input.type("exit\r");
    stage.input.type("\x15\r\r");
    assert.equal(stage.commands.length, 2, "an empty line sends nothing");
    stage.input.type("exit\r");
    assert.equal(stage.commands.length, 2, "it is asked again");
  });

  it("takes yes or no behind the question of forget for its answer, and says neither to the peer", () => {
    const stage = new Stage();
    stage.show(CONNECTED, FORGET_ASKED);
    stage.input.type("\r");
    stage.input.type("y\r");
    stage.input.type("no\r");
    assert.deepEqual(stage.commands, []);
    assert.deepEqual(stage.rows.slice(-2), ["       · nothing was removed", "ada ›"]);
    stage.show(FORGET_ASKED);
    stage.input.type("yes\r");
    assert.deepEqual(stage.commands, [{ type: "forget", confirmed: true }]);
    stage.input.type("yes\r");
    assert.deepEqual(stage.commands[1], { type: "say", text: "yes" }, "it was answered");
    stage.show(FORGET_ASKED);
    stage.input.type("well\r");
    stage.input.type("yes\r");
    assert.deepEqual(stage.commands.slice(2), [
      { type: "say", text: "well" },
      { type: "say", text: "yes" },
    ]);
    stage.show({ ...FORGET_ASKED, count: 0 });
    stage.input.type("yes\r");
    assert.deepEqual(stage.commands[4], { type: "say", text: "yes" }, "nothing was asked");
  });

  it("takes yes behind the question of forget-peer for that peer, by its fingerprint", () => {
    const stage = new Stage();
    const who = CONNECTED.peer.fingerprint.replaceAll(" ", "");
    const asked = { type: "forget-peer-asked", peer: CONNECTED.peer, history: true, count: 3 } as const;
    stage.show(CONNECTED, asked);
    stage.input.type("no\r");
    assert.deepEqual(stage.commands, []);
    stage.show(asked);
    stage.input.type("yes\r");
    assert.deepEqual(stage.commands, [{ type: "forget-peer", who, history: true, confirmed: true }]);
    stage.show(asked);
    stage.said("are you coming?");
    stage.input.type("yes\r");
    assert.equal(stage.commands.length, 1);
    const typed = `forget-peer ${who.slice(0, 8)} --with-history --yes`;
    assert.ok(stage.rows.join(" ").replaceAll(/\s+/g, " ").includes(typed), stage.rows.join("\n"));
  });

  it("asks whom a yes is for when the peer has said something since forget asked", () => {
    const stage = new Stage();
    stage.show(CONNECTED, FORGET_ASKED);
    stage.said("are you coming?");
    stage.input.type("yes\r");
    assert.deepEqual(stage.commands, []);
    assert.ok(stage.rows.join(" ").includes("Then type forget yes."));
    stage.input.type("\r");
    assert.deepEqual(stage.commands, [{ type: "say", text: "yes" }]);
  });

  it("keeps lines that were typed before the prompt was there, and says so", () => {
    const stage = new Stage();
    stage.input.type("hello\nworld\n");
    assert.deepEqual(stage.commands, []);
    assert.ok(stage.rows.join(" ").includes("This was typed before the prompt appeared."));
    stage.input.type("\r");
    assert.deepEqual(stage.commands, [{ type: "say", text: "hello\nworld" }]);
    const quitting = new Stage();
    quitting.input.type("quit\n");
    quitting.input.type("\r");
    assert.deepEqual(quitting.commands, [{ type: "quit" }]);
    const later = new Stage();
    later.input.type("a");
    later.input.type("b\nc\n");
    assert.equal(later.rows.join(" ").includes("before the prompt"), false, "Ctrl-J is a key");
  });

  it("puts no answer of the terminal into the line, and takes an arrow key whole, however slowly it comes", () => {
    const stage = new Stage();
    stage.input.type("ab");
    for (const piece of ["\x1b", "]11;rgb:1e1e/1e1e", "/1e1e\x1b", "\\", "\x1bP1$r0m", "\x1b\\", "\x1b", "[", "D"]) {
      stage.input.type(piece);
      stage.clock.pass(120_000);
    }
    stage.input.type("|");
    assert.equal(stage.rows.at(-1), "nobody ›  a|b");
    stage.frontend.close();
    assert.equal(stage.clock.pending.length, 0);
  });

  it("says once what is not UTF-8 in a line, and sends nothing of it", () => {
    const stage = new Stage();
    stage.input.emit("data", Buffer.from("gr\xfc\xdfe", "latin1"));
    assert.equal(stage.rows.at(-1), "nobody ›  gr\ufffd\ufffde");
    stage.input.type("\r");
    assert.deepEqual(stage.commands, []);
    assert.ok(stage.rows.some((row) => row.startsWith("This line contains something that is not UTF-8")));
    assert.ok(stage.rows.join(" ").includes("LANG=C.UTF-8, without LC_ALL. [input-malformed]"));
    stage.input.type("\ufffd\r");
    assert.deepEqual(stage.commands, [{ type: "say", text: "\ufffd" }]);
  });

  it("sends a paste of several lines as one message, marked or not", () => {
    const stage = new Stage();
    stage.input.type("one\rtwo\r");
    stage.input.type("\x1b[200~a\rb\x1b[201~");
    assert.equal(stage.commands.length, 1);
    stage.input.type("\r");
    assert.deepEqual(stage.commands, [
      { type: "say", text: "one\ntwo" },
      { type: "say", text: "a\nb" },
    ]);
  });

  it("merges renewals into the line above the prompt, and only there", () => {
    const stage = new Stage();
    stage.show(CONNECTED, { type: "rekeyed", epoch: 1 });
    stage.input.type("typing");
    stage.show({ type: "rekeyed", epoch: 2 });
    assert.deepEqual(stage.rows.slice(-2), ["       · keys renewed (2)", "ada ›  typing"]);
    stage.said("hi");
    stage.show({ type: "rekeyed", epoch: 3 });
    assert.deepEqual(stage.rows.slice(-4), [
      "       · keys renewed (2)",
      "14:03  ada  hi",
      "       · keys renewed",
      "ada ›  typing",
    ]);
  });

  it("tries again in one line, which the connection takes the place of", () => {
    const stage = new Stage();
    stage.show(CONNECTED, { ...CUT, undelivered: 0 }, RETRY);
    stage.input.type("typing");
    stage.show({ ...RETRY, attempt: 2, inMs: 1_000 }, { ...RETRY, attempt: 3, inMs: 2_000 });
    const cut = "       · the link to ada was cut";
    assert.deepEqual(stage.rows.slice(-3), [
      cut,
      "       · No. Trying again in 2 s (3rd try). [X]",
      "offline ›  typing",
    ]);
    stage.show(CONNECTED);
    assert.deepEqual(stage.rows.slice(-3), [cut, "       · connected again", "ada ›  typing"]);
  });

  it("keeps that one line below all that is printed meanwhile", () => {
    const stage = new Stage();
    stage.show(CONNECTED, { ...CUT, undelivered: 0 }, RETRY);
    stage.onCommand = (command) => {
      if (command.type === "say") stage.show({ type: "queued", seq: 0, atMs: stage.clock.wallMs, text: command.text });
    };
    stage.input.type("hello?\r");
    stage.show({ ...RETRY, attempt: 2 });
    stage.input.type("peers\r");
    stage.show({ type: "peers", peers: [], connected: undefined }, { ...RETRY, attempt: 3 });
    const said = ["14:03  you  hello?", "offline, 1 waiting ›  peers", "  Nobody is paired with this account yet."];
    assert.deepEqual(stage.rows.slice(-6), [
      "       · the link to ada was cut",
      ...said,
      "       · No. Trying again in 1 s (3rd try). [X]",
      "offline, 1 waiting ›",
    ]);
    stage.show(CONNECTED);
    assert.deepEqual(stage.rows.slice(-5), [...said, "       · connected again", "ada, 1 waiting ›"]);
  });

  it("lets the line of the tries stand where it is once something has gone wrong, or the person leaves", () => {
    for (const event of [
      { ...CUT, undelivered: 0 },
      { type: "error", code: "busy", message: "Busy." },
    ] as const) {
      const stage = new Stage();
      stage.show(CONNECTED, RETRY, event);
      stage.said("the last word");
      assert.deepEqual(stage.rows.slice(-2), ["14:03  ada  the last word", "offline ›"]);
    }
    const stage = new Stage();
    stage.show(CONNECTED, RETRY);
    stage.input.type("quit\r");
    assert.deepEqual(stage.rows.slice(-2), ["offline ›  quit", "offline ›"]);
  });

  it("replaces a try that takes several rows, and nothing above it", () => {
    const stage = new Stage({ columns: 40 });
    const long = { ...RETRY, message: "Nobody answers at ws://10.0.0.7:8080." };
    stage.said("kept");
    stage.show(long, { ...long, attempt: 2 }, { ...long, attempt: 3 });
    assert.deepEqual(stage.rows.slice(-5), [
      "14:03  peer  kept",
      "       · Nobody answers at",
      "         ws://10.0.0.7:8080. Trying",
      "         again in 1 s (3rd try). [X]",
      "offline ›",
    ]);
  });

  it("puts what is said without a link into its place, and counts it", () => {
    const stage = new Stage();
    stage.show(CONNECTED, { ...CUT, undelivered: 0 });
    stage.onCommand = (command) => {
      if (command.type === "say") stage.show({ type: "queued", seq: 0, atMs: stage.clock.wallMs, text: command.text });
    };
    stage.input.type("are you there?\r");
    assert.deepEqual(stage.rows.slice(-2), ["14:03  you  are you there?", "offline, 1 waiting ›"]);
  });

  it("loses no message that came with a renewal during a resize", () => {
    const stage = new Stage();
    stage.show(CONNECTED);
    stage.output.resize(50);
    stage.said("kept");
    stage.show({ type: "rekeyed", epoch: 1 });
    stage.clock.pass(1_000);
    stage.show({ type: "rekeyed", epoch: 2 }, { type: "rekeyed", epoch: 3 });
    assert.deepEqual(stage.rows.slice(-4), [
      "14:03  ada  kept",
      "       · keys renewed",
      "       · keys renewed (2)",
      "ada ›",
    ]);
  });

  it("tells in the prompt what waits for more than two seconds", () => {
    const stage = new Stage();
    stage.show(CONNECTED, { type: "sent", seq: 0, atMs: stage.clock.wallMs, text: "x" });
    assert.equal(stage.rows.at(-1), "ada ›");
    stage.clock.pass(1_999);
    assert.equal(stage.rows.at(-1), "ada ›");
    stage.clock.pass(1);
    assert.equal(stage.rows.at(-1), "ada, 1 waiting ›");
    stage.show({ type: "delivered", seq: 0 });
    assert.equal(stage.rows.at(-1), "ada ›");
  });

  it("yields interrupt at each Ctrl-C, quit at Ctrl-D on an empty line and at the end of the input", () => {
    const stage = new Stage();
    stage.input.type("x\x03\x03");
    stage.input.type("\x7f\x04");
    assert.deepEqual(
      stage.commands.map((command) => command.type),
      ["interrupt", "interrupt", "quit"],
    );
    stage.input.emit("end");
    assert.equal(stage.commands.at(-1)?.type, "quit");
  });

  it("waits for the end of a series of resizes, and loses nothing meanwhile", () => {
    const stage = new Stage();
    stage.show(CONNECTED);
    stage.clock.pass(1_000);
    stage.input.type("a line that takes more than one row of any of these widths, and more");
    stage.clock.pass(1_000);
    const before = stage.output.written.length;
    for (const columns of [50, 40, 70, 45]) {
      stage.output.resize(columns);
      stage.said(`at ${columns}`);
      stage.clock.pass(100);
    }
    assert.equal(stage.output.written.length, before);
    stage.clock.pass(300);
    const messages = stage.rows.filter((row) => row.startsWith("14:03")).map((row) => row.slice(12));
    assert.deepEqual(messages, ["at 50", "at 40", "at 70", "at 45"]);
    assert.equal(stage.rows.filter((row) => row.includes("›")).length, 1);
  });

  it("takes the terminal, and gives it back on close, once", () => {
    const stage = new Stage();
    assert.equal(stage.input.isRaw, true);
    assert.ok(stage.output.written.includes("\x1b[?2004h"));
    stage.said("last words");
    stage.input.type("half a li");
    stage.frontend.close();
    assert.equal(stage.input.isRaw, false);
    assert.ok(stage.output.written.endsWith("\x1b[?2004l"));
    assert.equal(stage.output.grid.cursorShown, true);
    assert.deepEqual(stage.rows.slice(-2), ["14:03  peer  last words", ""]);
    assert.equal(stage.output.grid.cursor.column, 0);
    const written = stage.output.written.length;
    stage.frontend.close();
    stage.said("too late");
    stage.input.type("quit\r");
    stage.output.resize(50);
    stage.clock.pass(10_000);
    assert.equal(stage.output.written.length, written);
    assert.deepEqual(stage.commands, []);
    assert.equal(
      stage.hooks.onExitListeners.size + stage.hooks.onContinueListeners.size + stage.clock.pending.length,
      0,
    );
  });

  it("gives the terminal back when the process ends some other way", () => {
    const stage = new Stage();
    for (const listener of stage.hooks.onExitListeners) listener();
    assert.equal(stage.input.isRaw, false);
    assert.ok(stage.output.written.endsWith("\x1b[?2004l"));
  });

  it("may be closed by the command that it yields, and draws nothing after", () => {
    const stage = new Stage();
    stage.onCommand = () => stage.frontend.close();
    stage.input.type("quit\r");
    assert.deepEqual(stage.rows.slice(-2), ["nobody ›  quit", ""]);
  });

  it("lets the shell have the terminal at Ctrl-Z, and comes back with all that happened", () => {
    const stage = new Stage();
    stage.show(CONNECTED);
    stage.input.type("half a li\x1a");
    assert.equal(stage.hooks.suspended, 1);
    assert.equal(stage.input.isRaw, false);
    stage.said("while you were away");
    assert.ok(!stage.rows.join("").includes("away"));
    for (const listener of stage.hooks.onContinueListeners) listener();
    assert.equal(stage.input.isRaw, true);
    assert.deepEqual(stage.rows.slice(-2), ["14:03  ada  while you were away", "ada ›  half a li"]);
  });

  it("goes on by itself where there is nobody to suspend it", () => {
    const stage = new Stage();
    stage.input.type("\x1a");
    stage.clock.pass(500);
    assert.equal(stage.input.isRaw, true);
    assert.equal(stage.rows.at(-1), "nobody ›");
  });

  it("draws once when the timer and the signal both tell that it goes on", () => {
    const stage = new Stage();
    stage.input.type("a line that takes more than one row on a screen of sixty columns");
    stage.input.type("\x1a");
    stage.clock.pass(500);
    for (const listener of stage.hooks.onContinueListeners) listener();
    assert.equal(stage.rows.filter((row) => row.includes("›")).length, 1);
  });

  it("has written what it was given at once, and later while the shell or a resize holds it back", () => {
    const told: boolean[] = [];
    const ask = (stage: Stage): void => stage.frontend.whenWritten((isWritten) => told.push(isWritten));
    const stage = new Stage();
    stage.said("one");
    ask(stage);
    assert.deepEqual(told, [true]);
    stage.output.resize(50);
    ask(stage);
    stage.said("two");
    ask(stage);
    assert.deepEqual(told, [true, true]);
    stage.clock.pass(300);
    assert.ok(stage.rows.join().includes("two"));
    assert.deepEqual(told, [true, true, true]);
    stage.input.type("\x1a");
    stage.said("three");
    ask(stage);
    for (const listener of stage.hooks.onContinueListeners) listener();
    assert.deepEqual(told.splice(0), [true, true, true, true]);
  });

  it("has never written what it held back when it was closed, nor what comes afterwards", () => {
    const told: boolean[] = [];
    for (const plain of [false, true]) {
      const stage = new Stage({ plain });
      if (!plain) stage.input.type("\x1a");
      stage.said("one");
      if (!plain) stage.frontend.whenWritten((isWritten) => told.push(isWritten));
      stage.frontend.close();
      stage.said("two");
      stage.frontend.whenWritten((isWritten) => told.push(isWritten));
    }
    assert.deepEqual(told, [false, false, false]);
  });

  it("copies errors, made safe, to a standard error that is elsewhere", () => {
    const stage = new Stage();
    stage.show({ type: "error", code: "unreachable", message: "Nobody\x1b[2J answers.", hint: "Start it." });
    assert.equal(String(stage.error.read()), "Nobody answers. Start it. [unreachable]\n");
    assert.ok(stage.rows.some((row) => row === "Start it. [unreachable]"));
  });

  it("never disturbs the screen, whatever a peer sends", () => {
    const stage = new Stage();
    stage.show(CONNECTED);
    stage.input.type("mine");
    stage.said("\x1b]0;title\x07\x1b[2J\x1b[H\x1b]52;c;eA==\x07\rada ›  rm -rf\n14:04  you  I agree\x9b1A\u202e");
    // The grid throws at any sequence that is not ours.
    assert.deepEqual(stage.rows.slice(-4), [
      "14:03  ada  ada ›  rm -rf",
      "            14:04  you  I agree",
      "            <U+202E>",
      "ada ›  mine",
    ]);
  });

  it("shows what is typed with the joiners and marks that its script needs, and no others", () => {
    const stage = new Stage();
    stage.input.type("می\u200c");
    assert.equal(stage.rows.at(-1), "nobody ›  می\u200c");
    stage.input.type("خواهم ab\u200cc");
    assert.equal(stage.rows.at(-1), "nobody ›  می\u200cخواهم ab<U+200C>c");
  });

  it("shows what is pasted without obeying it", () => {
    const stage = new Stage();
    stage.input.type("\x1b[200~a\x1b[2J\tb\u202e\x1b[201~");
    assert.equal(stage.rows.at(-1), "nobody ›  a    b<U+202E>");
  });
});

describe("the plain face", () => {
  it("appends every event as a line, without a prompt and without any escape sequence", () => {
    const stage = new Stage({ plain: true, columns: 200 });
    stage.show(CONNECTED, { type: "rekeyed", epoch: 1 }, { type: "rekeyed", epoch: 2 });
    stage.said("a message that is longer than the screen is wide\nand a second line");
    stage.input.type("/foo\r");
    stage.clock.pass(100);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(stage.output.written, /[\x1b\r]|›/);
    assert.deepEqual(stage.output.written.split("\n").slice(1, 6), [
      "       · keys renewed",
      "       · keys renewed",
      "14:03  ada  a message that is longer than the screen is wide",
      "            and a second line",
      "/foo",
    ]);
    stage.frontend.close();
  });

  it("indents what does not fit into a row, so that no text of a peer begins where our lines do; a URL stays whole", () => {
    const stage = new Stage({ plain: true, columns: 40 });
    stage.show(CONNECTED);
    const before = stage.output.written.length;
    const url = `https://chat.example/${"x".repeat(40)}`;
    stage.said(`so much is said here that 14:03  bob  can stand anywhere: ${url} is\n· disconnected`);
    assert.deepEqual(stage.output.written.slice(before).split("\n"), [
      "14:03  ada  so much is said here that",
      "            14:03  bob  can stand",
      "            anywhere:",
      `            ${url}`,
      "            is",
      "            · disconnected",
      "",
    ]);
    // As the terminal shows it: but for the URL, nothing of it is in the first columns.
    const rows = stage.output.grid.text.slice(-7);
    assert.ok(
      rows.every((row) => row.startsWith("14:03  ada") || /^(?: {12}|x*$)/.test(row)),
      rows.join("\n"),
    );
    stage.frontend.close();
  });

  it("leaves its lines whole where the terminal does not say how wide it is", () => {
    const stage = new Stage({ plain: true, columns: 0 });
    stage.show(CONNECTED);
    stage.said("word ".repeat(100).trim());
    assert.match(stage.output.written, /^14:03 {2}ada {2}(?:word ){99}word$/m);
    stage.frontend.close();
  });

  it("yields commands and what is said, and quits at the end of the input", () => {
    const stage = new Stage({ plain: true });
    for (const key of "hello\rstatus\r") stage.input.type(key);
    stage.input.type("\x03\x04");
    stage.clock.pass(100);
    stage.input.emit("end");
    assert.deepEqual(stage.commands, [
      { type: "say", text: "hello" },
      { type: "status" },
      { type: "interrupt" },
      { type: "quit" },
      { type: "quit" },
    ]);
    assert.equal(stage.output.written, "hello\nstatus\n");
  });

  it("reads keys and not lines of the terminal's, whose buffer would cut them, and gives the terminal back", () => {
    const stage = new Stage({ plain: true });
    assert.equal(stage.input.isRaw, true);
    const long = "x".repeat(16_384);
    for (let at = 0; at < long.length; at += 4095) stage.input.type(long.slice(at, at + 4095));
    stage.input.type("\r");
    stage.clock.pass(100);
    assert.deepEqual(stage.commands, [{ type: "say", text: long }]);
    stage.input.type("half");
    stage.frontend.close();
    assert.equal(stage.input.isRaw, false);
    assert.ok(stage.output.written.endsWith("half\n"));
    assert.equal(
      stage.hooks.onExitListeners.size + stage.hooks.onContinueListeners.size + stage.clock.pending.length,
      0,
    );
  });

  it("takes lines that come together for one message, whatever the chunks and the line ends are", () => {
    for (const lineEnd of ["\r", "\n", "\r\n"]) {
      for (const size of [2, 5, 100]) {
        const stage = new Stage({ plain: true });
        const paste = `quit${lineEnd}  two${lineEnd}${lineEnd}three`;
        for (let at = 0; at < paste.length; at += size) {
          stage.input.type(paste.slice(at, at + size));
          stage.clock.pass(99);
        }
        stage.clock.pass(1_000);
        assert.deepEqual(stage.commands, [], "it waits for Enter");
        stage.input.type("\r");
        const expected = { type: "say", text: "quit\n  two\n\nthree" };
        assert.deepEqual(stage.commands, [expected], `${JSON.stringify(lineEnd)} in chunks of ${size}`);
        stage.input.type(`a${lineEnd}b${lineEnd}`);
        assert.equal(stage.commands.length, 1);
        stage.clock.pass(100);
        assert.deepEqual(stage.commands[1], { type: "say", text: "a\nb" });
        stage.frontend.close();
      }
    }
  });

  it("takes a line for whole at its Enter when somebody types on", () => {
    const stage = new Stage({ plain: true });
    stage.input.type("hello\r");
    stage.input.type("h");
    assert.deepEqual(stage.commands, [{ type: "say", text: "hello" }]);
    stage.input.type("o");
    stage.input.type("\r");
    assert.deepEqual(stage.commands[1], { type: "say", text: "ho" });
  });

  it("echoes what is typed made safe, and takes back what is erased by backspaces", () => {
    const stage = new Stage({ plain: true });
    for (const key of ["日", "ü", "\u202e", "\x7f", "\x7f", "\x1b[A", "\x1b]11;rgb:0\x07", "x", "\x15", "ok", "\r"]) {
      stage.input.type(key);
    }
    stage.clock.pass(100);
    const back = "\b \b";
    assert.equal(stage.output.written, `日ü<U+202E>${back.repeat(8)}${back}x${back.repeat(3)}ok\n`);
    assert.deepEqual(stage.commands, [{ type: "say", text: "ok" }]);
  });

  it("echoes nothing where Emacs has shown the line already", () => {
    const stage = new Stage({ plain: true, env: { INSIDE_EMACS: "29.1,comint" } });
    stage.input.type("hello\n");
    stage.clock.pass(100);
    assert.deepEqual(stage.commands, [{ type: "say", text: "hello" }]);
    assert.equal(stage.output.written, "");
  });

  it("puts a line of its own below what is half typed, which goes on", () => {
    const stage = new Stage({ plain: true });
    stage.show(CONNECTED);
    const before = stage.output.written.length;
    stage.input.type("half ");
    stage.said("hi");
    stage.input.type("a line\r");
    stage.clock.pass(100);
    assert.equal(stage.output.written.slice(before), "half \n14:03  ada  hi\na line\n");
    assert.deepEqual(stage.commands, [{ type: "say", text: "half a line" }]);
  });

  it("asks once about a word that was meant as a command, below it, and keeps it for another Enter", () => {
    const stage = new Stage({ plain: true, columns: 80 });
    for (const key of "qiut\r") stage.input.type(key);
    const question = "       · Did you mean quit? Enter sends it as it is; Ctrl-U clears it.\n";
    assert.equal(stage.output.written, `qiut\n${question}qiut`);
    assert.deepEqual(stage.commands, []);
    stage.input.type("\r");
    assert.deepEqual(stage.commands, [{ type: "say", text: "qiut" }]);
    assert.equal(stage.output.written, `qiut\n${question}qiut\n`);
    stage.frontend.close();
  });

  it("says so where a line is not UTF-8, and sends nothing of it", () => {
    const stage = new Stage({ plain: true });
    stage.input.emit("data", Buffer.from("caf\xe9\r", "latin1"));
    stage.clock.pass(100);
    assert.deepEqual(stage.commands, []);
    assert.match(stage.output.written, /^caf\ufffd\nThis line contains something that is not UTF-8/);
  });

  it("lets the shell have the terminal at Ctrl-Z, and takes it again", () => {
    const stage = new Stage({ plain: true });
    stage.input.type("\x1a");
    assert.deepEqual([stage.hooks.suspended, stage.input.isRaw], [1, false]);
    for (const listener of stage.hooks.onContinueListeners) listener();
    assert.equal(stage.input.isRaw, true);
    stage.input.type("\x1a");
    stage.clock.pass(500);
    assert.equal(stage.input.isRaw, true);
  });

  it("tells each reason for trying again once, and what waits once", () => {
    const stage = new Stage({ plain: true, columns: 80 });
    stage.show(CONNECTED, { type: "sent", seq: 0, atMs: stage.clock.wallMs, text: "x" }, CUT);
    const before = stage.output.written.length;
    stage.show(RETRY, { ...RETRY, attempt: 2 }, { ...RETRY, attempt: 3, code: "Y" });
    stage.show({ type: "queued", seq: 1, atMs: stage.clock.wallMs, text: "y" }, { ...RETRY, attempt: 4, code: "Y" });
    stage.show(CONNECTED, { type: "released", seq: 1, was: 1 }, { type: "delivered", seq: 1 });
    stage.clock.pass(5_000);
    assert.ok(stage.output.written.slice(0, before).endsWith("was cut; 1 message waits for the next time\n"));
    assert.deepEqual(stage.output.written.slice(before).split("\n"), [
      "       · No. Trying again in 1 s. [X]",
      "       · No. Trying again in 1 s (3rd try). [Y]",
      "14:03  you  y",
      "       · connected again",
      "       · nothing is waiting any more",
      "",
    ]);
    stage.frontend.close();
  });

  it("tells as lines that something waits, and that nothing does any more", () => {
    const stage = new Stage({ plain: true });
    stage.show(CONNECTED, { type: "sent", seq: 0, atMs: stage.clock.wallMs, text: "x" });
    stage.clock.pass(2_000);
    assert.ok(stage.output.written.endsWith("· 1 message not delivered yet\n"));
    stage.show({ type: "delivered", seq: 0 });
    assert.ok(stage.output.written.endsWith("· nothing is waiting any more\n"));
    stage.frontend.close();
    assert.equal(stage.clock.pending.length, 0);
  });
});
