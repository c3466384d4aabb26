// Runs the test files of folders in the process that asks for it.

import { readdirSync } from "node:fs";

/** Imports every test file of these folders of `test`, each folder without those below it. */
export async function importTests(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const directory = new URL(`../${folder}/`, import.meta.url);
    const names = readdirSync(directory).filter((name) => name.endsWith(".test.ts"));
    if (names.length === 0) throw new Error(`test/${folder} has no test files`);
    for (const name of names.toSorted()) await import(new URL(name, directory).href);
  }
}
