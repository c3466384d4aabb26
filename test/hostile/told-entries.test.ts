// A hub that tells entries which its log does not have, or not there: a member takes of it no more than of an answer.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import * as fc from "fast-check";
import { fromHex } from "../../src/core/bytes.ts";
import { decodeNews, encodeNews, MAX_PUSHED_BYTES, nameOfCall, nameOfNews } from "../../src/core/hub/calls.ts";
import { type Program, random, type RoomsWorld } from "../app/rooms/rooms-world.ts";
import { effort } from "../effort.ts";
import { type Entry, type HostileHub, hostileRoom, inTime, quiet, talk } from "./hostile-hub.ts";

let world: RoomsWorld;
let hub: HostileHub;
let ada: Program;
let bob: Program;
let room: string;

beforeEach(async () => {
  ({ world, hub, ada, bob, room } = await hostileRoom());
  await talk(world, room, ada, bob);
});
afterEach(async () => {
  await world.close();
});

const tells = (who: Program, of: string, entry: Entry): void =>
  who.receive({ kind: "news", number: 0, bytes: encodeNews("entry", { room: fromHex(of)!, entry }) });

function garbage(seq: number, change: Partial<Entry> = {}): Entry {
  const [id, bytes, poster] = [random(16), random(40), ada.identity.publicKey];
  return { seq, type: "message", id, epoch: 1, poster, atMs: 1, bytes, ...change };
}

const nextOf = async (who: Program): Promise<number> => (await who.store.room(fromHex(room)!))!.next;

describe("a hostile hub that tells entries", () => {
  it("ends the session by one that cannot be read, or is too long", async () => {
    const whole = encodeNews("entry", { room: fromHex(room)!, entry: garbage(0, { bytes: new Uint8Array(0) }) });
    const tooLong = new Uint8Array(MAX_PUSHED_BYTES + 1);
    const lengthAt = whole.length - 4;
    const long = Uint8Array.of(...whole.subarray(0, lengthAt), 0, 0, 32, 1, ...tooLong);
    for (const [at, bytes] of [whole.subarray(0, -1), Uint8Array.of(...whole, 0), long].entries()) {
      bob.receive({ kind: "news", number: 0, bytes });
      assert.equal(bob.ends.length, at + 1);
      await bob.connect();
    }
    await talk(world, room, ada, bob);
  });

  it("tells far ones, old ones and those of other rooms: nothing of it is taken, and it goes on", async () => {
    const other = await world.room("other", ada, bob);
    const log = await hub.log(room);
    const foreign = await hub.log(other);
    const before = await nextOf(bob);
    for (const seq of [before + 1, before + 70, 2 ** 40, Number.MAX_SAFE_INTEGER]) tells(bob, room, garbage(seq));
    for (const entry of [...log, ...log.toReversed()]) tells(bob, room, entry);
    for (const entry of foreign) tells(bob, room, { ...entry, seq: entry.seq + before + 2 });
    tells(bob, "00".repeat(16), garbage(0));
    await world.quiet();
    assert.equal(await nextOf(bob), before);
    assert.deepEqual([bob.errors, bob.told("missing"), bob.told("not-followed")], [[], [], []]);
    await talk(world, room, ada, bob);
    await talk(world, other, ada, bob);
  });

  it("tells garbage instead of a line: it is skipped and told, as if it had been read, and the marks show it", async () => {
    bob.onNews = (bytes) => {
      if (nameOfNews(bytes) !== "entry") return bytes;
      const { room: of, entry } = decodeNews("entry", bytes);
      return encodeNews("entry", { room: of, entry: { ...entry, bytes: random(40) } });
    };
    ada.do({ type: "say", room, text: "exchanged" });
    assert.equal((await bob.hears("not-followed")).why, "it cannot be opened or read");
    hub.behaves(bob);
    await talk(world, room, ada, bob);
    await bob.hears("log-differs");
    assert.ok(!bob.told("message").some(({ text }) => text === "exchanged"));
  });

  it("tells a line in the name of somebody else, and one that was said: nobody takes them", async () => {
    const cyd = await world.connected("cyd");
    await world.invited(room, ada, cyd);
    await talk(world, room, cyd);
    const lines = bob.told("message").length;
    const line = (await hub.log(room)).findLast(({ type }) => type === "message")!;
    const next = await nextOf(bob);
    tells(bob, room, { ...line, seq: next });
    tells(bob, room, { ...line, seq: next + 1, id: random(16) });
    tells(bob, room, { ...line, seq: next + 2, poster: ada.identity.publicKey });
    await bob.hears("not-followed");
    await world.quiet();
    assert.equal(bob.told("message").length, lines);
  });

  it("tells without end: other rooms go on, and it keeps little of it", async () => {
    const other = await world.room("other", ada, bob);
    const reads: string[] = [];
    bob.onCall = (bytes) => {
      if (nameOfCall(bytes) === "read") reads.push("read");
      return bytes;
    };
    const from = await nextOf(bob);
    for (let at = 0; at < 2_000; at++) tells(bob, room, garbage(from + 5 + at, { bytes: random(MAX_PUSHED_BYTES) }));
    await quiet();
    assert.ok(reads.length < 5, `${reads.length} reads: what does not fit is dropped`);
    await talk(world, other, ada, bob);
    await talk(world, room, ada, bob);
  });

  it("tells whatever it likes whenever it likes, beside a log that it does not change: each line comes once, in order", async () => {
    const LIE = fc.constantFrom("repeat", "ahead", "foreign", "reverse", "cut", "keep back", "only say", "nothing");
    await fc.assert(
      fc.asyncProperty(fc.array(LIE, { minLength: 5, maxLength: 12 }), async (lies) => {
        const before = bob.told("message").length;
        const said: string[] = [];
        const kept: Uint8Array[] = [];
        for (const lie of lies) {
          const log = await hub.log(room);
          const next = log.at(-1)!.seq + 1;
          bob.onNews = (bytes) => {
            if (nameOfNews(bytes) !== "entry") return bytes;
            const { room: of, entry } = decodeNews("entry", bytes);
            if (lie === "only say") return encodeNews("entries", { room: of, next: entry.seq + 1 });
            if (lie !== "keep back") return bytes;
            kept.push(bytes);
            // It says that there is something, later.
            return undefined;
          };
          const text = `line ${Math.random()}`;
          said.push(text);
          ada.do({ type: "say", room, text });
          if (lie === "repeat") for (const entry of log.slice(-3)) tells(bob, room, entry);
          if (lie === "reverse") for (const entry of log.toReversed()) tells(bob, room, entry);
          if (lie === "ahead") tells(bob, room, garbage(next + 50));
          if (lie === "foreign")
            bob.receive({
              kind: "news",
              number: 0,
              bytes: encodeNews("entry", { room: random(16), entry: garbage(next) }),
            });
          if (lie === "cut") {
            bob.cut();
            await bob.connect();
          }
          await ada.hears("sent", (one) => one.text === text);
        }
        bob.onNews = (bytes) => bytes;
        for (const bytes of kept) bob.receive({ kind: "news", number: 0, bytes });
        const last = `last ${Math.random()}`;
        ada.do({ type: "say", room, text: last });
        const texts = (): string[] =>
          bob
            .told("message")
            .slice(before)
            .map(({ text }) => text);
        await inTime(world, () => texts().includes(last), "bob hears the last line");
        assert.deepEqual(texts(), [...said, last]);
        assert.deepEqual(bob.errors, []);
      }),
      { numRuns: effort(4, 100) },
    );
  });
});
