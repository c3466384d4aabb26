// Changed rekey records: two bits of each byte. test/long takes every value of each byte.

import { describeRekeyRecords } from "./rekey-record-cases.ts";

describeRekeyRecords([1, 128]);
