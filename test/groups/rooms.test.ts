// One process for the test files of rooms: the engine and its cryptography.

import { importTests } from "./import-tests.ts";

await importTests("app/rooms", "mls");
