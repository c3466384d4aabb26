// lair-server: prints its help and its version at once; the rest is in server-program.ts, which is loaded only when
// needed.

import { answerAlone } from "./asked.ts";

await answerAlone("lair-server", process.argv.slice(2));
await import("./server-program.ts");
