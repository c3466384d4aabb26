// One process for the test files of rooms' cryptography.

import { importTests } from "./import-tests.ts";

await importTests("mls");
