// A attacker, for tests of secrecy: he has what was on the wire, the public keys, and stolen secrets of which nobody tells
// him what they are. He plays the schedule of docs/PROTOCOL.md §3 and §8 over it: each Diffie-Hellman of which he has one
// private key is computed, every other is a guess. What he can open he reads, and goes on with what it says.
// He shares no cryptography with src, only the table of patterns: what a pattern forgets to mix he need not know either.

import { hkdfSync } from "node:crypto";
import { concat, readU32, toHex, toUtf8, u32 } from "../../../src/core/bytes.ts";
import type { Role } from "../../../src/core/noise/index.ts";
import { hkdf, rekeyed } from "../noise/reference.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { opened, type RecordedHandshake, solve, type Solved } from "./recorded-handshake.ts";
import { recordsOf, TYPE } from "./rogue-peer.ts";

const EMPTY = new Uint8Array(0);
/** What he takes for a secret that he does not have. */
const GUESS = new Uint8Array(32);

/** What anybody on the wire has, and where the keys change, which can be guessed from lengths and times. */
export interface Wire {
  /** Of the first handshake. */
  readonly messages: readonly Uint8Array[];
  /** The frames of one direction in one epoch, in order. */
  readonly runs: readonly { readonly epoch: number; readonly frames: readonly Uint8Array[] }[];
  /** Static public keys, by role in the first handshake. The responder drives the rekeys. */
  readonly publicKeys: Readonly<Record<Role, Uint8Array>>;
}

export class Attacker {
  /** The epochs of which he has computed the handshake, not only stolen the keys. */
  readonly solved = new Map<number, Solved>();
  readonly #wire: Wire;
  readonly #secrets = new Map<string, Uint8Array>();
  /** Private keys by their public keys. */
  readonly #privateKeys = new Map<string, Uint8Array>();
  readonly #products = new Map<string, Uint8Array>();
  readonly #hashes = new Map<number, Uint8Array>();
  /** How many frames of each run he has read. */
  readonly #read = new Map<Wire["runs"][number], number>();
  /** The KK messages that he has read, by the epoch to which they lead. */
  readonly #rekeys = new Map<number, Uint8Array[]>();

  /** `hashes` are the handshake hashes that he was given, by epoch. */
  constructor(wire: Wire, stolen: readonly Uint8Array[], hashes: ReadonlyMap<number, Uint8Array> = new Map()) {
    this.#wire = wire;
    for (const secret of stolen) this.#keep(secret);
    for (const [epoch, hash] of hashes) this.#hashes.set(epoch, hash);
    this.#tryDirectly();
    this.#trySession();
    while (this.#tryRekeys());
  }

  /** The epochs of which he has read anything. */
  get epochsRead(): number[] {
    return [...new Set([...this.#read.keys()].map(({ epoch }) => epoch))].toSorted((a, b) => a - b);
  }

  /** Whether he has read all of what he has read anything of. */
  get isComplete(): boolean {
    return this.#wire.runs.every((run) => {
      return !this.epochsRead.includes(run.epoch) || this.#read.get(run) === run.frames.length;
    });
  }

  /** Whether he has read both messages of the rekey that leads to an epoch. */
  hasRekey(epoch: number): boolean {
    return this.#rekeys.get(epoch)?.length === 2;
  }

  /** Each secret as a key, its Noise Rekey(), and all outputs of Noise's HKDF over each two secrets. */
  #tryDirectly(): void {
    const secrets = [...this.#secrets.values()];
    for (const key of secrets) {
      this.#open(key);
      this.#open(rekeyed("AESGCM", key));
      for (const input of [EMPTY, ...secrets]) for (const output of hkdf("SHA256", key, input)) this.#open(output);
    }
  }

  #trySession(): void {
    const { messages, publicKeys } = this.#wire;
    const handshake = { pattern: "XXpsk2", prologue: toUtf8("lair/1"), messages, publicKeys };
    for (const psk of [GUESS, ...this.#secrets.values()]) if (this.#solve(0, handshake, psk)) return;
  }

  /** Whether he came further. */
  #tryRekeys(): boolean {
    const { initiator, responder } = this.#wire.publicKeys;
    return [...this.#rekeys].some(([epoch, messages]) => {
      if (messages.length < 2 || this.solved.has(epoch)) return false;
      const hash = this.#hashes.get(epoch - 1) ?? GUESS;
      const handshake = {
        pattern: "KKpsk2",
        prologue: concat(toUtf8("lair/1 rekey"), u32(epoch), hash),
        messages,
        publicKeys: { initiator: responder, responder: initiator },
      };
      return this.#rekeyPsks().some((psk) => this.#solve(epoch, handshake, psk));
    });
  }

  /** What may be the psk of a rekey: of each two secrets, and of each alone if the schedule should need no more. */
  #rekeyPsks(): Uint8Array[] {
    const secrets = [GUESS, ...this.#secrets.values()];
    const info = toUtf8("lair/1 rekey psk");
    const inputs = [EMPTY, ...secrets];
    const derived = secrets.flatMap((salt) => inputs.map((input) => hkdfSync("sha256", input, salt, info, 32)));
    return [...secrets, ...derived.map((psk) => new Uint8Array(psk))];
  }

  /** Computes a handshake; keeps what it yields if that opens anything. */
  #solve(epoch: number, handshake: RecordedHandshake, psk: Uint8Array): boolean {
    const solved = solve(handshake, psk, (one, other) => this.#dh(one, other));
    const opened = solved.keys.map((key) => this.#open(key));
    if (!opened.includes(true)) return false;
    this.solved.set(epoch, solved);
    this.#hashes.set(epoch, solved.handshakeHash);
    this.#keep(solved.exporterSecret);
    return true;
  }

  #dh(one: Uint8Array, other: Uint8Array): Uint8Array {
    const name = `${toHex(one)} ${toHex(other)}`;
    const known = this.#products.get(name);
    if (known !== undefined) return known;
    const [ours, theirs] = this.#privateKeys.has(toHex(one)) ? [one, other] : [other, one];
    const privateKey = this.#privateKeys.get(toHex(ours));
    const product = privateKey === undefined ? GUESS : OPENSSL_SUITE.dh.dh(privateKey, theirs);
    this.#products.set(name, product);
    return product;
  }

  #keep(secret: Uint8Array): void {
    this.#secrets.set(toHex(secret), secret);
    this.#privateKeys.set(toHex(OPENSSL_SUITE.dh.publicKey(secret)), secret);
    this.#products.clear();
  }

  /** Reads all that `key` opens; whether it opens anything. */
  #open(key: Uint8Array): boolean {
    return this.#wire.runs.some((run) => {
      const plaintexts: Uint8Array[] = [];
      for (const [index, frame] of run.frames.entries()) {
        const plaintext = opened(key, BigInt(index), EMPTY, frame);
        if (plaintext === undefined) break;
        plaintexts.push(plaintext);
      }
      if (plaintexts.length === 0) return false;
      this.#read.set(run, plaintexts.length);
      for (const { type, body } of plaintexts.flatMap((plaintext) => recordsOf(plaintext))) {
        if (type !== TYPE.init && type !== TYPE.reply) continue;
        const messages = this.#rekeys.get(readU32(body, 0)) ?? [];
        messages[type - TYPE.init] = body.slice(4);
        this.#rekeys.set(readU32(body, 0), messages);
      }
      return true;
    });
  }
}
