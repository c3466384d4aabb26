// What --json tells a program (docs/json.md): one JSON object a line, whatever the text is.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { ConversationView, ProgramEvent, StatusReport } from "../../src/app/events.ts";
import type { HistoryEntry } from "../../src/core/chat/history.ts";
import { jsonLine, toEntry, toJson } from "../../src/ui/json-lines.ts";
import { anyText } from "../any-text.ts";
import { faultOf, faultOfEvent, isLine, namesInSchema } from "../json-schema.ts";
import { openJsonFace } from "../node/open-json-face.ts";
import { REPORTS } from "./room-reports.ts";

const AT = 1_795_132_980_000;
const ISO = "2026-11-20T00:03:00.000Z";
const FINGERPRINT = "gwix t4ac u64t 3wbf 4ias xesc an5p by6i";
const PEER = { name: "bert", fingerprint: FINGERPRINT, pairedAtMs: AT, comparedAtMs: undefined };
const PEER_JSON = { name: "bert", fingerprint: FINGERPRINT, paired: ISO };

const WORDS = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? "abandon" : "zoo"));

/** What one event looks like, as a program would read it. The schema must allow it. */
function shown(event: ProgramEvent): unknown {
  const { frontend, written } = openJsonFace();
  frontend.show(event);
  assert.equal(written.length, 1);
  assert.match(written[0]!, /^[^\n]+\n$/);
  const value = JSON.parse(written[0]!) as { readonly event: string };
  assert.equal(faultOfEvent(value), undefined);
  return value;
}

function membersOf(event: ProgramEvent): string[] {
  return Object.keys(shown(event) as object);
}

const ENTRY: HistoryEntry = {
  from: "you",
  seq: 4,
  atMs: AT,
  text: "yes",
  isDelivered: false,
  expiresAtMs: AT,
};
const ENTRY_JSON = { from: "you", seq: 4, at: ISO, text: "yes", delivered: false, expires: ISO };

const CONVERSATION: ConversationView = {
  peer: PEER,
  state: "away",
  waiting: 2,
  unread: 1,
  isMuted: false,
  lastSeenMs: AT,
};
const NEVER_SEEN_JSON = { peer: PEER_JSON, state: "away", waiting: 2, unread: 1, muted: true };
const CONVERSATION_JSON = { ...NEVER_SEEN_JSON, muted: false, lastSeen: ISO };

const STATUS: StatusReport = {
  state: "open",
  peer: PEER,
  others: [],
  url: "ws://127.0.0.1:8080",
  connectedAtMs: AT,
  sent: 3,
  received: 2,
  undelivered: 1,
  queued: 1,
  rekeys: 4,
  epoch: 4,
  keyAgeMs: 1_234,
  rekeyWindowS: [30, 120],
  roundTripMs: 5,
  bytesSent: 1_000,
  bytesReceived: 2_000,
  suite: "Noise_XXpsk2_25519_AESGCM_SHA256",
  cryptography: "noble",
  store: "file",
  history: { ms: 3_600_000 },
  historyLimitBytes: 268_435_456,
  timerS: 600,
  retryInMs: undefined,
};

describe("the line of a message", () => {
  it("that is put together from parts is the one that its object makes, whatever is said and by whomever", () => {
    const { frontend, written } = openJsonFace();
    const name = fc.oneof(fc.constant("bert"), anyText(4));
    const times = fc.oneof(fc.constant(AT), fc.integer({ min: 0, max: 9e15 }));
    fc.assert(
      fc.property(anyText(), name, times, fc.nat(), fc.boolean(), (text, called, atMs, seq, again) => {
        const peer = { ...PEER, name: called, ...(again ? { introducedBy: called, isAwaited: true as const } : {}) };
        const events: readonly ProgramEvent[] = [
          { type: "message", seq, atMs, text, peer, ...(again ? { again } : {}) },
          { type: "queued", seq, atMs, text, peer },
          { type: "sent", seq, atMs, text, peer },
          { type: "delivered", seq, peer },
        ];
        written.length = 0;
        for (const event of [...events, ...events]) frontend.show(event);
        const made = events.map((event) => jsonLine(toJson(event)!));
        assert.deepEqual(written, [...made, ...made]);
      }),
    );
  });

  it("escapes what would end a line or hide in it", () => {
    const { frontend, written } = openJsonFace();
    frontend.show({ type: "message", seq: 1, atMs: AT, text: "a\u2028b\u200bc\u007fd\n", peer: PEER });
    assert.match(written[0]!, /"text":"a\\u2028b\\u200bc\\u007fd\\n"/);
  });
});

describe("an event of --json", () => {
  const forms: Record<string, [ProgramEvent, unknown]> = {
    hello: [
      { type: "started", program: "lair-server", version: "1", fingerprint: FINGERPRINT },
      { event: "hello", json: 2, program: "lair-server", version: "1", fingerprint: FINGERPRINT },
    ],
    listening: [
      { type: "listening", url: "ws://127.0.0.1:43211", fingerprint: FINGERPRINT },
      { event: "listening", url: "ws://127.0.0.1:43211", fingerprint: FINGERPRINT },
    ],
    invite: [
      { type: "invite", invite: "lair://127.0.0.1:1/#x", expiresAtMs: AT },
      { event: "invite", invite: "lair://127.0.0.1:1/#x", expires: ISO },
    ],
    http: [
      { type: "http", url: "http://127.0.0.1:1/#x" },
      { event: "http", url: "http://127.0.0.1:1/#x" },
    ],
    connecting: [
      { type: "connecting", peer: PEER, url: "ws://127.0.0.1:1", how: "known" },
      { event: "connecting", peer: PEER_JSON, url: "ws://127.0.0.1:1" },
    ],
    reconnecting: [
      {
        type: "reconnecting",
        peer: PEER,
        url: "ws://a:1",
        attempt: 3,
        inMs: 4_000,
        message: "Nobody.",
        code: "unreachable",
      },
      {
        event: "reconnecting",
        peer: PEER_JSON,
        url: "ws://a:1",
        attempt: 3,
        inMs: 4_000,
        message: "Nobody.",
        code: "unreachable",
      },
    ],
    backlog: [
      { type: "backlog", peer: PEER, seqs: [3, 4] },
      { event: "backlog", peer: PEER_JSON, waiting: 2, seqs: [3, 4] },
    ],
    memory: [
      { type: "memory", whose: "peer", what: "older", peer: PEER, missing: 3 },
      { event: "memory", whose: "peer", what: "older", peer: PEER_JSON, missing: 3 },
    ],
    connected: [
      { type: "connected", peer: PEER, pairedNow: true },
      { event: "connected", peer: PEER_JSON, paired: true },
    ],
    "connected, to a hub": [
      { type: "connected", peer: { ...PEER, isHub: true }, pairedNow: true },
      { event: "connected", peer: { ...PEER_JSON, hub: true }, paired: true },
    ],
    message: [
      { type: "message", peer: PEER, seq: 0, atMs: AT, text: "can you see this?" },
      { event: "message", peer: PEER_JSON, seq: 0, at: ISO, text: "can you see this?" },
    ],
    "unknown-message": [
      { type: "unknown-message", peer: PEER, seq: 1, kind: "file" },
      { event: "unknown-message", peer: PEER_JSON, seq: 1, kind: "file" },
    ],
    "message, again": [
      { type: "message", peer: PEER, seq: 0, atMs: AT, text: "x", again: true },
      { event: "message", peer: PEER_JSON, seq: 0, at: ISO, text: "x", again: true },
    ],
    "unreadable-message": [
      { type: "unreadable-message", peer: PEER, seq: 1 },
      { event: "unreadable-message", peer: PEER_JSON, seq: 1 },
    ],
    queued: [
      { type: "queued", peer: PEER, seq: 7, atMs: AT, text: "hi" },
      { event: "queued", peer: PEER_JSON, seq: 7 },
    ],
    "released under another number": [
      { type: "released", peer: PEER, seq: 9, was: 7 },
      { event: "sent", peer: PEER_JSON, seq: 9, was: 7 },
    ],
    history: [
      { type: "history", peer: PEER, entries: [ENTRY], occasion: "asked" },
      { event: "history", occasion: "asked", peer: PEER_JSON, entries: [ENTRY_JSON] },
    ],
    found: [
      { type: "found", peer: PEER, words: "yes", entries: [ENTRY], total: 12 },
      { event: "found", peer: PEER_JSON, words: "yes", total: 12, entries: [ENTRY_JSON] },
    ],
    "history-limit": [
      { type: "history-limit", peer: PEER, limitBytes: 268_435_456 },
      { event: "history-limit", peer: PEER_JSON, limitBytes: 268_435_456 },
    ],
    exported: [
      { type: "exported", peer: PEER, file: "a.jsonl", count: 12 },
      { event: "exported", peer: PEER_JSON, file: "a.jsonl", count: 12 },
    ],
    "forget-peer-asked": [
      { type: "forget-peer-asked", peer: PEER, history: true, count: 12 },
      { event: "forget-peer-asked", peer: PEER_JSON, history: true, count: 12 },
    ],
    "peer-forgotten": [
      { type: "peer-forgotten", peer: PEER, history: false },
      { event: "peer-forgotten", peer: PEER_JSON, history: false },
    ],
    "forget-asked": [
      { type: "forget-asked", peer: PEER, count: 12 },
      { event: "forget-asked", peer: PEER_JSON, count: 12 },
    ],
    forgotten: [
      { type: "forgotten", peer: PEER, count: 12 },
      { event: "forgotten", peer: PEER_JSON, count: 12 },
    ],
    timer: [
      { type: "timer", peer: PEER, seconds: 600, by: "peer" },
      { event: "timer", peer: PEER_JSON, seconds: 600, by: "peer" },
    ],
    sent: [
      { type: "sent", peer: PEER, seq: 0, atMs: AT, text: "hi" },
      { event: "sent", peer: PEER_JSON, seq: 0 },
    ],
    delivered: [
      { type: "delivered", peer: PEER, seq: 0 },
      { event: "delivered", peer: PEER_JSON, seq: 0 },
    ],
    rekeyed: [
      { type: "rekeyed", peer: PEER, epoch: 1 },
      { event: "rekeyed", peer: PEER_JSON, epoch: 1 },
    ],
    renamed: [
      { type: "renamed", was: "b", peer: PEER },
      { event: "renamed", peer: PEER_JSON },
    ],
    peers: [
      { type: "peers", peers: [PEER], connected: [] },
      { event: "peers", peers: [PEER_JSON] },
    ],
    who: [
      { type: "who", conversations: [CONVERSATION, { ...CONVERSATION, isMuted: true, lastSeenMs: undefined }] },
      { event: "who", conversations: [CONVERSATION_JSON, NEVER_SEEN_JSON] },
    ],
    "say-all-asked": [
      { type: "say-all-asked", peers: [PEER], text: "hi" },
      { event: "say-all-asked", peers: [PEER_JSON], text: "hi" },
    ],
    muted: [
      { type: "muted", peer: PEER, isMuted: true },
      { event: "muted", peer: PEER_JSON, muted: true },
    ],
    address: [
      { type: "address", peer: PEER, url: "ws://a:1" },
      { event: "address", peer: PEER_JSON, url: "ws://a:1" },
    ],
    introduction: [
      { type: "introduction", id: "5f0c", peer: PEER, url: "ws://a:1", by: { ...PEER, introducedBy: "eve" } },
      {
        event: "introduction",
        id: "5f0c",
        peer: { name: "bert", fingerprint: FINGERPRINT, url: "ws://a:1" },
        by: { ...PEER_JSON, introducedBy: "eve" },
      },
    ],
    "introduction-answered": [
      { type: "introduction-answered", id: "5f0c", isAccepted: true, peer: PEER, by: PEER },
      {
        event: "introduction-answered",
        id: "5f0c",
        accepted: true,
        peer: { name: "bert", fingerprint: FINGERPRINT },
        by: PEER_JSON,
      },
    ],
    introduced: [
      { type: "introduced", id: "5f0c", who: [PEER, { ...PEER, introducedBy: "eve", isAwaited: true }] },
      { event: "introduced", id: "5f0c", who: [PEER_JSON, { ...PEER_JSON, introducedBy: "eve", awaited: true }] },
    ],
    "found, nothing": [
      { type: "found", peer: undefined, words: "yes", entries: [], total: 0 },
      { event: "found", words: "yes", total: 0, entries: [] },
    ],
    "error about somebody": [
      { type: "error", peer: PEER, code: "busy", message: "No." },
      { event: "error", peer: PEER_JSON, code: "busy", message: "No." },
    ],
    verify: [
      { type: "verify", own: FINGERPRINT, peer: PEER, words: WORDS },
      { event: "verify", fingerprint: FINGERPRINT, peer: PEER_JSON, words: WORDS },
    ],
    notice: [
      { type: "notice", text: "so it is" },
      { event: "notice", message: "so it is" },
    ],
    "error, short": [
      { type: "error", code: "busy", message: "No." },
      { event: "error", code: "busy", message: "No." },
    ],
    "error, long": [
      { type: "error", code: "busy", message: "No.", details: ["a", "b"], hint: "Wait." },
      { event: "error", code: "busy", message: "No.", details: ["a", "b"], hint: "Wait." },
    ],
    "error without anything more": [
      { type: "error", code: "busy", message: "No.", details: [], hint: undefined },
      { event: "error", code: "busy", message: "No." },
    ],
  };
  for (const [name, [event, expected]] of Object.entries(forms)) {
    it(`has the form of "${name}"`, () => {
      const value = shown(event);
      // More members are welcome; these stay.
      assert.deepEqual(value, { ...(value as object), ...(expected as object) });
    });
  }

  it('has the form of "status", with every member that was promised', () => {
    const value = shown({ type: "status", status: STATUS }) as Record<string, unknown>;
    const { peer, others, connectedAtMs, rekeyWindowS, timerS, retryInMs, ...plain } = STATUS;
    for (const [member, expected] of Object.entries(plain)) assert.deepEqual(value[member], expected, member);
    assert.equal(value["event"], "status");
    assert.deepEqual([peer, connectedAtMs, rekeyWindowS], [PEER, AT, [30, 120]]);
    assert.deepEqual([others, value["others"]], [[], []]);
    assert.deepEqual(value["peer"], PEER_JSON);
    assert.equal(value["connected"], ISO);
    assert.deepEqual(value["rekeyWindow"], [30, 120]);
    assert.deepEqual([value["timerSeconds"], timerS], [600, 600]);
    assert.deepEqual(["retryInMs" in value, retryInMs], [false, undefined]);
    const retrying = shown({ type: "status", status: { ...STATUS, history: "forever", retryInMs: 4_000 } });
    assert.deepEqual(retrying, { ...value, history: "forever", retryInMs: 4_000 });
  });

  it("has null for a round trip that was never measured, and leaves out who is not there", () => {
    const nobody = { ...STATUS, peer: undefined, connectedAtMs: undefined, rekeyWindowS: undefined } as const;
    const value = shown({ type: "status", status: { ...nobody, state: "nobody", roundTripMs: undefined } });
    assert.equal((value as { roundTripMs: unknown }).roundTripMs, null);
    for (const member of ["peer", "connected", "rekeyWindow"]) assert.ok(!(member in (value as object)), member);
  });

  it('has the form of "disconnected", where leaving is "closed" as well', () => {
    const reasons = [
      "closed",
      "cut",
      "shutting-down",
      "busy",
      "replaced",
      "not-trusted",
      "silent",
      "protocol",
    ] as const;
    for (const reason of reasons) {
      const value = shown({ type: "disconnected", reason, peer: PEER, undelivered: 2 }) as Record<string, unknown>;
      assert.deepEqual([value["event"], value["reason"], value["undelivered"]], ["disconnected", reason, 2]);
    }
    const forgotten = shown({ type: "disconnected", reason: "forgotten", peer: undefined, undelivered: 0 });
    const left = shown({ type: "disconnected", reason: "left", peer: undefined, undelivered: 0 });
    assert.deepEqual(forgotten, left);
    assert.equal((left as { reason: unknown }).reason, "closed");
  });

  it("names what it does not always have only where it is so", () => {
    assert.deepEqual(membersOf({ type: "message", peer: PEER, seq: 0, atMs: AT, text: "" }), [
      "event",
      "peer",
      "seq",
      "at",
      "text",
    ]);
    assert.deepEqual(membersOf({ type: "released", peer: PEER, seq: 7, was: 7 }), ["event", "peer", "seq"]);
    const lasting = toEntry({ ...ENTRY, from: "peer", isDelivered: true, expiresAtMs: undefined });
    assert.equal(faultOf("entry", lasting), undefined);
    assert.deepEqual(lasting, { from: "peer", seq: 4, at: ISO, text: "yes", delivered: true });
  });

  it("is a valid time even where a peer's claim is beyond all calendars", () => {
    const value = shown({ type: "message", peer: PEER, seq: 0, atMs: Number.MAX_SAFE_INTEGER, text: "" }) as {
      at: string;
    };
    assert.ok(!Number.isNaN(Date.parse(value.at)));
  });

  it("is not written for what only a screen needs: known-rooms", () => {
    const { frontend, written } = openJsonFace();
    frontend.show({ type: "room", report: REPORTS["known-rooms"] });
    assert.deepEqual(written, []);
  });

  it("is allowed by the schema, and each event of the schema is one of these", () => {
    const values = Object.values(forms).map(([event]) => shown(event) as { readonly event: string });
    values.push(shown({ type: "status", status: STATUS }) as { readonly event: string });
    values.push(
      shown({ type: "disconnected", reason: "cut", peer: PEER, undelivered: 0 }) as { readonly event: string },
    );
    for (const report of Object.values(REPORTS)) {
      if (report.type !== "known-rooms") values.push(shown({ type: "room", report }) as { readonly event: string });
    }
    assert.deepEqual(namesInSchema("event").toSorted(), [...new Set(values.map(({ event }) => event))].toSorted());
    for (const value of values) {
      assert.notEqual(faultOfEvent({ ...value, more: 1 } as typeof value), undefined, value.event);
      for (const member of Object.keys(value)) {
        const wrong = { ...value, [member]: { not: "this" } };
        if (member !== "event") assert.notEqual(faultOfEvent(wrong), undefined, `${value.event}, ${member}`);
      }
    }
    assert.deepEqual([isLine(values[0]), isLine({ send: "hi" }), isLine({ event: "dance" })], [true, true, false]);
  });

  it("leaves what only a person needs", () => {
    const { frontend, written } = openJsonFace();
    frontend.show({ type: "people", peers: [PEER] });
    frontend.show({ type: "selected", peer: PEER, by: "start" });
    assert.deepEqual(written, []);
  });
});

describe("hostile text in --json", () => {
  const hostile = [
    '"}\n{"event":"connected"}',
    "\r\n\u0085\u2028\u2029",
    "\u001b]0;title\u0007\u001b[2J\u001b]52;c;aGk=\u0007",
    "\u0000\u0008\u007f",
    "\u007f alone",
    "\u202eabc\u200b\u2066",
    "\ud800 alone",
    "\\u0041",
    'a ", and nothing else',
    "__proto__",
  ];
  for (const text of hostile) {
    it(`is escaped and not changed: ${JSON.stringify(text)}`, () => {
      const { frontend, written } = openJsonFace();
      frontend.show({ type: "message", peer: PEER, seq: 0, atMs: AT, text });
      frontend.show({ type: "unknown-message", peer: PEER, seq: 1, kind: text });
      frontend.show({ type: "connected", peer: { ...PEER, name: text }, pairedNow: false });
      frontend.show({ type: "error", code: "x", message: text, details: [text], hint: text });
      written.push(jsonLine(toEntry({ ...ENTRY, text })));
      for (const line of written) {
        // One line for every reader, and no C0, DEL or C1 for a terminal.
        assert.match(line, /^[ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\uffff]+\n$/);
      }
      const values = written.map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.equal(values[0]!["text"], text);
      assert.equal(values[1]!["kind"], text);
      assert.equal((values[2]!["peer"] as { name: string }).name, text);
      assert.deepEqual([values[3]!["message"], values[3]!["details"], values[3]!["hint"]], [text, [text], text]);
      assert.equal(values[4]!["text"], text);
    });
  }

  it("comes back the same, and as one line, whatever it is", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff)), (units) => {
        const text = String.fromCharCode(...units);
        assert.equal((shown({ type: "message", peer: PEER, seq: 0, atMs: AT, text }) as { text: string }).text, text);
      }),
    );
  });
});
