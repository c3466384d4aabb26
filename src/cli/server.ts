// lair-server: its help and its version are printed at once; the rest is in server-program.ts, which is loaded only when it runs.

import { answerAlone } from "./asked.ts";

await answerAlone("lair-server", process.argv.slice(2));
await import("./server-program.ts");
