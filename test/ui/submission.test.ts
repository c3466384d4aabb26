// The questions of commands and their answers, while other people say something.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command, ProgramEvent } from "../../src/app/events.ts";
import { parseCommand } from "../../src/app/commands.ts";
import { recipientOf } from "../../src/app/people.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { createStyle } from "../../src/node/terminal/create-style.ts";
import { Submission } from "../../src/ui/submission.ts";
import { View } from "../../src/ui/view.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq 3xkd m2pa", pairedAtMs: 0, comparedAtMs: undefined };
const LOVELACE: PeerView = { ...ADA, name: "Ada Lovelace", fingerprint: "zzxc 7c2e o3va" };
const BOB: PeerView = { ...ADA, name: "bob", fingerprint: "q4wm 7c2e x2kd" };
const PEOPLE = [ADA, LOVELACE, BOB];
const MESSAGE: ProgramEvent = { type: "message", peer: BOB, seq: 0, atMs: 0, text: "coming?" };

/** A prompt that is at bob. */
class Prompt {
  readonly commands: Command[] = [];
  readonly back: string[] = [];
  rows: string[] = [];
  readonly #view = new View({
    program: "lair-client",
    style: createStyle(false, true),
    unicode: true,
    columns: () => Number.POSITIVE_INFINITY,
    nowMs: () => 0,
    merges: true,
    hasPrompt: true,
  });
  readonly #submission = new Submission("lair-client", this.#view, {
    echo() {},
    print: (rows) => void this.rows.push(...rows),
    putBack: (line) => void this.back.push(line),
    command: (command) => void this.commands.push(command),
  });

  constructor(people: readonly PeerView[] = PEOPLE) {
    this.show({ type: "people", peers: people }, { type: "selected", peer: BOB, by: "user" });
    this.rows = [];
  }

  show(...events: readonly ProgramEvent[]): void {
    for (const event of events) {
      this.rows.push(...this.#view.render(event).rows);
      this.#submission.learn(event);
    }
  }

  enter(...lines: readonly string[]): void {
    for (const line of lines) this.#submission.submit(line);
  }

  get text(): string {
    return this.rows.join("\n");
  }
}

/** The line that a row advises to type. */
function advised(rows: string): ReturnType<typeof parseCommand> {
  const [, line = ""] = /[Tt]ype ((?:forget|verify).*?)\.(?: |$)/mu.exec(rows.slice(rows.indexOf("Then"))) ?? [];
  return parseCommand(line, "lair-client", PEOPLE);
}

describe("the question of forget and of forget-peer, in doubt", () => {
  for (const peer of [ADA, LOVELACE, BOB]) {
    it(`says what to type for ${peer.name}, which does the same whoever is at the prompt`, () => {
      const to = recipientOf(peer);
      for (const [question, confirmed] of [
        [
          { type: "forget-asked", peer, count: 3 },
          { type: "forget", confirmed: true, to },
        ],
        [
          { type: "forget-peer-asked", peer, history: true, count: 3 },
          { type: "forget-peer", who: to, history: true, confirmed: true },
        ],
      ] as const) {
        const prompt = new Prompt();
        prompt.show(question, MESSAGE);
        prompt.enter("yes");
        assert.deepEqual(prompt.commands, []);
        assert.deepEqual(advised(prompt.text), confirmed, prompt.text);
        prompt.enter("yes", "yes", "");
        assert.deepEqual([prompt.commands, prompt.back], [[], []], "it is sent to nobody");
        prompt.enter("/say yes");
        assert.deepEqual(prompt.commands, [{ type: "say", text: "yes", to: recipientOf(BOB) }]);
      }
    });
  }
});

describe("the question of all", () => {
  const asked: ProgramEvent = { type: "say-all-asked", text: "lunch?", peers: [ADA, BOB] };
  const confirmed: Command = {
    type: "say-all",
    text: "lunch?",
    confirmed: true,
    to: [recipientOf(ADA), recipientOf(BOB)],
  };
  it("holds whatever others say, because it has named whom the text goes to", () => {
    const prompt = new Prompt();
    prompt.show(asked, MESSAGE, { type: "connected", peer: LOVELACE, pairedNow: true });
    prompt.enter("yes");
    assert.deepEqual(prompt.commands, [confirmed]);
  });

  it("is in doubt once another question is shown, such as whether to accept somebody, and so is that of forget", () => {
    const forget: ProgramEvent = { type: "forget-peer-asked", peer: BOB, history: false, count: 3 };
    const introduced: ProgramEvent = { type: "introduction", id: "x1", peer: LOVELACE, by: ADA };
    const timer = { type: "timer", peer: ADA, seq: 3, seconds: 600, by: "peer" } as const;
    for (const question of [asked, forget])
      for (const other of [introduced, timer]) {
        const prompt = new Prompt();
        prompt.show(question, other);
        prompt.enter("yes");
        assert.deepEqual(prompt.commands, []);
        assert.match(
          prompt.text,
          question === asked ? /Then type all lunch\?\. / : /Then type forget-peer .* --yes\. /,
        );
      }
  });

  it("does not hold once something else was typed", () => {
    const prompt = new Prompt();
    prompt.show(asked, MESSAGE);
    prompt.enter("status", "yes");
    assert.ok(prompt.commands.every(({ type }) => type !== "say-all"));
    assert.equal(prompt.text.match(/What you wanted to send to everybody was not sent\./g)?.length, 1);
  });

  it("is answered by no too", () => {
    const prompt = new Prompt();
    prompt.show(asked, MESSAGE);
    prompt.enter("no");
    assert.deepEqual(prompt.commands, []);
    assert.match(prompt.text, /it was not sent/);
  });
});

const verify = (peer: PeerView): ProgramEvent => ({ type: "verify", own: "aaaa", peer, words: ["one"] });
const rowsOf = (...events: readonly ProgramEvent[]): string => {
  const prompt = new Prompt();
  prompt.show(...events);
  return prompt.text;
};

describe("what to type about somebody", () => {
  it("has the name where the prompt is at somebody else", () => {
    assert.match(rowsOf(verify(BOB)), /type verify done\.$/u);
    assert.match(rowsOf(verify(ADA)), /type verify ada done\.$/u);
    assert.match(rowsOf(verify(LOVELACE)), /type verify "Ada Lovelace" done\.$/u);
    const connected = (peer: PeerView): string => rowsOf({ type: "connected", peer, pairedNow: true });
    assert.match(connected(BOB), /Type verify once,/);
    assert.match(connected(LOVELACE), /Type verify "Ada Lovelace" once,/);
    const hidden = { ...LOVELACE, name: "you" };
    assert.match(rowsOf({ type: "people", peers: [BOB, hidden] }, verify(hidden)), /type verify zzxc7c2e done\.$/u);
  });

  it("names the recipient of a line to somebody else as it can be typed", () => {
    assert.match(rowsOf({ type: "sent", peer: LOVELACE, seq: 0, atMs: 0, text: "hi" }), /you +@"Ada Lovelace" hi$/u);
    assert.match(rowsOf({ type: "sent", peer: ADA, seq: 0, atMs: 0, text: "hi" }), /you +@ada hi$/u);
  });
});

describe("a command that names nobody", () => {
  it("is about the person at the prompt, but peers and search are about all", () => {
    const prompt = new Prompt();
    prompt.enter("history", "peers", "search attic", "peers bob");
    assert.deepEqual(prompt.commands, [
      { type: "history", count: 20, to: recipientOf(BOB) },
      { type: "peers" },
      { type: "search", words: "attic" },
      { type: "peers", to: recipientOf(BOB) },
    ]);
  });
});

describe("a line with @NAME that is asked about", () => {
  it("goes to that person at the second Enter, and not to whom the prompt is at", () => {
    const prompt = new Prompt();
    prompt.enter("@ada timer bob 10m");
    assert.deepEqual([prompt.commands, prompt.back], [[], ["@ada timer bob 10m"]]);
    assert.match(prompt.text, /Did you mean timer bob 10m, without @ada in front\?/);
    prompt.enter("@ada timer bob 10m");
    assert.deepEqual(prompt.commands, [{ type: "say", text: "timer bob 10m", to: recipientOf(ADA) }]);
  });
});

describe("a search with a name", () => {
  it("says what it looks for, if it could have meant something else", () => {
    const prompt = new Prompt();
    prompt.enter("search bob attic");
    assert.deepEqual(prompt.commands, [{ type: "search", words: "attic", to: recipientOf(BOB) }]);
    assert.match(prompt.text, /To look for all these words in all histories: search "bob attic"/);
    prompt.rows = [];
    prompt.enter("search @bob attic");
    assert.deepEqual([prompt.commands.length, prompt.rows], [2, []]);
  });
});
