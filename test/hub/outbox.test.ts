// The news of one connection: their order, and how many entries go to it at once.

import assert from "node:assert/strict";
import { it } from "node:test";
import { decodeNews, nameOfNews } from "../../src/core/hub/calls.ts";
import { toHex } from "../../src/core/bytes.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { settled } from "./hub-fixture.ts";
import { id } from "./store-contract.ts";

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
