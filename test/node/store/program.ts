// A program with a store, for tests that need a second one: opens it (argv: directory, mode), says "open" or the error's
// code, and then does what each line of its input says, answering each with one line.
import { createInterface } from "node:readline";
import { LairError } from "../../../src/core/errors.ts";
import { openStore } from "../../../src/node/store/open-store.ts";
import type { SqlStore } from "../../../src/node/store/sql-store.ts";
import { ADA, optionsFor, queued } from "./places.ts";

const [directory, mode] = process.argv.slice(2);

function answer(action: () => unknown): void {
  let said: unknown;
  try {
    said = action();
  } catch (error) {
    said = error instanceof LairError ? error.code : String(error);
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

let store: SqlStore | undefined;
answer(() => {
  store = openStore(optionsFor(directory!, { mode: mode === "read" ? "read" : "write" }));
  return "open";
});

const tasks: Readonly<Record<string, (store: SqlStore, text: string) => unknown>> = {
  queue: (store, text) => store.commit(ADA, [queued(store.load(ADA).next, text)]),
  count: (store) => store.load(ADA).outbox.length,
  texts: (store) => Array.from(store.all(ADA, 0), ({ text }) => text),
  close: (store) => store.close(),
};

for await (const line of createInterface(process.stdin)) {
  const [task, ...words] = line.split(" ");
  answer(() => tasks[task!]!(store!, words.join(" ")) ?? "done");
}
