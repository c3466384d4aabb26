// One process for the tests of hubs and members that do not follow the protocol.

import { importTests } from "./import-tests.ts";

await importTests("hostile");
