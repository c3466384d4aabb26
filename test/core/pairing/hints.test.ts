// A server with many peers (docs/PROTOCOL.md §3.2): whom the hint lets in at once, and a client whose clock is wrong by a
// search, which takes several turns.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHex } from "../../../src/core/bytes.ts";
import { RELEASED_MS } from "../../../src/core/channel/index.ts";
import type { Peer } from "../../../src/core/identity/peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { SeededRandom } from "../channel/seeded-random.ts";
import { type ClientPerson, DAY_MS, Meeting, pairedPeople, type ServerPerson } from "./fixture.ts";

/** A time at which a client believes its clock. */
function afterRelease(clock: FakeClock): void {
  clock.setWall(RELEASED_MS + DAY_MS - clock.now.wallMs);
}

/** Two paired people at such a time; the server has 599 other peers. */
function crowded(): { client: ClientPerson; server: ServerPerson; clock: FakeClock; own: FakeClock } {
  const { client, server, clock } = pairedPeople();
  afterRelease(clock);
  const { bytes } = new SeededRandom(77);
  const others = Array.from({ length: 599 }, (_, index): Peer => {
    return { ...server.peers[0]!, name: `peer ${index}`, publicKey: bytes(32), psk: bytes(32) };
  });
  // The peer that comes is the last one.
  server.peers = [...others, ...server.peers];
  server.restart();
  // The clock of the client alone: it makes its message by it.
  const own = new FakeClock();
  own.setWall(clock.now.wallMs - own.now.wallMs);
  client.clock = own;
  return { client, server, clock, own };
}

const meet = ({ client, server }: ReturnType<typeof crowded>): Meeting =>
  new Meeting(client, server, client.credentials()[0]!);

describe("a client of a server with 600 peers (§3.2)", () => {
  it("is answered in the same turn, also when its clock is half an hour wrong", () => {
    for (const wrongByMs of [0, -1_800_000, 1_800_000]) {
      const people = crowded();
      people.own.setWall(wrongByMs);
      const meeting = meet(people).run();
      assert.ok(meeting.client.isAccepted);
      assert.ok(meeting.server.isProven);
    }
  });

  it("is found by a search when its clock is a day wrong: in three turns, and no longer a stranger at their end", () => {
    for (const wrongByMs of [-DAY_MS, DAY_MS, -20_000 * DAY_MS]) {
      const people = crowded();
      people.own.setWall(wrongByMs);
      const meeting = meet(people).run();
      const { server } = meeting;
      for (let turn = 1; turn <= 2; turn++) {
        assert.equal(meeting.sent.server.length, 0);
        assert.equal(server.isProven, false);
        assert.equal(server.deadlineMs, people.clock.now.monotonicMs + 1);
        server.advance(people.clock.now);
        assert.equal(server.isProven, false, "not before its time");
        people.clock.pass(1);
        assert.deepEqual(server.advance(people.clock.now), []);
      }
      assert.equal(server.isProven, true);
      meeting.run();
      assert.ok(meeting.client.isAccepted);
    }
  });

  it("is dropped when it does not wait for the end of the search", () => {
    const people = crowded();
    people.own.setWall(DAY_MS);
    const { server } = meet(people).run();
    throwsLair(() => server.receive(new Uint8Array(320), people.clock.now), "noise-out-of-turn");
    assert.equal(server.state, "closed");
    people.clock.pass(1);
    assert.deepEqual(server.advance(people.clock.now), []);
    assert.equal(server.nextFrame(people.clock.now), undefined);
    assert.equal(server.isProven, false);
  });

  it("gets nothing for a search that finds nothing", () => {
    const people = crowded();
    people.own.setWall(DAY_MS);
    const meeting = meet(people).run();
    people.server.machine.forgetPeer(people.client.identity.publicKey, people.clock.now);
    people.clock.pass(1);
    meeting.server.advance(people.clock.now);
    people.clock.pass(1);
    throwsLair(() => meeting.server.advance(people.clock.now), "proof-unknown");
    assert.equal(meeting.server.state, "closed");
    assert.equal(meeting.server.nextFrame(people.clock.now), undefined);
  });
});

/** Of the first messages at these times, under one ephemeral key and so under one key stream. */
const hintsOf = (...timesMs: number[]): Set<string> => {
  const { client, clock } = pairedPeople();
  const shown = timesMs.map((wallMs) => {
    clock.setWall(wallMs - clock.now.wallMs);
    const party = client.party();
    const ephemeralKey = new SeededRandom(5).bytes(32);
    const random = (length: number): Uint8Array => (length === 32 ? ephemeralKey.slice() : client.random.bytes(length));
    client.party = () => ({ ...party, random });
    const session = client.session(client.credentials()[0]!);
    return toHex(session.nextFrame(clock.now)!.subarray(32, 48));
  });
  return new Set(shown);
};

describe("the hint of a client (§3.2)", () => {
  it("is the same within an hour, and another one in the next", () => {
    const start = RELEASED_MS + DAY_MS;
    assert.equal(hintsOf(start, start + 3_599_999).size, 1);
    assert.equal(hintsOf(start, start + 3_600_000, start + 7_200_000).size, 3);
  });

  it("is never the same by a clock that is plainly wrong", () => {
    assert.equal(hintsOf(RELEASED_MS - 1, RELEASED_MS - 1, 0, 0).size, 4);
  });
});
