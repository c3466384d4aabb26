// What a program tells the person (or the program) that runs it, and what it is told by them: plain data, no hands.
// Every face (terminal, JSON lines, pipe) shows these events and yields these commands; none of them knows the wire.
// All text that came from the peer is raw here: a face passes it through its sanitiser before it is shown.

/** A peer, as it may be shown. `name` is the one pinned here; `fingerprint` is in groups of four. */
export interface PeerView {
  readonly name: string;
  readonly fingerprint: string;
  readonly pairedAtMs: number;
  /** When the safety words were compared, if the person said so. */
  readonly comparedAtMs: number | undefined;
}

/** Why a session ended. */
export type EndReason =
  | "closed" // the other side said goodbye
  | "left" // this side did
  | "cut" // the link ended without a CLOSE
  | "shutting-down"
  | "busy"
  | "replaced"
  | "not-trusted"
  | "unable" // the other side could not store the pairing
  | "silent" // nothing heard for 45 s
  | "key-expired"
  | "protocol"; // the other side broke the protocol; the error event before it says how

/** A snapshot for `status`. Times are milliseconds; counts are of this session. */
export interface StatusReport {
  readonly state: "nobody" | "handshaking" | "open" | "rekeying" | "closing" | "closed";
  readonly peer: PeerView | undefined;
  readonly url: string;
  readonly connectedAtMs: number | undefined;
  readonly sent: number;
  readonly received: number;
  readonly undelivered: number;
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
  | { readonly type: "connected"; readonly peer: PeerView; readonly pairedNow: boolean }
  | { readonly type: "message"; readonly seq: number; readonly atMs: number; readonly text: string }
  | { readonly type: "unknown-message"; readonly seq: number; readonly kind: string }
  | { readonly type: "sent"; readonly seq: number; readonly atMs: number; readonly text: string }
  | { readonly type: "delivered"; readonly seq: number }
  | { readonly type: "rekeyed"; readonly epoch: number }
  | { readonly type: "renamed"; readonly was: string; readonly peer: PeerView }
  | { readonly type: "status"; readonly status: StatusReport }
  | { readonly type: "peers"; readonly peers: readonly PeerView[]; readonly connected: string | undefined }
  | { readonly type: "verify"; readonly own: string; readonly peer: PeerView; readonly words: readonly string[] }
  | {
      readonly type: "disconnected";
      readonly reason: EndReason;
      readonly peer: PeerView | undefined;
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
  | { readonly type: "quit" }
  /** The input has ended: leave once everything has been delivered. */
  | { readonly type: "end" }
  /** Ctrl-C: leave soon, and at once when leaving already. */
  | { readonly type: "interrupt" };
