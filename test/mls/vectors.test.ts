// The test vectors of RFC 9420 (mlswg/mls-implementations) for suite 1, which rooms use (`--classic`). The vectors have
// identities, psks and proposals by reference that the port refuses, so they are not given to it as a whole, but to its
// parts: the suite as it is made for the port, and its codec, through which each state passes after each epoch.
// test/long/mls-vectors.test.ts has the other suites that the library can compute here.

import { describe } from "node:test";
import { makeSuite } from "../../src/mls/suites.ts";
import { OPENSSL_AES_GCM } from "../../src/node/openssl-suite/suite.ts";
import { random, SUITE } from "./people.ts";
import { runVectors } from "./vectors.ts";

describe("RFC 9420's vectors, suite 1", () => {
  runVectors(1, () => makeSuite("classic", { signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random }));
});
