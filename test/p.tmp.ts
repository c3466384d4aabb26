import { playLives } from "/tmp/wt/coretests/test/core/delivery/lives.ts";
const r = process.argv[3] === "r"; const t = performance.now();
console.log(playLives(Number(process.argv[2]), Number(process.argv[4] ?? 1), { restores: r }), performance.now() - t);
