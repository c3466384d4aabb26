// A program like `lair-client` and the hubs that it meets, over a network in memory, under a clock that the test moves. The
// engine of its rooms is a double that notes what it is told.

import assert from "node:assert/strict";
import { Backoff } from "../../src/app/backoff.ts";
import { Connecting } from "../../src/app/connecting.ts";
import { Dialing } from "../../src/app/dialing.ts";
import type { Command, ProgramEvent } from "../../src/app/events.ts";
import type { Demand } from "../../src/app/frontend.ts";
import type { RoomsFrame } from "../../src/app/hubs.ts";
import { Messenger } from "../../src/app/messenger.ts";
import type { Carrier } from "../../src/app/ports.ts";
import type { RoomCommand } from "../../src/app/rooms/room-commands.ts";
import type { Rooms } from "../../src/app/rooms/rooms.ts";
import { SessionRunner } from "../../src/app/session-runner.ts";
import { CLOSE_REASON, HUB, READS_ENTRIES, ROOMS } from "../../src/core/channel/index.ts";
import { Chat } from "../../src/core/chat/chat.ts";
import { CAN_DIAL, READS_INTRODUCTIONS } from "../../src/core/chat/introduction.ts";
import { LairError } from "../../src/core/errors.ts";
import type { Identity } from "../../src/core/identity/identity.ts";
import { formatInvite, type Invite } from "../../src/core/identity/invite.ts";
import { findPeer, hubsAmong, type Peer } from "../../src/core/identity/peer.ts";
import { MemoryPairings } from "../../src/core/pairing/memory-pairings.ts";
import { Server } from "../../src/core/pairing/server.ts";
import type { ServerSession } from "../../src/core/pairing/server-session.ts";
import { formatRoomLink } from "../../src/core/room/room-link.ts";
import type { Transfer } from "../../src/core/transfers/pieces.ts";
import { targetFor, targetOf } from "../../src/cli/connect-target.ts";
import { keyPair } from "../core/channel/pair.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { TOY_SUITE as suite } from "../core/channel/toy-suite.ts";
import { LastingStore } from "../core/delivery/lasting-store.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";
import type { Joined } from "./joined-carriers.ts";
import { Network } from "./node-in-memory.ts";

const DAY_MS = 86_400_000;

/** Whoever waits at an address: a hub, or with no capabilities a person. It answers no call. */
export class FakeHub {
  readonly name: string;
  readonly url: string;
  readonly identity: Identity;
  /** What has come of members, in order. */
  readonly transfers: Transfer[] = [];
  isKeepingOut = false;
  readonly #network: Network;
  readonly #random: SeededRandom;
  readonly #server: Server;
  readonly #pairings = new MemoryPairings();
  readonly #store: LastingStore;
  readonly #links: Joined[] = [];
  #runner: SessionRunner<ServerSession> | undefined;

  constructor(name: string, network: Network, random: SeededRandom, capabilities: readonly string[] = [HUB]) {
    this.name = name;
    this.url = `ws://${name}.example:8080`;
    this.#network = network;
    this.#random = random;
    this.identity = keyPair(suite, random.bytes);
    this.#store = new LastingStore(random.bytes(16));
    const { clock } = network;
    const hello = { name, agent: "test/1", capabilities: [...capabilities], rekey: { minMs: 60_000, maxMs: 90_000 } };
    this.#server = new Server({
      party: { suite, random: random.bytes, staticKey: this.identity, hello },
      registry: this.#pairings,
      admissionMemory: undefined,
      peers: [],
      invites: [],
      now: clock.now(),
      psk: undefined,
      trustFirst: false,
      chatWith: ({ publicKey }) => new Chat(this.#store, publicKey),
    });
    this.open();
  }

  /** It can be reached. */
  open(): void {
    this.#network.listen(this.url, (joined) => {
      this.#links.push(joined);
      const runner: SessionRunner<ServerSession> = new SessionRunner({
        session: this.#server.session(this.#network.clock.now()),
        carrier: joined.ends[1],
        clock: this.#network.clock,
        onEvent: (event) => {
          if (event.type === "opened") this.#runner = runner;
          // It looks up who has come, and the session opens at both ends meanwhile.
          if (event.type === "opened" && this.isKeepingOut) this.#network.clock.setTimer(5, () => this.keepOut());
          if (event.type === "transfer") this.transfers.push(event.transfer);
        },
        onEnd: () => this.#server.ended(runner.session),
      });
    });
  }

  /** It cannot be reached any more, and its links are gone. */
  shut(): void {
    this.#network.shut(this.url, this.#links);
  }

  /** How often somebody has connected. */
  get tries(): number {
    return this.#links.length;
  }

  /** It ends the session, and from now on each new one at once, as with somebody who is suspended. */
  keepOut(): void {
    this.isKeepingOut = true;
    this.#runner!.leave(CLOSE_REASON.notTrusted, 0);
  }

  send(transfer: Transfer): void {
    this.#runner!.session.chatSession!.transfers!.send(transfer);
    this.#runner!.wake();
  }

  /** Says something in the chat, as a person would. */
  say(text: string): void {
    this.#runner!.session.chatSession!.chat!.say(text, this.#network.clock.now());
    this.#runner!.wake();
  }

  get #invite(): Invite {
    const { clock } = this.#network;
    const psk = this.#random.bytes(32);
    const invite = { id: String(this.#random.below(1e9)), psk, expiresAtMs: clock.now().wallMs + DAY_MS };
    this.#server.openInvite(invite, clock.now());
    return { url: this.url, psk: psk.slice(), serverKey: this.identity.publicKey };
  }

  invite(): string {
    return formatInvite(this.#invite);
  }

  /** A link to a room. */
  link(): string {
    const [room, id, secret] = [this.#random.bytes(16), this.#random.bytes(16), this.#random.bytes(32)];
    return formatRoomLink({ invite: this.#invite, room, id, secret });
  }
}

/** A double of the engine. */
export class FakeRooms implements Rooms {
  readonly frame: RoomsFrame;
  /** What it was told, in order: "opened hub", "receive 3", "say". */
  readonly told: string[] = [];
  readonly commands: RoomCommand[] = [];
  send: ((transfer: Transfer) => void) | undefined;
  undelivered = 0;
  isSettled = true;
  idle: (() => void) | undefined;

  constructor(frame: RoomsFrame) {
    this.frame = frame;
  }

  async recall(hubs: readonly Peer[]): Promise<void> {
    this.told.push(`recall ${hubs.map(({ name }) => name).join()}`);
  }

  opened({ name }: Peer, send: (transfer: Transfer) => void): void {
    this.told.push(`opened ${name}`);
    this.send = send;
  }

  receive(_hub: Peer, { number }: Transfer): void {
    if (number === BAD_NUMBER) throw new LairError("call-malformed", "The hub sent what it was not asked.");
    this.told.push(`receive ${number}`);
  }

  ended({ name }: Peer): void {
    this.told.push(`ended ${name}`);
  }

  forgotten({ name }: Peer, history: boolean): void {
    this.told.push(`forgotten ${name}${history ? " with history" : ""}`);
  }

  command(command: RoomCommand): void {
    this.told.push(command.type);
    this.commands.push(command);
  }

  get look(): never {
    return assert.fail("nobody looks");
  }

  async ask(command: RoomCommand): Promise<undefined> {
    this.command(command);
  }

  expire(nowMs: number): void {
    this.told.push(`expire ${nowMs}`);
  }

  whenIdle(action: () => void): void {
    if (this.undelivered === 0) action();
    else this.idle = action;
  }

  async close(): Promise<void> {
    this.told.push("closed");
  }
}

/** A transfer of this number is none. */
export const BAD_NUMBER = 13;

export function news(number: number): Transfer {
  return { kind: "news", number, bytes: Uint8Array.of(1) };
}

interface MemberOptions {
  readonly to?: string;
  /** The program that was there before it, in the same home. */
  readonly after?: Member;
  /** Absent: the engine is there at once. */
  readonly load?: (make: () => Rooms) => Promise<Rooms>;
}

/** A member's program, from its start. */
export class Member {
  readonly identity: Identity;
  readonly messenger: Messenger;
  readonly shown: ProgramEvent[] = [];
  readonly demands: Demand[] = [];
  readonly pairings: MemoryPairings;
  code: number | undefined;
  /** Those that were made: one at most. */
  readonly engines: FakeRooms[] = [];
  /** As for `lair-client --json`: whether it is idle. */
  isIdle = false;
  readonly #dialing: Dialing;

  constructor(network: Network, random: SeededRandom, { to, load, after }: MemberOptions = {}) {
    const { clock } = network;
    this.identity = after?.identity ?? keyPair(suite, random.bytes);
    const pairings = after?.pairings ?? new MemoryPairings();
    this.pairings = pairings;
    const store = new LastingStore(random.bytes(16));
    const frontend = {
      show: (event: ProgramEvent) => void this.shown.push(event),
      regulateInput: (demand: Demand) => void this.demands.push(demand),
      whenTaken: (action: (isTaken: boolean) => void) => action(true),
      close() {},
    };
    this.messenger = new Messenger({
      exportHistory: () => assert.fail("nothing is exported"),
      frontend,
      clock,
      suite,
      self: this.identity,
      verbose: false,
      persistence: { store, history: undefined, isLasting: true },
      retention: undefined,
      peers: () => pairings.peers(),
      savePeer: (peer) => pairings.savePeer(peer),
      forgetPeer: ({ publicKey }) => pairings.forgetPeer(publicKey),
      random: random.bytes,
      onChanged: (peer) => this.#dialing.changed(peer),
      dial: (target) => this.#dialing.dial(target),
      loadRooms: async (frame) => {
        const make = (): Rooms => {
          const rooms = new FakeRooms(frame);
          this.engines.push(rooms);
          return rooms;
        };
        return load === undefined ? make() : await load(make);
      },
      to,
      isAwaiting: true,
    });
    const capabilities = [READS_INTRODUCTIONS, CAN_DIAL, ROOMS, READS_ENTRIES];
    const connecting = new Connecting({
      party: {
        suite,
        random: random.bytes,
        staticKey: this.identity,
        hello: { name: "ada", agent: "test/1", capabilities },
      },
      clock,
      connect: async (url) => pausable(network.connect(url, "ada").ends[0]),
      peers: () => pairings.peers(),
      savePeer: (peer) => pairings.savePeer(peer),
      chatWith: (peer) => this.messenger.chatWith(peer),
      trustFirst: false,
    });
    this.#dialing = new Dialing({
      connecting,
      messenger: this.messenger,
      frontend,
      suite,
      clock,
      newBackoff: () => new Backoff((upTo) => random.below(Math.ceil(upTo))),
      isOnce: false,
      isPatient: true,
      isQueueing: false,
      peers: () => pairings.peers(),
      targetOf,
      targetFor: (peer, before) => targetFor(peer, before, pairings.peers()),
      proxyFor: () => undefined,
      onIdle: () => {
        this.isIdle = true;
      },
    });
    void this.messenger.finished.then((code) => {
      this.code = code;
    });
    this.messenger.recall();
    for (const peer of pairings.peers()) {
      const target = targetOf(peer);
      if (target !== undefined) this.#dialing.dial(target);
    }
  }

  get rooms(): FakeRooms {
    assert.equal(this.engines.length, 1, "the engine is made once");
    return this.engines[0]!;
  }

  command(command: Command): void {
    this.messenger.command(command);
  }

  room(command: RoomCommand): void {
    this.command({ type: "room", command });
  }

  join(link: string): void {
    this.room({ type: "join-link", link });
  }

  /** The stored peer of this name. */
  peer(name: string): Peer | undefined {
    return this.pairings.peers().find((peer) => peer.name === name);
  }

  isPairedWith({ identity }: FakeHub): boolean {
    return findPeer(this.pairings.peers(), identity.publicKey) !== undefined;
  }

  get hubs(): readonly string[] {
    return hubsAmong(this.pairings.peers()).map(({ name }) => name);
  }

  /** Of what was shown: events of this type. */
  all<Type extends ProgramEvent["type"]>(type: Type): Extract<ProgramEvent, { type: Type }>[] {
    return this.shown.filter((event): event is Extract<ProgramEvent, { type: Type }> => event.type === type);
  }

  get errors(): readonly string[] {
    return this.all("error").map(({ code, message }) => `[${code}] ${message}`);
  }
}

/** What arrives while it is paused waits. */
function pausable(carrier: Carrier): Carrier {
  let isPaused = false;
  let waiting: (() => void)[] = [];
  const orLater = (action: () => void): void => {
    if (isPaused) waiting.push(action);
    else action();
  };
  return {
    get bufferedBytes() {
      return carrier.bufferedBytes;
    },
    attach: (handlers) =>
      carrier.attach({
        frame: (bytes) => orLater(() => handlers.frame(bytes)),
        closed: (how) => handlers.closed(how),
        drained: () => handlers.drained(),
      }),
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
      const actions = waiting;
      waiting = [];
      setImmediate(() => {
        for (const action of actions) orLater(action);
      });
    },
    send: (frame) => carrier.send(frame),
    close: (code) => carrier.close(code),
    terminate: () => carrier.terminate(),
  };
}

/** A network with a hub, and what lets time pass. */
export function hubWorld(seed = 1) {
  const random = new SeededRandom(seed);
  const network = new Network(new ManualClock());
  const hub = new FakeHub("hub", network, random);
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      await network.clock.passWith(500, turn);
      for (let turns = 0; turns < 12; turns++) await turn();
    }
  };
  return { random, network, hub, pass };
}

/** The same, and a member who has joined. */
export async function memberOfHub(options: MemberOptions = {}) {
  const world = hubWorld();
  const member = new Member(world.network, world.random, options);
  member.join(world.hub.invite());
  await world.pass(1_000);
  return { ...world, member };
}
