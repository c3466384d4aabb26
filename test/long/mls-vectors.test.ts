// RFC 9420's vectors of the suites that rooms don't use and that ts-mls computes with what is installed: 2, 5 and 7. (3, 4
// and 6 need further packages.) test/mls/vectors.test.ts has suite 1, as far as it takes little time; here it is whole.

import { describe } from "node:test";
import { getCiphersuiteImpl, getCiphersuiteFromName, type CiphersuiteName } from "ts-mls";
import { runVectors } from "../mls/vectors.ts";

const SUITES = {
  1: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
  2: "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
  5: "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
  7: "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
} as const satisfies Record<number, CiphersuiteName>;

for (const [suite, name] of Object.entries(SUITES)) {
  describe(`RFC 9420's vectors, suite ${suite}, by the library's own functions`, () => {
    runVectors(Number(suite), () => getCiphersuiteImpl(getCiphersuiteFromName(name)));
  });
}
