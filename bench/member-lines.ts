// Lines in a room with MLS, in one process over stores in memory: one member says them and another reads them, the others are
// away. And the same, sealed and opened by the MLS library alone.

import type { GroupSuite } from "../src/core/room/group-crypto.ts";
import { created, type Program, RoomsWorld } from "../test/app/rooms/rooms-world.ts";
import { groupOf, groups } from "../test/mls/people.ts";

/** The hub's ration is no part of what is measured. */
const AMPLE = { calls: { atOnce: 1_000_000, everyMs: 1 } };
const TEXT = "x".repeat(100);

/** The processor's time, in ms. */
async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** A classic room. */
export class MemberRoom {
  readonly #world: RoomsWorld;
  readonly #room: string;
  readonly #speaker: Program;
  readonly #reader: Program;
  #said = 0;

  private constructor(world: RoomsWorld, room: string, speaker: Program, reader: Program) {
    this.#world = world;
    this.#room = room;
    this.#speaker = speaker;
    this.#reader = reader;
  }

  static async open(members: number): Promise<MemberRoom> {
    const world = new RoomsWorld({ quotas: AMPLE });
    const speaker = await world.connected("speaker");
    speaker.do(created("room"));
    const { room } = await speaker.hears("room-created");
    const enter = async (name: string): Promise<Program> => {
      const other = await world.connected(name);
      await world.invited(room.id, speaker, other);
      await speaker.hears("joined", ({ who }) => who?.name === name);
      return other;
    };
    for (let at = 2; at < members; at++) {
      const other = await enter(`member-${at}`);
      other.cut();
      await other.rooms.close();
    }
    return new MemberRoom(world, room.id, speaker, await enter("reader"));
  }

  /** Says so many lines; resolves when they are read, with the processor's time for all of them, in ms. */
  async say(count: number): Promise<number> {
    this.#said += count;
    return await cpuMsOf(async () => {
      for (let at = 0; at < count; at++) this.#speaker.do({ type: "say", room: this.#room, text: TEXT });
      await this.#world.later(() => this.#reader.told("message").length === this.#said, `${this.#said} lines`);
    });
  }

  async close(): Promise<void> {
    await this.#world.close();
  }
}

/** As many lines, sealed and opened by the MLS library alone: the number of members changes nothing of it. In ms. */
export async function aloneMs(count: number): Promise<number> {
  const talk = await talkAlone("classic", new TextEncoder().encode(TEXT));
  return await cpuMsOf(async () => await talk(count));
}

/** Two members: what the first seals, so many times, the second opens. */
export async function talkAlone(suite: GroupSuite, plaintext: Uint8Array): Promise<(count: number) => Promise<void>> {
  const crypto = groups();
  const [ada, bob] = await groupOf(crypto, 2, suite);
  const log = new Uint8Array(32);
  return async (count) => {
    for (let at = 0; at < count; at++) {
      const sealed = await crypto.seal(ada!.state, ada!.signer, plaintext, log);
      ada!.state = sealed.state;
      const taken = await crypto.take(bob!.state, sealed.message);
      if (taken.kind !== "message") throw new Error(taken.kind);
      bob!.state = taken.state;
    }
  };
}
