// The news of one connection: their order, and how many entries go to it at once.

import assert from "node:assert/strict";
import { it } from "node:test";
import { decodeNews, nameOfNews } from "../../src/core/hub/calls.ts";
import { toHex } from "../../src/core/bytes.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { settled } from "./hub-fixture.ts";
import { id, key } from "./store-contract.ts";

const ROOM = id(200);
const NAME = toHex(ROOM);
const news = (length: number): Uint8Array => new Uint8Array(length).fill(6);

function outbox() {
  const sent: Uint8Array[] = [];
  return {
    box: new Outbox({ news: (bytes) => void sent.push(bytes) }, () => {}),
    sent,
  };
}

/** Of a connection that takes a piece of news when it is told to. `answers`: what is told to each of them. */
function busyOutbox() {
  const sent: string[] = [];
  const answers: { readonly take: () => void; readonly fail: (error: Error) => void }[] = [];
  const counted = { news: 0 };
  const news = async (bytes: Uint8Array): Promise<void> => {
    sent.push(nameOfNews(bytes)!);
    await new Promise<void>((take, fail) => void answers.push({ take, fail }));
  };
  const box = new Outbox({ news }, () => {
    counted.news += 1;
  });
  return { box, sent, answers, counted };
}

it("takes so many entries in a turn, and so many bytes of them; then it has to be told where to look", async () => {
  const { box, sent } = outbox();
  for (let at = 0; at < 64; at++) assert.equal(box.push(NAME, news(9)), true);
  assert.equal(box.push(NAME, news(9)), false);
  box.entries(ROOM, 65);
  await settled();
  assert.equal(sent.length, 65);
  assert.equal(nameOfNews(sent.at(-1)!), "entries", "after the entries before it");
  assert.equal(decodeNews("entries", sent.at(-1)!).next, 65);
  sent.length = 0;
  for (let at = 0; at < 6; at++) assert.equal(box.push(NAME, news(10_000)), true);
  assert.equal(box.push(NAME, news(1_441)), false);
  assert.equal(box.push(NAME, news(1_440)), true);
  await settled();
  assert.equal(sent.length, 7);
  assert.equal(box.push(NAME, news(10_000)), true, "a turn later");
});

it("tells nothing more of a room that is closed, and goes on with others", async () => {
  const { box, sent } = outbox();
  const other = news(5);
  box.push(NAME, news(9));
  box.push(toHex(id(201)), other);
  box.closed(ROOM);
  await settled();
  assert.deepEqual(sent.map(nameOfNews), ["room-closed", "entry"]);
  assert.equal(sent[1], other);
  for (let at = 0; at < 64; at++) assert.equal(box.push(NAME, news(9)), true, "none of them is counted any more");
});

it("takes no entry once it has ended", async () => {
  const { box, sent } = outbox();
  box.end();
  assert.equal(box.push(NAME, news(9)), false);
  await settled();
  assert.deepEqual(sent, []);
});

it("waits until all that went together is taken, and counts each", async () => {
  const { box, sent, answers, counted } = busyOutbox();
  for (let at = 0; at < 3; at++) box.push(NAME, news(9));
  box.letter();
  await settled();
  assert.deepEqual(sent.splice(0), ["letter"]);
  answers.shift()!.take();
  await settled();
  assert.deepEqual(sent.splice(0), ["entry", "entry", "entry"]);
  box.entries(ROOM, 7);
  answers.shift()!.take();
  answers.pop()!.take();
  await settled();
  assert.deepEqual(sent, [], "one of them is not taken yet");
  answers.pop()!.take();
  await settled();
  assert.deepEqual([sent, counted.news], [["entries"], 5]);
});

it("sends nothing of what waits once it has ended, whether it gathers or sends", async () => {
  const gathering = outbox();
  gathering.box.letter();
  gathering.box.end();
  const sending = busyOutbox();
  sending.box.letter();
  await settled();
  sending.box.entries(ROOM, 1);
  sending.box.end();
  sending.answers[0]!.take();
  await settled();
  gathering.box.letter();
  await settled();
  assert.deepEqual([gathering.sent, sending.sent], [[], ["letter"]]);
});

it("sends nothing more if something is not taken, and no failure is left over", async () => {
  const { box, sent, answers } = busyOutbox();
  box.push(NAME, news(9));
  box.push(NAME, news(9));
  await settled();
  box.letter();
  for (const { fail } of answers) fail(new Error("of this test"));
  await settled();
  box.letter();
  await settled();
  assert.deepEqual(sent, ["entry", "entry"]);
});

it("sends nothing more if the connection throws, and no failure is left over of the news before", async () => {
  let calls = 0;
  const connection = {
    news: (): Promise<void> => {
      calls += 1;
      if (calls === 2) throw new Error("of this test");
      return Promise.reject(new Error("of this test as well"));
    },
  };
  const box = new Outbox(connection, () => {});
  box.push(NAME, news(9));
  box.push(NAME, news(9));
  await settled();
  box.letter();
  await settled();
  assert.equal(calls, 2);
});

it("sends each signal that waits, in their order", async () => {
  const { box, sent } = outbox();
  for (const byte of [1, 2, 3]) box.signal({ room: ROOM, from: key(1), bytes: Uint8Array.of(byte) });
  await settled();
  assert.deepEqual(
    sent.map((one) => decodeNews("signal", one).bytes),
    [1, 2, 3].map((byte) => Uint8Array.of(byte)),
  );
});
