// Where a client connects and with which secrets, from its arguments and its home; nobody is asked.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { toHex } from "../../src/core/bytes.ts";
import type { LairError } from "../../src/core/errors.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { formatRoomLink } from "../../src/core/room/room-link.ts";
import { parseInvite } from "../../src/core/identity/invite.ts";
import { LineReader } from "../../src/node/line-reader.ts";
import { openHome } from "../node/home/open-home.ts";
import { type ClientArguments, parseClientArguments } from "../../src/cli/arguments.ts";
import { findTarget, findTargets } from "../../src/cli/connect-target.ts";
import { somePsk } from "../core/identity/known-keys.ts";
import { inviteOf } from "../node/home/places.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { keysOf } from "../core/identity/keys-of.ts";

const URL = "ws://127.0.0.1:4321";
const bytes = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);

/** Somebody met at the address, at that time; with a psk, by an invite. */
function peerOf(seed: number, atMs: number, { psk, url = URL }: { psk?: Uint8Array; url?: string } = {}): Peer {
  const pairing = psk === undefined ? undefined : { psk, invitePsk: undefined };
  return pairedPeer(OPENSSL_SUITE, { ...keysOf(seed), claimedName: `peer ${seed}`, atMs, pairing, url }, []);
}

function client(t: TestContext, ...peers: readonly Peer[]) {
  const place = mkdtempSync(join(tmpdir(), "lair-plan-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const pskFile = join(place, "psk");
  writeFileSync(pskFile, toHex(somePsk), { mode: 0o600 });
  const home = openHome(join(place, "home"), "client");
  for (const peer of peers) home.pairings.savePeer(peer);
  const planOf = (...argv: string[]) => {
    const args = parseClientArguments(argv);
    assert.ok(!("asked" in args || "command" in args || "subcommand" in args), "it is to start");
    return findTarget(OPENSSL_SUITE, args satisfies ClientArguments, home, home.pairings, undefined);
  };
  const plansOf = (...argv: string[]) => {
    const args = parseClientArguments(argv);
    assert.ok(!("asked" in args || "command" in args || "subcommand" in args), "it is to start");
    return findTargets(OPENSSL_SUITE, args, home, home.pairings, new LineReader(Readable.from([])));
  };
  /** With a pipe at standard input. */
  const planWithInput = (input: string) => {
    const args = parseClientArguments([]);
    assert.ok(!("asked" in args || "command" in args || "subcommand" in args), "it is to start");
    return findTarget(OPENSSL_SUITE, args, home, home.pairings, new LineReader(Readable.from([Buffer.from(input)])));
  };
  return { pskFile, planOf, plansOf, planWithInput };
}

describe("arguments that name a server twice", () => {
  const [ann, ben] = [peerOf(1, 1, { psk: somePsk }), peerOf(2, 2, { psk: somePsk, url: "ws://127.0.0.1:4322" })];
  const [annName, benName] = ["peer 1", "peer 2"];
  const annLetters = fingerprint(OPENSSL_SUITE, ann).slice(0, 14);

  for (const argv of [
    ["--peer", annName, "--to", benName],
    ["--queue", "--peer", annName, "--to", benName],
    ["--peer", annLetters, "--to", benName],
    ["--json", "--peer", annName, "--to", benName],
  ]) {
    it(`are refused for two of them: ${argv.join(" ")}`, async (t) => {
      const { plansOf } = client(t, ann, ben);
      await assert.rejects(plansOf(...argv), (error: LairError) => {
        assert.equal(error.code, "usage");
        assert.match(error.message, /both "peer 1" and "peer 2"/);
        return /Name one of them only/.test(error.hint ?? "");
      });
    });
  }

  it("are refused for a name in the place of the address as well", async (t) => {
    const { plansOf } = client(t, { ...ann, name: "ann" }, { ...ben, name: "ben" });
    for (const argv of [
      ["--to", "ann", "ben"],
      ["ann", "--peer", "ben"],
    ])
      await assert.rejects(plansOf(...argv), { code: "usage" });
    assert.deepEqual(
      (await plansOf("--to", "ann", "ann")).map(({ url }) => url),
      [URL],
    );
  });

  it("are taken for one", async (t) => {
    const { plansOf } = client(t, ann, ben);
    for (const argv of [
      ["--peer", annName, "--to", annLetters],
      ["--peer", annName],
      ["--to", annName],
    ]) {
      assert.deepEqual(
        (await plansOf(...argv)).map(({ url }) => url),
        [URL],
      );
    }
  });

  it("are told of the option that names nobody", async (t) => {
    const { plansOf } = client(t, ann, ben);
    for (const argv of [
      ["--to", "x"],
      ["--peer", annName, "--to", "x"],
    ]) {
      await assert.rejects(plansOf(...argv), (error: LairError) => {
        return error.code === "peer-unknown" && error.hint?.startsWith("Give --to one") === true;
      });
    }
  });
});

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

describe("a plan with --queue", () => {
  it("is for who is known, and for nobody else: an invite is not taken from the lines that are to be kept", async (t) => {
    const peer = peerOf(1, 5, { psk: bytes(7) });
    assert.deepEqual((await client(t, peer).planOf("--queue")).credentials[0]?.peer, peer);
    const nobody = client(t);
    for (const argv of [[], [URL], [URL, "--psk-file", nobody.pskFile]]) {
      await assert.rejects(nobody.planOf("--queue", ...argv), { code: "usage", message: /not paired/ });
    }
  });

  it("is for nobody under a psk file that has not met the server", async (t) => {
    const { planOf, pskFile } = client(t, peerOf(1, 5, { psk: bytes(7), url: "ws://127.0.0.1:1" }));
    await assert.rejects(planOf("--queue", URL, "--psk-file", pskFile), { code: "usage", message: /not paired/ });
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

describe("a plan with --peer", () => {
  const [ada, bob] = [peerOf(1, 5, { psk: bytes(7) }), peerOf(2, 6, { psk: bytes(8), url: "ws://127.0.0.1:1" })];
  const NEW = "ws://bücher.example:9";
  const credentials = [{ type: "peer", psk: bob.psk, peer: bob }];

  it("follows the one of several who has moved, by name or by fingerprint", async (t) => {
    const { planOf } = client(t, ada, bob);
    const print = fingerprint(OPENSSL_SUITE, bob);
    for (const who of ["peer 2", " PEER 2 ", print, print.replaceAll(" ", "").slice(0, 8).toUpperCase()]) {
      const target = await planOf("--peer", who, NEW, "--json");
      assert.deepEqual(target, { url: "ws://xn--bcher-kva.example:9", how: "known", credentials }, who);
    }
  });

  it("finds a name without its joiners, and not by letters that only look the same", async (t) => {
    const named = { ...bob, name: "علی\u200cرضا" };
    const { planOf } = client(t, { ...ada, name: "аnna" }, named);
    for (const who of ["علی\u200cرضا", "علیرضا"]) {
      const { credentials: found } = await planOf("--peer", who);
      assert.deepEqual(found, [{ type: "peer", psk: bob.psk, peer: named }]);
    }
    await assert.rejects(planOf("--peer", "anna"), { code: "peer-unknown" });
  });

  it("chooses at the address that is known, and whoever was met last at another's", async (t) => {
    const { planOf } = client(t, ada, bob);
    assert.deepEqual(await planOf("--peer", "peer 2"), { url: bob.url, how: "known", credentials });
    assert.deepEqual(await planOf("--peer", "peer 2", URL), { url: URL, how: "known", credentials });
  });

  it("chooses under a psk file as well", async (t) => {
    const { planOf, pskFile } = client(t, ada, bob);
    const plan = { how: "psk-file", credentials: [{ type: "psk-file", psk: somePsk, peer: bob }] };
    assert.deepEqual(await planOf("--peer", "peer 2", "--psk-file", pskFile), { ...plan, url: bob.url });
    assert.deepEqual(await planOf("--peer", "peer 2", "--psk-file", pskFile, URL), { ...plan, url: URL });
  });

  it("is refused for nobody, and for fewer letters than could be somebody's by chance", async (t) => {
    const { planOf } = client(t, ada, bob);
    const start = fingerprint(OPENSSL_SUITE, bob).replaceAll(" ", "").slice(0, 7);
    for (const who of ["carol", start, "peer"]) {
      await assert.rejects(planOf("--peer", who, NEW), (error: LairError) => {
        assert.deepEqual([error.code, error.details.length], ["peer-unknown", 2]);
        return true;
      });
    }
    await assert.rejects(client(t).planOf("--peer", "ada"), { code: "peer-unknown" });
  });

  it("is what is missing where several are known, and not an address that was given", async (t) => {
    const { planOf } = client(t, ada, bob);
    await assert.rejects(planOf(NEW), (error: LairError) => {
      assert.match(error.hint!, /^None of them was ever reached at ws:\/\/xn--bcher-kva\.example:9\. .* --peer NAME$/);
      return true;
    });
    await assert.rejects(planOf(), (error: LairError) => /--peer NAME/.test(error.hint!));
  });

  it("is not needed where one only is known, wherever that one is now", async (t) => {
    const { planOf } = client(t, ada);
    const { url, credentials: of } = await planOf(NEW);
    assert.deepEqual([url, of[0]?.peer], ["ws://xn--bcher-kva.example:9", ada]);
  });
});

describe("a plan for a peer that nobody is", () => {
  it("lists who is known and how to name one, or says to pair first", async (t) => {
    const { planOf } = client(t, peerOf(1, 5));
    await assert.rejects(planOf("--peer", "nobody"), (error: LairError) => {
      assert.equal(error.code, "peer-unknown");
      assert.match(error.hint!, /^Give --peer one of these names, or the first eight/);
      return error.details?.length === 1;
    });
    await assert.rejects(client(t).planOf("--peer", "nobody"), (error: LairError) => {
      assert.match(error.message, /^Nobody is paired here yet/);
      return error.hint!.startsWith("Pair first: start lair-client without --peer");
    });
  });
});

describe("a plan of a client that is not paired", () => {
  it("takes the first line of a pipe for the invite, and says so where it is none", async (t) => {
    const { planWithInput } = client(t);
    assert.equal((await planWithInput(`${inviteOf(1)}\nhello\n`)).how, "invite");
    await assert.rejects(planWithInput("the backup is done\n"), (error: LairError) => {
      assert.equal(error.code, "invite-malformed");
      assert.match(error.message, /^This client is not paired yet, so the first line of its input must be an invite/);
      assert.match(error.hint!, /--invite-file FILE/);
      assert.ok(!JSON.stringify([error.message, error.details]).includes("backup"), "it is not repeated");
      return true;
    });
  });
});

describe("a plan with --invite-file", () => {
  it("takes the invite from behind a byte order mark, and says of what is not UTF-8 that it is not", async (t) => {
    const { pskFile: path, planOf } = client(t);
    const invite = inviteOf(1);
    writeFileSync(path, `\ufeff${invite}\r\n`);
    const { how, credentials } = await planOf("--invite-file", path);
    assert.deepEqual([how, credentials.length], ["invite", 1]);
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [Buffer.from(`\ufeff${invite}`, "utf16le"), /named as the invite file, is UTF-16, not UTF-8\.$/],
      [Buffer.from(`\ufeff${invite}`, "utf16le").swap16(), /is UTF-16/],
      [Buffer.from(invite, "utf16le"), /is UTF-16/],
      [Buffer.from(`${invite}\n\u00e9`, "latin1"), /is not text in UTF-8/],
    ];
    for (const [content, message] of cases) {
      writeFileSync(path, content);
      await assert.rejects(planOf("--invite-file", path), { code: "invite-malformed", message });
    }
  });
});

function urlsOf(targets: readonly { readonly url: string }[]): readonly string[] {
  return targets.map(({ url }) => url);
}

describe("a plan for a hub", () => {
  const ada = peerOf(1, 5, { psk: bytes(7) });
  const hub: Peer = { ...peerOf(2, 6, { psk: bytes(8), url: "ws://127.0.0.1:1" }), name: "hub", isHub: true };
  const other: Peer = { ...peerOf(3, 7, { psk: bytes(9), url: "ws://127.0.0.1:2" }), name: "other", isHub: true };

  it("is one of all, for a person at the prompt and for programs", async (t) => {
    const { plansOf } = client(t, ada, hub);
    assert.deepEqual(urlsOf(await plansOf("--json")), [URL, hub.url]);
    assert.deepEqual(urlsOf(await client(t, hub).plansOf("--json")), [hub.url]);
    assert.deepEqual(urlsOf(await plansOf("--json", "hub")), [hub.url]);
  });

  it("is none for the lines of a pipe, unless they are for a room", async (t) => {
    const { plansOf, planOf } = client(t, ada, hub, other);
    assert.deepEqual(urlsOf(await plansOf()), [URL]);
    assert.deepEqual(urlsOf(await plansOf("--to", "#ops")), [hub.url, other.url]);
    assert.equal((await planOf("--queue")).url, URL);
    await assert.rejects(client(t, ada).plansOf("--to", "#ops"), { code: "usage", message: /there is no room #ops/ });
    await assert.rejects(client(t, hub).plansOf(), (error: LairError) => /--to "#ROOM"/.test(error.hint ?? ""));
  });

  it("comes from a link to a room, in a file or in the first line of a pipe", async (t) => {
    const { pskFile: path, planOf, planWithInput } = client(t);
    const invite = parseInvite(inviteOf(1));
    const link = formatRoomLink({ invite, room: bytes(4).slice(16), id: bytes(5).slice(16), secret: bytes(6) });
    writeFileSync(path, `Here it is: ${link}\n`);
    for (const target of [await planOf("--invite-file", path), await planWithInput(`${link}\n`)]) {
      const credentials = [{ type: "invite", psk: invite.psk, serverKey: invite.serverKey, peer: undefined }];
      assert.deepEqual(target, { url: invite.url, how: "invite", credentials, roomLink: link });
    }
    assert.throws(() => parseClientArguments([link]), { code: "usage", message: /secret/ });
  });
});
