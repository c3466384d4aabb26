// Where a client connects and with which secrets, from its arguments and its home; nobody is asked.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { toHex } from "../../src/core/bytes.ts";
import { pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { openHome } from "../../src/node/home/home.ts";
import { type ClientArguments, parseClientArguments } from "../../src/program/arguments.ts";
import { makePlan } from "../../src/program/plan.ts";
import { somePsk } from "../core/identity/known-keys.ts";

const URL = "ws://127.0.0.1:4321";
const bytes = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);

/** Somebody met at the address, at that time; with a psk, by an invite. */
function peerOf(seed: number, atMs: number, { psk, url = URL }: { psk?: Uint8Array; url?: string } = {}): Peer {
  const pairing = psk === undefined ? undefined : { psk, invitePsk: undefined };
  return pairedPeer({ publicKey: bytes(seed), claimedName: `peer ${seed}`, atMs, pairing, url }, []);
}

function client(t: TestContext, ...peers: readonly Peer[]) {
  const place = mkdtempSync(join(tmpdir(), "lair-plan-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const pskFile = join(place, "psk");
  writeFileSync(pskFile, toHex(somePsk), { mode: 0o600 });
  const home = openHome(join(place, "home"), "client");
  for (const peer of peers) home.savePeer(peer);
  const planOf = (...argv: string[]) => {
    const args = parseClientArguments(argv);
    assert.ok(!("asked" in args || "command" in args || "errand" in args), "it is to start");
    return makePlan(args satisfies ClientArguments, home, undefined);
  };
  return { pskFile, planOf };
}

describe("a plan with --psk-file", () => {
  it("expects nobody at an address that is new", async (t) => {
    const { pskFile, planOf } = client(t);
    assert.deepEqual(await planOf(URL, "--psk-file", pskFile), {
      url: URL,
      how: "psk-file",
      credentials: [{ type: "psk-file", psk: somePsk, peer: undefined }],
    });
  });

  it("expects who is known at the address, also from an invite", async (t) => {
    for (const peer of [peerOf(1, 5), peerOf(1, 5, { psk: bytes(7) })]) {
      const { pskFile, planOf } = client(t, peer);
      assert.deepEqual((await planOf(URL, "--psk-file", pskFile)).credentials[0]?.peer, peer);
    }
  });

  it("needs no address when one server only is known by a psk file", async (t) => {
    const { pskFile, planOf } = client(t, peerOf(1, 5), peerOf(2, 6, { psk: bytes(7), url: "ws://127.0.0.1:1" }));
    assert.equal((await planOf("--psk-file", pskFile)).url, URL);
    const nobody = client(t);
    await assert.rejects(nobody.planOf("--psk-file", nobody.pskFile), { code: "usage" });
  });
});

describe("a plan for an address where two are known", () => {
  it("is for the one that was paired last: the server was set up anew", async (t) => {
    const [old, anew] = [peerOf(1, 5, { psk: bytes(7) }), peerOf(2, 9, { psk: bytes(8) })];
    for (const peers of [
      [old, anew],
      [anew, old],
    ]) {
      const { planOf } = client(t, ...peers);
      assert.deepEqual((await planOf(URL)).credentials, [{ type: "peer", psk: anew.psk, peer: anew }]);
    }
  });
});
