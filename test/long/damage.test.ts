// The whole of test/core/channel/damage.test.ts: every bit and every length.

import { describeDamage } from "../core/channel/damage-cases.ts";

describeDamage(1);
