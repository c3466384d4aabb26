// The signature key of a peer (docs/PROTOCOL.md §9): pinned with the static key, and a changed key if it is another one.
// Pairs from before there were signature keys pin it in their next session.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { detailsOf } from "../../../src/app/error-words.ts";
import { LairError } from "../../../src/core/errors.ts";
import { fingerprint } from "../../../src/core/identity/fingerprint.ts";
import type { Peer } from "../../../src/core/identity/peer.ts";
import type { ClientCredential } from "../../../src/core/pairing/client-session.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { Meeting, pairedPeople } from "./fixture.ts";

const ANOTHER = new Uint8Array(32).fill(77);
const PSK = new Uint8Array(32).map((_, at) => at * 7);

type People = ReturnType<typeof pairedPeople>;

/** The ways in which two who know each other may connect. */
const WAYS: Readonly<Record<string, (people: People) => ClientCredential>> = {
  "the pair's psk": ({ client }) => client.credentials()[0]!,
  "a new invite": ({ client, server }) => {
    const { psk, serverKey } = server.makeInvite("second");
    return { type: "invite", psk, serverKey, peer: client.stored };
  },
  "a psk file": ({ client, server }) => {
    server.psk = PSK;
    server.restart();
    return { type: "psk-file", psk: PSK, peer: client.stored };
  },
};

/** As stored before there were signature keys. */
function former(peer: Peer): Peer {
  const { signatureKey: _, ...rest } = peer;
  return rest;
}

function changedKey(error: unknown): LairError {
  return throwsLair(() => {
    if (error !== undefined) throw error;
  }, "peer-key-changed");
}

for (const [way, credentialOf] of Object.entries(WAYS)) {
  describe(`another signature key under ${way} (§9.3)`, () => {
    it("of the server ends at the client before message 3, with both fingerprints", () => {
      const people = pairedPeople();
      const { server, client } = people;
      const [known, old] = [client.stored!, server.identity];
      server.identity = { ...old, signatureKey: ANOTHER };
      server.restart();
      const meeting = new Meeting(client, server, credentialOf(people)).run();
      const error = changedKey(meeting.errors.client);
      assert.deepEqual(detailsOf(error), [
        `paired   ${fingerprint(TOY_SUITE, old)}`,
        `now      ${fingerprint(TOY_SUITE, server.identity)}`,
      ]);
      assert.match(error.hint!, /forget-peer/);
      assert.equal(client.stored, known);
      assert.deepEqual([meeting.sent.client.length, meeting.client.state], [1, "closed"]);
      assert.deepEqual(meeting.types("client"), []);
    });

    it("of the client ends at the server before its first frame, with both fingerprints", () => {
      const people = pairedPeople();
      const { server, client } = people;
      const [known, old] = [server.peers, client.identity];
      client.identity = { ...old, signatureKey: ANOTHER };
      const meeting = new Meeting(client, server, credentialOf(people)).run();
      assert.deepEqual(detailsOf(changedKey(meeting.errors.server)), [
        `paired   ${fingerprint(TOY_SUITE, old)}`,
        `now      ${fingerprint(TOY_SUITE, client.identity)}`,
      ]);
      assert.equal(server.peers, known);
      assert.deepEqual([meeting.sent.server.length, meeting.server.state], [1, "closed"]);
      assert.deepEqual(meeting.types("server"), []);
    });
  });

  describe(`a pair from before there were signature keys, by ${way}`, () => {
    it("pins them in its next session, says so once, and keeps all that it knew", () => {
      const people = pairedPeople();
      const { server, client } = people;
      client.stored = former({ ...client.stored!, comparedAtMs: 5 });
      server.peers = [former({ ...server.peers[0]!, comparedAtMs: 6 })];
      server.restart();
      const meeting = new Meeting(client, server, credentialOf(people)).run();
      const [seenByClient] = meeting.events.client;
      const [seenByServer] = meeting.events.server;
      assert.ok(seenByClient?.type === "opened" && seenByServer?.type === "opened");
      const { publicKey: serverKey } = server.identity;
      const { publicKey: clientKey } = client.identity;
      assert.equal(seenByClient.formerFingerprint, fingerprint(TOY_SUITE, { publicKey: serverKey }));
      assert.equal(seenByServer.formerFingerprint, fingerprint(TOY_SUITE, { publicKey: clientKey }));
      assert.deepEqual(client.stored.signatureKey, server.identity.signatureKey);
      assert.deepEqual(server.peers[0]?.signatureKey, client.identity.signatureKey);
      assert.deepEqual(seenByServer.peer.signatureKey, client.identity.signatureKey);
      // The signature key came in a session that the compared key has authenticated.
      assert.deepEqual([client.stored.comparedAtMs, server.peers[0]?.comparedAtMs], [5, 6]);
      assert.deepEqual([client.stored.name, server.peers[0]?.name], ["anna", "bert"]);
      meeting.cut();
      const next = new Meeting(client, server, client.credentials()[0]!).run();
      for (const party of ["client", "server"] as const) {
        assert.deepEqual(next.types(party), ["opened"]);
        assert.ok(!("formerFingerprint" in next.events[party][0]!), party);
      }
    });
  });
}

describe("a signature key that cannot be stored", () => {
  it("lets nobody in, and is pinned in the next session", () => {
    const { server, client } = pairedPeople();
    server.peers = [former(server.peers[0]!)];
    server.restart();
    server.failure = new LairError("store-unwritable", "no space left on device");
    server.failures = 1;
    const meeting = new Meeting(client, server, client.credentials()[0]!).run();
    assert.deepEqual(meeting.types("server"), ["refused"]);
    assert.equal(server.peers[0]?.signatureKey, undefined);
    meeting.cut();
    new Meeting(client, server, client.credentials()[0]!).run();
    assert.deepEqual(server.peers[0]?.signatureKey, client.identity.signatureKey);
  });
});
