// Changed rekey records: each bit of each byte. test/long takes every value of each byte.

import { describeRekeyRecords } from "./rekey-record-cases.ts";

describeRekeyRecords([1, 2, 4, 8, 16, 32, 64, 128]);
