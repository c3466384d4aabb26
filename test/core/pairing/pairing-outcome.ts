// What a pairing must have come to, however it was interrupted (docs/PROTOCOL.md §9.2).

import assert from "node:assert/strict";
import { equalInConstantTime } from "../../../src/core/bytes.ts";
import type { Invite } from "../../../src/core/identity/invite.ts";
import { throwsLair } from "../../throws-lair.ts";
import { ClientPerson, type ServerPerson, Meeting } from "./fixture.ts";

/** Both hold the same psk, and it is not the invite's. */
export function agree(client: ClientPerson, server: ServerPerson, invite: Invite): void {
  const theirs = server.peers.find(({ publicKey }) => equalInConstantTime(publicKey, client.identity.publicKey));
  assert.ok(client.stored?.psk !== undefined && theirs?.psk !== undefined);
  assert.deepEqual(client.stored.psk, theirs.psk);
  assert.notDeepEqual(client.stored.psk, invite.psk);
  assert.deepEqual(client.stored.publicKey, server.identity.publicKey);
}

/** Nobody gets an answer with the invite, now or after a restart, and neither side keeps it. */
export function isSpent(invite: Invite, client: ClientPerson, server: ServerPerson): void {
  assert.equal(client.stored?.invitePsk, undefined);
  assert.deepEqual(server.invites, []);
  for (const restart of [false, true]) {
    if (restart) server.restart();
    const attacker = new ClientPerson({ clock: server.clock, seed: 99 });
    const credential = { type: "invite", psk: invite.psk, serverKey: invite.serverKey, peer: undefined } as const;
    const meeting = new Meeting(attacker, server, credential).run();
    throwsLair(() => {
      throw meeting.errors.server;
    }, "proof-unknown");
    assert.equal(meeting.sent.server.length, 0);
  }
}
