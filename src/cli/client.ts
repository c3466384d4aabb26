// lair-client: prints its help and its version at once; the rest is in client-program.ts, which is loaded only when
// needed.

import { answerAlone } from "./asked.ts";

await answerAlone("lair-client", process.argv.slice(2));
await import("./client-program.ts");
