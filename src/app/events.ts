// The events that a program reports to its user (a person or a program), and the commands that it receives: plain data.
// Every frontend (terminal, JSON lines, pipe) shows these events and produces these commands; none of them knows the
// wire. All text from the peer is raw here: a frontend sanitises it before showing it.

import type { RoomCommand } from "./rooms/room-commands.ts";
import type { RoomReport } from "./rooms/room-reports.ts";
import type { HistoryEntry, Retention } from "../core/chat/history.ts";
import type { PeerView } from "../core/identity/peer-view.ts";

/** Why a session ended. */
export type EndReason =
  | "closed" // the other side said goodbye
  | "left" // this side did
  | "muted" // this side did, because its user has muted the peer
  | "forgotten" // this side did, because its user has forgotten the peer
  | "cut" // the connection ended without a CLOSE
  | "shutting-down"
  | "busy"
  | "replaced"
  | "not-trusted"
  | "unable" // the other side could not store something, the pairing or later data
  | "silent" // nothing received for 45 s
  | "key-expired"
  | "failed" // this side could not continue; the preceding error event says why
  | "protocol"; // the other side broke the protocol; the preceding error event says how

/** One conversation in short, for `who` and `status`. */
export interface ConversationView {
  readonly peer: PeerView;
  /** "away": no session, and none is being made now. */
  readonly state: "connected" | "connecting" | "away";
  /** The number of our messages that the peer has not acknowledged. */
  readonly waiting: number;
  /** Messages of the peer that nobody has read here. */
  readonly unread: number;
  readonly isMuted: boolean;
  /** Now if it is connected; undefined if it was not since the program began. */
  readonly lastSeenMs: number | undefined;
}

/** A snapshot for `status`. Times are in milliseconds; counts start with the program. */
export interface StatusReport {
  /** "connecting": a connection is being made; "nobody": there is none, and none is being made. */
  readonly state: "nobody" | "connecting" | "handshaking" | "open" | "rekeying" | "closing" | "closed";
  readonly peer: PeerView | undefined;
  /** The other conversations; for a command that the user has given without a name. */
  readonly others: readonly ConversationView[];
  readonly url: string;
  /** The proxy that the client uses, if any: `socks5h://host:port`. */
  readonly proxy?: string | undefined;
  readonly connectedAtMs: number | undefined;
  readonly sent: number;
  readonly received: number;
  /** The number of our messages that the peer has not acknowledged. */
  readonly undelivered: number;
  /** How many of those no session carries yet. */
  readonly queued: number;
  readonly rekeys: number;
  readonly epoch: number;
  readonly keyAgeMs: number;
  /** The window of the rekey delay, in seconds; undefined while nobody is connected. */
  readonly rekeyWindowS: readonly [min: number, max: number] | undefined;
  readonly roundTripMs: number | undefined;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** The protocol's name and the library that computes, such as "Noise_XXpsk2_25519_AESGCM_SHA256". */
  readonly suite: string;
  readonly cryptography: string;
  /** Whether messages survive the program ("file"), or not because of --no-store ("memory"). */
  readonly store: "file" | "memory";
  readonly history: Retention;
  /** How many bytes of lines are kept at most; undefined if none are. */
  readonly historyLimitBytes: number | undefined;
  /** After how many seconds messages disappear; 0: never. */
  readonly timerS: number;
  /** While connecting: milliseconds until the next attempt; 0 during an attempt. */
  readonly retryInMs: number | undefined;
}

export type ProgramEvent =
  | { readonly type: "started"; readonly program: string; readonly version: string; readonly fingerprint: string }
  /** `admin`: of a hub, where its operator's listener is, and the file with the token for it. */
  | {
      readonly type: "listening";
      readonly url: string;
      readonly fingerprint: string;
      readonly admin?: { readonly url: string; readonly tokenFile: string };
    }
  /** Of a hub: for whom it is, and for how many people; without a number, for any. */
  | {
      readonly type: "invite";
      readonly invite: string;
      readonly expiresAtMs: number;
      readonly uses?: number;
      readonly whose?: "operator" | "anybody" | "new";
    }
  /** Where the page and the API are; the link has their token: a secret. */
  | {
      readonly type: "http";
      readonly url: string;
      /** The file that the token comes from. Absent: it is of this run alone. */
      readonly tokenFile?: string;
    }
  | {
      readonly type: "connecting";
      /** Undefined before the first meeting. */
      readonly peer: PeerView | undefined;
      readonly url: string;
      readonly how: "invite" | "found-invite" | "known" | "psk-file";
    }
  /**
   * Not connected; another attempt follows in `inMs` (0: now). Sent for each attempt; a frontend shows one changing
   * line.
   */
  | {
      readonly type: "reconnecting";
      readonly peer: PeerView | undefined;
      readonly url: string;
      /** From 1. */
      readonly attempt: number;
      readonly inMs: number;
      /** Why the last attempt failed, in one sentence; and its code. */
      readonly message: string;
      readonly code: string;
    }
  /** `formerFingerprint`: what it was until this session, if the peer's signature key has been pinned only now. */
  | {
      readonly type: "connected";
      readonly peer: PeerView;
      readonly pairedNow: boolean;
      readonly formerFingerprint?: string;
    }
  /** At the start: the messages that wait for this peer, by their numbers. */
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
  /**
   * `again`: it was stored when the program last stopped, and may have been shown then. `ttlS`: it disappears so many seconds
   * after it has arrived.
   */
  | {
      readonly type: "message";
      readonly peer: PeerView;
      readonly seq: number;
      readonly atMs: number;
      readonly text: string;
      readonly ttlS?: number;
      readonly again?: boolean;
    }
  | { readonly type: "unknown-message"; readonly seq: number; readonly kind: string; readonly peer: PeerView }
  /** The peer's data is not a chat message; it is acknowledged, or it would come again for ever. */
  | { readonly type: "unreadable-message"; readonly seq: number; readonly peer: PeerView }
  /** Said while no session carries it: stored, and sent later. */
  | {
      readonly type: "queued";
      readonly seq: number;
      readonly atMs: number;
      readonly text: string;
      readonly ttlS?: number;
      readonly peer: PeerView;
    }
  /** Stored, and passed to the session. */
  | {
      readonly type: "sent";
      readonly seq: number;
      readonly atMs: number;
      readonly text: string;
      readonly ttlS?: number;
      readonly peer: PeerView;
    }
  /** A queued message was passed to the session, perhaps with another number than before (`was`). */
  | { readonly type: "released"; readonly seq: number; readonly was: number; readonly peer: PeerView }
  | { readonly type: "delivered"; readonly seq: number; readonly peer: PeerView }
  | { readonly type: "rekeyed"; readonly epoch: number; readonly peer: PeerView }
  | { readonly type: "renamed"; readonly was: string; readonly peer: PeerView }
  /** Lines of the history; `start`: the last ones, as a reminder when the program starts. */
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
      /** Undefined: nothing was found with anybody. */
      readonly peer: PeerView | undefined;
      readonly words: string;
      readonly entries: readonly HistoryEntry[];
      /** Nothing more is kept with this peer. */
      readonly isOff?: boolean;
      /**
       * The number of lines with all the words, MOST_COUNTED + 1 if there are more (history.ts); `entries` are the
       * newest.
       */
      readonly total: number;
    }
  /** The history with this peer has reached its limit: its oldest lines are deleted from now on. Once in each run. */
  | { readonly type: "history-limit"; readonly peer: PeerView; readonly limitBytes: number }
  | { readonly type: "exported"; readonly peer: PeerView; readonly file: string; readonly count: number }
  /** `forget` needs confirmation: this many lines would be deleted. */
  | { readonly type: "forget-asked"; readonly peer: PeerView; readonly count: number }
  | { readonly type: "forgotten"; readonly peer: PeerView; readonly count: number }
  /** `forget-peer` needs confirmation; with `history`, this many kept lines would be deleted too. */
  | {
      readonly type: "forget-peer-asked";
      readonly peer: PeerView;
      readonly history: boolean;
      readonly count: number;
    }
  /** The pairing is gone, and with `history` also all kept and waiting messages. The peer is a stranger now. */
  | { readonly type: "peer-forgotten"; readonly peer: PeerView; readonly history: boolean }
  /** From now on messages disappear on both sides after this many seconds (0: no longer). */
  | { readonly type: "timer"; readonly seconds: number; readonly by: "you" | "peer"; readonly peer: PeerView }
  | { readonly type: "status"; readonly status: StatusReport }
  /** `connected`: fingerprints. */
  | { readonly type: "peers"; readonly peers: readonly PeerView[]; readonly connected: readonly string[] }
  /** Everybody who is paired here, at the start and when it changes. `hubs`: what commands about peers may name as well. */
  | { readonly type: "people"; readonly peers: readonly PeerView[]; readonly hubs?: readonly PeerView[] }
  | { readonly type: "who"; readonly conversations: readonly ConversationView[] }
  /** What is typed goes to this peer from now on; by "start": it is the only one. */
  | { readonly type: "selected"; readonly peer: PeerView; readonly by: "user" | "start" }
  /** `all` needs confirmation: these would get the text. */
  | { readonly type: "say-all-asked"; readonly peers: readonly PeerView[]; readonly text: string }
  | { readonly type: "muted"; readonly peer: PeerView; readonly isMuted: boolean }
  | { readonly type: "address"; readonly peer: PeerView; readonly url: string }
  /** `by` introduces somebody and vouches for the keys. `url`: where this side would connect; absent: the other side does. */
  | {
      readonly type: "introduction";
      readonly id: string;
      readonly peer: PeerView;
      readonly url?: string | undefined;
      readonly by: PeerView;
    }
  | {
      readonly type: "introduction-answered";
      readonly id: string;
      readonly isAccepted: boolean;
      readonly peer: PeerView;
      readonly by: PeerView;
    }
  /** Both have been told of each other, or will be. */
  | { readonly type: "introduced"; readonly id: string; readonly who: readonly [PeerView, PeerView] }
  /** So many lines of this conversation are unread now: of a person, by the fingerprint without blanks; of a room, by its id. */
  | { readonly type: "unread"; readonly conversation: string; readonly unread: number }
  | { readonly type: "verify"; readonly own: string; readonly peer: PeerView; readonly words: readonly string[] }
  | {
      readonly type: "disconnected";
      readonly reason: EndReason;
      readonly peer: PeerView | undefined;
      /** They are kept, and sent at the next session. */
      readonly undelivered: number;
    }
  /** A notice of the program itself, one sentence, and whom it concerns; `detail` only with --verbose. */
  | {
      readonly type: "notice";
      readonly text: string;
      readonly peer?: PeerView | undefined;
      readonly detail?: boolean;
      /** It speaks of the keys of a terminal: nobody else is told. */
      readonly isOfKeys?: true;
    }
  /** What happened in rooms. */
  | { readonly type: "room"; readonly report: RoomReport }
  | {
      readonly type: "error";
      /** Whom it concerns, if it is about one peer. */
      readonly peer?: PeerView | undefined;
      readonly code: string;
      readonly message: string;
      readonly details?: readonly string[];
      readonly hint?: string | undefined;
    };

/** The commands of the user. */
export type Command =
  /** One about rooms. */
  | { readonly type: "room"; readonly command: RoomCommand }
  | ({ readonly type: "say"; readonly text: string } & ForPeer)
  /** Says a text to every peer; `to`: to those of them who have these fingerprints, without blanks. */
  | {
      readonly type: "say-all";
      readonly text: string;
      readonly confirmed: boolean;
      readonly to?: readonly string[];
    }
  /** Turns the prompt to a peer. */
  | { readonly type: "select"; readonly who: string }
  | { readonly type: "who" }
  /** Without a recipient, or `withOthers`: also the other conversations in short. */
  | ({ readonly type: "status"; readonly withOthers?: boolean } & ForPeer)
  | { readonly type: "help" }
  | ({ readonly type: "verify"; readonly compared: boolean } & ForPeer)
  | { readonly type: "invite" }
  /** Without a recipient: all of them. */
  | ({ readonly type: "peers" } & ForPeer)
  | { readonly type: "trust"; readonly who: string }
  /** Opens the page in the user's browser. */
  | { readonly type: "open" }
  | ({ readonly type: "rename"; readonly name: string } & ForPeer)
  | ({ readonly type: "history"; readonly count: number } & ForPeer)
  /** Without a recipient: in the histories with all peers. */
  | ({ readonly type: "search"; readonly words: string } & ForPeer)
  | ({ readonly type: "export"; readonly file: string } & ForPeer)
  /** Deletes the history with a peer. */
  | ({ readonly type: "forget"; readonly confirmed: boolean } & ForPeer)
  /**
   * Removes a pairing: `who` is a name or the start of a fingerprint. With `history` also kept and waiting messages.
   */
  | { readonly type: "forget-peer"; readonly who: string; readonly history: boolean; readonly confirmed: boolean }
  /** Whether a client connects to this peer by itself. */
  | { readonly type: "mute"; readonly who: string; readonly isMuted: boolean }
  /** Where a peer is found from now on. */
  | { readonly type: "address"; readonly who: string; readonly url: string }
  /** Introduces two peers to each other. */
  | { readonly type: "introduce"; readonly who: readonly [string, string] }
  /** `who`: the id of an introduction, or whom it introduces: a name, or the start of a fingerprint. */
  | { readonly type: "answer-introduction"; readonly who: string; readonly isAccepted: boolean }
  /** 0: messages no longer disappear. */
  | ({ readonly type: "timer"; readonly seconds: number } & ForPeer)
  /** Restarts the message numbers with this peer. */
  | ({ readonly type: "renumber" } & ForPeer)
  | { readonly type: "quit" }
  /** A part of the input was not text; the user was told and it was not sent. The exit code becomes 1. */
  | { readonly type: "misread" }
  /** The input has ended: leave once everything has been delivered. */
  | { readonly type: "end" }
  /** Ctrl-C: leave soon, or at once if already leaving. */
  | { readonly type: "interrupt" };

/** For whom a command is meant. */
interface ForPeer {
  /** A name, or the start of a fingerprint; without it, the only peer. */
  readonly to?: string | undefined;
}
