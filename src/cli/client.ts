// lair-client: its help and its version are printed at once; the rest is in client-program.ts, which is loaded only when it runs.

import { answerAlone } from "./asked.ts";

await answerAlone("lair-client", process.argv.slice(2));
await import("./client-program.ts");
