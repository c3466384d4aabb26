// A hub as its member has it: known by what it says in HELLO, and never one who comes to somebody.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HUB, ROOMS } from "../../../src/core/channel/index.ts";
import type { Peer } from "../../../src/core/identity/peer.ts";
import { clientCredentials } from "../../../src/core/pairing/client-session.ts";
import { ClientPerson, connect, Meeting, type ServerPerson, strangers } from "./fixture.ts";

function hubAndMember() {
  const { server: hub, client: member, invite } = strangers();
  hub.capabilities = [HUB];
  hub.restart();
  member.capabilities = [ROOMS];
  return { hub, member, invite };
}

describe("a hub", () => {
  it("is stored as one by its member, and calls are carried; it stores its member as a person", () => {
    const { hub, member, invite } = hubAndMember();
    const meeting = connect(member, hub, invite)!;
    assert.equal(member.stored?.isHub, true);
    assert.ok(meeting.client.chatSession?.transfers !== undefined);
    assert.equal(hub.peers[0]?.isHub, undefined);
  });

  it("is found to be one by somebody who has paired before it was, and stays one", () => {
    const { server, client, invite } = strangers();
    client.capabilities = [ROOMS];
    connect(client, server, invite)!.cut();
    assert.equal(client.stored?.isHub, undefined);
    for (const capabilities of [[HUB], []]) {
      server.capabilities = capabilities;
      server.restart();
      connect(client, server)!.cut();
      assert.equal(client.stored?.isHub, true);
    }
  });

  it("cannot come to its member by the secret of the pair", () => {
    const { server: waiting, clock } = strangers();
    const rest = {
      psk: waiting.random.bytes(32),
      pairedAtMs: 1,
      comparedAtMs: undefined,
      url: undefined,
      invitePsk: undefined,
    };
    const coming = new ClientPerson({ name: "hub", seed: 9, clock });
    const peerOf = ({ identity: { publicKey, signatureKey }, name }: ClientPerson | ServerPerson): Peer => {
      return { ...rest, publicKey, signatureKey, name };
    };
    coming.stored = peerOf(waiting);
    for (const [isHub, opened] of [
      [undefined, true],
      [true, false],
    ] as const) {
      waiting.machine.savePeer({ ...peerOf(coming), isHub });
      const meeting = new Meeting(coming, waiting, clientCredentials(coming.stored, undefined)[0]!).run();
      assert.equal(meeting.types("server").includes("opened"), opened);
      meeting.cut();
    }
  });
});
