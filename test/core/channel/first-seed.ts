// The seed with which random tests of this run begin: another one each time, or the one of a failure to repeat.

import { randomInt } from "node:crypto";

export const FIRST_SEED = Number(process.env["LAIR_TEST_SEED"] ?? randomInt(2 ** 31));
