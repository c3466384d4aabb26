// Lines of the prompt that name somebody, and sentences that only look like it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { doubtAbout, noteAbout, parseCommand } from "../../src/app/commands.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq 3xkd m2pa", pairedAtMs: 0, comparedAtMs: undefined };
const BOB: PeerView = { ...ADA, name: "bob", fingerprint: "q4wm 7c2e x2kd" };
const EVA: PeerView = { ...ADA, name: "Eva Luna", fingerprint: "m1xc 7c2e o3va" };
const PEOPLE = [ADA, BOB, EVA];
const called = (name: string, letters = "eeee eeee eeee"): PeerView => ({ ...ADA, name, fingerprint: letters });
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
    assert.deepEqual(parsed("@bob peers"), { type: "peers", to: TO_BOB });
    assert.deepEqual(parsed("@bob verify done"), { type: "verify", compared: true, to: TO_BOB });
  });

  it("is a text, if its command is about nobody in particular", () => {
    for (const word of ["quit", "who", "help"]) {
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
    for (const line of ["peers bob", "/peers bob", "peers @bob", 'peers "bob"', "peers q4wm7c2e"])
      assert.deepEqual(parsed(line), { type: "peers", to: TO_BOB }, line);
    assert.deepEqual(parsed("status Eva Luna"), { type: "status", to: TO_EVA });
    assert.deepEqual(parsed("history bob 50"), { type: "history", count: 50, to: TO_BOB });
    assert.deepEqual(parsed("history @bob 5"), { type: "history", count: 5, to: TO_BOB });
    assert.deepEqual(parsed("timer bob 10m"), { type: "timer", seconds: 600, to: TO_BOB });
    assert.deepEqual(parsed("forget bob"), { type: "forget", confirmed: false, to: TO_BOB });
    assert.deepEqual(parsed("search @bob two words"), { type: "search", words: "two words", to: TO_BOB });
    assert.deepEqual(parsed("rename @bob robert"), { type: "rename", name: "robert", to: TO_BOB });
  });

  it("takes no name without @ where it may be something else", () => {
    assert.deepEqual(parsed("rename bob"), { type: "rename", name: "bob" });
    assert.deepEqual(parsed("export bob"), { type: "export", file: "bob" });
  });

  it("is said where it goes on as a sentence", () => {
    for (const line of ["verify bob is there", "history bob and ada", "status of bob", "forget bob about it"])
      isSaid(line);
  });
});

const note = (line: string, people = PEOPLE) => noteAbout(line, "lair-client", people);

describe("search with a name that is not marked", () => {
  it("is about that person where there are several, and says how to look for all the words", () => {
    for (const line of ["search bob two", "/search bob two", "search Bob two"]) {
      assert.deepEqual(parsed(line), { type: "search", words: "two", to: TO_BOB });
      assert.match(note(line) ?? "", /with bob, .*in all histories: search "bob two"$/iu);
    }
    assert.deepEqual(parsed('search "bob two"'), { type: "search", words: '"bob two"' });
    assert.deepEqual(parsed("search Eva Luna two words"), { type: "search", words: "two words", to: TO_EVA });
    assert.match(note("search Eva Luna two words") ?? "", /with "Eva Luna", .*: search "Eva Luna two words"$/u);
  });

  it("is about the words where nothing follows, between two, behind @NAME, and if it is not clear who is meant", () => {
    assert.deepEqual(parsed("search bob"), { type: "search", words: "bob" });
    assert.deepEqual(parsed("search bob two", [BOB]), { type: "search", words: "bob two" });
    assert.deepEqual(parsed("@ada search bob two"), { type: "search", words: "bob two", to: "7ufq3xkdm2pa" });
    assert.deepEqual(amongAdas("search Ada Lovelace engine"), { type: "search", words: "Ada Lovelace engine" });
  });

  it("is the only line with such a note", () => {
    for (const line of ["search bob", "search @bob two", 'search "bob" two', "search two bob", "history bob", "hi bob"])
      assert.equal(note(line), undefined, line);
    assert.equal(note("search bob two", [BOB]), undefined);
  });
});

const LOVELACE: PeerView = { ...ADA, name: "Ada Lovelace", fingerprint: "zzxc 7c2e o3va" };
const TO_LOVELACE = "zzxc7c2eo3va";
const TWO_ADAS = [ADA, LOVELACE, BOB];

const amongAdas = (line: string) => parsed(line, TWO_ADAS);
const parsedAt = (line: string, at: PeerView) => parseCommand(line, "lair-client", TWO_ADAS, [], at);
const named = (name: string): PeerView => ({ ...ADA, name, fingerprint: "aaaa bbbb cccc" });

describe("a name in quotation marks, or the start of a fingerprint", () => {
  it("is a name behind rename, search and export too", () => {
    for (const name of ['"Ada Lovelace"', '@"Ada Lovelace"', "zzxc7c2e", "@zzxc7c2e"]) {
      assert.deepEqual(amongAdas(`rename ${name} Countess`), { type: "rename", name: "Countess", to: TO_LOVELACE });
      assert.deepEqual(amongAdas(`rename ${name} The Countess`), {
        type: "rename",
        name: "The Countess",
        to: TO_LOVELACE,
      });
      assert.deepEqual(amongAdas(`/rename ${name} Countess`), { type: "rename", name: "Countess", to: TO_LOVELACE });
      assert.deepEqual(amongAdas(`search ${name} two words`), { type: "search", words: "two words", to: TO_LOVELACE });
      assert.deepEqual(amongAdas(`export ${name} our talk.txt`), {
        type: "export",
        file: "our talk.txt",
        to: TO_LOVELACE,
      });
    }
  });

  it("is looked for where search has nothing else, and is no new name and no file", () => {
    assert.deepEqual(parsed('search "bob"'), { type: "search", words: '"bob"' });
    assert.deepEqual(parsed('search "two words" bob'), { type: "search", words: '"two words" bob' });
    for (const line of ['rename "bob"', '/rename "bob"', 'export "bob"'])
      assert.equal(parsed(line).type, "unknown", line);
  });
});

describe("rename and export with another's name", () => {
  it("are asked about, and not carried out with whom the prompt is at", () => {
    const hint = "Did you mean rename @bob Robert? About ada: rename @ada bob Robert";
    const refused = parsedAt("/rename bob Robert", ADA);
    assert.ok(refused.type === "unknown" && refused.hint.startsWith(hint), JSON.stringify(refused));
    assert.ok(doubtAbout("rename bob Robert", "lair-client", TWO_ADAS, [], ADA)?.startsWith(hint));
    const several = parsedAt("/rename Ada Lovelace Countess", BOB);
    const both = 'Did you mean rename @ada Lovelace Countess, or rename @"Ada Lovelace" Countess?';
    assert.ok(several.type === "unknown" && several.hint.startsWith(both), JSON.stringify(several));
    assert.equal(parsedAt("/export bob talk.txt", ADA).type, "unknown");
  });

  it("are carried out where the name is that one's, or nobody's", () => {
    const people = [ADA, BOB];
    const renamed = parseCommand("/rename Ada Lovelace", "lair-client", people, [], ADA);
    assert.deepEqual(renamed, { type: "rename", name: "Ada Lovelace" });
    assert.deepEqual(parsedAt("/rename Robert the Builder", BOB), { type: "rename", name: "Robert the Builder" });
    assert.deepEqual(parsedAt('/rename "Robert the Builder"', BOB), { type: "rename", name: "Robert the Builder" });
  });
});

describe("the arguments of a command", () => {
  const commands = [
    ["off", "timer off", { type: "timer", seconds: 0 }],
    ["10m", "timer 10m", { type: "timer", seconds: 600 }],
    ["done", "verify done", { type: "verify", compared: true }],
    ["10", "history 10", { type: "history", count: 10 }],
    ["yes", "forget yes", { type: "forget", confirmed: true }],
  ] as const;
  for (const [name, line, command] of commands) {
    it(`are not taken for a name by ${line}`, () => {
      const people = [named(name), BOB];
      assert.deepEqual(parsed(line, people), command);
      assert.deepEqual(parsed(`/${line}`, people), command);
      assert.deepEqual(parsed(`@bob ${line}`, people), { ...command, to: TO_BOB });
      for (const spelled of [`"${name}"`, `@${name}`, `@"${name}"`, "aaaabbbb"])
        assert.deepEqual(parsed(`status ${spelled}`, people), { type: "status", to: "aaaabbbbcccc" }, spelled);
      assert.deepEqual(parsed(`verify "${name}"`, people), { type: "verify", compared: false, to: "aaaabbbbcccc" });
      assert.deepEqual(parsed(`history "${name}" 5`, people), { type: "history", count: 5, to: "aaaabbbbcccc" });
    });
  }
});

const asked = (line: string, people = TWO_ADAS): string => doubtAbout(line, "lair-client", people) ?? "";

describe("a command that could mean several people", () => {
  it("is asked about, with a line for each", () => {
    for (const [word, rest] of [
      ["timer", " 10m"],
      ["history", " 5"],
      ["verify", " done"],
      ["forget", " yes"],
      ["address", " ws://h:1"],
      ["introduce", " bob"],
    ] as const) {
      const line = `${word} Ada Lovelace${rest}`;
      isSaid(line, TWO_ADAS);
      const hint = `More than one could be meant. Type ${word} ada Lovelace${rest}, or ${word} "Ada Lovelace"${rest}.`;
      assert.ok(asked(line).startsWith(hint), asked(line));
      const slashed = parsed(`/${line}`, TWO_ADAS);
      assert.ok(slashed.type === "unknown" && slashed.hint.startsWith(hint), JSON.stringify(slashed));
    }
  });

  it("is asked about with a name that has a typing error", () => {
    for (const [line, meant] of [
      ["timer bobb 10m", "timer bob 10m"],
      ["address bobb ws://h:1", "address bob ws://h:1"],
      ["history bbo 5", "history bob 5"],
      ["introduce bobb ada", "introduce bob ada"],
    ] as const) {
      assert.ok(asked(line).startsWith(`Did you mean ${meant}?`), `${line}: ${asked(line)}`);
    }
    assert.ok(asked("to Ada Lovelacee", [LOVELACE, BOB]).startsWith('Did you mean to "Ada Lovelace"?'));
    assert.ok(asked("to Ada Lovelacee").startsWith("Was that a command about ada? Write a name after to;"));
    for (const line of ["verify carol done", "forget carol yes", "timer carol off", "address the carol ws://h:1"])
      assert.match(asked(line), /^Nobody here is called (?:the )?carol; who lists/);
  });

  it("is asked about where a sentence begins with a name", () => {
    for (const line of ["verify bob is there", "history bob and ada", "to bob it does not matter"])
      assert.match(asked(line), /^Was that a command about bob\? /, line);
  });

  it("is not every sentence", () => {
    for (const line of [
      ..."to be honest;to work with me;forget it;forget them;forget yes sir;status of the build".split(";"),
      ..."history repeats itself;timer is broken;verify it done;verify that;mute the television;address it".split(";"),
      ..."introduce yourself to me;rename it please;accept my apologies;to bob it is.".split(";"),
    ]) {
      isSaid(line, TWO_ADAS);
      assert.equal(asked(line), "", line);
    }
    assert.equal(asked("verify bob is there", [BOB]), "", "between two, it is said to bob");
  });
});

describe("forget-peer", () => {
  it("takes a name as the other commands do", () => {
    const forgotten = { type: "forget-peer", who: TO_LOVELACE, history: false, confirmed: false };
    for (const name of ["Ada Lovelace", '"Ada Lovelace"', '@"Ada Lovelace"', "@Ada Lovelace", "zzxc7c2e"])
      assert.deepEqual(parsed(`forget-peer ${name}`, TWO_ADAS), forgotten, name);
    for (const name of ["bob", '"bob"', "@bob"])
      assert.deepEqual(parsed(`forget-peer ${name} --yes`), { ...forgotten, who: TO_BOB, confirmed: true }, name);
    assert.deepEqual(parsed("forget-peer --with-history @bob"), { ...forgotten, who: TO_BOB, history: true });
  });

  it("takes switches before or behind a name, never from within it, and asks if it could end the name", () => {
    const smith = called("bob smith", "aaaa aaaa aaaa");
    const people = [
      smith,
      called("bob --yes smith", "bbbb bbbb bbbb"),
      called("bob --with-history smith", "cccc cccc cccc"),
    ];
    const forgotten = { type: "forget-peer", history: false, confirmed: false };
    for (const peer of people) {
      const who = peer.fingerprint.replaceAll(" ", "");
      for (const spelling of [peer.name, `"${peer.name}"`, `@"${peer.name}"`]) {
        assert.deepEqual(parsed(`forget-peer ${spelling}`, people), { ...forgotten, who }, spelling);
        const confirmed = { ...forgotten, who, confirmed: true };
        assert.deepEqual(parsed(`forget-peer ${spelling} --yes`, people), confirmed, spelling);
      }
    }
    const two = [BOB, called("bob --yes", "dddd dddd dddd")];
    const unclear = parsed("forget-peer bob --yes", two);
    assert.ok(unclear.type === "unknown");
    assert.equal(unclear.hint, 'More than one could be meant. Type forget-peer bob, or forget-peer "bob --yes".');
    assert.deepEqual(parsed('forget-peer "bob --yes"', two), { ...forgotten, who: "dddddddddddd" });
  });

  it("passes on what is nobody's name here", () => {
    const forgotten = { type: "forget-peer", who: "ada byron", history: false, confirmed: false };
    assert.deepEqual(parsed("forget-peer ada byron"), forgotten);
  });
});

describe("a name that ends like a command's argument", () => {
  it("turns no command of somebody else: both readings are named", () => {
    for (const [word, argument] of [
      ["history", "50"],
      ["forget", "yes"],
      ["verify", "done"],
      ["timer", "10m"],
    ] as const) {
      const people = [ADA, called(`Ada ${argument}`)];
      for (const line of [`${word} ada ${argument}`, `/${word} Ada ${argument}`]) {
        const unclear = parsed(line, people);
        assert.ok(unclear.type === "unknown", line);
        assert.ok(unclear.hint.includes(`${word} "ada" ${argument}, or ${word} "Ada ${argument}".`), unclear.hint);
      }
      const { type } = parsed(`${word} "ada" ${argument}`, people);
      assert.equal(type, word);
    }
    assert.deepEqual(parsed("status Ada Lovelace", [ADA, called("Ada Lovelace")]), {
      type: "status",
      to: "eeeeeeeeeeee",
    });
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

describe("a line with @NAME that looks like a command", () => {
  const people = [ADA, BOB, EVA];
  const askedHere = (line: string, among = people): string => doubtAbout(line, "lair-client", among, [], ADA) ?? "";

  it("is asked about if the command is about somebody else, and is said to the one with @", () => {
    for (const rest of [
      "timer Eva Luna 10m",
      "verify ada done",
      "status @ada",
      "mute ada",
      "to ada",
      "address ada ws://h:1",
      "introduce ada Eva Luna",
      "forget-peer ada",
    ]) {
      assert.deepEqual(parsed(`@bob ${rest}`, people), { type: "say", text: rest, to: TO_BOB });
      assert.ok(askedHere(`@bob ${rest}`).startsWith(`Did you mean ${rest}, without @bob in front?`), rest);
    }
    const many = askedHere("@bob timer Ada Lovelace 10m", TWO_ADAS);
    assert.ok(
      many.startsWith('More than one could be meant. Type timer ada Lovelace 10m, or timer "Ada Lovelace" 10m.'),
    );
    assert.match(askedHere("@bob rename ada Robert"), /^Did you mean rename @ada Robert\? About bob: rename @bob ada /);
  });

  it("is a command that names the same person twice", () => {
    assert.deepEqual(parsed("@bob timer bob 10m", people), { type: "timer", seconds: 600, to: TO_BOB });
  });

  it("is asked about if it is a command with a typing error, and the advice is about the same person", () => {
    assert.ok(askedHere("@bob statsu").startsWith("Did you mean @bob status?"));
    assert.ok(askedHere("@bob Timer 10m").startsWith("Did you mean @bob timer 10m?"));
    assert.ok(askedHere("@bob timer abc").startsWith("Was that a command about bob?"));
    assert.deepEqual(parsed("@bob timer 10m", people), { type: "timer", seconds: 600, to: TO_BOB });
  });

  it("is not asked about otherwise", () => {
    for (const rest of [
      "hi there",
      "quit",
      "who",
      "quti",
      "help me",
      "all good?",
      "/say statsu",
      "statsu\nof it",
      "@ada hi",
    ])
      assert.equal(askedHere(`@bob ${rest}`), "", rest);
  });
});
