// Pairing by an invite and meeting again (docs/PROTOCOL.md §9.2, §9.3).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientCredentials } from "../../../src/core/pairing/client-session.ts";
import { viewPeer } from "../../../src/core/identity/peer-view.ts";
import { fingerprint, shortFingerprint } from "../../../src/core/identity/fingerprint.ts";
import type { Invite } from "../../../src/core/identity/invite.ts";
import type { Peer } from "../../../src/core/identity/peer.ts";
import { throwsLair } from "../../throws-lair.ts";
import { connect, DAY_MS, ClientPerson, Meeting, pairedPeople, strangers, URL } from "./fixture.ts";
import { agree, isSpent } from "./pairing-outcome.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";

describe("what is changed of a peer while it is away", () => {
  it("is not undone by a line whose secret was chosen before", () => {
    const { client, server } = pairedPeople();
    const [credential] = client.credentials();
    client.stored = { ...client.stored!, name: "Annette", comparedAtMs: 7 };
    const meeting = new Meeting(client, server, credential!).run();
    assert.deepEqual([meeting.client.peer?.name, meeting.client.peer?.comparedAtMs], ["Annette", 7]);
    assert.equal(client.stored.name, "Annette");
  });
});

describe("pairing by an invite (§9.2)", () => {
  it("opens both lines, tells that the two have just been paired, and each pins the other", () => {
    const { client, server, byInvite, clock } = strangers();
    const meeting = new Meeting(client, server, byInvite).run();
    assert.deepEqual(meeting.events, {
      client: [{ type: "opened", peer: client.stored, pairedNow: true }],
      server: [{ type: "opened", peer: server.peers[0], pairedNow: true, byInvite: "first" }],
    });
    assert.deepEqual(meeting.client.peer, client.stored);
    assert.deepEqual(meeting.server.peer, server.peers[0]);
    const { psk, publicKey, signatureKey, ...seenByClient } = client.stored!;
    const pairedAtMs = clock.now.wallMs;
    assert.deepEqual(publicKey, server.identity.publicKey);
    assert.deepEqual(signatureKey, server.identity.signatureKey);
    assert.deepEqual(server.peers[0]!.signatureKey, client.identity.signatureKey);
    assert.equal(psk?.length, 32);
    assert.deepEqual(seenByClient, {
      name: "anna",
      pairedAtMs,
      comparedAtMs: undefined,
      url: URL,
      invitePsk: undefined,
    });
    assert.equal(server.peers[0]!.name, "bert");
    assert.equal(server.peers[0]!.url, undefined);
  });

  it("pairs as many people as come by a reusable one, and none after it is dropped", () => {
    const { client, server, byInvite, invite, clock } = strangers();
    server.machine.openInvite({ id: "many", psk: invite.psk, expiresAtMs: DAY_MS * 1e6, isReusable: true }, clock.now);
    server.machine.dropInvite("first");
    const guests = [client, new ClientPerson({ name: "carl", seed: 3, clock })];
    for (const guest of guests) {
      const meeting = new Meeting(guest, server, byInvite).run();
      const [opened] = meeting.events.server;
      assert.ok(opened?.type === "opened");
      assert.equal(opened.byInvite, "many");
      agree(guest, server, invite);
      meeting.cut();
    }
    assert.equal(server.peers.length, 2);
    server.machine.dropInvite("many");
    const late = new Meeting(new ClientPerson({ name: "dora", seed: 4, clock }), server, byInvite).run();
    throwsLair(() => {
      throw late.errors.server;
    }, "proof-unknown");
  });

  it("puts a psk that both have derived in the place of the invite's, which opens nothing afterwards", () => {
    const { client, server, byInvite, invite } = strangers();
    new Meeting(client, server, byInvite).run().cut();
    agree(client, server, invite);
    isSpent(invite, client, server);
  });

  it("stores the pair at the client before message 3 leaves, with the invite beside it until the first frame", () => {
    const { client, server, byInvite, invite } = strangers();
    const meeting = new Meeting(client, server, byInvite);
    meeting.run(1);
    assert.deepEqual(client.written, []);
    meeting.deliver("server");
    assert.deepEqual(client.stored!.invitePsk, invite.psk);
    assert.equal(meeting.sent.client.length, 1);
    assert.equal(meeting.client.isAccepted, false);
    assert.deepEqual(meeting.types("client"), []);
    meeting.run();
    assert.equal(client.stored?.invitePsk, undefined);
    assert.equal(meeting.client.isAccepted, true);
    assert.equal(client.written.length, 2);
  });

  it("stores the pair at the server before its first frame leaves", () => {
    const { client, server, byInvite } = strangers();
    const meeting = new Meeting(client, server, byInvite).run(2);
    assert.deepEqual(server.peers, []);
    meeting.deliver("client");
    assert.equal(server.peers.length, 1);
    assert.deepEqual(server.invites, []);
    assert.equal(meeting.sent.server.length, 1);
  });

  it("calls somebody without a visible name by the fingerprint", () => {
    const { server, invite, clock } = strangers();
    const client = new ClientPerson({ clock, seed: 3, name: "\u200b\u202e" });
    assert.notEqual(connect(client, server, invite), undefined);
    assert.equal(server.peers[0]!.name, shortFingerprint(TOY_SUITE, client.identity));
    const other = strangers();
    Object.assign(other.server, { name: "\u2066" });
    other.server.restart();
    assert.notEqual(connect(other.client, other.server, other.invite), undefined);
    assert.equal(other.client.stored!.name, shortFingerprint(TOY_SUITE, other.server.identity));
  });

  it("cleans the names that the two claim", () => {
    const { server, invite, clock } = strangers();
    const client = new ClientPerson({ clock, seed: 3, name: "be\u202ert  b" });
    connect(client, server, invite);
    assert.equal(server.peers[0]!.name, "bert b");
  });
});

describe("meeting again (§9.3)", () => {
  it("opens by the psk of the pair and changes nothing but the address", () => {
    const { client, server, clock } = pairedPeople();
    client.stored = { ...client.stored!, url: undefined, comparedAtMs: 7, name: "Anna from work" };
    const [before, theirs] = [client.stored, server.peers[0]];
    clock.pass(DAY_MS);
    const meeting = connect(client, server)!;
    assert.deepEqual(meeting.events.client, [{ type: "opened", peer: { ...before, url: URL }, pairedNow: false }]);
    assert.deepEqual(meeting.events.server, [{ type: "opened", peer: theirs, pairedNow: false }]);
    assert.deepEqual(client.stored, { ...before, url: URL });
    assert.deepEqual(server.machine.peers, [theirs]);
  });

  it("opens after both have been restarted", () => {
    const { client, server } = pairedPeople();
    server.restart();
    assert.deepEqual(connect(client, server)?.types("client"), ["opened"]);
  });

  it("takes a new psk by a new invite, and keeps the name and that the words were compared", () => {
    const { client, server, clock } = pairedPeople();
    const old = client.stored!;
    client.stored = { ...old, name: "A", comparedAtMs: 7 };
    server.machine.savePeer({ ...server.peers[0]!, name: "B", comparedAtMs: 8 });
    clock.pass(5_000);
    const invite = server.makeInvite("second");
    const [, byInvite] = client.credentials(invite);
    const meeting = new Meeting(client, server, byInvite!).run();
    assert.deepEqual(meeting.types("server"), ["opened"]);
    agree(client, server, invite);
    assert.notDeepEqual(client.stored.psk, old.psk);
    assert.deepEqual([client.stored.name, client.stored.comparedAtMs], ["A", 7]);
    assert.equal(client.stored.pairedAtMs, clock.now.wallMs);
    assert.deepEqual([server.peers[0]!.name, server.peers[0]!.comparedAtMs, server.peers.length], ["B", 8, 1]);
    meeting.cut();
    const bold = new Meeting(client, server, { type: "peer", psk: old.psk!, peer: old }).run();
    throwsLair(() => {
      throw bold.errors.server;
    }, "proof-unknown");
  });
});

describe("clientCredentials", () => {
  const serverKey = new Uint8Array(32).fill(1);
  const peer: Peer = {
    publicKey: serverKey,
    name: "anna",
    psk: new Uint8Array(32).fill(2),
    pairedAtMs: 0,
    comparedAtMs: undefined,
    url: URL,
    invitePsk: undefined,
  };
  const invite: Invite = { url: URL, psk: new Uint8Array(32).fill(3), serverKey };
  const invitePsk = new Uint8Array(32).fill(4);
  const byPeer = (known: Peer) => ({ type: "peer", psk: peer.psk, peer: known });

  it("is the invite alone for a stranger, and nothing without one", () => {
    assert.deepEqual(clientCredentials(undefined, invite), [
      { type: "invite", psk: invite.psk, serverKey, peer: undefined },
    ]);
    assert.deepEqual(clientCredentials(undefined, undefined), []);
  });

  it("is the pair first, then an invite that was given", () => {
    assert.deepEqual(clientCredentials(peer, undefined), [byPeer(peer)]);
    assert.deepEqual(clientCredentials(peer, invite), [
      byPeer(peer),
      { type: "invite", psk: invite.psk, serverKey, peer },
    ]);
  });

  it("is the pair first, then the invite that was kept beside it", () => {
    const known = { ...peer, invitePsk };
    assert.deepEqual(clientCredentials(known, undefined), [
      byPeer(known),
      { type: "invite", psk: invitePsk, serverKey, peer: known },
    ]);
  });

  it("prefers an invite that was given to the one that was kept", () => {
    const known = { ...peer, invitePsk };
    assert.deepEqual(clientCredentials(known, invite)[1]?.psk, invite.psk);
  });

  it("is nothing for a pair under a psk file", () => {
    assert.deepEqual(clientCredentials({ ...peer, psk: undefined }, undefined), []);
  });
});

describe("a peer as it is shown", () => {
  it("has its fingerprint, not its key and no psk", () => {
    const { client, server } = pairedPeople();
    const print = fingerprint(TOY_SUITE, server.identity);
    const { pairedAtMs } = client.stored!;
    assert.deepEqual(viewPeer(TOY_SUITE, client.stored!), {
      name: "anna",
      fingerprint: print,
      pairedAtMs,
      comparedAtMs: undefined,
    });
  });
});
