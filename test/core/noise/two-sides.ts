// Two sides of a handshake with keys that are the same in every run, and the ways to walk them through it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  type CipherSuite,
  type HandshakeOptions,
  handshakePattern,
  HandshakeState,
  type KeyPair,
  PATTERN_NAMES,
  type Role,
  type Transport,
} from "../../../src/core/noise/index.ts";
import { drawKeyPair } from "../../../src/core/noise/handshake-state.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { quickSuite } from "./spy-suite.ts";

export const EMPTY = new Uint8Array(0);
/** Lair's suite, quick enough for thousands of handshakes. */
export const QUICK = quickSuite(OPENSSL_SUITE);
export const ROLES: readonly Role[] = ["initiator", "responder"];

export const otherRole = (role: Role): Role => (role === "initiator" ? "responder" : "initiator");

/** 32 bytes that belong to a label. */
export function bytesOf(label: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(label).digest());
}

/** A key pair whose private key is {@link bytesOf} the label. */
export function keyPairOf(label: string, suite: CipherSuite = QUICK): KeyPair {
  return drawKeyPair(suite, () => bytesOf(label));
}

/** Every pattern with every set of psk positions that it has: "N", "Npsk0", "Npsk1", "Npsk0+psk1", ... */
export function everyPatternName(): string[] {
  return PATTERN_NAMES.flatMap((name) => {
    const positions = handshakePattern(name).messages.length + 1;
    return Array.from({ length: 2 ** positions }, (_, set) => {
      const chosen = Array.from({ length: positions }, (_unused, at) => at).filter((at) => set & (1 << at));
      return name + chosen.map((at) => `psk${at}`).join("+");
    });
  });
}

/** Options in place of {@link sideOptions}'s; an undefined one is left out. */
export type Change = { readonly [Name in keyof HandshakeOptions]?: HandshakeOptions[Name] | undefined };
export type Changes = Partial<Record<Role, Change>>;

/** What one side needs for `pattern`, no more; its ephemeral is the label's "<role> ephemeral". */
export function sideOptions(pattern: string, role: Role, suite: CipherSuite = QUICK): HandshakeOptions {
  const { preMessages, messages, pskCount } = handshakePattern(pattern);
  const keyPair = (owner: Role): KeyPair => keyPairOf(`${owner} static`, suite);
  const sendsStatic = messages.some(({ sender, tokens }) => sender === role && tokens.includes("s"));
  return {
    pattern,
    suite,
    role,
    random: () => bytesOf(`${role} ephemeral`),
    ...(pskCount === 0 ? {} : { psks: Array.from({ length: pskCount }, (_, index) => bytesOf(`psk ${index}`)) }),
    ...(sendsStatic || preMessages.includes(role) ? { staticKey: keyPair(role) } : {}),
    ...(preMessages.includes(otherRole(role)) ? { remoteStaticKey: keyPair(otherRole(role)).publicKey } : {}),
  };
}

export function createSide(
  pattern: string,
  role: Role,
  change: Change = {},
  suite: CipherSuite = QUICK,
): HandshakeState {
  // The type allows no undefined member, but the state cannot tell it from one that is left out.
  return new HandshakeState({ ...sideOptions(pattern, role, suite), ...change } as HandshakeOptions);
}

export class TwoSides {
  readonly pattern: string;
  readonly initiator: HandshakeState;
  readonly responder: HandshakeState;

  constructor(pattern: string, changes: Changes = {}, suite: CipherSuite = QUICK) {
    this.pattern = pattern;
    this.initiator = createSide(pattern, "initiator", changes.initiator, suite);
    this.responder = createSide(pattern, "responder", changes.responder, suite);
  }

  /** Carries the messages from the `from`th up to, not including, the `to`th; returns them as they went. */
  walk(to = Number.POSITIVE_INFINITY, payloads: readonly Uint8Array[] = [], from = 0): Uint8Array[] {
    const { messages } = handshakePattern(this.pattern);
    return messages.slice(from, Math.min(to, messages.length)).map(({ sender }, index) => {
      const message = this[sender].writeMessage(payloads[from + index] ?? EMPTY);
      this[otherRole(sender)].readMessage(message);
      return message;
    });
  }

  split(): Record<Role, Transport> {
    return { initiator: this.initiator.split(), responder: this.responder.split() };
  }
}

/** Whether everything that can be done to a state throws noise-dead. */
export function assertDead(state: HandshakeState): void {
  assert.equal(state.turn, "dead");
  assert.throws(() => state.writeMessage(EMPTY), { code: "noise-dead" });
  assert.throws(() => state.readMessage(new Uint8Array(200)), { code: "noise-dead" });
  assert.throws(() => state.split(), { code: "noise-dead" });
  assert.throws(() => state.providePsks([]), { code: "noise-dead" });
}
