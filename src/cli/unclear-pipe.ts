// A pipe into a server that knows several people.

import { shortListOf } from "../app/which-peer.ts";
import { LairError } from "../core/errors.ts";
import { type Peer, peopleAmong } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { ServerArguments } from "./arguments.ts";
import { hasNoInput } from "./start.ts";

/** Lines of a pipe must not go to somebody by chance. Throws LairError `usage`. */
export function refuseUnclearPipe(
  suite: CipherSuite,
  args: Pick<ServerArguments, "json" | "to">,
  known: readonly Peer[],
): void {
  const peers = peopleAmong(known);
  const isPipe = !args.json && !process.stdin.isTTY && !hasNoInput();
  if (!isPipe || peers.length < 2 || args.to !== undefined) return;
  throw new LairError("usage", "Several people are paired here, so it is not clear whom these lines are for.", {
    details: shortListOf(suite, peers),
    hint: "Say whom: --to NAME.",
  });
}
