// One process for many test files: the start of a process costs more than most of them. Each can be run alone too.

import { importTests } from "./import-tests.ts";

await importTests("app", "app/api", "ui", "cli");
