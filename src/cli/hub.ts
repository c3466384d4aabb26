// lair-hub: prints its help and its version at once; the rest is in hub-program.ts, which is loaded only when needed.

import { answerAlone } from "./asked.ts";

await answerAlone("lair-hub", process.argv.slice(2));
await import("./hub-program.ts");
