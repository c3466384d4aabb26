// What a person sees of rooms: who spoke and where, what an edit changes, and one line for everything else.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgramEvent } from "../../src/app/events.ts";
import { parseCommand } from "../../src/app/commands.ts";
import type { KnownRoom, PersonView, RoomReport } from "../../src/app/rooms/room-reports.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { createStyle } from "../../src/node/terminal/create-style.ts";
import { View } from "../../src/ui/view.ts";
import type { ViewOptions } from "../../src/ui/view-options.ts";
import { ADA, AT_MS, CAROL, DEV, KNOWN_DEV, KNOWN_OPS, OPS, REPORTS, SAID, SELF, STATUS } from "./room-reports.ts";

const NOW = new Date(2026, 10, 20, 14, 3).getTime();
const ZOE: PeerView = { name: "zoe", fingerprint: "zzzz zzzz", pairedAtMs: NOW, comparedAtMs: undefined };
const OTHER_ID = "99".repeat(16);
const MESSAGE = { ...REPORTS.message, atMs: NOW };

type Reports = readonly RoomReport[];

function createView(where: "ops" | "zoe", options: Partial<ViewOptions> & { readonly color?: boolean } = {}): View {
  const view = new View({
    program: "lair-client",
    style: createStyle(options.color === true, true),
    unicode: true,
    columns: () => 200,
    nowMs: () => NOW,
    merges: true,
    hasPrompt: true,
    ...options,
  });
  view.render({ type: "people", peers: [ZOE] });
  view.render({ type: "room", report: REPORTS["known-rooms"] });
  if (where === "ops") view.selection.turnToRoom(OPS);
  else view.render({ type: "selected", peer: ZOE, by: "user" });
  return view;
}

function rendered(view: View, report: RoomReport) {
  return view.render({ type: "room", report });
}

/** What is shown when somebody has read the user's line. */
function readBy(view: View, by: PersonView) {
  const { rows, replacesLast } = view.render({ type: "room", report: { ...REPORTS.read, by } });
  return { text: rows.join("").trim(), replacesLast };
}

/** The rows of the last of these reports. */
function rowsOf(where: "ops" | "zoe", ...reports: Reports): readonly string[] {
  const view = createView(where);
  return reports.map((report) => rendered(view, report).rows).at(-1)!;
}

function textOf(where: "ops" | "zoe", ...reports: Reports): string {
  return rowsOf(where, ...reports)
    .join("\n")
    .trim();
}

describe("a line of a room", () => {
  it("shows its number and who spoke, and where only if the prompt is elsewhere", () => {
    assert.deepEqual(rowsOf("ops", MESSAGE), ["14:03    7  ada  the build is red"]);
    const [row, hint] = rowsOf("zoe", MESSAGE);
    assert.equal(row, "14:03    7  #ops ada  the build is red");
    assert.match(hint!, /^ +· @#ops TEXT answers once; to #ops switches the prompt$/u);
  });

  it("says how to answer once, until the prompt turns", () => {
    const view = createView("zoe");
    assert.equal(rendered(view, MESSAGE).rows.length, 2);
    assert.equal(rendered(view, MESSAGE).rows.length, 1);
    view.turnedTo(DEV);
    assert.equal(rendered(view, MESSAGE).rows.length, 2);
  });

  it("advises only what can be typed", () => {
    for (const name of ["ops", "two words", 'quo"tes', "#ops", "\u202eevil", "ops\nyou"]) {
      const room = { ...KNOWN_OPS, name };
      const view = createView("zoe");
      rendered(view, { ...REPORTS["known-rooms"], rooms: [room] });
      const hint = rendered(view, { ...MESSAGE, room }).rows.at(-1)!;
      const [, typed = ""] = /; (to .*) switches the prompt$/u.exec(hint) ?? [];
      const parsed = parseCommand(typed, "lair-client", [], [], undefined, view.selection.roomsHere);
      assert.deepEqual(parsed, { type: "turn", room }, hint);
    }
  });

  it("of the user has its number once it is in the log, and then takes the place of the one that waited", () => {
    const view = createView("ops");
    const queued = rendered(view, { ...REPORTS.queued, atMs: NOW });
    assert.deepEqual(queued.rows, ["14:03       you  hi"]);
    assert.deepEqual(queued.line, { id: SAID.id, before: 0, count: 1 });
    const sent = rendered(view, { ...REPORTS.sent, atMs: NOW });
    assert.deepEqual(sent.rows, []);
    assert.deepEqual(sent.change, { id: SAID.id, rows: ["14:03    7  you  hi"] });
  });

  it("of the user that was queued by an earlier run is shown when it is sent", () => {
    assert.deepEqual(rowsOf("ops", { ...REPORTS.sent, atMs: NOW }), ["14:03    7  you  hi"]);
  });

  it("of the user says where it went if the prompt is elsewhere", () => {
    assert.deepEqual(rowsOf("zoe", { ...REPORTS.queued, atMs: NOW }), ["14:03       you  @#ops hi"]);
  });

  it("that answers another one says which", () => {
    const reply: RoomReport = { ...MESSAGE, id: OTHER_ID, seq: 8, from: CAROL, text: "yes", replyTo: SAID.id };
    assert.deepEqual(rowsOf("ops", MESSAGE, reply), [
      '       · carol answers line 7 of ada, "the build is red"',
      "14:03    8  carol  yes",
    ]);
    assert.match(textOf("ops", reply), /carol answers a line that is not here/u);
    const view = createView("ops");
    rendered(view, MESSAGE);
    assert.deepEqual(rendered(view, reply).line, { id: OTHER_ID, before: 1, count: 1 });
  });

  it("of somebody whom the user follows is marked, without colours too", () => {
    assert.deepEqual(rowsOf("ops", { ...MESSAGE, isFollowed: true }), ["14:03    7  ada *  the build is red"]);
  });

  it("of several rows cannot look like another one", () => {
    const rows = rowsOf("ops", { ...MESSAGE, text: "one\n14:03    8  carol  two\r14:04 ada x\u001b[2J" });
    for (const row of rows.slice(1)) assert.match(row, /^ {17}/u);
    assert.ok(!rows.join("").includes("\u001b"));
  });

  it("does not let a name pass for the program's words or for another member", () => {
    const twin = { ...CAROL, name: "ada" };
    const people = [SELF, ADA, twin];
    const known: RoomReport = { ...REPORTS["known-rooms"], rooms: [{ ...KNOWN_OPS, people }] };
    const heads = [ADA, twin].map((from) => textOf("ops", known, { ...MESSAGE, from }).split("  the build")[0]);
    assert.notEqual(heads[0], heads[1]);
    assert.match(textOf("ops", { ...MESSAGE, from: { ...CAROL, name: "you" } }), /\?you/u);
  });

  it("has no number on a narrow screen, and then `history` has it", () => {
    const view = createView("ops", { columns: () => 40 });
    assert.deepEqual(rendered(view, MESSAGE).rows, ["14:03  ada  the build is red"]);
    const lines = [{ ...SAID, atMs: NOW }];
    assert.deepEqual(rendered(view, { ...REPORTS["room-history"], lines }).rows, ["14:03    7  ada  the build is red"]);
  });

  it("of a person who is paired is marked at the prompt of a room", () => {
    const event: ProgramEvent = { type: "message", peer: ZOE, seq: 0, atMs: NOW, text: "only for you" };
    assert.equal(createView("ops").render(event).rows[0], "14:03  @zoe  only for you");
    assert.equal(createView("zoe").render(event).rows[0], "14:03  zoe  only for you");
  });
});

describe("a problem with a person who is paired", () => {
  it("names that person at the prompt of a room", () => {
    const event: ProgramEvent = { type: "error", peer: ZOE, message: "No.", code: "cut" };
    assert.deepEqual(createView("ops").render(event).rows, ["zoe: No. [cut]"]);
    assert.deepEqual(createView("zoe").render(event).rows, ["No. [cut]"]);
  });
});

describe("a line of a room that was changed", () => {
  it("changes where the screen has it, in the form that it has there", () => {
    for (const [where, head] of [
      ["ops", "14:03    7  ada  "],
      ["zoe", "14:03    7  #ops ada  "],
    ] as const) {
      const view = createView(where);
      rendered(view, MESSAGE);
      view.selection.turnToRoom(DEV);
      const edited = rendered(view, REPORTS.edited);
      assert.deepEqual(edited.change, { id: SAID.id, rows: [`${head}the build is green (edited)`] });
      assert.deepEqual(rendered(view, REPORTS.deleted).change, { id: SAID.id, rows: [`${head}(deleted)`] });
    }
  });

  it("is told of in a line otherwise", () => {
    assert.equal(textOf("ops", MESSAGE, REPORTS.edited), "· ada changed line 7: the build is green");
    assert.equal(textOf("zoe", REPORTS.edited), "· ada changed line 7 in #ops: the build is green");
    assert.equal(textOf("ops", MESSAGE, { ...REPORTS.deleted, by: CAROL }), "· carol deleted line 7 of ada");
    assert.equal(rendered(createView("ops"), REPORTS.edited).change, undefined);
  });

  it("is quoted as it is now", () => {
    const reacted = textOf("ops", MESSAGE, REPORTS.edited, REPORTS.reacted);
    assert.equal(reacted, '· carol: 👍 to line 7 of ada, "the build is green"');
    assert.match(textOf("ops", MESSAGE, REPORTS.deleted, REPORTS.reacted), /\(deleted\)$/u);
  });
});

describe("what happens in a room", () => {
  const lines: readonly (readonly [string, RoomReport])[] = [
    ["· #ops is made; what you type goes there now", REPORTS["room-created"]],
    ["· ada has added carol", REPORTS.joined],
    ["· carol is in the room, by a link", { type: "joined", room: OPS, who: CAROL }],
    ["· carol is in the room again", REPORTS["came-back"]],
    ["· you are in #dev; to #dev switches the prompt", { type: "joined", room: DEV }],
    ["· carol has left", REPORTS.left],
    ["· ada has removed carol", REPORTS.removed],
    ["· what was said in #ops is deleted here", REPORTS["room-forgotten"]],
    ["· ada has banned carol, who cannot come back", REPORTS.banned],
    ["· ada has lifted the ban of carol, who can come back", REPORTS.unbanned],
    ["· ada has made carol a moderator", REPORTS["role-changed"]],
    ["· ada has made you an admin", { ...REPORTS["role-changed"], who: SELF, role: "admin" }],
    ["· ada is a plain member now", { ...REPORTS["role-changed"], who: ADA, role: "member" }],
    ['· the topic is "what runs" now, set by ada', REPORTS["topic-changed"]],
    ["· ada has renamed #operations: it is #ops now", REPORTS["room-renamed"]],
    ["· lines disappear 10 min after they were said, set by ada", REPORTS["room-timer"]],
    ["· carol asks to be let into #ops; an admin or moderator types invite carol", REPORTS.knocked],
    ["· carol: 👍 to line 7", REPORTS.reacted],
    ["· carol takes back the reaction to line 7", { ...REPORTS.reacted, emoji: "" }],
    ["· what carol says in any room is highlighted from now on", REPORTS.followed],
    ["· others see that you type", REPORTS.marks],
    [
      "· others see what you have read once you type invisible off; nobody does while you are hidden",
      { type: "marks", what: "read", isOn: true, isHidden: true },
    ],
    ['· the others at "hub" see you as "bob-7ufq"', REPORTS.handle],
    ["· others do not see that you are there", { type: "marks", what: "invisible", isOn: true }],
    ["· 3 lines of #ops written to ops.json", REPORTS["room-exported"]],
    ['· ada sent something that this version can\'t show ("file")', REPORTS["unknown-message"]],
  ];
  for (const [line, report] of lines) {
    it(`is one line: ${line}`, () => assert.equal(textOf("ops", report), line));
  }

  it("names the room if the prompt is elsewhere", () => {
    const named = [
      "joined",
      "left",
      "removed",
      "banned",
      "role-changed",
      "topic-changed",
      "room-timer",
      "reacted",
    ] as const;
    for (const type of named) assert.match(textOf("zoe", REPORTS[type]), /#ops/u, type);
  });

  it("is shown by something, unless only the prompt shows it", () => {
    const silent = Object.values(REPORTS).filter((report) => rowsOf("ops", report).length === 0);
    assert.deepEqual(
      silent.map(({ type }) => type),
      ["known-rooms", "read", "typing"],
    );
  });

  it("has no control characters, whatever the names and texts are", () => {
    const evil = "\u001b[31mx\u0007\n\u202e";
    for (const report of Object.values(REPORTS)) {
      const bad = JSON.parse(JSON.stringify(report), (key, value: unknown) =>
        typeof value === "string" &&
        !["type", "id", "fingerprint", "standing", "occasion", "what", "role"].includes(key)
          ? evil
          : value,
      ) as RoomReport;
      for (const where of ["ops", "zoe"] as const) {
        // oxlint-disable-next-line no-control-regex
        assert.doesNotMatch(rowsOf(where, bad).join(""), /[\u0000-\u001f\u007f\u202e]/u, report.type);
      }
    }
  });

  it("that others have read is one row for each of one's own lines, which grows as long as it is the last", () => {
    assert.equal(textOf("ops", MESSAGE, REPORTS.read), "", "of what others said");
    const view = createView("ops");
    rendered(view, { ...REPORTS.sent, atMs: NOW });
    assert.deepEqual(readBy(view, CAROL), { text: "· read by carol", replacesLast: false });
    assert.deepEqual(readBy(view, ADA), { text: "· read by carol, ada", replacesLast: true });
    rendered(view, { ...MESSAGE, id: OTHER_ID });
    assert.deepEqual(readBy(view, CAROL), { text: "", replacesLast: false }, "something else was said since");
    const plain = createView("ops", { merges: false });
    rendered(plain, { ...REPORTS.sent, atMs: NOW });
    assert.deepEqual(
      [CAROL, ADA].map((by) => readBy(plain, by).text),
      ["· read by carol", ""],
    );
  });

  it("that is a warning says what to do", () => {
    for (const type of ["missing", "not-followed", "log-differs", "key-changed"] as const) {
      const rows = rowsOf("ops", REPORTS[type]);
      assert.ok(rows.length >= 2, type);
      assert.match(rows.at(-1)!, /\[[a-z-]+\]$/u, type);
      assert.match(rows.join(" "), /#ops/u, type);
    }
  });

  it("is an error of one room, or of the hub", () => {
    assert.deepEqual(rowsOf("ops", REPORTS["room-error"]), ["No.", "Ask an admin. [group-not-allowed]"]);
    assert.equal(rowsOf("zoe", REPORTS["room-error"])[0], "#ops: No.");
  });

  it("asks with the words that answer", () => {
    assert.deepEqual(rowsOf("ops", { ...REPORTS.invited, room: DEV }), [
      "ada invites you to #dev.",
      "Type accept #dev, or decline #dev.",
    ]);
  });

  it("says what a room of two is, which may have no name yet", () => {
    const direct = { ...DEV, name: "", isDirect: true } as const;
    const made: RoomReport = { type: "room-created", room: direct };
    assert.equal(textOf("zoe", made), "· a room for the two of you alone is made; rooms lists it");
    const left: RoomReport = { type: "left", room: { ...direct, name: "carol" }, who: CAROL };
    assert.match(textOf("zoe", left), /carol has left #carol; nobody reads you there any more, dm carol opens/u);
    const alone: KnownRoom = { ...direct, name: "carol", standing: "joined", people: [SELF] };
    assert.match(textOf("zoe", { ...REPORTS.rooms, rooms: [alone] }), /1 person · the other one has left/u);
    const two = { ...alone, people: [SELF, CAROL] };
    assert.match(textOf("zoe", { ...REPORTS.rooms, rooms: [two] }), /2 people · the two of you alone/u);
    const invited = textOf("ops", { ...REPORTS.invited, room: { ...direct, name: "ada" } });
    assert.match(invited, /^ada invites you to #ada, a room for the two of you alone\./u);
  });

  it("tells two rooms of one name apart", () => {
    const twin: KnownRoom = { ...KNOWN_DEV, name: "ops", standing: "joined" };
    const known: RoomReport = { ...REPORTS["known-rooms"], rooms: [KNOWN_OPS, twin] };
    assert.match(textOf("zoe", known, MESSAGE), /#ops 5f5f5f5f ada {2}the build/u);
    assert.match(textOf("zoe", known, MESSAGE), /to #5f5f5f5f switches/u);
    const invited: RoomReport = { ...known, rooms: [KNOWN_OPS, { ...twin, standing: "invited" }] };
    assert.match(textOf("zoe", invited, MESSAGE), /to #ops switches/u, "an invitation takes no name away");
  });
});

describe("the answers about rooms", () => {
  it("list rooms with what is unread, invitations, and what is listed", () => {
    const view = createView("zoe");
    rendered(view, MESSAGE);
    assert.deepEqual(view.render({ type: "unread", conversation: OPS.id, unread: 1 }).rows, []);
    assert.deepEqual(rendered(view, REPORTS.rooms).rows, [
      "  #ops       3 people · 1 unread",
      "  #dev       you are invited: accept #dev, or decline #dev",
      "  listed     #lounge: join NAME asks to be let in",
    ]);
    const who = view.render({ type: "who", conversations: [] }).rows;
    assert.deepEqual(who, rendered(view, REPORTS.rooms).rows.slice(0, 2));
    view.selection.turnToRoom(OPS);
    assert.equal(rendered(view, REPORTS.rooms).rows[0], "  #ops       3 people");
  });

  it("list members with their roles", () => {
    assert.deepEqual(rowsOf("ops", REPORTS.members), [
      "  topic      what runs",
      "  ada        admin · there · gwix t4ac u64t 3wbf …",
      "  bob        member · you · 7ufq 3xkd u64t 3wbf …",
    ]);
  });

  it("say of the room what it is, and of its hub", () => {
    const view = createView("ops", { nowMs: () => AT_MS + 180_000 });
    rendered(view, { ...REPORTS.sent, atMs: AT_MS });
    rendered(view, REPORTS.read);
    assert.deepEqual(rendered(view, REPORTS["room-status"]).rows, [
      "  room       #ops",
      "  topic      what runs",
      "  with       3 people, 2 there · you are a moderator · 1 open link · newcomers get the last 5 lines",
      "  hub        hub · gwix t4ac u64t 3wbf … · connected",
      "  messages   2 waiting · lines disappear after 1 h",
      "  read       your line 7, by carol",
      "  keys       changed 14 times in this room · yours renewed 3 min ago · withstand a quantum computer",
    ]);
    const { inside: _, ...gone } = STATUS;
    const over = {
      ...gone,
      standing: "over",
      waiting: 0,
      timerS: 0,
      hub: { ...STATUS.hub, isConnected: false },
    } as const;
    assert.deepEqual(rowsOf("ops", { ...REPORTS["room-status"], status: over }), [
      "  room       #ops · you are no longer in it",
      "  hub        hub · gwix t4ac u64t 3wbf … · not connected",
      "  messages   nothing waits",
    ]);
  });

  it("show a link in one piece", () => {
    const link = `lair://a:1/#${"x".repeat(172)}`;
    const view = createView("ops", { columns: () => 40 });
    const { rows } = rendered(view, { ...REPORTS["room-link"], link });
    assert.ok(rows.includes(`  ${link}`));
    assert.match(rows.join(" "), /works 5 times/u);
  });

  it("mark what was searched for, and say of which room", () => {
    const rows = rowsOf("zoe", { ...REPORTS["room-found"], lines: [{ ...SAID, atMs: NOW }] });
    assert.deepEqual(rows, ['       · 1 line with "build", in #ops', "14:03    7  ada  the *build* is red"]);
  });

  it("show what was edited and deleted in the history", () => {
    const lines = [
      { ...SAID, atMs: NOW, isEdited: true },
      { ...SAID, id: OTHER_ID, seq: 8, atMs: NOW, text: "", isDeleted: true, from: SELF },
    ] as const;
    assert.deepEqual(rowsOf("ops", { ...REPORTS["room-history"], lines }), [
      "14:03    7  ada  the build is red (edited)",
      "14:03    8  you  (deleted)",
    ]);
  });

  it("show in the history what a line answers, its reactions, and who has handed it over", () => {
    const answered = { seq: 3, from: ADA, text: "is it red?" };
    const reactions = [
      { by: SELF, emoji: "👍" },
      { by: ADA, emoji: "👍" },
      { by: CAROL, emoji: "🎉" },
    ];
    const kept = { ...SAID, atMs: NOW };
    const lines = [
      { ...kept, replyTo: OTHER_ID, answered, reactions },
      { ...kept, id: OTHER_ID, seq: 8, sharedBy: CAROL },
      { ...kept, id: "98".repeat(16), seq: 9, sharedBy: CAROL },
      { ...kept, id: "97".repeat(16), seq: 10, replyTo: "96".repeat(16), answered: { ...answered, text: undefined } },
    ];
    assert.deepEqual(rowsOf("ops", { ...REPORTS["room-history"], lines }), [
      '       · ada answers line 3 of ada, "is it red?"',
      "14:03    7  ada  the build is red",
      "       · 👍 by you, ada; 🎉 by carol",
      "       · 2 lines passed on by carol",
      "14:03    8  ada  the build is red",
      "14:03    9  ada  the build is red",
      "       · ada answers line 3 of ada, (deleted)",
      "14:03   10  ada  the build is red",
    ]);
  });

  it("do not repeat what was handed over to others", () => {
    const rows = rowsOf("ops", { ...REPORTS["shared-history"], isKnown: true });
    assert.deepEqual(rows, ["       · ada passes on 1 earlier line"]);
    assert.match(rowsOf("ops", REPORTS["shared-history"]).at(-1)!, /the build is red/u);
  });

  it("are in help: of the room at its prompt, and of people", () => {
    const [atRoom, atZoe] = (["ops", "zoe"] as const).map((where) => createView(where).help().join("\n"));
    assert.match(atRoom!, /members/u);
    assert.match(atRoom!, /rename NAME +give the room another name/u);
    assert.doesNotMatch(atRoom!, /call your peer/u);
    assert.match(atZoe!, /create NAME/u);
    assert.match(atZoe!, /call your peer/u);
    assert.doesNotMatch(atZoe!, /members/u);
    const alone = new View({
      program: "lair-client",
      style: createStyle(false, true),
      unicode: true,
      columns: () => 80,
      nowMs: () => NOW,
      merges: true,
    });
    assert.doesNotMatch(alone.help().join("\n"), /room/iu);
  });
});
