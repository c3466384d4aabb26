// A key that waits at the server for `trust` (docs/PROTOCOL.md §9.4): who is kept waiting, who is let in, and that letting
// somebody in never harms a pairing. And "trust the first key", which is about one.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClientCredential } from "../../../src/core/pairing/client-session.ts";
import { keysOf } from "../identity/keys-of.ts";
import { fingerprint } from "../../../src/core/identity/fingerprint.ts";
import { pairedPeer } from "../../../src/core/identity/peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { connect, ClientPerson, ServerPerson, Meeting } from "./fixture.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";

const PSK = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 0xff);
const byFile = (client: ClientPerson): ClientCredential => ({ type: "psk-file", psk: PSK, peer: client.stored });
const printOf = (client: ClientPerson): string => fingerprint(TOY_SUITE, client.identity).replaceAll(" ", "");

function serverWithFile({ trustFirst = false } = {}) {
  const clock = new FakeClock();
  const server = new ServerPerson({ name: "anna", seed: 1, clock });
  server.psk = PSK;
  server.trustFirst = trustFirst;
  server.restart();
  const somebody = (seed: number, name = `client ${seed}`): ClientPerson => {
    const client = new ClientPerson({ name, seed, clock });
    client.trustFirst = true;
    return client;
  };
  /** Comes by the psk file and goes. */
  const visit = (client: ClientPerson): Meeting => {
    const meeting = new Meeting(client, server, byFile(client)).run();
    meeting.cut();
    return meeting;
  };
  return { clock, server, somebody, visit };
}

describe("trust", () => {
  it("lets in the key that waits, under the name it came with, and says nothing of compared words", () => {
    const { clock, server, somebody, visit } = serverWithFile();
    const client = somebody(2, "be\u202ert");
    assert.deepEqual(visit(client).types("server"), ["refused"]);
    const peer = server.machine.trust(printOf(client).slice(0, 8), clock.now);
    assert.deepEqual(peer, {
      publicKey: client.identity.publicKey,
      signatureKey: client.identity.signatureKey,
      name: "bert",
      psk: undefined,
      pairedAtMs: clock.now.wallMs,
      comparedAtMs: undefined,
      url: undefined,
      invitePsk: undefined,
    });
    assert.deepEqual(server.peers, [peer]);
    assert.deepEqual(visit(client).types("server"), ["opened"]);
  });

  it("takes a whole fingerprint, with its blanks", () => {
    const { clock, server, somebody, visit } = serverWithFile();
    const client = somebody(2);
    visit(client);
    assert.equal(server.machine.trust(fingerprint(TOY_SUITE, client.identity), clock.now).name, "client 2");
  });

  it("cannot undo a pairing that was made by an invite while the key waited", () => {
    const { clock, server, somebody, visit } = serverWithFile();
    const client = somebody(2);
    visit(client);
    client.stored = undefined;
    connect(client, server, server.makeInvite())!.cut();
    const paired = structuredClone(server.peers);
    assert.ok(paired[0]!.psk !== undefined);
    throwsLair(() => server.machine.trust(printOf(client), clock.now), "peer-unknown");
    assert.deepEqual(server.peers, paired);
    server.restart();
    assert.deepEqual(connect(client, server)?.types("client"), ["opened"]);
  });

  it("knows nobody twice, and nobody whose key cannot be stored", () => {
    const { clock, server, somebody, visit } = serverWithFile();
    const client = somebody(2);
    visit(client);
    server.failures = 1;
    assert.throws(() => server.machine.trust(printOf(client), clock.now), /no space/);
    assert.deepEqual(server.machine.peers, []);
    server.machine.trust(printOf(client), clock.now);
    throwsLair(() => server.machine.trust(printOf(client), clock.now), "peer-unknown");
  });

  it("wants a beginning that only one key has", () => {
    const { clock, server, somebody, visit } = serverWithFile();
    visit(somebody(2));
    visit(somebody(3));
    assert.match(throwsLair(() => server.machine.trust("", clock.now), "peer-unknown").message, /^2 waiting keys/);
    assert.match(
      throwsLair(() => server.machine.trust("11111111", clock.now), "peer-unknown").message,
      /^No waiting key/,
    );
  });

  it("works for each of the last 16 keys that were shown; the oldest gives way", () => {
    const { clock, server, somebody, visit } = serverWithFile();
    const clients = Array.from({ length: 18 }, (_, index) => somebody(100 + index));
    for (const client of clients.slice(0, 17)) visit(client);
    // The second comes once more, so that the third is the oldest now.
    visit(clients[1]!);
    visit(clients[17]!);
    for (const gone of [0, 2]) {
      throwsLair(() => server.machine.trust(printOf(clients[gone]!), clock.now), "peer-unknown");
    }
    for (const client of [clients[1]!, ...clients.slice(3)]) server.machine.trust(printOf(client), clock.now);
    assert.equal(server.peers.length, 16);
  });
});

describe("a peer that is stored without its psk", () => {
  it("is not admitted by the psk of before any more", () => {
    const { server, somebody } = serverWithFile();
    const client = somebody(2);
    connect(client, server, server.makeInvite())!.cut();
    server.machine.savePeer({ ...server.machine.peers[0]!, psk: undefined });
    const meeting = new Meeting(client, server, client.credentials()[0]!).run();
    throwsLair(() => {
      throw meeting.errors.server;
    }, "proof-unknown");
  });
});

describe("trust in the first key under a psk file, at the server", () => {
  it("is spent with it: a later key waits for trust like any other, also after a restart", () => {
    const { clock, server, somebody, visit } = serverWithFile({ trustFirst: true });
    const [first, second, third] = [somebody(2), somebody(3), somebody(4)];
    assert.deepEqual(visit(first).types("server"), ["opened"]);
    assert.deepEqual(visit(second).types("server"), ["refused"]);
    server.restart();
    assert.deepEqual(visit(third).types("server"), ["refused"]);
    assert.deepEqual(visit(first).types("server"), ["opened"]);
    assert.equal(server.peers.length, 1);
    server.machine.trust(printOf(third), clock.now);
    assert.deepEqual(visit(third).types("server"), ["opened"]);
  });

  it("is not spent by somebody who was paired by an invite", () => {
    const { server, somebody, visit } = serverWithFile({ trustFirst: true });
    connect(somebody(2), server, server.makeInvite())!.cut();
    assert.deepEqual(visit(somebody(3)).types("server"), ["opened"]);
  });

  it("is spent by a known key that comes by the psk file", () => {
    const { server, somebody, visit } = serverWithFile({ trustFirst: true });
    const known = somebody(2);
    connect(known, server, server.makeInvite())!.cut();
    assert.deepEqual(visit(known).types("server"), ["opened"]);
    assert.deepEqual(visit(somebody(3)).types("server"), ["refused"]);
  });
});

describe("trust in the first key under a psk file, at the client", () => {
  it("recognises who is paired by an invite, and keeps that psk", () => {
    const { server, somebody } = serverWithFile();
    const client = somebody(2);
    connect(client, server, server.makeInvite())!.cut();
    const { psk } = client.stored!;
    // At another address, so that nobody is expected.
    const meeting = new Meeting(client, server, { type: "psk-file", psk: PSK, peer: undefined }).run();
    assert.deepEqual(client.stored!.psk, psk);
    assert.deepEqual(meeting.events.client, [{ type: "opened", peer: client.stored, pairedNow: false }]);
  });

  it("is not needed for a key that is pinned already", () => {
    const { server, somebody, visit } = serverWithFile({ trustFirst: true });
    const client = somebody(2);
    visit(client);
    client.trustFirst = false;
    const meeting = new Meeting(client, server, { type: "psk-file", psk: PSK, peer: undefined }).run();
    assert.deepEqual(meeting.types("client"), ["opened"]);
  });
});

describe("two who claim one name", () => {
  it("are told apart at the server, whichever way they come", () => {
    const { clock, server, somebody, visit } = serverWithFile();
    const [first, second, third] = [somebody(2, "bob"), somebody(3, "bob"), somebody(4, "Bob")];
    connect(first, server, server.makeInvite("one"))!.cut();
    connect(second, server, server.makeInvite("two"))!.cut();
    visit(third);
    server.machine.trust(printOf(third), clock.now);
    assert.deepEqual(
      server.peers.map(({ name }) => name),
      ["bob", `bob ${printOf(second).slice(0, 4)}`, `Bob ${printOf(third).slice(0, 4)}`],
    );
  });

  it("are told apart at the client", () => {
    const { clock, server, somebody } = serverWithFile();
    const client = somebody(2);
    const proven = { ...keysOf(7), claimedName: "anna", atMs: clock.now.wallMs };
    client.others = [pairedPeer(TOY_SUITE, proven, [])];
    connect(client, server, server.makeInvite());
    assert.equal(client.stored!.name, `anna ${fingerprint(TOY_SUITE, server.identity).slice(0, 4)}`);
  });
});
