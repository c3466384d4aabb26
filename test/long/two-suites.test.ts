// 100,000 random inputs for each function of Lair's own suite, by OpenSSL and by noble: no difference, refusals included. For
// signatures it is 10,000, with six to verify for each.

import { describe, it } from "node:test";
import { nobleSuite } from "../../src/core/noise/index.ts";
import { opensslSuite } from "../../src/node/openssl-suite/suite.ts";
import { compareSuites } from "../node/two-suites.ts";

const ROUNDS = 100_000;

describe("the two suites", () => {
  it(`agree on ${ROUNDS.toLocaleString("en")} random inputs of each function`, () => {
    const name = "25519_AESGCM_SHA256";
    compareSuites(opensslSuite(name), nobleSuite(name), ROUNDS);
  });
});
