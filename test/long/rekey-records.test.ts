// The whole of test/core/channel/rekey-records.test.ts: every value of each byte.

import { describeRekeyRecords } from "../core/channel/rekey-record-cases.ts";

describeRekeyRecords(Array.from({ length: 255 }, (_, index) => index + 1));
