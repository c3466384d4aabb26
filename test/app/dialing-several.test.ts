// When a program without a person ends, if it talks with several: not while one of them goes on, and not while it is told
// by commands whom to connect to. Scripted attempts, and a clock that the test moves.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backoff } from "../../src/app/backoff.ts";
import type { Connecting, SessionOver } from "../../src/app/connecting.ts";
import type { ConnectTarget } from "../../src/app/connect-target.ts";
import type { Conversation } from "../../src/app/conversation.ts";
import { Dialing } from "../../src/app/dialing.ts";
import type { EndReason, ProgramEvent } from "../../src/app/events.ts";
import type { Messenger } from "../../src/app/messenger.ts";
import { LairError, type LairErrorCode } from "../../src/core/errors.ts";
import { findPeer, pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { OPENSSL_SUITE as suite } from "../../src/node/openssl-suite/suite.ts";
import { keysOf } from "../core/identity/keys-of.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";

interface Options {
  readonly names?: readonly string[];
  readonly muted?: readonly string[];
  readonly isCommanded?: boolean;
  readonly isOnce?: boolean;
  readonly isPatient?: boolean;
}

const targetOf = (peer: Peer): ConnectTarget | undefined =>
  peer.isMuted === true
    ? undefined
    : { url: peer.url!, how: "known", credentials: [{ type: "psk-file", psk: new Uint8Array(32), peer }] };

const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 4; turns++) await turn();
};

/** `names`: who is known here; the ones that are not muted are dialled. */
function setup({ names = ["ada", "bob"], muted = [], isCommanded, isOnce = false, isPatient = false }: Options = {}) {
  const clock = new ManualClock();
  const shown: ProgramEvent[] = [];
  const codes: number[] = [];
  const attempts: string[] = [];
  /** How the attempt that is under way ends, by name. */
  const under = new Map<string, { resolve: (over: SessionOver) => void; reject: (error: unknown) => void }>();
  let peers: readonly Peer[] = [];
  for (const [index, claimedName] of names.entries()) {
    const url = `ws://${claimedName}.example`;
    const peer = pairedPeer(suite, { ...keysOf(index + 1), claimedName, atMs: 1, url }, peers);
    peers = [...peers, muted.includes(claimedName) ? { ...peer, isMuted: true } : peer];
  }
  const peerOf = (name: string): Peer => peers.find((peer) => peer.name === name)!;
  const conversations = new Map<string, Conversation>();
  const conversationOf = (name: string): Conversation => {
    const existing = conversations.get(name);
    if (existing !== undefined) return existing;
    const made = {
      get peer() {
        return peerOf(name);
      },
      isOpen: false,
      isLeaving: false,
      isAbandoned: false,
      hasTalked: false,
      nextTry: undefined,
      address: { url: "", proxy: undefined },
      runner: undefined,
    } as unknown as Conversation;
    conversations.set(name, made);
    return made;
  };
  const connecting = {
    converse: async (_target: ConnectTarget, { peer }: Conversation): Promise<SessionOver> => {
      attempts.push(peer!.name);
      return await new Promise((resolve, reject) => under.set(peer!.name, { resolve, reject }));
    },
  };
  const dialing = new Dialing({
    connecting: connecting as unknown as Connecting,
    messenger: { with: (peer: Peer) => conversationOf(peer.name) } as unknown as Messenger,
    frontend: { show: (event) => void shown.push(event), regulateInput() {}, whenTaken() {}, close() {} },
    suite,
    clock,
    newBackoff: () => new Backoff((upTo) => upTo),
    isOnce,
    isPatient,
    isQueueing: false,
    ...(isCommanded === undefined ? {} : { isCommanded }),
    peers: () => peers,
    targetOf,
    targetFor: (peer, before) => targetOf(findPeer(peers, peer.publicKey)!) ?? before,
    proxyFor: () => undefined,
    onIdle: (code) => void codes.push(code),
  });
  for (const peer of peers) {
    const target = targetOf(peer);
    if (target !== undefined) dialing.dial(target);
  }
  return {
    clock,
    codes,
    attempts,
    settle,
    /** Why and for whom something has failed. */
    errors: () => shown.flatMap((event) => (event.type === "error" ? [[event.code, event.peer?.name]] : [])),
    waits: () => shown.flatMap((event) => (event.type === "reconnecting" ? [[event.code, event.peer?.name]] : [])),
    open: (name: string): void => void Object.assign(conversationOf(name), { isOpen: true, hasTalked: true }),
    /** Its session ends so. */
    end: async (name: string, reason: EndReason): Promise<void> => {
      Object.assign(conversationOf(name), { isOpen: false });
      under.get(name)!.resolve({ reason, error: undefined, peer: peerOf(name), gone: Promise.resolve() });
      await settle();
    },
    /** The attempt that is under way fails so. */
    fail: async (name: string, code: LairErrorCode = "unreachable"): Promise<void> => {
      under.get(name)!.reject(new LairError(code, `${code}.`));
      await settle();
    },
    mute: async (name: string, isMuted: boolean): Promise<void> => {
      peers = peers.map((peer) => (peer.name === name ? { ...peer, isMuted: isMuted ? true : undefined } : peer));
      dialing.changed(peerOf(name));
      await settle();
    },
    /** Every pause of the moment is over. */
    pass: async (): Promise<void> => {
      clock.pass(60_000);
      await settle();
    },
    dialing,
  };
}

describe("a program without a person that talks with several", () => {
  it("tries one that is down at the start again, as long as another is being tried or open", async () => {
    const { attempts, codes, errors, waits, open, fail, pass, end } = setup();
    await fail("ada");
    await pass();
    assert.deepEqual(attempts, ["ada", "bob", "ada"]);
    open("bob");
    for (let times = 0; times < 30; times++) {
      await fail("ada");
      await pass();
    }
    assert.equal(attempts.length, 33);
    open("ada");
    await end("bob", "cut");
    await pass();
    assert.deepEqual([attempts.at(-1), codes, errors(), waits()[0]], ["bob", [], [], ["unreachable", "ada"]]);
  });

  it("comes back to one whose person has left, as long as another goes on", async () => {
    const { attempts, codes, errors, open, pass, end } = setup();
    for (const name of ["ada", "bob"]) open(name);
    await end("bob", "closed");
    await pass();
    assert.deepEqual([attempts, codes], [["ada", "bob", "bob"], []]);
    open("bob");
    // Now the other one.
    await end("ada", "closed");
    await pass();
    assert.deepEqual([attempts.at(-1), codes, errors()], ["ada", [], []]);
    // It is being tried, and nobody is left that goes on: what comes of the attempt decides.
    await end("bob", "closed");
    assert.deepEqual(codes, []);
    open("ada");
    await pass();
    assert.deepEqual([attempts.at(-1), codes], ["bob", []]);
  });

  it("ends as with one once nobody goes on: each tells its own failure", async () => {
    const { attempts, codes, errors, fail } = setup();
    await fail("ada");
    assert.deepEqual([codes, errors()], [[], []]);
    await fail("bob");
    const failures = errors().toSorted((one, other) => String(one[1]).localeCompare(String(other[1])));
    assert.deepEqual(
      [codes, failures, attempts.length],
      [
        [3],
        [
          ["unreachable", "ada"],
          ["unreachable", "bob"],
        ],
        2,
      ],
    );
  });

  it("ends with 0 once the person of each has left, and with 3 if one of them never was there", async () => {
    const all = setup();
    for (const name of ["ada", "bob"]) all.open(name);
    for (const name of ["ada", "bob"]) await all.end(name, "closed");
    assert.deepEqual([all.codes, all.errors()], [[0], []]);
    const one = setup();
    await one.fail("ada");
    one.open("bob");
    await one.end("bob", "closed");
    assert.deepEqual([one.codes, one.errors()], [[3], [["unreachable", "ada"]]]);
  });

  it("does not wait for one that is refused, and not for the sake of one", async () => {
    const { attempts, codes, fail, pass } = setup();
    await fail("ada", "handshake-rejected");
    await pass();
    assert.deepEqual([attempts, codes], [["ada", "bob"], []]);
    await fail("bob");
    assert.deepEqual(codes, [4]);
  });

  it("ends when one that it has waited for is refused", async () => {
    const { codes, fail } = setup();
    await fail("ada");
    await fail("bob", "handshake-rejected");
    assert.deepEqual(codes, [4]);
  });

  it("makes one attempt each with --once", async () => {
    const { attempts, codes, fail, open, end } = setup({ isOnce: true });
    await fail("ada");
    open("bob");
    await end("bob", "closed");
    assert.deepEqual([attempts, codes], [["ada", "bob"], [3]]);
  });
});

describe("a program without a person that talks with one", () => {
  it("ends at once where nobody answers at the start, and when the other has left", async () => {
    const down = setup({ names: ["ada"] });
    await down.fail("ada");
    assert.deepEqual([down.codes, down.errors(), down.waits()], [[3], [["unreachable", "ada"]], []]);
    const left = setup({ names: ["ada"] });
    left.open("ada");
    await left.end("ada", "closed");
    assert.deepEqual([left.codes, left.errors(), left.waits()], [[0], [], []]);
  });
});

describe("a program that is given commands", () => {
  const isCommanded = true;

  it("stays when the last one is muted, and comes back when it is not muted any more", async () => {
    const { attempts, codes, open, end, mute } = setup({ names: ["ada"], isCommanded });
    open("ada");
    await mute("ada", true);
    await end("ada", "left");
    assert.deepEqual(codes, []);
    await mute("ada", false);
    assert.deepEqual([attempts, codes], [["ada", "ada"], []]);
  });

  it("goes on trying one that is not muted any more, whether others are muted or not", async () => {
    for (const names of [["ada"], ["ada", "bob"]]) {
      const { attempts, codes, errors, fail, pass, mute } = setup({ names, muted: names, isCommanded });
      await mute("ada", false);
      for (let times = 0; times < 3; times++) {
        await fail("ada");
        await pass();
      }
      assert.deepEqual([attempts.length, codes, errors()], [4, [], []]);
    }
  });

  it("does not stay for one that it was started without", async () => {
    const { codes, fail } = setup({ muted: ["bob"], isCommanded });
    await fail("ada");
    assert.deepEqual(codes, [3]);
  });
});
