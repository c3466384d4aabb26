// Calls of a disk that fail, for tests of what is left then.

import * as fs from "node:fs";
import type { Disk } from "../../src/node/disk.ts";

/** A call that fails with this code. */
export const failing = (code: string) => (): never => {
  throw Object.assign(new Error(`${code}: injected`), { code });
};

/** A disk that fills up takes a part first. */
export const writeHalfThenFail =
  (code: string): Disk["writeSync"] =>
  (descriptor, bytes, offset) =>
    offset > 0 ? failing(code)() : fs.writeSync(descriptor, bytes, 0, bytes.length >> 1);

/** Some network drives tell only at the close that they did not take it. */
export const closeThenFail =
  (code: string): Disk["closeSync"] =>
  (descriptor) => {
    fs.closeSync(descriptor);
    failing(code)();
  };
