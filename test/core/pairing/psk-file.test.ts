// Meeting under a psk file (docs/PROTOCOL.md §9.4): the psk is shared, the keys are not known the first time.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClientCredential, UntrustedKeyError } from "../../../src/core/pairing/client-session.ts";
import { CLOSE_REASON } from "../../../src/core/channel/index.ts";
import type { PublicIdentity } from "../../../src/core/identity/identity.ts";
import { keyPair } from "../channel/pair.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { ClientPerson, ServerPerson, Meeting, URL } from "./fixture.ts";

const keysIn = ({ publicKey, signatureKey }: PublicIdentity): PublicIdentity => ({ publicKey, signatureKey });

const PSK = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 0xff);

function people(trust: { client?: boolean; server?: boolean } = {}) {
  const clock = new FakeClock();
  const client = new ClientPerson({ name: "bert", seed: 2, clock });
  const server = new ServerPerson({ name: "anna", seed: 1, clock });
  server.psk = PSK;
  server.trustFirst = trust.server ?? false;
  server.restart();
  client.trustFirst = trust.client ?? false;
  const credential = (): ClientCredential => ({ type: "psk-file", psk: PSK, peer: client.stored });
  return { clock, client, server, meet: () => new Meeting(client, server, credential()).run() };
}

/** Both know each other. */
function paired() {
  const both = people({ client: true, server: true });
  both.meet().cut();
  both.client.trustFirst = false;
  both.server.trustFirst = false;
  both.server.restart();
  return both;
}

describe("a psk file between two who never met (§9.4)", () => {
  it("pins both keys and derives no psk when both trust the first", () => {
    const { client, server, meet, clock } = people({ client: true, server: true });
    const meeting = meet();
    const common = { psk: undefined, pairedAtMs: clock.now.wallMs, comparedAtMs: undefined, invitePsk: undefined };
    const anna = { ...keysIn(server.identity), name: "anna", url: URL, ...common };
    const bert = { ...keysIn(client.identity), name: "bert", url: undefined, ...common };
    assert.deepEqual(client.stored, anna);
    assert.deepEqual(server.peers, [bert]);
    assert.deepEqual(meeting.events.client, [{ type: "opened", peer: anna, pairedNow: true }]);
    assert.deepEqual(meeting.types("server"), ["opened"]);
  });

  it("stops a client who does not trust the first before message 3, and says whose key it was", () => {
    const { client, server, meet } = people({ server: true });
    const meeting = meet();
    const error = meeting.errors.client;
    assert.ok(error instanceof UntrustedKeyError);
    assert.equal(error.code, "not-trusted");
    assert.deepEqual(keysIn(error), keysIn(server.identity));
    assert.equal(error.peerName, "anna");
    assert.equal(client.stored, undefined);
    assert.equal(meeting.sent.client.length, 1);
    assert.deepEqual(server.peers, []);
  });

  it("tells a client whom the server does not trust, and shows its key at the server", () => {
    const { client, server, meet } = people({ client: true });
    const meeting = meet();
    assert.deepEqual(meeting.events.server, [
      { type: "refused", reason: "not-trusted", ...keysIn(client.identity), name: "bert" },
    ]);
    assert.deepEqual(meeting.events.client, [{ type: "closed", reason: CLOSE_REASON.notTrusted }]);
    assert.deepEqual(server.peers, []);
    assert.deepEqual(server.machine.active, []);
    assert.deepEqual([meeting.server.state, meeting.client.state], ["closed", "closed"]);
  });

  it("lets a client in whom the person at the server has accepted meanwhile", () => {
    const { client, server, meet, clock } = people({ client: true });
    meet().cut();
    server.machine.savePeer({
      ...keysIn(client.identity),
      name: "bert",
      psk: undefined,
      pairedAtMs: clock.now.wallMs,
      comparedAtMs: clock.now.wallMs,
      url: undefined,
      invitePsk: undefined,
    });
    assert.deepEqual(meet().types("client"), ["opened"]);
  });
});

describe("a psk file between two who know each other", () => {
  it("opens without trust in anything new", () => {
    const { client, server, meet } = paired();
    const [known, peers] = [client.stored, server.peers];
    const meeting = meet();
    assert.deepEqual(meeting.events.client, [{ type: "opened", peer: known, pairedNow: false }]);
    assert.deepEqual(meeting.events.server, [{ type: "opened", peer: peers[0], pairedNow: false }]);
    assert.deepEqual([client.stored, server.peers], [known, peers]);
  });

  it("does not let in somebody in between who has the psk and another key", () => {
    const { client, clock } = paired();
    const known = client.stored;
    const attacker = new ServerPerson({ name: "anna", seed: 77, clock });
    attacker.psk = PSK;
    attacker.trustFirst = true;
    attacker.restart();
    // Not even who trusts the first is fooled: this is not the first.
    client.trustFirst = true;
    const meeting = new Meeting(client, attacker, { type: "psk-file", psk: PSK, peer: known }).run();
    throwsLair(() => {
      throw meeting.errors.client;
    }, "peer-key-changed");
    assert.equal(meeting.sent.client.length, 1);
    assert.equal(client.stored, known);
  });

  it("does not take another key for the client's, unless told to trust any first one", () => {
    const { client, server, meet } = paired();
    client.identity = keyPair(TOY_SUITE, client.random.bytes);
    const meeting = meet();
    assert.deepEqual(meeting.types("server"), ["refused"]);
    assert.equal(server.peers.length, 1);
  });
});

describe("a psk file and another psk", () => {
  it("gets no answer", () => {
    const { client, server } = people({ client: true, server: true });
    const other = PSK.toReversed();
    const meeting = new Meeting(client, server, { type: "psk-file", psk: other, peer: undefined }).run();
    throwsLair(() => {
      throw meeting.errors.server;
    }, "proof-unknown");
    assert.equal(meeting.sent.server.length, 0);
  });
});
