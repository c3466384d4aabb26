// Handshakes of which the test writes one side itself, by HandshakeState, with any payload it likes (docs/PROTOCOL.md §3).

import { concat, toUtf8, u64 } from "../../../src/core/bytes.ts";
import { type HandshakeParty, ResponderHandshake } from "../../../src/core/channel/index.ts";
import { HandshakeState, type Role } from "../../../src/core/noise/index.ts";
import { admissionOf, HOUR, NOW, type PairOptions, partyOf, pskOf } from "./pair.ts";

/** An honest server that accepts the one psk. */
export function serverOf(
  party: HandshakeParty = partyOf("responder"),
): ResponderHandshake<{ readonly psk: Uint8Array }> {
  return new ResponderHandshake(party, admissionOf(party.suite, pskOf()));
}

/** The state of a peer who puts what it likes into its payloads. */
export function rogueState(role: Role, options: PairOptions = {}): HandshakeState {
  const { suite, random, staticKey } = partyOf(role, options);
  return new HandshakeState({
    pattern: "XXpsk2",
    suite,
    role,
    random,
    staticKey,
    prologue: toUtf8("lair/1"),
    psks: [pskOf(options)],
  });
}

/** The hint and the proof in message 1, of the ephemeral key that a fresh {@link rogueState} will draw. */
export function rogueProof(options: PairOptions = {}): Uint8Array {
  const { suite, random } = partyOf("initiator", options);
  const proofKey = suite.hash.hkdf(new Uint8Array(0), pskOf(options), toUtf8("lair/1 proof"), 32);
  const hint = suite.hash.hmac(proofKey, concat(toUtf8("lair/1 hint"), u64(BigInt(HOUR)))).slice(0, 16);
  const proof = suite.hash.hmac(proofKey, concat(toUtf8("lair/1"), suite.dh.publicKey(random(32)), hint));
  return concat(hint, proof);
}

/** A server that has answered, and a rogue client whose turn it is to write message 3. */
export function awaitingMessage3(party?: HandshakeParty): {
  server: ReturnType<typeof serverOf>;
  client: HandshakeState;
} {
  const server = serverOf(party);
  const client = rogueState("initiator");
  client.readMessage(server.answer(client.writeMessage(rogueProof()), NOW)!.message2);
  return { server, client };
}
