// The calls to a hub over one session: numbers, answers in any order, news, and the end.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HubLine } from "../../../src/app/rooms/hub-line.ts";
import { decodeCall, encodeAnswer, encodeNews, encodeRefusal, nameOfCall } from "../../../src/core/hub/calls.ts";
import type { Transfer } from "../../../src/core/transfers/pieces.ts";
import { rejectsLair, throwsLair } from "../../throws-lair.ts";

const ROOM = new Uint8Array(16).fill(7);

function line(): { readonly hub: HubLine; readonly sent: Transfer[]; readonly news: unknown[] } {
  const sent: Transfer[] = [];
  const news: unknown[] = [];
  return {
    hub: new HubLine({ send: (transfer) => sent.push(transfer), onNews: (name, body) => news.push({ name, body }) }),
    sent,
    news,
  };
}

describe("the calls to a hub", () => {
  it("are numbered, and take their answers in any order", async () => {
    const { hub, sent } = line();
    const [first, second] = [hub.call("publish", { packages: [] }), hub.call("seats", { room: ROOM })];
    assert.deepEqual(
      sent.map(({ kind, number, bytes }) => [kind, number, nameOfCall(bytes)]),
      [
        ["call", 0, "publish"],
        ["call", 1, "seats"],
      ],
    );
    assert.deepEqual(decodeCall("seats", sent[1]!.bytes), { room: ROOM });
    const refused = { refusal: "no-room", retryAfterMs: undefined, sentence: "no" } as const;
    hub.receive({ kind: "answer", number: 1, bytes: encodeRefusal(refused) });
    hub.receive({ kind: "answer", number: 0, bytes: encodeAnswer("publish", { count: 3 }) });
    assert.deepEqual(await first, { type: "answered", answer: { count: 3 } });
    assert.deepEqual(await second, { type: "refused", ...refused });
  });

  it("fail when the session ends, and so do later ones", async () => {
    const { hub, sent } = line();
    const asked = hub.call("rooms", {});
    hub.end();
    assert.equal((await rejectsLair(asked)).code, "hub-away");
    assert.equal((await rejectsLair(hub.call("rooms", {}))).code, "hub-away");
    assert.equal(sent.length, 1);
  });

  it("refuse an answer that nobody waits for, one of another call, a second one, and a call", () => {
    const { hub } = line();
    void hub.call("publish", { packages: [] });
    const answer = { kind: "answer", number: 0, bytes: encodeAnswer("publish", { count: 3 }) } as const;
    throwsLair(() => hub.receive({ ...answer, number: 1 }), "call-malformed");
    throwsLair(() => hub.receive({ ...answer, kind: "call" }), "call-malformed");
    throwsLair(
      () => hub.receive({ ...answer, bytes: encodeAnswer("rooms", { rooms: [] }).subarray(0, 2) }),
      "call-malformed",
    );
    hub.receive(answer);
    throwsLair(() => hub.receive(answer), "call-malformed");
  });

  it("stand beside news; those of a newer hub are skipped, broken ones are not", () => {
    const { hub, news } = line();
    hub.receive({ kind: "news", number: 0, bytes: encodeNews("entries", { room: ROOM, next: 5 }) });
    hub.receive({ kind: "news", number: 1, bytes: Uint8Array.of(250, 1) });
    assert.deepEqual(news, [{ name: "entries", body: { room: ROOM, next: 5 } }]);
    throwsLair(() => hub.receive({ kind: "news", number: 2, bytes: Uint8Array.of(1, 2) }), "call-malformed");
  });
});
