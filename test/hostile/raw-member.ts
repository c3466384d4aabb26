// A member with valid keys whose program does what it likes: it has taken over the seat of somebody in a room, makes MLS messages
// without the rules of rooms, and calls the hub directly.

import assert from "node:assert/strict";
import { fromHex, toHex, toUtf8 } from "../../src/core/bytes.ts";
import { type Asked, type CallName, decodeAnswer, encodeCall, type Outcome } from "../../src/core/hub/calls.ts";
import { signatureSeed } from "../../src/core/identity/identity.ts";
import type { Changes, GroupCrypto, GroupState, PendingCommit, Signer } from "../../src/core/room/group-crypto.ts";
import { sealOutsideInfo } from "../../src/core/room/outside-info.ts";
import { decodeRoomContext, encodeRoomContext, type RoomContext } from "../../src/core/room/room-context.ts";
import type { HubMember } from "../../src/hub/hub.ts";
import { type Program, random, type RoomsWorld } from "../app/rooms/rooms-world.ts";
import { ANYTHING, groups, SUITE } from "../mls/people.ts";

export class RawMember {
  readonly crypto: GroupCrypto = groups(ANYTHING);
  readonly signer: Signer;
  readonly room: Uint8Array;
  readonly #world: RoomsWorld;
  readonly #member: HubMember;
  /** Its group; what it makes is not applied unless it says so. */
  state: GroupState;

  private constructor(world: RoomsWorld, program: Program, room: string, member: HubMember, state: GroupState) {
    this.#world = world;
    this.#member = member;
    this.room = fromHex(room)!;
    this.signer = { identity: program.identity, seed: signatureSeed(SUITE, program.identity.privateKey) };
    this.state = state;
  }

  /** Ends somebody's program, and goes on with its keys. */
  static async of(world: RoomsWorld, program: Program, room: string): Promise<RawMember> {
    const before = await world.hub.store.rooms.room(fromHex(room)!);
    for (const end = performance.now() + 20_000; ;) {
      const stored = await program.store.room(fromHex(room)!);
      if (stored?.next === before?.next) break;
      assert.ok(performance.now() < end, `${program.name} reads everything`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { state } = (await program.store.room(fromHex(room)!))!;
    assert.ok(state !== undefined);
    return new RawMember(world, program, room, await arrived(world, program), state);
  }

  async call<Name extends CallName>(name: Name, asked: Asked<Name>): Promise<Outcome<Name>> {
    return decodeAnswer(name, await this.#member.call(encodeCall(name, asked)));
  }

  /** Bytes that are no call. */
  async raw(bytes: Uint8Array): Promise<Uint8Array> {
    return await this.#member.call(bytes);
  }

  async context(): Promise<RoomContext> {
    return decodeRoomContext((await this.crypto.view(this.state)).context);
  }

  /** The room's data, with something changed. */
  async changed(change: Partial<RoomContext>): Promise<Uint8Array> {
    return encodeRoomContext({ ...(await this.context()), ...change });
  }

  async leafOf({ identity }: Program): Promise<number> {
    const { roster } = await this.crypto.view(this.state);
    return roster.find(({ publicKey }) => toHex(publicKey) === toHex(identity.publicKey))!.leafIndex;
  }

  /** Says something; `content` as JSON, or as bytes. */
  async say(content: object | Uint8Array, change: Partial<Asked<"post">> & { readonly bound?: Uint8Array } = {}) {
    const { bound, ...call } = change;
    const id = call.id ?? random(16);
    const plaintext = content instanceof Uint8Array ? content : toUtf8(JSON.stringify({ at: 1_000, ...content }));
    const sealed = await this.crypto.seal(this.state, this.signer, plaintext, bound ?? id);
    this.state = sealed.state;
    const outcome = await this.post({ id, bytes: sealed.message, ...call });
    return { id, bytes: sealed.message, outcome };
  }

  async post(call: Partial<Asked<"post">>): Promise<Outcome<"post">> {
    const epoch = Number((await this.crypto.view(this.state)).epoch);
    const id = random(16);
    return await this.call("post", { room: this.room, type: "message", id, epoch, bytes: id, ...call });
  }

  /** Makes a commit of its group without the rules. */
  async make(changes: Changes, authenticatedData?: Uint8Array): Promise<PendingCommit> {
    const nowMs = this.#world.hub.clock.now().wallMs;
    const options = { nowMs, ...(authenticatedData === undefined ? {} : { authenticatedData }) };
    const made = await this.crypto.commit(this.state, this.signer, changes, options);
    if (made.state !== undefined) this.state = made.state;
    return made;
  }

  /** Sends a commit; what the hub is told is as the test likes. */
  async commit(bytes: Uint8Array, said: Partial<Asked<"commit">> = {}): Promise<Outcome<"commit">> {
    const { lastCommit } = await this.head();
    const epoch = Number((await this.crypto.view(this.state)).epoch);
    const none = {
      seats: [],
      removed: [],
      listing: undefined,
      groupInfo: undefined,
      welcome: undefined,
      link: undefined,
    };
    const call = { room: this.room, id: random(16), epoch, commits: lastCommit + 1, bytes, ...none, ...said };
    return await this.call("commit", call);
  }

  /** The group after a commit of its own, whatever the others make of it. */
  async after(made: PendingCommit): Promise<GroupState> {
    return (await this.crypto.applyOwn(this.state, made.pending, made.commit)).state;
  }

  /** What lies at the hub for those who come from outside: of any state. */
  async infoOf(state: GroupState, readers: readonly Program[]): Promise<Uint8Array> {
    const info = await this.crypto.groupInfo(state, this.signer);
    const members = readers.map(({ identity }) => identity);
    return sealOutsideInfo({ suite: SUITE, random }, this.room, info, { members, links: new Map() });
  }

  async head() {
    const room = await this.#world.hub.store.rooms.room(this.room);
    assert.ok(room);
    return room;
  }
}

async function arrived(world: RoomsWorld, program: Program): Promise<HubMember> {
  program.cut();
  const { publicKey: key, signatureKey } = program.identity;
  const connection = { news: async () => {}, end: () => {} };
  const outcome = await world.hub.hub.arrive({ key, signatureKey, name: program.name }, undefined, connection);
  assert.ok(outcome.type === "member");
  return outcome.member;
}
