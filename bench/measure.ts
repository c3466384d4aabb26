// Measures two ways of doing the same in turn, A B A B ..., and compares them pair by pair, so that the ratio holds when the
// machine's speed drifts. Prints; judges nothing.

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
): Promise<void> {
  await ours.work();
  await peer.work();
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round < rounds; round++) pairs.push([await time(ours), await time(peer)]);
  const rate = (index: 0 | 1): string =>
    Math.round(operations / (median(pairs.map((pair) => pair[index])) / 1000)).toLocaleString("en");
  const ratios = pairs.map(([a, b]) => a / b).toSorted((a, b) => a - b);
  console.log(title);
  console.log(`  ${ours.name.padEnd(44)} ${rate(0).padStart(12)}/s`);
  console.log(`  ${peer.name.padEnd(44)} ${rate(1).padStart(12)}/s`);
  const [least, middle, most] = [ratios[0]!, median(ratios), ratios.at(-1)!].map((ratio) => ratio.toFixed(2));
  console.log(`  ours takes ${middle} times as long (${least} to ${most} in ${rounds} pairs)\n`);
}

async function time({ work }: Contender): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
