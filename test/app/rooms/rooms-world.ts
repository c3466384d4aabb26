// Programs with rooms, and the hub where they meet: the real engine, the real MLS library and the real hub, over stores in memory.
// Without sockets; the test cuts and makes the lines between them.

import assert from "node:assert/strict";
import { makeRooms } from "../../../src/app/rooms/make-rooms.ts";
import { MemoryRoomStore } from "../../../src/app/rooms/memory-room-store.ts";
import type { RoomCommand } from "../../../src/app/rooms/room-commands.ts";
import type { RoomReport } from "../../../src/app/rooms/room-reports.ts";
import type { RoomStep, RoomStore } from "../../../src/app/rooms/room-store.ts";
import type { Rooms } from "../../../src/app/rooms/rooms.ts";
import { LairError } from "../../../src/core/errors.ts";
import type { Identity } from "../../../src/core/identity/identity.ts";
import type { Peer } from "../../../src/core/identity/peer.ts";
import type { GroupCrypto } from "../../../src/core/room/group-crypto.ts";
import { ROOM_RULES } from "../../../src/core/room/policy.ts";
import type { Transfer } from "../../../src/core/transfers/pieces.ts";
import type { HubMember } from "../../../src/hub/hub.ts";
import { mlsGroupCrypto } from "../../../src/mls/index.ts";
import { OPENSSL_AES_GCM, OPENSSL_SUITE as SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { HubWorld } from "../../hub/hub-fixture.ts";
import { counted, identityOf, keepPackages } from "./kept-packages.ts";

export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

export const HUB_KEY = new Uint8Array(32).fill(200);
export const HUB: Peer = {
  publicKey: HUB_KEY,
  signatureKey: new Uint8Array(32).fill(201),
  name: "the hub",
  psk: undefined,
  pairedAtMs: 0,
  comparedAtMs: undefined,
  url: "ws://127.0.0.1:9",
  invitePsk: undefined,
};
/** Far beyond what anything here takes; a test that waits for something that never comes ends by it. */
const PATIENCE_MS = 60_000;

/** What is under way may take so long before time passes. */
const QUIET_MS = 1_000;
/** Some steps have the event loop turn, and nothing is under way meanwhile. */
const STILL_TURNS = 12;

/** For tests in which nobody is added more often. */
const FEW = 4;

export type ReportOf<Type extends RoomReport["type"]> = RoomReport & { readonly type: Type };

/** One program of somebody: it can lose its line, end, and begin again. */
export class Program {
  readonly name: string;
  readonly identity: Identity;
  readonly world: RoomsWorld;
  store = new MemoryRoomStore();
  /** How many key packages wait at the hub: each takes its time to be made. Undefined: as many as in a program. */
  packages: number | undefined;
  /** Everything that it was told, over all its lives. */
  readonly reports: RoomReport[] = [];
  rooms: Rooms;
  /** A messenger may want to be told as well. */
  messenger: { show(report: RoomReport): void; answer(report: RoomReport): void } | undefined;
  #life = { isOver: false };
  #line: { readonly member: HubMember; isOpen: boolean } | undefined;
  /** Transfers go through it: a test may keep, change or drop them. */
  onCall: (bytes: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array | undefined> = (bytes) => bytes;
  onAnswer: (bytes: Uint8Array, asked: Uint8Array) => Uint8Array | Promise<Uint8Array> = (bytes) => bytes;
  onNews: (bytes: Uint8Array) => Uint8Array | undefined = (bytes) => bytes;
  /** Whether it says so to the hub: a test may have an older program. */
  readsEntries = true;
  /** Hubs that it knows as well. */
  readonly otherHubs: Peer[] = [];
  /** A step after which the program is killed: it is stored, and nothing comes of it any more. Once. */
  diesAfter: (step: RoomStep) => boolean = () => false;
  /** Why sessions were ended: what the other side sent could not be read. */
  readonly ends: LairError[] = [];

  constructor(world: RoomsWorld, identity: Identity, name: string, packages: number | undefined) {
    this.packages = packages;
    this.world = world;
    this.name = name;
    this.identity = identity;
    this.rooms = this.#make();
  }

  #make(): Rooms {
    const life = { isOver: false };
    this.#life = life;
    return makeRooms({
      groups: this.world.groups,
      store: ofLife(this.store, life, (step) => this.#isLastStep(step)),
      clock: this.world.hub.clock,
      random,
      suite: SUITE,
      identity: this.identity,
      peers: () => [HUB, ...this.otherHubs],
      show: (report) => {
        if (life.isOver) return;
        this.reports.push(report);
        this.messenger?.show(report);
      },
      answer: (report) => {
        if (life.isOver) return;
        this.reports.push(report);
        this.messenger?.answer(report);
      },
      whenTaken: (action) => setImmediate(() => action(true)),
      urlOf: () => "ws://127.0.0.1:9",
      exportLines: (_file, _room, lines) => lines.length,
      packages: this.packages,
    });
  }

  #isLastStep(step: RoomStep): boolean {
    if (!this.diesAfter(step)) return false;
    this.diesAfter = () => false;
    return true;
  }

  /** It was killed, as {@link diesAfter} says. */
  get isDead(): boolean {
    return this.#life.isOver;
  }

  async connect(): Promise<void> {
    const { publicKey: key, signatureKey } = this.identity;
    const line: { member: HubMember; isOpen: boolean } = { member: undefined as never, isOpen: true };
    const arrived = await this.world.hub.hub.arrive({ key, signatureKey, name: this.name }, undefined, {
      readsEntries: this.readsEntries,
      news: async (bytes) => {
        const heard = this.onNews(bytes);
        if (line.isOpen && heard !== undefined) this.receive({ kind: "news", number: 0, bytes: heard });
      },
      end: () => this.cut(),
    });
    assert.ok(arrived.type === "member", arrived.type === "turned-away" ? arrived.why : "");
    line.member = arrived.member;
    this.#line = line;
    this.rooms.opened(HUB, (transfer) => void this.#call(line, transfer));
  }

  async #call(line: { readonly member: HubMember; isOpen: boolean }, { number, bytes }: Transfer): Promise<void> {
    this.world.underWay += 1;
    try {
      const asked = await this.onCall(bytes);
      if (asked === undefined || !line.isOpen) return;
      const answer = await this.onAnswer(await line.member.call(asked), asked);
      if (line.isOpen) this.receive({ kind: "answer", number, bytes: answer });
    } finally {
      this.world.underWay -= 1;
    }
  }

  /** What comes from the hub. Ends the session as a program does, if it cannot be read. */
  receive(transfer: Transfer): void {
    try {
      this.rooms.receive(HUB, transfer);
    } catch (error) {
      assert.ok(error instanceof LairError && error.code === "call-malformed", String(error));
      this.ends.push(error);
      this.cut();
    }
  }

  /** The line is gone: what was on its way is lost. */
  cut(): void {
    if (this.#line === undefined) return;
    this.#line.isOpen = false;
    this.#line.member.leave();
    this.#line = undefined;
    this.rooms.ended(HUB);
  }

  /** The program is killed, and started again with what its store has. */
  async restart(): Promise<void> {
    this.#life.isOver = true;
    this.cut();
    this.rooms = this.#make();
    await this.rooms.recall([HUB]);
  }

  do(command: RoomCommand): void {
    this.rooms.command(command);
  }

  get errors(): string[] {
    return this.told("room-error").map(({ code, message }) => `${code}: ${message}`);
  }

  /** All reports of a type. */
  told<Type extends RoomReport["type"]>(type: Type): ReportOf<Type>[] {
    return this.reports.filter((one): one is ReportOf<Type> => one.type === type);
  }

  /** Waits for a report that fits. */
  async hears<Type extends RoomReport["type"]>(
    type: Type,
    fits: (report: ReportOf<Type>) => boolean = () => true,
  ): Promise<ReportOf<Type>> {
    return await until(
      () => this.told(type).find(fits),
      () => `${this.name} hears ${type}; it heard ${summary(this.reports)}; errors: ${this.world.errors.join("; ")}`,
    );
  }

  /** The texts of a room, as its history has them. */
  async lines(room: string): Promise<string[]> {
    const id = Uint8Array.from(room.match(/../gu)!, (hex) => Number.parseInt(hex, 16));
    return (await this.store.lines(id, Number.MAX_SAFE_INTEGER, 100_000)).map(({ words }) => words);
  }
}

/** The store as a program has it until it is killed: then nothing that it began comes back to it. */
function ofLife(store: MemoryRoomStore, life: { isOver: boolean }, isLast: (step: RoomStep) => boolean): RoomStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (life.isOver) return await new Promise(() => {});
        const result: unknown = await Reflect.apply(value, target, args);
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the argument of that call
        if (name === "change" && isLast(args[0] as RoomStep)) life.isOver = true;
        return life.isOver ? await new Promise(() => {}) : result;
      };
    },
  });
}

export class RoomsWorld {
  readonly hub: HubWorld;
  readonly groups: GroupCrypto = counted(
    keepPackages(mlsGroupCrypto({ signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random, rules: ROOM_RULES })),
    (difference) => void (this.underWay += difference),
  );
  /** Calls of the hub and of the MLS library that are not done yet. */
  underWay = 0;
  readonly #programs: Program[] = [];

  constructor(options: ConstructorParameters<typeof HubWorld>[0] = {}) {
    this.hub = new HubWorld({ random, ...options });
    // The MLS library compares lifetimes with the machine's clock.
    this.hub.clock.time.setWall(Date.now() - this.hub.clock.now().wallMs);
  }

  program(name: string, packages: number | undefined = FEW): Program {
    const program = new Program(this, identityOf(this.#programs.length), name, packages);
    this.#programs.push(program);
    return program;
  }

  /** Somebody whose program is connected. */
  async connected(name: string, packages: number | undefined = FEW): Promise<Program> {
    const program = this.program(name, packages);
    await program.rooms.recall([HUB]);
    await program.connect();
    const { keyPackages } = this.hub.store;
    for (const end = performance.now() + PATIENCE_MS; ;) {
      const count = await keyPackages.countKeyPackages(program.identity.publicKey, this.hub.clock.now().wallMs);
      if (count >= (program.packages ?? 20)) return program;
      assert.ok(performance.now() < end, `${name} publishes no key packages; ${program.errors.join("; ")}`);
      await turn();
    }
  }

  get errors(): string[] {
    return this.#programs.flatMap(({ name, errors }) => errors.map((one) => `${name}: ${one}`));
  }

  /** A classic room that the first has made, and into which the others have come. Returns its id. */
  async room(name: string, first: Program, ...others: readonly Program[]): Promise<string> {
    first.do(created(name));
    const { room } = await first.hears("room-created", (one) => one.room.name === name);
    for (const other of others) await this.invited(room.id, first, other);
    return room.id;
  }

  async invited(room: string, by: Program, who: Program): Promise<void> {
    const before = who.reports.length;
    const isNew = (one: RoomReport & { readonly room: { readonly id: string } }): boolean =>
      one.room.id === room && who.reports.indexOf(one) >= before;
    by.do({ type: "invite", room, who: who.name });
    await who.hears("invited", isNew);
    who.do({ type: "answer", room, isAccepted: true });
    await who.hears("joined", (one) => isNew(one) && one.who === undefined);
  }

  /** Time passes, from timer to timer, until it holds; what a timer begins has its time before the next one. */
  async later(holds: () => boolean, what: string): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; !holds();) {
      assert.ok(performance.now() < end, `this never happened: ${what}; ${this.errors.join("; ")}`);
      this.hub.clock.fireNext(this.hub.clock.now().monotonicMs + 60_000);
      await this.quiet(holds);
    }
  }

  /** Until nothing is under way any more, or it holds. Bounded: a test may have a call wait. */
  async quiet(holds: () => boolean = () => false): Promise<void> {
    const end = performance.now() + QUIET_MS;
    for (let still = 0; still < STILL_TURNS && performance.now() < end && !holds();) {
      await turn();
      still = this.underWay === 0 ? still + 1 : 0;
    }
  }

  /** Lets time pass: timers fire, and what they begin is done. */
  async pass(ms: number): Promise<void> {
    await this.hub.clock.passWith(ms, turn);
  }

  async close(): Promise<void> {
    for (const program of this.#programs) {
      program.cut();
      await program.rooms.close();
    }
    await this.hub.hub.close();
  }
}

export function created(name: string, change: Partial<Extract<RoomCommand, { type: "create" }>> = {}): RoomCommand {
  return {
    type: "create",
    name,
    isListed: false,
    isAnnouncement: false,
    isClassic: true,
    sharedLines: 0,
    ...change,
  };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** What `find` finds, once it finds something. Timers of the fake clock are left alone. */
export async function until<T>(find: () => T | undefined | false, what: () => string): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < end, `this never happened: ${what()}`);
    await turn();
  }
}

function summary(reports: readonly RoomReport[]): string {
  return reports
    .filter(({ type }) => type !== "known-rooms")
    .map((one) => (one.type === "room-error" ? `error ${one.code} (${one.message})` : one.type))
    .join(", ");
}
