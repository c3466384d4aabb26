// The long run of test/core/channel/many-rekeys.test.ts: minutes, so it is no part of `npm test`.

import { describe, it } from "node:test";
import { NOBLE_SUITE } from "../../src/core/noise/index.ts";
import { playRekeys } from "../core/channel/many-rekeys.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { TOY_SUITE } from "../core/channel/toy-suite.ts";

describe("10,000 rekeys in a row with data in flight both ways", () => {
  for (const driver of ["initiator", "responder"] as const) {
    it(`lose and reorder nothing when the ${driver} drives`, () => {
      playRekeys(10_000, TOY_SUITE, driver);
    });
  }

  it("lose and reorder nothing under the cryptography of node:crypto", () => {
    playRekeys(10_000, OPENSSL_SUITE, "responder");
  });

  it("lose and reorder nothing under the cryptography of noble: 1,000", () => {
    playRekeys(1_000, NOBLE_SUITE, "responder");
  });
});
