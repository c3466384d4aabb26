// From nothing to the prompt, as installed, beside `node -e 0`.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Side } from "../measures.ts";
import { toItsEnd, toItsEvent } from "../starting.ts";
import type { Part } from "./part.ts";

const side = (name: string, work: () => Promise<void>): Side => ({
  name,
  async run() {
    const startMs = performance.now();
    await work();
    return [performance.now() - startMs];
  },
});

export const START: Part = {
  keys: ["start"],
  async run(table) {
    const home = mkdtempSync(join(table.disk, "lair-bench-"));
    const bare = side("node -e 0", () => toItsEnd("-e", "0"));
    const ends: Promise<unknown>[] = [];
    // Nobody listens there; that it is about to connect is what the client shows first.
    const programs = [
      { program: "lair-server", event: "listening", args: ["--listen", "127.0.0.1:0"] },
      { program: "lair-client", event: "connecting", args: ["ws://127.0.0.1:9"] },
    ];
    try {
      for (const { program, event, args } of programs) {
        const work = async (): Promise<void> => {
          ends.push((await toItsEvent(event, program, "--home", home, ...args)).closed);
        };
        await table.measure({
          key: "start",
          figures: [
            {
              name: `${program}, installed, to the prompt`,
              unit: "ms",
              better: "less",
              goals: [{ beside: "node -e 0", times: 3 }],
            },
          ],
          sides: [side("Lair", work), bare],
        });
        await Promise.all(ends);
      }
    } finally {
      await Promise.all(ends);
      rmSync(home, { recursive: true, force: true });
    }
  },
};
