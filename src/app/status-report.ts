// The snapshot that `status` shows, taken from the line of the moment and from what waits. Pure; how it looks is the faces'
// business.

import { type Instant, protocolName } from "../core/channel/index.ts";
import type { Chat } from "../core/chat/chat.ts";
import type { StatusReport } from "./events.ts";
import type { Session } from "../core/chat/session.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Peer } from "../core/identity/peer.ts";

/** The next try to make a line: under way, or when it comes, by the monotonic clock. */
export type NextTry = "under-way" | { readonly atMs: number };

/** What the line itself does not know. */
export interface Circumstances extends Pick<StatusReport, "url" | "proxy" | "connectedAtMs" | "store" | "history"> {
  readonly suite: CipherSuite;
  /** Who is talked to, or for whom it is what is said now. */
  readonly peer: Peer | undefined;
  readonly chat: Chat | undefined;
  /** Undefined while no line is being made. */
  readonly nextTry: NextTry | undefined;
}

/** A report on a line, or on there being none. */
export function statusReport(session: Session | undefined, circumstances: Circumstances, now: Instant): StatusReport {
  const { suite, chat, peer, nextTry, ...others } = circumstances;
  const chatSession = session?.chatSession;
  const channel = chatSession?.channel;
  return {
    ...others,
    suite: protocolName(suite),
    cryptography: suite.provider,
    state: stateOf(session) ?? (nextTry === "under-way" ? "connecting" : "nobody"),
    retryInMs: retryInMs(nextTry, now),
    peer: peer === undefined ? undefined : viewPeer(suite, session?.peer ?? peer),
    sent: chat?.sent ?? 0,
    received: chat?.received ?? 0,
    undelivered: chat?.undelivered ?? 0,
    queued: chat?.queued ?? 0,
    timerS: chat?.timerS ?? 0,
    rekeys: channel?.epoch ?? 0,
    epoch: channel?.epoch ?? 0,
    keyAgeMs: Math.round(channel?.keyAgeMs(now) ?? 0),
    rekeyWindowS:
      channel === undefined ? undefined : [channel.rekeyWindow.minMs / 1000, channel.rekeyWindow.maxMs / 1000],
    roundTripMs: chatSession?.roundTripMs,
    bytesSent: session?.bytesSent ?? 0,
    bytesReceived: session?.bytesReceived ?? 0,
  };
}

/** A session that has only to say RESUME is shown as open: for a person it is. */
function stateOf(session: Session | undefined): Exclude<Session["state"], "resuming"> | undefined {
  return session?.state === "resuming" ? "open" : session?.state;
}

function retryInMs(nextTry: NextTry | undefined, now: Instant): number | undefined {
  if (nextTry === undefined) return undefined;
  if (nextTry === "under-way") return 0;
  // Never 0, which is a try under way: a timer may be late.
  return Math.max(1, Math.ceil(nextTry.atMs - now.monotonicMs));
}
