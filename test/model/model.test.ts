// The model of delivery (delivery.pml, docs/PROTOCOL.md §7.1, §7.2) under Debian's spin: every order of steps within its
// bounds, and then each rule broken, which must be found. Without spin or gcc it says that it was skipped. Minutes and up
// to 4 GB: `npm run test:model`, no part of `npm test`.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MODEL = fileURLToPath(new URL("delivery.pml", import.meta.url));
const LEAST_STATES = 5_000_000;
/** Of one run. */
const MOST_MEGABYTES = 4_000;
/** It takes three minutes of a core, shared by two; a busy machine needs longer. */
const TIMEOUT_MS = 1_200_000;
const AT_A_TIME = 2;

const missing = [
  ["spin", "-V"],
  ["gcc", "--version"],
].some(([name, version]) => spawnSync(name!, [version!]).status !== 0)
  ? "spin or gcc is not installed: apt-get install spin gcc libc6-dev"
  : false;

/** Two copies of everything are lying about: less of the rest. */
const SMALL = "CUTS=0 ROOM=1 GROUP=1 ANSWERS=1";

/** What holds in every order of steps, and within which bounds. */
const MODELS: readonly (readonly [fact: string, defines: string])[] = [
  ["links are cut and programs killed", "SAYS=3 CUTS=3 CRASHES=3"],
  ["an older copy of a store is put back, or it begins anew", "RESTORE=1 CUTS=1 CRASHES=2"],
  ["two different copies of a store are put back, one after the other", `RESTORE=2 CRASHES=3 ${SMALL}`],
  ["RESUME leaves before what came is committed", "RESUME_BEFORE_COMMIT CUTS=2 CRASHES=2"],
];

/** Rules left out; each must be found. */
const MUTANTS: readonly (readonly [rule: string, defines: string])[] = [
  ["DATA before one's own RESUME", "DATA_BEFORE_OWN_RESUME"],
  ["DATA before the other's RESUME has come", "DATA_BEFORE_RESUME"],
  ["a lower number is taken again", "RESUME_BEFORE_COMMIT NO_DEDUP"],
  ["ACK before the commit", "ACK_BEFORE_COMMIT"],
  ["DATA before the commit", "DATA_BEFORE_COMMIT"],
  ["DATA before it is committed that it leaves", "DATA_BEFORE_RELEASE"],
  ["shown as sent before the commit", "SENT_BEFORE_COMMIT"],
  ["a message stored in another transaction than its cursor", "CURSOR_APART"],
  ["frames in flight survive a reconnect", "FRAMES_SURVIVE"],
  ["one message too many is taken for delivered", "TRIM_ONE_MORE"],
  ["what was in flight is not sent again", "NOT_AGAIN"],
  ["a message is forgotten when it leaves", "FORGET_WHEN_SENT"],
  ["an older store: its numbers stay", "RESTORE=1 NO_RENUMBER"],
  ["an older store: what it lacks is still expected", "RESTORE=1 NO_SKIP"],
  ["an older store: nothing is known by its stamp", "RESTORE=1 NO_STAMPS"],
  ["an older store: carried out before it is confirmed that both were told", "RESTORE=1 UNCONFIRMED"],
  ["two older stores: what fits by number alone counts as delivered", `RESTORE=2 CRASHES=2 NO_LAST ${SMALL}`],
  ["an older store: RESUME leaves before what came is committed", "RESTORE=1 RESUME_BEFORE_COMMIT"],
];

interface Outcome {
  readonly errors: number;
  readonly states: number;
  /** The first thing that did not hold. */
  readonly error: string | undefined;
  readonly output: string;
}

describe("the model of delivery (§7)", { skip: missing, timeout: TIMEOUT_MS }, () => {
  const run = promisify(execFile);
  let folder = "";
  let states = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lair-model-"));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** `cycles`: looks for a run without end instead of what does not hold. */
  async function check(context: TestContext, defines: string, cycles = false): Promise<Outcome> {
    const cwd = await mkdtemp(join(folder, "run-"));
    await run("spin", [...defines.split(" ").map((define) => `-D${define}`), "-a", MODEL], { cwd });
    const kind = cycles ? "-DNP" : "-DSAFETY";
    await run("gcc", ["-O2", "-w", kind, "-DCOLLAPSE", `-DMEMLIM=${MOST_MEGABYTES}`, "-o", "pan", "pan.c"], { cwd });
    const startMs = performance.now();
    const { stdout: output } = await run("./pan", ["-m1000000", ...(cycles ? ["-l"] : [])], { cwd });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    const error = /^pan:1: (.*)$/m.exec(output)?.[1];
    const outcome = {
      errors: count(output, /errors: (\d+)/),
      states: count(output, /(\d+) states, stored/),
      error,
      output,
    };
    context.diagnostic(`${defines}: ${outcome.states} states, ${seconds} s${error === undefined ? "" : `: ${error}`}`);
    return outcome;
  }

  describe("holds when", { concurrency: AT_A_TIME }, () => {
    for (const [fact, defines] of MODELS) {
      it(fact, async (context) => {
        const outcome = await check(context, defines);
        assertHolds(outcome);
        states += outcome.states;
      });
    }
  });

  it(`holds in ${LEAST_STATES} states at least`, (context) => {
    context.diagnostic(`${states} states`);
    assert.ok(states >= LEAST_STATES, `${states} states`);
  });

  // Together with the check of the last state: whatever happened, everything arrives once it has ceased to happen.
  describe("always comes to an end when", { concurrency: AT_A_TIME }, () => {
    for (const [fact, defines] of [
      ["links are cut and programs killed", "CUTS=2 CRASHES=2"],
      ["an older copy of a store is put back, or it begins anew", "RESTORE=1"],
    ] as const) {
      it(fact, async (context) => assertHolds(await check(context, defines, true)));
    }
  });

  describe("finds a broken rule", { concurrency: AT_A_TIME }, () => {
    for (const [rule, defines] of MUTANTS) {
      it(rule, async (context) => {
        const { errors, error = "" } = await check(context, defines);
        assert.ok(errors >= 1, "not found");
        // Anything else would be a mistake in the model.
        assert.match(error, /^(assertion violated|invalid end state)/);
      });
    }
  });
});

function assertHolds({ errors, error, output }: Outcome): void {
  assert.equal(errors, 0, error);
  // Spin says so when it has not seen everything.
  assert.doesNotMatch(output, /max search depth too small|Search not completed|out of memory|memory limit/);
}

function count(output: string, pattern: RegExp): number {
  const digits = pattern.exec(output)?.[1];
  assert.ok(digits !== undefined, `pan did not say what it found:\n${output}`);
  return Number(digits);
}
