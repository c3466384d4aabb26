// Why a session ended, derived from how its runner ended. Knows no frontend and no running session.

import { CLOSE_REASON, type CloseReason } from "../core/channel/index.ts";
import type { EndReason } from "./events.ts";
import type { LairError } from "../core/errors.ts";
import type { SessionEnd } from "./session-runner.ts";

const END_REASONS: { readonly [Reason in CloseReason]: EndReason } = {
  [CLOSE_REASON.goodbye]: "closed",
  [CLOSE_REASON.shuttingDown]: "shutting-down",
  [CLOSE_REASON.busy]: "busy",
  [CLOSE_REASON.replaced]: "replaced",
  [CLOSE_REASON.notTrusted]: "not-trusted",
  [CLOSE_REASON.unable]: "unable",
};

export function endReason(end: SessionEnd): EndReason {
  switch (end.type) {
    case "cut":
      return "cut";
    case "closed":
      return end.by === "us" ? "left" : END_REASONS[end.reason];
    case "error":
      if (end.error.code === "peer-silent") return "silent";
      // Not shown as a fault: an honest peer whose output is blocked does not accept anything either.
      if (end.error.code === "peer-stalled") return "cut";
      if (isOurs(end.error)) return "failed";
      return end.error.code === "key-expired" ? "key-expired" : "protocol";
  }
}

/** A failure of our own disk, or a bug of ours: not the peer's fault. */
function isOurs({ kind }: LairError): boolean {
  return kind === "store" || kind === "internal";
}
