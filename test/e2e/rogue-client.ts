// Somebody with a right invite and no manners: introduces itself to a real lair-server with any HELLO it likes, which
// lair-client would not send. Written from docs/PROTOCOL.md; then it stays and says nothing.

import { randomBytes } from "node:crypto";
import { concat, toBase64Url, toUtf8, u64 } from "../../src/core/bytes.ts";
import { generateIdentity } from "../../src/core/identity/identity.ts";
import { parseInvite } from "../../src/core/identity/invite.ts";
import { HandshakeState } from "../../src/core/noise/index.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { connect } from "../../src/node/websocket/connect.ts";
import { plaintextOf, record, TYPE } from "../core/channel/rogue-peer.ts";

export interface RogueGuest {
  /** Resolves when the server has hung up. */
  readonly dropped: Promise<void>;
  leave(): void;
}

/** A handshake under the psk of an invite, and its message 1. */
function begin(psk: Uint8Array): { readonly state: HandshakeState; readonly message1: Uint8Array } {
  const { dh, hash } = OPENSSL_SUITE;
  const ephemeral = new Uint8Array(randomBytes(32));
  const state = new HandshakeState({
    pattern: "XXpsk2",
    suite: OPENSSL_SUITE,
    role: "initiator",
    random: () => ephemeral.slice(),
    staticKey: generateIdentity(OPENSSL_SUITE, (length) => new Uint8Array(randomBytes(length))),
    prologue: toUtf8("lair/1"),
    psks: [psk],
  });
  const proofKey = hash.hkdf(new Uint8Array(0), psk, toUtf8("lair/1 proof"), 32);
  const hour = u64(BigInt(Math.floor(Date.now() / 3_600_000)));
  const hint = hash.hmac(proofKey, concat(toUtf8("lair/1 hint"), hour)).slice(0, 16);
  const proof = hash.hmac(proofKey, concat(toUtf8("lair/1"), dh.publicKey(ephemeral), hint));
  return { state, message1: state.writeMessage(concat(hint, proof)) };
}

/** A first message under this invite, as somebody on the wire would record it. */
export function recordedMessage1(invite: string): Uint8Array {
  return begin(parseInvite(invite).psk).message1;
}

/** Whether a first message gets an answer there, before the server hangs up. */
export async function isAnswered(url: string, message1: Uint8Array): Promise<boolean> {
  const link = await connect(url);
  const answered = new Promise<boolean>((resolve) => {
    link.attach({ frame: () => resolve(true), closed: () => resolve(false), drained() {} });
  });
  link.send(message1);
  try {
    return await answered;
  } finally {
    link.terminate();
  }
}

/** Completes the handshake with this name in HELLO. Resolves when message 3 has been sent. */
export async function introduceAs(name: string, invite: string): Promise<RogueGuest> {
  const { url, psk } = parseInvite(invite);
  const { state, message1 } = begin(psk);
  const sig = toBase64Url(OPENSSL_SUITE.signature.publicKey(new Uint8Array(randomBytes(32))));
  const hello = toUtf8(JSON.stringify({ v: 1, name, agent: "rogue", sig, caps: [] }));
  const link = await connect(url);
  let introduced: (() => void) | undefined;
  const hasIntroduced = new Promise<void>((resolve) => {
    introduced = resolve;
  });
  const dropped = new Promise<void>((resolve) => {
    link.attach({
      frame(bytes) {
        if (state.turn !== "read") return;
        state.readMessage(bytes);
        link.send(state.writeMessage(plaintextOf(record(TYPE.hello, hello))));
        introduced?.();
      },
      closed: () => resolve(),
      drained() {},
    });
  });
  link.send(message1);
  await Promise.race([
    hasIntroduced,
    dropped.then(() => {
      throw new Error("The server hung up before message 2.");
    }),
  ]);
  return { dropped, leave: () => link.terminate() };
}
