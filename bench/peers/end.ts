// The two ends of what the table compares, each a process of its own, in whatever language: a server that prints its
// address as one line of JSON, and a driver that reads a command on each line of its input and prints its answer on one of
// its output. Both end with their input. A message begins with a letter: "e" is sent back as it is, "o" is counted, and "c"
// asks for the count, which begins anew then.

import { createInterface } from "node:readline";

/** It ends by itself, whatever happens to the bench. */
const LIFE_MS = 900_000;

export type Command =
  /** Handshakes in memory: the processor's time of the responder for one, in µs; `bareUs` without Lair's part of it. */
  | { readonly do: "handshakes"; readonly count: number }
  /** Connections one after the other, each to its first echo, in ms for all. */
  | { readonly do: "connects"; readonly count: number; readonly bytes: number }
  /** Messages one way until the server has all of them, in ms. */
  | { readonly do: "flood"; readonly count: number; readonly bytes: number }
  /** One echo after the other: p50 and p99 of one, in µs. */
  | { readonly do: "echoes"; readonly forMs: number; readonly bytes: number }
  /** Connections that stay, and say nothing. */
  | { readonly do: "idle"; readonly count: number };

export type Answer = Readonly<Partial<Record<"us" | "bareUs" | "ms" | "p50" | "p99", number>>>;

export interface Line {
  /** Resolves when the same text has come back. */
  echo(text: string): Promise<void>;
  /** Sends the text so often; resolves when the server has all of them. */
  flood(count: number, text: string): Promise<void>;
  close(): void;
}

export interface Driver {
  /** Every person has a connection of his own; each number is another one. */
  connect(person: number): Promise<Line>;
  handshakes?(count: number): Answer;
}

/** Persons of a driver: the one whose line is kept, the one who comes again and again, and the first of the idle ones. */
export const PERSONS = { kept: 0, coming: 1, idle: 2 } as const;

/** Prints the address, and ends with the input. */
export function announce(address: object): void {
  setTimeout(() => process.exit(0), LIFE_MS).unref();
  process.stdin.on("end", () => process.exit(0)).resume();
  console.log(JSON.stringify(address));
}

/** Obeys until the input ends. */
export async function drive(driver: Driver): Promise<void> {
  setTimeout(() => process.exit(0), LIFE_MS).unref();
  const obedient = new Obedient(driver);
  for await (const input of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await obedient.obey(JSON.parse(input) as Command)));
  }
  process.exit(0);
}

class Obedient {
  readonly #driver: Driver;
  #kept: Line | undefined;
  #idle = 0;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  async obey(command: Command): Promise<Answer> {
    switch (command.do) {
      case "handshakes":
        return this.#driver.handshakes!(command.count);
      case "connects":
        return { ms: await timeOf(() => connects(this.#driver, command.count, "e".repeat(command.bytes))) };
      case "flood": {
        const line = await this.#line();
        return { ms: await timeOf(() => line.flood(command.count, "o".repeat(command.bytes))) };
      }
      case "echoes":
        return await echoes(await this.#line(), command.forMs, "e".repeat(command.bytes));
      case "idle":
        for (const last = this.#idle + command.count; this.#idle < last; this.#idle++) {
          await this.#driver.connect(PERSONS.idle + this.#idle);
        }
        return {};
    }
  }

  async #line(): Promise<Line> {
    return (this.#kept ??= await this.#driver.connect(PERSONS.kept));
  }
}

async function connects(driver: Driver, count: number, text: string): Promise<void> {
  for (let index = 0; index < count; index++) {
    const one = await driver.connect(PERSONS.coming);
    await one.echo(text);
    one.close();
  }
}

async function echoes(line: Line, forMs: number, text: string): Promise<Answer> {
  const times: number[] = [];
  for (const startMs = performance.now(); performance.now() - startMs < forMs;) {
    times.push((await timeOf(() => line.echo(text))) * 1_000);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)]!;
  return { p50: quantile(0.5), p99: quantile(0.99) };
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
