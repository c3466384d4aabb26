// One process for the test files of the store.

import { importTests } from "./import-tests.ts";

await importTests("node/store");
