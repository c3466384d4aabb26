// The snapshot that `status` shows, taken from the line of the moment and from what waits. Pure; how it looks is the faces'
// business.

import type { Instant } from "../core/channel/index.ts";
import type { Correspondence } from "../core/chat/correspondence.ts";
import type { StatusReport } from "../core/chat/events.ts";
import { type Line, viewPeer } from "../core/chat/line.ts";
import type { Peer } from "../core/identity/peer.ts";

/** What the line itself does not know. */
export interface Circumstances extends Pick<
  StatusReport,
  "url" | "connectedAtMs" | "suite" | "cryptography" | "store" | "history" | "retryInMs"
> {
  /** Who is talked to, or for whom it is what is said now. */
  readonly peer: Peer | undefined;
  readonly correspondence: Correspondence | undefined;
}

/** A report on a line, or on there being none. */
export function statusReport(line: Line | undefined, circumstances: Circumstances, now: Instant): StatusReport {
  const { correspondence, peer, ...others } = circumstances;
  const conversation = line?.conversation;
  const channel = conversation?.channel;
  return {
    ...others,
    state: line?.state ?? "nobody",
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
