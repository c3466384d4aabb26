// Records (docs/PROTOCOL.md §4, §5): packing and unpacking, and what is no sequence of records.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { concat, fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  MAX_BODY_BYTES,
  packRecords,
  RECORD,
  recordLength,
  sealRecords,
  unpackRecords,
} from "../../../src/core/channel/record.ts";
import { LairError } from "../../../src/core/errors.ts";
import { throwsLair } from "../../throws-lair.ts";
import { effort } from "../../effort.ts";

const records = fc.array(
  fc.record({ type: fc.integer({ min: 1, max: 255 }), body: fc.uint8Array({ maxLength: 300 }) }),
  { maxLength: 20 },
);

describe("packRecords and unpackRecords (§4)", () => {
  it("write the examples of §5.1", () => {
    const epoch = fromHex("00000001")!;
    const examples: [record: { type: number; body: Uint8Array }, hex: string][] = [
      [{ type: RECORD.close, body: Uint8Array.of(0) }, "02000100"],
      [{ type: RECORD.ping, body: fromHex("0123456789abcdef")! }, "0300080123456789abcdef"],
      [{ type: RECORD.pong, body: fromHex("0123456789abcdef")! }, "0400080123456789abcdef"],
      [{ type: RECORD.rekeyDone, body: epoch }, "12000400000001"],
      [{ type: RECORD.ack, body: fromHex("0000000000000001")! }, "2100080000000000000001"],
    ];
    for (const [record, hex] of examples) {
      assert.equal(toHex(packRecords([record])), hex.padEnd(512, "0"));
      assert.equal(recordLength(record), hex.length / 2);
    }
  });

  it("give the types their numbers of §5", () => {
    assert.deepEqual(RECORD, {
      hello: 0x01,
      close: 0x02,
      ping: 0x03,
      pong: 0x04,
      rekeyInit: 0x10,
      rekeyReply: 0x11,
      rekeyDone: 0x12,
      data: 0x20,
      ack: 0x21,
      resume: 0x22,
      call: 0x30,
    });
  });

  it("are each other's inverse", () => {
    fc.assert(
      fc.property(records, (sent) => {
        const received = unpackRecords(packRecords(sent));
        assert.deepEqual(
          received.map(({ type, body }) => ({ type, body: toHex(body) })),
          sent.map(({ type, body }) => ({ type, body: toHex(body) })),
        );
      }),
    );
  });

  it("take a body of 65,516 bytes, and no longer one", () => {
    assert.equal(MAX_BODY_BYTES, 65_516);
    const longest = { type: RECORD.data, body: new Uint8Array(65_516).fill(1) };
    assert.equal(packRecords([longest]).length, 65_519);
    assert.deepEqual(unpackRecords(packRecords([longest])), [longest]);
    assert.throws(() => packRecords([{ type: RECORD.data, body: new Uint8Array(65_517) }]), RangeError);
    assert.throws(() => packRecords([longest, { type: RECORD.data, body: new Uint8Array(0) }]), RangeError);
  });
});

describe("sealRecords (§4)", () => {
  const longest = { type: RECORD.data, body: new Uint8Array(MAX_BODY_BYTES).fill(0xff) };
  const short = { type: RECORD.data, body: new Uint8Array([1]) };

  it("gives the plaintext of packRecords to the seal, whatever was sealed before", () => {
    for (const records of [[longest], [short], [], [short, short]]) {
      const seen = sealRecords(records, (plaintext) => plaintext.slice());
      assert.deepEqual(seen, packRecords(records));
    }
  });

  it("overwrites the plaintext afterwards, also when it cannot be sealed, or does not fit", () => {
    let plaintext: Uint8Array = new Uint8Array(0);
    const seal = (given: Uint8Array): Uint8Array => {
      plaintext = given;
      return new Uint8Array(0);
    };
    sealRecords([longest], seal);
    assert.ok(plaintext.every((byte) => byte === 0));
    const refusal = new Error("no key");
    const refuse = (given: Uint8Array): never => {
      seal(given);
      throw refusal;
    };
    assert.throws(() => sealRecords([longest], refuse), refusal);
    assert.ok(plaintext.every((byte) => byte === 0));
    assert.throws(() => sealRecords([longest, short], seal), RangeError);
    assert.ok(plaintext.every((byte) => byte === 0));
  });
});

describe("unpackRecords (§4)", () => {
  it("finds nothing in nothing and in padding", () => {
    for (const length of [0, 1, 2, 3, 256]) assert.deepEqual(unpackRecords(new Uint8Array(length)), []);
  });

  it("gives views, so that a large body is not copied", () => {
    const plaintext = packRecords([{ type: RECORD.data, body: Uint8Array.of(1, 2) }]);
    const [record] = unpackRecords(plaintext);
    assert.equal(record?.body.buffer, plaintext.buffer);
  });

  it("refuses a record that is cut short, at every byte", () => {
    const whole = packRecords([{ type: RECORD.ping, body: new Uint8Array(8).fill(1) }]).subarray(0, 11);
    for (let length = 1; length < whole.length; length++) {
      throwsLair(() => unpackRecords(whole.subarray(0, length)), "record-malformed", `${length} bytes`);
    }
    assert.equal(unpackRecords(whole).length, 1);
  });

  it("refuses padding that is not all zeros, wherever", () => {
    const packed = packRecords([{ type: RECORD.ping, body: new Uint8Array(8).fill(1) }]);
    for (let at = 12; at < packed.length; at++) {
      const changed = packed.slice();
      changed[at] = 1;
      throwsLair(() => unpackRecords(changed), "record-malformed", `byte ${at}`);
    }
  });

  it("ends in records or in a LairError, whatever the bytes", () => {
    fc.assert(
      fc.property(records, fc.uint8Array({ maxLength: 600 }), fc.nat(600), (sent, noise, cut) => {
        const plaintext = concat(packRecords(sent).subarray(0, cut), noise);
        try {
          const found = unpackRecords(plaintext);
          assert.ok(found.reduce((sum, record) => sum + recordLength(record), 0) <= plaintext.length, "more than sent");
        } catch (error) {
          if (!(error instanceof LairError)) throw error;
          assert.equal(error.code, "record-malformed");
        }
      }),
      { numRuns: effort(300, 3_000) },
    );
  });
});
