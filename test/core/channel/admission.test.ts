// Admission (docs/PROTOCOL.md §3.2): which psk a proof selects, and that it tells a stranger nothing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { Admission, makeProof, proofKey } from "../../../src/core/channel/admission.ts";
import { LairError } from "../../../src/core/errors.ts";
import { type HashFunctions, NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "./toy-suite.ts";

const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value);
const proofOf = (hash: HashFunctions, psk: Uint8Array, ephemeralKey: Uint8Array): Uint8Array =>
  makeProof(hash, proofKey(hash, psk), ephemeralKey);

/** Three psks, and what the HMACs that were computed had as their keys. */
function threeAccepted(): { admission: Admission<string>; hmacKeys: string[] } {
  const hmacKeys: string[] = [];
  const hash: HashFunctions = {
    ...TOY_SUITE.hash,
    hmac: (key, data) => {
      hmacKeys.push(toHex(key));
      return TOY_SUITE.hash.hmac(key, data);
    },
  };
  const admission = new Admission<string>(hash);
  for (const [id, value] of Object.entries({ first: 1, second: 2, third: 3 })) {
    admission.accept(id, bytes(value), id);
  }
  return { admission, hmacKeys };
}

const { hash } = TOY_SUITE;

describe("the proof (§3.2)", () => {
  it("is that of the worked example in §15", () => {
    const psk = fromHex("007eb2bea8e0a03dbea34fe101cfb1004a41921cae77f47f10150cdf2fbe30f2")!;
    const ephemeralKey = fromHex("6b3623c90e861dcc9b569c6aaca60a312259a3112be1d5e3a4c71a44a0e2b951")!;
    const key = proofKey(NOBLE_SUITE.hash, psk);
    assert.equal(toHex(key), "af4d217992830092cb9627a0e0aef1004e489260942050b0425cdc8c8d3dcb39");
    assert.equal(
      toHex(makeProof(NOBLE_SUITE.hash, key, ephemeralKey)),
      "ebdd10673f58f1293dafc840c861eb3d5da1b01341b61e5e0197256663ea8421",
    );
  });
});

describe("Admission (§3.2)", () => {
  it("selects what the proof stands for", () => {
    const { admission } = threeAccepted();
    for (const [index, id] of ["first", "second", "third"].entries()) {
      const ephemeralKey = bytes(100 + index);
      assert.equal(admission.select(ephemeralKey, proofOf(hash, bytes(index + 1), ephemeralKey)), id);
    }
  });

  it("refuses a proof of an unknown psk, of another ephemeral key, of another length, and with a bit flipped", () => {
    const { admission } = threeAccepted();
    const right = proofOf(hash, bytes(1), bytes(100));
    const wrong = [
      proofOf(hash, bytes(4), bytes(100)),
      proofOf(hash, bytes(1), bytes(101)),
      right.slice(0, 31),
      new Uint8Array(0),
      new Uint8Array(32),
      ...Array.from({ length: 256 }, (_, bit) => {
        const flipped = right.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        return flipped;
      }),
    ];
    for (const proof of wrong) throwsLair(() => admission.select(bytes(100), proof), "proof-unknown");
    assert.equal(admission.select(bytes(100), right), "first");
  });

  it("computes one HMAC for each psk, whichever matches, and none for a key that it does not have", () => {
    for (const psk of [1, 2, 3, 4]) {
      const { admission, hmacKeys } = threeAccepted();
      const proof = proofOf(hash, bytes(psk), bytes(100));
      hmacKeys.length = 0;
      if (psk === 4) throwsLair(() => admission.select(bytes(100), proof), "proof-unknown");
      else admission.select(bytes(100), proof);
      assert.deepEqual(
        hmacKeys,
        [1, 2, 3].map((value) => toHex(proofKey(hash, bytes(value)))),
      );
    }
  });

  it("refuses an ephemeral key that was admitted before, under whichever psk", () => {
    const { admission } = threeAccepted();
    admission.select(bytes(100), proofOf(hash, bytes(1), bytes(100)));
    for (const psk of [1, 2]) {
      throwsLair(() => admission.select(bytes(100), proofOf(hash, bytes(psk), bytes(100))), "proof-replayed");
    }
  });

  it("does not remember what strangers send", () => {
    const { admission } = threeAccepted();
    throwsLair(() => admission.select(bytes(100), bytes(0)), "proof-unknown");
    assert.equal(admission.select(bytes(100), proofOf(hash, bytes(1), bytes(100))), "first");
  });

  it("remembers the last 65,536 ephemeral keys", () => {
    const admission = new Admission<string>(hash);
    admission.accept("only", bytes(1), "only");
    const key = proofKey(hash, bytes(1));
    const select = (index: number): string => {
      const ephemeralKey = new Uint8Array(32);
      new DataView(ephemeralKey.buffer).setUint32(0, index);
      return admission.select(ephemeralKey, makeProof(hash, key, ephemeralKey));
    };
    for (let index = 0; index < 65_536; index++) select(index);
    throwsLair(() => select(0), "proof-replayed");
    select(65_536);
    assert.equal(select(0), "only");
    throwsLair(() => select(2), "proof-replayed");
  });

  it("has a key remembered before it selects, and refuses what was remembered before it began", () => {
    const remembered: Uint8Array[] = [];
    let isFull = false;
    const memory = {
      known: remembered,
      remember(key: Uint8Array) {
        if (isFull) throw new LairError("home-unwritable", "The disk is full.");
        remembered.push(key);
      },
    };
    const begun = (): Admission<string> => {
      const admission = new Admission<string>(hash, memory);
      admission.accept("only", bytes(1), "only");
      return admission;
    };
    const select = (admission: Admission<string>, value: number): string =>
      admission.select(bytes(value), proofOf(hash, bytes(1), bytes(value)));
    const first = begun();
    throwsLair(() => first.select(bytes(99), bytes(0)), "proof-unknown");
    assert.equal(select(first, 100), "only");
    throwsLair(() => select(first, 100), "proof-replayed");
    isFull = true;
    for (const code of ["home-unwritable", "proof-replayed"] as const) throwsLair(() => select(first, 101), code);
    assert.deepEqual(remembered, [bytes(100).slice(0, 16)], "not what strangers send, and nothing twice");
    isFull = false;
    const second = begun();
    throwsLair(() => select(second, 100), "proof-replayed");
    assert.equal(select(second, 101), "only");
  });

  it("takes the newest 65,536 of a longer memory", () => {
    const known = Array.from({ length: 65_538 }, (_, index) => {
      const key = new Uint8Array(32);
      new DataView(key.buffer).setUint32(0, index);
      return key;
    });
    const memory = { known: known.map((key) => key.slice(0, 16)), remember() {} };
    const admission = new Admission<string>(hash, memory);
    admission.accept("only", bytes(1), "only");
    const select = (index: number): string => admission.select(known[index]!, proofOf(hash, bytes(1), known[index]!));
    for (const index of [2, 65_537]) throwsLair(() => select(index), "proof-replayed");
    assert.equal(select(1), "only");
  });

  it("accepts no more what was revoked, and does not mind what it never had", () => {
    const { admission } = threeAccepted();
    admission.revoke("second");
    admission.revoke("nobody");
    throwsLair(() => admission.select(bytes(100), proofOf(hash, bytes(2), bytes(100))), "proof-unknown");
    assert.equal(admission.select(bytes(100), proofOf(hash, bytes(3), bytes(100))), "third");
  });

  it("replaces the psk of an id that comes again", () => {
    const { admission } = threeAccepted();
    admission.accept("second", bytes(9), "renewed");
    throwsLair(() => admission.select(bytes(100), proofOf(hash, bytes(2), bytes(100))), "proof-unknown");
    assert.equal(admission.select(bytes(101), proofOf(hash, bytes(9), bytes(101))), "renewed");
  });

  it("overwrites the key of a psk that was revoked or replaced", () => {
    const derived: Uint8Array[] = [];
    const spied: HashFunctions = {
      ...hash,
      hkdf: (...parts) => {
        derived.push(hash.hkdf(...parts));
        return derived.at(-1)!;
      },
    };
    const admission = new Admission<number>(spied);
    admission.accept("id", bytes(1), 1);
    admission.accept("id", bytes(2), 2);
    admission.revoke("id");
    assert.deepEqual(derived, [new Uint8Array(32), new Uint8Array(32)]);
  });
});
