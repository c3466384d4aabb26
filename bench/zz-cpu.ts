import { readFileSync, readdirSync } from "node:fs";
import { HubRoom, PlainRoom } from "./hub-lines.ts";
const ns = (pid: number): number => readdirSync(`/proc/${pid}/task`).reduce((sum, t) => sum + Number(readFileSync(`/proc/${pid}/task/${t}/schedstat`, "utf8").split(" ")[0]), 0);
const [disk = "/tmp", count = "100", rounds = "10"] = process.argv.slice(2);
const hub = await HubRoom.open(disk, 50), plain = await PlainRoom.open(50);
const pidOf = (o: any) => o.pid as number;
const out: number[][] = [[], []];
for (let r = 0; r < Number(rounds); r++) for (const [i, one] of [hub, plain].entries()) {
  const pid = pidOf(one); const b = ns(pid); await one.say(Number(count)); out[i]!.push((ns(pid) - b) / 1e3 / Number(count));
}
const med = (v: number[]) => v.toSorted((a, b) => a - b)[v.length >> 1]!;
console.log("first", out.map(v => v[0]!.toFixed(0)), "median", out.map(v => med(v.slice(1)).toFixed(0)), "ratio", (med(out[0]!.slice(1)) / med(out[1]!.slice(1))).toFixed(2));
await hub.close(); await plain.close(); process.exit(0);
