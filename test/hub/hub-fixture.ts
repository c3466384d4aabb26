// A hub over a store in memory, and people who have authenticated with it: without sockets, and by a clock of the test.

import assert from "node:assert/strict";
import {
  type Answered,
  type Asked,
  type CallName,
  decodeAnswer,
  decodeNews,
  encodeCall,
  nameOfNews,
  type NewsBody,
  type NewsName,
  type Outcome,
  type Refused,
} from "../../src/core/hub/calls.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import type { EndedBy, HubEvent } from "../../src/hub/events.ts";
import { type Arrived, Hub, type HubMember, type HubOptions } from "../../src/hub/hub.ts";
import { MemoryHubStore } from "../../src/hub/memory-store.ts";
import { DEFAULT_QUOTAS, type HubQuotas } from "../../src/hub/quotas.ts";
import type { Account, HubStore } from "../../src/hub/store.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { id, key } from "./store-contract.ts";

export const ROOM = id(200);

/** What somebody has heard. */
export type Heard = { readonly [Name in NewsName]: { readonly name: Name; readonly body: NewsBody<Name> } }[NewsName];

/** Somebody's session. */
export class Person {
  readonly key: Uint8Array;
  readonly member: HubMember;
  readonly #heard: Heard[];
  readonly #ends: EndedBy[];

  constructor(number: number, member: HubMember, heard: Heard[], ends: EndedBy[]) {
    this.key = key(number);
    this.member = member;
    this.#heard = heard;
    this.#ends = ends;
  }

  /** Why the hub has ended it, in their order. */
  get ends(): readonly EndedBy[] {
    return this.#ends;
  }

  async ask<Name extends CallName>(name: Name, ask: Asked<Name>): Promise<Outcome<Name>> {
    return decodeAnswer(name, await this.member.call(encodeCall(name, ask)));
  }

  /** The answer. Fails if the hub refuses. */
  async answer<Name extends CallName>(name: Name, ask: Asked<Name>): Promise<Answered<Name>> {
    const outcome = await this.ask(name, ask);
    assert.equal(outcome.type, "answered", outcome.type === "refused" ? `${name}: ${outcome.refusal}` : "");
    assert.ok(outcome.type === "answered");
    return outcome.answer;
  }

  /** The refusal. Fails if the hub does it. */
  async refusal<Name extends CallName>(name: Name, ask: Asked<Name>): Promise<Refused> {
    const outcome = await this.ask(name, ask);
    assert.ok(outcome.type === "refused", `${name} was done`);
    assert.match(outcome.sentence, /^[A-Z].*\.$/, "a sentence for a person");
    return outcome;
  }

  /** What it has heard since the last time. */
  async heard(): Promise<readonly Heard[]> {
    await settled();
    return this.#heard.splice(0);
  }
}

/** All that is waited for in memory has happened. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

type WorldOptions = Partial<Omit<HubOptions, "quotas">> & { readonly quotas?: Partial<HubQuotas> };

export class HubWorld {
  readonly store: HubStore;
  readonly clock = new ManualClock();
  readonly events: HubEvent[] = [];
  readonly hub: Hub;

  constructor({ quotas = {}, store = new MemoryHubStore(), ...options }: WorldOptions = {}) {
    this.store = store;
    this.hub = new Hub({
      store: this.store,
      clock: this.clock,
      random: new SeededRandom(7).bytes,
      suite: OPENSSL_SUITE,
      quotas: { ...DEFAULT_QUOTAS, ...quotas },
      duplicate: "takeover",
      isOpen: true,
      keepMs: 1_000_000,
      log: (event) => this.events.push(event),
      ...options,
    });
  }

  /** `news` stands in for the connection, if it is given. `readsEntries`: its program reads news that carry an entry. */
  async arrive(
    number: number,
    options: {
      readonly via?: string;
      readonly name?: string;
      readonly news?: (bytes: Uint8Array) => Promise<void>;
      readonly readsEntries?: boolean;
    } = {},
  ): Promise<{ readonly arrived: Arrived; readonly person: Person | undefined }> {
    const heard: Heard[] = [];
    const ends: EndedBy[] = [];
    const who = { key: key(number), signatureKey: key(number + 100), name: options.name ?? `p${number}` };
    const news = options.news ?? ((bytes: Uint8Array) => void heard.push(decoded(bytes)));
    const { readsEntries = false } = options;
    const connection = { readsEntries, news, end: (why: EndedBy) => void ends.push(why) };
    const arrived = await this.hub.arrive(who, options.via, connection);
    const person = arrived.type === "member" ? new Person(number, arrived.member, heard, ends) : undefined;
    return { arrived, person };
  }

  /** Of that person, as the directory has it. */
  async account(number: number): Promise<Account | undefined> {
    return await this.store.accounts.account(key(number));
  }

  /** Somebody who is let in. */
  async person(number: number, options: { readonly readsEntries?: boolean } = {}): Promise<Person> {
    const { arrived, person } = await this.arrive(number, options);
    assert.ok(person, arrived.type === "turned-away" ? arrived.why : "");
    return person;
  }

  /** The first of these people has made ROOM, and the others are in it. Nothing of it is to be heard any more. */
  async room(...people: readonly Person[]): Promise<void> {
    const [first, ...others] = people;
    assert.ok(first);
    await first.answer("create", { room: ROOM, listedName: undefined });
    const seats = others.map(({ key: other }) => ({ key: other, role: "member" as const }));
    await first.answer("commit", commitOf({ seats }));
    for (const person of people) await person.heard();
  }
}

function decoded(bytes: Uint8Array): Heard {
  const name = nameOfNews(bytes);
  assert.ok(name !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the name says which body it is
  return { name, body: decodeNews(name, bytes) } as Heard;
}

/** The first commit of ROOM, but for what is said. */
export function commitOf(change: Partial<Asked<"commit">> = {}): Asked<"commit"> {
  return {
    room: ROOM,
    id: id(1),
    epoch: 0,
    commits: 0,
    bytes: id(1),
    seats: [],
    removed: [],
    listing: undefined,
    groupInfo: undefined,
    welcome: undefined,
    link: undefined,
    ...change,
  };
}

/** A line of ROOM. */
export function lineOf(number: number, change: Partial<Asked<"post">> = {}): Asked<"post"> {
  return { room: ROOM, type: "message", id: id(number), epoch: 1, bytes: Uint8Array.of(number), ...change };
}
