// What can go wrong in the Noise library, by code. It knows nobody who uses it: a program makes errors of its own of these.

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
  /** Written when it was to read, read when it was to write, or split before the last message. */
  | "noise-out-of-turn"
  /** Used after an error, or after it had been split or destroyed. */
  | "noise-dead"
  /** A protocol name with a part that is not known here. */
  | "noise-unknown-protocol";

/**
 * An error of the Noise library, with a stable code. The state that threw it is dead afterwards, unless it refused what
 * its own caller wanted to send: a plaintext that is too long.
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
