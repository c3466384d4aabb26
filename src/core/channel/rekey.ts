// A rekey is a new handshake inside the channel (docs/PROTOCOL.md §8.1): Noise_KKpsk2, bound to the previous epoch.
// This file has its secrets and messages; `key-schedule.ts` decides who may send which when.

import { concat, equalInConstantTime, erase, readU32, toUtf8, u32 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { HandshakeState, type Transport } from "../noise/handshake-state.ts";
import type { Role } from "../noise/pattern.ts";
import { withLairErrors } from "./noise-failure.ts";
import { type CipherSuite, KEY_BYTES, type KeyPair, type RandomSource, TAG_BYTES } from "../noise/suite.ts";

const REKEY_PATTERN = "KKpsk2";
const PROLOGUE_LABEL = toUtf8("lair/1 rekey");
const PSK_INFO = toUtf8("lair/1 rekey psk");
const EPOCH_BYTES = 4;
const EMPTY = new Uint8Array(0);

/** The values that stay the same for a whole session. */
export interface SessionSecrets {
  readonly suite: CipherSuite;
  readonly random: RandomSource;
  readonly staticKey: KeyPair;
  readonly remoteStaticKey: Uint8Array;
  /** The psk that the proof selected; kept for the session even if pairing has replaced it. */
  readonly psk: Uint8Array;
}

/** What one epoch passes on to the next. */
export interface Epoch {
  readonly number: number;
  readonly handshakeHash: Uint8Array;
  readonly exporterSecret: Uint8Array;
  /** The other side's ephemeral key, 32 bytes: if it came twice it would renew nothing. */
  readonly remoteEphemeralKey: Uint8Array;
}

/** The KK handshake that leads from `previous` to the next epoch. */
export function beginRekey(session: SessionSecrets, previous: Epoch, role: Role): HandshakeState {
  const { suite, random, staticKey, remoteStaticKey } = session;
  // From the secret of the previous epoch and the session's psk: a new epoch needs everything that the old one did, and
  // a fresh Diffie-Hellman on both sides. The prologue binds the whole transcript so far, so that no epoch can be left
  // out.
  const psk = suite.hash.hkdf(previous.exporterSecret, session.psk, PSK_INFO, 32);
  const handshake = new HandshakeState({
    pattern: REKEY_PATTERN,
    suite,
    random,
    role,
    staticKey,
    remoteStaticKey,
    prologue: concat(PROLOGUE_LABEL, u32(previous.number + 1), previous.handshakeHash),
    psks: [psk],
  });
  erase(psk);
  return handshake;
}

/** Body of REKEY_INIT and REKEY_REPLY: epoch u32 ‖ the next KK message, 52 bytes. */
export function writeRekeyBody(handshake: HandshakeState, epoch: number): Uint8Array {
  return concat(
    u32(epoch),
    withLairErrors(() => handshake.writeMessage(EMPTY)),
  );
}

/**
 * Reads such a body. Throws LairError `rekey-protocol` for a wrong epoch or length and for an ephemeral key that the
 * other side used in the previous epoch, and noise-* from the handshake, which is then dead.
 */
export function readRekeyBody(handshake: HandshakeState, previous: Epoch, body: Uint8Array): void {
  try {
    requireEpoch(body, previous.number + 1, EPOCH_BYTES + KEY_BYTES + TAG_BYTES);
    withLairErrors(() => handshake.readMessage(body.subarray(EPOCH_BYTES)));
    // The private key of an older one may have been stolen since, and then this rekey would renew nothing.
    if (equalInConstantTime(handshake.remoteEphemeralKey!, previous.remoteEphemeralKey)) {
      throw new LairError("rekey-protocol", "The other side used one ephemeral key twice.");
    }
  } catch (error) {
    // Not every fault comes from the handshake, which would overwrite its secrets by itself.
    handshake.destroy();
    throw error;
  }
}

/** Checks the body of REKEY_DONE: epoch u32. Throws LairError `rekey-protocol`. */
export function readRekeyDone(body: Uint8Array, epoch: number): void {
  requireEpoch(body, epoch, EPOCH_BYTES);
}

/** The epoch that a finished handshake starts, and its transport. */
export function nextEpoch(previous: Epoch, handshake: HandshakeState): { epoch: Epoch; transport: Transport } {
  const remoteEphemeralKey = handshake.remoteEphemeralKey!;
  const transport = withLairErrors(() => handshake.split());
  const { handshakeHash, exporterSecret } = transport;
  return { epoch: { number: previous.number + 1, handshakeHash, exporterSecret, remoteEphemeralKey }, transport };
}

function requireEpoch(body: Uint8Array, epoch: number, length: number): void {
  if (body.length === length && readU32(body, 0) === epoch) return;
  throw new LairError("rekey-protocol", "The other side sent a step of another rekey than the current one.");
}
