// The one error class of Lair and the closed list of its codes, so that a `switch` over them is exhaustive.
// The message is for the person here: what happened, then what to do. Never a key, never a text of the conversation.

/** Every code a {@link LairError} can carry. */
export type LairErrorCode =
  // noise: the state that threw is dead afterwards
  | "noise-authentication" // an AEAD tag did not verify
  | "noise-message-length" // over 65,535 bytes, or too short for its pattern
  | "noise-all-zero-dh" // a Diffie-Hellman result of 32 zero bytes
  | "noise-nonce-exhausted" // 2^64-1 is reserved; the counter never wraps
  | "noise-out-of-turn" // written when it was to read, read when it was to write, or after the end
  | "noise-dead" // used after an error or after it had been split or destroyed
  | "noise-unknown-protocol" // a protocol name that this framework does not know
  // channel: the session is over afterwards
  | "record-malformed"
  | "record-unknown"
  | "record-unexpected" // a known type at the wrong moment
  | "hello-malformed"
  | "frame-length"
  | "handshake-rejected" // the other side dropped the connection before it had answered
  | "proof-unknown" // message 1 proves no secret that would be accepted
  | "proof-replayed"
  | "rekey-protocol" // wrong epoch, wrong side, repeated step
  | "rekey-storm"
  | "rekey-timeout"
  | "rekey-window" // an announced window outside 1 s to 3,600 s
  | "key-expired"
  | "key-worn-out" // too many frames under one key
  | "control-flood"
  | "peer-silent"
  | "peer-stalled" // it lives, and takes nothing
  // delivery and chat
  | "sequence"
  | "message-malformed"
  | "message-too-long"
  | "queue-full"
  | "not-connected"
  | "not-delivered"
  | "resume-malformed"
  | "resume-jump" // numbers far beyond what was said or heard
  // store
  | "store-locked" // another program of the same role has it
  | "store-damaged"
  | "store-newer" // written by a newer Lair
  | "store-unwritable" // a full disk, a read-only directory, a failing one
  // identity
  | "passphrase-wrong"
  | "passphrase-needed"
  | "psk-malformed"
  | "psk-weak"
  | "invite-malformed"
  | "peer-key-changed"
  | "peer-unknown"
  // programs
  | "usage"
  | "crypto-unusable" // --crypto openssl, and it does not compute what it should
  | "unreachable"
  | "address-in-use"
  | "address-unusable"
  | "home-mode"
  | "home-damaged"
  | "home-unwritable"
  | "file-unreadable" // of the home, --invite-file or --psk-file: missing, no regular file, too large, unreadable
  | "file-exists" // of export
  | "file-unwritable"
  | "input-malformed"
  | "output-failed" // standard output takes nothing any more
  | "not-shown" // messages that came and could not be shown
  | "busy"
  | "replaced"
  | "not-trusted"
  | "internal";

/** An error with a stable code; `hint` says what to do next. */
export class LairError extends Error {
  override readonly name = "LairError";
  readonly code: LairErrorCode;
  readonly hint: string | undefined;
  /** Lines that belong between the two, such as the fingerprints that differ. */
  readonly details: readonly string[];

  constructor(
    code: LairErrorCode,
    message: string,
    options: { hint?: string; details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }
}

/** What `action` returns; when it throws, `owner` is destroyed first: an error leaves nothing that goes on, or a secret. */
export function destroyedOnError<T>(owner: { destroy(): void }, action: () => T): T {
  try {
    return action();
  } catch (error) {
    owner.destroy();
    throw error;
  }
}

/** Whether it was the home or the store of this side that failed: no fault of the peer's. */
export function isOfOurDisk(error: unknown): error is LairError {
  return error instanceof LairError && /^(?:home|store)-/.test(error.code);
}
