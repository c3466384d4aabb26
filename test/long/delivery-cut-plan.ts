// Where the connections of a long talk are cut: chance, within rules that keep every kind of place in it. Knows no sockets.

import type { SeededRandom } from "../core/channel/seeded-random.ts";
import type { CutHow } from "../e2e/wire.ts";

export type PlannedCut =
  /** Before anything was said: in the upgrade, the handshake, or the first records behind it. */
  | { readonly type: "early"; readonly afterBytes: number; readonly how: CutHow }
  /** While lines go both ways: so many bytes after the client has been let in. */
  | { readonly type: "talk"; readonly afterBytes: number; readonly how: CutHow }
  /** So many bytes after the line has fallen silent, just before a renewal of the keys; `isBusy`: lines go then, too. */
  | { readonly type: "rekey"; readonly afterBytes: number; readonly how: CutHow; readonly isBusy: boolean };

/** Head of the upgrade, its answer, messages 1 to 3, and the first frame each way: what a connection begins with. */
export const OPENING_BYTES = 2_000;
/** The client gives up after ten connections in a row that end without an answer. */
export const MAX_EARLY_IN_A_ROW = 5;
/** INIT, REPLY and DONE, a frame of 272 bytes each and its WebSocket header. */
export const REKEY_BYTES = 3 * 272 + 2 * 4 + 8;

/** `talkBytes` is how much a round of talking carries at least. */
export function planCuts(random: SeededRandom, count: number, talkBytes: number): PlannedCut[] {
  const plan: PlannedCut[] = [];
  let early = 0;
  while (plan.length < count) {
    const kind = random.below(100);
    const how = random.chance(50) ? "reset" : "end";
    if (kind < 20 && early < MAX_EARLY_IN_A_ROW) {
      // Half of them before the server can have answered message 1.
      const afterBytes = random.chance(50) ? random.between(1, 600) : random.between(1, OPENING_BYTES);
      plan.push({ type: "early", afterBytes, how });
      early += 1;
      continue;
    }
    early = 0;
    if (kind < 30) {
      const isBusy = random.chance(40);
      const afterBytes = isBusy ? random.between(1, 4 * REKEY_BYTES) : random.between(1, REKEY_BYTES);
      plan.push({ type: "rekey", afterBytes, how, isBusy });
    } else {
      plan.push({ type: "talk", afterBytes: random.between(1, talkBytes), how });
    }
  }
  return plan;
}
