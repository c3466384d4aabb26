// A hub that does not follow the protocol, for chosen members: what the real hub answers is changed on its way. It can show each
// member another log; then it keeps the two numberings apart, so that the member notices nothing by a number.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import {
  type Answered,
  type Asked,
  type CallName,
  decodeAnswer,
  decodeCall,
  decodeNews,
  encodeAnswer,
  encodeCall,
  encodeNews,
  encodeRefusal,
  nameOfCall,
  nameOfNews,
  type Refusal,
} from "../../src/core/hub/calls.ts";
import { type Program, RoomsWorld } from "../app/rooms/rooms-world.ts";

export type Entry = Answered<"read">["entries"][number];

/** Answers in the hub's place: with bytes, or with an answer. `answer`: the real one, undefined if it refuses. */
type Lie<Name extends CallName> = (
  answer: Answered<Name> | undefined,
  asked: Asked<Name>,
) => Answered<Name> | Uint8Array | Promise<Answered<Name> | Uint8Array>;

/** The log as a member is shown it; numbers are given anew, unless `numbered`. */
type View = (log: readonly Entry[]) => readonly Entry[];

type AnyLie = (answer: Uint8Array, asked: Uint8Array) => Promise<Uint8Array>;

export class HostileHub {
  readonly #world: RoomsWorld;
  /** By program and call. */
  readonly #lies = new Map<Program, Map<CallName, AnyLie>>();
  readonly #views = new Map<Program, { readonly room: string; readonly view: View; readonly numbered: boolean }>();

  constructor(world: RoomsWorld) {
    this.#world = world;
  }

  /** What this member is answered to calls of a name. */
  lies<Name extends CallName>(program: Program, name: Name, lie: Lie<Name>): void {
    this.#of(program).set(name, async (bytes, asked) => {
      const outcome = decodeAnswer(name, bytes);
      const told = await lie(outcome.type === "answered" ? outcome.answer : undefined, decodeCall(name, asked));
      return told instanceof Uint8Array ? told : encodeAnswer(name, told);
    });
  }

  /** Shows this member another log of a room. `numbered`: the view gives the numbers itself. */
  shows(program: Program, room: string, view: View, { numbered = false } = {}): void {
    this.#views.set(program, { room, view, numbered });
    this.#of(program).set("read", async (bytes, asked) => {
      const call = decodeCall("read", asked);
      const outcome = decodeAnswer("read", bytes);
      if (toHex(call.room) !== room || outcome.type === "refused") return bytes;
      const entries = (await this.#shown(program)).filter(({ seq }) => seq >= call.from);
      return encodeAnswer("read", { entries });
    });
    this.#of(program).set("acknowledge", async () => encodeAnswer("acknowledge", {}));
    const numbers = async (bytes: Uint8Array): Promise<Uint8Array> => {
      if (nameOfCall(bytes) !== "commit") return bytes;
      const call = decodeCall("commit", bytes);
      const last = (await this.#shown(program)).find(({ seq }) => seq === call.commits - 1);
      const real = (await this.log(room)).find(({ id }) => last !== undefined && toHex(id) === toHex(last.id));
      return encodeCall("commit", { ...call, commits: real === undefined ? call.commits : real.seq + 1 });
    };
    program.onCall = numbers;
  }

  /** Is honest to this member again. */
  behaves(program: Program): void {
    this.#lies.delete(program);
    this.#views.delete(program);
    program.onAnswer = (bytes) => bytes;
    program.onNews = (bytes) => bytes;
    program.onCall = (bytes) => bytes;
  }

  /** The true log. */
  async log(room: string): Promise<readonly Entry[]> {
    return await this.#world.hub.store.rooms.read(fromHex(room)!, 0, Number.MAX_SAFE_INTEGER);
  }

  /** Its log ends at this entry again, as it was: the hub was restored from a copy. */
  async rollBack(room: string, next: number): Promise<void> {
    const { rooms } = this.#world.hub.store;
    const { seats, listedName } = (await rooms.room(fromHex(room)!))!;
    const log = (await this.log(room)).filter(({ seq }) => seq < next);
    const quota = { entries: 100_000, bytes: 2 ** 28, posterEntries: 1_000_000, posterBytes: 2 ** 28 };
    await rooms.closeRoom(fromHex(room)!);
    const creator = log[0]!.poster;
    await rooms.createRoom({ id: fromHex(room)!, creator, ...(listedName === undefined ? {} : { listedName }) }, 1_000);
    const all = { seats: seats.map(({ key, role }) => ({ key, role })) };
    let last = -1;
    for (const { seq, ...entry } of log) {
      if (entry.type === "commit") {
        await rooms.appendCommit(fromHex(room)!, { ...entry, type: "commit" }, last, last === -1 ? all : {}, quota);
        last = seq;
      } else await rooms.append(fromHex(room)!, { ...entry, type: entry.type }, quota);
    }
  }

  async #shown(program: Program): Promise<readonly Entry[]> {
    const { room, view, numbered } = this.#views.get(program)!;
    const seat = await this.#world.hub.store.rooms.seat(fromHex(room)!, program.identity.publicKey);
    const log = (await this.log(room)).filter(({ seq }) => seq >= (seat?.from ?? 0));
    // What everybody has is not there any more.
    const first = log[0]?.seq ?? 0;
    const shown = view(log);
    return numbered ? shown : shown.map((entry, at) => ({ ...entry, seq: first + at }));
  }

  #of(program: Program): Map<CallName, AnyLie> {
    const known = this.#lies.get(program);
    if (known !== undefined) return known;
    const lies = new Map<CallName, AnyLie>();
    this.#lies.set(program, lies);
    // Who is to be shown another log has to read it.
    program.onNews = (bytes) => {
      if (!lies.has("read") || nameOfNews(bytes) !== "entry") return bytes;
      const { room, entry } = decodeNews("entry", bytes);
      return encodeNews("entries", { room, next: entry.seq + 1 });
    };
    program.onAnswer = async (bytes, asked) => {
      const name = nameOfCall(asked);
      const lie = name === undefined ? undefined : lies.get(name);
      return lie === undefined ? bytes : await lie(bytes, asked);
    };
    return lies;
  }
}

/** Two members in a room of a hub that is honest so far. */
export async function hostileRoom() {
  const world = new RoomsWorld();
  const hub = new HostileHub(world);
  const [ada, bob] = [await world.connected("ada"), await world.connected("bob")];
  return { world, hub, ada, bob, room: await world.room("ops", ada, bob) };
}

/** A refusal, as an answer. */
export function refusal(why: Refusal): Uint8Array {
  return encodeRefusal({ refusal: why, retryAfterMs: undefined, sentence: "No." });
}

/** Far beyond what anything here takes, also on a busy machine. */
const PATIENCE_MS = 60_000;

/** Lets time pass until something holds: timers fire as they come. */
export async function inTime(world: RoomsWorld, holds: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds();) {
    assert.ok(performance.now() < end, `${what}; ${[...new Set(world.errors)].join("; ")}`);
    await world.quiet(holds);
    if (!holds()) world.hub.clock.fireNext(world.hub.clock.now().monotonicMs + 40_000);
  }
}

/** Everybody hears a new line of each. */
export async function talk(world: RoomsWorld, room: string, ...people: readonly Program[]): Promise<void> {
  for (const one of people) {
    const text = `${one.name} talks on ${Math.random()}`;
    one.do({ type: "say", room, text });
    const heard = (who: Program): boolean =>
      [...who.told("message"), ...who.told("sent")].some((report) => report.text === text);
    await inTime(world, () => people.every(heard), `all hear that ${text}: ${people.map(heard).join()}`);
  }
}

/** Lets whatever is going on be done; without timers. */
export async function quiet(turns = 60): Promise<void> {
  for (let at = 0; at < turns; at++) await new Promise((resolve) => setImmediate(resolve));
}
