// A client and a server with what each keeps on its disk, and the line between them as an in-memory pipe that the test can
// cut after any frame. Nothing here is remembered but what was stored: a restart is a new machine over the same store.

import { equalInConstantTime, toHex } from "../../../src/core/bytes.ts";
import { Chat } from "../../../src/core/chat/chat.ts";
import { ClientSession, type ClientCredential, clientCredentials } from "../../../src/core/pairing/client-session.ts";
import { Server, type ServerRegistry } from "../../../src/core/pairing/server.ts";
import type { ServerSession } from "../../../src/core/pairing/server-session.ts";
import type { Session, SessionEvent } from "../../../src/core/chat/session.ts";
import type { HandshakeParty } from "../../../src/core/channel/index.ts";
import type { LairError } from "../../../src/core/errors.ts";
import type { Invite } from "../../../src/core/identity/invite.ts";
import type { OpenInvite, Peer } from "../../../src/core/identity/peer.ts";
import type { CipherSuite } from "../../../src/core/noise/index.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { keyPair } from "../channel/pair.ts";
import { SeededRandom } from "../channel/seeded-random.ts";
import { TOY_SUITE } from "../channel/toy-suite.ts";
import { LastingStore } from "../delivery/lasting-store.ts";
import type { Identity } from "../../../src/core/identity/identity.ts";

export const URL = "ws://127.0.0.1:8080";
export const DAY_MS = 86_400_000;

/** What lies on a disk shares no memory with what is in use. */
function copyOf(stored: Peer): Peer {
  const copy = { ...stored, psk: stored.psk?.slice(), invitePsk: stored.invitePsk?.slice() };
  return stored.formerPsks === undefined ? copy : { ...copy, formerPsks: stored.formerPsks.map((psk) => psk.slice()) };
}

interface PersonOptions {
  readonly name?: string;
  readonly seed?: number;
  readonly clock: FakeClock;
  readonly suite?: CipherSuite;
}

class Person {
  clock: FakeClock;
  readonly name: string;
  readonly suite: CipherSuite;
  readonly random: SeededRandom;
  identity: Identity;
  /** Of the delivery; outlives a restart. */
  store: LastingStore;
  readonly #chats = new Map<string, Chat>();
  trustFirst = false;
  /** Of HELLO; a server's from its next start on. */
  capabilities: readonly string[] = [];
  /** So many of the next writes fail. */
  failures = 0;
  /** One write fails after so many. */
  failAfterWrites: number | undefined;
  /** What a failing write throws. */
  failure: Error = new Error("no space left on device");

  constructor({ name = "somebody", seed = 1, clock, suite = TOY_SUITE }: PersonOptions) {
    this.clock = clock;
    this.name = name;
    this.suite = suite;
    this.random = new SeededRandom(seed);
    this.identity = keyPair(suite, this.random.bytes);
    this.store = new LastingStore(new SeededRandom(seed + 2 ** 30).bytes(16));
  }

  /** What is said with this peer, over all lines of one process; a program brings its own. */
  chatWith = ({ publicKey }: Pick<Peer, "publicKey">): Chat => {
    const key = toHex(publicKey);
    const known = this.#chats.get(key) ?? new Chat(this.store, publicKey);
    this.#chats.set(key, known);
    return known;
  };

  /** A new process over the same store. */
  restart(): void {
    this.store.reopen();
    this.#chats.clear();
  }

  party(window?: { readonly minMs: number; readonly maxMs: number }): HandshakeParty {
    const hello = { name: this.name, agent: "test/1", capabilities: this.capabilities };
    return {
      suite: this.suite,
      random: this.random.bytes,
      staticKey: this.identity,
      hello: window === undefined ? hello : { ...hello, rekey: window },
    };
  }

  /** Every write passes here. */
  protected write(): void {
    const isLast = this.failAfterWrites === 0;
    this.failAfterWrites = isLast || this.failAfterWrites === undefined ? undefined : this.failAfterWrites - 1;
    if (this.failures === 0 && !isLast) return;
    this.failures = Math.max(0, this.failures - 1);
    throw this.failure;
  }
}

/** Somebody with lair-client, who talks to one server at most. */
export class ClientPerson extends Person {
  stored: Peer | undefined;
  /** Other servers. */
  others: readonly Peer[] = [];
  /** All that was ever written, oldest first. */
  readonly written: Peer[] = [];

  session(credential: ClientCredential): ClientSession {
    return new ClientSession({
      party: this.party(),
      credential,
      url: URL,
      peers: [...this.others, ...(this.stored === undefined ? [] : [copyOf(this.stored)])],
      trustFirst: this.trustFirst,
      savePeer: (peer) => {
        this.write();
        this.stored = copyOf(peer);
        this.written.push(this.stored);
      },
      chatWith: this.chatWith,
      now: this.clock.now,
    });
  }

  credentials(invite?: Invite): ClientCredential[] {
    return clientCredentials(this.stored, invite);
  }
}

/** Somebody with lair-server. */
export class ServerPerson extends Person implements ServerRegistry {
  peers: Peer[] = [];
  invites: OpenInvite[] = [];
  psk: Uint8Array | undefined;
  /** How many may be connected at once, from the next start on. */
  maxPeers = 64;
  /** Whom a first message has let in, as on a disk. */
  readonly admitted: Uint8Array[] = [];
  /** What that disk throws. */
  admittedFailure: LairError | undefined;
  /** The state machine of all its connections, as after its last start. */
  machine = this.#start();

  override restart(): void {
    super.restart();
    this.machine = this.#start();
  }

  #start(): Server {
    return new Server({
      party: this.party({ minMs: 30_000, maxMs: 120_000 }),
      registry: this,
      admissionMemory: { known: this.admitted, remember: (key) => this.#remember(key) },
      peers: this.peers.map((peer) => copyOf(peer)),
      invites: this.invites,
      now: this.clock.now,
      psk: this.psk,
      trustFirst: this.trustFirst,
      chatWith: this.chatWith,
      maxPeers: this.maxPeers,
    });
  }

  #remember(key: Uint8Array): void {
    if (this.admittedFailure !== undefined) throw this.admittedFailure;
    this.admitted.push(key.slice());
  }

  savePeer(peer: Peer): void {
    this.write();
    const others = this.peers.filter(({ publicKey }) => !equalInConstantTime(publicKey, peer.publicKey));
    this.peers = [...others, copyOf(peer)];
  }

  pair(peer: Peer, inviteId: string): void {
    this.savePeer(peer);
    this.invites = this.invites.filter(({ id }) => id !== inviteId);
  }

  dropInvite(id: string): void {
    this.write();
    this.invites = this.invites.filter((invite) => invite.id !== id);
  }

  forgetPeer(forgotten: Uint8Array): void {
    this.write();
    this.peers = this.peers.filter(({ publicKey }) => !equalInConstantTime(publicKey, forgotten));
  }

  /** Another program may have done it: then the peer is not stored any more. */
  readonly isForgotten = (key: Uint8Array): boolean =>
    !this.peers.some(({ publicKey }) => equalInConstantTime(publicKey, key));

  makeInvite(id = "first"): Invite {
    const invite = { id, psk: this.random.bytes(32), expiresAtMs: this.clock.now.wallMs + DAY_MS };
    this.invites = [...this.invites, invite];
    this.machine.openInvite(invite, this.clock.now);
    return { url: URL, psk: invite.psk.slice(), serverKey: this.identity.publicKey };
  }
}

export type Party = "client" | "server";

/** One connection between the two. */
export class Meeting {
  readonly client: ClientSession;
  readonly server: ServerSession;
  readonly events: Record<Party, SessionEvent[]> = { client: [], server: [] };
  readonly errors: Partial<Record<Party, unknown>> = {};
  /** By sender. */
  readonly underWay: Record<Party, Uint8Array[]> = { client: [], server: [] };
  readonly sent: Record<Party, Uint8Array[]> = { client: [], server: [] };
  /** Usually one for both. */
  readonly #clocks: Readonly<Record<Party, FakeClock>>;
  readonly #machine: Server;

  constructor(client: ClientPerson, server: ServerPerson, credential: ClientCredential) {
    this.#clocks = { client: client.clock, server: server.clock };
    this.#machine = server.machine;
    this.client = client.session(credential);
    this.server = server.machine.session(server.clock.now);
  }

  types(party: Party): string[] {
    return this.events[party].map(({ type }) => type);
  }

  /** Moves frames until nothing moves, or until `most` have arrived; what is sent then is still under way. */
  run(most = Number.POSITIVE_INFINITY): this {
    for (let arrived = 0; ; arrived++) {
      this.take("client");
      this.take("server");
      // The server first, so that the frames of a pairing arrive in the order of the protocol's picture.
      if (arrived === most || !(this.deliver("server") || this.deliver("client"))) return this;
    }
  }

  take(party: Party): void {
    this.#attempt(party, (session) => {
      this.events[party].push(...session.advance(this.#clocks[party].now));
      for (;;) {
        const frame = session.nextFrame(this.#clocks[party].now);
        if (frame === undefined) return;
        this.underWay[party].push(frame);
        this.sent[party].push(frame);
      }
    });
  }

  /** Delivers the oldest frame of `sender`; false when there is none. */
  deliver(sender: Party): boolean {
    const frame = this.underWay[sender].shift();
    if (frame === undefined) return false;
    const receiver = sender === "client" ? "server" : "client";
    this.#attempt(receiver, (session) =>
      this.events[receiver].push(...session.receive(frame, this.#clocks[receiver].now)),
    );
    return true;
  }

  pass(ms: number): this {
    for (const clock of new Set(Object.values(this.#clocks))) clock.pass(ms);
    return this.run();
  }

  /** The link is cut: what was under way is lost. */
  cut(): void {
    this.client.destroy();
    this.server.destroy();
    this.#machine.ended(this.server);
  }

  #attempt(party: Party, action: (session: Session) => void): void {
    const session = party === "client" ? this.client : this.server;
    if (session.state === "closed") return;
    try {
      action(session);
    } catch (error) {
      this.errors[party] = error;
    }
  }
}

/** Tries each credential in a connection of its own, as lair-client does, until the server accepts one. */
export function connect(client: ClientPerson, server: ServerPerson, invite?: Invite): Meeting | undefined {
  for (const credential of client.credentials(invite)) {
    const meeting = new Meeting(client, server, credential).run();
    if (meeting.client.isAccepted) return meeting;
    meeting.cut();
  }
  return undefined;
}

/** Two people who have never met, an invite, and their clock. */
export function strangers(suite?: CipherSuite) {
  const clock = new FakeClock();
  const options = suite === undefined ? { clock } : { clock, suite };
  const server = new ServerPerson({ name: "anna", seed: 1, ...options });
  const client = new ClientPerson({ name: "bert", seed: 2, ...options });
  const invite = server.makeInvite();
  const byInvite: ClientCredential = { type: "invite", psk: invite.psk, serverKey: invite.serverKey, peer: undefined };
  return { clock, server, client, invite, byInvite };
}

/** Two people who are paired, and not connected. */
export function pairedPeople() {
  const people = strangers();
  const { client, server, byInvite } = people;
  new Meeting(client, server, byInvite).run().cut();
  return people;
}
