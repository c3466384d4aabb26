// Programs like `lair-server --dial` over a network in memory, under a clock that the test moves: each waits, and connects
// to everybody whose address it knows. A program can be killed at any turn of the event loop, and started again over what
// it had stored.

import assert from "node:assert/strict";
import { Accepting } from "../../src/app/accepting.ts";
import { Backoff } from "../../src/app/backoff.ts";
import { Connecting } from "../../src/app/connecting.ts";
import { Dialing } from "../../src/app/dialing.ts";
import type { Command, ProgramEvent } from "../../src/app/events.ts";
import type { Frontend } from "../../src/app/frontend.ts";
import type { History } from "../../src/core/chat/history.ts";
import { Messenger } from "../../src/app/messenger.ts";
import type { ConnectTarget } from "../../src/app/connect-target.ts";
import { CAN_DIAL, READS_INTRODUCTIONS } from "../../src/core/chat/introduction.ts";
import type { Change, Store, StoredMessage, StoredPeer } from "../../src/core/delivery/store.ts";
import { LairError } from "../../src/core/errors.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import type { Identity } from "../../src/core/identity/identity.ts";
import { findPeer, type Peer } from "../../src/core/identity/peer.ts";
import { clientCredentials } from "../../src/core/pairing/client-session.ts";
import { MemoryPairings } from "../../src/core/pairing/memory-pairings.ts";
import { Server } from "../../src/core/pairing/server.ts";
import { keyPair } from "../core/channel/pair.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { TOY_SUITE as suite } from "../core/channel/toy-suite.ts";
import { LastingStore } from "../core/delivery/lasting-store.ts";
import type { ManualClock } from "../node/manual-clock.ts";
import { type Joined, joinCarriers } from "./joined-carriers.ts";

/** A link, and the address of the node that has made it. */
interface Made {
  readonly joined: Joined;
  readonly by: string;
}

/** The network: who listens where, and every link that is up. */
export class Network {
  readonly clock: ManualClock;
  readonly #listeners = new Map<string, (joined: Joined) => void>();
  #links: Made[] = [];
  /** How many links were ever made. */
  made = 0;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  listen(url: string, onLink: (joined: Joined) => void): void {
    this.#listeners.set(url, onLink);
  }

  /** Nobody listens there any more, and the links of that program are gone. */
  shut(url: string, links: readonly Joined[]): void {
    this.#listeners.delete(url);
    for (const link of links) link.cut();
  }

  /** Throws LairError unreachable. */
  connect(url: string, by: string): Joined {
    const listener = this.#listeners.get(url);
    if (listener === undefined) throw new LairError("unreachable", `Nobody listens at ${url}.`);
    const joined = joinCarriers();
    this.#links = [...this.up, { joined, by }];
    this.made += 1;
    listener(joined);
    return joined;
  }

  get up(): readonly Made[] {
    return this.#links.filter(({ joined }) => !joined.isClosed);
  }

  /** One of the links breaks, if there is any. */
  cutOne(random: SeededRandom): void {
    const { up } = this;
    if (up.length > 0) random.pick(up).joined.cut();
  }
}

/** The store as one program has it: nothing that it does after its end is kept. */
class StoreOfProgram implements Store {
  readonly id: Uint8Array;
  readonly life: Uint8Array;
  readonly #store: LastingStore;
  isDead = false;

  constructor(store: LastingStore) {
    this.#store = store;
    this.id = store.id;
    this.life = store.life;
  }

  load(peer: Uint8Array): StoredPeer {
    return this.#store.load(peer);
  }

  readOutbox(peer: Uint8Array, from: number, maxBytes: number): readonly StoredMessage[] {
    return this.#store.readOutbox(peer, from, maxBytes);
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    if (!this.isDead) this.#store.commit(peer, changes);
  }

  forgetPeer(peer: Uint8Array): void {
    if (!this.isDead) this.#store.forgetPeer(peer);
  }
}

interface Running {
  readonly messenger: Messenger;
  readonly store: StoreOfProgram;
  readonly links: Joined[];
}

export class Node {
  readonly name: string;
  readonly url: string;
  readonly identity: Identity;
  /** What was shown, by the name of who said it, in order. */
  readonly received = new Map<string, string[]>();
  /** What else was shown of introductions and sessions, and errors, in order. */
  readonly told: ProgramEvent[] = [];
  /** Whose introductions are accepted without a question; before {@link start}. */
  acceptFrom: readonly string[] = [];
  capabilities: readonly string[] = [READS_INTRODUCTIONS, CAN_DIAL];
  /** Some connections take their time, and the other side's may be faster. */
  connectsAfterMs: () => number = () => (this.#random.chance(50) ? this.#random.below(1_200) : 0);
  /** The name of the peer that the prompt is at; undefined: there is no prompt. */
  promptAt: string | undefined;
  /** Puts other frontends beside its own; before {@link start}. */
  wrap: (own: Frontend) => Frontend = (own) => own;
  /** Where lines are kept, in the place of the store in memory; before {@link start}. */
  keeping: (Store & History) | undefined;
  readonly #network: Network;
  readonly #random: SeededRandom;
  readonly #store: LastingStore;
  readonly #pairings = new MemoryPairings();
  #running: Running | undefined;

  /** `identity`: that of another node, as in a copy of its home. */
  constructor(name: string, network: Network, random: SeededRandom, identity = keyPair(suite, random.bytes)) {
    this.name = name;
    this.url = `ws://${name}.example:8080`;
    this.#network = network;
    this.#random = random;
    this.identity = identity;
    this.#store = new LastingStore(random.bytes(16));
  }

  /** Pairs the two, as an invite would have; `knowsUrl` says whether this one can connect to the other. */
  pair(other: Node, psk: Uint8Array, knowsUrl: boolean): void {
    const { publicKey, signatureKey } = other.identity;
    const { wallMs } = this.#network.clock.now();
    this.#pairings.savePeer({
      publicKey,
      signatureKey,
      name: other.name,
      psk,
      pairedAtMs: wallMs,
      comparedAtMs: undefined,
      url: knowsUrl ? other.url : undefined,
      invitePsk: undefined,
    });
  }

  start(): void {
    assert.equal(this.#running, undefined, `${this.name} runs already`);
    const { clock } = this.#network;
    const store = new StoreOfProgram(this.#store.reopen());
    const links: Joined[] = [];
    const party = { suite, random: this.#random.bytes, staticKey: this.identity };
    const hello = { name: this.name, agent: "test/1", capabilities: this.capabilities, url: this.url };
    const frontend = this.wrap({
      show: (event: ProgramEvent) => {
        if (!store.isDead) this.#show(event);
      },
      isAt: ({ name }: PeerView) => name === this.promptAt,
      regulateInput() {},
      whenTaken: (action: (isTaken: boolean) => void) => action(true),
      close() {},
    });
    const messenger: Messenger = new Messenger({
      exportHistory: () => assert.fail("nothing is exported"),
      frontend,
      clock,
      suite,
      self: this.identity,
      verbose: false,
      persistence: { store: this.keeping ?? store, history: this.keeping, isLasting: true },
      retention: this.keeping === undefined ? undefined : "forever",
      peers: () => server.peers,
      savePeer: (peer) => server.savePeer(peer),
      forgetPeer: ({ publicKey }) => server.forgetPeer(publicKey, clock.now()),
      random: this.#random.bytes,
      acceptFrom: this.acceptFrom,
      onChanged: (peer) => dialing.changed(peer),
      isAwaiting: false,
    });
    const server: Server = new Server({
      party: { ...party, hello: { ...hello, rekey: { minMs: 1_000, maxMs: 4_000 } } },
      registry: this.#pairings,
      admissionMemory: undefined,
      peers: this.#pairings.peers(),
      invites: [],
      now: clock.now(),
      psk: undefined,
      trustFirst: false,
      chatWith: (peer) => messenger.chatWith(peer),
      keepsOwn: (peer) => accepting.keepsOwn(peer),
    });
    const accepting = new Accepting({
      server,
      messenger,
      self: this.identity,
      clock,
      url: () => this.url,
      onRefused() {},
      onFailed() {},
    });
    const connecting = new Connecting({
      party: { ...party, hello },
      clock,
      connect: async (url) => {
        const delayMs = this.connectsAfterMs();
        if (delayMs > 0) await new Promise<void>((resolve) => void clock.setTimer(delayMs, resolve));
        // A dead program gets no connection, and no answer.
        if (store.isDead) return await new Promise<never>(() => {});
        const joined = this.#network.connect(url, this.url);
        links.push(joined);
        return joined.ends[0];
      },
      peers: () => this.#pairings.peers(),
      savePeer: (peer) => server.savePeer(peer),
      chatWith: (peer) => messenger.chatWith(peer),
      trustFirst: false,
    });
    const dialing = new Dialing({
      connecting,
      messenger,
      frontend,
      suite,
      clock,
      newBackoff: () => new Backoff((upTo) => this.#random.below(Math.ceil(upTo))),
      isOnce: false,
      isPatient: true,
      isQueueing: false,
      isMutual: true,
      peers: () => this.#pairings.peers(),
      targetOf,
      targetFor: (peer, before) => targetOf(findPeer(this.#pairings.peers(), peer.publicKey) ?? peer) ?? before,
      proxyFor: () => undefined,
      onIdle: () => {},
    });
    this.#network.listen(this.url, (joined) => {
      links.push(joined);
      accepting.accept(joined.ends[1]);
    });
    this.#running = { messenger, store, links };
    messenger.recall();
    for (const target of this.#pairings.peers().flatMap((peer) => targetOf(peer) ?? [])) dialing.dial(target);
  }

  /** The program is gone without a word, and its links with it. */
  kill(): void {
    const { store, links } = this.#running!;
    store.isDead = true;
    this.#network.shut(this.url, links);
    this.#running = undefined;
  }

  get messenger(): Messenger {
    return this.#running!.messenger;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  say(to: Node, text: string): void {
    this.#running!.messenger.command({ type: "say", text, to: to.name });
  }

  command(command: Command): void {
    this.#running!.messenger.command(command);
  }

  /** The stored peers. */
  get peers(): readonly Peer[] {
    return this.#pairings.peers();
  }

  /** Stores a peer as another version would have; before {@link start}. */
  store(peer: Peer): void {
    this.#pairings.savePeer(peer);
  }

  #show(event: ProgramEvent): void {
    // A handshake that a cut or a kill has ended is told, and tried again.
    if (
      event.type === "error" &&
      !["handshake-rejected", "not-connected", "usage", "peer-unknown", "replaced"].includes(event.code)
    )
      assert.fail(`${this.name}, of ${event.peer?.name}: ${event.message} [${event.code}]`);
    if (TOLD.has(event.type)) this.told.push(event);
    if (event.type !== "message") return;
    const lines = this.received.get(event.peer.name) ?? [];
    lines.push(event.text);
    this.received.set(event.peer.name, lines);
  }
}

const TOLD: ReadonlySet<ProgramEvent["type"]> = new Set([
  "introduction",
  "introduction-answered",
  "introduced",
  "notice",
  "error",
  "connected",
  "disconnected",
  "who",
]);

function targetOf(peer: Peer): ConnectTarget | undefined {
  if (peer.url === undefined) return undefined;
  return { url: peer.url, how: "known", credentials: clientCredentials(peer, undefined) };
}
