// The snapshot that `status` shows, taken from the line of the moment. Pure; how it looks is the faces' business.

import type { Instant } from "../core/channel/index.ts";
import type { StatusReport } from "../core/chat/events.ts";
import { type Line, viewPeer } from "../core/chat/line.ts";

/** What the line itself does not know. */
export type Circumstances = Pick<StatusReport, "url" | "connectedAtMs" | "suite" | "cryptography">;

/** A report on a line, or on there being none. */
export function statusReport(line: Line | undefined, circumstances: Circumstances, now: Instant): StatusReport {
  const conversation = line?.conversation;
  const channel = conversation?.channel;
  return {
    state: line?.state ?? "nobody",
    peer: line?.peer === undefined ? undefined : viewPeer(line.peer),
    url: circumstances.url,
    connectedAtMs: circumstances.connectedAtMs,
    sent: conversation?.sent ?? 0,
    received: conversation?.received ?? 0,
    undelivered: conversation?.undelivered ?? 0,
    rekeys: channel?.epoch ?? 0,
    epoch: channel?.epoch ?? 0,
    keyAgeMs: Math.round(channel?.keyAgeMs(now) ?? 0),
    rekeyWindowS:
      channel === undefined ? undefined : [channel.rekeyWindow.minMs / 1000, channel.rekeyWindow.maxMs / 1000],
    roundTripMs: conversation?.roundTripMs,
    bytesSent: line?.bytesSent ?? 0,
    bytesReceived: line?.bytesReceived ?? 0,
    suite: circumstances.suite,
    cryptography: circumstances.cryptography,
  };
}
