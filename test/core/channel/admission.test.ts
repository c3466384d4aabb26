// Admission (docs/PROTOCOL.md §3.2): which psk a first message proves, what that costs, and that it tells a stranger nothing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { Admission, type AdmissionMemory } from "../../../src/core/channel/admission.ts";
import {
  type FirstMessage,
  HINT_BYTES,
  hourOf,
  makeHint,
  makeProof,
  proofKey,
} from "../../../src/core/channel/first-message.ts";
import { LairError } from "../../../src/core/errors.ts";
import { type HashFunctions, NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { throwsLair } from "../../throws-lair.ts";
import { FakeClock } from "./fake-clock.ts";
import { HOUR, NOW } from "./pair.ts";
import { TOY_SUITE } from "./toy-suite.ts";

const HOUR_MS = 3_600_000;
const { hash } = TOY_SUITE;

/** 32 bytes that differ for each number. */
function bytes(value: number): Uint8Array {
  const made = new Uint8Array(32).fill(value);
  new DataView(made.buffer).setUint32(0, value);
  return made;
}

/** A first message under a psk, as a client sends it by its clock. */
function messageOf(psk: Uint8Array, ephemeralKey: Uint8Array, hour = HOUR): FirstMessage {
  const key = proofKey(hash, psk);
  return withHint(key, ephemeralKey, makeHint(hash, key, hour));
}

/** One whose hint is chosen freely. */
function withHint(key: Uint8Array, ephemeralKey: Uint8Array, hint: Uint8Array): FirstMessage {
  return { ephemeralKey, hint, proof: makeProof(hash, key, { ephemeralKey, hint }) };
}

/** A hint that leads nowhere, as from a client whose clock is wrong. */
const NOWHERE = new Uint8Array(HINT_BYTES).fill(0xee);
const lostMessage = (psk: Uint8Array, ephemeralKey: Uint8Array): FirstMessage =>
  withHint(proofKey(hash, psk), ephemeralKey, NOWHERE);

/** All slices at once. */
function select<Credential>(admission: Admission<Credential>, message: FirstMessage, now = NOW): Credential {
  const search = admission.select(message, now);
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
  }
}

/** A server with so many psks, of the numbers from 1 on, and how many HMACs an action takes there. */
function accepting(count: number): { admission: Admission<number>; hmacsOf: (action: () => unknown) => number } {
  let hmacs = 0;
  const counted: HashFunctions = {
    ...hash,
    hmac: (key, data) => {
      hmacs += 1;
      return hash.hmac(key, data);
    },
  };
  const admission = new Admission<number>(counted, NOW);
  for (let index = 1; index <= count; index++) admission.accept(`psk ${index}`, bytes(index), index);
  const hmacsOf = (action: () => unknown): number => {
    const before = hmacs;
    action();
    return hmacs - before;
  };
  return { admission, hmacsOf };
}

describe("the hint and the proof (§3.2)", () => {
  const psk = fromHex("007eb2bea8e0a03dbea34fe101cfb1004a41921cae77f47f10150cdf2fbe30f2")!;

  it("are those of the worked example in §15", () => {
    const ephemeralKey = fromHex("6b3623c90e861dcc9b569c6aaca60a312259a3112be1d5e3a4c71a44a0e2b951")!;
    const key = proofKey(NOBLE_SUITE.hash, psk);
    assert.equal(toHex(key), "af4d217992830092cb9627a0e0aef1004e489260942050b0425cdc8c8d3dcb39");
    const hint = makeHint(NOBLE_SUITE.hash, key, 498_648);
    assert.equal(toHex(hint), "d7b3b5bfc6f9c42a10602afb438f5423");
    assert.equal(
      toHex(makeProof(NOBLE_SUITE.hash, key, { ephemeralKey, hint })),
      "f0606ad0fa88b60a5cbf5dd840ec88064df24f0c0b26bb285d3161e1ddd961f0",
    );
  });

  it("change: the hint with each hour of the wall clock, the proof with the key and the hint", () => {
    const clock = new FakeClock();
    const hints = Array.from({ length: 48 }, () => {
      const hint = toHex(messageOf(psk, bytes(1), hourOf(clock.now)).hint);
      clock.pass(HOUR_MS / 2);
      return hint;
    });
    assert.equal(new Set(hints).size, 24);
    const proofs = [
      messageOf(psk, bytes(1)),
      messageOf(psk, bytes(2)),
      messageOf(psk, bytes(1), HOUR + 1),
      messageOf(bytes(9), bytes(1)),
    ];
    assert.equal(new Set(proofs.map(({ proof }) => toHex(proof))).size, 4);
  });

  it("have an hour at every time, even by a clock that begins in 1970", () => {
    assert.equal(hourOf({ monotonicMs: 0, wallMs: 0 }), 1);
    assert.equal(hourOf({ monotonicMs: 0, wallMs: 2 * HOUR_MS - 1 }), 1);
    assert.equal(hourOf({ monotonicMs: 0, wallMs: 2 * HOUR_MS }), 2);
  });
});

describe("the cost of a first message (§3.2)", () => {
  it("is one HMAC, however many psks there are, for an hour before and after too", () => {
    for (const count of [1, 100, 1_000]) {
      const { admission, hmacsOf } = accepting(count);
      for (const [index, hour] of [HOUR, HOUR - 1, HOUR + 1].entries()) {
        const message = messageOf(bytes(count), bytes(5_000 + index), hour);
        assert.equal(
          hmacsOf(() => assert.equal(select(admission, message), count)),
          1,
        );
      }
    }
  });

  it("is one for each psk in addition if the hint leads nowhere", () => {
    for (const message of [
      lostMessage(bytes(7), bytes(5_000)),
      messageOf(bytes(7), bytes(5_000), HOUR - 2),
      messageOf(bytes(7), bytes(5_000), HOUR + 2),
    ]) {
      const { admission, hmacsOf } = accepting(100);
      assert.equal(
        hmacsOf(() => assert.equal(select(admission, message), 7)),
        1 + 100,
      );
    }
  });

  it("is the same for whatever is refused, so that it does not show which hints are known", () => {
    const { admission, hmacsOf } = accepting(100);
    const recorded = messageOf(bytes(7), bytes(5_000));
    select(admission, recorded);
    const refused: [FirstMessage, "proof-unknown" | "proof-replayed"][] = [
      [recorded, "proof-replayed"],
      [lostMessage(bytes(7), bytes(5_000)), "proof-replayed"],
      [{ ...recorded, ephemeralKey: bytes(5_001) }, "proof-unknown"],
      [{ ...recorded, hint: NOWHERE }, "proof-unknown"],
      [messageOf(bytes(101), bytes(5_002)), "proof-unknown"],
      [lostMessage(bytes(101), bytes(5_002)), "proof-unknown"],
    ];
    for (const [message, code] of refused) {
      assert.equal(
        hmacsOf(() => throwsLair(() => select(admission, message), code)),
        1 + 100,
      );
    }
  });

  it("is never more than 256 in one turn", () => {
    const { admission, hmacsOf } = accepting(600);
    const search = admission.select(lostMessage(bytes(1), bytes(5_000)), NOW);
    const slices: number[] = [];
    let step = { done: false, value: undefined } as ReturnType<typeof search.next>;
    while (step.done !== true) {
      slices.push(
        hmacsOf(() => {
          step = search.next();
        }),
      );
    }
    assert.deepEqual(slices, [1 + 256, 256, 88]);
    assert.equal(step.value, 1);
  });

  it("is bounded for strangers by 5,000 comparisons a second, while who is known gets in", () => {
    const clock = new FakeClock();
    const { admission, hmacsOf } = accepting(1_000);
    const stranger = (): number =>
      hmacsOf(() =>
        throwsLair(() => select(admission, lostMessage(bytes(9_999), bytes(5_000)), clock.now), "proof-unknown"),
      );
    const costs = Array.from({ length: 7 }, stranger);
    assert.deepEqual(costs, [1_001, 1_001, 1_001, 1_001, 1_001, 1, 1]);
    assert.equal(select(admission, messageOf(bytes(7), bytes(5_001)), clock.now), 7);
    throwsLair(() => select(admission, lostMessage(bytes(7), bytes(5_002)), clock.now), "proof-unknown");
    clock.pass(199);
    assert.equal(stranger(), 1);
    clock.pass(1);
    assert.equal(select(admission, lostMessage(bytes(7), bytes(5_002)), clock.now), 7);
    assert.equal(stranger(), 1);
    clock.pass(3_600_000);
    assert.deepEqual(Array.from({ length: 6 }, stranger).filter((cost) => cost > 1_000).length, 5, "and no more");
  });

  it("can be paid once after a quiet time, also for more psks than a second's worth", () => {
    const { admission } = accepting(6_000);
    assert.equal(select(admission, lostMessage(bytes(6_000), bytes(7_000))), 6_000);
    throwsLair(() => select(admission, lostMessage(bytes(6_000), bytes(7_001))), "proof-unknown");
    const later = { ...NOW, monotonicMs: NOW.monotonicMs + 1_200 };
    assert.equal(select(admission, lostMessage(bytes(6_000), bytes(7_001)), later), 6_000);
  });
});

/** What a message by the clock's hour costs. */
function costAt(
  { admission, hmacsOf }: ReturnType<typeof accepting>,
  clock: FakeClock,
  ephemeral: number,
  ahead = 0,
): number {
  const message = messageOf(bytes(1), bytes(ephemeral), hourOf(clock.now) + ahead);
  return hmacsOf(() => assert.equal(select(admission, message, clock.now), 1));
}

describe("the hints of a server (§3.2)", () => {
  it("follow the hour, a few at each message, and then cost nothing", () => {
    const clock = new FakeClock();
    const server = accepting(150);
    clock.pass(HOUR_MS);
    const costs = Array.from({ length: 5 }, (_, index) => costAt(server, clock, 5_000 + index));
    assert.deepEqual(costs, [1 + 64, 1 + 64, 1 + 22, 1, 1]);
    assert.equal(costAt(server, clock, 6_000, 1), 1, "of a client that is an hour ahead");
    assert.equal(costAt(server, clock, 6_001, -1), 1);
    assert.equal(costAt(server, clock, 6_002, -2), 1 + 150);
  });

  it("are made anew when the clock leaps, for the first that come, and nobody needs a search", () => {
    for (const leapMs of [1_000 * HOUR_MS, -1_000 * HOUR_MS]) {
      const clock = new FakeClock();
      const server = accepting(150);
      clock.setWall(leapMs);
      const lost = messageOf(bytes(150), bytes(4_999), hourOf(clock.now));
      assert.equal(
        server.hmacsOf(() => assert.equal(select(server.admission, lost, clock.now), 150)),
        // Three slices of 64 steps, one of which finds the end of a table, and the proof.
        3 * 64 - 1 + 1,
      );
      const costs = Array.from({ length: 10 }, (_, index) => costAt(server, clock, 5_000 + index));
      assert.ok(
        costs.every((cost) => cost <= 1 + 64),
        "of the psk that comes first; never a search",
      );
      for (const ahead of [-1, 0, 1]) assert.equal(costAt(server, clock, 6_001 + ahead, ahead), 1);
    }
  });

  it("have what is accepted while they are being made, and not what is revoked", () => {
    const clock = new FakeClock();
    const { admission, hmacsOf } = accepting(150);
    clock.pass(HOUR_MS);
    const selectNow = (psk: number, ephemeral: number): number =>
      select(admission, messageOf(bytes(psk), bytes(ephemeral), hourOf(clock.now)), clock.now);
    selectNow(1, 5_000);
    admission.accept("late", bytes(200), 200);
    admission.revoke("psk 150");
    assert.equal(selectNow(200, 5_001), 200);
    throwsLair(() => selectNow(150, 5_002), "proof-unknown");
    for (let index = 0; index < 5; index++) selectNow(1, 5_010 + index);
    assert.equal(
      hmacsOf(() => selectNow(200, 5_003)),
      1,
    );
    throwsLair(() => selectNow(150, 5_004), "proof-unknown");
  });

  it("lead nowhere once their psk is revoked: not even to its overwritten key", () => {
    const { admission } = accepting(3);
    const { hint } = messageOf(bytes(2), bytes(5_000));
    admission.revoke("psk 2");
    for (const zeros of [hint, NOWHERE]) {
      throwsLair(() => select(admission, withHint(new Uint8Array(32), bytes(5_000), zeros)), "proof-unknown");
    }
  });

  it("find a psk that is accepted under two ids until both are revoked", () => {
    const { admission } = accepting(3);
    admission.accept("again", bytes(2), 22);
    assert.equal(select(admission, messageOf(bytes(2), bytes(5_000))), 22);
    admission.revoke("again");
    assert.equal(select(admission, messageOf(bytes(2), bytes(5_001))), 2);
    admission.revoke("psk 2");
    throwsLair(() => select(admission, messageOf(bytes(2), bytes(5_002))), "proof-unknown");
  });
});

describe("Admission (§3.2)", () => {
  it("selects what the hint and the proof stand for", () => {
    const { admission } = accepting(3);
    for (const value of [1, 2, 3]) {
      assert.equal(select(admission, messageOf(bytes(value), bytes(100 + value))), value);
      assert.equal(select(admission, lostMessage(bytes(value), bytes(200 + value))), value);
    }
  });

  it("refuses a proof of an unknown psk, of another ephemeral key or hint, of another length, and with a bit flipped", () => {
    const { admission } = accepting(3);
    const right = messageOf(bytes(1), bytes(100));
    const proofs = [
      messageOf(bytes(4), bytes(100)).proof,
      messageOf(bytes(1), bytes(101)).proof,
      messageOf(bytes(1), bytes(100), HOUR + 1).proof,
      right.proof.slice(0, 31),
      new Uint8Array(0),
      new Uint8Array(32),
      ...Array.from({ length: 256 }, (_, bit) => {
        const flipped = right.proof.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        return flipped;
      }),
    ];
    for (const proof of proofs) throwsLair(() => select(admission, { ...right, proof }), "proof-unknown");
    assert.equal(select(admission, right), 1);
  });

  it("refuses an ephemeral key that was admitted before, under whichever psk", () => {
    const { admission } = accepting(3);
    select(admission, messageOf(bytes(1), bytes(100)));
    for (const psk of [1, 2]) {
      throwsLair(() => select(admission, messageOf(bytes(psk), bytes(100))), "proof-replayed");
      throwsLair(() => select(admission, lostMessage(bytes(psk), bytes(100))), "proof-replayed");
    }
  });

  it("does not remember what strangers send", () => {
    const { admission } = accepting(3);
    throwsLair(() => select(admission, { ...messageOf(bytes(1), bytes(100)), proof: bytes(0) }), "proof-unknown");
    assert.equal(select(admission, messageOf(bytes(1), bytes(100))), 1);
  });

  it("remembers the last 65,536 ephemeral keys", () => {
    const admission = new Admission<string>(hash, NOW);
    admission.accept("only", bytes(1), "only");
    const key = proofKey(hash, bytes(1));
    const hint = makeHint(hash, key, HOUR);
    const selectOne = (index: number): string => {
      const ephemeralKey = new Uint8Array(32);
      new DataView(ephemeralKey.buffer).setUint32(0, index);
      return select(admission, withHint(key, ephemeralKey, hint));
    };
    for (let index = 0; index < 65_536; index++) selectOne(index);
    throwsLair(() => selectOne(0), "proof-replayed");
    selectOne(65_536);
    assert.equal(selectOne(0), "only");
    throwsLair(() => selectOne(2), "proof-replayed");
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
    const first = onlyOne(memory);
    throwsLair(() => select(first, { ...messageOf(bytes(1), bytes(99)), proof: bytes(0) }), "proof-unknown");
    assert.equal(selectOnly(first, bytes(100)), "only");
    throwsLair(() => selectOnly(first, bytes(100)), "proof-replayed");
    isFull = true;
    for (const code of ["home-unwritable", "proof-replayed"] as const) {
      throwsLair(() => selectOnly(first, bytes(101)), code);
    }
    assert.deepEqual(remembered, [bytes(100).slice(0, 16)], "not what strangers send, and nothing twice");
    isFull = false;
    const second = onlyOne(memory);
    throwsLair(() => selectOnly(second, bytes(100)), "proof-replayed");
    assert.equal(selectOnly(second, bytes(101)), "only");
  });

  it("takes the newest 65,536 of a longer memory", () => {
    const known = Array.from({ length: 65_538 }, (_, index) => {
      const key = new Uint8Array(32);
      new DataView(key.buffer).setUint32(0, index);
      return key;
    });
    const admission = onlyOne({ known: known.map((key) => key.slice(0, 16)), remember() {} });
    for (const index of [2, 65_537]) throwsLair(() => selectOnly(admission, known[index]!), "proof-replayed");
    assert.equal(selectOnly(admission, known[1]!), "only");
  });

  it("accepts no more what was revoked, even during a search, and does not mind what it never had", () => {
    const { admission } = accepting(300);
    admission.revoke("psk 2");
    admission.revoke("nobody");
    throwsLair(() => select(admission, messageOf(bytes(2), bytes(100))), "proof-unknown");
    assert.equal(select(admission, messageOf(bytes(3), bytes(100))), 3);
    const search = admission.select(lostMessage(bytes(4), bytes(101)), NOW);
    assert.equal(search.next().done, false);
    admission.revoke("psk 4");
    throwsLair(() => search.next(), "proof-unknown");
  });

  it("replaces the psk of an id that comes again", () => {
    const { admission } = accepting(3);
    admission.accept("psk 2", bytes(9), 9);
    throwsLair(() => select(admission, messageOf(bytes(2), bytes(100))), "proof-unknown");
    assert.equal(select(admission, messageOf(bytes(9), bytes(101))), 9);
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
    const admission = new Admission<number>(spied, NOW);
    admission.accept("id", bytes(1), 1);
    admission.accept("id", bytes(2), 2);
    admission.revoke("id");
    assert.deepEqual(derived, [new Uint8Array(32), new Uint8Array(32)]);
  });
});

function onlyOne(memory: AdmissionMemory): Admission<string> {
  const admission = new Admission<string>(hash, NOW, memory);
  admission.accept("only", bytes(1), "only");
  return admission;
}

const selectOnly = (admission: Admission<string>, ephemeralKey: Uint8Array): string =>
  select(admission, messageOf(bytes(1), ephemeralKey));
