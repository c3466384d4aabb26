// What a room costs its members' programs, with MLS: to come into it by an invitation and by a link, and what is said in it.
// The engine of the rooms, the MLS library and the services of a hub, in one process and over stores in memory: no socket, no
// disk. Beside it, in the same run, what the MLS library alone takes for the same. All but two members are away, so the figures
// are those of one who writes, one who reads, and the hub. Run: node --import ./test/tsx.js bench/rooms.ts

import type { GroupSuite } from "../src/core/room/group-crypto.ts";
import { created, type Program, RoomsWorld } from "../test/app/rooms/rooms-world.ts";
import { median } from "./measure.ts";
import { talkAlone } from "./member-lines.ts";

const SIZES = [3, 12, 50];
const ROUNDS = 5;
const LINES = 100;
/** The hub's ration is no part of what is measured. */
const AMPLE = { calls: { atOnce: 1_000_000, everyMs: 1 } };

interface Figures {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function timed(work: () => Promise<unknown>): Promise<Figures> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1_000 };
}

const middle = (all: readonly Figures[]): Figures => ({
  wallMs: median(all.map(({ wallMs }) => wallMs)),
  cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
});
const show = ({ wallMs, cpuMs }: Figures): string => `${wallMs.toFixed(0)} ms (${cpuMs.toFixed(0)} ms of processor)`;

/** A room of so many, of whom the first alone is there. */
async function roomOf(world: RoomsWorld, size: number, isClassic: boolean): Promise<readonly [string, Program]> {
  const ada = await world.connected(`ada-${size}`);
  ada.do(created(`room ${size}`, { isClassic }));
  const { room } = await ada.hears("room-created");
  for (let at = 1; at < size; at++) {
    const other = await world.connected(`member-${size}-${at}`);
    await world.invited(room.id, ada, other);
    await ada.hears("joined", ({ who }) => who?.name === other.name);
    other.cut();
    await other.rooms.close();
  }
  return [room.id, ada];
}

async function byInvitation(world: RoomsWorld, room: string, ada: Program, name: string): Promise<Figures> {
  const bob = await world.connected(name);
  const figures = await timed(async () => await world.invited(room, ada, bob));
  await leave(room, ada, bob);
  return figures;
}

async function byLink(world: RoomsWorld, room: string, ada: Program, name: string): Promise<Figures> {
  const bob = await world.connected(name);
  const links = ada.told("room-link").length;
  ada.do({ type: "link", room, uses: 1 });
  const { link } = await ada.hears("room-link", (one) => ada.told("room-link").indexOf(one) >= links);
  const figures = await timed(async () => {
    bob.do({ type: "join-link", link });
    await bob.hears("joined", ({ who }) => who === undefined);
  });
  await leave(room, ada, bob);
  return figures;
}

/** So that each newcomer finds a room of the same size. */
async function leave(room: string, ada: Program, bob: Program): Promise<void> {
  await ada.hears("joined", ({ who }) => who?.name === bob.name);
  bob.do({ type: "leave", room });
  await world(ada).later(() => ada.told("left").some(({ who }) => who?.name === bob.name), `${bob.name} has left`);
  bob.cut();
  await bob.rooms.close();
}

const world = ({ world: of }: Program): RoomsWorld => of;

/** One member says the lines, another reads them. */
async function said(world: RoomsWorld, room: string, ada: Program): Promise<readonly Figures[]> {
  const bob = await world.connected("bob");
  await world.invited(room, ada, bob);
  const rounds: Figures[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const [last, text] = [(round + 1) * LINES, "x".repeat(100)];
    rounds.push(
      await timed(async () => {
        for (let at = 0; at < LINES; at++) ada.do({ type: "say", room, text });
        await world.later(() => bob.told("message").length === last, `${last} lines`);
      }),
    );
  }
  return rounds.slice(1);
}

/** As many lines, sealed and opened by the MLS library alone: the number of members changes nothing of it. */
async function bare(suite: GroupSuite): Promise<Figures> {
  const talk = await talkAlone(suite, new Uint8Array(100).fill(0x78));
  return await timed(async () => await talk(LINES));
}

for (const isClassic of [true, false]) {
  const suite = isClassic ? "classic" : "hybrid";
  console.log(suite);
  await bare(suite);
  console.log(`  ${LINES} lines, sealed and opened by the library alone: ${show(await bare(suite))}`);
  for (const size of SIZES) {
    const world = new RoomsWorld({ quotas: AMPLE });
    const [room, ada] = await roomOf(world, size, isClassic);
    const [invited, linked]: [Figures[], Figures[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      invited.push(await byInvitation(world, room, ada, `invited-${round}`));
      linked.push(await byLink(world, room, ada, `linked-${round}`));
    }
    console.log(`  a room of ${size}: by an invitation ${show(middle(invited))}, by a link ${show(middle(linked))}`);
    console.log(`    ${LINES} lines, written and read: ${show(middle(await said(world, room, ada)))}`);
    await world.close();
  }
}
