// A third of the tests that start the programs, in one process.

import { importShare } from "../import-tests.ts";

await importShare("e2e", 0, 3);
