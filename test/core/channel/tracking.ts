// Watches secrets: the memory of every byte string that comes from the random source, a Diffie-Hellman or a key derivation,
// and of whatever is copied from it. What is not overwritten in the end can be found.
// IMPORTING THIS FILE changes Uint8Array in the whole process (the copies have to be seen): for test files only.

import { fromUtf8, isAllZero, toHex } from "../../../src/core/bytes.ts";
import type { CipherSuite, RandomSource } from "../../../src/core/noise/index.ts";

/** Who watches a piece of memory. */
const watchers = new WeakMap<ArrayBufferLike, Tracker>();

/** `copy` is watched by whoever watches what it was copied from. */
function inherit(original: unknown, copy: Uint8Array): Uint8Array {
  if (original instanceof Uint8Array) watchers.get(original.buffer)?.watch(copy);
  return copy;
}

// oxlint-disable-next-line typescript/unbound-method -- it is called with its object below
const plainSlice = Uint8Array.prototype.slice;
// oxlint-disable-next-line no-extend-native -- what the sources slice off a secret is a secret, and nobody else tells us
Uint8Array.prototype.slice = function slice(this: Uint8Array<ArrayBuffer>, start?: number, end?: number) {
  return inherit(this, plainSlice.call(this, start, end)) as Uint8Array<ArrayBuffer>;
};
/** Whether a suite computes something: what it copies meanwhile is its own matter, and not the same in every suite. */
let isInSuite = false;

function inSuite<T>(action: () => T): T {
  isInSuite = true;
  try {
    return action();
  } finally {
    isInSuite = false;
  }
}

// oxlint-disable-next-line typescript/unbound-method -- likewise
const plainSet = Uint8Array.prototype.set;
// oxlint-disable-next-line no-extend-native -- likewise what they put a secret into
Uint8Array.prototype.set = function set(this: Uint8Array, source: ArrayLike<number>, offset?: number) {
  plainSet.call(this, source, offset);
  if (!isInSuite) inherit(source, this);
};
globalThis.Uint8Array = new Proxy(Uint8Array, {
  construct: (target, parts: unknown[], newTarget) =>
    inherit(parts[0], Reflect.construct(target, parts, newTarget) as Uint8Array),
});

/** Whether an HMAC of it is sent in the clear: a proof (docs/PROTOCOL.md §3.2), which is no secret. */
function isProofInput(data: Uint8Array): boolean {
  return fromUtf8(data.subarray(0, 6)) === "lair/1";
}

export class Tracker {
  /** Every private key that was drawn, in order: what it was, whatever became of it. */
  readonly drawn: Uint8Array[] = [];
  readonly #memory = new Set<ArrayBufferLike>();

  watch(bytes: Uint8Array): void {
    this.#memory.add(bytes.buffer);
    watchers.set(bytes.buffer, this);
  }

  /** A copy that is watched. */
  track(bytes: Uint8Array): Uint8Array {
    const copy = new Uint8Array(bytes.length);
    copy.set(bytes);
    this.watch(copy);
    return copy;
  }

  /** Watches them no more: they are somebody else's. */
  forget(...parts: readonly Uint8Array[]): void {
    for (const { buffer } of parts) this.#memory.delete(buffer);
  }

  random(source: RandomSource): RandomSource {
    return (length) => {
      const bytes = source(length);
      if (length === 32) this.drawn.push(bytes);
      return this.track(bytes);
    };
  }

  suite({ provider, dh, cipher, hash, kdf, signature }: CipherSuite): CipherSuite {
    return {
      provider,
      dh: {
        name: dh.name,
        publicKey: (privateKey) => dh.publicKey(privateKey),
        dh: (privateKey, publicKey) => this.track(inSuite(() => dh.dh(privateKey, publicKey))),
      },
      cipher: {
        name: cipher.name,
        encrypt: (...parts) => inSuite(() => cipher.encrypt(...parts)),
        decrypt: (...parts) => inSuite(() => cipher.decrypt(...parts)),
      },
      hash: {
        ...hash,
        hash: (data) => inSuite(() => hash.hash(data)),
        hmac: (key, data) => {
          const output = inSuite(() => hash.hmac(key, data));
          return isProofInput(data) ? output : this.track(output);
        },
        hkdf: (salt, ikm, info, length) => this.track(inSuite(() => hash.hkdf(salt, ikm, info, length))),
      },
      kdf,
      signature,
    };
  }

  /**
   * The 32-byte strings in the watched memory that have not been overwritten with zeros, in hex: one for each place, so
   * that what two hold is there twice, and what one of them erases once.
   */
  live(): string[] {
    const found: string[] = [];
    for (const buffer of this.#memory) {
      for (let at = 0; at + 32 <= buffer.byteLength; at += 32) {
        const part = new Uint8Array(buffer, at, 32);
        if (!isAllZero(part)) found.push(toHex(part));
      }
    }
    return found;
  }
}
