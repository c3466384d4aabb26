// The snapshot for `status`, taken from the current session and from what waits. Pure; the frontends decide how it
// looks.

import { type Instant, protocolName } from "../core/channel/index.ts";
import type { Chat } from "../core/chat/chat.ts";
import type { StatusReport } from "./events.ts";
import type { Session } from "../core/chat/session.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Peer } from "../core/identity/peer.ts";

/** The next attempt to connect: in progress, or its time by the monotonic clock. */
export type NextTry = "under-way" | { readonly atMs: number };

/** What the session itself does not know. */
export interface Circumstances extends Pick<
  StatusReport,
  "url" | "proxy" | "connectedAtMs" | "store" | "history" | "historyLimitBytes" | "others"
> {
  readonly suite: CipherSuite;
  /** The connected peer, or the recipient of a message said now. */
  readonly peer: Peer | undefined;
  readonly chat: Chat | undefined;
  /** Undefined while no line is being made. */
  readonly nextTry: NextTry | undefined;
}

/** A report on a session, or on having none. */
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

/** A session that only has to exchange RESUME is shown as open: for a user it is. */
function stateOf(session: Session | undefined): Exclude<Session["state"], "resuming"> | undefined {
  return session?.state === "resuming" ? "open" : session?.state;
}

function retryInMs(nextTry: NextTry | undefined, now: Instant): number | undefined {
  if (nextTry === undefined) return undefined;
  if (nextTry === "under-way") return 0;
  // Never 0, which means an attempt in progress: a timer may be late.
  return Math.max(1, Math.ceil(nextTry.atMs - now.monotonicMs));
}
