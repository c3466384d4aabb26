// A person is forgotten: at a running program, and by a command without a connection. test/long/subcommands.test.ts has more.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RestartablePair } from "./restartable-pair.ts";
import { Fixture } from "./fixture.ts";
import { withPairings } from "./stored-pairings.ts";

interface PeerJson {
  readonly fingerprint: string;
}

describe("forget-peer", () => {
  it("makes a stranger of the client at a running server, who gets no answer, and of the server by a command", async (t) => {
    const fixture = new Fixture(t);
    const pair = await RestartablePair.begin(fixture, { server: { args: ["--history", "forever"] } });
    const { server, client } = pair;
    client.tell({ send: "hello" });
    await server.next("message");
    await client.next("delivered");
    const bert = server.all("connected")[0]!["peer"] as PeerJson;
    server.tell({ command: "forget-peer", who: "nobody of this name" });
    assert.equal((await server.next("error"))["code"], "peer-unknown");
    server.tell({ command: "forget-peer", who: bert.fingerprint.slice(0, 9), history: true });
    assert.deepEqual(await server.next("peer-forgotten"), { event: "peer-forgotten", peer: bert, history: true });
    assert.equal((await client.next("disconnected"))["reason"], "closed");
    await client.leaves(0);
    server.tell({ command: "peers" });
    assert.deepEqual((await server.next("peers"))["peers"], []);
    server.tell({ send: "to nobody" });
    assert.equal((await server.next("error"))["code"], "not-connected");

    const again = pair.startClient({ args: ["--once"] });
    assert.equal((await again.next("error"))["code"], "handshake-rejected");
    await again.exited;
    assert.equal(server.all("connected").length, 1);
    server.tell({ command: "quit" });
    await server.leaves(0);

    const anna = (client.all("connected")[0]!["peer"] as PeerJson).fingerprint;
    const args = ["forget-peer", anna.replaceAll(" ", ""), "--with-history", "--yes"];
    const command = fixture.command("lair-client", { home: pair.homes.client, args });
    assert.equal((await command.next("peer-forgotten"))["history"], true);
    await command.leaves(0);
    assert.deepEqual(await withPairings(pair.homes.client, "client", (pairings) => pairings.peers()), []);
  });
});
