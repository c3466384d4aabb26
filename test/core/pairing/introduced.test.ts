// Two people who were introduced and have both accepted (docs/PROTOCOL.md §9.6): their first session, by a secret that the
// introducer knows too.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LairError } from "../../../src/core/errors.ts";
import { pairedPeer, type Peer } from "../../../src/core/identity/peer.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { ClientPerson, Meeting, ServerPerson, URL } from "./fixture.ts";

/** bert has the address of cora; anna has introduced them. */
function introduced() {
  const clock = new FakeClock();
  const cora = new ServerPerson({ name: "cora", seed: 1, clock });
  const bert = new ClientPerson({ name: "bert", seed: 2, clock });
  const anna = new ClientPerson({ name: "bert", seed: 3, clock });
  const psk = anna.random.bytes(32);
  const awaited = (of: ClientPerson | ServerPerson, url: string | undefined): Peer => {
    const { publicKey, signatureKey } = of.identity;
    const proven = { publicKey, signatureKey, claimedName: of.name, atMs: clock.now.wallMs, url };
    return { ...pairedPeer(of.suite, proven, []), invitePsk: psk.slice(), introducedBy: "anna" };
  };
  cora.machine.savePeer(awaited(bert, undefined));
  bert.stored = awaited(cora, URL);
  return { clock, cora, bert, anna, psk };
}

function codeOf(error: unknown): string {
  assert.ok(error instanceof LairError);
  return error.code;
}

describe("those who were introduced", () => {
  for (const isRestarted of [false, true]) {
    it(`pair by the secret of the introduction, once${isRestarted ? ", after a restart" : ""}`, () => {
      const { cora, bert } = introduced();
      if (isRestarted) cora.restart();
      const [first, ...others] = bert.credentials();
      assert.deepEqual([first?.type, others], ["invite", []]);
      const meeting = new Meeting(bert, cora, first!).run();
      assert.deepEqual([meeting.errors.client, meeting.errors.server], [undefined, undefined]);
      meeting.cut();
      const [atCora] = cora.peers;
      assert.deepEqual(atCora?.psk, bert.stored?.psk);
      assert.deepEqual([atCora?.invitePsk, bert.stored?.invitePsk], [undefined, undefined]);
      assert.deepEqual([atCora?.introducedBy, bert.stored?.introducedBy], ["anna", "anna"]);
      // The secret opens nothing any more, also for bert.
      const again = new Meeting(bert, cora, first!).run();
      assert.equal(codeOf(again.errors.server), "proof-unknown");
    });
  }

  it("are not imitated by the introducer, who knows the secret; then bert still comes in", () => {
    const { cora, bert, anna, psk } = introduced();
    const serverKey = cora.identity.publicKey;
    const meeting = new Meeting(anna, cora, { type: "invite", psk, serverKey, peer: undefined }).run();
    assert.equal(codeOf(meeting.errors.server), "peer-key-changed");
    assert.deepEqual(meeting.types("server"), []);
    meeting.cut();
    assert.equal(cora.peers.length, 1);
    const good = new Meeting(bert, cora, bert.credentials()[0]!).run();
    assert.equal(good.errors.server, undefined);
    assert.deepEqual(good.types("server"), ["opened"]);
  });

  it("are refused with another signature key than the introducer has named", () => {
    const { cora, bert, anna } = introduced();
    bert.identity = { ...bert.identity, signatureKey: anna.identity.signatureKey };
    const meeting = new Meeting(bert, cora, bert.credentials()[0]!).run();
    assert.equal(codeOf(meeting.errors.server), "peer-key-changed");
  });

  it("stay awaited when they are renamed, and are strangers when they are forgotten; another introduction serves", () => {
    const { clock, cora, bert } = introduced();
    const awaited = cora.machine.peers[0]!;
    cora.machine.savePeer({ ...awaited, name: "bertie" });
    cora.restart();
    assert.deepEqual(cora.machine.peers[0]?.invitePsk, awaited.invitePsk);
    const kept = { ...awaited, invitePsk: awaited.invitePsk!.slice() };
    cora.machine.forgetPeer(bert.identity.publicKey, clock.now);
    const refused = new Meeting(bert, cora, bert.credentials()[0]!).run();
    assert.equal(codeOf(refused.errors.server), "proof-unknown");
    cora.machine.savePeer(kept);
    const good = new Meeting(bert, cora, bert.credentials()[0]!).run();
    assert.deepEqual(good.types("server"), ["opened"]);
  });

  it("are no reason to let in the first key under a psk file, nor in the way of it", () => {
    const { clock, cora } = introduced();
    const dora = new ClientPerson({ name: "dora", seed: 4, clock });
    cora.psk = new Uint8Array(32).fill(7);
    cora.trustFirst = true;
    cora.restart();
    dora.trustFirst = true;
    const meeting = new Meeting(dora, cora, { type: "psk-file", psk: cora.psk, peer: undefined }).run();
    assert.deepEqual(meeting.types("server"), ["opened"]);
  });
});
