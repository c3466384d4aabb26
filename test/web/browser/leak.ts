// An hour of random use, or as many minutes as are given: the heap of the page may not grow by 5 MB.
//   node --import ./test/tsx.js test/web/browser/leak.ts [MINUTES]

import { launch, openPage } from "./chromium.ts";
import { heapBytes, useRandomly } from "./random-use.ts";

const minutes = Number(process.argv[2] ?? 60);
const browser = await launch();
const opened = await openPage(browser, { lines: 100_000 });
await useRandomly(opened, { actions: 150, seed: 1 });
const before = await heapBytes(opened);
console.log(`0 min: ${before} bytes`);
for (let minute = 1; minute <= minutes; minute++) {
  await useRandomly(opened, { untilMs: Date.now() + 60_000, seed: minute });
  console.log(`${minute} min: ${(await heapBytes(opened)) - before} bytes more`);
}
const grown = (await heapBytes(opened)) - before;
await opened.close();
await browser.close();
if (grown >= 5_000_000) throw new Error(`the heap has grown by ${grown} bytes`);
