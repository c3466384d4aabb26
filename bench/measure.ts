// Measures two ways of doing the same in turn, A B A B ..., and compares them pair by pair, so that the ratio holds when the
// machine's speed drifts. Prints; judges nothing.

/** What a round takes, in ms: for work that waits for others too, or for work of this process alone, on a busy machine. */
export type Timing = "wall" | "cpu";

export interface Contender {
  readonly name: string;
  /** Does the work once; the whole call is timed. */
  readonly work: () => void | Promise<void>;
}

/** Prints operations a second of each, and how often as slow as the peer ours is: minimum, median, maximum. */
export async function compare(
  title: string,
  operations: number,
  ours: Contender,
  peer: Contender,
  rounds = 7,
  timing: Timing = "wall",
): Promise<void> {
  await ours.work();
  await peer.work();
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round < rounds; round++) pairs.push([await time(ours, timing), await time(peer, timing)]);
  const rate = (index: 0 | 1): string =>
    Math.round(operations / (median(pairs.map((pair) => pair[index])) / 1000)).toLocaleString("en");
  const ratios = pairs.map(([a, b]) => a / b).toSorted((a, b) => a - b);
  console.log(title);
  console.log(`  ${ours.name.padEnd(44)} ${rate(0).padStart(12)}/s`);
  console.log(`  ${peer.name.padEnd(44)} ${rate(1).padStart(12)}/s`);
  const [least, middle, most] = [ratios[0]!, median(ratios), ratios.at(-1)!].map((ratio) => ratio.toFixed(2));
  const fastest = (index: 0 | 1): number => Math.min(...pairs.map((pair) => pair[index]));
  console.log(`  ours takes ${middle} times as long (${least} to ${most} in ${rounds} pairs)`);
  console.log(`  the fastest rounds: ${(fastest(0) / fastest(1)).toFixed(2)} times as long\n`);
}

async function time({ work }: Contender, timing: Timing): Promise<number> {
  const [start, startCpu] = [performance.now(), process.cpuUsage()];
  await work();
  if (timing === "wall") return performance.now() - start;
  const { user, system } = process.cpuUsage(startCpu);
  return (user + system) / 1000;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
