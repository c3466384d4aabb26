// Six real programs that wait and connect (lair-server --dial): each but the first was paired with the one before it, and
// everybody else by introductions only. Then each of the fifteen pairs talks both ways.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fixture } from "../e2e/fixture.ts";
import type { Program } from "../e2e/program.ts";

const NAMES = ["ada", "bob", "cyd", "dan", "eve", "fay"];

interface Member {
  readonly name: string;
  readonly program: Program;
}

const nameIn = (event: { readonly [member: string]: unknown }, member: string): unknown =>
  (event[member] as { readonly name?: string } | undefined)?.name;

/** Waits until a program is connected with these people, at least once with each. */
async function knows({ program, name }: Member, others: readonly Member[]): Promise<void> {
  const missing = (): readonly string[] => {
    const met = new Set(program.all("connected").map((event) => nameIn(event, "peer")));
    return others.flatMap((other) => (other.name === name || met.has(other.name) ? [] : [other.name]));
  };
  await program.until("connected with the others", () => (missing().length === 0 ? true : undefined));
}

describe("six programs", () => {
  it("become a mesh by introductions, and talk two by two", { timeout: 120_000 }, async (t) => {
    const fixture = new Fixture(t);
    const members: Member[] = [];
    for (const name of NAMES) {
      const before = members.at(-1);
      const args = ["--name", name, "--dial", ...NAMES.flatMap((other) => ["--accept-introductions-from", other])];
      if (before !== undefined) {
        before.program.tell({ command: "invite" });
        const { invite } = await before.program.next("invite");
        args.push("--invite-file", fixture.file(String(invite)));
      }
      const member = { name, program: fixture.server({ args }) };
      await member.program.next("listening");
      if (before !== undefined) await Promise.all([knows(member, [before]), knows(before, [member])]);
      members.push(member);
    }

    // Whoever stands between two introduces them: first neighbours of one, then those at a distance of three, and so on.
    for (let distance = 2; distance < NAMES.length; distance++) {
      for (const [at, one] of members.entries()) {
        const other = members[at + distance];
        if (other === undefined) continue;
        const { program } = members[at + 1]!;
        program.tell({ command: "introduce", who: [one.name, other.name] });
        await Promise.all([knows(one, [other]), knows(other, [one])]);
      }
    }
    await Promise.all(members.map(async (member) => await knows(member, members)));

    const pairs = members.flatMap((one) => members.filter((other) => other !== one).map((other) => ({ one, other })));
    assert.equal(pairs.length, 30);
    for (const round of [1, 2]) {
      for (const { one, other } of pairs) {
        one.program.tell({ send: `${one.name} to ${other.name}, ${round}`, to: other.name });
      }
    }
    await Promise.all(
      members.flatMap(({ program }) => [
        program.count("message", 2 * (NAMES.length - 1)),
        program.count("delivered", 2 * (NAMES.length - 1)),
      ]),
    );
    for (const { name, program } of members) {
      program.tell({ command: "quit" });
      await program.leaves(0);
      for (const from of NAMES.filter((other) => other !== name)) {
        const heard = program.all("message").filter((event) => nameIn(event, "peer") === from);
        assert.deepEqual(
          heard.map(({ text }) => text),
          [1, 2].map((round) => `${from} to ${name}, ${round}`),
        );
      }
      assert.deepEqual(program.all("error"), []);
    }
  });
});
