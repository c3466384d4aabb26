// Each vector has to come out of both suites: of noble, the reference, and of OpenSSL, which the programs use.

import { type CipherSuite, NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";

export const BOTH_SUITES: readonly CipherSuite[] = [NOBLE_SUITE, OPENSSL_SUITE];
