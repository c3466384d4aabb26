// Parts of the API that stand alone: what is remembered of this run, and calls with a key.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ApiGround } from "../../../src/app/api/api-ground.ts";
import { apiEvent } from "../../../src/app/api/api-events.ts";
import { messageCalls } from "../../../src/app/api/message-calls.ts";
import { RecentLines } from "../../../src/app/api/recent-lines.ts";
import { Repeats } from "../../../src/app/api/repeats.ts";
import type { ProgramEvent } from "../../../src/app/events.ts";
import type { PeerView } from "../../../src/core/identity/peer-view.ts";
import { toJson } from "../../../src/ui/json-lines.ts";
import { code } from "./api-world.ts";

const BOB: PeerView = { name: "bob", fingerprint: "aaaa bbbb", pairedAtMs: 0, comparedAtMs: undefined };
const CYD: PeerView = { name: "cyd", fingerprint: "cccc dddd", pairedAtMs: 0, comparedAtMs: undefined };
const BOBS = "aaaabbbb";

const message = (seq: number, text = `line ${seq}`, peer = BOB): Extract<ProgramEvent, { type: "message" }> => ({
  type: "message",
  peer,
  seq,
  atMs: 0,
  text,
});

const made = (event: ProgramEvent) => apiEvent(toJson, event);

function recent() {
  const time = { nowMs: 1_000 };
  const lines = new RecentLines({ nowMs: () => time.nowMs });
  const texts = (): readonly string[] =>
    lines.page(BOBS, Number.MAX_SAFE_INTEGER, 100_000).entries.map(({ text }) => text);
  return { lines, time, texts };
}

describe("the lines of this run", () => {
  it("follow what becomes of one's own", () => {
    const { lines } = recent();
    lines.note({ type: "queued", peer: BOB, seq: 3, atMs: 0, text: "hi" });
    lines.note(message(3, "other", CYD));
    const own = () =>
      lines.page(BOBS, Number.MAX_SAFE_INTEGER, 9).entries.map(({ seq, isDelivered }) => [seq, isDelivered]);
    assert.deepEqual(own(), [[3, false]]);
    lines.note({ type: "released", peer: BOB, seq: 5, was: 3 });
    lines.note({ type: "delivered", peer: BOB, seq: 5 });
    assert.deepEqual(own(), [[5, true]]);
  });

  it("are as many as fit, the newest", () => {
    const { lines, texts } = recent();
    for (let seq = 0; seq < 10_500; seq++) lines.note(message(seq));
    assert.ok(texts().length <= 10_000 && texts().length >= 9_000, String(texts().length));
    assert.equal(texts().at(-1), "line 10499");
    for (let seq = 0; seq < 5; seq++) lines.note(message(seq, "x".repeat(2 ** 20)));
    assert.ok(texts().reduce((sum, text) => sum + text.length, 0) <= 4 * 2 ** 20);
  });

  it("disappear after their time, which begins when they have arrived, and when they are forgotten", () => {
    const { lines, time, texts } = recent();
    lines.note({ ...message(0), ttlS: 10 });
    lines.note({ type: "queued", peer: BOB, seq: 7, atMs: 0, text: "own", ttlS: 10 });
    lines.note(message(1));
    assert.equal(lines.expiresAtMs(BOBS, "peer", 0), 11_000);
    assert.equal(lines.expiresAtMs(BOBS, "you", 7), undefined);
    time.nowMs += 10_000;
    assert.deepEqual(texts(), ["own", "line 1"]);
    lines.note({ type: "delivered", peer: BOB, seq: 7 });
    assert.equal(lines.expiresAtMs(BOBS, "you", 7), 21_000);
    time.nowMs += 10_000;
    assert.deepEqual(texts(), ["line 1"]);
    lines.note({ type: "forgotten", peer: BOB, count: 0 });
    assert.deepEqual(texts(), []);
  });
});

describe("calls with a key", () => {
  it("are remembered a thousand times, and forgotten if they were refused", async () => {
    const repeats = new Repeats();
    let count = 0;
    const call = async (key: string, input = {}): Promise<number> =>
      await repeats.once(key, "say", input, async () => (count += 1));
    assert.deepEqual([await call("a"), await call("a"), await call("b")], [1, 1, 2]);
    assert.equal(await code(call("a", { text: "another" })), "usage");
    for (const key of ["", "x".repeat(65), "a b", "ü"]) assert.equal(await code(call(key)), "input-malformed", key);
    for (let i = 0; i < 1_000; i++) await call(`key${i}`);
    assert.equal(await call("a"), 1_003, "it was forgotten");
    const failing = repeats.once("c", "say", {}, async () => await Promise.reject(new RangeError("once")));
    await assert.rejects(failing, RangeError);
    assert.equal(await call("c"), 1_004);
  });
});

describe("the events of the API", () => {
  it("say what a page must know besides those of --json, and nothing that is only for a screen", () => {
    assert.deepEqual(made({ type: "unread", conversation: BOBS, unread: 2 }), {
      event: "unread",
      conversation: BOBS,
      unread: 2,
    });
    assert.deepEqual(made({ type: "people", peers: [BOB] }), { event: "people" });
    const known: ProgramEvent = { type: "room", report: { type: "known-rooms", rooms: [], hubs: [] } };
    assert.deepEqual(made(known), { event: "rooms-changed" });
    assert.equal(made({ type: "selected", peer: BOB, by: "user" }), undefined);
    assert.equal(made({ type: "notice", text: "Error: at x.ts:1", detail: true }), undefined);
    const sent = made({ type: "sent", peer: BOB, seq: 1, atMs: 0, text: "hi" });
    assert.deepEqual([sent?.["text"], sent?.["at"]], ["hi", "1970-01-01T00:00:00.000Z"]);
    const room = { id: "ab".repeat(16), name: "ops" };
    const inRoom: ProgramEvent = {
      type: "room",
      report: { type: "sent", room, id: "cd".repeat(16), seq: 1, atMs: 0, text: "hi", replyTo: "ef".repeat(16) },
    };
    assert.deepEqual([made(inRoom)?.["text"], made(inRoom)?.["replyTo"]], ["hi", "ef".repeat(16)]);
  });
});

describe("a line to all", () => {
  const FULL: ProgramEvent = { type: "error", code: "queue-full", message: "Too much waits for cyd.", details: [] };
  const sent: ProgramEvent = { type: "sent", peer: BOB, seq: 4, atMs: 0, text: "hi" };

  /** The calls of a program that answers a command with these events. */
  function calls(events: readonly ProgramEvent[]) {
    const shown: ProgramEvent[] = [];
    const ground = {
      parts: {
        messenger: { people: [BOB, CYD] },
        frontends: { show: (event: ProgramEvent) => void shown.push(event) },
      },
      idOf: ({ fingerprint }: PeerView) => fingerprint.replaceAll(" ", ""),
      happenings: () => events,
    };
    return { shown, send: messageCalls(ground as unknown as ApiGround).send };
  }

  it("is not refused if it was said to one of them: repeated, it would be said twice", async () => {
    const { shown, send } = calls([sent, FULL]);
    assert.deepEqual(await send({ msg: "hi" }), { sent: [{ id: "out-4", state: "sent", seq: 4 }] });
    assert.deepEqual(shown, [FULL], "the error is for all");
  });

  it("is refused if it was said to nobody", async () => {
    const { shown, send } = calls([FULL, FULL]);
    await assert.rejects(async () => await send({ msg: "hi" }), { code: "queue-full" });
    assert.deepEqual(shown, []);
  });
});
