// The one error class of Lair and the closed list of its codes, so that a `switch` over them is exhaustive.
// Each code has a paragraph in docs/errors.md.
// The message is for the user on this side: what happened, then what to do. Never a key, never a text of the
// conversation.

/** The subject of an error, for decisions about more than one code. docs/errors.md has each code. */
export type LairErrorKind =
  /** The other side broke the protocol, or does not have the keys. */
  | "protocol"
  /** The other side is away, silent, or has ended the session. */
  | "peer"
  /** A key or a passphrase is not the expected one. */
  | "trust"
  /** The home or the store on this side fails. */
  | "store"
  /** No connection, or no listener, could be made. */
  | "network"
  /** The input, an argument or a file cannot be used. */
  | "input"
  /** The output could not be written. */
  | "output"
  /** A bug in Lair. */
  | "internal";

/** Every code, and its kind. */
export const ERROR_KINDS = {
  // noise: a NoiseError of the Noise library, as the layers above see it
  "noise-authentication": "protocol", // an AEAD tag did not verify
  "noise-message-length": "protocol", // over 65,535 bytes, or too short for its pattern
  "noise-all-zero-dh": "protocol", // a Diffie-Hellman result of 32 zero bytes
  "noise-nonce-exhausted": "protocol", // 2^64-1 is reserved; the counter never wraps
  "noise-out-of-turn": "protocol", // written instead of read, read instead of written, or used after the end
  "noise-dead": "protocol", // used after an error or after it had been split or destroyed
  "noise-unknown-protocol": "protocol", // a protocol name that this framework does not know
  // channel: the session is over afterwards
  "record-malformed": "protocol",
  "record-unknown": "protocol",
  "record-unexpected": "protocol", // a known type at the wrong time
  "hello-malformed": "protocol",
  "frame-length": "protocol",
  "proof-unknown": "protocol", // message 1 proves no accepted secret
  "proof-replayed": "protocol",
  "rekey-protocol": "protocol", // wrong epoch, wrong side, repeated step
  "rekey-storm": "protocol",
  "rekey-timeout": "protocol",
  "rekey-window": "protocol", // an announced window outside 1 s to 3,600 s
  "key-worn-out": "protocol", // too many frames under one key
  "control-flood": "protocol",
  // delivery and chat
  sequence: "protocol",
  "message-malformed": "protocol",
  // calls of a hub
  "call-malformed": "protocol",
  "call-flood": "protocol", // more, or more at a time, than a call may have
  "resume-malformed": "protocol",
  "resume-jump": "protocol", // numbers far beyond what was sent or received
  // rooms: what was refused changes nothing
  "group-malformed": "protocol", // not MLS, damaged, or it does not verify
  "group-epoch": "protocol", // of an epoch whose keys are not here
  "group-refused": "protocol", // a change that the room's rules don't allow to its sender
  "group-identity": "trust", // a commit that exchanges somebody's keys
  "key-package-unusable": "protocol",
  "group-not-allowed": "input", // the room's rules don't allow it to oneself
  "hub-away": "peer", // no connection to the hub; what was begun goes on at the next one
  "hub-lost-entries": "peer", // the hub's log of a room ends before what was read here
  "hub-refused": "peer", // the hub does not do what it was asked
  "too-many-invitations": "peer", // somebody invites more than is kept; the rest is declined
  "handshake-rejected": "peer", // the other side dropped the connection before it answered
  "key-expired": "peer",
  "peer-silent": "peer",
  "peer-stalled": "peer", // it is running, but accepts nothing
  "not-connected": "peer",
  "not-delivered": "peer",
  busy: "peer",
  replaced: "peer",
  "peer-key-changed": "trust",
  "not-trusted": "trust",
  "passphrase-wrong": "trust",
  "store-locked": "store", // another program of the same role has it
  "store-damaged": "store",
  "store-newer": "store", // written by a newer Lair
  "store-unwritable": "store", // a full disk, a read-only directory, a failing one
  "home-mode": "store",
  "home-damaged": "store",
  "home-unwritable": "store",
  unreachable: "network",
  "address-in-use": "network",
  "address-unusable": "network",
  usage: "input",
  "message-too-long": "input",
  "queue-full": "input",
  "stream-full": "input", // the layers below the chat only
  "passphrase-needed": "input",
  "psk-malformed": "input",
  "psk-weak": "input",
  "invite-malformed": "input",
  "peer-unknown": "input",
  "ambiguous-recipient": "input", // several peers, and a message or command names none
  "crypto-unusable": "input", // --crypto openssl, and it fails the self-test
  "file-unreadable": "input", // of the home, --invite-file or --psk-file: missing, not a regular file, too large, unreadable
  "input-malformed": "input",
  "file-exists": "output", // of export
  "file-unwritable": "output",
  "output-failed": "output", // standard output accepts no more data
  "not-shown": "output", // messages that arrived and could not be shown
  internal: "internal",
} as const satisfies { readonly [code: string]: LairErrorKind };

/** Every code a {@link LairError} can carry. */
export type LairErrorCode = keyof typeof ERROR_KINDS;

/**
 * An error with a stable code; `hint` says what to do next.
 *
 * @example
 * if (error instanceof LairError && error.kind === "trust") alert(error.message, error.details, error.hint);
 */
export class LairError extends Error {
  override readonly name = "LairError";
  readonly code: LairErrorCode;
  readonly hint: string | undefined;
  /** Lines that belong between the two, such as the fingerprints that differ. */
  readonly details: readonly string[];
  /**
   * The name of the error in the operating system or HTTP, such as "ECONNREFUSED"; undefined if neither is the cause.
   */
  readonly systemCode: string | undefined;

  constructor(
    code: LairErrorCode,
    message: string,
    options: { hint?: string; details?: readonly string[]; systemCode?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
    this.systemCode = options.systemCode;
  }

  get kind(): LairErrorKind {
    return ERROR_KINDS[this.code];
  }
}

/** Whether the home or the store of this side failed: not the peer's fault. */
export function isOfOurDisk(error: unknown): error is LairError {
  return error instanceof LairError && error.kind === "store";
}

/** The error that ends a connection: itself, or `internal` if it is none of ours. */
export function asLairError(error: unknown): LairError {
  if (error instanceof LairError) return error;
  return new LairError("internal", "A bug in Lair has ended the connection.", { cause: error });
}
