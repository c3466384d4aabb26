// What a program tells the person (or the program) that runs it, and what it is told by them: plain data, no hands.
// Every face (terminal, JSON lines, pipe) shows these events and yields these commands; none of them knows the wire.
// All text that came from the peer is raw here: a face passes it through its sanitiser before it is shown.

import type { HistoryEntry, Retention } from "../core/chat/history.ts";
import type { PeerView } from "../core/identity/peer-view.ts";

/** Why a session ended. */
export type EndReason =
  | "closed" // the other side said goodbye
  | "left" // this side did
  | "cut" // the link ended without a CLOSE
  | "shutting-down"
  | "busy"
  | "replaced"
  | "not-trusted"
  | "unable" // the other side could not store something, the pairing or what came later
  | "silent" // nothing heard for 45 s
  | "key-expired"
  | "failed" // this side could not go on; the error event before it says why
  | "protocol"; // the other side broke the protocol; the error event before it says how

/** A snapshot for `status`. Times are milliseconds; counts are since the program began. */
export interface StatusReport {
  /** "connecting": a link is being made; "nobody": there is none, and none is being made at this moment. */
  readonly state: "nobody" | "connecting" | "handshaking" | "open" | "rekeying" | "closing" | "closed";
  readonly peer: PeerView | undefined;
  readonly url: string;
  /** By way of which the client connects, if by any: `socks5h://host:port`. */
  readonly proxy?: string | undefined;
  readonly connectedAtMs: number | undefined;
  readonly sent: number;
  readonly received: number;
  /** Everything of ours that the peer has not acknowledged. */
  readonly undelivered: number;
  /** As many of those as no link has taken yet. */
  readonly queued: number;
  readonly rekeys: number;
  readonly epoch: number;
  readonly keyAgeMs: number;
  /** The window of the rekey delay, in seconds; undefined while nobody is connected. */
  readonly rekeyWindowS: readonly [min: number, max: number] | undefined;
  readonly roundTripMs: number | undefined;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** The protocol's name and who computes it, such as "Noise_XXpsk2_25519_AESGCM_SHA256". */
  readonly suite: string;
  readonly cryptography: string;
  /** Whether what waits and what is kept outlives the program ("file"), or was told not to (--no-store, "memory"). */
  readonly store: "file" | "memory";
  readonly history: Retention;
  /** After how many seconds messages disappear; 0: they do not. */
  readonly timerS: number;
  /** While the link is being made: in how many milliseconds the next try is; 0 while one is under way. */
  readonly retryInMs: number | undefined;
}

export type ProgramEvent =
  | { readonly type: "started"; readonly program: string; readonly version: string; readonly fingerprint: string }
  | { readonly type: "listening"; readonly url: string; readonly fingerprint: string }
  | { readonly type: "invite"; readonly invite: string; readonly expiresAtMs: number }
  | {
      readonly type: "connecting";
      readonly url: string;
      readonly how: "invite" | "found-invite" | "known" | "psk-file";
    }
  /** No link, and another try in `inMs` (0: now). Comes anew for each try; a face shows them as one line that changes. */
  | {
      readonly type: "reconnecting";
      readonly url: string;
      /** From 1. */
      readonly attempt: number;
      readonly inMs: number;
      /** Why the last try failed, one sentence; and its code. */
      readonly message: string;
      readonly code: string;
    }
  | { readonly type: "connected"; readonly peer: PeerView; readonly pairedNow: boolean }
  /** So much of ours waits for this peer, by their numbers: at the start. */
  | { readonly type: "backlog"; readonly peer: PeerView; readonly seqs: readonly number[] }
  /**
   * A store is new, or is an older copy of itself (docs/PROTOCOL.md §7.1). `missing`: messages that had reached it
   * and are not in it now.
   */
  | {
      readonly type: "memory";
      readonly whose: "own" | "peer";
      readonly what: "new" | "older";
      readonly peer: PeerView;
      readonly missing: number;
    }
  /** `again`: it was stored when the program stopped last, and may have been on the screen then. */
  | {
      readonly type: "message";
      readonly seq: number;
      readonly atMs: number;
      readonly text: string;
      readonly again?: boolean;
    }
  | { readonly type: "unknown-message"; readonly seq: number; readonly kind: string }
  /** What the peer sent is no chat message at all; it is acknowledged, or it would come again for ever. */
  | { readonly type: "unreadable-message"; readonly seq: number }
  /** Said while no link carries it: stored, and sent later. */
  | { readonly type: "queued"; readonly seq: number; readonly atMs: number; readonly text: string }
  /** Stored, and handed to the link. */
  | { readonly type: "sent"; readonly seq: number; readonly atMs: number; readonly text: string }
  /** What was queued has been handed to the link, perhaps under another number than the one it had (`was`). */
  | { readonly type: "released"; readonly seq: number; readonly was: number }
  | { readonly type: "delivered"; readonly seq: number }
  | { readonly type: "rekeyed"; readonly epoch: number }
  | { readonly type: "renamed"; readonly was: string; readonly peer: PeerView }
  /** Lines that were kept; `start`: the last ones, as a reminder when the program begins. */
  | {
      readonly type: "history";
      readonly peer: PeerView;
      readonly entries: readonly HistoryEntry[];
      readonly occasion: "start" | "asked";
      /** Nothing more is kept with this peer. */
      readonly isOff?: boolean;
    }
  | {
      readonly type: "found";
      readonly peer: PeerView;
      readonly words: string;
      readonly entries: readonly HistoryEntry[];
      /** Nothing more is kept with this peer. */
      readonly isOff?: boolean;
      /** Of all lines that hold the words, MOST_COUNTED + 1 for any more (history.ts); `entries` are the newest. */
      readonly total: number;
    }
  | { readonly type: "exported"; readonly file: string; readonly count: number }
  /** `forget` was asked for and not confirmed yet: so many lines would go. */
  | { readonly type: "forget-asked"; readonly peer: PeerView; readonly count: number }
  | { readonly type: "forgotten"; readonly peer: PeerView; readonly count: number }
  /** `forget-peer` was asked for and not confirmed yet; with `history` so many kept lines would go too. */
  | {
      readonly type: "forget-peer-asked";
      readonly peer: PeerView;
      readonly history: boolean;
      readonly count: number;
    }
  /** The pairing is gone, and with `history` all that was kept and waited. The peer is a stranger now. */
  | { readonly type: "peer-forgotten"; readonly peer: PeerView; readonly history: boolean }
  /** From now on messages disappear after so many seconds (0: no longer), on both sides. */
  | { readonly type: "timer"; readonly seconds: number; readonly by: "you" | "peer" }
  | { readonly type: "status"; readonly status: StatusReport }
  | { readonly type: "peers"; readonly peers: readonly PeerView[]; readonly connected: string | undefined }
  | { readonly type: "verify"; readonly own: string; readonly peer: PeerView; readonly words: readonly string[] }
  | {
      readonly type: "disconnected";
      readonly reason: EndReason;
      readonly peer: PeerView | undefined;
      /** They are kept, and sent when the two meet again. */
      readonly undelivered: number;
    }
  /** Something of the program's own to say, one sentence; `detail` only with --verbose. */
  | { readonly type: "notice"; readonly text: string; readonly detail?: boolean }
  | {
      readonly type: "error";
      readonly code: string;
      readonly message: string;
      readonly details?: readonly string[];
      readonly hint?: string | undefined;
    };

/** What the person asks for. */
export type Command =
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "status" }
  | { readonly type: "help" }
  | { readonly type: "verify"; readonly compared: boolean }
  | { readonly type: "invite" }
  | { readonly type: "peers" }
  | { readonly type: "trust"; readonly who: string }
  | { readonly type: "rename"; readonly name: string }
  | { readonly type: "history"; readonly count: number }
  | { readonly type: "search"; readonly words: string }
  | { readonly type: "export"; readonly file: string }
  /** Removes the lines that are kept. */
  | { readonly type: "forget"; readonly confirmed: boolean }
  /** Removes a pairing: `who` is a name or the start of a fingerprint. With `history` what is kept and what waits too. */
  | { readonly type: "forget-peer"; readonly who: string; readonly history: boolean; readonly confirmed: boolean }
  /** 0: messages no longer disappear. */
  | { readonly type: "timer"; readonly seconds: number }
  /** The numbers of the messages with this peer begin anew. */
  | { readonly type: "renumber" }
  | { readonly type: "quit" }
  /** Something of the input was no text, and was told and not said: the exit code is 1 for it. */
  | { readonly type: "misread" }
  /** The input has ended: leave once everything has been delivered. */
  | { readonly type: "end" }
  /** Ctrl-C: leave soon, and at once when leaving already. */
  | { readonly type: "interrupt" };
