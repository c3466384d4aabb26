// Lines of the prompt that name somebody, and sentences that only look like it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { doubtAbout, parseCommand } from "../../src/app/commands.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq 3xkd m2pa", pairedAtMs: 0, comparedAtMs: undefined };
const BOB: PeerView = { ...ADA, name: "bob", fingerprint: "q4wm 7c2e x2kd" };
const EVA: PeerView = { ...ADA, name: "Eva Luna", fingerprint: "m1xc 7c2e o3va" };
const PEOPLE = [ADA, BOB, EVA];
const TO_BOB = "q4wm7c2ex2kd";
const TO_EVA = "m1xc7c2eo3va";

const parsed = (line: string, people: readonly PeerView[] = PEOPLE) => parseCommand(line, "lair-client", people);
const isSaid = (line: string, people: readonly PeerView[] = PEOPLE): void => {
  assert.deepEqual(parsed(line, people), { type: "say", text: line }, line);
};

describe("a line with @NAME", () => {
  it("is said to that person, without the name", () => {
    assert.deepEqual(parsed("@bob hi there"), { type: "say", text: "hi there", to: TO_BOB });
    assert.deepEqual(parsed("@BOB: hi"), { type: "say", text: "hi", to: TO_BOB });
    assert.deepEqual(parsed("@Eva Luna hi"), { type: "say", text: "hi", to: TO_EVA });
    assert.deepEqual(parsed("@q4wm7c2e hi"), { type: "say", text: "hi", to: TO_BOB });
    assert.deepEqual(parsed("@bob one\ntwo"), { type: "say", text: "one\ntwo", to: TO_BOB });
    assert.deepEqual(parsed("@bob @ada hi"), { type: "say", text: "@ada hi", to: TO_BOB });
    assert.deepEqual(parsed("@bob /say status"), { type: "say", text: "status", to: TO_BOB });
  });

  it("is that person's command, if it is one about a person", () => {
    assert.deepEqual(parsed("@bob status"), { type: "status", to: TO_BOB });
    assert.deepEqual(parsed("@bob history 5"), { type: "history", count: 5, to: TO_BOB });
    assert.deepEqual(parsed("@bob verify done"), { type: "verify", compared: true, to: TO_BOB });
  });

  it("is a text, if its command is about nobody in particular", () => {
    for (const word of ["quit", "peers", "who", "help"]) {
      assert.deepEqual(parsed(`@bob ${word}`), { type: "say", text: word, to: TO_BOB });
    }
  });

  it("is refused if nobody is called that, or if nothing follows, and is said to nobody", () => {
    for (const line of ["@nobody hi", "@", "@ bob hi", "@bo hi", "@bobby hi", "@bob", "@bob:", "@nobody quit"]) {
      const { type } = parsed(line);
      assert.equal(type, "unknown", line);
      assert.equal(doubtAbout(line, "lair-client", PEOPLE), undefined);
    }
    const refused = parsed("@nobody hi");
    assert.ok(refused.type === "unknown" && refused.word === "@nobody" && refused.hint.includes("/say"));
    assert.deepEqual(parsed("/say @nobody hi"), { type: "say", text: "@nobody hi" });
  });
});

describe("to, mute and address", () => {
  it("take the name of somebody who is known", () => {
    for (const line of ["to bob", "/to bob", "to @bob", "to BOB", "to q4wm7c2e"]) {
      assert.deepEqual(parsed(line), { type: "select", who: TO_BOB }, line);
    }
    assert.deepEqual(parsed("to Eva Luna"), { type: "select", who: TO_EVA });
    assert.deepEqual(parsed("mute bob"), { type: "mute", who: TO_BOB, isMuted: true });
    assert.deepEqual(parsed("unmute Eva Luna"), { type: "mute", who: TO_EVA, isMuted: false });
    assert.deepEqual(parsed("address Eva Luna ws://10.0.0.7:8080"), {
      type: "address",
      who: TO_EVA,
      url: "ws://10.0.0.7:8080",
    });
  });

  it("are said where they begin a sentence", () => {
    for (const line of ["to work", "to be or not to be", "to bob it does not matter", "mute the television"])
      isSaid(line);
    isSaid("to bob", [ADA]);
    isSaid("address it to me");
  });

  it("are asked about with one word that may be a name written wrong", () => {
    assert.match(doubtAbout("to bbo", "lair-client", PEOPLE) ?? "", /^Nobody here is called bbo; /);
    assert.match(doubtAbout("mute bbo", "lair-client", PEOPLE) ?? "", /^Nobody here is called bbo; /);
    assert.match(doubtAbout("to bob", "lair-client", [ADA]) ?? "", /^Nobody here is called bob; /);
    assert.equal(doubtAbout("to work with me", "lair-client", PEOPLE), undefined);
  });

  it("say what is missing when they stand alone", () => {
    for (const line of ["to", "mute", "unmute", "address", "/to", "/to work", "/address bob"]) {
      assert.equal(parsed(line).type, "unknown", line);
    }
  });
});

/** Where bob has been introduced. */
const answer = (line: string) => parseCommand(line, "lair-client", [ADA], [BOB]);

describe("introduce, accept and decline", () => {
  it("take two people, and somebody who was introduced", () => {
    for (const line of ["introduce bob Eva Luna", "/introduce @bob @Eva Luna"]) {
      assert.deepEqual(parsed(line), { type: "introduce", who: [TO_BOB, TO_EVA] }, line);
    }
    assert.deepEqual(answer("accept bob"), { type: "answer-introduction", who: TO_BOB, isAccepted: true });
    assert.deepEqual(answer("decline @bob"), { type: "answer-introduction", who: TO_BOB, isAccepted: false });
    assert.equal(answer("accept").type, "unknown");
  });

  it("are messages with anything else", () => {
    for (const line of ["introduce yourself", "introduce bob to the team", "accept bob", "decline politely"])
      isSaid(line);
    assert.match(doubtAbout("introduce bob karol", "lair-client", PEOPLE) ?? "", /Nobody here is called karol/);
  });
});

describe("all", () => {
  it("says a text to everybody where there are several, and is a message between two", () => {
    assert.deepEqual(parsed("all good?"), { type: "say-all", text: "good?", confirmed: false });
    assert.deepEqual(parsed("all lunch  at noon"), { type: "say-all", text: "lunch  at noon", confirmed: false });
    for (const people of [[], [ADA]]) isSaid("all good", people);
    isSaid("all");
  });
});

describe("a command with a name behind it", () => {
  it("is about that person", () => {
    assert.deepEqual(parsed("verify bob"), { type: "verify", compared: false, to: TO_BOB });
    assert.deepEqual(parsed("verify bob done"), { type: "verify", compared: true, to: TO_BOB });
    assert.deepEqual(parsed("status Eva Luna"), { type: "status", to: TO_EVA });
    assert.deepEqual(parsed("history bob 50"), { type: "history", count: 50, to: TO_BOB });
    assert.deepEqual(parsed("history @bob 5"), { type: "history", count: 5, to: TO_BOB });
    assert.deepEqual(parsed("timer bob 10m"), { type: "timer", seconds: 600, to: TO_BOB });
    assert.deepEqual(parsed("forget bob"), { type: "forget", confirmed: false, to: TO_BOB });
    assert.deepEqual(parsed("search @bob two words"), { type: "search", words: "two words", to: TO_BOB });
    assert.deepEqual(parsed("rename @bob robert"), { type: "rename", name: "robert", to: TO_BOB });
  });

  it("takes no name without @ where it may be something else", () => {
    assert.deepEqual(parsed("search bob two"), { type: "search", words: "bob two" });
    assert.deepEqual(parsed("rename bob"), { type: "rename", name: "bob" });
    assert.deepEqual(parsed("export bob"), { type: "export", file: "bob" });
  });

  it("is said where it goes on as a sentence", () => {
    for (const line of ["verify bob is there", "history bob and ada", "status of bob", "forget bob about it"])
      isSaid(line);
  });
});

describe("words of everyday", () => {
  it("are not asked about because commands are short", () => {
    const words = "ho do go so no too two top call ball tall hall ally how wow why whom hoo mate cute yo tow".split(
      " ",
    );
    const asked = words.filter((word) => doubtAbout(word, "lair-client", PEOPLE) !== undefined);
    assert.deepEqual(asked, []);
  });
});
