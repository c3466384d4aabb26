// A measure of the table: what is compared, in turn, A B C A B C ..., and judged by the ratios of the rounds, so that they hold
// when the machine's speed drifts. Prints nothing.

import { median } from "./measure.ts";

/** Beside another contender of the same measure, so many times its figure; or a bound of the figure itself. */
export type Goal = { readonly beside: string; readonly times: number } | { readonly bound: number };

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly goals: readonly Goal[];
}

export interface Side {
  readonly name: string;
  /** One for each figure of the measure. */
  readonly run: () => Promise<readonly number[]>;
}

export interface Measure {
  /** The word by which it is asked for. */
  readonly key: string;
  readonly figures: readonly Figure[];
  /** Ours is the first. */
  readonly sides: readonly Side[];
  /** Whether each side is run once before the rounds. Absent: it is. */
  readonly isWarmedUp?: boolean;
  /** For what takes minutes. Absent: as many as are asked for. */
  readonly rounds?: number;
}

export interface Values {
  readonly name: string;
  readonly median: number;
  readonly rounds: readonly number[];
}

export interface Judged {
  readonly goal: string;
  /** Ours by the other's, or ours alone for a bound: least, median, most. */
  readonly spread: readonly [number, number, number];
  readonly isMet: boolean;
}

export interface Row {
  readonly key: string;
  readonly measure: string;
  readonly unit: string;
  /** Ours is the first. */
  readonly sides: readonly Values[];
  readonly goals: readonly Judged[];
}

/** A row for each figure. */
export async function rowsOf(measure: Measure, asked: number): Promise<Row[]> {
  const { key, figures, sides, isWarmedUp = true, rounds = asked } = measure;
  if (isWarmedUp) for (const { run } of sides) await run();
  const results: (readonly number[])[][] = [];
  for (let round = 0; round < rounds; round++) {
    const result: (readonly number[])[] = [];
    for (const { run } of sides) result.push(await run());
    results.push(result);
  }
  return figures.map((figure, column): Row => {
    const values = sides.map(({ name }, side): Values => {
      const measured = results.map((result) => result[side]![column]!);
      return { name, median: median(measured), rounds: measured };
    });
    const goals = figure.goals.flatMap((goal) => judge(figure, goal, values));
    return { key, measure: figure.name, unit: figure.unit, sides: values, goals };
  });
}

/** None if the other contender could not be started here. */
function judge({ better, unit }: Figure, goal: Goal, [ours, ...others]: readonly Values[]): Judged | [] {
  const sign = better === "more" ? ">=" : "<=";
  const isMet = (value: number, wanted: number): boolean => (better === "more" ? value >= wanted : value <= wanted);
  if ("bound" in goal) {
    const spread = spreadOf(ours!.rounds);
    return { goal: `${sign} ${goal.bound} ${unit}`, spread, isMet: isMet(spread[1], goal.bound) };
  }
  const other = others.find(({ name }) => name === goal.beside);
  if (other === undefined) return [];
  const spread = spreadOf(ours!.rounds.map((value, round) => value / other.rounds[round]!));
  return { goal: `${sign} ${goal.times} x ${goal.beside}`, spread, isMet: isMet(spread[1], goal.times) };
}

function spreadOf(values: readonly number[]): [number, number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[0]!, median(sorted), sorted.at(-1)!];
}
