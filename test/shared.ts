// Published vectors of others lie beside the checkout, never in it. Where they are missing the tests that need them
// are not defined, and one test says so.

import { existsSync, readFileSync } from "node:fs";
import { it } from "node:test";

const FOLDER = new URL("../../shared/vectors/", import.meta.url);

/** The parsed JSON of a file in ../shared/vectors, or undefined (with a skipped test that says so). */
export function sharedVectors(file: string): unknown {
  const url = new URL(file, FOLDER);
  if (existsSync(url)) return JSON.parse(readFileSync(url, "utf8"));
  // The reason for the skip: the published vectors are not part of the repository.
  it(`runs the published vectors of ${file}`, { skip: "../shared/vectors is not there" }, () => {});
  return undefined;
}
