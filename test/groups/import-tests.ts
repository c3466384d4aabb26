// Runs the test files of folders in the process that asks for it.

import { readdirSync } from "node:fs";

/** Imports every test file of these folders of `test`, each folder without those below it. */
export async function importTests(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) await importFiles(folder, namesIn(folder));
}

/** Imports every `count`th test file of a folder of `test`, from the file at `index` on: together they are all. */
export async function importShare(folder: string, index: number, count: number): Promise<void> {
  await importFiles(
    folder,
    namesIn(folder).filter((_, position) => position % count === index),
  );
}

function namesIn(folder: string): readonly string[] {
  const names = readdirSync(new URL(`../${folder}/`, import.meta.url)).filter((name) => name.endsWith(".test.ts"));
  if (names.length === 0) throw new Error(`test/${folder} has no test files`);
  return names.toSorted();
}

async function importFiles(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await import(new URL(`../${folder}/${name}`, import.meta.url).href);
}
