// Pairing by an invite and meeting again (docs/PROTOCOL.md §9.2, §9.3).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientCredentials } from "../../../src/core/pairing/client-session.ts";
import { viewPeer } from "../../../src/core/identity/peer-view.ts";
import { fingerprint, shortFingerprint } from "../../../src/core/identity/fingerprint.ts";
import type { Invite } from "../../../src/core/identity/invite.ts";
import type { Peer } from "../../../src/core/identity/peer.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { connect, DAY_MS, GuestPerson, Meeting, pairedPeople, strangers, URL } from "./fixture.ts";
import { agree, isSpent } from "./pairing-outcome.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";

describe("what is changed of a peer while it is away", () => {
  it("is not undone by a line whose secret was chosen before", () => {
    const { guest, host } = pairedPeople();
    const [credential] = guest.credentials();
    guest.stored = { ...guest.stored!, name: "Annette", comparedAtMs: 7 };
    const meeting = new Meeting(guest, host, credential!).run();
    assert.deepEqual([meeting.client.peer?.name, meeting.client.peer?.comparedAtMs], ["Annette", 7]);
    assert.equal(guest.stored.name, "Annette");
  });
});

describe("pairing by an invite (§9.2)", () => {
  it("opens both lines, tells that the two have just been paired, and each pins the other", () => {
    const { guest, host, byInvite, clock } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run();
    assert.deepEqual(meeting.events, {
      guest: [{ type: "opened", peer: guest.stored, pairedNow: true }],
      host: [{ type: "opened", peer: host.peers[0], pairedNow: true }],
    });
    assert.deepEqual(meeting.client.peer, guest.stored);
    assert.deepEqual(meeting.server.peer, host.peers[0]);
    const { psk, publicKey, ...seenByGuest } = guest.stored!;
    const pairedAtMs = clock.now.wallMs;
    assert.deepEqual(publicKey, host.identity.publicKey);
    assert.equal(psk?.length, 32);
    assert.deepEqual(seenByGuest, {
      name: "anna",
      pairedAtMs,
      comparedAtMs: undefined,
      url: URL,
      invitePsk: undefined,
    });
    assert.equal(host.peers[0]!.name, "bert");
    assert.equal(host.peers[0]!.url, undefined);
  });

  it("puts a psk that both have derived in the place of the invite's, which opens nothing afterwards", () => {
    const { guest, host, byInvite, invite } = strangers();
    new Meeting(guest, host, byInvite).run().cut();
    agree(guest, host, invite);
    isSpent(invite, guest, host);
  });

  it("stores the pair at the guest before message 3 leaves, with the invite beside it until the first frame", () => {
    const { guest, host, byInvite, invite } = strangers();
    const meeting = new Meeting(guest, host, byInvite);
    meeting.run(1);
    assert.deepEqual(guest.written, []);
    meeting.deliver("host");
    assert.deepEqual(guest.stored!.invitePsk, invite.psk);
    assert.equal(meeting.sent.guest.length, 1);
    assert.equal(meeting.client.isAccepted, false);
    assert.deepEqual(meeting.types("guest"), []);
    meeting.run();
    assert.equal(guest.stored?.invitePsk, undefined);
    assert.equal(meeting.client.isAccepted, true);
    assert.equal(guest.written.length, 2);
  });

  it("stores the pair at the host before its first frame leaves", () => {
    const { guest, host, byInvite } = strangers();
    const meeting = new Meeting(guest, host, byInvite).run(2);
    assert.deepEqual(host.peers, []);
    meeting.deliver("guest");
    assert.equal(host.peers.length, 1);
    assert.deepEqual(host.invites, []);
    assert.equal(meeting.sent.host.length, 1);
  });

  it("calls somebody without a visible name by the fingerprint", () => {
    const { host, invite, clock } = strangers();
    const guest = new GuestPerson({ clock, seed: 3, name: "\u200b\u202e" });
    assert.notEqual(connect(guest, host, invite), undefined);
    assert.equal(host.peers[0]!.name, shortFingerprint(TOY_SUITE, guest.identity.publicKey));
    const other = strangers();
    Object.assign(other.host, { name: "\u2066" });
    other.host.restart();
    assert.notEqual(connect(other.guest, other.host, other.invite), undefined);
    assert.equal(other.guest.stored!.name, shortFingerprint(TOY_SUITE, other.host.identity.publicKey));
  });

  it("cleans the names that the two claim", () => {
    const { host, invite, clock } = strangers();
    const guest = new GuestPerson({ clock, seed: 3, name: "be\u202ert  b" });
    connect(guest, host, invite);
    assert.equal(host.peers[0]!.name, "bert b");
  });
});

describe("meeting again (§9.3)", () => {
  it("opens by the psk of the pair and changes nothing but the address", () => {
    const { guest, host, clock } = pairedPeople();
    guest.stored = { ...guest.stored!, url: undefined, comparedAtMs: 7, name: "Anna from work" };
    const [before, theirs] = [guest.stored, host.peers[0]];
    clock.pass(DAY_MS);
    const meeting = connect(guest, host)!;
    assert.deepEqual(meeting.events.guest, [{ type: "opened", peer: { ...before, url: URL }, pairedNow: false }]);
    assert.deepEqual(meeting.events.host, [{ type: "opened", peer: theirs, pairedNow: false }]);
    assert.deepEqual(guest.stored, { ...before, url: URL });
    assert.deepEqual(host.server.peers, [theirs]);
  });

  it("opens after both have been restarted", () => {
    const { guest, host } = pairedPeople();
    host.restart();
    assert.deepEqual(connect(guest, host)?.types("guest"), ["opened"]);
  });

  it("takes a new psk by a new invite, and keeps the name and that the words were compared", () => {
    const { guest, host, clock } = pairedPeople();
    const old = guest.stored!;
    guest.stored = { ...old, name: "A", comparedAtMs: 7 };
    host.server.savePeer({ ...host.peers[0]!, name: "B", comparedAtMs: 8 });
    clock.pass(5_000);
    const invite = host.makeInvite("second");
    const [, byInvite] = guest.credentials(invite);
    const meeting = new Meeting(guest, host, byInvite!).run();
    assert.deepEqual(meeting.types("host"), ["opened"]);
    agree(guest, host, invite);
    assert.notDeepEqual(guest.stored.psk, old.psk);
    assert.deepEqual([guest.stored.name, guest.stored.comparedAtMs], ["A", 7]);
    assert.equal(guest.stored.pairedAtMs, clock.now.wallMs);
    assert.deepEqual([host.peers[0]!.name, host.peers[0]!.comparedAtMs, host.peers.length], ["B", 8, 1]);
    meeting.cut();
    const bold = new Meeting(guest, host, { type: "peer", psk: old.psk!, peer: old }).run();
    throwsLair(() => {
      throw bold.errors.host;
    }, "proof-unknown");
  });
});

describe("guestCredentials", () => {
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
    const { guest, host } = pairedPeople();
    const print = fingerprint(TOY_SUITE, host.identity.publicKey);
    const { pairedAtMs } = guest.stored!;
    assert.deepEqual(viewPeer(TOY_SUITE, guest.stored!), {
      name: "anna",
      fingerprint: print,
      pairedAtMs,
      comparedAtMs: undefined,
    });
  });
});
