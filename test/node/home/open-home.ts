// A home as most tests have it: with the suite of noble.

import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { type Home, type HomeOptions, openHome as open, type Role } from "../../../src/node/home/home.ts";

export function openHome(directory: string, role: Role, options: Partial<HomeOptions> = {}): Home {
  return open(directory, role, { suite: NOBLE_SUITE, ...options });
}
