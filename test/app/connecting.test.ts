// How a client comes to a conversation, over carriers in memory: which secret it tries, what it asks its person, and how
// its line ended.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgramEvent } from "../../src/app/events.ts";
import type { ClientCredential } from "../../src/core/pairing/client-session.ts";
import type { ServerSession } from "../../src/core/pairing/server-session.ts";
import type { PublicIdentity } from "../../src/core/identity/identity.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { pairedPeer, type Peer } from "../../src/core/identity/peer.ts";
import { safetyWords } from "../../src/core/identity/safety-words.ts";
import { SessionRunner } from "../../src/app/session-runner.ts";
import { Connecting, type SessionOver } from "../../src/app/connecting.ts";
import { FairTurns } from "../../src/app/fair-turns.ts";
import { Backoff } from "../../src/app/backoff.ts";
import type { ConnectTarget } from "../../src/app/connect-target.ts";
import { Reconnecting } from "../../src/app/reconnect.ts";
import { Messenger } from "../../src/app/messenger.ts";
import { ClientPerson, ServerPerson, strangers, URL } from "../core/pairing/fixture.ts";
import { TOY_SUITE } from "../core/channel/toy-suite.ts";
import { turn } from "./fake-carrier.ts";
import { joinCarriers } from "./joined-carriers.ts";
import { ManualClock } from "../node/manual-clock.ts";

const PSK = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 0xff);
const BY_FILE: ClientCredential = { type: "psk-file", psk: PSK, peer: undefined };

const planOf = (how: ConnectTarget["how"], ...credentials: ClientCredential[]): ConnectTarget => ({
  url: URL,
  how,
  credentials,
});

function setup({ trustFirst = false, leaves = true } = {}) {
  const clock = new ManualClock();
  const serverPerson = new ServerPerson({ name: "anna", seed: 1, clock: clock.time });
  serverPerson.psk = PSK;
  serverPerson.restart();
  const clientPerson = new ClientPerson({ name: "bert", seed: 2, clock: clock.time });
  const saved: Peer[] = [];
  const shown: ProgramEvent[] = [];
  /** The server's lines that are talked over. */
  const opened: ServerSession[] = [];
  const addresses: string[] = [];
  /** Who answers in the server's place, if somebody does: a frame for the first one that it gets. */
  const stranger: { answer: ((first: Uint8Array) => Uint8Array) | undefined; onConnect?: () => void } = {
    answer: undefined,
  };
  /** What another program has forgotten. */
  const elsewhere = { isForgotten: (_publicKey: Uint8Array): boolean => false };
  const connecting = new Connecting({
    party: clientPerson.party(),
    clock,
    turns: new FairTurns(clock),
    connect: (url) => {
      addresses.push(url);
      const [ours, theirs] = joinCarriers().ends;
      stranger.onConnect?.();
      const { answer } = stranger;
      if (answer !== undefined) {
        theirs.attach({ frame: (first) => theirs.send(answer(first)), closed() {}, drained() {} });
        return Promise.resolve(ours);
      }
      const session = serverPerson.machine.session(clock.now());
      void new SessionRunner({
        session,
        carrier: theirs,
        clock,
        onEvent: (event) => {
          if (event.type !== "opened") return;
          if (leaves) session.chatSession!.leave(0, 0, clock.now());
          else opened.push(session);
        },
        onEnd: () => serverPerson.machine.ended(session),
      });
      return Promise.resolve(ours);
    },
    peers: () => [...clientPerson.others, ...saved.slice(-1)],
    savePeer: (peer) => {
      saved.push({ ...peer, psk: peer.psk?.slice(), invitePsk: peer.invitePsk?.slice() });
    },
    chatWith: (peer) => messenger.chatWith(peer),
    isForgotten: (publicKey) => elsewhere.isForgotten(publicKey),
    trustFirst,
  });
  const frontend = {
    show: (event: ProgramEvent) => void shown.push(event),
    regulateInput() {},
    whenTaken() {},
    close() {},
  };
  const messenger: Messenger = new Messenger({
    random: () => assert.fail("nobody is introduced"),
    exportHistory: () => assert.fail("nothing is exported"),
    frontend,
    clock,
    suite: TOY_SUITE,
    self: clientPerson.identity,
    verbose: false,
    persistence: { store: clientPerson.store, history: undefined, isLasting: true },
    retention: undefined,
    peers: () => saved,
    savePeer: (peer) => void saved.push(peer),
    forgetPeer: (peer) => void saved.splice(saved.indexOf(peer)),
    isAwaiting: true,
  });
  const conversation = messenger.withSomebody();
  const converse = (target: ConnectTarget): Promise<SessionOver> => connecting.converse(target, conversation);
  return {
    clock,
    serverPerson,
    clientPerson,
    saved,
    shown,
    addresses,
    opened,
    stranger,
    elsewhere,
    conversation,
    messenger,
    connecting,
    converse,
  };
}

const invited = (serverPerson: ServerPerson): ClientCredential => {
  const { psk, serverKey } = serverPerson.makeInvite();
  return { type: "invite", psk, serverKey, peer: undefined };
};

const keysIn = ({ publicKey, signatureKey }: PublicIdentity): PublicIdentity => ({ publicKey, signatureKey });

const unknown = (seed: number): ClientCredential => ({ ...BY_FILE, psk: new Uint8Array(32).fill(seed) });

describe("Connecting.converse with a peer that is forgotten meanwhile", () => {
  it("shows it nothing, and tries no other secret", async () => {
    const { serverPerson, connecting, saved, addresses, stranger, messenger } = setup();
    const peer = pairedPeer(TOY_SUITE, { ...keysIn(serverPerson.identity), claimedName: "anna", atMs: 1 }, []);
    saved.push(peer);
    const conversation = messenger.with(peer);
    let frames = 0;
    stranger.answer = (first) => {
      frames += 1;
      return first;
    };
    stranger.onConnect = () => {
      messenger.command({ type: "forget-peer", who: "anna", history: false, confirmed: true });
    };
    await assert.rejects(connecting.converse(planOf("known", invited(serverPerson), unknown(1)), conversation));
    await turn();
    assert.deepEqual([frames, addresses.length, saved], [0, 1, []]);
  });
});

describe("Connecting.converse with a peer that another program has forgotten", () => {
  it("does not connect", async () => {
    const { serverPerson, connecting, saved, addresses, elsewhere, messenger, shown } = setup();
    const peer = pairedPeer(TOY_SUITE, { ...keysIn(serverPerson.identity), claimedName: "anna", atMs: 1 }, []);
    saved.push(peer);
    const asked: Uint8Array[] = [];
    elsewhere.isForgotten = (publicKey) => asked.push(publicKey) > 0;
    await assert.rejects(connecting.converse(planOf("known", unknown(1)), messenger.with(peer)), {
      code: "peer-unknown",
    });
    assert.deepEqual([asked, addresses, shown], [[peer.publicKey], [], []]);
  });

  it("tells nothing of a session that has opened, and ends it", async () => {
    const { serverPerson, converse, addresses, elsewhere, conversation, opened, shown } = setup({ leaves: false });
    elsewhere.isForgotten = () => true;
    await assert.rejects(converse(planOf("invite", invited(serverPerson), unknown(1))), { code: "peer-unknown" });
    for (let turns = 0; turns < 8; turns++) await turn();
    assert.deepEqual([addresses.length, conversation.isOpen, conversation.runner, shown], [1, false, undefined, []]);
    assert.equal(opened.length, 1);
  });
});

describe("Connecting.converse", () => {
  it("talks by the first secret that is accepted, each in a connection of its own", async () => {
    const { serverPerson, converse, addresses, shown } = setup();
    const over = await converse(planOf("invite", unknown(1), unknown(2), invited(serverPerson), unknown(3)));
    assert.deepEqual([over.reason, over.error, over.peer?.name], ["closed", undefined, "anna"]);
    assert.deepEqual(addresses, [URL, URL, URL]);
    // The server says goodbye in its first frame.
    assert.deepEqual(
      shown.map(({ type }) => type),
      ["disconnected"],
    );
  });

  it("says by the plan what the server does not know when it accepts no secret", async () => {
    for (const [how, words] of [
      ["invite", /does not know this invite/],
      ["found-invite", /does not know the invite of this account/],
      ["known", /does not know you/],
      ["psk-file", /does not know this psk/],
    ] as const) {
      const { converse } = setup();
      await assert.rejects(converse(planOf(how, unknown(1))), { code: "handshake-rejected", message: words });
    }
  });

  it("says that it was our key when the server had answered before it hung up", async () => {
    const { serverPerson, converse } = setup();
    const credential = invited(serverPerson);
    serverPerson.failures = 1;
    const message = /hung up after it had seen your key/;
    await assert.rejects(converse(planOf("invite", credential)), { code: "not-connected", message });
  });

  it("tells that our key waits for somebody's trust", async () => {
    const { serverPerson, converse, shown } = setup({ trustFirst: true });
    const { reason, error } = await converse(planOf("psk-file", BY_FILE));
    assert.deepEqual([reason, error], ["not-trusted", undefined]);
    assert.deepEqual(
      shown.map((event) => (event.type === "disconnected" ? event.reason : event.type)),
      ["not-trusted"],
    );
    assert.deepEqual(serverPerson.peers, []);
  });

  it("shows the error of a key that nobody has accepted", async () => {
    const { serverPerson, converse, saved, shown } = setup();
    serverPerson.trustFirst = true;
    serverPerson.restart();
    const { reason, error } = await converse(planOf("psk-file", BY_FILE));
    assert.deepEqual([reason, error?.code], ["protocol", "not-trusted"]);
    assert.deepEqual(
      shown.map((event) => (event.type === "error" ? event.code : event.type)),
      ["not-trusted"],
    );
    assert.deepEqual(saved, []);
  });

  it("recognises a server at another address by its key", async () => {
    const { serverPerson, clientPerson, converse, saved } = setup();
    serverPerson.trustFirst = true;
    serverPerson.restart();
    const known = { ...keysIn(serverPerson.identity), claimedName: "Anna", atMs: 3, url: "ws://127.0.0.1:1" };
    clientPerson.others = [pairedPeer(TOY_SUITE, known, [])];
    assert.equal((await converse(planOf("psk-file", BY_FILE))).reason, "closed");
    assert.deepEqual(saved.at(-1), { ...clientPerson.others[0]!, url: URL });
  });
});

/** There has been a conversation, which was cut. */
async function talked() {
  const one = setup({ leaves: false });
  const first = one.converse(planOf("invite", invited(one.serverPerson)));
  while (one.opened.length === 0 || !one.conversation.isOpen) await turn();
  one.conversation.runner!.terminate();
  assert.equal((await first).reason, "cut");
  assert.equal(one.conversation.hasTalked, true);
  one.shown.length = 0;
  one.addresses.length = 0;
  return one;
}

describe("a server that has moved", () => {
  const MOVED = "wss://moved.example:443/lair";

  it("is known at its new address once it has proven there who it is, and not before", async () => {
    const one = await talked();
    const { saved, stranger, opened, conversation } = one;
    const peer = saved.at(-1)!;
    const target: ConnectTarget = { url: MOVED, how: "known", credentials: [{ type: "peer", psk: peer.psk!, peer }] };
    const before = saved.length;
    stranger.answer = (first) => first.slice();
    await assert.rejects(one.converse(target), { code: "handshake-rejected" });
    assert.equal(saved.length, before);
    assert.equal(conversation.runner, undefined, "a session that came to nothing holds no place");
    stranger.answer = undefined;
    const again = one.converse(target);
    while (opened.length < 2 || !conversation.isOpen) await turn();
    assert.deepEqual([saved.at(-1)!.url, saved.at(-1)!.name], [MOVED, peer.name]);
    conversation.runner!.terminate();
    await again;
  });
});

describe("a peer that is changed while its server answers", () => {
  it("keeps the address and the name that it was given meanwhile, and stays muted", async () => {
    const one = await talked();
    const { saved, stranger, opened, conversation } = one;
    const peer = { ...saved.at(-1)!, url: URL };
    const target: ConnectTarget = { url: URL, how: "known", credentials: [{ type: "peer", psk: peer.psk!, peer }] };
    const changed = { ...peer, name: "somebody", url: "ws://elsewhere.example", isMuted: true as const };
    stranger.onConnect = () => saved.push(changed);
    const again = one.converse(target);
    while (opened.length < 2 || !conversation.isOpen) await turn();
    const { name, url, isMuted } = saved.at(-1)!;
    assert.deepEqual({ name, url, isMuted }, { name: "somebody", url: "ws://elsewhere.example", isMuted: true });
    conversation.runner!.terminate();
    await again;
  });
});

describe("somebody who answers nonsense in the server's place", () => {
  const NONSENSE: Record<string, (first: Uint8Array) => Uint8Array> = {
    "of a message's length": (first) => new Uint8Array(first.length + 200).fill(7),
    "too short": () => Uint8Array.of(1),
    "of no bytes": () => new Uint8Array(0),
    "which is what we said": (first) => first.slice(),
  };
  for (const [what, answer] of Object.entries(NONSENSE)) {
    it(`is a hang-up once there has been a conversation (${what})`, async () => {
      const { converse, shown, addresses, stranger } = await talked();
      stranger.answer = answer;
      const message = /hung up without an answer: it does not know you/;
      await assert.rejects(converse(planOf("known", unknown(1), unknown(2))), { code: "handshake-rejected", message });
      assert.deepEqual(shown, []);
      assert.equal(addresses.length, 2);
    });

    it(`is said as what it is before there has been one (${what})`, async () => {
      const { converse, shown, stranger, addresses } = setup();
      stranger.answer = answer;
      const { reason, error } = await converse(planOf("known", unknown(1), unknown(2)));
      assert.equal(reason, "protocol");
      assert.match(String(error?.code), /^(?:noise|frame|hello|record)-/);
      assert.deepEqual(
        shown.map((event) => (event.type === "error" ? event.code : event.type)),
        [error?.code],
      );
      // Who is no Lair is not tried with another secret.
      assert.equal(addresses.length, 1);
    });
  }
});

/** Until it gives up, or somebody answers. */
const comeBack = async (one: Awaited<ReturnType<typeof talked>>, target: ConnectTarget): Promise<number> => {
  const { connecting, conversation, clock, shown } = one;
  const frontend = {
    show: (event: ProgramEvent) => void shown.push(event),
    regulateInput() {},
    whenTaken() {},
    close() {},
  };
  const reconnecting = new Reconnecting({
    connecting,
    conversation,
    frontend,
    clock,
    suite: TOY_SUITE,
    backoff: new Backoff((upTo) => upTo),
    isOnce: false,
    isPatient: true,
    isQueueing: false,
    targetFor: (_peer, before) => before,
  });
  const exit: number[] = [];
  void reconnecting.converse(target).then((code) => exit.push(code));
  for (let turns = 0, told = 0; exit.length === 0; turns++) {
    assert.ok(turns < 1_000, "nothing goes on");
    // All that is under way arrives before time passes: only a pause does.
    for (; told < shown.length; told++) {
      const event = shown[told]!;
      if (event.type === "reconnecting") clock.pass(event.inMs);
    }
    await turn();
  }
  return exit[0]!;
};
const seen = (shown: readonly ProgramEvent[]): unknown[] =>
  shown.map((event) => ("code" in event ? [event.type, event.code] : [event.type]));

describe("a client that comes back to such a stranger", () => {
  it("tries ten more times, tells each wait and no error, and believes it then", async () => {
    const one = await talked();
    one.stranger.answer = () => new Uint8Array(300);
    assert.equal(await comeBack(one, planOf("known", unknown(1))), 4);
    assert.equal(one.addresses.length, 11);
    assert.deepEqual(seen(one.shown), [
      ...Array.from({ length: 10 }, () => ["reconnecting", "handshake-rejected"]),
      ["error", "handshake-rejected"],
    ]);
  });

  it("ends at once when it has never talked to anybody", async () => {
    const one = setup();
    one.stranger.answer = () => new Uint8Array(300);
    assert.equal(await comeBack(one, planOf("known", unknown(1))), 1);
    assert.equal(one.addresses.length, 1);
    assert.deepEqual(
      one.shown.map((event) => (event.type === "error" ? event.code : event.type)),
      ["noise-all-zero-dh"],
    );
  });
});

describe("Connecting.meet", () => {
  it("asks about the key before ours is shown, and notes with a yes that the words were compared", async () => {
    const { clock, serverPerson, clientPerson, connecting, saved } = setup();
    const asked: unknown[] = [];
    const target = await connecting.meet(planOf("psk-file", BY_FILE), (print, words) => {
      asked.push(print, words);
      return Promise.resolve(true);
    });
    const { identity } = serverPerson;
    assert.deepEqual(asked, [
      fingerprint(TOY_SUITE, identity),
      safetyWords(TOY_SUITE, clientPerson.identity, identity),
    ]);
    const atMs = clock.now().wallMs;
    const peer = pairedPeer(
      TOY_SUITE,
      { ...keysIn(identity), claimedName: "anna", atMs, compared: true, url: URL },
      [],
    );
    assert.equal(peer.comparedAtMs, atMs);
    assert.deepEqual(saved, [peer]);
    assert.deepEqual(target, planOf("psk-file", { ...BY_FILE, peer }));
    throwsNothingWaits(serverPerson, clock);
  });

  it("connects nobody after a no", async () => {
    const { connecting, saved } = setup();
    const meeting = connecting.meet(planOf("psk-file", BY_FILE), () => Promise.resolve(false));
    await assert.rejects(meeting, { code: "not-trusted" });
    assert.deepEqual(saved, []);
  });

  it("asks nothing about a key that is pinned, at whatever address", async () => {
    const { serverPerson, clientPerson, connecting, saved } = setup();
    const peer = pairedPeer(TOY_SUITE, { ...keysIn(serverPerson.identity), claimedName: "Anna", atMs: 3 }, []);
    clientPerson.others = [peer];
    const target = await connecting.meet(planOf("psk-file", BY_FILE), never);
    assert.deepEqual(target, planOf("psk-file", { ...BY_FILE, peer }));
    assert.deepEqual(saved, []);
  });

  it("makes no connection for anything but a first meeting under a psk file", async () => {
    const { serverPerson, connecting, addresses } = setup();
    const peer = pairedPeer(TOY_SUITE, { ...keysIn(serverPerson.identity), claimedName: "Anna", atMs: 3 }, []);
    for (const target of [planOf("invite", strangers().byInvite), planOf("psk-file", { ...BY_FILE, peer })]) {
      assert.equal(await connecting.meet(target, never), target);
    }
    assert.deepEqual(addresses, []);
  });

  it("tells who has another psk", async () => {
    const { connecting } = setup();
    await assert.rejects(connecting.meet(planOf("psk-file", unknown(1)), never), { code: "handshake-rejected" });
  });
});

function never(): Promise<boolean> {
  throw new Error("nobody was to be asked");
}

/** The server has not even seen the client's key. */
function throwsNothingWaits(serverPerson: ServerPerson, clock: ManualClock): void {
  assert.throws(() => serverPerson.machine.trust("", clock.now()), { code: "peer-unknown" });
}
