import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HubCalls } from "../../../src/app/rooms/hub-calls.ts";
import { MemoryRoomStore } from "../../../src/app/rooms/memory-room-store.ts";
import { PeopleMet } from "../../../src/app/rooms/people-met.ts";
import type { Answered, Asked, CallName, Outcome } from "../../../src/core/hub/calls.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { LairError } from "../../../src/core/errors.ts";

const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);
const ADA = { publicKey: key(1), signatureKey: key(2) };
const FORGED = { ...ADA, signatureKey: key(66) };

/** A hub that knows ada's handle, unless it is away. */
class Directory implements HubCalls {
  isAway = false;
  handle: string | undefined = "ada";
  readonly asked: string[] = [];

  async call<Name extends CallName>(name: Name, asked: Asked<Name>): Promise<Outcome<Name>> {
    assert.equal(name, "find");
    this.asked.push(toHex((asked as Asked<"find">).key!));
    if (this.isAway) throw new LairError("hub-away", "There is no connection to the hub.");
    const { handle } = this;
    const account =
      handle === undefined ? undefined : { key: ADA.publicKey, signatureKey: key(66), handle, role: "member" as const };
    const answer: Answered<"find"> = { account };
    return { type: "answered", answer } as Outcome<Name>;
  }
}

function met(paired?: Uint8Array) {
  const [store, hub] = [new MemoryRoomStore(), new Directory()];
  const known = { store, hub, pairedKey: () => paired };
  return { store, hub, people: new PeopleMet(known), restarted: () => new PeopleMet(known) };
}

describe("the people of a hub, as they are met", () => {
  it("are pinned at first sight, with how it was, and are no news later", async () => {
    const { store, people, restarted, hub } = met();
    const first = await people.meet(ADA, { kind: "added", by: key(9) });
    const pin = { ...ADA, handle: "ada", how: { kind: "added" as const, by: key(9) } };
    assert.deepEqual(first, { person: { ...ADA, handle: "ada" }, pin, alarm: undefined });
    await store.change({ pins: [pin] });
    for (const again of [people, restarted()]) {
      const later = await again.meet(ADA, { kind: "link" });
      assert.deepEqual(later, { person: { ...ADA, handle: "ada" }, pin: undefined, alarm: undefined });
    }
    assert.equal(hub.asked.length, 1, "the handle is looked up once");
  });

  it("are an alarm with another key, whose pin is not stored", async () => {
    const { store, people } = met();
    await store.change({ pins: [(await people.meet(ADA, { kind: "present" })).pin!] });
    const forged = await people.meet(FORGED, { kind: "present" });
    assert.equal(forged.pin, undefined);
    assert.deepEqual(forged.alarm, { who: { ...FORGED, handle: "ada" }, expected: ADA.signatureKey, from: "pin" });
    assert.equal((await people.meet(ADA, { kind: "present" })).alarm, undefined, "the first one stays");
  });

  it("are an alarm at first sight, if pairing confirmed another key; that one counts more than a pin", async () => {
    const { store, people } = met(ADA.signatureKey);
    const forged = await people.meet(FORGED, { kind: "directory" });
    assert.equal(forged.pin, undefined);
    assert.deepEqual(forged.alarm, { who: { ...FORGED, handle: "ada" }, expected: ADA.signatureKey, from: "pair" });
    await store.change({ pins: [{ ...FORGED, handle: undefined, how: { kind: "present" } }] });
    assert.equal((await people.meet(FORGED, { kind: "present" })).alarm?.from, "pair");
    assert.equal((await people.meet(ADA, { kind: "present" })).alarm, undefined);
  });

  it("are met without a handle while the hub is away, and get it later", async () => {
    const { store, hub, people } = met();
    hub.isAway = true;
    const first = await people.meet(ADA, { kind: "present" });
    assert.deepEqual([first.person.handle, first.pin?.handle], [undefined, undefined]);
    await store.change({ pins: [first.pin!] });
    hub.isAway = false;
    const later = await people.meet(ADA, { kind: "link" });
    assert.deepEqual(later.pin, { ...ADA, handle: "ada", how: { kind: "present" } });
    await store.change({ pins: [later.pin] });
  });

  it("without an account are not asked for again", async () => {
    const { hub, people } = met();
    hub.handle = undefined;
    assert.equal((await people.meet(ADA, { kind: "present" })).person.handle, undefined);
    assert.equal((await people.meet(ADA, { kind: "present" })).person.handle, undefined);
    assert.equal(hub.asked.length, 1);
  });
});
