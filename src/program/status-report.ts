// The snapshot that `status` shows, taken from the line of the moment and from what waits. Pure; how it looks is the faces'
// business.

import type { Instant } from "../core/channel/index.ts";
import type { Correspondence } from "../core/chat/correspondence.ts";
import type { StatusReport } from "../core/chat/events.ts";
import { type Line, viewPeer } from "../core/chat/line.ts";
import type { Peer } from "../core/identity/peer.ts";

/** The next try to make a line: under way, or when it comes, by the monotonic clock. */
export type NextTry = "under-way" | { readonly atMs: number };

/** What the line itself does not know. */
export interface Circumstances extends Pick<
  StatusReport,
  "url" | "proxy" | "connectedAtMs" | "suite" | "cryptography" | "store" | "history"
> {
  /** Who is talked to, or for whom it is what is said now. */
  readonly peer: Peer | undefined;
  readonly correspondence: Correspondence | undefined;
  /** Undefined while no line is being made. */
  readonly nextTry: NextTry | undefined;
}

/** A report on a line, or on there being none. */
export function statusReport(line: Line | undefined, circumstances: Circumstances, now: Instant): StatusReport {
  const { correspondence, peer, nextTry, ...others } = circumstances;
  const conversation = line?.conversation;
  const channel = conversation?.channel;
  return {
    ...others,
    state: line?.state ?? (nextTry === "under-way" ? "connecting" : "nobody"),
    retryInMs: retryInMs(nextTry, now),
    peer: peer === undefined ? undefined : viewPeer(line?.peer ?? peer),
    sent: correspondence?.sent ?? 0,
    received: correspondence?.received ?? 0,
    undelivered: correspondence?.undelivered ?? 0,
    queued: correspondence?.queued ?? 0,
    timerS: correspondence?.timerS ?? 0,
    rekeys: channel?.epoch ?? 0,
    epoch: channel?.epoch ?? 0,
    keyAgeMs: Math.round(channel?.keyAgeMs(now) ?? 0),
    rekeyWindowS:
      channel === undefined ? undefined : [channel.rekeyWindow.minMs / 1000, channel.rekeyWindow.maxMs / 1000],
    roundTripMs: conversation?.roundTripMs,
    bytesSent: line?.bytesSent ?? 0,
    bytesReceived: line?.bytesReceived ?? 0,
  };
}

function retryInMs(nextTry: NextTry | undefined, now: Instant): number | undefined {
  if (nextTry === undefined) return undefined;
  if (nextTry === "under-way") return 0;
  // Never 0, which is a try under way: a timer may be late.
  return Math.max(1, Math.ceil(nextTry.atMs - now.monotonicMs));
}
