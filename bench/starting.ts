// Starts programs as they are published, and says when they have ended or shown something.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { BIN } from "../test/e2e/build.ts";

export async function toItsEnd(...args: readonly string[]): Promise<void> {
  await once(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }), "close");
}

/** The end of a process: not awaited by what returns it. */
export interface Ending {
  readonly closed: Promise<unknown>;
}

/** Until it prints this event. It is ended then: its end is in what is returned. */
export async function toItsEvent(event: string, program: string, ...args: readonly string[]): Promise<Ending> {
  const child = spawn(process.execPath, [join(BIN, `${program}.js`), "--json", ...args]);
  const closed = once(child, "close");
  let printed = "";
  while (!printed.includes(`{"event":"${event}"`)) printed += String((await once(child.stdout, "data"))[0]);
  child.kill();
  return { closed };
}
