// Damaged messages: a bit of each byte. test/long takes every bit.

import { describeDamage } from "./damage-cases.ts";

describeDamage(23);
