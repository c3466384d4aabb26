// Not who was expected: a key that is not the pinned one, on either side.

import assert from "node:assert/strict";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Peer } from "../../src/core/identity/peer.ts";
import type { Program } from "./program.ts";
import { connected, pair, Fixture } from "./fixture.ts";
import { withAnotherIdentity, withPairings } from "./stored-pairings.ts";

const PRINT = /([a-z2-7]{4} ){7}[a-z2-7]{4}/g;

describe("two that know each other", () => {
  const fixture = new Fixture();
  let home: string;
  let listen: readonly string[];
  let server: Program;
  let client: Program;
  before(async () => {
    listen = await fixture.ownListen();
    ({ home, server, client } = await pair(fixture, { server: { args: listen } }));
    client.tell({ command: "quit" });
    await client.leaves(0);
    await server.next("disconnected");
  });
  after(() => fixture.clear());

  it("a client whose key changed is turned away with 4; the server shows both fingerprints and goes on", async () => {
    await withAnotherIdentity(home, "client");
    const stranger = fixture.client({ home });
    await stranger.leaves(4);
    assert.match(String(stranger.all("error")[0]?.["message"]), /hung up after it had seen your key/);
    assert.deepEqual(stranger.all("connected"), []);

    const error = await server.next("error");
    assert.equal(error["code"], "peer-key-changed");
    const prints = [...(error["details"] as string[]).join("\n").matchAll(PRINT)].map(([print]) => print);
    const known = (server.all("connected")[0]!["peer"] as { fingerprint: string }).fingerprint;
    assert.equal(prints.length, 2);
    assert.ok(prints.includes(known));
    assert.equal(server.all("connected").length, 1);

    const identity = join(home, "client", "identity.json");
    rmSync(identity);
    renameSync(`${identity}.aside`, identity);
    client = fixture.client({ home });
    await connected(server, client);
  });

  it("a server whose key changed is left with 4: both fingerprints are shown and the pairing is kept", async () => {
    server.tell({ command: "quit" });
    await Promise.all([server.leaves(0), client.leaves(0)]);
    // Somebody has got hold of the pairings, but not of the identity: the psk is right, the key is not.
    await withAnotherIdentity(home, "server");
    const impostor = fixture.server({ home, args: listen });
    await impostor.next("listening");
    const peers = (): Promise<readonly Peer[]> => withPairings(home, "client", (pairings) => pairings.peers());
    const known = await peers();
    const refused = fixture.client({ home, json: false });
    await refused.leaves(4);
    const shown = refused.stdout + refused.stderr;
    assert.match(shown, /peer-key-changed/);
    const prints = [...shown.matchAll(PRINT)].map(([print]) => print);
    for (const side of [server, impostor]) assert.ok(prints.includes(String(side.all("listening")[0]!["fingerprint"])));
    assert.match(shown, /pair again with a new invite/);
    assert.equal(known.length, 1);
    assert.deepEqual(await peers(), known);
    assert.deepEqual(impostor.all("connected"), []);
  });
});
