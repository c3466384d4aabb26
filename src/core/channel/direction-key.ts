// The key of one direction in one epoch, with the limits on its use (docs/PROTOCOL.md §8.4): age and number of frames,
// checked at every seal and open, because timers stop while a machine sleeps.

import { LairError } from "../errors.ts";
import { MAX_MESSAGE_BYTES, type CipherState } from "../noise/cipher-state.ts";
import { elapsedMs, type Instant } from "../clock.ts";
import { withLairErrors } from "./noise-failure.ts";

/**
 * No associated data: everything that a frame must be bound to is in its key (session, direction, epoch) and in its
 * nonce, which counts up and is never sent (the order of the frames).
 */
const NO_AAD = new Uint8Array(0);

/** The usage limits of one key: age in milliseconds, and number of frames. */
export interface KeyLimits {
  readonly maxAgeMs: number;
  readonly maxFrames: number;
}

/** One direction of one epoch: seals or opens frames until a usage limit is reached. */
export class DirectionKey {
  readonly #cipherState: CipherState;
  readonly #since: Instant;
  readonly #limits: KeyLimits;

  constructor(cipherState: CipherState, since: Instant, limits: KeyLimits) {
    this.#cipherState = cipherState;
    this.#since = since;
    this.#limits = limits;
  }

  /** Frames sealed or opened so far. */
  get frames(): number {
    return Number(this.#cipherState.nonce);
  }

  ageMs(now: Instant): number {
    return elapsedMs(this.#since, now);
  }

  /** When it becomes too old, by the monotonic clock in whole milliseconds. */
  get expiresMs(): number {
    return this.#since.monotonicMs + this.#limits.maxAgeMs + 1;
  }

  /**
   * One frame, 16 bytes longer than `plaintext`. Throws like {@link requireUsable}, and LairError
   * `noise-message-length` for a plaintext over 65,519 bytes: then nothing is counted, and the key stays usable.
   */
  seal(plaintext: Uint8Array, now: Instant): Uint8Array {
    this.requireUsable(now);
    return withLairErrors(() => this.#cipherState.encryptWithAd(NO_AAD, plaintext));
  }

  /**
   * The plaintext of one frame. Throws like {@link requireUsable}, and `frame-length`, `noise-message-length` or
   * `noise-authentication`.
   */
  open(frame: Uint8Array, now: Instant): Uint8Array {
    this.requireUsable(now);
    if (frame.length > MAX_MESSAGE_BYTES) {
      throw new LairError("frame-length", "The other side sent a frame that is too long.");
    }
    return withLairErrors(() => this.#cipherState.decryptWithAd(NO_AAD, frame));
  }

  destroy(): void {
    this.#cipherState.destroy();
  }

  /** Throws LairError `key-expired` or `key-worn-out`. */
  requireUsable(now: Instant): void {
    if (this.ageMs(now) > this.#limits.maxAgeMs) {
      throw new LairError("key-expired", "The keys were not renewed in time, so the connection was ended.", {
        hint: "Connect again. If this machine did not sleep, the other side failed to renew them.",
      });
    }
    if (this.frames >= this.#limits.maxFrames) {
      throw new LairError(
        "key-worn-out",
        "One key has sealed as many frames as is allowed, so the connection was ended.",
      );
    }
  }
}
