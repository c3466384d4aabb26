// One server and twelve clients as real programs: 500 lines each way with each, while every session's keys are renewed
// every second or two. None is lost, none comes twice or out of order, and none reaches anybody else.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fixture } from "../e2e/fixture.ts";
import { receivedBy, serverWith } from "../e2e/people.ts";
import type { Program } from "../e2e/program.ts";

const CLIENTS = 12;
const ROUNDS = 10;
const LINES_IN_ROUND = 50;
const REKEY = ["--rekey", "1-2"];

/** Waits until a program has said so many events of a kind; reads each part of its output once. */
function counter(program: Program, event: string): (count: number) => Promise<void> {
  const start = `{"event":"${event}"`;
  let [at, seen] = [0, 0];
  return async (count) => {
    await program.until(`${count} times the event "${event}"`, () => {
      for (let found = program.stdout.indexOf(start, at); found >= 0; found = program.stdout.indexOf(start, at)) {
        seen += 1;
        at = found + start.length;
      }
      return seen >= count ? true : undefined;
    });
  };
}

describe("one server and twelve clients", () => {
  it("exchange 500 lines each way with each, during renewals of the keys", { timeout: 170_000 }, async (t) => {
    const names = Array.from({ length: CLIENTS }, (_, at) => `person${at}`);
    const { server, people } = await serverWith(new Fixture(t), names, REKEY);
    const heard = counter(server, "message");
    const rekeyed = people.map(({ program }) => counter(program, "rekeyed"));
    const numbers = Array.from({ length: ROUNDS * LINES_IN_ROUND }, (_, at) => at);
    for (let round = 0; round < ROUNDS; round++) {
      const lines = numbers.slice(round * LINES_IN_ROUND, (round + 1) * LINES_IN_ROUND);
      const all = people.map((person) => lines.map((line) => ({ person, line }))).flat();
      await Promise.all([
        // One line for each in turn.
        server.write(
          all
            .toSorted((one, other) => one.line - other.line)
            .map(({ person, line }) => `${JSON.stringify({ send: `${person.name} ${line}`, to: person.name })}\n`)
            .join(""),
        ),
        ...people.map(async ({ name, program }) => {
          await program.write(lines.map((line) => `${JSON.stringify({ send: `of ${name} ${line}` })}\n`).join(""));
        }),
      ]);
      await Promise.all(rekeyed.map(async (count) => await count(round + 1)));
    }
    const total = CLIENTS * numbers.length;
    await heard(total);
    await Promise.all(people.map(async ({ program }) => await counter(program, "message")(numbers.length)));
    for (const { name, program } of people) {
      assert.deepEqual(
        receivedBy(program),
        numbers.map((line) => `${name} ${line}`),
      );
    }
    const messages = server.all("message");
    assert.equal(messages.length, total);
    for (const { name } of people) {
      const texts = messages.filter(({ peer }) => (peer as { name: string }).name === name).map(({ text }) => text);
      assert.deepEqual(
        texts,
        numbers.map((line) => `of ${name} ${line}`),
      );
    }
  });
});
