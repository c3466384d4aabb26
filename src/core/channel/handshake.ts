// The session's handshake (docs/PROTOCOL.md §3): Noise_XXpsk2 with hint and proof in message 1 and a HELLO each way.
// It *returns* the channel, so nobody can send before the other side has authenticated.
// It does not know which keys are pinned: the caller compares `remoteStaticKey` before going on.
//
//   initiator   message1 -> readMessage2 -> finish (message 3, and the channel)
//   responder   answer (message 1 is read) ---found by its hint---> answered (message 2 is written) -> finish (message 3
//                 |                                                    ^                               is read: the channel)
//                 +---else---> searching ---continueSearch, till found-+
//   any error, and destroy, end either at once

import { concat, erase, toUtf8 } from "../bytes.ts";
import { destroyedOnError } from "../destroyed-on-error.ts";
import { LairError } from "../errors.ts";
import { drawKeyPair, HandshakeState, type Transport } from "../noise/handshake-state.ts";
import { type CipherSuite, KEY_BYTES, type KeyPair, type RandomSource, suiteName, TAG_BYTES } from "../noise/suite.ts";
import type { Admission } from "./admission.ts";
import { Channel, type ChannelLimits } from "./channel.ts";
import { HINT_BYTES, makeHint, makeProof, PROOF_BYTES, proofKey } from "./first-message.ts";
import { type Hello, HUB, packHello, type RekeyWindow, ROOMS, unpackHello } from "./hello.ts";
import type { Instant } from "../clock.ts";
import { withLairErrors } from "./noise-failure.ts";

const HANDSHAKE_PATTERN = "XXpsk2";
const PROLOGUE = toUtf8("lair/1");
const PAIR_PSK_INFO = toUtf8("lair/1 pair psk");
/** e ‖ hint ‖ proof ‖ tag: 96 bytes. */
const MESSAGE_1_BYTES = KEY_BYTES + HINT_BYTES + PROOF_BYTES + TAG_BYTES;

/** The inputs of one side to a handshake. */
export interface HandshakeParty {
  readonly suite: CipherSuite;
  readonly random: RandomSource;
  /** Its signature key is announced in HELLO. */
  readonly staticKey: KeyPair & { readonly signatureKey: Uint8Array };
  /** The side that announces a rekey window drives the rekeys; exactly one side does so. */
  readonly hello: Omit<Hello, "signatureKey">;
  readonly limits?: Partial<ChannelLimits>;
}

/** The result of a handshake. */
export interface Opened {
  readonly channel: Channel;
  /** 32 bytes, authenticated. */
  readonly remoteStaticKey: Uint8Array;
  readonly hello: Hello;
  /**
   * Derives the psk that replaces an invite's after pairing, 32 bytes. The caller keeps or overwrites it. Throws TypeError
   * after the channel's first rekey.
   */
  readonly derivePairPsk: () => Uint8Array;
}

/** The connecting side of a handshake. Any error ends it and overwrites its secrets. */
export class InitiatorHandshake {
  /** 96 bytes, to be sent first. */
  readonly message1: Uint8Array;
  readonly #party: HandshakeParty;
  readonly #psk: Uint8Array;
  readonly #state: HandshakeState;
  #remoteHello: Hello | undefined;

  /**
   * `psk` (32 bytes) is copied. `hour` is that of the wall clock, by {@link hourOf}; undefined if the clock is known to
   * be wrong: then random bytes go in place of the hint, since the same wrong hours might come again and again.
   */
  constructor(party: HandshakeParty, psk: Uint8Array, hour: number | undefined) {
    this.#party = party;
    this.#psk = psk.slice();
    // The proof covers the ephemeral key, so the key is drawn before the handshake asks for it.
    const ephemeralKey = drawKeyPair(party.suite, party.random);
    const { hash } = party.suite;
    const key = proofKey(hash, psk);
    const hint = hour === undefined ? party.random(HINT_BYTES) : makeHint(hash, key, hour);
    const proof = makeProof(hash, key, { ephemeralKey: ephemeralKey.publicKey, hint });
    this.#state = handshakeState(party, "initiator", ephemeralKey);
    this.#state.providePsks([psk]);
    this.message1 = withLairErrors(() => this.#state.writeMessage(concat(hint, proof)));
    erase(key);
  }

  /** Reads message 2, which authenticates the answering key. Throws LairError; the handshake is then dead. */
  readMessage2(message: Uint8Array): { readonly remoteStaticKey: Uint8Array; readonly hello: Hello } {
    return endedOnError(this, () => {
      this.#remoteHello = unpackHello(this.#state.readMessage(message));
      agreeOnDriver(this.#party.hello, this.#remoteHello);
      return { remoteStaticKey: this.#state.remoteStaticKey!, hello: this.#remoteHello };
    });
  }

  /** Writes message 3, which shows our static key, and returns the channel. */
  finish(now: Instant): Opened & { readonly message3: Uint8Array } {
    return endedOnError(this, () => {
      if (this.#remoteHello === undefined) throw new TypeError("InitiatorHandshake: message 2 has not been read");
      const message3 = this.#state.writeMessage(helloOf(this.#party));
      return { message3, ...open(this.#party, this.#state, this.#psk, this.#remoteHello, now) };
    });
  }

  /** Ends it and overwrites its secrets, for example because the answering key is not the expected one. */
  destroy(): void {
    this.#state.destroy();
    erase(this.#psk);
  }
}

/** The contents of a credential of an {@link Admission}. */
export interface PskHolder {
  readonly psk: Uint8Array;
}

/** What a first message leads to: message 2, and what its psk stands for. */
export interface Answer<Credential> {
  readonly message2: Uint8Array;
  readonly credential: Credential;
}

/** The waiting side of a handshake. Any error ends it and overwrites its secrets. */
export class ResponderHandshake<Credential extends PskHolder> {
  readonly #party: HandshakeParty;
  readonly #admission: Admission<Credential>;
  readonly #state: HandshakeState;
  /** Of the psk that message 1 proves. */
  #search: Iterator<undefined, Credential, undefined> | undefined;
  #psk: Uint8Array | undefined;

  constructor(party: HandshakeParty, admission: Admission<Credential>) {
    this.#party = party;
    this.#admission = admission;
    this.#state = handshakeState(party, "responder");
  }

  /**
   * Reads message 1 and answers with message 2. Undefined: its hint leads nowhere, and {@link continueSearch} goes on.
   * Generates no key and computes no Diffie-Hellman before the proof has been checked. Throws LairError; then send no
   * answer, and drop the connection.
   */
  answer(message1: Uint8Array, now: Instant): Answer<Credential> | undefined {
    return endedOnError(this, () => {
      if (message1.length !== MESSAGE_1_BYTES) {
        throw new LairError(
          "noise-message-length",
          "A connection was dropped: its first message is not one of Lair's.",
        );
      }
      const payload = this.#state.readMessage(message1);
      const hint = payload.subarray(0, HINT_BYTES);
      const proof = payload.subarray(HINT_BYTES);
      this.#search = this.#admission.select({ ephemeralKey: this.#state.remoteEphemeralKey!, hint, proof }, now);
      return this.#continueSearch();
    });
  }

  /** The next slice of the search; to be called in a later turn of the event loop. As {@link answer}. */
  continueSearch(): Answer<Credential> | undefined {
    return endedOnError(this, () => this.#continueSearch());
  }

  #continueSearch(): Answer<Credential> | undefined {
    if (this.#search === undefined) throw new TypeError("ResponderHandshake: nothing is searched for");
    const step = this.#search.next();
    if (step.done !== true) return undefined;
    this.#search = undefined;
    this.#psk = step.value.psk.slice();
    this.#state.providePsks([this.#psk]);
    return { message2: this.#state.writeMessage(helloOf(this.#party)), credential: step.value };
  }

  /** Reads message 3, which authenticates the client. Throws LairError. */
  finish(message3: Uint8Array, now: Instant): Opened {
    return endedOnError(this, () => {
      if (this.#psk === undefined) throw new TypeError("ResponderHandshake: message 1 has not been read");
      const hello = unpackHello(this.#state.readMessage(message3));
      agreeOnDriver(this.#party.hello, hello);
      return open(this.#party, this.#state, this.#psk, hello, now);
    });
  }

  destroy(): void {
    this.#search = undefined;
    this.#state.destroy();
    erase(this.#psk);
  }
}

function helloOf({ hello, staticKey: { signatureKey } }: HandshakeParty): Uint8Array {
  // Not by a spread: whatever else came with `hello` could replace the key, or V8 makes garbage of the object.
  const { name, agent, rekey, capabilities, url } = hello;
  return packHello({ name, agent, signatureKey, rekey, capabilities, url });
}

/** The result of `action`. Any error destroys the handshake; errors of the Noise library become errors of Lair. */
function endedOnError<T>(handshake: { destroy(): void }, action: () => T): T {
  return destroyedOnError(handshake, () => withLairErrors(action));
}

function handshakeState(
  party: HandshakeParty,
  role: "initiator" | "responder",
  ephemeralKey?: KeyPair,
): HandshakeState {
  const { suite, random, staticKey } = party;
  return new HandshakeState({
    pattern: HANDSHAKE_PATTERN,
    suite,
    role,
    random,
    staticKey,
    prologue: PROLOGUE,
    ...(ephemeralKey === undefined ? {} : { ephemeralKey }),
  });
}

function open(party: HandshakeParty, state: HandshakeState, psk: Uint8Array, remoteHello: Hello, now: Instant): Opened {
  const remoteStaticKey = state.remoteStaticKey!;
  const remoteEphemeralKey = state.remoteEphemeralKey!;
  const transport: Transport = state.split();
  const { suite, random, staticKey, limits } = party;
  const channel = new Channel({
    session: { suite, random, staticKey, remoteStaticKey, psk },
    transport,
    remoteEphemeralKey,
    drives: party.hello.rekey !== undefined,
    rekeyWindow: agreeOnDriver(party.hello, remoteHello),
    capabilities: remoteHello.capabilities,
    carriesCalls: areHubAndMember(party.hello, remoteHello) || areHubAndMember(remoteHello, party.hello),
    ...(remoteHello.url === undefined ? {} : { peerUrl: remoteHello.url }),
    now,
    ...(limits === undefined ? {} : { limits }),
  });
  erase(psk);
  // Derived from the exporter secret under its own label, with h as the salt. So it is bound to the whole transcript,
  // including both static keys, and does not help to find the two transport keys.
  const derivePairPsk = (): Uint8Array => channel.exportKey(PAIR_PSK_INFO);
  return { channel, remoteStaticKey, hello: remoteHello, derivePairPsk };
}

type Capable = Pick<Hello, "capabilities">;

/** Whether they may send each other calls (docs/HUB.md). */
function areHubAndMember(hub: Capable, member: Capable): boolean {
  return hub.capabilities.includes(HUB) && member.capabilities.includes(ROOMS);
}

/** The window of the side that drives. Throws LairError `hello-malformed` if none or both would drive. */
function agreeOnDriver(ours: Pick<Hello, "rekey">, theirs: Pick<Hello, "rekey">): RekeyWindow {
  const window = ours.rekey ?? theirs.rekey;
  if (window !== undefined && (ours.rekey === undefined) !== (theirs.rekey === undefined)) return window;
  throw new LairError("hello-malformed", "Exactly one of the two sides must renew the keys.");
}

/** Identifies a session in a log and to the user: never a secret. */
export function protocolName(suite: CipherSuite): string {
  return `Noise_${HANDSHAKE_PATTERN}_${suiteName(suite)}`;
}
