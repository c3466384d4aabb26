// What a line of the prompt means where a hub is known: a command about a room, a line that is said there, or a sentence.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { doubtAbout, parseCommand } from "../../src/app/commands.ts";
import type { Command } from "../../src/app/events.ts";
import { recipientOf } from "../../src/app/people.ts";
import type { RoomsHere } from "../../src/app/rooms/room-command-names.ts";
import type { RoomCommand } from "../../src/app/rooms/room-commands.ts";
import { roomPrompts } from "../../src/app/rooms/room-command-table.ts";
import type { KnownRoom, PersonView } from "../../src/app/rooms/room-reports.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { effort } from "../effort.ts";

function person(name: string, letter: string): PersonView {
  return { name, fingerprint: Array.from({ length: 8 }, () => letter.repeat(4)).join(" ") };
}

const [ADA, CAROL, LOVELACE] = [person("ada", "a"), person("carol", "c"), person("Carol Lovelace", "d")] as const;
const SELF: PersonView = { ...person("bob", "b"), isSelf: true };
const ZOE: PeerView = { ...person("zoe", "z"), pairedAtMs: 0, comparedAtMs: undefined };
const OPS: KnownRoom = { id: "5f".repeat(16), name: "ops", standing: "joined", people: [SELF, ADA, CAROL] };
const TEAM: KnownRoom = { id: "7e".repeat(16), name: "the team", standing: "joined", people: [SELF, LOVELACE] };
const DEV: KnownRoom = { id: "a0".repeat(16), name: "dev", standing: "invited", people: [ADA] };
const ROOMS = [OPS, TEAM, DEV];
const AT_OPS: RoomsHere = { rooms: ROOMS, hubs: ["hub"], at: OPS };
const AT_ZOE: RoomsHere = { rooms: ROOMS, hubs: ["hub"], at: undefined };
const NO_HUB: RoomsHere = { rooms: [], hubs: [], at: undefined };

type Parsed = ReturnType<typeof parseCommand>;

/** At the prompt of zoe, or of a room. */
function parse(line: string, rooms: RoomsHere, introduced: readonly PeerView[] = []): Parsed {
  return parseCommand(line, "lair-client", [ZOE], introduced, rooms.at === undefined ? ZOE : undefined, rooms);
}

function doubt(line: string, rooms: RoomsHere): string | undefined {
  return doubtAbout(line, "lair-client", [ZOE], [], rooms.at === undefined ? ZOE : undefined, rooms);
}

function inRoom(command: RoomCommand): Command {
  return { type: "room", command };
}

function said(text: string): Command {
  return inRoom({ type: "say", room: OPS.id, text });
}

function hintOf(parsed: Parsed): string {
  return parsed.type === "unknown" ? parsed.hint : `${parsed.type}, not unknown`;
}

const who = recipientOf(ADA);
const room = OPS.id;

describe("a line at the prompt of a room", () => {
  const commands: Record<string, RoomCommand> = {
    rooms: { type: "rooms" },
    leave: { type: "leave", room },
    members: { type: "members", room },
    status: { type: "status", room },
    "status #the team": { type: "status", room: TEAM.id },
    "/members": { type: "members", room },
    "invite ada": { type: "invite", room, who },
    "invite @ada": { type: "invite", room, who },
    "invite zoe": { type: "invite", room, who: recipientOf(ZOE) },
    "invite dora": { type: "invite", room, who: "dora" },
    'invite "Dora Maar"': { type: "invite", room, who: "Dora Maar" },
    'invite "Carol Lovelace"': { type: "invite", room, who: recipientOf(LOVELACE) },
    "invite link": { type: "link", room },
    "invite link off": { type: "revoke-links", room },
    "invite link --uses 5 --expires 7d": { type: "link", room, uses: 5, expiresInS: 604_800 },
    "role carol moderator": { type: "role", room, who: recipientOf(CAROL), role: "moderator" },
    "remove ADA": { type: "remove", room, who },
    "remove aaaaaaaa": { type: "remove", room, who },
    "ban ada": { type: "ban", room, who },
    "unban dora": { type: "unban", room, who: "dora" },
    "topic what runs here": { type: "topic", room, topic: "what runs here" },
    "rename dev": { type: "rename", room, name: "dev" },
    'rename "the dev team"': { type: "rename", room, name: "the dev team" },
    "/rename the dev team": { type: "rename", room, name: "the dev team" },
    "edit it is green now": { type: "edit", room, text: "it is green now" },
    "edit 12 it is green": { type: "edit", room, line: 12, text: "it is green" },
    delete: { type: "delete", room },
    "delete 12": { type: "delete", room, line: 12 },
    "reply 12 yes, since noon": { type: "reply", room, line: 12, text: "yes, since noon" },
    "react 12 👍": { type: "react", room, line: 12, emoji: "👍" },
    history: { type: "history", room, count: 20 },
    "history 50": { type: "history", room, count: 50 },
    "history #ops 5": { type: "history", room, count: 5 },
    "search zoe attic": { type: "search", room, words: "zoe attic" },
    "export ops.json": { type: "export", room, file: "ops.json" },
    "timer 10m": { type: "timer", room, seconds: 600 },
    "timer off": { type: "timer", room, seconds: 0 },
    "dm carol": { type: "direct", who: recipientOf(CAROL) },
    "dm dora": { type: "direct", who: "dora" },
    "follow carol": { type: "follow", who: recipientOf(CAROL) },
    feed: { type: "feed" },
    "verify carol": { type: "verify", who: recipientOf(CAROL) },
    "typing on": { type: "marks", what: "typing", isOn: true },
    "read off": { type: "marks", what: "read", isOn: false },
    "invisible on": { type: "invisible", isOn: true },
    accept: { type: "answer", room: DEV.id, isAccepted: true },
    "decline #dev": { type: "answer", room: DEV.id, isAccepted: false },
    "accept dev": { type: "answer", room: DEV.id, isAccepted: true },
    '@#"the team" hello': { type: "say", room: TEAM.id, text: "hello" },
    "@#the team members": { type: "members", room: TEAM.id },
    "@#7e7e7e7e hello": { type: "say", room: TEAM.id, text: "hello" },
    "@#ops: hello": { type: "say", room, text: "hello" },
    "@#ops /say members": { type: "say", room, text: "members" },
    "@#ops rooms": { type: "say", room, text: "rooms" },
    "leave #the team": { type: "leave", room: TEAM.id },
  };
  for (const [line, command] of Object.entries(commands)) {
    it(`is a command: ${line}`, () => {
      assert.deepEqual(parse(line, AT_OPS), inRoom(command));
      assert.equal(doubt(line, AT_OPS), undefined);
    });
  }

  it("is tried for every command that the table has", () => {
    const words = new Set(Object.keys(commands).map((line) => line.split(/\s/u)[0]!));
    const missing = roomPrompts("room").filter(({ name }) => !words.has(name) && name !== "create" && name !== "join");
    assert.deepEqual(missing, []);
  });

  const sentences = [
    "hello",
    "leave it there.",
    "members are people who pay",
    "invite everyone!",
    "invite them",
    "create a plan for it",
    "create it",
    "join us",
    "join us at noon",
    "remove that",
    "ban them all from here",
    "edit it",
    "delete it",
    "delete the branch later",
    "reply to him",
    "react to that please",
    "read the docs",
    "read this",
    "typing this on my phone",
    "follow me",
    "feed the cat",
    "rooms in the hotel are full",
    "role of the hub",
    "rename it please",
    "timer is broken on my side",
    "history of the project, briefly",
    "accept it",
  ];
  for (const line of sentences) {
    it(`is said: ${line}`, () => {
      assert.deepEqual(parse(line, AT_OPS), said(line));
      assert.equal(doubt(line, AT_OPS), undefined);
    });
  }

  it("is said in another room too, if it is no command there", () => {
    for (const line of ["@#ops remove that", "@#ops rooms", "@#ops /say leave now", "@#ops create ops room"]) {
      assert.equal(doubt(line, AT_ZOE), undefined, line);
    }
  });

  it("of several rows, or behind /say, is said whatever it is", () => {
    assert.deepEqual(parse("leave\nnow", AT_OPS), said("leave\nnow"));
    assert.deepEqual(parse("/say leave", AT_OPS), said("leave"));
  });

  it("about a person who is paired is as ever", () => {
    const to = recipientOf(ZOE);
    assert.deepEqual(parse("@zoe hello", AT_OPS), { type: "say", text: "hello", to });
    assert.deepEqual(parse("@zoe leave", AT_OPS), { type: "say", text: "leave", to });
    assert.deepEqual(parse("history zoe 5", AT_OPS), { type: "history", count: 5, to });
    assert.deepEqual(parse("timer @zoe 10m", AT_OPS), { type: "timer", seconds: 600, to });
    assert.deepEqual(parse("verify zoe", AT_OPS), { type: "verify", compared: false, to });
    assert.deepEqual(parse("rename @zoe Zoë", AT_OPS), { type: "rename", name: "Zoë", to });
    assert.deepEqual(parse("to zoe", AT_OPS), { type: "select", who: to });
    assert.deepEqual(parse("status zoe", AT_OPS), { type: "status", to });
    assert.deepEqual(parse("who", AT_OPS), { type: "who" });
    assert.deepEqual(parse("quit", AT_OPS), { type: "quit" });
    const atServer = parseCommand("/invite", "lair-server", [], [], undefined, AT_OPS);
    assert.deepEqual(atServer, { type: "invite" });
  });

  it("is not taken for a command about the only person who is paired", () => {
    for (const line of ["verify", "forget", "renumber", "verify done", "forget yes"]) {
      assert.match(hintOf(parse(line, AT_OPS)), /write a name after|Write a name after/u, line);
    }
    assert.match(hintOf(parse("/rename zoe Robert", AT_OPS)), /rename @zoe Robert/u);
  });

  it("for somebody who is not paired goes into the room of the two, and otherwise says how to make it; never to all", () => {
    const hint = hintOf(parse("@carol between us", AT_OPS));
    assert.match(hint, /dm carol opens/u);
    assert.match(hint, /in #ops: \/say @carol between us$/u);
    assert.doesNotMatch(hintOf(parse("@carol between us", AT_ZOE)), /say/u);
    const two: KnownRoom = { ...TEAM, name: "carol", isDirect: true, people: [SELF, CAROL] };
    const withTwo = { ...AT_OPS, rooms: [...ROOMS, { ...two, id: "01".repeat(16) }] };
    for (const line of ["@carol between us", "@Carol: between us", '@"carol" between us', "@cccccccc between us"]) {
      assert.deepEqual(parse(line, withTwo), inRoom({ type: "say", room: "01".repeat(16), text: "between us" }), line);
    }
    assert.match(hintOf(parse("@carol", withTwo)), /to #carol/u);
    for (const standing of ["invited", "over", "waiting"] as const) {
      const rooms = { ...AT_OPS, rooms: [OPS, { ...two, standing }] };
      assert.equal(parse("@carol between us", rooms).type, "unknown", standing);
    }
    const twins = { ...AT_OPS, rooms: [...ROOMS, { ...two, people: [SELF, person("carol", "x")] }] };
    assert.equal(parse("@carol between us", twins).type, "unknown", "two are called so");
  });

  it("may name the user: what can be done is said where it is done", () => {
    const own = recipientOf(SELF);
    assert.deepEqual(parse("role bob member", AT_OPS), inRoom({ type: "role", room, who: own, role: "member" }));
    assert.deepEqual(parse("remove bob", AT_OPS), inRoom({ type: "remove", room, who: own }));
  });

  const asked: Record<string, RegExp> = {
    memebrs: /Did you mean members\?/u,
    "leave now": /Nothing may follow leave/u,
    "remove dora": /Nobody in #ops is called dora/u,
    "remove caroll": /Did you mean remove carol\?/u,
    "role carol king": /Was that a command about carol\?/u,
    "role dora moderator": /Nobody in #ops is called dora/u,
    "follow dora": /You know nobody called dora/u,
    "create ops room": /Did you mean create "ops room"\?/u,
    "to ops": /Did you mean to #ops\?/u,
    "to carol": /dm carol opens/u,
    "@#ops remove dora": /Nobody in #ops is called dora/u,
    "@#ops remove caroll": /Did you mean @#ops remove carol\?/u,
    "@#ops leave now": /Nothing may follow leave/u,
    "join open house": /Did you mean join "open house"\?/u,
    "kick ada": /Did you mean remove ada\?/u,
    "reply later": /Write after reply/u,
    statsu: /Did you mean status\?/u,
    Leave: /Did you mean leave\?/u,
    exit: /Did you mean quit\?/u,
  };
  for (const [line, question] of Object.entries(asked)) {
    it(`is said only after a question: ${line}`, () => {
      assert.deepEqual(parse(line, AT_OPS), said(line.replace("@#ops ", "")));
      assert.match(doubt(line, AT_OPS) ?? "", question);
    });
  }

  const refused: Record<string, RegExp> = {
    "edit 12": /Write after edit/u,
    edit: /Write after edit/u,
    "react 12 well done": /Write after react/u,
    invite: /Write a name after invite/u,
    "invite link --uses many": /invite link/u,
    "create ops --secret": /Write a name after create/u,
    "timer 10x": /Write after timer/u,
    "/remove dora": /Nobody in #ops is called dora/u,
    "@#opps hello": /You know no room of that name/u,
    "@#dev hello": /accept #dev/u,
    "@#ops": /to #ops/u,
    "to #opps": /You know no room of that name/u,
    "to #dev": /accept #dev/u,
    "to #ops hello": /@#ops hello/u,
    "accept #ops": /accept #dev/u,
  };
  for (const [line, hint] of Object.entries(refused)) {
    it(`is neither said nor done: ${line}`, () => {
      assert.match(hintOf(parse(line, AT_OPS)), hint);
    });
  }

  it("switches the prompt to a room", () => {
    assert.deepEqual(parse("to #ops", AT_ZOE), { type: "turn", room: OPS });
    assert.deepEqual(parse('to #"the team"', AT_OPS), { type: "turn", room: TEAM });
    assert.deepEqual(parse("to #the team", AT_OPS), { type: "turn", room: TEAM });
    assert.deepEqual(parse("/to #5f5f5f5f", AT_OPS), { type: "turn", room: OPS });
  });

  it("does not choose between two rooms of one name", () => {
    const twin: KnownRoom = { ...OPS, id: "66".repeat(16) };
    const rooms = { ...AT_ZOE, rooms: [OPS, twin] };
    assert.match(hintOf(parse("to #ops", rooms)), /#5f5f5f5f, #66666666/u);
    assert.equal(parse("@#ops hello", rooms).type, "unknown");
    assert.deepEqual(parse("to #66666666", rooms), { type: "turn", room: twin });
  });

  it("does not choose between two members of one name", () => {
    const twin = person("ada", "e");
    const at = { ...OPS, people: [ADA, twin] };
    const rooms = { ...AT_OPS, rooms: [at], at };
    assert.equal(parse("remove ada", rooms).type, "room");
    assert.match(doubt("remove ada", rooms) ?? "", /remove aaaaaaaa, or remove eeeeeeee/u);
  });
});

describe("a line at the prompt of a person, where a hub is known", () => {
  it("may be a command that needs no room, or that names one", () => {
    const commands: Record<string, RoomCommand> = {
      "create ops": {
        type: "create",
        name: "ops",
        isListed: false,
        isAnnouncement: false,
        isClassic: false,
        sharedLines: 0,
      },
      "join lounge": { type: "join", name: "lounge" },
      "join lair://a:1/#x": { type: "join-link", link: "lair://a:1/#x" },
      "dm carol": { type: "direct", who: recipientOf(CAROL) },
      "verify carol": { type: "verify", who: recipientOf(CAROL) },
      "members #ops": { type: "members", room },
      "@#ops invite dora": { type: "invite", room, who: "dora" },
    };
    for (const [line, command] of Object.entries(commands)) assert.deepEqual(parse(line, AT_ZOE), inRoom(command));
  });

  it("is said to that person otherwise", () => {
    for (const line of ["members", "leave", "topic of the day", "edit it is green", "reply 12 yes", "join us"]) {
      assert.deepEqual(parse(line, AT_ZOE), { type: "say", text: line });
    }
    assert.match(hintOf(parse("/members", AT_ZOE)), /at the prompt of a room/u);
  });

  it("is about that person where people have the command too", () => {
    assert.deepEqual(parse("history", AT_ZOE), { type: "history", count: 20 });
    assert.deepEqual(parse("verify", AT_ZOE), { type: "verify", compared: false });
    assert.deepEqual(parse("verify done", AT_ZOE), { type: "verify", compared: true });
    assert.deepEqual(parse("rename Zoë", AT_ZOE), { type: "rename", name: "Zoë" });
  });

  it("may name a hub where it is about a pairing, and says nothing to it", () => {
    const hub: PeerView = { ...ZOE, ...person("hub", "h") };
    const [who, rooms] = [recipientOf(hub), { ...AT_ZOE, hubPeers: [hub] }];
    assert.deepEqual(parse("mute hub", rooms), { type: "mute", who, isMuted: true });
    assert.deepEqual(parse("verify hub", { ...rooms, at: OPS }), { type: "verify", compared: false, to: who });
    assert.deepEqual(parse("rename @hub main", rooms), { type: "rename", name: "main", to: who });
    assert.equal(parse("to hub", rooms).type, "say");
    assert.equal(parse("@hub hello", rooms).type, "unknown");
  });

  it("answers what waits for an answer, if it is one thing", () => {
    const dan: PeerView = { ...ZOE, ...person("dan", "f") };
    const answered: Command = { type: "answer-introduction", who: recipientOf(dan), isAccepted: true };
    const uninvited = { ...AT_ZOE, rooms: [OPS] };
    assert.deepEqual(parse("accept", uninvited, [dan]), answered);
    assert.deepEqual(parse("accept dan", AT_ZOE, [dan]), answered);
    assert.match(hintOf(parse("accept", AT_ZOE, [dan])), /Type accept #dev, or accept dan\./u);
    assert.match(hintOf(parse("decline", uninvited)), /nobody was introduced/u);
  });
});

describe("a line where no hub is known", () => {
  it("is never a command about rooms", () => {
    for (const { name } of roomPrompts("room")) {
      const [withHub, without] = [AT_OPS, NO_HUB].map((rooms) => parse(`${name} x`, rooms));
      if (without?.type === "room" || without?.type === "turn") assert.fail(`${name}: ${without.type}`);
      assert.ok(withHub !== undefined);
    }
    for (const line of ["rooms", "create ops", "join ops", "members", "leave", "feed", "@#ops members", "typing on"]) {
      assert.deepEqual(parse(line, NO_HUB), parseCommand(line, "lair-client", [ZOE], [], ZOE), line);
      assert.notEqual(parse(line, NO_HUB).type, "room");
    }
    assert.deepEqual(parse("create ops", NO_HUB), { type: "say", text: "create ops" });
  });
});

const THINGS = [
  ..."to @#ops @zoe #ops #the team #dev carol Carol Lovelace dora 12 on off 10m link --uses 5 admin it hello".split(
    " ",
  ),
  '"the team"',
  "/say",
  "/members",
  "\n",
];

/** Whether a line may be a command of a room's prompt. */
function isOfRooms(text: string): boolean {
  return roomPrompts("room").some(({ name }) => text.includes(name));
}

describe("any line", () => {
  const words = fc.constantFrom(...roomPrompts("room").map(({ name }) => name), ...THINGS);
  const line = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 5 }).map((all) => all.join(" ")),
  );

  it("is said whole in the room, or changes nothing that it does not name, and never throws", () => {
    fc.assert(
      fc.property(line, (text) => {
        const parsed = parse(text, AT_OPS);
        const asked = doubt(text, AT_OPS);
        if (parsed.type !== "room") return;
        const { command } = parsed;
        if (command.type === "say" && !/^\s*[@/]/u.test(text)) assert.equal(command.text, text.trimEnd());
        if (command.type !== "say") assert.equal(asked, undefined);
        if ("room" in command && command.room !== room) assert.match(text, /^\s*(?:@#|[/a-z]+\s+#|accept|decline)/u);
      }),
      { numRuns: effort(300, 2_000) },
    );
  });

  it("means the same with a hub as without one, if it begins with no word of rooms", () => {
    fc.assert(
      fc.property(
        line.filter((text) => !isOfRooms(text) && !/[@/]|\bto\b/u.test(text)),
        (text) => assert.deepEqual(parse(text, AT_ZOE), parse(text, NO_HUB)),
      ),
    );
  });
});

function here(...rooms: readonly KnownRoom[]): RoomsHere {
  return { rooms, hubs: ["hub"], at: undefined };
}

describe("a name that several rooms have", () => {
  const invited: KnownRoom = { id: "b1".repeat(16), name: "ops", standing: "invited", people: [ADA] };
  const [dead, direct] = ["c2", "d3"].map((id): KnownRoom => ({
    id: id.repeat(16),
    name: "ada",
    standing: "joined",
    isDirect: true,
    people: [SELF, ADA],
  })) as [KnownRoom, KnownRoom];

  it("means the one in which the user is, not an invitation; of the invitations, that one", () => {
    for (const rooms of [here(OPS, invited), here(invited, OPS)]) {
      assert.deepEqual(parse("@#ops hi", rooms), said("hi"));
      assert.deepEqual(parse("to #ops", rooms), { type: "turn", room: OPS });
      assert.deepEqual(parse("accept #ops", rooms), inRoom({ type: "answer", room: invited.id, isAccepted: true }));
      assert.match(hintOf(parse("to #b1b1b1b1", rooms)), /accept #b1b1b1b1,/u);
      assert.match(hintOf(parse("@#ops", rooms)), /to #ops$/u);
    }
    assert.deepEqual(parse("@#OPS hi", here({ ...invited, name: "OPS" }, OPS)), said("hi"), "as it is written, too");
    assert.equal(parse("@#ops hi", here(OPS, { ...invited, standing: "joined" })).type, "unknown");
  });

  it("means the room of two in which somebody else still is", () => {
    const rooms = here({ ...dead, people: [SELF] }, direct);
    assert.deepEqual(parse("to #ada", rooms), { type: "turn", room: direct });
    assert.equal(parse("to #ada", here(dead, direct)).type, "unknown");
  });
});
