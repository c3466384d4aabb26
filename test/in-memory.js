// Has `npm test` keep its temporary files in memory where that is possible (Linux): homes and stores are written to disk
// with a sync each, and the tests make hundreds of them. `npm run test:long` keeps them on the disk.
import { accessSync, constants, statfsSync } from "node:fs";

const MEMORY = "/dev/shm";
/** What is needed at most is a tenth of it; a container may have no more than 64 MB there. */
const FREE_BYTES = 512 * 1_048_576;

try {
  accessSync(MEMORY, constants.W_OK);
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize >= FREE_BYTES) process.env.TMPDIR ??= MEMORY;
} catch {
  // There is none here.
}
