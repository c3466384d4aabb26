// What a hub costs: the memory of 1,000 idle members (or MEMBERS), and the wave when all of them come back after a restart; 20 members who
// commit at once; lines through it to 1, 10 and 50 members, and its processor's time for each. Beside each, in the same
// run, a plain ws server that passes the same bytes on in the clear and keeps nothing. The hub is the real program, on the
// disk; the members are sessions in this process that make the calls of a member, with bytes that nobody has sealed: what MLS
// costs the members is in bench/rooms.ts. Linux only; loopback only; ends by itself. Run:
// node --import ./test/tsx.js bench/hub.ts [MEMBERS]

import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { WebSocket } from "ws";
import { Broadcast, receiveAll, sendAll } from "./broadcast.ts";
import { HubProcess, Person, random, Reader, usageOf } from "./hub-people.ts";
import { compare, median } from "./measure.ts";
import { pause } from "./pause.ts";

const MOST_MS = 240_000;
const POSTERS = 10;
const READERS = [1, 10, 50];
const LINES = 1_000;
const ROUNDS = 3;
/** Lines of one poster that are on their way at a time. */
const DEPTH = 8;
/** Nearly all lines of chat have this length at a hub. */
const LINE_BYTES = 512;
const [CROWD = 1_000] = process.argv.slice(2).map(Number);
const CROWD_ROOM = 50;
const AT_ONCE = 20;
const STORM = 20;
const STORMS = 5;
/** Like those of a room with 20 members. */
const COMMIT_BYTES = 4_096;
const GROUP_INFO_BYTES = 16_384;

setTimeout(() => {
  console.error(`bench/hub.ts: not done after ${MOST_MS / 1_000} s`);
  process.exit(1);
}, MOST_MS).unref();

const people = (count: number): Person[] => Array.from({ length: count }, () => new Person());

/** Does it for all, some at a time. */
async function forEach<Item>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<unknown>) {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const aCommit = (room: Uint8Array, epoch: number, commits: number) => ({
  room,
  id: random(16),
  epoch,
  commits,
  bytes: random(COMMIT_BYTES),
  seats: [],
  removed: [],
  listing: undefined,
  groupInfo: random(GROUP_INFO_BYTES),
  welcome: undefined,
  link: undefined,
});

/** A room with all of these in it: its first entry is the commit. */
async function roomOf([admin, ...others]: readonly Person[]): Promise<Uint8Array> {
  const room = random(16);
  await admin!.answer("create", { room, listedName: undefined });
  const seats = others.map(({ key }) => ({ key, role: "member" as const }));
  await admin!.answer("commit", { ...aCommit(room, 0, 0), seats });
  return room;
}

// --- idle members, and a wave -------------------------------------------------------------------------------------------

async function idle(hub: HubProcess, plain: Broadcast, crowd: readonly Person[]): Promise<WebSocket[]> {
  // What a start has left behind goes by itself.
  await pause(4_000);
  const before = [usageOf(hub.pid), usageOf(plain.pid)] as const;
  const start = performance.now();
  await forEach(crowd, AT_ONCE, async (person) => await person.enter(hub));
  const connectedMs = performance.now() - start;
  const connected = usageOf(hub.pid);
  for (let at = 0; at < crowd.length; at += CROWD_ROOM) await roomOf(crowd.slice(at, at + CROWD_ROOM));
  const sockets: WebSocket[] = [];
  await forEach(crowd, AT_ONCE, async () => void sockets.push(await plain.connect("reads")));
  await pause(3_000);
  const after = [usageOf(hub.pid), usageOf(plain.pid)] as const;
  console.log(`${crowd.length} members who are connected, each in a room of ${CROWD_ROOM}, and say nothing`);
  const cpuMs = (connected.cpuMs - before[0].cpuMs) / crowd.length;
  console.log(
    `  to pair and connect them, ${AT_ONCE} at a time: ${seconds(connectedMs)}, ${cpuMs.toFixed(1)} ms of the hub's processor for each`,
  );
  for (const [index, name] of ["lair-hub", "ws alone"].entries()) {
    const [from, to] = [before[index]!.mib, after[index]!.mib];
    const each = (((to - from) * 1_024) / crowd.length).toFixed(0);
    console.log(`  memory of ${name}: ${from.toFixed(0)} MiB before, ${to.toFixed(0)} MiB after: ${each} KiB for each`);
  }
  const [ours, theirs] = [after[0].mib - before[0].mib, after[1].mib - before[1].mib];
  console.log(theirs > 1 ? `  ${(ours / theirs).toFixed(1)} times as much\n` : "");
  return sockets;
}

async function wave(old: HubProcess, home: string, plain: Broadcast, crowd: readonly Person[]): Promise<HubProcess> {
  await old.end();
  const hub = await HubProcess.start(home, Number(new URL(old.url).port), 2 * CROWD);
  await pause(4_000);
  const before = usageOf(hub.pid);
  const start = performance.now();
  const attempts = await Promise.all(crowd.map(async (person) => await person.enter(hub)));
  const backMs = performance.now() - start;
  const refused = attempts.reduce((sum, one) => sum + one, -crowd.length);
  const cpuMs = usageOf(hub.pid).cpuMs - before.cpuMs;
  await pause(6_000);
  const eachKib = ((usageOf(hub.pid).mib - before.mib) * 1_024) / crowd.length;
  const plainStart = performance.now();
  const sockets = await Promise.all(crowd.map(async () => await plain.connect("reads")));
  const plainMs = performance.now() - plainStart;
  for (const socket of sockets) socket.terminate();
  console.log(`${crowd.length} members who come back at once after a restart of the hub`);
  console.log(
    `  lair-hub: all are back after ${seconds(backMs)}; ${refused} attempts found no place, and were made again within a second`,
  );
  console.log(
    `  ${(cpuMs / crowd.length).toFixed(1)} ms of the hub's processor and ${eachKib.toFixed(0)} KiB for each`,
  );
  console.log(`  ws alone: ${seconds(plainMs)}; the hub takes ${(backMs / plainMs).toFixed(1)} times as long\n`);
  return hub;
}

// --- commits at once ----------------------------------------------------------------------------------------------------

async function storm(plain: Broadcast, members: readonly Person[]): Promise<void> {
  const [times, plainTimes, attempts]: [number[], number[], number[]] = [[], [], []];
  const senders = await Promise.all(members.map(async () => await plain.connect("both")));
  for (let round = 0; round < STORMS; round++) {
    const room = await roomOf(members);
    let start = performance.now();
    const tried = await Promise.all(members.map((member) => commit(member, room)));
    times.push(performance.now() - start);
    attempts.push(tried.reduce((sum, one) => sum + one, 0));
    const bytes = random(COMMIT_BYTES + GROUP_INFO_BYTES);
    start = performance.now();
    const received = senders.map((socket) => receiveAll(socket, members.length - 1));
    for (const socket of senders) socket.send(bytes);
    await Promise.all(received);
    plainTimes.push(performance.now() - start);
  }
  for (const socket of senders) socket.terminate();
  const [ours, theirs] = [median(times), median(plainTimes)];
  console.log(`${STORM} members commit at once, ${COMMIT_BYTES} bytes and a GroupInfo of ${GROUP_INFO_BYTES} each`);
  console.log(
    `  lair-hub: all are taken after ${ours.toFixed(0)} ms (${Math.max(...times).toFixed(0)} at most), in ${median(attempts)} attempts`,
  );
  console.log(
    `  ws alone: each has those of the others after ${theirs.toFixed(0)} ms; the hub takes ${(ours / theirs).toFixed(1)} times as long\n`,
  );
}

/** Commits; after each commit of somebody else reads it, and tries anew. Returns how often it tried. */
async function commit(member: Person, room: Uint8Array): Promise<number> {
  let [epoch, commits] = [1, 1];
  for (let attempts = 1; ; attempts++) {
    const outcome = await member.call("commit", aCommit(room, epoch, commits));
    if (outcome.type === "answered") return attempts;
    if (outcome.refusal !== "stale") throw new Error(`commit: ${outcome.refusal}`);
    const { entries } = await member.answer("read", { room, from: commits });
    for (const entry of entries) [epoch, commits] = [entry.epoch + 1, entry.seq + 1];
  }
}

// --- lines ------------------------------------------------------------------------------------------------------------

async function lines(hub: HubProcess, plain: Broadcast): Promise<void> {
  const posters = people(POSTERS);
  const everybody = people(Math.max(...READERS));
  await forEach([...posters, ...everybody], AT_ONCE, async (person) => await person.enter(hub));
  for (const count of READERS) {
    const persons = everybody.slice(0, count);
    const room = await roomOf([...posters, ...persons]);
    const readers = persons.map((person) => new Reader(person, room));
    let posted = 1;
    const ours = async (): Promise<void> => {
      posted += LINES;
      const read = Promise.all(readers.map((reader) => reader.has(posted)));
      await Promise.all(posters.map((poster) => post(poster, room, LINES / POSTERS)));
      await read;
    };
    const senders = await Promise.all(posters.map(async () => await plain.connect("posts")));
    const sockets = await Promise.all(persons.map(async () => await plain.connect("reads")));
    const line = random(LINE_BYTES);
    const theirs = async (): Promise<void> => {
      const read = Promise.all(sockets.map((socket) => receiveAll(socket, LINES)));
      await Promise.all(senders.map((socket) => sendAll(socket, LINES / POSTERS, DEPTH, line)));
      await read;
    };
    const before = [usageOf(hub.pid), usageOf(plain.pid)];
    await compare(
      `${LINES} lines of ${LINE_BYTES} bytes, of ${POSTERS} members who post to ${count} who read`,
      LINES,
      { name: "lair-hub: stored, then read by each", work: ours },
      { name: "ws alone: passed on in the clear, not kept", work: theirs },
      ROUNDS,
    );
    const cpuMs = [usageOf(hub.pid), usageOf(plain.pid)].map((usage, index) => usage.cpuMs - before[index]!.cpuMs);
    tellCpu(cpuMs, LINES * (ROUNDS + 1), count);
    for (const socket of [...senders, ...sockets]) socket.terminate();
  }
  const waits = [...posters, ...everybody].reduce((sum, person) => sum + person.waits, 0);
  console.log(`  calls that were too many, and had to wait: ${waits}\n`);
  await Promise.all([...posters, ...everybody].map(async (person) => await person.leave()));
}

async function post(poster: Person, room: Uint8Array, count: number): Promise<void> {
  await forEach(Array.from({ length: count }), DEPTH, async () => {
    const bytes = random(LINE_BYTES);
    await poster.answer("post", { room, type: "message", id: random(16), epoch: 1, bytes });
  });
}

function tellCpu([ours, theirs]: readonly number[], count: number, readers: number): void {
  const each = (cpuMs = 0): string => `${((cpuMs * 1_000) / count).toFixed(0)} µs for a line`;
  const one = (cpuMs = 0): string => `${((cpuMs * 1_000) / count / readers).toFixed(0)} µs for each who reads it`;
  console.log(`  processor of the hub: ${each(ours)}, ${one(ours)}`);
  console.log(`  processor of ws:      ${each(theirs)}, ${one(theirs)}`);
  console.log(`  the hub takes ${((ours ?? 0) / (theirs ?? 1)).toFixed(1)} times as much\n`);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

// --- the bench ----------------------------------------------------------------------------------------------------------

const folder = mkdtempSync(join(tmpdir(), "lair-bench-"));
const home = join(folder, "home");
const plain = await Broadcast.start();
let hub = await HubProcess.start(home, 0, 2 * CROWD);
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
try {
  console.log(`load ${loadavg()[0]!.toFixed(1)}\n`);
  // First, while the hub has held nobody yet: what it has taken once for something else is not given back.
  const crowd = people(CROWD);
  const sockets = await idle(hub, plain, crowd);
  for (const socket of sockets) socket.terminate();
  hub = await wave(hub, home, plain, crowd);
  await storm(plain, crowd.slice(0, STORM));
  await Promise.all(crowd.map(async (person) => await person.leave()));
  await lines(hub, plain);
  // The place for what members with MLS take from end to end: joining, a line, a commit.
} finally {
  await Promise.all([hub.end(), plain.end()]);
}
