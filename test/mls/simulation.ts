// A room with a hub in memory, and people who do things at random: write, add, remove, give roles, renew, commit at the
// same time, are away, come back, rejoin, start again from their stored states. The hub takes what rooms.md §2 says.
// While they do, everything is compared with what ought to be.

import assert from "node:assert/strict";
import { fromUtf8, toHex, toUtf8 } from "../../src/core/bytes.ts";
import { LairError } from "../../src/core/errors.ts";
import type { Changes, GroupState, GroupSuite, GroupView } from "../../src/core/room/group-crypto.ts";
import { PAST_EPOCHS } from "../../src/core/room/limits.ts";
import { ROOM_RULES } from "../../src/core/room/policy.ts";
import { decodeRoomContext, encodeRoomContext, type RoomContext } from "../../src/core/room/room-context.ts";
import { groups, LIFETIME, nowMs, person, random } from "./people.ts";

interface Entry {
  readonly kind: "commit" | "message";
  readonly epoch: bigint;
  readonly bytes: Uint8Array;
  readonly poster: Person;
  readonly text?: string;
  readonly welcome?: Uint8Array | undefined;
}

interface Pending {
  readonly epoch: bigint;
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | undefined;
  readonly pending: Uint8Array;
  readonly newcomers: readonly Newcomer[];
  readonly isRemoval: boolean;
  isPosted: boolean;
}

interface Newcomer {
  readonly who: Person;
  readonly secret: Uint8Array;
}

class Person {
  readonly signer = person();
  readonly key = toHex(this.signer.identity.signatureKey);
  /** Of a person who is out, the last one that she had. */
  state: GroupState | undefined;
  isIn = false;
  isAway = false;
  /** How far she has read the log. */
  cursor = 0;
  joinedIn = 0n;
  pending: Pending | undefined;
}

export interface Outcome {
  commits: number;
  conflicts: number;
  messages: number;
  refusedByRules: number;
  removals: number;
  joins: number;
  rejoins: number;
  restarts: number;
  closedToOutsiders: number;
}

/** A stream of numbers from 0 on, below `below`: mulberry32. */
function numbers(seed: number): (below: number) => number {
  let a = seed | 0;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function inRoster(view: GroupView): string[] {
  return view.roster.map(({ signatureKey }) => toHex(signatureKey)).toSorted();
}

/** Throws an AssertionError when something is not as it ought to be. */
export async function simulate(options: {
  readonly seed: number;
  readonly people: number;
  readonly steps: number;
  readonly suite?: GroupSuite;
}): Promise<Outcome> {
  const { seed, steps, suite = "classic" } = options;
  const below = numbers(seed);
  const oneOf = <T>(all: readonly T[]): T => all[below(all.length)]!;
  const crypto = groups(ROOM_RULES);
  const people = Array.from({ length: options.people }, () => new Person());
  const log: Entry[] = [];
  const outcome: Outcome = {
    commits: 0,
    conflicts: 0,
    messages: 0,
    refusedByRules: 0,
    removals: 0,
    joins: 0,
    rejoins: 0,
    restarts: 0,
    closedToOutsiders: 0,
  };
  let hubEpoch = 0n;
  /** Made by the last commit that removed somebody: whoever is removed could open a message of an earlier epoch. */
  let leastEpoch = 0n;

  const founder = people[0]!;
  // Half of them are in from the start, and half of those are moderators.
  const early = people.slice(1, Math.ceil(people.length / 2));
  const links = new Map([["0a".repeat(16), random(32)]]);
  const context: RoomContext = {
    kind: "room",
    name: "a room",
    topic: "",
    sharedLines: 0,
    roles: new Map([
      [founder.key, "admin"],
      ...early.filter((_, at) => at % 2 === 0).map(({ key }) => [key, "moderator"] as const),
    ]),
    leaving: new Set(),
    banned: new Set(),
    links,
  };
  founder.state = await crypto.create(suite, founder.signer, random(16), encodeRoomContext(context));
  founder.isIn = true;

  const isIn = (): Person[] => people.filter((one) => one.isIn);

  /** A person reads the next entry of the log. */
  const read = async (reader: Person): Promise<void> => {
    const entry = log[reader.cursor++]!;
    const state = reader.state!;
    if (entry.poster === reader) {
      if (entry.kind === "message") return;
      const own = reader.pending;
      assert.ok(own?.commit === entry.bytes, "one's own commit is the pending one");
      reader.pending = undefined;
      const taken = await crypto.applyOwn(state, own.pending, entry.bytes);
      reader.state = taken.state;
      return;
    }
    if (entry.kind === "message" && entry.epoch < reader.joinedIn) {
      await closed(crypto.take(state, entry.bytes), "a newcomer opens nothing from before");
      return;
    }
    const taken = await crypto.take(state, entry.bytes);
    if (taken.kind === "message") {
      assert.equal(fromUtf8(taken.plaintext), entry.text);
      assert.equal(toHex(taken.sender.signatureKey), entry.poster.key);
      assert.equal(toHex(taken.authenticatedData), toHex(toUtf8(`after ${entry.epoch}`)));
      reader.state = taken.state;
      return;
    }
    // What came first in this epoch ends what was made for it.
    reader.pending = undefined;
    if (taken.kind === "commit") reader.state = taken.state;
    else leave(reader);
  };
  const leave = (who: Person): void => {
    who.isIn = false;
    who.pending = undefined;
    outcome.removals++;
  };
  const readAll = async (reader: Person): Promise<void> => {
    while (reader.isIn && reader.cursor < log.length) await read(reader);
  };
  const closed = async (attempt: Promise<unknown>, what: string): Promise<void> => {
    const error: unknown = await attempt.then(
      () => assert.fail(what),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof LairError, String(error));
    outcome.closedToOutsiders++;
  };

  /** The hub: a commit only of the current epoch, a message of that or the three before, but none from before a removal. */
  const post = (entry: Entry): boolean => {
    const isTaken =
      entry.kind === "commit"
        ? entry.epoch === hubEpoch
        : entry.epoch >= hubEpoch - BigInt(PAST_EPOCHS) && entry.epoch >= leastEpoch;
    if (!isTaken) return false;
    log.push(entry);
    if (entry.kind === "commit") hubEpoch++;
    return true;
  };
  const postPending = async (who: Person): Promise<void> => {
    const own = who.pending;
    if (own === undefined || own.isPosted) return;
    const { epoch, commit, welcome } = own;
    if (!post({ kind: "commit", epoch, bytes: commit, poster: who, welcome })) {
      outcome.conflicts++;
      who.pending = undefined;
      return;
    }
    own.isPosted = true;
    if (own.isRemoval) leastEpoch = hubEpoch;
    outcome.commits++;
    for (const { who: newcomer, secret } of own.newcomers) {
      const { state, view } = await crypto.join(welcome!, secret, newcomer.signer);
      Object.assign(newcomer, { state, isIn: true, cursor: log.length, joinedIn: view.epoch, pending: undefined });
      outcome.joins++;
    }
  };

  const change = async (who: Person): Promise<void> => {
    const view = await crypto.view(who.state!);
    const room = decodeRoomContext(view.context);
    const others = view.roster.filter(({ leafIndex }) => leafIndex !== view.ownLeaf);
    const strangers = people.filter((one) => !one.isIn && !room.leaving.has(one.key));
    const changes: { add?: Uint8Array[]; remove?: number[]; context?: Uint8Array } = {};
    const newcomers: Newcomer[] = [];
    const kind = below(10);
    if (kind < 3 && strangers.length > 0) {
      const some = new Set(Array.from({ length: 1 + below(3) }, () => oneOf(strangers)));
      for (const stranger of some) {
        const made = await crypto.newKeyPackage(suite, stranger.signer, LIFETIME);
        (changes.add ??= []).push(made.keyPackage);
        newcomers.push({ who: stranger, secret: made.secret });
      }
    } else if (kind < 6 && others.length > 2) {
      const common = others.filter(({ signatureKey }) => !room.roles.has(toHex(signatureKey)));
      changes.remove = [oneOf(common.length > 0 ? common : others).leafIndex];
    } else if (kind < 8) {
      const roles = new Map(room.roles);
      const key = toHex(oneOf(view.roster).signatureKey);
      const role = oneOf(["admin", "moderator", "admin", undefined] as const);
      if (role === undefined) roles.delete(key);
      else roles.set(key, role);
      changes.context = encodeRoomContext({ ...room, roles, topic: `topic ${below(1_000)}` });
    }
    try {
      const made = await crypto.commit(who.state!, who.signer, changes satisfies Changes, { nowMs });
      who.state = made.state!;
      const { commit, welcome, pending } = made;
      who.pending = {
        epoch: view.epoch,
        commit,
        welcome,
        pending,
        newcomers,
        isRemoval: changes.remove !== undefined,
        isPosted: false,
      };
    } catch (error) {
      assert.ok(error instanceof LairError && error.code === "group-not-allowed", String(error));
      outcome.refusedByRules++;
      return;
    }
    // Now, or after others have done something: then it may be too late.
    if (below(3) > 0) await postPending(who);
  };

  const join = async (who: Person): Promise<void> => {
    const insider = oneOf(isIn());
    await readAll(insider);
    if (!insider.isIn) return;
    const groupInfo = await crypto.groupInfo(insider.state!, insider.signer);
    const view = await crypto.readGroupInfo(groupInfo);
    const room = decodeRoomContext(view.context);
    const [id, secret] = [...room.links][0]!;
    const isRejoin = view.roster.some(({ signatureKey }) => toHex(signatureKey) === who.key);
    const psk = { id: Uint8Array.from(Buffer.from(id, "hex")), secret };
    const made = await crypto.joinExternally(groupInfo, who.signer, isRejoin ? {} : { psk });
    const bytes = made.commit;
    assert.ok(post({ kind: "commit", epoch: view.epoch, bytes, poster: who }));
    const own = await crypto.applyOwn(undefined, made.pending, bytes);
    const joinedIn = own.after.epoch;
    Object.assign(who, { state: own.state, isIn: true, cursor: log.length, joinedIn, pending: undefined });
    outcome[isRejoin ? "rejoins" : "joins"]++;
    outcome.commits++;
  };

  const agree = async (): Promise<void> => {
    for (const one of isIn()) {
      await postPending(one);
    }
    for (const one of people) await readAll(one);
    const views = await Promise.all(isIn().map((one) => crypto.view(one.state!)));
    const expected = isIn()
      .map(({ key }) => key)
      .toSorted();
    for (const view of views) {
      assert.equal(view.epoch, hubEpoch);
      assert.deepEqual(view.epochAuthenticator, views[0]!.epochAuthenticator);
      assert.deepEqual(view.context, views[0]!.context);
      assert.deepEqual(inRoster(view), expected);
    }
    // Whoever is out and tries it with the last state that she had.
    for (const out of people.filter((one) => !one.isIn && one.state !== undefined)) {
      for (const entry of log.slice(Math.max(out.cursor, log.length - 3))) {
        if (entry.poster !== out)
          await closed(crypto.take(out.state!, entry.bytes), "somebody who is out opens something");
      }
    }
  };

  const made = await Promise.all(early.map((one) => crypto.newKeyPackage(suite, one.signer, LIFETIME)));
  const add = made.map(({ keyPackage }) => keyPackage);
  const first = await crypto.commit(founder.state, founder.signer, { add }, { nowMs });
  const newcomers = early.map((one, at) => ({ who: one, secret: made[at]!.secret }));
  founder.pending = { epoch: 0n, ...first, newcomers, isRemoval: false, isPosted: false };
  await postPending(founder);

  for (let step = 0; step < steps; step++) {
    const who = oneOf(isIn());
    const kind = below(20);
    if (who.isAway && kind > 4) continue;
    if (kind < 1 || who.isAway) who.isAway = !who.isAway;
    else if (kind < 2) await readAll(who);
    else if (kind < 7) for (let n = below(6); n > 0 && who.isIn && who.cursor < log.length; n--) await read(who);
    else if (kind < 11) {
      const { epoch } = await crypto.view(who.state!);
      const text = `line ${step}`;
      const sealed = await crypto.seal(who.state!, who.signer, toUtf8(text), toUtf8(`after ${epoch}`));
      who.state = sealed.state;
      if (post({ kind: "message", epoch, bytes: sealed.message, poster: who, text })) outcome.messages++;
    } else if (kind < 17) {
      if (who.pending?.isPosted === true) await readAll(who);
      else if (who.pending !== undefined) await postPending(who);
      else if (who.cursor < log.length && below(3) > 0) await readAll(who);
      else await change(who);
    } else if (kind < 18) {
      // From what the store has: copies, so that nothing is known of them.
      who.state = { group: who.state!.group.slice(), ratchets: who.state!.ratchets.slice() };
      outcome.restarts++;
    } else if (kind < 19) {
      const stranger = oneOf(people);
      if (!stranger.isIn) {
        const room = decodeRoomContext((await crypto.view(who.state!)).context);
        if (!room.leaving.has(stranger.key)) await join(stranger);
      } else if (stranger.pending === undefined && below(3) === 0) await join(stranger);
    } else if (below(5) === 0) await agree();
  }
  await agree();
  return outcome;
}
