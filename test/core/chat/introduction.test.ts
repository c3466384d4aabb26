// Introductions (docs/PROTOCOL.md §7.4): their bytes, what is refused, and what a chat keeps of them until they are answered.

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { fromUtf8, toUtf8 } from "../../../src/core/bytes.ts";
import {
  decodeIntroduction,
  encodeIntroduction,
  type Introduction,
  MAX_OPEN_INTRODUCTIONS,
  withIntroduction,
} from "../../../src/core/chat/introduction.ts";
import { effort } from "../../effort.ts";
import { FIRST_SEED } from "../channel/first-seed.ts";
import { keyPair } from "../channel/pair.ts";
import { SeededRandom } from "../channel/seeded-random.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { Two } from "./two.ts";

function introduction(seed: number, changed: Partial<Introduction> = {}): Introduction {
  const random = new SeededRandom(seed);
  const { publicKey, signatureKey } = keyPair(TOY_SUITE, random.bytes);
  return {
    id: `id${seed}`,
    atMs: 1_795_132_980_000,
    name: `person ${seed}`,
    publicKey,
    signatureKey,
    psk: random.bytes(32),
    url: "ws://127.0.0.1:8080",
    ...changed,
  };
}

/** The other side introduces these people, and they arrive. */
function introduced(...introductions: readonly Introduction[]): Two {
  const two = new Two();
  for (const one of introductions) two.people.driver.introduce(one, two.clock.now);
  two.meet();
  return two;
}

function opened(open: readonly Introduction[], one: Introduction): readonly Introduction[] {
  const more = withIntroduction(open, one);
  assert.ok(typeof more !== "string", "it is kept");
  return more;
}

/** What the other side's chat says of those that arrived together. */
function toldOf(two: Two) {
  return two.events.other.flatMap((event) => (event.type === "introduction" ? [event.introduction] : []));
}

const read = (value: unknown): Introduction | undefined => decodeIntroduction(toUtf8(JSON.stringify(value)));

describe("an introduction", () => {
  it("is read as it was written, with an address and without", () => {
    for (const url of ["wss://chat.example/lair", undefined]) {
      const one = introduction(1, { url });
      assert.deepEqual(decodeIntroduction(encodeIntroduction(one)), one);
    }
  });

  it("is not written if it could not be read", () => {
    for (const changed of [{ name: "" }, { url: "http://a" }, { id: "" }, { psk: new Uint8Array(31) }, { atMs: -1 }]) {
      assert.throws(() => encodeIntroduction(introduction(1, changed)), RangeError);
    }
  });

  it("is parsed by the side that it arrives at, once", () => {
    const two = new Two();
    two.meet();
    const parse = mock.method(JSON, "parse");
    try {
      two.people.driver.introduce(introduction(1), two.clock.now);
      two.commit("driver");
      assert.equal(parse.mock.callCount(), 0);
      two.meet();
      assert.equal(parse.mock.callCount(), 1);
    } finally {
      parse.mock.restore();
    }
    assert.deepEqual(toldOf(two), [introduction(1)]);
  });

  it("is none if a member is missing or out of range", () => {
    const good = JSON.parse(fromUtf8(encodeIntroduction(introduction(1)))!) as { peer: object };
    const peer = (changed: object) => ({ peer: { ...good.peer, ...changed } });
    const bad: readonly object[] = [
      ...["kind", "id", "at", "peer", "psk"].map((member) => ({ [member]: undefined })),
      ...["name", "key", "sig"].map((member) => peer({ [member]: undefined })),
      { kind: "text" },
      { id: "../../etc" },
      { id: "a".repeat(33) },
      { at: 1.5 },
      { at: "now" },
      { psk: "short" },
      { peer: [] },
      { peer: null },
      peer({ name: "two\nlines" }),
      peer({ name: "x".repeat(65) }),
      peer({ key: "A".repeat(42) }),
      peer({ sig: "A".repeat(44) }),
      peer({ url: "http://example" }),
      peer({ url: `ws://${"a".repeat(255)}` }),
      peer({ url: 8080 }),
      { filler: "x".repeat(1_024) },
    ];
    assert.ok(read({ ...good, newer: "member" }));
    for (const changed of bad) assert.equal(read({ ...good, ...changed }), undefined, JSON.stringify(changed));
    for (const value of [null, [], "introduction", 1]) assert.equal(read(value), undefined);
  });

  it("is read without an exception from any bytes", () => {
    const random = new SeededRandom(FIRST_SEED);
    const good = encodeIntroduction(introduction(1));
    for (let count = 0; count < effort(2_000, 200_000); count++) {
      const bytes = good.slice(0, random.below(4) === 0 ? random.below(good.length) : good.length);
      for (let change = random.below(3); change >= 0; change--) {
        if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
      }
      const read = decodeIntroduction(bytes);
      if (read !== undefined) assert.deepEqual(decodeIntroduction(encodeIntroduction(read)), read);
    }
  });

  it("takes the place of an earlier one of the same person; there is a limit", () => {
    let open: readonly Introduction[] = [];
    for (let seed = 1; seed <= MAX_OPEN_INTRODUCTIONS; seed++) open = opened(open, introduction(seed));
    assert.equal(withIntroduction(open, introduction(99)), "too-many");
    const again = introduction(3, { id: "again" });
    assert.deepEqual(
      opened(open, again).map(({ id }) => id),
      [...open.map(({ id }) => id).filter((id) => id !== "id3"), "again"],
    );
  });

  it("does not take the place of somebody else's by an id that is in use", () => {
    const open = [introduction(1), introduction(2)];
    assert.equal(withIntroduction(open, introduction(3, { id: "id1" })), "id-in-use");
    // The fingerprint that was shown covers both keys.
    const { signatureKey } = introduction(3);
    assert.equal(withIntroduction(open, introduction(1, { signatureKey })), "id-in-use");
    const { psk } = introduction(3);
    assert.deepEqual(opened(open, introduction(1, { psk })), [introduction(2), introduction(1, { psk })]);
  });
});

describe("a chat", () => {
  it("keeps introductions until they are settled, over restarts, and beside the timer", () => {
    const two = introduced(introduction(1), introduction(2));
    assert.deepEqual(toldOf(two), [introduction(1), introduction(2)]);
    two.people.other.setTimer(60, two.clock.now);
    two.commit("other");
    two.restart("other");
    assert.deepEqual(two.people.other.introductions, [introduction(1), introduction(2)]);
    // They may not have been shown, but they are not lines.
    assert.deepEqual(
      two.people.other.takeUnseen().map((event) => [event.type, "again" in event && event.again]),
      [
        ["introduction", true],
        ["introduction", true],
      ],
    );
    two.people.other.settle("id1");
    two.commit("other");
    two.restart("other");
    assert.deepEqual(two.people.other.introductions, [introduction(2)]);
    assert.equal(two.people.other.timerS, 60);
    two.people.other.forget();
    assert.deepEqual(two.people.other.introductions, []);
  });

  it("reports what was given to the delivery neither as sent nor as delivered, and no more than it keeps", () => {
    const two = introduced(...Array.from({ length: 17 }, (_, index) => introduction(index)));
    assert.deepEqual(
      two.events.driver.filter(({ type }) => ["sent", "queued", "released", "delivered"].includes(type)),
      [],
    );
    assert.equal(two.people.driver.undelivered, 0);
    const told = toldOf(two);
    assert.deepEqual([told.length, told.at(-1), told.at(-2)], [17, "too-many", introduction(15)]);
    assert.equal(two.people.other.introductions.length, MAX_OPEN_INTRODUCTIONS);
  });

  it("reports of those that arrive together which one is kept, and why the others are not", () => {
    const again = introduction(1, { id: "again" });
    assert.deepEqual(toldOf(introduced(introduction(1), again)), ["replaced", again]);
    const other = introduction(2, { id: "id1" });
    const two = introduced(introduction(1), other);
    assert.deepEqual(toldOf(two), [introduction(1), "id-in-use"]);
    assert.deepEqual(two.people.other.introductions, [introduction(1)]);
  });
});
