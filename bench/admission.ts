// What a first message costs a server with 1 to 10,000 psks, by each suite, up to the choice of its psk: by its hint, as from
// a stranger in a flood, and by a search; beside what each cost when every psk was compared. Run: npm run bench

import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Admission } from "../src/core/channel/index.ts";
import { type FirstMessage, hourOf, makeHint, makeProof, proofKey } from "../src/core/channel/first-message.ts";
import { type CipherSuite, NOBLE_SUITE } from "../src/core/noise/index.ts";
import { OPENSSL_SUITE } from "../src/node/openssl-suite/suite.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const START = { monotonicMs: 0, wallMs: Date.now() };
const MESSAGES = 2_000;
const SEARCHES = 10;

function messageOf({ hash }: CipherSuite, psk: Uint8Array, hint?: Uint8Array): FirstMessage {
  const key = proofKey(hash, psk);
  const shown = { ephemeralKey: random(32), hint: hint ?? makeHint(hash, key, hourOf(START)) };
  return { ...shown, proof: makeProof(hash, key, shown) };
}

/** Processor time in µs for each call of `work`: the median of up to 40 rounds. */
function cpuOf(count: number, work: (index: number) => void): number {
  const size = Math.ceil(count / 40);
  const rounds: number[] = [];
  for (let index = 0; index < count;) {
    const start = index;
    const before = process.cpuUsage();
    for (; index < Math.min(count, start + size); index++) work(index);
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / (index - start));
  }
  return rounds.toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)]!;
}

/** What is in use, after a collection. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

/** All slices; whether a psk was found. */
function isFound(admission: Admission<number>, message: FirstMessage, monotonicMs: number): boolean {
  try {
    const search = admission.select(message, { ...START, monotonicMs });
    while (search.next().done !== true);
    return true;
  } catch {
    return false;
  }
}

function rowOf(suite: CipherSuite, count: number): string {
  const psks = Array.from({ length: count }, () => random(32));
  const before = heapBytes();
  const admission = new Admission<number>(suite.hash, START);
  const accepting = cpuOf(count, (index) => admission.accept(`psk ${index}`, psks[index]!, index));
  const bytes = (heapBytes() - before) / count;
  const known = Array.from({ length: MESSAGES }, (_, index) => messageOf(suite, psks[index % count]!));
  const strangers = Array.from({ length: MESSAGES }, () => messageOf(suite, random(32), random(16)));
  const byHint = cpuOf(MESSAGES, (index) => {
    if (!isFound(admission, known[index]!, 0)) throw new Error("a known psk was not found");
  });
  // 1,000 a second.
  const flood = cpuOf(MESSAGES, (index) => void isFound(admission, strangers[index]!, 10_000 + index));
  const search = cpuOf(SEARCHES, (index) => void isFound(admission, strangers[index]!, 1e6 * (index + 1)));
  const last = admission.select(messageOf(suite, psks[0]!, random(16)), { ...START, monotonicMs: 1e9 });
  const turns: number[] = [];
  let step: ReturnType<typeof last.next>;
  do {
    turns.push(
      cpuOf(1, () => {
        step = last.next();
      }),
    );
  } while (step!.done !== true);
  const longest = turns.toSorted((a, b) => b - a)[0]!;
  const shown = { "by its hint": byHint, "of a flood": flood, "by a search": search, "its longest turn": longest };
  const costs = Object.entries({ ...shown, "accepting a psk": accepting }).map(
    ([name, us]) => `${name} ${us.toFixed(0)}`,
  );
  return `${String(count).padStart(8)} psks: ${costs.join(", ")}; ${bytes.toFixed(0)} B each`;
}

for (const suite of [OPENSSL_SUITE, NOBLE_SUITE]) {
  console.log(`first messages, ${suite.provider}: processor time in µs`);
  // The first one warms the engine up.
  rowOf(suite, 1_000);
  for (const count of [1, 100, 1_000, 10_000]) console.log(rowOf(suite, count));
}
