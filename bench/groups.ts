// What a room costs a member, by the number of members and by the suite, through the port of rooms (src/mls). The tree is
// one in which nobody has committed but the one who made it: the dearest that there is, for a path then has a ciphertext
// for each member. Run: node --import ./test/tsx.js bench/groups.ts

import { fromHex } from "../src/core/bytes.ts";
import type { GroupState, GroupSuite, Taken } from "../src/core/room/group-crypto.ts";
import { groups, LIFETIME, nowMs, person, random } from "../test/mls/people.ts";

const ROUNDS = 5;
const SIZES = [3, 50, 250];
const crypto = groups();
const line = new Uint8Array(100).fill(0x61);
const hash = fromHex("ab".repeat(32))!;

/** The median of some rounds in milliseconds, and the last result. */
async function timed<T>(work: () => Promise<T>): Promise<readonly [ms: number, result: T]> {
  const times: number[] = [];
  let result = await work();
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    result = await work();
    times.push(performance.now() - start);
  }
  return [times.toSorted((a, b) => a - b)[ROUNDS >> 1]!, result];
}

const ms = (value: number): string => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en"));
const kb = (bytes: Uint8Array): string =>
  bytes.length < 10_000 ? `${bytes.length.toLocaleString("en")} B` : `${Math.round(bytes.length / 1_000)} kB`;

function stateOf(taken: Taken): GroupState {
  if (taken.kind === "removed") throw new Error("removed");
  return taken.state;
}

/** As it comes from the store: nothing is known of these bytes. */
const stored = ({ group, ratchets }: GroupState): GroupState => ({ group: group.slice(), ratchets: ratchets.slice() });

for (const suite of ["classic", "hybrid"] as const satisfies readonly GroupSuite[]) {
  const rows: string[][] = [
    ["members"],
    ["key package"],
    ["add one: commit"],
    ["  its welcome"],
    ["  join by it"],
    ["  take the commit"],
    ["commit with a path"],
    ["  take it"],
    ["seal 100 bytes"],
    ["open them"],
    ["  from a stored state"],
    ["GroupInfo"],
    ["external commit"],
    ["state: group"],
    ["state: ratchets"],
  ];
  const put = (...cells: string[]) => cells.forEach((cell, at) => rows[at]!.push(cell));
  for (const size of SIZES) {
    const [ada, bob, cyd] = [person(), person(), person()];
    const others = [bob, ...Array.from({ length: size - 3 }, person)];
    const packages = [];
    for (const one of others) packages.push(await crypto.newKeyPackage(suite, one, LIFETIME));
    const empty = await crypto.create(suite, ada, random(16), line);
    const add = packages.map(({ keyPackage }) => keyPackage);
    const made = await crypto.commit(empty, ada, { add }, { nowMs });
    const state = (await crypto.applyOwn(made.state, made.pending, made.commit)).state;
    const other = (await crypto.join(made.welcome!, packages[0]!.secret, bob)).state;

    const [packageMs, newest] = await timed(() => crypto.newKeyPackage(suite, cyd, LIFETIME));
    const [addMs, added] = await timed(() => crypto.commit(state, ada, { add: [newest.keyPackage] }, { nowMs }));
    const [joinMs] = await timed(() => crypto.join(added.welcome!, newest.secret, cyd));
    const [takeAddMs, withCyd] = await timed(() => crypto.take(other, added.commit));
    const full = (await crypto.applyOwn(added.state, added.pending, added.commit)).state;
    const peer = stateOf(withCyd);
    const [pathMs, path] = await timed(() => crypto.commit(full, ada, {}, { nowMs }));
    const [takePathMs] = await timed(() => crypto.take(peer, path.commit));
    const [sealMs, sealed] = await timed(() => crypto.seal(full, ada, line, hash));
    const [openMs] = await timed(() => crypto.take(peer, sealed.message));
    const [storedMs] = await timed(() => crypto.take(stored(peer), sealed.message));
    const [infoMs, info] = await timed(() => crypto.groupInfo(state, ada));
    const [outsideMs, outside] = await timed(() => crypto.joinExternally(info, person()));
    put(
      String(size),
      `${ms(packageMs)} ms, ${kb(newest.keyPackage)}`,
      `${ms(addMs)} ms, ${kb(added.commit)}`,
      kb(added.welcome!),
      `${ms(joinMs)} ms`,
      `${ms(takeAddMs)} ms`,
      `${ms(pathMs)} ms, ${kb(path.commit)}`,
      `${ms(takePathMs)} ms`,
      `${ms(sealMs)} ms, ${kb(sealed.message)}`,
      `${ms(openMs)} ms`,
      `${ms(storedMs)} ms`,
      `${ms(infoMs)} ms, ${kb(info)}`,
      `${ms(outsideMs)} ms, ${kb(outside.commit)}`,
      kb(peer.group),
      kb(peer.ratchets),
    );
  }
  console.log(suite);
  for (const row of rows) console.log(`| ${row.map((cell) => cell.padEnd(20)).join(" | ")} |`);
  console.log();
}
