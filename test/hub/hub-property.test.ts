// Whatever people do at a hub, and in whatever order: nobody without a seat gets an entry, a group info or news of a room; a log
// has no hole and is the same for all, whether it is read or told; who was removed gets nothing afterwards; and no bytes make the
// hub fail.

import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { toHex } from "../../src/core/bytes.ts";
import { type Asked, CALLS, encodeCall } from "../../src/core/hub/calls.ts";
import { LairError } from "../../src/core/errors.ts";
import { effort } from "../effort.ts";
import { commitOf, HubWorld, lineOf, type Person, ROOM } from "./hub-fixture.ts";
import { id, key } from "./store-contract.ts";

const PEOPLE = [1, 2, 3, 4];
const GROUP_INFO = id(77);

/** One room as it should be, beside the hub's. */
class Model {
  readonly world = new HubWorld();
  readonly people = new Map<number, Person>();
  /** Who sits there, by number: the first entry that concerns it. */
  readonly seats = new Map<number, { readonly role: "admin" | "member"; readonly from: number }>();
  /** The bytes of the entries, in hex. */
  readonly log: string[] = [];
  /** Those whose programs read entries in news, by number: the entry that this session has to be told next, if any. */
  readonly given = new Map<number, number | undefined>();
  /** Entries that were told. */
  told = 0;
  epoch = 0;
  commits = 0;
  #ids = 0;

  person(number: number): Person {
    const person = this.people.get(number);
    assert.ok(person);
    return person;
  }

  nextId(): Uint8Array {
    this.#ids += 1;
    return id(0)
      .with(0, this.#ids >> 8)
      .with(1, this.#ids & 0xff);
  }

  async arrive(number: number): Promise<void> {
    const readsEntries = number !== 4;
    this.people.set(number, await this.world.person(number, { readsEntries }));
    this.given.set(number, undefined);
  }

  async commit(number: number, change: Partial<Asked<"commit">>, done: (seq: number) => void): Promise<void> {
    const [one, { epoch, commits }] = [this.nextId(), this];
    const ask = commitOf({ groupInfo: GROUP_INFO, ...change, id: one, bytes: one, epoch, commits });
    const outcome = await this.person(number).ask("commit", ask);
    if (outcome.type === "refused") return;
    const { seq } = outcome.answer;
    assert.equal(seq, this.log.length);
    this.log.push(toHex(one));
    [this.epoch, this.commits] = [epoch + 1, seq + 1];
    done(seq);
  }

  /**
   * Does a step. Nobody hears of the room afterwards who does not sit there; and of nobody who is there, unless that was said
   * while it still had its seat.
   */
  async step(step: Step): Promise<void> {
    const before = new Set(this.seats.keys());
    await step(this);
    for (const number of PEOPLE) {
      for (const heard of await this.person(number).heard()) {
        const { name } = heard;
        if (heard.name === "entry") this.#hears(number, heard.body.entry);
        const mayHear = this.seats.has(number) || (name === "presence" && before.has(number));
        assert.ok(mayHear || name === "room-closed", name);
      }
    }
  }

  /** As a read from where it is would give it. */
  #hears(number: number, { seq, bytes }: { readonly seq: number; readonly bytes: Uint8Array }): void {
    this.told += 1;
    assert.equal(seq, this.given.get(number));
    assert.equal(toHex(bytes), this.log[seq]);
    assert.ok(seq >= (this.seats.get(number)?.from ?? Infinity));
    this.given.set(number, seq + 1);
  }
}

type Step = (model: Model) => Promise<void>;

function post(number: number): Step {
  return async (model) => {
    const one = model.nextId();
    const line = lineOf(0, { id: one, bytes: one, epoch: model.epoch });
    const outcome = await model.person(number).ask("post", line);
    assert.equal(outcome.type === "answered", model.seats.has(number));
    if (outcome.type === "refused") return;
    assert.equal(outcome.answer.seq, model.log.length);
    model.log.push(toHex(one));
  };
}

const WHO = fc.constantFrom(...PEOPLE);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  WHO.map(
    (number): Step =>
      async (model) =>
        await model.arrive(number),
  ),
  fc.tuple(WHO, WHO).map(([number, other]): Step => async (model) => {
    const seats = [{ key: key(other), role: "member" as const }];
    const wasAdmin = model.seats.get(number)?.role === "admin";
    await model.commit(number, { seats }, (seq) => {
      assert.ok(model.seats.has(number));
      const there = model.seats.get(other);
      assert.ok(there === undefined || there.role === "member" || wasAdmin || other === number);
      model.seats.set(other, { role: "member", from: there?.from ?? seq });
    });
  }),
  fc.tuple(WHO, WHO).map(([number, other]): Step => async (model) => {
    // With the last one the room would be gone.
    if (model.seats.size === 1) return;
    await model.commit(number, { removed: [key(other)] }, () => {
      const there = model.seats.get(other);
      assert.ok(model.seats.has(number));
      assert.ok(
        there === undefined ||
          other === number ||
          (there.role === "member" && model.seats.get(number)?.role === "admin"),
      );
      model.seats.delete(other);
    });
  }),
  WHO.map(post),
  fc.tuple(WHO, fc.nat(6)).map(([number, from]): Step => async (model) => {
    const outcome = await model.person(number).ask("read", { room: ROOM, from });
    const seat = model.seats.get(number);
    assert.equal(outcome.type === "answered", seat !== undefined);
    if (outcome.type === "refused" || seat === undefined) return;
    const first = Math.max(from, seat.from);
    assert.deepEqual(
      outcome.answer.entries.map(({ seq, bytes }) => [seq, toHex(bytes)]),
      model.log.slice(first).map((bytes, index) => [first + index, bytes]),
    );
    if (number !== 4) model.given.set(number, (outcome.answer.entries.at(-1)?.seq ?? from - 1) + 1);
  }),
  WHO.map((number): Step => async (model) => {
    const outcome = await model.person(number).ask("outside", { room: ROOM, link: undefined });
    const isThere = model.seats.has(number) && model.log.length > 0;
    if (outcome.type === "answered") assert.ok(isThere);
  }),
  WHO.map((number): Step => async (model) => {
    const outcome = await model.person(number).ask("signal", { room: ROOM, bytes: id(1) });
    if (outcome.type === "answered") assert.ok(model.seats.has(number));
  }),
  fc.tuple(WHO, fc.boolean()).map(([number, isVisible]): Step => async (model) => {
    await model.person(number).ask("visible", { isVisible });
  }),
);

it("gives nothing of a room to anybody without a seat, and the same log to all", async () => {
  const steps = fc.array(STEP, { minLength: 10, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const model = new Model();
      for (const number of PEOPLE) await model.arrive(number);
      await model.person(1).answer("create", { room: ROOM, listedName: undefined });
      model.seats.set(1, { role: "admin", from: 0 });
      // Nobody else may read these.
      for (const step of [post(1), post(1), ...all]) await model.step(step);
      // Whoever has read to the end is told what comes.
      const [first] = model.seats.keys();
      if (first !== undefined && first !== 4) {
        await model.person(first).answer("read", { room: ROOM, from: model.log.length });
        model.given.set(first, model.log.length);
        const before = model.told;
        await model.step(post(first));
        assert.ok(model.told > before);
      }
      assert.equal(model.world.hub.numbers.storeFailures, 0);
      await model.world.hub.close();
    }),
    { numRuns: effort(20, 2_000) },
  );
});

const SAMPLES: readonly Uint8Array[] = [
  encodeCall("find", { key: key(1), handle: "ada" }),
  encodeCall("publish", { packages: [{ id: id(1), bytes: id(2), expiresAtMs: 5, isLastResort: true }] }),
  encodeCall("take", { key: key(2) }),
  encodeCall("create", { room: id(2), listedName: "x" }),
  encodeCall("commit", commitOf({ seats: [{ key: key(2), role: "member" }], welcome: { to: [key(2)], bytes: id(1) } })),
  encodeCall("post", lineOf(1)),
  encodeCall("read", { room: ROOM, from: 0 }),
  encodeCall("acknowledge", { room: ROOM, next: 1 }),
  encodeCall("knock", { room: ROOM, bytes: id(1) }),
  encodeCall("outside", { room: ROOM, link: "l" }),
  encodeCall("add-link", { room: ROOM, link: "l", uses: 1, expiresAtMs: 5 }),
  encodeCall("signal", { room: ROOM, bytes: id(1) }),
];
const CODES = Object.values(CALLS).map(({ code }) => code);
const BYTES: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc
    .tuple(fc.constantFrom(...CODES), fc.uint8Array({ maxLength: 80 }))
    .map(([code, rest]) => Uint8Array.of(code, ...rest)),
  fc
    .tuple(fc.constantFrom(...SAMPLES), fc.nat(), fc.nat(255), fc.boolean())
    .map(([sample, at, byte, isCut]) =>
      isCut ? sample.slice(0, at % sample.length) : sample.with(at % sample.length, byte),
    ),
);

it("answers, refuses, or ends the session, whatever bytes a call has", async () => {
  const calls = fc.array(BYTES, { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(calls, async (all) => {
      const world = new HubWorld();
      const ada = await world.person(1);
      const bob = await world.person(2);
      await world.room(ada, bob);
      for (const bytes of all) {
        try {
          const answer = await ada.member.call(bytes);
          assert.ok(answer[0] === 0 || answer[0] === 1);
        } catch (error) {
          assert.ok(error instanceof LairError && error.code === "call-malformed", String(error));
        }
      }
      assert.equal(world.hub.numbers.storeFailures, 0, "nothing but refusals");
      await bob.answer("rooms", {});
      await world.hub.close();
    }),
    { numRuns: effort(30, 5_000) },
  );
});
