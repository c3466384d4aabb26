// Receipts in the store: they are there exactly if what was said is.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MOST_RECEIPTS, type Receipt, RECEIPT_MS } from "../../../src/app/receipts.ts";
import { openRoomStore } from "../../../src/node/store/rooms/sql-room-store.ts";
import { id, line, OPS, outgoing, room } from "../../app/rooms/room-samples.ts";
import { ADA, BOB, newPlace, open, queued, rawly, rowsOf } from "./places.ts";

const AT = 1_000_000;
const receipt = (number: number, atMs = AT): Receipt => ({
  key: new Uint8Array(32).fill(number),
  call: new Uint8Array(32).fill(number + 100),
  atMs,
});

describe("receipts", () => {
  it("outlive the program, with the number that was said to each person", () => {
    const place = newPlace();
    const store = open(place);
    store.commit(ADA, [queued(0, "before")]);
    store.under(receipt(1), () => {
      store.commit(ADA, [queued(1, "said"), { type: "released", next: 2 }]);
      store.commit(BOB, [queued(0, "said")]);
    });
    store.commit(BOB, [queued(1, "after")]);
    store.close();
    const kept = open(place, { mode: "read" }).receiptsOf(receipt(1).key, AT);
    assert.deepEqual(kept, [
      { ...receipt(1), place: ADA, line: 1 },
      { ...receipt(1), place: BOB, line: 0 },
    ]);
  });

  it("are not there if what was said was not stored, nor of what is no line", () => {
    const store = open(newPlace());
    assert.throws(() => store.under(receipt(1), () => store.commit(ADA, [queued(5, "out of order")])));
    const route = { kind: 2, stream: 1 };
    store.under(receipt(2), () => store.commit(ADA, [{ ...queued(0, "x"), route } as ReturnType<typeof queued>]));
    store.commit(ADA, [queued(1, "later")]);
    assert.deepEqual([...store.receiptsOf(receipt(1).key, AT), ...store.receiptsOf(receipt(2).key, AT)], []);
  });

  it("of rooms are stored with the line that waits, and go with the room", async () => {
    const store = open(newPlace());
    const rooms = openRoomStore(store);
    const kept = { ...receipt(1), place: OPS, line: id(1) };
    await rooms.change({ room: room(), lines: [line(1)], addOutgoing: [outgoing(1)], receipts: [kept] });
    assert.deepEqual(store.receiptsOf(kept.key, AT), [kept]);
    await rooms.change({ sent: [id(1)] });
    assert.deepEqual(store.receiptsOf(kept.key, AT), [kept]);
    await rooms.change({ forget: OPS });
    assert.deepEqual(store.receiptsOf(kept.key, AT), []);
  });

  it("go with the person, after a week, and when there are too many", () => {
    const place = newPlace();
    const store = open(place);
    const say = (number: number, seq: number, peer: Uint8Array, atMs = AT): void =>
      store.under(receipt(number, atMs), () => store.commit(peer, [queued(seq, "said")]));
    say(1, 0, ADA);
    say(2, 0, BOB);
    store.forgetPeer(ADA);
    assert.deepEqual(store.receiptsOf(receipt(1).key, AT), []);
    assert.equal(store.receiptsOf(receipt(2).key, AT + RECEIPT_MS - 1).length, 1);
    assert.equal(store.receiptsOf(receipt(2).key, AT + RECEIPT_MS).length, 0);
    store.purge(AT + RECEIPT_MS);
    assert.deepEqual(rowsOf(place, "SELECT count(*) FROM receipts"), [[0]]);
    say(3, 1, BOB);
    say(4, 2, BOB);
    rawly(place, `UPDATE receipts SET id = id + ${MOST_RECEIPTS - 2} WHERE id = (SELECT max(id) FROM receipts)`);
    assert.equal(store.receiptsOf(receipt(3).key, AT).length, 1);
    say(5, 3, BOB);
    assert.equal(store.receiptsOf(receipt(3).key, AT).length, 0);
  });

  it("that were changed from outside are damage, not an answer", () => {
    const place = newPlace();
    const store = open(place);
    store.under(receipt(1), () => store.commit(ADA, [queued(0, "said")]));
    rawly(place, `UPDATE receipts SET place = x'${"b0".repeat(32)}'`);
    assert.throws(() => store.receiptsOf(receipt(1).key, AT), { code: "store-damaged" });
  });
});
