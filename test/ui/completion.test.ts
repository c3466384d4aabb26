// What Tab completes: commands and names, nothing in a message, and never to somebody who was not meant.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { commandsAt } from "../../src/app/command-table.ts";
import { parseCommand } from "../../src/app/commands.ts";
import { recipientOf } from "../../src/app/people.ts";
import type { RoomsHere } from "../../src/app/rooms/room-command-names.ts";
import type { KnownRoom } from "../../src/app/rooms/room-reports.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { complete, type Completion } from "../../src/ui/completion.ts";

const person = (name: string, index: number): PeerView => {
  return { name, fingerprint: `${"abcdefgh"[index]!}xxx`.repeat(2), pairedAtMs: 0, comparedAtMs: undefined };
};
const PEOPLE = ["ada", "Ada Lovelace", "bob", "bobby", "Čapek"].map(person);
const INTRODUCED = ["dan", "Dora"].map((name, index) => person(name, index + 5));

/** The line after Tab at its end; what there is to choose from in brackets. */
function tab(line: string, people = PEOPLE, program: "lair-server" | "lair-client" = "lair-server"): string {
  const completion = complete(line, { program, people, introduced: INTRODUCED });
  switch (completion.type) {
    case "none":
      return line;
    case "replace":
      return line.slice(0, line.length - completion.units) + completion.text;
    case "choice":
      return `[${choicesOf(completion).join(", ")}]`;
  }
}

function choicesOf({ commands, people, rooms }: Extract<Completion, { type: "choice" }>): readonly string[] {
  return [...commands, ...people.map(({ name }) => name), ...rooms.map(({ name }) => `#${name}`)];
}

describe("Tab", () => {
  const cases: Readonly<Record<string, string>> = {
    st: "status",
    "/st": "/status",
    "  st": "  status",
    sea: "search ",
    his: "history ",
    t: "[to, trust, timer]",
    forg: "forget",
    forget: "[forget, forget-peer]",
    "forget-": "forget-peer ",
    status: "status",
    xyz: "xyz",
    St: "St",
    "to b": "to bob",
    "to bob": "[bob, bobby]",
    "to bobb": "to bobby ",
    "to BOBB": "to bobby ",
    "to a": "to ada",
    "to ada": "[ada, Ada Lovelace]",
    "to ada l": 'to "Ada Lovelace" ',
    "@ada l": '@"Ada Lovelace" ',
    '@"a': '@"ada',
    '@"ada l': '@"Ada Lovelace" ',
    '@"bobb': '@"bobby" ',
    'introduce "ada lovelace" č': 'introduce "ada lovelace" Čapek ',
    "introduce bob ada l": 'introduce bob "Ada Lovelace" ',
    "to č": "to Čapek ",
    "to z": "to z",
    "to ": "[ada, Ada Lovelace, bob, bobby, Čapek]",
    "/to č": "/to Čapek ",
    "@": "[ada, Ada Lovelace, bob, bobby, Čapek]",
    "@bobb": "@bobby ",
    "@bobby h": "@bobby h",
    "@bobby st": "@bobby st",
    "@bobby verify": "@bobby verify",
    "@bobby to č": "@bobby to č",
    "@bobby @č": "@bobby @č",
    "introduce č": "introduce Čapek ",
    "introduce @č": "introduce @Čapek ",
    "introduce bob": "[bob, bobby]",
    "introduce bob ": "[ada, Ada Lovelace, bobby, Čapek]",
    "introduce bob č": "introduce bob Čapek ",
    "introduce @bob  @č": "introduce @bob  @Čapek ",
    "introduce bob bo": "introduce bob bobby ",
    "introduce bobby bo": "introduce bobby bob ",
    "introduce Čapek bo": "introduce Čapek bob",
    "introduce ada č": "introduce ada Čapek ",
    "introduce ada l": 'introduce "Ada Lovelace" ',
    "introduce ada ": "[Ada Lovelace, bob, bobby, Čapek]",
    "introduce bob Čapek ": "introduce bob Čapek ",
    "introduce bob z": "introduce bob z",
    "introduce z č": "introduce z č",
    "accept d": "[dan, Dora]",
    "accept da": "accept dan ",
    "accept č": "accept č",
    "decline @do": "decline @Dora ",
    "to da": "to da",
    "mute č": "mute Čapek ",
    "unmute č": "unmute Čapek ",
    "address č": "address Čapek ",
    "forget-peer č": "forget-peer Čapek ",
    "verify č": "verify Čapek ",
    "history č": "history Čapek ",
    "status @č": "status @Čapek ",
    "rename @č": "rename @Čapek ",
    "search @č": "search @Čapek ",
    "export @č": "export @Čapek ",
    "rename č": "rename č",
    'rename "č': 'rename "Čapek" ',
    'search "ada l': 'search "Ada Lovelace" ',
    'export "č': 'export "Čapek" ',
    "search č": "search č",
    "peers č": "peers Čapek ",
    "trust č": "trust č",
    "all č": "all č",
    "hello č": "hello č",
    "hello st": "hello st",
    "st\nst": "st\nst",
    "": "",
    " ": " ",
  };
  for (const [line, expected] of Object.entries(cases)) {
    it(`makes of ${JSON.stringify(line)} ${JSON.stringify(expected)}`, () => assert.equal(tab(line), expected));
  }

  it("offers the server's commands at the server only", () => {
    assert.equal(tab("inv", PEOPLE, "lair-server"), "invite");
    assert.equal(tab("inv", PEOPLE, "lair-client"), "inv");
  });

  it("names nobody while nobody is known", () => assert.equal(tab("to ", []), "to "));

  it("completes two names to two people, as the command reads them", () => {
    const { text } = complete("introduce bobby č", { program: "lair-client", people: PEOPLE, introduced: [] }) as {
      text: string;
    };
    const who = [PEOPLE[3]!, PEOPLE[4]!].map((peer) => recipientOf(peer));
    assert.deepEqual(parseCommand(`introduce bobby ${text}`, "lair-client", PEOPLE), { type: "introduce", who });
  });

  it("makes lines that are that person's command, whatever the command", () => {
    const rest: Readonly<Record<string, string>> = {
      rename: "x",
      search: "x",
      export: "x",
      address: "ws://h:1",
      timer: "1m",
    };
    const people = ["ada", "Ada Lovelace", "off", "10", "done", "\u0130da"].map(person);
    for (const { name, prompt } of commandsAt("prompt")) {
      const isAbout = prompt.aboutPeer !== undefined || prompt.needsPeer === true || name === "forget-peer";
      if (!isAbout) continue;
      for (const peer of people.slice(1)) {
        const line = tab(`${name} @"${peer.name}`, people);
        const plain = /marked|told/.test(prompt.aboutPeer ?? "") ? line : tab(`${name} ${peer.name}`, people);
        for (const one of [line, plain]) {
          const command: object = parseCommand(one + (rest[name] ?? ""), "lair-server", people);
          const { to, who } = command as { readonly to?: string; readonly who?: string };
          assert.equal(to ?? who, recipientOf(peer), one);
        }
      }
    }
  });

  it("completes every command by its whole name", () => {
    for (const { name } of commandsAt("prompt")) {
      assert.match(tab(name), new RegExp(String.raw`^(?:${name} ?|\[${name}, .*\])$`));
    }
  });

  it("only ever adds to what was typed, and a name that it completed is that person's", () => {
    const name = fc.stringMatching(/^[a-cA-C]{1,3}(?: [a-c])?$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), name, (names, start) => {
        const people = names.map(person);
        const completion = complete(`to ${start}`, { program: "lair-client", people, introduced: [] });
        if (completion.type === "choice") {
          assert.ok(completion.people.length > 1);
          return;
        }
        if (completion.type === "none") return;
        assert.equal(completion.units, start.length);
        const added = completion.text.replaceAll('"', "").trimEnd().toLowerCase();
        assert.ok(added.startsWith(start.toLowerCase()));
        const meant = people.filter((peer) => peer.name.toLowerCase().startsWith(start.toLowerCase()));
        assert.ok(meant.length > 0 && meant.every((peer) => peer.name.toLowerCase().startsWith(added)));
        if (meant.length > 1) return;
        const command = parseCommand(`to ${completion.text}`, "lair-client", people);
        assert.deepEqual(command, { type: "select", who: recipientOf(meant[0]!) });
      }),
    );
  });
});

describe("Tab where rooms are known", () => {
  const dora = { name: "Dora Maar", fingerprint: "dddd dddd" };
  const self = { name: "bob", fingerprint: "ssss ssss", isSelf: true } as const;
  const ops: KnownRoom = { id: "5f".repeat(16), name: "ops", standing: "joined", people: [self, dora] };
  const team: KnownRoom = { id: "7e".repeat(16), name: "the team", standing: "joined", people: [self] };
  const dev: KnownRoom = { id: "a0".repeat(16), name: "dev", standing: "invited", people: [] };
  const rooms = [ops, team, dev];

  function tabAt(at: KnownRoom | undefined, line: string): string {
    const here: RoomsHere = { rooms, hubs: ["main"], hubPeers: [person("main", 7)], at };
    const place = { program: "lair-client", people: PEOPLE, introduced: INTRODUCED, rooms: here } as const;
    const completion = complete(line, place);
    if (completion.type === "none") return line;
    if (completion.type === "choice") return `[${choicesOf(completion).join(", ")}]`;
    return line.slice(0, line.length - completion.units) + completion.text;
  }

  const inRoom: Readonly<Record<string, string>> = {
    "to #o": "to #ops ",
    "@#o": "@#ops ",
    "@#the": "@#the team ",
    "to #": "[#ops, #the team, #dev]",
    "to b": "to bob",
    "@": "[ada, Ada Lovelace, bob, bobby, Čapek, #ops, #the team, #dev]",
    "remove D": "remove Dora Maar ",
    "remove č": "remove č",
    "invite D": "invite Dora Maar ",
    "invite č": "invite Čapek ",
    "dm D": "dm Dora Maar ",
    "accept #": "accept #dev ",
    "accept da": "accept dan ",
    "leave #t": "leave #the team ",
    "history @č": "history @Čapek ",
    "history č": "history Čapek ",
    "topic č": "topic č",
    "mute ma": "mute main ",
    "forget-peer ma": "forget-peer main ",
    "@ma": "@ma",
    memb: "members",
    rem: "remove ",
    re: "[rename, renumber, remove, reply, react, read]",
    roo: "rooms",
  };
  for (const [line, expected] of Object.entries(inRoom)) {
    it(`makes of ${JSON.stringify(line)} ${JSON.stringify(expected)} in a room`, () => {
      assert.equal(tabAt(ops, line), expected);
    });
  }

  it("offers the commands of a room in a room only", () => {
    assert.equal(tabAt(undefined, "memb"), "memb");
    assert.equal(tabAt(undefined, "roo"), "rooms");
    assert.equal(tabAt(undefined, "remove D"), "remove D");
    assert.equal(tab("roo"), "roo", "where no hub is known");
  });
});
