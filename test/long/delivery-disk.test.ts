// A disk that fails under one of the two programs, as strace injects it into the files of its store: what was acknowledged,
// to its person or to the peer, is there afterwards, and the program says what is wrong.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { Fixture } from "../e2e/fixture.ts";
import { DeliveryPair } from "./delivery-pair.ts";
import { checkHeard } from "./delivery-record.ts";
import type { Role, Side } from "./delivery-side.ts";

const STRACE = spawnSync("strace", ["-e", "trace=none", "true"]).status === 0;
const WITHOUT_STRACE = STRACE ? false : "strace is missing, or may trace nothing here";
/** The disk is full or broken long before that. */
const MOST_LINES = 120;
/** Lines that it is told afterwards, to see that it neither dies of them nor takes them. */
const LINES_AFTERWARDS = 5;

interface Failure {
  readonly what: string;
  readonly calls: string;
  readonly error: string;
}

const FAILURES: readonly Failure[] = [
  { what: "what is to be flushed is not (EIO)", calls: "fsync,fdatasync", error: "EIO" },
  { what: "the disk is full (ENOSPC)", calls: "write,pwrite64", error: "ENOSPC" },
  { what: "the disk fails (EIO)", calls: "write,pwrite64", error: "EIO" },
];

describe(`a disk that fails (seed ${FIRST_SEED})`, { skip: WITHOUT_STRACE, timeout: 600_000 }, () => {
  const random = new SeededRandom(FIRST_SEED);
  let cases = 0;
  for (const failure of FAILURES) {
    for (const role of ["server", "client"] as const) {
      // From the first call on, from some later one on, and for a few calls only.
      const later = random.between(4, 40);
      for (const when of ["1+", "2+", `${random.between(3, 9)}+`, `${later}+`, `${later}..${later + 2}`]) {
        // One of its own, so that it is the same when it is run alone.
        const seed = FIRST_SEED + ++cases;
        it(`under lair-${role}: nothing acknowledged is lost when ${failure.what}, calls ${when}`, async (t) => {
          await play(new Fixture(t), new SeededRandom(seed), role, failure, when);
        });
      }
    }
  }
});

async function play(fixture: Fixture, random: SeededRandom, role: Role, failure: Failure, when: string): Promise<void> {
  const keep = ["--history", "forever"];
  const pair = await DeliveryPair.begin(fixture, random, { server: keep, client: keep });
  for (const side of pair.sides) pair.say(side, 5);
  await pair.settle();
  const victim = pair[role];
  await pair.kill(victim);

  let exit: number | undefined;
  victim.onExit = (code) => {
    if (role === "server") pair.proxy.target = undefined;
    exit = code;
  };
  const log = fixture.path("strace");
  pair.start(victim, injecting(victim, failure, when, log));
  await talkUntilBroken(pair, victim);
  assert.match(readFileSync(log, "utf8"), /INJECTED/, victim.describe());
  // Said once at least, by an event with its code; and whoever leaves says so by the exit code as well.
  assert.ok(complaints(victim) > 0, `nothing about its store\n${victim.describe()}`);
  if (exit !== undefined) assert.equal(exit, 1, victim.describe());

  // Whatever it holds in memory only is gone, and the disk is well again.
  await pair.kill(victim);
  pair.start(victim);
  await pair.connected();
  await pair.settle();
  await pair.quit();
  checkHeard(pair.server.record, pair.client.record);
  checkHeard(pair.client.record, pair.server.record);
  pair.checkHistories();
}

/** The command line in front of a program whose store cannot be written. Standard output and the rest of the home can. */
function injecting({ home, role }: Side, { calls, error }: Failure, when: string, log: string): string[] {
  const [store] = readdirSync(join(home, role)).filter((name) => /^store-\w+\.db$/.test(name));
  assert.ok(store !== undefined, "there is a store");
  const files = [store, `${store}-wal`, `${store}-journal`].flatMap((name) => ["-P", join(home, role, name)]);
  return [
    "strace",
    "-f",
    "-qq",
    "-o",
    log,
    ...files,
    "-e",
    `trace=${calls}`,
    "-e",
    `inject=${calls}:error=${error}:when=${when}`,
  ];
}

/** Lines both ways, one by one, until it has complained or left; then some more, and it still answers or is gone. */
async function talkUntilBroken(pair: DeliveryPair, victim: Side): Promise<void> {
  const { record } = victim;
  const sayBoth = (count: number): void => {
    for (const side of [pair.other(victim), victim]) pair.say(side, count);
  };
  for (let line = 0; line < MOST_LINES && victim.isRunning && complaints(victim) === 0; line++) {
    const before = record.promised.size;
    sayBoth(1);
    await pair.until("an answer to a line", () =>
      !victim.isRunning || complaints(victim) > 0 || record.promised.size > before ? true : undefined,
    );
  }
  sayBoth(LINES_AFTERWARDS);
  victim.tell({ command: "status" });
  await pair.until("an answer, or its end", () =>
    !victim.isRunning || victim.seen("status") !== undefined ? true : undefined,
  );
}

/** In this life. */
function complaints({ record }: Side): number {
  return record.refusals.at(-1)!;
}
