// The prompt for longer: a thousand messages, renewals of the keys every second, a new size again and again, and a person
// who types all the while.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { terminalAndClient } from "../e2e/terminals.ts";
import { WITHOUT_TMUX } from "../e2e/tmux.ts";

const MESSAGES = 1_000;
const ROUNDS = 50;
const SIZES = [
  [80, 24],
  [44, 24],
  [120, 30],
  [60, 10],
] as const;

describe("a long talk in a terminal", { skip: WITHOUT_TMUX }, () => {
  it("loses no message and no key, whatever happens at the same time", async (t) => {
    const { ada, bob } = await terminalAndClient(t, { args: "--rekey 1-1" });
    let typed = "";
    for (let round = 0; round < ROUNDS; round++) {
      for (let number = 1; number <= MESSAGES / ROUNDS; number++) {
        bob.tell({ send: `message ${(round * MESSAGES) / ROUNDS + number}.` });
      }
      const piece = `piece${round} `;
      typed += piece;
      await ada.type(piece);
      const [columns, rows] = SIZES[round % SIZES.length]!;
      await ada.resize(columns, rows);
      await ada.showed(new RegExp(`message ${((round + 1) * MESSAGES) / ROUNDS}\\.$`, "m"));
    }
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], typed.trimEnd());
    const numbers = [...(await ada.history()).matchAll(/^\d\d:\d\d {2}bob {2}message (\d+)\.$/gm)];
    assert.deepEqual(
      numbers.map(([, number]) => Number(number)),
      Array.from({ length: MESSAGES }, (_, index) => index + 1),
    );
    const status = await ada.property("cursor_flag},#{wrap_flag");
    assert.equal(status, "1,1");
    assert.ok(bob.all("rekeyed").length >= 5);
  });
});
