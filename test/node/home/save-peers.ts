// A program for the tests: saves peers into a home. Arguments: home, first seed, how many, and "die" to end by SIGKILL
// when the last one is written but not yet renamed into place.
import * as fs from "node:fs";
import { openHome } from "./open-home.ts";
import { peerOf } from "./places.ts";

const [home, first, count, how] = process.argv.slice(2);
const last = Number(first) + Number(count) - 1;
for (let seed = Number(first); seed <= last; seed++) {
  const renameSync = how === "die" && seed === last ? () => process.kill(process.pid, "SIGKILL") : fs.renameSync;
  openHome(home!, "client", { disk: { ...fs, renameSync } }).pairings.savePeer(peerOf(seed));
}
