// Our identity, in one file: as it is or under a passphrase, which may be added, changed and removed while the key pair
// stays. Knows neither where the file is nor how it is read, written and locked; home.ts does.

import { randomBytes } from "node:crypto";
import { equalInConstantTime, erase } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { Identity } from "../../core/identity/identity.ts";
import {
  openKeyPair,
  type ScryptCost,
  sealKeyPair,
  SCRYPT_COST,
  type SealedKeyPair,
} from "../../core/identity/passphrase.ts";
import type { CipherSuite } from "../../core/noise/index.ts";
import { damaged } from "./damage.ts";
import { decodeIdentity, encodeIdentity } from "./identity-file.ts";
import { encodeLockedIdentity } from "./locked-identity-file.ts";

const IDENTITY_LOSS =
  "Without it Lair makes a new identity at the next start, and everybody you are paired with must pair with you again.";

/** No identity yet; one without a passphrase; one under a passphrase. */
export type IdentityState = "none" | "open" | "locked";

/** The file, with home.ts's rules. */
interface GuardedFile {
  readonly path: string;
  read(): Uint8Array | undefined;
  /** Replaces it as a whole, and erases `bytes`. */
  write(bytes: Uint8Array): void;
  /** With no other program writing in the meantime; for milliseconds only. */
  change<Result>(action: () => Result): Result;
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export class OwnIdentity {
  readonly #file: GuardedFile;
  readonly #suite: CipherSuite;
  readonly #cost: ScryptCost;

  /** `cost` is for tests: only here a cheaper passphrase is accepted. */
  constructor(file: GuardedFile, suite: CipherSuite, cost: ScryptCost = SCRYPT_COST) {
    this.#file = file;
    this.#suite = suite;
    this.#cost = cost;
  }

  get path(): string {
    return this.#file.path;
  }

  get state(): IdentityState {
    const content = this.#content();
    if (content === undefined) return "none";
    if ("sealedKey" in content) return "locked";
    erase(content.privateKey);
    return "open";
  }

  load(): Identity | undefined {
    const content = this.#content();
    if (content === undefined || !("sealedKey" in content)) return content;
    throw new LairError("passphrase-needed", "The identity has a passphrase, which was not given.", {
      hint: "Start it in a terminal and without --json, or with --passphrase-file FILE (mode 600).",
    });
  }

  unlock(passphrase: Uint8Array): Identity | undefined {
    const content = this.#content();
    if (content === undefined) throw new RangeError("unlock: there is no identity");
    return "sealedKey" in content ? openKeyPair(this.#suite, content, passphrase) : content;
  }

  obtain(create: () => Identity): Identity {
    const present = this.load();
    if (present !== undefined) return present;
    return this.#file.change(() => {
      const meanwhile = this.load();
      if (meanwhile !== undefined) return meanwhile;
      const pair = create();
      this.#file.write(encodeIdentity(pair));
      return pair;
    });
  }

  save(pair: Identity, passphrase?: Uint8Array): void {
    this.#put(pair, passphrase, (present) => {
      if (present === undefined) return true;
      // A user who asks for a passphrase must not be left with an identity that has none, or a different one.
      if (passphrase === undefined && equalInConstantTime(present, pair.publicKey)) return false;
      throw new LairError("home-unwritable", `There is already another identity in ${this.#file.path}.`, {
        hint: `To use a new one, move that file away. ${IDENTITY_LOSS}`,
      });
    });
  }

  protect(pair: Identity, passphrase: Uint8Array | undefined): void {
    this.#put(pair, passphrase, (present) => {
      if (present !== undefined && equalInConstantTime(present, pair.publicKey)) return true;
      throw new LairError("home-unwritable", `${this.#file.path} was replaced in the meantime. It was left as it is.`, {
        hint: "Check what else uses this home, then try again.",
      });
    });
  }

  /** Writes the pair, if `mayWrite` accepts the existing public key. */
  #put(pair: Identity, passphrase: Uint8Array | undefined, mayWrite: (present?: Uint8Array) => boolean): void {
    // Before the lock: scrypt takes longer than others wait for the lock.
    const bytes = this.#encode(pair, passphrase);
    try {
      this.#file.change(() => {
        const present = this.#content();
        if (present !== undefined && "privateKey" in present) erase(present.privateKey);
        if (mayWrite(present?.publicKey)) this.#file.write(bytes);
      });
    } finally {
      erase(bytes);
    }
  }

  #encode(pair: Identity, passphrase: Uint8Array | undefined): Uint8Array {
    if (passphrase === undefined) return encodeIdentity(pair);
    return encodeLockedIdentity(sealKeyPair(this.#suite, pair, passphrase, random, this.#cost));
  }

  /** If it is open, the caller owns (and erases) the pair. */
  #content(): Identity | SealedKeyPair | undefined {
    const bytes = this.#file.read();
    if (bytes === undefined) return undefined;
    const content = decodeIdentity(this.#suite, bytes, this.#cost.N);
    erase(bytes);
    if (typeof content === "string") throw damaged(this.#file.path, content, IDENTITY_LOSS);
    return content;
  }
}
