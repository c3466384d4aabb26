// Rekeys in a row, with data in flight (docs/PROTOCOL.md §8.2). test/long plays 10,000 of them.

import { describe, it } from "node:test";
import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { playRekeys } from "./many-rekeys.ts";
import { TOY_SUITE } from "./toy-suite.ts";

describe("many rekeys in a row with data in flight both ways", () => {
  it("lose and reorder nothing under the cryptography of noble", () => {
    playRekeys(10, NOBLE_SUITE, "responder");
  });

  it("lose and reorder nothing when the initiator drives", () => {
    playRekeys(100, TOY_SUITE, "initiator");
  });
});
