// What both programs do without a connection: the words of the history as arguments, and every refusal.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoreCommand } from "../../src/app/command-table.ts";
import type { RoomSubcommand } from "../../src/cli/subcommand.ts";
import { BOTH, refuses } from "./command-lines.ts";

const LOOKS = { home: undefined, passphraseFile: undefined, json: false, plain: false, noColor: false, verbose: false };

for (const [program, parse] of BOTH) {
  describe(`a subcommand of ${program}`, () => {
    const subcommands: [argv: readonly string[], subcommand: StoreCommand | RoomSubcommand][] = [
      [["history"], { type: "history", count: 20 }],
      [["history", "500"], { type: "history", count: 500 }],
      [["search", "two", "words"], { type: "search", words: "two words" }],
      [["search", "two  words?"], { type: "search", words: "two  words?" }],
      [["--", "search", "--json"], { type: "search", words: "--json" }],
      [["export", "our talk.jsonl"], { type: "export", file: "our talk.jsonl" }],
      [["forget"], { type: "forget", confirmed: false }],
      [["forget", "--yes"], { type: "forget", confirmed: true }],
      [["forget-peer", "ada"], { type: "forget-peer", who: "ada", history: false, confirmed: false }],
      [
        ["forget-peer", "Ada", "L", "--yes", "--with-history"],
        { type: "forget-peer", who: "Ada L", history: true, confirmed: true },
      ],
      [["renumber"], { type: "renumber" }],
      [["rooms"], { type: "room", command: { type: "rooms" } }],
      [["history", "#ops"], { type: "room", command: { type: "history", room: "#ops", count: 20 } }],
      [
        ["history", "#open house", "50"],
        { type: "room", command: { type: "history", room: "#open house", count: 50 } },
      ],
      [
        ["search", "#ops", "red", "build"],
        { type: "room", command: { type: "search", room: "#ops", words: "red build" } },
      ],
      [["export", "#ops", "ops.jsonl"], { type: "room", command: { type: "export", room: "#ops", file: "ops.jsonl" } }],
    ];
    for (const [argv, subcommand] of subcommands) {
      it(`is ${argv.join(" ")}`, () => {
        assert.deepEqual(parse(argv), { ...LOOKS, subcommand, peer: undefined });
      });
    }

    it("says whose, where, and how it looks", () => {
      const looks = ["--json", "--plain", "--no-color", "--verbose"];
      const argv = ["--home", "/there", "history", ...looks, "--peer", " ada ", "--passphrase-file", "/secret"];
      assert.deepEqual(parse(argv), {
        subcommand: { type: "history", count: 20 },
        peer: "ada",
        home: "/there",
        passphraseFile: "/secret",
        json: true,
        plain: true,
        noColor: true,
        verbose: true,
      });
    });

    it("gives way to --help and --version", () => {
      assert.deepEqual(parse(["history", "0", "--help"]), { asked: "help" });
      assert.deepEqual(parse(["forget", "--version"]), { asked: "version" });
    });

    const refused: [argv: readonly string[], message: RegExp][] = [
      [["history", "0"], /^history takes a number/],
      [["history", "10001"], /^history takes a number/],
      [["history", "all"], /^history takes a number/],
      [["history", "1", "2"], /^history takes a number/],
      [["search"], /^search takes the words/],
      [["rooms", "all"], /^rooms takes nothing/],
      [["history", "#ops", "many"], /^history #ops: /],
      [["history", "#ops", "--peer", "ada"], /^--peer cannot be used/],
      [["search", "#ops"], /^search #ops: /],
      [["search", " "], /^search takes the words/],
      [["export"], /^export takes the name/],
      [["export", ""], /^export takes the name/],
      [["export", "our", "talk.jsonl"], /^export takes the name/],
      [["forget", "yes"], /^forget takes no more/],
      [["forget-peer"], /^forget-peer takes a name/],
      [["forget-peer", "ada", "--peer", "bob"], /without --peer/],
      [["forget-peer", "ada", "--history", "off"], /--history cannot be used with forget-peer/],
      [["forget", "--with-history"], /--with-history belongs to forget-peer/],
      [["renumber", "now"], /^renumber takes no more/],
      [["history", "--yes"], /--yes belongs to forget/],
      [["--yes"], /--yes belongs to forget/],
      [["history", "--peer="], /--peer takes a name/],
      [["history", "--bell"], /--bell cannot be used with history/],
      [["history", "--no-store"], /--no-store cannot be used with history/],
      [["forget", "--history", "off"], /--history cannot be used with forget/],
      [["history", "--home="], /--home takes a directory/],
    ];
    for (const [argv, message] of refused) {
      it(`is refused as ${argv.join(" ")}`, () => {
        assert.equal(refuses(parse, argv, message).hint, `${program} --help lists the options.`);
      });
    }

    const meant: [argv: readonly string[], hint: string][] = [
      [["serach", "foo"], `Did you mean ${program} search foo?`],
      [["delete"], `Did you mean ${program} forget?`],
      [["help"], `Did you mean ${program} --help?`],
      [["version"], `Did you mean ${program} --version?`],
      [["status"], `Did you mean status at the prompt? Start ${program}, and type it there.`],
      [["statsu"], `Did you mean status at the prompt? Start ${program}, and type it there.`],
      [["verify", "done"], `Did you mean verify at the prompt? Start ${program}, and type it there.`],
    ];
    for (const [argv, hint] of meant) {
      it(`is pointed to from ${argv.join(" ")}, which is no host`, () => {
        const host = program === "lair-client" ? ` For a host of that name, write ws://${argv[0]}.` : "";
        assert.equal(refuses(parse, argv, /takes no /).hint, hint + host);
      });
    }
  });
}
