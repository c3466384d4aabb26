// What a member and a hub say to each other: every value comes back as it was, and no bytes lead to anything else than a value
// or a clear end.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { concat, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import {
  type Asked,
  CALLS,
  type CallName,
  decodeAnswer,
  decodeCall,
  decodeNews,
  nameOfCall,
  nameOfNews,
  encodeAnswer,
  encodeCall,
  encodeNews,
  encodeRefusal,
  NEWS,
  REFUSALS,
} from "../../../src/core/hub/calls.ts";
import { MAX_INCOMPLETE, MAX_TRANSFER_BYTES, PieceReader, toPieces } from "../../../src/core/transfers/pieces.ts";
import { throwsLair } from "../../throws-lair.ts";

const ROOM = new Uint8Array(16).fill(7);
const KEY = new Uint8Array(32).fill(3);
const ID = new Uint8Array(16).fill(9);
const BYTES = toUtf8("sealed");

const COMMIT = {
  room: ROOM,
  id: ID,
  epoch: 4,
  commits: 17,
  bytes: BYTES,
  seats: [{ key: KEY, role: "moderator" as const }],
  removed: [ID, ROOM].map((half) => concat(half, half)),
  listing: { name: undefined },
  groupInfo: BYTES,
  welcome: { to: [KEY], bytes: BYTES },
  link: undefined,
};

/** As a hub reads a call that has come. */
function read(bytes: Uint8Array): unknown {
  const name = nameOfCall(bytes);
  return name === undefined ? undefined : decodeCall(name, bytes);
}

function requireMalformed(error: unknown): void {
  throwsLair(() => {
    throw error;
  }, "call-malformed");
}

/** One call, whatever it is. */
type Call = { [Name in CallName]: { readonly name: Name; readonly ask: Asked<Name> } }[CallName];

const ASKED: readonly Call[] = [
  { name: "find", ask: { key: undefined, handle: "ada" } },
  { name: "publish", ask: { packages: [{ id: ID, bytes: BYTES, expiresAtMs: 2 ** 53 - 1, isLastResort: true }] } },
  { name: "rooms", ask: {} },
  { name: "commit", ask: COMMIT },
  { name: "commit", ask: { ...COMMIT, listing: { name: "öps" }, groupInfo: undefined, welcome: undefined, link: "l" } },
  { name: "post", ask: { room: ROOM, type: "notice", id: ID, epoch: 0, bytes: new Uint8Array(0) } },
  { name: "visible", ask: { isVisible: false } },
];

describe("a call of a hub", () => {
  it("comes back as it was", () => {
    for (const { name, ask } of ASKED) {
      const bytes = encodeCall<CallName>(name, ask);
      assert.equal(nameOfCall(bytes), name);
      assert.deepEqual(decodeCall(name, bytes), ask);
    }
  });

  it("has these bytes, for whoever writes another member", () => {
    assert.equal(toHex(encodeCall("find", { key: undefined, handle: "ada" })), "0100010003616461");
    assert.equal(toHex(encodeCall("read", { room: ROOM, from: 258 })), `0a${"07".repeat(16)}${"00".repeat(6)}0102`);
    assert.equal(toHex(encodeAnswer("publish", { count: 20 })), "0000000014");
    const refused = { refusal: "stale", retryAfterMs: undefined, sentence: "no" } as const;
    assert.equal(toHex(encodeRefusal(refused)), "01000000026e6f");
    assert.equal(toHex(encodeNews("entries", { room: ROOM, next: 5 })), `01${"07".repeat(16)}${"00".repeat(7)}05`);
  });

  it("has a code of its own, and so has all news", () => {
    for (const rows of [Object.values(CALLS), Object.values(NEWS)]) {
      const codes = rows.map(({ code }) => code);
      assert.equal(new Set(codes).size, codes.length);
      assert.ok(codes.every((code) => code > 0 && code < 256));
    }
  });

  it("is undefined when it comes from a newer Lair, and so is news", () => {
    assert.equal(nameOfCall(Uint8Array.of(255, 1, 2, 3)), undefined);
    assert.equal(nameOfNews(Uint8Array.of(255, 1, 2, 3)), undefined);
  });

  it("is refused when it is empty, cut short, too long, or says what there is not", () => {
    const post = encodeCall("post", { room: ROOM, type: "message", id: ID, epoch: 1, bytes: BYTES });
    for (const bytes of [
      new Uint8Array(0),
      post.subarray(0, -1),
      concat(post, Uint8Array.of(0)),
      post.subarray(0, 5),
    ]) {
      throwsLair(() => read(bytes), "call-malformed");
    }
    const wrongType = post.slice();
    wrongType[17] = 2;
    throwsLair(() => read(wrongType), "call-malformed");
    const [visible, listing] = [
      encodeCall("visible", { isVisible: true }),
      encodeCall("find", { key: undefined, handle: "x" }),
    ];
    visible[1] = 2;
    throwsLair(() => read(visible), "call-malformed");
    listing[listing.length - 1] = 0xff;
    throwsLair(() => read(listing), "call-malformed");
    const hugeNumber = encodeCall("acknowledge", { room: ROOM, next: 1 });
    hugeNumber[17] = 0xff;
    throwsLair(() => read(hugeNumber), "call-malformed");
    throwsLair(() => decodeAnswer("rooms", Uint8Array.of(2)), "call-malformed");
    throwsLair(() => decodeAnswer("rooms", Uint8Array.of(0, 0, 0, 0xff, 0xff)), "call-malformed");
  });

  it("does not leave this side when it is over its limits", () => {
    assert.throws(() => encodeCall("find", { key: ROOM, handle: undefined }), RangeError);
    assert.throws(() => encodeCall("find", { key: undefined, handle: "x".repeat(65) }), RangeError);
    assert.throws(() => encodeCall("signal", { room: ROOM, bytes: new Uint8Array(1_025) }), RangeError);
    assert.throws(() => encodeCall("acknowledge", { room: ROOM, next: -1 }), RangeError);
    assert.throws(() => encodeCall("acknowledge", { room: ROOM, next: 2 ** 53 }), RangeError);
    const packages = Array.from({ length: 65 }, () => ({ id: ID, bytes: BYTES, expiresAtMs: 0, isLastResort: false }));
    assert.throws(() => encodeCall("publish", { packages }), RangeError);
    assert.throws(
      () => encodeCall("post", { room: ROOM, type: "commit" as never, id: ID, epoch: 0, bytes: BYTES }),
      RangeError,
    );
  });

  it("is answered, or refused for one of the reasons", () => {
    const entry = { seq: 3, type: "commit", id: ID, epoch: 1, poster: KEY, atMs: 1_234, bytes: BYTES } as const;
    const answer = { entries: [entry, entry] };
    assert.deepEqual(decodeAnswer("read", encodeAnswer("read", answer)), { type: "answered", answer });
    for (const refusal of REFUSALS) {
      const refused = { refusal, retryAfterMs: 5_000, sentence: "Wait." };
      assert.deepEqual(decodeAnswer("post", encodeRefusal(refused)), { type: "refused", ...refused });
    }
  });

  it("ends clearly whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 21 }), fc.uint8Array({ maxLength: 200 }), (code, rest) => {
        const bytes = concat(Uint8Array.of(code), rest);
        for (const decode of [
          () => read(bytes),
          () => decodeNews(nameOfNews(bytes) ?? "letter", bytes),
          ...ASKED.map(
            ({ name }) =>
              () =>
                decodeAnswer(name, bytes),
          ),
        ]) {
          try {
            decode();
          } catch (error) {
            requireMalformed(error);
          }
        }
      }),
    );
  });

  it("reads what was changed as something else, or refuses it, and writes it again as it was read", () => {
    const original = encodeCall("commit", COMMIT);
    fc.assert(
      fc.property(fc.nat(original.length - 1), fc.nat(255), (at, value) => {
        const bytes = original.slice();
        bytes[at] = value;
        try {
          const name = nameOfCall(bytes);
          if (name !== undefined) assert.deepEqual(encodeCall<CallName>(name, decodeCall(name, bytes)), bytes);
        } catch (error) {
          requireMalformed(error);
        }
      }),
    );
  });
});

function unfinished(number: number): Uint8Array {
  return toPieces({ kind: "call", number, bytes: new Uint8Array(20_000) })[0]!;
}

/** A piece that is not the last, with 1,023 bytes. */
const TOO_SHORT = [0, 0, 0, 0, 0, 0, ...new Uint8Array(1_023)];

describe("the pieces of a call", () => {
  it("are put together again, those of several at the same time", () => {
    const reader = new PieceReader();
    const long = { kind: "call", number: 7, bytes: new Uint8Array(100_000).map((_, index) => index) } as const;
    const longer = { kind: "answer", number: 7, bytes: new Uint8Array(200_000).fill(5) } as const;
    const short = { kind: "news", number: 0, bytes: new Uint8Array(0) } as const;
    const [a, b] = [toPieces(long), toPieces(longer)];
    assert.ok(a.length > 5 && b.length > a.length);
    const done = [];
    for (const [index, piece] of b.entries()) {
      const other = a[index];
      if (other !== undefined) done.push(reader.take(other));
      done.push(reader.take(piece));
      for (const whole of toPieces(short)) assert.deepEqual(reader.take(whole), short);
    }
    assert.deepEqual(
      done.filter((transfer) => transfer !== undefined),
      [long, longer],
    );
  });

  it("are refused when they are too many, too long, empty, or none", () => {
    assert.throws(
      () => toPieces({ kind: "call", number: 0, bytes: new Uint8Array(MAX_TRANSFER_BYTES + 1) }),
      RangeError,
    );
    const whole = toPieces({ kind: "call", number: 0, bytes: new Uint8Array(MAX_TRANSFER_BYTES) });
    const reader = new PieceReader();
    const [last] = whole.splice(-1);
    for (const piece of whole) assert.equal(reader.take(piece), undefined);
    throwsLair(() => reader.take(concat(last!, Uint8Array.of(0))), "call-flood");
    const many = new PieceReader();
    for (let number = 0; number < MAX_INCOMPLETE; number++) many.take(unfinished(number));
    throwsLair(() => many.take(unfinished(MAX_INCOMPLETE)), "call-flood");
    for (const body of [[], [3, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 0, 0], TOO_SHORT]) {
      throwsLair(() => new PieceReader().take(Uint8Array.from(body)), "call-malformed");
    }
  });

  it("take no memory once their call is complete", () => {
    const reader = new PieceReader();
    for (let number = 0; number < 10; number++) {
      const bytes = new Uint8Array(MAX_TRANSFER_BYTES / 2);
      const taken = toPieces({ kind: "call", number, bytes }).map((piece) => reader.take(piece));
      assert.equal(taken.at(-1)?.bytes.length, bytes.length);
    }
  });
});
