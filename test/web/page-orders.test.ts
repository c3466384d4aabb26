// The page with its answers and events in any order: a browser has several connections, so a program may take calls in
// another order than they were made, and an answer may come later than the events of what happened after it. Nothing may
// change places on the page, and in the end it must show what the program has.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Api, ApiEvent, CallOptions, InputOf, OutputOf } from "../../src/app/api/api.ts";
import { ApiProblem } from "../../src/app/api/api.ts";
import type { CallName } from "../../src/app/api/calls.ts";
import { Page } from "../../src/web/state/page.ts";
import { shownLines, showsEnd } from "../../src/web/state/timeline.ts";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { effort } from "../effort.ts";
import { FakeApi } from "./fake-api.ts";
import { FakePorts, settled } from "./fake-ports.ts";

const START_MS = Date.parse("2026-11-27T12:00:00.000Z");
const SCHEDULES = effort(60, 1_500);
const STEPS = 60;

type Step = () => Promise<void>;

/** A fake program whose calls are taken, answered, and whose events arrive, when `step` is called. */
class SlowApi implements Api {
  readonly #program: FakeApi;
  readonly #random: SeededRandom;
  readonly #waiting: Step[] = [];
  readonly #answers: Step[] = [];
  readonly #events: Step[] = [];

  constructor(program: FakeApi, random: SeededRandom) {
    this.#program = program;
    this.#random = random;
  }

  async call<Name extends CallName>(name: Name, input: InputOf<Name>, options?: CallOptions): Promise<OutputOf<Name>> {
    if (name !== "say" && name !== "messages") return await this.#program.call(name, input, options);
    return await new Promise((resolve, reject) => {
      this.#waiting.push(async () => {
        const isRefused = name === "say" && this.#random.below(8) === 0;
        if (isRefused)
          return void this.#answers.push(async () => reject(new ApiProblem("store-full", "The disk is full.")));
        const answer = await this.#program.call(name, input, options);
        this.#answers.push(async () => resolve(answer));
      });
    });
  }

  listen(listener: (event: ApiEvent) => void, since?: string): () => void {
    return this.#program.listen((event) => this.#events.push(async () => listener(event)), since);
  }

  get isQuiet(): boolean {
    return this.#waiting.length + this.#answers.length + this.#events.length === 0;
  }

  /** One of these: any call is taken, any answer arrives, the next event arrives. */
  async step(): Promise<void> {
    const kinds = [this.#waiting, this.#answers, this.#events].filter(({ length }) => length > 0);
    const kind = kinds[this.#random.below(Math.max(kinds.length, 1))];
    if (kind === undefined) return;
    const at = kind === this.#events ? 0 : this.#random.below(kind.length);
    await kind.splice(at, 1)[0]!();
    await settled();
  }
}

async function play(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const ports = new FakePorts(START_MS);
  const program = new FakeApi({ lines: 450, nowMs: () => ports.nowMs });
  const api = new SlowApi(program, random);
  const page = new Page(api, ports);
  page.start();
  await ports.pass(100);
  const id = program.idOf("ops");
  const held = program.conversations.get(id)!;
  const before = held.lines.length;
  /** Pairs of texts of which the first was shown above the second. */
  const above = new Set<string>();
  const look = (): void => {
    const { open } = page.view;
    if (open?.id !== id || open.timeline === undefined) return;
    const texts = shownLines(open.timeline).flatMap(({ text }) => (/^(?:said|heard) /.test(text) ? [text] : []));
    assert.equal(new Set(texts).size, texts.length, `shown twice: ${texts.join(", ")}`);
    texts.forEach((one, index) => {
      for (const other of texts.slice(index + 1)) {
        assert.ok(!above.has(`${other}|${one}`), `${one} and ${other} have changed places`);
        above.add(`${one}|${other}`);
      }
    });
  };
  let count = 0;
  const oldLine = (): string => random.below(held.made).toString(16).padStart(32, "0");
  const actions: readonly (() => unknown)[] = [
    () => page.view.open?.id === id && page.say(`said ${++count}`),
    () => page.view.open?.id === id && page.say(`said ${++count}`),
    () => program.hear(id, program.person("bob"), `heard ${++count}`),
    () => page.jump(id, oldLine()),
    () => page.toEnd(),
    () => page.older(),
    () => page.newer(),
    () => page.open(random.below(2) === 0 ? id : program.idOf("bob")),
    () => ports.become({ name: "open" }),
  ];
  void page.open(id);
  for (let step = 0; step < STEPS; step++) {
    if (random.below(3) === 0) void actions[random.below(actions.length)]!();
    else await api.step();
    if (random.below(10) === 0) await ports.pass(60);
    await settled();
    look();
  }
  const quiet = async (): Promise<void> => {
    for (;;) {
      while (!api.isQuiet) {
        await api.step();
        look();
      }
      await ports.pass(500);
      if (api.isQuiet) return;
    }
  };
  await quiet();
  void page.open(id);
  await quiet();
  void page.toEnd();
  await quiet();
  look();
  const said = held.lines.slice(before).map(({ text }) => text);
  const own = said.flatMap((text) => (text.startsWith("said") ? [Number(text.slice(5))] : []));
  assert.deepEqual(
    own,
    own.toSorted((a, b) => a - b),
    "in the order in which they were said",
  );
  const { timeline } = page.view.open!;
  assert.ok(timeline !== undefined && showsEnd(timeline));
  const shown = timeline.lines.map(({ text }) => text);
  assert.deepEqual(
    shown.slice(-said.length - 3),
    held.lines.slice(-said.length - 3).map(({ text }) => text),
  );
}

describe(`the page with answers and events in any order (seeds from ${FIRST_SEED})`, () => {
  it("shows every line once, where the program has it, and nothing changes places", async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
      try {
        await play(seed);
      } catch (error) {
        throw new Error(`LAIR_TEST_SEED=${seed}: ${String(error)}`, { cause: error });
      }
    }
  });
});
