// test/vectors/hub.json, which the peer in Go has written from docs/HUB.md alone: Lair's code reads the same values from the
// bytes, and writes the same bytes from the values.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  CALLS,
  type CallName,
  decodeAnswer,
  decodeCall,
  decodeNews,
  encodeAnswer,
  encodeCall,
  encodeNews,
  encodeRefusal,
  nameOfCall,
  nameOfNews,
  NEWS,
  REFUSALS,
} from "../../../src/core/hub/calls.ts";
import { decodeKnock, encodeKnock } from "../../../src/core/hub/knock.ts";
import { PieceReader, toPieces, type Transfer } from "../../../src/core/transfers/pieces.ts";
import { LairError } from "../../../src/core/errors.ts";
import { throwsLair } from "../../throws-lair.ts";

interface Fields {
  readonly fields: unknown;
  readonly bytes: string;
}

interface HubVectors {
  readonly calls: readonly {
    readonly call: string;
    readonly ask: unknown;
    readonly bytes: string;
    readonly answer: unknown;
    readonly answerBytes: string;
  }[];
  readonly refusals: readonly Fields[];
  readonly news: readonly (Fields & { readonly news: string })[];
  readonly knock: Fields;
  readonly transfers: readonly {
    readonly note: string;
    readonly kind: Transfer["kind"];
    readonly number: number;
    readonly bytes: string;
    readonly records: readonly string[];
  }[];
  readonly malformed: readonly { readonly note: string; readonly bytes: string }[];
  readonly mixed: {
    readonly records: readonly string[];
    readonly transfers: readonly Readonly<{ kind: string; number: number; bytes: string }>[];
  };
  readonly faults: readonly { readonly note: string; readonly records: readonly string[] }[];
}

const VECTORS = JSON.parse(readFileSync(new URL("../../vectors/hub.json", import.meta.url), "utf8")) as HubVectors;

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex);
  assert.ok(read !== undefined);
  return read;
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
const names = (list: readonly string[]): readonly string[] => [...new Set(list)].toSorted();

/** A value as the vectors have it: bytes in hex, and null for none. */
function asJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => {
      if (one === undefined) return null;
      return isBytes(one) ? toHex(one) : one;
    }),
  );
}

/** The body of a record of type 0x30. */
function bodyOf(record: string): Uint8Array {
  const body = bytes(record.slice(6));
  assert.equal(record.slice(0, 6), `30${body.length.toString(16).padStart(4, "0")}`);
  return body;
}

describe("test/vectors/hub.json", () => {
  for (const { call, ask, bytes: hex, answer, answerBytes } of VECTORS.calls) {
    it(`has the call ${call} ${hex.slice(0, 24)}, and its answer`, () => {
      const name = nameOfCall(bytes(hex));
      assert.ok(name !== undefined);
      assert.equal(name, call);
      const asked = decodeCall(name, bytes(hex));
      assert.deepEqual(asJson(asked), ask);
      assert.equal(toHex(encodeCall<CallName>(name, asked)), hex);

      const outcome = decodeAnswer(name, bytes(answerBytes));
      assert.ok(outcome.type === "answered");
      assert.deepEqual(asJson(outcome.answer), answer);
      assert.equal(toHex(encodeAnswer<CallName>(name, outcome.answer)), answerBytes);
    });
  }

  it("has every call, every refusal and all news", () => {
    assert.deepEqual(names(VECTORS.calls.map(({ call }) => call)), Object.keys(CALLS).toSorted());
    assert.deepEqual(names(VECTORS.news.map(({ news }) => news)), Object.keys(NEWS).toSorted());
    assert.equal(VECTORS.refusals.length, REFUSALS.length);
  });

  it("has the refusals, in their order", () => {
    for (const [at, { fields, bytes: hex }] of VECTORS.refusals.entries()) {
      const outcome = decodeAnswer("post", bytes(hex));
      assert.ok(outcome.type === "refused");
      const { type: _, ...refused } = outcome;
      assert.equal(refused.refusal, REFUSALS[at]);
      assert.deepEqual(asJson(refused), fields);
      assert.equal(toHex(encodeRefusal(refused)), hex);
    }
  });

  it("has news", () => {
    for (const { news, fields, bytes: hex } of VECTORS.news) {
      const name = nameOfNews(bytes(hex));
      assert.ok(name !== undefined);
      assert.equal(name, news);
      const body = decodeNews(name, bytes(hex));
      assert.deepEqual(asJson(body), fields);
      assert.equal(toHex(encodeNews(name, body)), hex);
    }
  });

  it("has the knock in a letter", () => {
    const { fields, bytes: hex } = VECTORS.knock;
    const knock = decodeKnock(bytes(hex));
    assert.deepEqual(asJson(knock), fields);
    assert.equal(toHex(encodeKnock(knock)), hex);
  });

  it("has transfers in pieces", () => {
    for (const { note, kind, number, bytes: hex, records } of VECTORS.transfers) {
      const transfer = { kind, number, bytes: bytes(hex) };
      const bodies = records.map(bodyOf);
      assert.deepEqual(toPieces(transfer).map(toHex), bodies.map(toHex), note);
      const reader = new PieceReader();
      const read = bodies.map((body) => reader.take(body));
      assert.deepEqual(read, [...bodies.slice(1).map(() => undefined), transfer], note);
    }
  });

  it("has calls that cannot be read", () => {
    for (const { note, bytes: hex } of VECTORS.malformed) {
      const read = (): unknown => {
        const name = nameOfCall(bytes(hex));
        return name === undefined ? undefined : decodeCall(name, bytes(hex));
      };
      throwsLair(read, "call-malformed", note);
    }
  });

  it("has pieces of several transfers among each other", () => {
    const { records, transfers } = VECTORS.mixed;
    const reader = new PieceReader();
    const read = records.flatMap((record) => reader.take(bodyOf(record)) ?? []);
    assert.deepEqual(
      read.map((one) => ({ ...one, bytes: toHex(one.bytes) })),
      transfers,
    );
  });

  it("has pieces that end the session, and not before the last of them", () => {
    for (const { note, records } of VECTORS.faults) {
      const reader = new PieceReader();
      const bodies = records.map(bodyOf);
      for (const body of bodies.slice(0, -1)) assert.equal(reader.take(body), undefined, note);
      assert.throws(
        () => reader.take(bodies.at(-1)!),
        (error) => error instanceof LairError && (error.code === "call-malformed" || error.code === "call-flood"),
        note,
      );
    }
  });
});
