// The errors of the Noise library, by code. It does not know its users: a program converts them to its own errors.

/** Every code that a {@link NoiseError} can carry. */
export type NoiseErrorCode =
  /** An AEAD tag did not verify. */
  | "noise-authentication"
  /** Over 65,535 bytes, or too short for its pattern. */
  | "noise-message-length"
  /** A Diffie-Hellman result of zeros only. */
  | "noise-all-zero-dh"
  /** 2^64-1 is reserved, and the counter never wraps. */
  | "noise-nonce-exhausted"
  /** Written instead of read, read instead of written, or split before the last message. */
  | "noise-out-of-turn"
  /** Used after an error, or after it had been split or destroyed. */
  | "noise-dead"
  /** A protocol name with an unknown part. */
  | "noise-unknown-protocol";

/**
 * An error of the Noise library, with a stable code. The state that threw it is dead afterwards, unless it refused a
 * plaintext of its own caller that is too long.
 *
 * @example
 * try {
 *   transport.receive.decryptWithAd(ad, ciphertext);
 * } catch (error) {
 *   if (error instanceof NoiseError && error.code === "noise-authentication") closeConnection();
 * }
 */
export class NoiseError extends Error {
  override readonly name = "NoiseError";
  readonly code: NoiseErrorCode;

  constructor(code: NoiseErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
