// What a pairing must have come to, however it was interrupted (docs/PROTOCOL.md §9.2).

import assert from "node:assert/strict";
import { equalInConstantTime } from "../../../src/core/bytes.ts";
import type { Invite } from "../../../src/core/identity/invite.ts";
import { throwsLair } from "../channel/throws-lair.ts";
import { GuestPerson, type HostPerson, Meeting } from "./fixture.ts";

/** Both hold the same psk, and it is not the invite's. */
export function agree(guest: GuestPerson, host: HostPerson, invite: Invite): void {
  const theirs = host.peers.find(({ publicKey }) => equalInConstantTime(publicKey, guest.identity.publicKey));
  assert.ok(guest.stored?.psk !== undefined && theirs?.psk !== undefined);
  assert.deepEqual(guest.stored.psk, theirs.psk);
  assert.notDeepEqual(guest.stored.psk, invite.psk);
  assert.deepEqual(guest.stored.publicKey, host.identity.publicKey);
}

/** Nobody gets an answer with the invite, now or after a restart, and neither side keeps it. */
export function isSpent(invite: Invite, guest: GuestPerson, host: HostPerson): void {
  assert.equal(guest.stored?.invitePsk, undefined);
  assert.deepEqual(host.invites, []);
  for (const restart of [false, true]) {
    if (restart) host.restart();
    const attacker = new GuestPerson({ clock: host.clock, seed: 99 });
    const credential = { type: "invite", psk: invite.psk, serverKey: invite.serverKey, peer: undefined } as const;
    const meeting = new Meeting(attacker, host, credential).run();
    throwsLair(() => {
      throw meeting.errors.host;
    }, "proof-unknown");
    assert.equal(meeting.sent.host.length, 0);
  }
}
