// What a running program says that it keeps of a conversation.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { JsonEvent, Program } from "./program.ts";

const PATIENCE_MS = 60_000;
/** Asking without a pause would keep both programs busy. */
const PAUSE_MS = 100;

/** The texts of an event `history` or `found`. */
export function textsIn(event: JsonEvent): readonly string[] {
  return (event["entries"] as { readonly text: string }[]).map(({ text }) => text);
}

/** The texts that it keeps, the last `count` of them. */
export async function historyOf(program: Program, count?: number): Promise<readonly string[]> {
  program.tell({ command: "history", ...(count === undefined ? {} : { count }) });
  return textsIn(await program.next("history", ({ occasion }) => occasion === "asked"));
}

/** Asks until it keeps no more than this. */
export async function keepsOnly(program: Program, texts: readonly string[]): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const kept = await historyOf(program);
    if (kept.length <= texts.length || performance.now() > untilMs) return assert.deepEqual(kept, texts);
    await delay(PAUSE_MS);
  }
}
