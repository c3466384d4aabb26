// HandshakeState: the one interpreter of all handshake patterns (Noise revision 34, §5.3, with psk mode of §9).
// What it returns at the end, a Transport, is another type: nobody can send on a handshake that has not finished.

import { concat, erase } from "../bytes.ts";
import { destroyedOnError } from "../destroyed-on-error.ts";
import { NoiseError } from "./noise-error.ts";
import { CipherState, requireLength } from "./cipher-state.ts";
import { type DhToken, type HandshakePattern, handshakePattern, type Role, type Token } from "./pattern.ts";
import {
  type CipherSuite,
  KEY_BYTES,
  type KeyPair,
  PSK_BYTES,
  type RandomSource,
  suiteName,
  TAG_BYTES,
} from "./suite.ts";
import { SymmetricState } from "./symmetric-state.ts";

const EMPTY = new Uint8Array(0);

/** What a handshake begins with (§5.3 Initialize()). */
export interface HandshakeOptions {
  /** With its modifiers: "XXpsk2". */
  readonly pattern: string;
  readonly suite: CipherSuite;
  readonly role: Role;
  /** The source of the ephemeral private key, 32 bytes. */
  readonly random: RandomSource;
  /**
   * e, for a caller that must know the public key before the first message is written. It must come fresh from a secure
   * random source and be used for nothing else. The handshake owns it from now on and overwrites the private key;
   * `random` is then not called.
   */
  readonly ephemeralKey?: KeyPair;
  readonly prologue?: Uint8Array;
  /** s; the caller keeps it. */
  readonly staticKey?: KeyPair;
  /** rs, 32 bytes, if the pattern requires that it is known in advance. */
  readonly remoteStaticKey?: Uint8Array;
  /**
   * 32 bytes each, in the order of the psk tokens; copied. May be given later by {@link HandshakeState.providePsks}.
   */
  readonly psks?: readonly Uint8Array[];
}

/** A finished handshake: two directions, as this side sees them. */
export interface Transport {
  /** In one-way patterns the direction that does not exist is dead from the start. */
  readonly send: CipherState;
  readonly receive: CipherState;
  /** h, HASHLEN bytes: identifies this session, is not secret (§11.2). */
  readonly handshakeHash: Uint8Array;
  /** 32 bytes; the caller overwrites it. */
  readonly exporterSecret: Uint8Array;
}

/**
 * A handshake in progress. Any error thrown by {@link writeMessage}, {@link readMessage} or {@link split} ends it: all
 * secrets are overwritten, and everything afterwards throws NoiseError `noise-dead`. The one exception is a payload that is
 * too long to be written: it is refused, and the handshake can go on with a shorter one.
 *
 * @example
 * const state = new HandshakeState({ pattern: "NN", suite: NOBLE_SUITE, role: "initiator", random });
 * send(state.writeMessage(new Uint8Array(0)));
 * state.readMessage(await receive());
 * const { send: sending, receive: receiving } = state.split();
 */
export class HandshakeState {
  readonly #suite: CipherSuite;
  readonly #pattern: HandshakePattern;
  readonly #role: Role;
  readonly #random: RandomSource;
  readonly #symmetricState: SymmetricState;
  readonly #staticKey: KeyPair | undefined;
  /** Of the caller, or drawn when it is to be sent. */
  #ephemeralKey: KeyPair | undefined;
  #remoteStaticKey: Uint8Array | undefined;
  #remoteEphemeralKey: Uint8Array | undefined;
  #psks: Uint8Array[] = [];
  #messageIndex = 0;
  #isDead = false;

  /**
   * Initialize(). Throws TypeError for a key that the pattern needs in advance and that is missing, or that it does not
   * know in advance; RangeError for a wrong length; NoiseError `noise-unknown-protocol` for the pattern.
   */
  constructor(options: HandshakeOptions) {
    this.#suite = options.suite;
    this.#pattern = handshakePattern(options.pattern);
    this.#role = options.role;
    this.#random = options.random;
    this.#ephemeralKey = options.ephemeralKey;
    this.#staticKey = options.staticKey;
    // Copied by the constructor, as everywhere here: the slice() of a Buffer would be a view of the caller's memory.
    this.#remoteStaticKey = copy(options.remoteStaticKey);
    this.#requireKeys();
    if (options.psks !== undefined) this.providePsks(options.psks);
    this.#symmetricState = new SymmetricState(this.#suite, `Noise_${this.#pattern.name}_${suiteName(this.#suite)}`);
    this.#symmetricState.mixHash(options.prologue ?? EMPTY);
    for (const owner of this.#pattern.preMessages) {
      this.#symmetricState.mixHash(owner === this.#role ? this.#staticKey!.publicKey : this.#remoteStaticKey!);
    }
  }

  /** The next step of this side. */
  get turn(): "write" | "read" | "split" | "dead" {
    if (this.#isDead) return "dead";
    const message = this.#pattern.messages[this.#messageIndex];
    if (message === undefined) return "split";
    return message.sender === this.#role ? "write" : "read";
  }

  /** rs, 32 bytes, once it is known. Proven only when the handshake has finished. */
  get remoteStaticKey(): Uint8Array | undefined {
    return copy(this.#remoteStaticKey);
  }

  /** re, 32 bytes, once it is known. */
  get remoteEphemeralKey(): Uint8Array | undefined {
    return copy(this.#remoteEphemeralKey);
  }

  /** The psks, if earlier messages decide which ones apply. Call it before the first psk token. Copied. */
  providePsks(psks: readonly Uint8Array[]): void {
    if (this.#isDead) throw new NoiseError("noise-dead", "This handshake has ended.");
    if (psks.length !== this.#pattern.pskCount) {
      throw new TypeError(`HandshakeState: ${this.#pattern.name} takes ${this.#pattern.pskCount} psks`);
    }
    if (psks.some((psk) => psk.length !== PSK_BYTES)) throw new RangeError("HandshakeState: a psk is 32 bytes");
    erase(...this.#psks);
    this.#psks = psks.map((psk) => new Uint8Array(psk));
  }

  /**
   * WriteMessage(): the next message, with `payload` in it. Throws NoiseError `noise-message-length` when it would be longer
   * than 65,535 bytes: nothing has happened then.
   */
  writeMessage(payload: Uint8Array): Uint8Array {
    if (this.turn === "write") requireLength(this.#overhead() + payload.length);
    return this.#guarded("write", () => {
      const parts: Uint8Array[] = [];
      for (const token of this.#nextTokens()) parts.push(this.#writeToken(token));
      parts.push(this.#symmetricState.encryptAndHash(payload));
      return concat(...parts);
    });
  }

  /** ReadMessage(): the payload of the next message. */
  readMessage(message: Uint8Array): Uint8Array {
    return this.#guarded("read", () => {
      requireLength(message.length);
      let rest = message;
      const take = (length: number): Uint8Array => {
        if (rest.length < length) throw new NoiseError("noise-message-length", "A handshake message is too short.");
        const taken = new Uint8Array(rest.subarray(0, length));
        rest = rest.subarray(length);
        return taken;
      };
      for (const token of this.#nextTokens()) this.#readToken(token, take);
      return this.#symmetricState.decryptAndHash(rest);
    });
  }

  /** Split(), after the last message: {@link turn} is "split". This state is dead afterwards. */
  split(): Transport {
    return this.#guarded("split", () => {
      const handshakeHash = this.#symmetricState.handshakeHash;
      const { first, second, exporterSecret } = this.#symmetricState.split();
      // §7.4: in a one-way pattern the responder must not send.
      if (this.#pattern.isOneWay) second.destroy();
      this.destroy();
      return this.#role === "initiator"
        ? { send: first, receive: second, handshakeHash, exporterSecret }
        : { send: second, receive: first, handshakeHash, exporterSecret };
    });
  }

  /** Overwrites every secret of the handshake but `s`, which is the caller's. */
  destroy(): void {
    this.#isDead = true;
    this.#symmetricState.destroy();
    erase(this.#ephemeralKey?.privateKey, ...this.#psks);
    this.#ephemeralKey = undefined;
  }

  #writeToken(token: Token): Uint8Array {
    switch (token) {
      case "e": {
        this.#ephemeralKey ??= drawKeyPair(this.#suite, this.#random);
        this.#mixEphemeral(this.#ephemeralKey.publicKey);
        return this.#ephemeralKey.publicKey;
      }
      case "s":
        return this.#symmetricState.encryptAndHash(this.#staticKey!.publicKey);
      default:
        this.#mixSecret(token);
        return EMPTY;
    }
  }

  #readToken(token: Token, take: (length: number) => Uint8Array): void {
    switch (token) {
      case "e":
        this.#remoteEphemeralKey = take(KEY_BYTES);
        this.#mixEphemeral(this.#remoteEphemeralKey);
        break;
      case "s": {
        const length = this.#symmetricState.hasKey ? KEY_BYTES + TAG_BYTES : KEY_BYTES;
        this.#remoteStaticKey = this.#symmetricState.decryptAndHash(take(length));
        break;
      }
      default:
        this.#mixSecret(token);
    }
  }

  #mixEphemeral(publicKey: Uint8Array): void {
    this.#symmetricState.mixHash(publicKey);
    // §9.2: in psk handshakes the ephemeral key is mixed in too; otherwise the psk alone would determine the key.
    if (this.#pattern.pskCount > 0) this.#symmetricState.mixKey(publicKey);
  }

  #mixSecret(token: DhToken | "psk"): void {
    if (token === "psk") {
      const psk = this.#psks.shift();
      if (psk === undefined) throw new TypeError("HandshakeState: the psk has not been provided");
      this.#symmetricState.mixKeyAndHash(psk);
      erase(psk);
      return;
    }
    const shared = this.#resolveDh(token);
    this.#symmetricState.mixKey(shared);
    erase(shared);
  }

  /** The one place where ee, es, se and ss become keys. */
  #resolveDh(token: DhToken): Uint8Array {
    const [ours, theirs] = this.#role === "initiator" ? [token[0], token[1]] : [token[1], token[0]];
    const local = ours === "e" ? this.#ephemeralKey : this.#staticKey;
    const remote = theirs === "e" ? this.#remoteEphemeralKey : this.#remoteStaticKey;
    // The patterns are valid (§7.3): every key has been sent, or was required by the constructor.
    return this.#suite.dh.dh(local!.privateKey, remote!);
  }

  /** How many bytes longer the next message of this side is than its payload. */
  #overhead(): number {
    let length = 0;
    // Follows the tokens: s and the payload have a tag once there is a key.
    let { hasKey } = this.#symmetricState;
    for (const token of this.#pattern.messages[this.#messageIndex]!.tokens) {
      if (token === "e" || token === "s") length += KEY_BYTES;
      if (token === "s" && hasKey) length += TAG_BYTES;
      if (token === "e") hasKey ||= this.#pattern.pskCount > 0;
      else if (token !== "s") hasKey = true;
    }
    return hasKey ? length + TAG_BYTES : length;
  }

  #nextTokens(): readonly Token[] {
    return this.#pattern.messages[this.#messageIndex++]!.tokens;
  }

  #requireKeys(): void {
    const { name, preMessages, messages } = this.#pattern;
    const remoteRole: Role = this.#role === "initiator" ? "responder" : "initiator";
    const sendsStatic = messages.some(({ sender, tokens }) => sender === this.#role && tokens.includes("s"));
    if ((sendsStatic || preMessages.includes(this.#role)) && this.#staticKey === undefined) {
      throw new TypeError(`HandshakeState: ${name} needs staticKey as ${this.#role}`);
    }
    if (preMessages.includes(remoteRole) !== (this.#remoteStaticKey !== undefined)) {
      throw new TypeError(`HandshakeState: ${name} as ${this.#role} takes remoteStaticKey only if it is a pre-message`);
    }
    for (const key of [
      this.#staticKey?.publicKey,
      this.#staticKey?.privateKey,
      this.#ephemeralKey?.publicKey,
      this.#ephemeralKey?.privateKey,
      this.#remoteStaticKey,
    ]) {
      if (key !== undefined && key.length !== KEY_BYTES) throw new RangeError("HandshakeState: a key is 32 bytes");
    }
  }

  #guarded<T>(turn: "write" | "read" | "split", action: () => T): T {
    if (this.#isDead) throw new NoiseError("noise-dead", "This handshake has ended.");
    return destroyedOnError(this, () => {
      if (this.turn === turn) return action();
      throw new NoiseError("noise-out-of-turn", `It is this side's turn to ${this.turn}, not to ${turn}.`);
    });
  }
}

/** GENERATE_KEYPAIR() of §4.1. */
export function drawKeyPair({ dh }: CipherSuite, random: RandomSource): KeyPair {
  const privateKey = random(KEY_BYTES);
  return { privateKey, publicKey: dh.publicKey(privateKey) };
}

function copy(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes);
}
