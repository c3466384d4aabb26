// Profiles of what a bench starts: with BENCH_PROFILES=DIRECTORY each process that is not run through tsx writes one there at its
// end. bench/profile.ts shows them.

let count = 0;

/** What Node is given in front of the program. The label is a part of the file's name. */
export function profiling(label: string): readonly string[] {
  const directory = process.env["BENCH_PROFILES"];
  if (directory === undefined) return [];
  count += 1;
  return ["--cpu-prof", `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${count}-${label}.cpuprofile`];
}
