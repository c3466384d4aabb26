import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { doubtAbout, parseCommand } from "../../src/app/commands.ts";

const SERVER = "lair-server";
const CLIENT = "lair-client";

describe("parseCommand", () => {
  const words = [
    ["status", { type: "status" }],
    ["quit", { type: "quit" }],
    ["help", { type: "help" }],
    ["peers", { type: "peers" }],
    ["verify", { type: "verify", compared: false }],
    ["verify done", { type: "verify", compared: true }],
    ["rename ada", { type: "rename", name: "ada" }],
    ["history", { type: "history", count: 20 }],
    ["history 1", { type: "history", count: 1 }],
    ["history 10000", { type: "history", count: 10_000 }],
    ["search words", { type: "search", words: "words" }],
    ["search two  words, or three?", { type: "search", words: "two  words, or three?" }],
    ["export talk.jsonl", { type: "export", file: "talk.jsonl" }],
    ["forget", { type: "forget", confirmed: false }],
    ["forget yes", { type: "forget", confirmed: true }],
    ["forget-peer ada", { type: "forget-peer", who: "ada", history: false, confirmed: false }],
    ["forget-peer Ada Lovelace", { type: "forget-peer", who: "Ada Lovelace", history: false, confirmed: false }],
    ["forget-peer --with-history ada", { type: "forget-peer", who: "ada", history: true, confirmed: false }],
    ["forget-peer ada --yes", { type: "forget-peer", who: "ada", history: false, confirmed: true }],
    ["renumber", { type: "renumber" }],
    ["timer off", { type: "timer", seconds: 0 }],
    ["timer 1s", { type: "timer", seconds: 1 }],
    ["timer 10m", { type: "timer", seconds: 600 }],
    ["timer 12h", { type: "timer", seconds: 43_200 }],
    ["timer 3652d", { type: "timer", seconds: 315_532_800 }],
    // Ten years, the longest that docs/PROTOCOL.md §7.2 allows.
    ["timer 315576000s", { type: "timer", seconds: 315_576_000 }],
    ["timer 87660h", { type: "timer", seconds: 315_576_000 }],
  ] as const;

  for (const [line, command] of words) {
    it(`knows ${line} on both sides, with and without a slash, whatever blanks surround it`, () => {
      for (const program of [SERVER, CLIENT] as const) {
        for (const spelled of [line, `/${line}`, `  ${line}\t`, ` /${line} `]) {
          assert.deepEqual(parseCommand(spelled, program), command);
        }
      }
    });
  }

  it("knows invite on the server only", () => {
    assert.deepEqual(parseCommand("invite", SERVER), { type: "invite" });
    assert.deepEqual(parseCommand("/invite", SERVER), { type: "invite" });
    assert.equal(parseCommand("invite", CLIENT).type, "unknown");
    assert.deepEqual(parseCommand("invite him", CLIENT), { type: "say", text: "invite him" });
    const refused = parseCommand("/invite", CLIENT);
    assert.ok(refused.type === "unknown" && refused.hint.includes("lair-server"));
  });

  it("takes the start of a fingerprint on the server only, in one word without a slash, in groups with one", () => {
    assert.deepEqual(parseCommand("trust Q4WM7C2E", SERVER), { type: "trust", who: "q4wm7c2e" });
    assert.deepEqual(parseCommand("/trust q4wm 7c2e", SERVER), { type: "trust", who: "q4wm7c2e" });
    assert.equal(parseCommand("trust q4wm", SERVER).type, "unknown");
    assert.equal(parseCommand("/trust q4wm", SERVER).type, "unknown");
    assert.deepEqual(parseCommand("trust me", SERVER), { type: "say", text: "trust me" });
    assert.deepEqual(parseCommand("trust that this will work", SERVER), {
      type: "say",
      text: "trust that this will work",
    });
    assert.deepEqual(parseCommand("trust them", CLIENT), { type: "say", text: "trust them" });
    assert.equal(parseCommand("/trust q4wm", CLIENT).type, "unknown");
    assert.equal(parseCommand("/trust", SERVER).type, "unknown");
  });

  it("takes several words after /rename, one after rename", () => {
    assert.deepEqual(parseCommand("/rename Ada  Lovelace", CLIENT), { type: "rename", name: "Ada Lovelace" });
    assert.deepEqual(parseCommand("rename it please", CLIENT), { type: "say", text: "rename it please" });
    assert.equal(parseCommand("rename", CLIENT).type, "unknown");
    assert.equal(parseCommand("/rename", CLIENT).type, "unknown");
  });

  it("says what is not exactly a command", () => {
    for (const line of ["status of the build?", "quit now", "Status", "statuses", "verify that", "help!", "hello"]) {
      assert.deepEqual(parseCommand(line, SERVER), { type: "say", text: line });
    }
  });

  it("says sentences that begin with a command of the history, and takes a slash at its word", () => {
    for (const line of [
      "history of art",
      "history now",
      "export it please",
      "forget it",
      "forget yes sir",
      "timer is broken",
      "timer please",
      "timer 5 min",
      "research this",
      "Search this",
    ]) {
      assert.deepEqual(parseCommand(line, CLIENT), { type: "say", text: line });
      assert.equal(parseCommand(`/${line}`, CLIENT).type === "say", false, line);
    }
  });

  it("says nothing that was meant as a command of the history, but says what is missing", () => {
    for (const line of [
      "search",
      "export",
      "timer",
      "history 0",
      "history 10001",
      "history 99999999999",
      "timer 10",
      "timer 0s",
      "timer 10w",
      "timer 3653d",
      "timer 315576001s",
      "timer 999999999d",
    ]) {
      for (const spelled of [line, `/${line}`]) {
        const parsed = parseCommand(spelled, CLIENT);
        assert.ok(parsed.type === "unknown" && parsed.hint !== "", spelled);
      }
    }
  });

  it("searches for whatever follows, unless /say stands in front", () => {
    assert.deepEqual(parseCommand("search for the log?", SERVER), { type: "search", words: "for the log?" });
    assert.deepEqual(parseCommand("search /quit", SERVER), { type: "search", words: "/quit" });
    assert.deepEqual(parseCommand("/say search me", SERVER), { type: "say", text: "search me" });
    assert.deepEqual(parseCommand("search\nme", SERVER), { type: "say", text: "search\nme" });
  });

  it("takes a file's name with blanks after /export only", () => {
    assert.deepEqual(parseCommand("/export our talk  2.jsonl", CLIENT), { type: "export", file: "our talk  2.jsonl" });
    assert.deepEqual(parseCommand("export our talk", CLIENT), { type: "say", text: "export our talk" });
  });

  it("says the words of commands after /say, with the blanks inside", () => {
    assert.deepEqual(parseCommand("/say status", SERVER), { type: "say", text: "status" });
    assert.deepEqual(parseCommand("/say   a  b", SERVER), { type: "say", text: "  a  b" });
    assert.deepEqual(parseCommand("/say /quit", SERVER), { type: "say", text: "/quit" });
    assert.equal(parseCommand("/say", SERVER).type, "unknown");
  });

  it("refuses other words with a slash and points to /say", () => {
    for (const line of ["/etc/passwd is broken", "/", "//", "/QUIT", "/ quit", "/help me", "/quit now"]) {
      assert.equal(parseCommand(line, SERVER).type, "unknown", line);
    }
    const refused = parseCommand("/etc/passwd is broken", SERVER);
    assert.ok(refused.type === "unknown" && refused.word === "/etc/passwd" && refused.hint.includes("/say"));
  });

  it("never takes several lines for a command", () => {
    for (const line of ["quit\nquit", "/quit\nnow", "status\r\nplease", "/say a\nb"]) {
      assert.deepEqual(parseCommand(line, SERVER), { type: "say", text: line });
    }
  });

  it("does nothing for an empty line", () => {
    for (const line of ["", "   ", "\t", "\n\n"]) assert.deepEqual(parseCommand(line, CLIENT), { type: "nothing" });
  });

  it("keeps the blanks at the start of what is said", () => {
    assert.deepEqual(parseCommand("  indented ", CLIENT), { type: "say", text: "  indented" });
  });

  it("lets everything be said through /say, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        fc.pre(text.trim() !== "" && !/[\n\r\u2028\u2029]/u.test(text.trim()));
        assert.deepEqual(parseCommand(`/say ${text}`, SERVER), { type: "say", text: text.trimEnd() });
      }),
    );
  });
});

function asks(command: string): string {
  return `Did you mean ${command}? Enter sends it as it is; Ctrl-U clears it.`;
}

describe("doubtAbout", () => {
  const COMMANDS = "status quit help peers invite verify rename trust history search export forget timer".split(" ");
  it("asks about a lone word that is a command but for one slip, on both sides", () => {
    for (const [slip, command] of [
      ["statsu", "status"],
      ["qiut", "quit"],
      ["stauts", "status"],
      ["statuss", "status"],
      ["statu", "status"],
      ["sratus", "status"],
      ["tatus", "status"],
      ["hlep", "help"],
      ["hep", "help"],
      ["helpp", "help"],
      ["peer", "peers"],
      ["invtie", "invite"],
      ["verifty", "verify"],
      ["reanme", "rename"],
      ["histroy", "history"],
      ["serach", "search"],
      ["epxort", "export"],
      ["froget", "forget"],
      ["tmier", "timer"],
      ["trsut", "trust"],
      ["Status", "status"],
      ["QUIT", "quit"],
      [" quit; ", "quit"],
      ["exit", "quit"],
      [":q", "quit"],
      ["delete", "forget"],
    ] as const) {
      for (const program of [SERVER, CLIENT] as const) assert.equal(doubtAbout(slip, program), asks(command), slip);
    }
  });

  it("asks before an invite is sent: it is a secret, and was mostly meant for this program", () => {
    const invite = "lair://127.0.0.1:8080/#AQB-sr6o4KA9vqNP4QHPsQ";
    for (const line of [invite, ` ${invite} `, `join ${invite}`]) {
      assert.match(
        doubtAbout(line, CLIENT) ?? "",
        /^This is an invite, a secret\. .* start with --invite-file FILE\. /,
      );
    }
    assert.equal(doubtAbout(`Here it is: ${invite}`, CLIENT), undefined);
  });

  it("asks about each slip of each command but the words of everyday", () => {
    const letters = Array.from("abcdefghijklmnopqrstuvwxyz");
    let notAsked = 0;
    for (const command of COMMANDS) {
      const slips = new Set<string>();
      for (let at = 0; at <= command.length; at++) {
        const [before, after] = [command.slice(0, at), command.slice(at)];
        slips.add(before + after.slice(1));
        slips.add(before + (after[1] ?? "") + (after[0] ?? "") + after.slice(2));
        for (const letter of letters) slips.add(before + letter + after).add(before + letter + after.slice(1));
      }
      slips.delete(command);
      for (const slip of slips) if (doubtAbout(slip, CLIENT) === undefined) notAsked += 1;
    }
    // The ordinary ones of English, and no more than these.
    assert.ok(notAsked > 50 && notAsked < 70, `${notAsked} are not asked about`);
  });

  it("asks about a slip with what the command takes behind it, and about what there is not", () => {
    assert.equal(doubtAbout("renmae ada", CLIENT), asks("rename ada"));
    assert.equal(doubtAbout("tiemr 10m", CLIENT), asks("timer 10m"));
    assert.equal(doubtAbout("verfy done", CLIENT), asks("verify done"));
    assert.equal(doubtAbout("serach two words", CLIENT), asks("search two words"));
    assert.equal(doubtAbout("unpair ada", CLIENT), asks("forget-peer ada"));
    assert.equal(doubtAbout("unfriend", CLIENT), asks("forget-peer"));
    for (const line of ["delete bob", "Block bob", "kick bob"]) {
      const [word] = line.split(" ");
      assert.equal(
        doubtAbout(line, CLIENT),
        `There is no command ${word}; help lists the commands. Enter sends it as it is; Ctrl-U clears it.`,
      );
    }
  });

  it("asks about a command with what it can't take, and says how it is used", () => {
    const usage = {
      "verify don": "Type verify to see the words, and verify done once you have compared them.",
      "quit now": "Nothing may follow quit.",
      "status please": "Nothing may follow status.",
      "help rename": "Nothing may follow help.",
      "renumber 5": "Nothing may follow renumber.",
      "trust abc": "Write the start of the fingerprint after trust: eight letters and digits or more.",
      "trust bob": "Write the start of the fingerprint after trust: eight letters and digits or more.",
      "trust gwix t4ac": "Did you mean /trust gwix t4ac?",
      "timer abc": "Write after timer how long messages stay, such as 30s, 10m, 12h or 7d, or off.",
      "timer 5 min": "Write after timer how long messages stay, such as 30s, 10m, 12h or 7d, or off.",
      "rename Bob the Builder": "Did you mean /rename Bob the Builder?",
      "forget bob": "Type forget, then answer yes. To forget a person, type forget-peer NAME.",
      "history all": "Type history, or history and a number from 1 to 10000.",
      "export our talk.txt": "Did you mean /export our talk.txt?",
      "invite bob": "Nothing may follow invite.",
    };
    for (const [line, hint] of Object.entries(usage)) {
      assert.equal(doubtAbout(line, SERVER), `${hint} Enter sends it as it is; Ctrl-U clears it.`, line);
    }
    assert.match(doubtAbout("invite bob", CLIENT) ?? "", /^Invites are made at the prompt of lair-server\. Enter /);
  });

  it("asks about no sentence that begins with a command", () => {
    for (const line of [
      "help me",
      "help me please",
      "help wanted",
      "quit your job",
      "quit smoking today",
      "quit it",
      "status of the build?",
      "status ok?",
      "verify that",
      "trust me",
      "trust nobody",
      "trust this will work",
      "trust that this will",
      "timer is broken",
      "rename it please",
      "rename the file to x",
      "rename all of the files to lower case",
      "forget it",
      "forget about it",
      "forget yes sir",
      "history of art",
      "export it please",
      "export our talk",
      "invite them all",
      "peers are people too",
      "say cheese",
    ]) {
      for (const program of [SERVER, CLIENT] as const) assert.equal(doubtAbout(line, program), undefined, line);
    }
  });

  it("names a word as it was typed, and says that commands need no slash", () => {
    const [bare, slashed] = [parseCommand("rename", CLIENT), parseCommand("/rename", CLIENT)];
    assert.ok(bare.type === "unknown" && bare.word === "rename" && bare.hint === "Write the new name after rename.");
    assert.ok(slashed.type === "unknown" && slashed.word === "/rename");
    assert.equal(slashed.hint, "Write the new name after rename. Commands need no slash.");
    const foo = parseCommand("/foo", CLIENT);
    assert.ok(foo.type === "unknown" && !foo.hint.includes("no slash"));
  });

  it("asks about nothing else", () => {
    for (const line of [
      ..."quite quiet time times hell held forgot expert states thrust beers verity rust hello ok yes".split(" "),
      ...COMMANDS,
      "help!",
      "status?",
      "quit.",
      "hlep me",
      "Help me",
      "delete it",
      "block him",
      "statsu of the build",
      "statsu\nquit",
      "/statsu",
      "/say statsu",
      "",
      " ",
      "?",
      "stats of us",
      "été",
    ]) {
      assert.equal(doubtAbout(line, CLIENT), undefined, line);
    }
  });

  it("is told in the hint where there is a slash", () => {
    const parsed = parseCommand("/statsu", CLIENT);
    assert.ok(parsed.type === "unknown" && parsed.hint.startsWith("Did you mean status? Type help"));
    const exit = parseCommand("/exit now", CLIENT);
    assert.ok(exit.type === "unknown" && exit.hint.startsWith("Did you mean quit? "));
    const foo = parseCommand("/foo", CLIENT);
    assert.ok(foo.type === "unknown" && foo.hint.startsWith("Type help for the commands"));
  });
});
