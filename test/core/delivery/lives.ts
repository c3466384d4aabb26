// Two people who talk for as long as a schedule goes on, over links that break at any moment, programs that crash and
// stores that fail, and in the other game stores of which an older copy is put back, or that are begun anew. Real channels
// with the toy suite, without the handshake. Some messages are on streams of their own, and some of a kind that nobody
// reads, which arrives and is never told. Everything follows from the seed.
//
// Of stores that were put back, in whatever order and however often, it proves (docs/PROTOCOL.md §7.1):
// - no store takes a message that it has taken;
// - what a store counts as delivered has arrived in a store of the peer's at some time;
// - numbers are left out, and messages with them, only once both people have been told how many;
// - if only one of the two was ever put back: what the other said is all there but for exactly what is told as missing,
//   what it said itself is all there, and both in order.

import assert from "node:assert/strict";
import { readU32, toHex, u32, u64 } from "../../../src/core/bytes.ts";
import type { Channel, ChannelEvent } from "../../../src/core/channel/index.ts";
import { Delivery, type DeliveryEvent } from "../../../src/core/delivery/delivery.ts";
import { CHAT_KIND } from "../../../src/core/delivery/data.ts";
import { MemoryStore } from "../../../src/core/delivery/memory-store.ts";
import type { MemoryNotice } from "../../../src/core/delivery/resume.ts";
import type { Change, Route, Store, StoredMessage, StoredPeer } from "../../../src/core/delivery/store.ts";
import { LairError } from "../../../src/core/errors.ts";
import { directPair } from "../channel/direct-pair.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { opposite, type Side, SIDES } from "../channel/pair.ts";
import { SeededRandom } from "../channel/seeded-random.ts";
import { idOf, PEER } from "./rogue-session.ts";

const KINDS = new Map([CHAT_KIND, 2].map((kind) => [kind, {}] as const));
const UNKNOWN_KIND = 9;

/** The program dies while it stores. */
class Death extends Error {}

/** What a store had before a commit. */
interface Before {
  readonly expected: number;
  readonly waiting: readonly number[];
}

/** A store that remembers how it came to be, so that an older copy of it can be made. */
class LifeStore implements Store {
  readonly id: Uint8Array;
  life: Uint8Array;
  readonly log: Change[][] = [];
  /** All messages of both people, by hex of the stamp. */
  readonly said: Map<string, number>;
  readonly #store: MemoryStore;
  /** As many of the peer's messages as were left out, and told as missing. */
  missing = 0;
  /** The peer's messages that it has. */
  readonly taken = new Set<number>();
  /** What becomes of the next commit. */
  fate: "stored" | "refused" | "death before" | "death after" = "stored";
  /** Called for each commit that was stored, before anybody else knows of it. */
  onStored: (changes: readonly Change[], before: Before) => void = () => {};

  constructor(id: Uint8Array, life: Uint8Array, said: Map<string, number>) {
    this.id = id;
    this.life = life;
    this.said = said;
    this.#store = new MemoryStore(life, id);
  }

  copy(): LifeStore {
    const copy = new LifeStore(this.id, this.life, this.said);
    for (const changes of this.log) copy.commit(PEER, changes);
    copy.missing = this.missing;
    for (const message of this.taken) copy.taken.add(message);
    return copy;
  }

  load(peer: Uint8Array): StoredPeer {
    return this.#store.load(peer);
  }

  readOutbox(peer: Uint8Array, from: number, maxBytes: number): readonly StoredMessage[] {
    // Two messages at most: windows end everywhere.
    return this.#store.readOutbox(peer, from, Math.min(maxBytes, 8));
  }

  /** The messages that wait. */
  get waiting(): readonly number[] {
    const messages = this.#store.readOutbox(PEER, this.load(PEER).acknowledged, Number.POSITIVE_INFINITY);
    return messages.map(({ message }) => readU32(message, 0));
  }

  commit(peer: Uint8Array, changes: readonly Change[]): void {
    const { fate } = this;
    this.fate = "stored";
    if (fate === "refused") throw new LairError("store-unwritable", "The disk is full.");
    if (fate === "death before") throw new Death();
    const before = { expected: this.load(peer).expected, waiting: this.waiting };
    this.#store.commit(peer, changes);
    for (const change of changes) {
      if (change.type === "queued") this.said.set(toHex(change.stamp), readU32(change.message, 0));
    }
    this.log.push([...changes]);
    this.onStored(changes, before);
    if (fate === "death after") throw new Death();
  }

  forgetPeer(): never {
    throw new Error("nobody is forgotten here");
  }

  /** Every message that was ever stored here, in order. */
  messages(type: "queued" | "arrived"): number[] {
    return this.log.flatMap((changes) => this.messagesIn(changes, type));
  }

  /** One that was ignored has arrived. */
  messagesIn(changes: readonly Change[], type: "queued" | "arrived"): number[] {
    return changes.flatMap((change) => {
      if (change.type === "ignored" && type === "arrived") return [this.said.get(toHex(change.stamp))!];
      return change.type === type ? [readU32(change.message, 0)] : [];
    });
  }
}

/** One connection. It may be over for one side while the other has not noticed. */
interface Link {
  readonly channels: Record<Side, Channel>;
  /** By sender. */
  readonly underWay: Record<Side, Uint8Array[]>;
  /** What each was told of the two stores. */
  readonly notices: Record<Side, MemoryNotice[]>;
  isCut: boolean;
  timeLeftMs: number;
}

interface Person {
  store: LifeStore;
  delivery: Delivery;
  link: Link | undefined;
  /** What it has been told of the peer's, by the programs over this store. */
  readonly told: Set<number>;
  /** What has arrived in any store that it ever had. */
  readonly everArrived: Set<number>;
  /** The link whose RESUME it heard last. */
  heard: Link | undefined;
  /** So many messages came since the last commit that some store of its had taken. */
  passedOver: number;
}

export interface Played {
  readonly messages: number;
  readonly sessions: number;
  readonly rekeys: number;
  /** Times at which something stored twice, or left out, would have shown. */
  readonly restored: number;
  readonly notices: number;
}

/** All frames that a schedule may take to arrive: the deadlines of §8.4 have tests of their own. */
const LIMITS = { replyTimeoutMs: 1e9, keyGraceMs: 1e9 };

export class Lives {
  readonly #random: SeededRandom;
  readonly #clock = new FakeClock();
  readonly #people: Record<Side, Person>;
  /** Whether stores are changed for older copies of themselves, and whose. */
  readonly #restores: boolean;
  readonly #restored: readonly Side[];
  readonly #said = new Map<string, number>();
  #links: Link[] = [];
  readonly #copies: Record<Side, LifeStore[]> = { driver: [], other: [] };
  #nextMessage = 0;
  #nextLife = 0n;
  #sessions = 0;
  #rekeys = 0;
  #restorings = 0;
  #notices = 0;

  constructor(seed: number, restores: boolean) {
    this.#random = new SeededRandom(seed);
    this.#restores = restores;
    this.#restored = this.#random.chance(70) ? [this.#random.pick(SIDES)] : SIDES;
    this.#people = { driver: this.#newPerson(1), other: this.#newPerson(2) };
    for (const side of SIDES) this.#watch(side);
  }

  #newPerson(id: number): Person {
    const store = new LifeStore(idOf(id), this.#newLife(), this.#said);
    const delivery = new Delivery(store, PEER, KINDS);
    const [told, everArrived] = [new Set<number>(), new Set<number>()];
    return { store, delivery, link: undefined, told, everArrived, heard: undefined, passedOver: 0 };
  }

  #newLife(): Uint8Array {
    return u64(this.#nextLife++);
  }

  #watch(side: Side): void {
    const { store } = this.#people[side];
    store.onStored = (changes, before) => this.#check(side, store, changes, before);
  }

  /** What is stored must be right whether it is ever told or not: the program may die right now. */
  #check(side: Side, store: LifeStore, changes: readonly Change[], before: Before): void {
    const person = this.#people[side];
    const peer = this.#people[opposite(side)];
    const after = store.load(PEER);
    const arrived = store.messagesIn(changes, "arrived");
    for (const message of arrived) {
      assert.ok(!store.taken.has(message), `${message} is stored twice`);
      store.taken.add(message);
      person.everArrived.add(message);
    }
    for (const change of changes) {
      // It is never told.
      if (change.type === "ignored") person.told.add(store.said.get(toHex(change.stamp))!);
    }

    const wait = new Set(store.waiting);
    const waited = [...before.waiting, ...store.messagesIn(changes, "queued")];
    for (const message of waited) {
      assert.ok(
        wait.has(message) || peer.everArrived.has(message),
        `${message} counts as delivered, and never arrived`,
      );
    }

    const hasStepped = changes.some(({ type }) => type === "peer-store-seen");
    const own = hasStepped ? person.heard!.notices[side] : [];
    const missing = own.find(({ whose }) => whose === "own")?.missing ?? 0;
    const leftOut = after.expected - before.expected - arrived.length;
    assert.ok(leftOut <= missing + person.passedOver, `${leftOut} are left out, ${missing} were told`);
    store.missing += missing;
    person.passedOver = 0;
    for (const notice of own) {
      const isMirrored = person.heard!.notices[opposite(side)].some(
        (one) => one.whose !== notice.whose && one.missing === notice.missing,
      );
      assert.ok(notice.missing === 0 || isMirrored, `${notice.missing} are missing, and only one side was told`);
    }
  }

  play(steps: number): Played {
    for (let step = 0; step < steps; step++) this.#step(this.#random.pick(SIDES));
    this.#settle();
    return {
      messages: this.#nextMessage,
      sessions: this.#sessions,
      rekeys: this.#rekeys,
      restored: this.#restorings,
      notices: this.#notices,
    };
  }

  #step(side: Side): void {
    const random = this.#random;
    const person = this.#people[side];
    const die = random.below(1_000);
    if (die < 150) this.#say(side, random.between(1, 4));
    else if (die < 470) this.#turn(side, random.between(0, 3));
    else if (die < 810) for (let count = random.between(1, 4); count > 0; count--) this.#arrive(side);
    else if (die < 880) this.#pass(random.below(2_500));
    else if (die < 910) this.#connect();
    else if (die < 930) this.#cut(side);
    else if (die < 935) person.link?.channels[side].close(0, this.#clock.now);
    else if (die < 945) this.#show(side);
    else if (this.#restores && die >= 970) this.#meddle(random.pick(this.#restored));
    else if (die < (this.#restores ? 960 : 970)) this.#crash(side);
    else person.store.fate = random.pick(["refused", "death before", "death after"]);
  }

  #say(side: Side, count: number): void {
    const { delivery } = this.#people[side];
    for (; count > 0; count--) delivery.send(u32(this.#nextMessage++), this.#clock.now, undefined, this.#route());
  }

  #route(): Route | undefined {
    if (this.#random.chance(70)) return undefined;
    return { kind: this.#random.pick([2, 2, UNKNOWN_KIND]), stream: this.#random.between(1, 3) };
  }

  /** What happened is stored and told; up to `most` frames leave. Returns whether anything moved. */
  #turn(side: Side, most: number): boolean {
    // Nobody asks for frames so early, but none of them may tell of what is not stored.
    if (this.#random.chance(20)) this.#take(side, most);
    if (!this.#survives(side, () => this.#commit(side))) return true;
    return this.#take(side, most) > 0;
  }

  #take(side: Side, most: number): number {
    const { link, delivery } = this.#people[side];
    if (link === undefined) return 0;
    const channel = link.channels[side];
    let frames = 0;
    if (!this.#advance(side)) return 0;
    for (; frames < most; frames++) {
      delivery.sessionOn(channel)?.transmit();
      const frame = channel.nextFrame(this.#clock.now);
      if (frame === undefined) break;
      link.underWay[side].push(frame);
    }
    if (channel.state === "closed") this.#end(side);
    return frames;
  }

  #commit(side: Side): void {
    const { delivery } = this.#people[side];
    for (const event of delivery.commit()) this.#tell(side, event);
  }

  /** Carries out what may meet a store that fails; false when that ended the link or the program. */
  #survives(side: Side, action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      if (error instanceof Death) this.#crash(side);
      else if (error instanceof LairError && error.code === "store-unwritable") this.#end(side);
      else throw error;
      return false;
    }
  }

  #tell(side: Side, event: DeliveryEvent): void {
    const person = this.#people[side];
    const peer = this.#people[opposite(side)];
    switch (event.type) {
      case "arrived":
        this.#toldOf(side, readU32(event.message, 0));
        break;
      case "delivered":
        if (!this.#restores) assert.ok(peer.store.load(PEER).expected > event.seq, "what is delivered has arrived");
        break;
      case "memory":
        assert.ok(this.#restores, "nobody has put anything back");
        this.#notices += 1;
        person.heard!.notices[side].push(event);
        break;
      case "queued":
      case "sent":
      case "released":
      case "room":
    }
  }

  /** Whatever is told is stored, and told once in a program's life: `again` in a later one is said to be. */
  #toldOf(side: Side, message: number): void {
    const { store, told } = this.#people[side];
    assert.ok(store.taken.has(message), "what is told is stored");
    assert.ok(!told.has(message), `message ${message} is told twice`);
    told.add(message);
  }

  /** The oldest frame of `sender` on one of the links arrives. Returns whether anything moved. */
  #arrive(sender: Side): boolean {
    const receiver = opposite(sender);
    const ready = this.#links.filter(({ isCut, underWay }) => !isCut && underWay[sender].length > 0);
    if (ready.length === 0) return false;
    const link = this.#random.pick(ready);
    const frame = link.underWay[sender].shift()!;
    const channel = link.channels[receiver];
    // A link of which this side knows no more, or which another has replaced here, may still bring something.
    if (channel.state === "closed") return true;
    this.#handle(receiver, link, channel.receive(frame, this.#clock.now));
    return true;
  }

  #handle(side: Side, link: Link, events: readonly ChannelEvent[]): void {
    const person = this.#people[side];
    for (const event of events) {
      if (event.type === "record") {
        if (event.record === "data" && person.everArrived.has(readU32(event.body, 23))) person.passedOver += 1;
        person.delivery.receive(link.channels[side], event, this.#clock.now);
        if (event.record === "resume" && person.link === link) person.heard = link;
      } else if (event.type === "rekeyed") this.#rekeys += 1;
      else if (person.link === link) this.#end(side);
    }
  }

  /** Time passes; who has not heard anything for long is cut off before the end of its patience. */
  #pass(ms: number): void {
    this.#clock.pass(ms);
    for (const link of this.#links) {
      link.timeLeftMs -= ms;
      if (link.timeLeftMs <= 0) link.isCut = true;
    }
    for (const side of SIDES) if (this.#people[side].link?.isCut === true) this.#end(side);
    for (const side of SIDES) this.#advance(side);
  }

  /** What time brings to the channel of the moment. False: the peer's RESUME has not come in time, and the link is given up. */
  #advance(side: Side): boolean {
    try {
      this.#people[side].link?.channels[side].advance(this.#clock.now);
      return true;
    } catch (error) {
      if (!(error instanceof LairError) || error.code !== "peer-stalled") throw error;
      this.#cut(side);
      return false;
    }
  }

  /** A new link; an older one may still be there, and is replaced. */
  #connect(): void {
    this.#sessions += 1;
    const minMs = this.#random.pick([1_000, 1_000, 10_000]);
    const { driver, other } = directPair({
      seed: this.#sessions,
      clock: this.#clock,
      rekey: { minMs, maxMs: minMs },
      limits: LIMITS,
      resumed: false,
    });
    const link: Link = {
      channels: { driver, other },
      underWay: { driver: [], other: [] },
      notices: { driver: [], other: [] },
      isCut: false,
      timeLeftMs: 30_000,
    };
    this.#links = [...this.#links.filter(({ isCut }) => !isCut), link].slice(-3);
    for (const side of SIDES) {
      const person = this.#people[side];
      // What was told must be known by its link.
      if (this.#restores) this.#survives(side, () => this.#commit(side));
      person.link = link;
      this.#survives(side, () => person.delivery.attach(link.channels[side]));
    }
  }

  /** The link is gone; `side` notices, the other perhaps later. */
  #cut(side: Side): void {
    const { link } = this.#people[side];
    if (link === undefined) return;
    link.isCut = true;
    this.#end(side);
    if (this.#random.chance(50)) this.#end(opposite(side));
  }

  /** The link is over for `side`. */
  #end(side: Side): void {
    const person = this.#people[side];
    if (person.link === undefined) return;
    const channel = person.link.channels[side];
    channel.destroy();
    person.delivery.detach(channel);
    person.link = undefined;
  }

  /** What was not stored is forgotten; what arrived and was not shown is told again, as such. */
  #crash(side: Side): void {
    this.#end(side);
    const person = this.#people[side];
    person.store.life = this.#newLife();
    person.delivery = new Delivery(person.store, PEER, KINDS);
    person.passedOver = 0;
    for (const { message } of person.delivery.takeUnseen()) {
      person.told.delete(readU32(message, 0));
      this.#toldOf(side, readU32(message, 0));
    }
  }

  /** The person has been shown all that it was told. */
  #show(side: Side): void {
    const { delivery, store } = this.#people[side];
    const { inbox } = store.load(PEER);
    const last = inbox.at(-1);
    if (last !== undefined && this.#people[side].told.has(readU32(last.message, 0))) delivery.show(last.seq + 1);
  }

  /** A store is copied, or an older copy put back, or a new one begun; a program begins on it. */
  #meddle(side: Side): void {
    const person = this.#people[side];
    person.store.fate = "stored";
    this.#commit(side);
    const copies = this.#copies[side];
    if (this.#random.chance(50)) {
      copies.push(person.store.copy());
      this.#crash(side);
      return;
    }
    this.#restorings += 1;
    person.store =
      copies.length === 0 || this.#random.chance(20)
        ? new LifeStore(idOf(10 + this.#restorings), this.#newLife(), this.#said)
        : this.#random.pick(copies).copy();
    this.#watch(side);
    person.told.clear();
    for (const message of person.store.taken) person.told.add(message);
    this.#crash(side);
    if (this.#random.chance(70)) this.#connect();
    if (this.#random.chance(30)) this.#exchange();
  }

  /** Everything arrives. */
  #exchange(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const side of SIDES) moved = this.#turn(side, 1) || this.#arrive(side) || moved;
    }
  }

  /** In the end there is a link that lasts. */
  #settle(): void {
    for (const side of SIDES) this.#people[side].store.fate = "stored";
    for (const side of SIDES) this.#end(side);
    this.#links = [];
    this.#connect();
    this.#exchange();
    for (const side of SIDES) {
      const { delivery, told, store } = this.#people[side];
      assert.deepEqual([delivery.undelivered, delivery.queued, delivery.hasStaged], [0, 0, false], "all is delivered");
      assert.deepEqual(store.load(PEER).outbox, []);
      assert.equal(told.size, store.messages("arrived").length, "all that arrived was told");
      this.#compare(side);
    }
  }

  /** What `side` has said, and the other has. */
  #compare(side: Side): void {
    const sender = this.#people[side];
    const receiver = this.#people[opposite(side)];
    const said = sender.store.messages("queued");
    const got = receiver.store.messages("arrived");
    assert.equal(new Set(got).size, got.length, "nothing is stored twice");
    if (!this.#restores) {
      assert.deepEqual(got, said);
      return;
    }
    // Both were put back: what was told as missing may come late, from an older copy of its sender's store.
    if (this.#restored === SIDES) return;
    const has = new Set(got);
    assert.deepEqual(
      got.filter((message) => said.includes(message)),
      said.filter((message) => has.has(message)),
      "in order",
    );
    const lost = said.filter((message) => !has.has(message)).length;
    assert.equal(lost, receiver.store.missing, "what is lost is what was told as missing");
    if (this.#restored[0] === side) assert.equal(lost, 0, "whose store was never put back has everything");
  }
}

/** Plays `count` schedules. Throws an Error that names the seed of the one that failed. */
export function playLives(count: number, firstSeed: number, { restores }: { readonly restores: boolean }): Played {
  const sum = { messages: 0, sessions: 0, rekeys: 0, restored: 0, notices: 0 };
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    try {
      const played = new Lives(seed, restores).play(restores ? 160 : 120);
      for (const name of Object.keys(sum) as (keyof Played)[]) sum[name] += played[name];
    } catch (cause) {
      throw new Error(`the schedule of seed ${seed} fails: LAIR_TEST_SEED=${seed} plays it first`, { cause });
    }
  }
  return sum;
}
