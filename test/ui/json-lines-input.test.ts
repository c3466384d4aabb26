// What a program may say to --json (docs/json.md): a command, or one error and nothing else.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Command } from "../../src/app/events.ts";
import type { RoomCommand } from "../../src/app/rooms/room-commands.ts";
import { faultOfCommand, namesInSchema } from "../json-schema.ts";
import { openJsonFace } from "../node/open-json-face.ts";

/** Undefined for a line that is no JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const OPS = "5f".repeat(16);
const LINE = "2a".repeat(16);

const ABOUT_ROOMS: Record<string, RoomCommand> = {
  '{"send":"hello","to":"#ops"}': { type: "say", room: "#ops", text: "hello" },
  [`{"send":"hello","room":"${OPS}"}`]: { type: "say", room: OPS, text: "hello" },
  '{"command":"rooms"}': { type: "rooms" },
  '{"command":"create","name":"ops"}': {
    type: "create",
    name: "ops",
    isListed: false,
    isAnnouncement: false,
    isClassic: false,
    sharedLines: 0,
  },
  '{"command":"create","name":"#ops","listed":true,"announce":true,"classic":true,"shareHistory":5,"hub":"hub"}': {
    type: "create",
    name: "ops",
    isListed: true,
    isAnnouncement: true,
    isClassic: true,
    sharedLines: 5,
    hub: "hub",
  },
  '{"command":"join","name":"ops"}': { type: "join", name: "ops" },
  '{"command":"join","name":"#ops","hub":"hub"}': { type: "join", name: "ops", hub: "hub" },
  '{"command":"join","link":"lair://a:1/#x"}': { type: "join-link", link: "lair://a:1/#x" },
  '{"command":"accept","room":"#ops"}': { type: "answer", room: "#ops", isAccepted: true },
  '{"command":"decline","room":"#ops"}': { type: "answer", room: "#ops", isAccepted: false },
  '{"command":"leave","room":"#ops"}': { type: "leave", room: "#ops" },
  '{"command":"members","room":"#ops"}': { type: "members", room: "#ops" },
  '{"command":"invite-to","room":"#ops","who":"bob"}': { type: "invite", room: "#ops", who: "bob" },
  '{"command":"room-link","room":"#ops"}': { type: "link", room: "#ops" },
  '{"command":"revoke-links","room":"#ops"}': { type: "revoke-links", room: "#ops" },
  '{"command":"room-link","room":"#ops","uses":5,"seconds":60}': {
    type: "link",
    room: "#ops",
    uses: 5,
    expiresInS: 60,
  },
  '{"command":"role","room":"#ops","who":"bob","role":"moderator"}': {
    type: "role",
    room: "#ops",
    who: "bob",
    role: "moderator",
  },
  '{"command":"remove","room":"#ops","who":"bob"}': { type: "remove", room: "#ops", who: "bob" },
  '{"command":"ban","room":"#ops","who":"bob"}': { type: "ban", room: "#ops", who: "bob" },
  '{"command":"unban","room":"#ops","who":"bob"}': { type: "unban", room: "#ops", who: "bob" },
  '{"command":"topic","room":"#ops","topic":""}': { type: "topic", room: "#ops", topic: "" },
  '{"command":"rename-room","room":"#ops","name":"#dev"}': { type: "rename", room: "#ops", name: "dev" },
  '{"command":"edit","room":"#ops","text":"b"}': { type: "edit", room: "#ops", text: "b" },
  '{"command":"edit","room":"#ops","id":7,"text":"b"}': { type: "edit", room: "#ops", line: 7, text: "b" },
  '{"command":"delete","room":"#ops"}': { type: "delete", room: "#ops" },
  [`{"command":"delete","room":"#ops","id":"${LINE}"}`]: { type: "delete", room: "#ops", line: LINE },
  '{"command":"reply","room":"#ops","id":7,"text":"b"}': { type: "reply", room: "#ops", line: 7, text: "b" },
  '{"command":"react","room":"#ops","id":7,"emoji":""}': { type: "react", room: "#ops", line: 7, emoji: "" },
  '{"command":"history","room":"#ops"}': { type: "history", room: "#ops", count: 20 },
  '{"command":"history","room":"#ops","count":5}': { type: "history", room: "#ops", count: 5 },
  '{"command":"search","room":"#ops","words":"two words"}': { type: "search", room: "#ops", words: "two words" },
  '{"command":"export","room":"#ops","file":"a.jsonl"}': { type: "export", room: "#ops", file: "a.jsonl" },
  '{"command":"timer","room":"#ops","seconds":600}': { type: "timer", room: "#ops", seconds: 600 },
  '{"command":"dm","who":"bob"}': { type: "direct", who: "bob" },
  '{"command":"follow","who":"bob"}': { type: "follow", who: "bob" },
  '{"command":"feed"}': { type: "feed" },
  '{"command":"verify","who":"bob"}': { type: "verify", who: "bob" },
  '{"command":"typing","on":true}': { type: "marks", what: "typing", isOn: true },
  '{"command":"typing","room":"#ops"}': { type: "noted", what: "typing", room: "#ops" },
  '{"command":"read","on":false}': { type: "marks", what: "read", isOn: false },
  '{"command":"read","room":"#ops"}': { type: "noted", what: "read", room: "#ops" },
  '{"command":"read","room":"#ops","id":7}': { type: "noted", what: "read", room: "#ops", line: 7 },
  '{"command":"invisible","on":true}': { type: "invisible", isOn: true },
};

describe("a line of input to --json", () => {
  const good: Record<string, Command> = {
    '{"send":"hello"}': { type: "say", text: "hello" },
    '  {"send":"two\\nlines"}  ': { type: "say", text: "two\nlines" },
    '{"send":""}': { type: "say", text: "" },
    '{"send":"hello","to":"ada"}': { type: "say", text: "hello", to: "ada" },
    '{"send":"@bob hi","to":"gwixt4ac"}': { type: "say", text: "@bob hi", to: "gwixt4ac" },
    '{"command":"status"}': { type: "status" },
    '{"command":"status","to":"ada"}': { type: "status", to: "ada" },
    '{"command":"history","count":5,"to":"Ada Lovelace"}': { type: "history", count: 5, to: "Ada Lovelace" },
    '{"command":"rename","name":"Anna","to":"ada"}': { type: "rename", name: "Anna", to: "ada" },
    '{"command":"forget","to":"ada"}': { type: "forget", confirmed: true, to: "ada" },
    '{"command":"peers","to":"ada"}': { type: "peers", to: "ada" },
    '{"command":"who"}': { type: "who" },
    '{"command":"all","text":"hi"}': { type: "say-all", text: "hi", confirmed: true },
    '{"command":"mute","who":"ada"}': { type: "mute", who: "ada", isMuted: true },
    '{"command":"unmute","who":"ada"}': { type: "mute", who: "ada", isMuted: false },
    '{"command":"introduce","who":["ada","bob"]}': { type: "introduce", who: ["ada", "bob"] },
    '{"command":"accept-introduction","id":"5f"}': { type: "answer-introduction", who: "5f", isAccepted: true },
    '{"command":"decline-introduction","id":"5f"}': { type: "answer-introduction", who: "5f", isAccepted: false },
    '{"command":"address","who":"ada","url":"ws://a:1"}': { type: "address", who: "ada", url: "ws://a:1" },
    '{"command":"quit"}': { type: "quit" },
    '{"command":"peers"}': { type: "peers" },
    '{"command":"invite"}': { type: "invite" },
    '{"command":"verify"}': { type: "verify", compared: false },
    '{"command":"compared"}': { type: "verify", compared: true },
    '{"command":"rename","name":"Anna"}': { type: "rename", name: "Anna" },
    '{"command":"trust","who":"GWIX t4ac"}': { type: "trust", who: "gwixt4ac" },
    '{"command":"history"}': { type: "history", count: 20 },
    '{"command":"history","count":10000}': { type: "history", count: 10_000 },
    '{"command":"search","words":"two words"}': { type: "search", words: "two words" },
    '{"command":"export","file":"/tmp/a b.jsonl"}': { type: "export", file: "/tmp/a b.jsonl" },
    '{"command":"forget"}': { type: "forget", confirmed: true },
    '{"command":"forget-peer","who":" ada "}': { type: "forget-peer", who: "ada", history: false, confirmed: true },
    '{"command":"forget-peer","who":"ada","history":true}': {
      type: "forget-peer",
      who: "ada",
      history: true,
      confirmed: true,
    },
    '{"command":"renumber"}': { type: "renumber" },
    '{"send":"\\ud83d\\ude80"}': { type: "say", text: "\u{1f680}" },
    '{"command":"timer","seconds":600}': { type: "timer", seconds: 600 },
    '{"command":"timer","seconds":0}': { type: "timer", seconds: 0 },
    ...Object.fromEntries(
      Object.entries(ABOUT_ROOMS).map(([line, command]): [string, Command] => [line, { type: "room", command }]),
    ),
  };
  for (const [line, command] of Object.entries(good)) {
    it(`is a command: ${line}`, () => {
      const { input, commands, written } = openJsonFace();
      input.handlers.line(line);
      assert.deepEqual([commands, written], [[command], []]);
      assert.equal(faultOfCommand(JSON.parse(line)), undefined);
    });
  }

  it("with a member that its command does not take is an error that names it", () => {
    const bad: Record<string, string> = {
      '{"send":"x","To":"carol"}': '"To", which send',
      '{"send":"x","more":1}': '"more", which send',
      '{"command":"all","text":"x","to":"bob"}': '"to", which all',
      '{"command":"forget","who":"cyd"}': '"who", which forget',
      '{"command":"forget","confirmed":true}': '"confirmed", which forget',
      '{"command":"who","to":"ada"}': '"to", which who',
      '{"command":"quit","to":"ada"}': '"to", which quit',
      '{"command":"mute","who":"bob","to":"ada"}': '"to", which mute',
      '{"send":"x","lair://canary":1}': "a member, which send",
      '{"command":"status","toString":1}': '"toString", which status',
      '{"send":"x","room":"#ops","to":"bob"}': '"to", which send',
      '{"command":"leave","room":"#ops","to":"bob"}': '"to", which leave',
      '{"command":"leave","room":"#ops","who":"bob"}': '"who", which leave',
      '{"command":"history","room":"#ops","to":"bob"}': '"to", which history',
      '{"command":"rooms","room":"#ops"}': '"room", which rooms',
    };
    for (const [line, fault] of Object.entries(bad)) {
      const { input, commands, written } = openJsonFace();
      input.handlers.line(line);
      assert.deepEqual(commands, [], line);
      const message = `A line of input has ${fault} does not take; it changed nothing.`;
      assert.deepEqual(written.map(parsed), [{ event: "error", code: "input-malformed", message }]);
      assert.notEqual(faultOfCommand(JSON.parse(line)), undefined);
    }
  });

  it("may have the members that the schema has, and no other", () => {
    for (const [line, command] of Object.entries(good)) {
      for (const member of [
        "to",
        "who",
        "text",
        "count",
        "words",
        "history",
        "id",
        "url",
        "seconds",
        "file",
        "name",
        "room",
      ]) {
        const value: object = { ...(JSON.parse(line) as object) };
        if (member in value) continue;
        const more = {
          ...value,
          [member]: member === "count" || member === "seconds" ? 5 : member === "history" || "x",
        };
        const { input, commands } = openJsonFace();
        input.handlers.line(JSON.stringify(more));
        assert.equal(
          commands.length === 1,
          faultOfCommand(more) === undefined,
          `${JSON.stringify(more)} ${command.type}`,
        );
      }
    }
  });

  it("is in the schema: each command is one of these", () => {
    const names = Object.keys(good).map((line) => (JSON.parse(line) as { command?: string }).command ?? "send");
    assert.deepEqual(namesInSchema("command").toSorted(), [...new Set(names)].toSorted());
  });

  const malformed = [
    "hello",
    "quit",
    "{",
    '{"send":"hello"',
    '{"send":"a"}{"send":"b"}',
    '{"send":"a"} x',
    "null",
    "true",
    "7",
    '"send"',
    "[]",
    '[{"send":"hello"}]',
    "{}",
    '{"send":7}',
    '{"send":null}',
    '{"send":["a"]}',
    '{"send":"a","to":7}',
    '{"send":"a","to":""}',
    '{"send":"a","to":null}',
    '{"command":"status","to":["ada"]}',
    '{"command":"to","who":"ada"}',
    '{"command":"all"}',
    '{"command":"all","text":" "}',
    '{"command":"mute"}',
    '{"command":"mute","who":""}',
    '{"command":"address","who":"ada"}',
    '{"Send":"a"}',
    '{"send":"a","command":"quit"}',
    '{"send":"a","command":7}',
    '{"send":7,"command":"quit"}',
    '{"send":null,"command":"quit"}',
    String.raw`{"send":"half a pair: \ud83d"}`,
    String.raw`{"command":"rename","name":"\udc00"}`,
    '{"command":"dance"}',
    '{"command":"Quit"}',
    '{"command":" quit"}',
    '{"command":""}',
    '{"command":null}',
    '{"command":["quit"]}',
    '{"command":"help"}',
    '{"command":"end"}',
    '{"command":"interrupt"}',
    '{"command":"say","text":"a"}',
    '{"command":"rename"}',
    '{"command":"rename","name":7}',
    '{"command":"trust"}',
    '{"command":"trust","who":["gwix"]}',
    '{"command":"history","count":0}',
    '{"command":"history","count":10001}',
    '{"command":"history","count":1.5}',
    '{"command":"history","count":"20"}',
    '{"command":"search"}',
    '{"command":"search","words":["a"]}',
    '{"command":"export"}',
    '{"command":"export","file":""}',
    '{"command":"timer"}',
    '{"command":"timer","seconds":-1}',
    '{"command":"timer","seconds":0.5}',
    '{"command":"timer","seconds":315576001}',
    '{"command":"timer","seconds":"10m"}',
    '{"command":"toString"}',
    '{"send":"a","room":""}',
    '{"send":"a","room":7}',
    '{"command":"create","name":""}',
    '{"command":"create","name":"ops","listed":1}',
    '{"command":"join"}',
    '{"command":"join","name":"ops","link":"lair://a:1/#x"}',
    '{"command":"leave"}',
    '{"command":"leave","room":""}',
    '{"command":"invite-to","room":"#ops"}',
    '{"command":"room-link","room":"#ops","uses":0}',
    '{"command":"role","room":"#ops","who":"bob","role":"king"}',
    '{"command":"edit","room":"#ops","text":""}',
    '{"command":"reply","room":"#ops","text":"b"}',
    '{"command":"reply","room":"#ops","id":-1,"text":"b"}',
    '{"command":"typing"}',
    '{"command":"typing","on":true,"room":"#ops"}',
    '{"command":"read","on":true,"id":7}',
    '{"command":"rename-room","name":"dev"}',
    '{"__proto__":{"send":"a"}}',
    '{"event":"message","text":"a"}',
    '\ufeff{"send":"a"}',
    "lair://127.0.0.1:1/#canary",
  ];
  for (const line of malformed) {
    it(`is answered by one error and no command: ${line}`, () => {
      const { input, commands, written } = openJsonFace();
      input.handlers.line(line);
      assert.deepEqual(commands, []);
      assert.equal(written.length, 1);
      const value = JSON.parse(written[0]!) as Record<string, unknown>;
      assert.deepEqual([value["event"], value["code"]], ["error", "input-malformed"]);
      assert.equal(typeof value["message"], "string");
      assert.ok(!written[0]!.includes("canary"), "what was typed may be a secret");
      // The schema does not speak of halves of a pair.
      const request = parsed(line);
      if (request !== undefined && !/\\ud/.test(line)) assert.notEqual(faultOfCommand(request), undefined);
    });
  }

  it("is a command exactly when the schema allows its members", () => {
    const values = ["ada", "", " ", 0, 1, 20, 10_000, 10_001, 1.5, -1, 315_576_001, true, null, ["ada"], { ada: 1 }];
    const requests = Object.keys(good).map((line) => JSON.parse(line) as object);
    for (const request of requests.filter((one) => faultOfCommand(one) === undefined)) {
      for (const member of Object.keys(request).filter((name) => name !== "command")) {
        for (const value of [...values, undefined]) {
          const changed = { ...request, [member]: value };
          const line = JSON.stringify(changed);
          const { input, commands } = openJsonFace();
          input.handlers.line(line);
          assert.equal(faultOfCommand(JSON.parse(line)) === undefined, commands.length === 1, line);
        }
      }
    }
  });

  it("is a command or answered by one error, never both, whatever it is", () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ send: fc.anything(), command: fc.anything(), name: fc.anything() }, { requiredKeys: [] })
        .map((value) => JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? "1" : part))),
    );
    fc.assert(
      fc.property(line, (text) => {
        fc.pre(text.trim() !== "");
        const { input, commands, written } = openJsonFace();
        input.handlers.line(text);
        assert.equal(commands.length + written.length, 1);
      }),
    );
  });

  it("that is not UTF-8 is answered by an error that names it, and makes the exit code 1", () => {
    const { input, commands, written } = openJsonFace();
    input.handlers.misread({ line: 7, kind: "not-utf8", isRest: false });
    input.handlers.misread({ line: 8, kind: "utf-16", isRest: true });
    const errors = written.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      errors.map(({ event, code, message }) => [event, code, message]),
      [
        ["error", "input-malformed", "Line 7 of the input is not UTF-8; it changed nothing."],
        [
          "error",
          "input-malformed",
          "Line 8 of the input looks like UTF-16, not UTF-8, and so does the rest; it changed nothing.",
        ],
      ],
    );
    assert.deepEqual(commands, [{ type: "misread" }, { type: "misread" }]);
  });

  it("ends with the input", () => {
    const { input, commands, written } = openJsonFace();
    input.handlers.end();
    assert.deepEqual([commands, written], [[{ type: "end" }], []]);
  });

  it("waits and goes on as the program says, and is closed with the face", () => {
    const { frontend, calls } = openJsonFace();
    for (const demand of ["overrun", "nobody", "overrun", "listening"] as const) frontend.regulateInput(demand);
    frontend.close();
    assert.deepEqual(calls, ["pause", "resume", "pause", "resume", "close"]);
  });
});
