// What one XXpsk2 costs the side that answers, in memory: as a server of Lair's makes it (hint, proof, HELLO and the channel),
// and the Noise handshake in it alone, with empty payloads.

import { Admission, hourOf, InitiatorHandshake, ResponderHandshake } from "../../src/core/channel/index.ts";
import { type CipherSuite, HandshakeState, type Role } from "../../src/core/noise/index.ts";
import { SYSTEM_CLOCK as clock } from "../../src/node/clock.ts";
import type { Answer } from "./end.ts";
import { identityOf, partyOf, random } from "./lair-people.ts";

const NOTHING = new Uint8Array(0);
const psk = random(32);

/** Both, of the processor's time for one in µs. */
export function handshakes(suite: CipherSuite, count: number): Answer {
  return { us: whole(suite, count), bareUs: bare(suite, count) };
}

function whole(suite: CipherSuite, count: number): number {
  const now = clock.now();
  const admission = new Admission<{ readonly psk: Uint8Array }>(suite.hash, now);
  admission.accept("bench", psk, { psk });
  const [ada, bob] = [partyOf(suite, "ada", { minMs: 30_000, maxMs: 120_000 }), partyOf(suite, "bob")];
  const initiators = Array.from({ length: count }, () => new InitiatorHandshake(bob, psk, hourOf(now)));
  const responders: ResponderHandshake<{ readonly psk: Uint8Array }>[] = [];
  const messages: Uint8Array[] = [];
  const answering = cpuOf(() => {
    for (const { message1 } of initiators) {
      const responder = new ResponderHandshake(ada, admission);
      responders.push(responder);
      messages.push(responder.answer(message1, now)!.message2);
    }
  });
  const last = initiators.map((initiator, index) => {
    initiator.readMessage2(messages[index]!);
    return initiator.finish(now).message3;
  });
  const finishing = cpuOf(() => {
    for (const [index, responder] of responders.entries()) responder.finish(last[index]!, now);
  });
  return (answering + finishing) / count;
}

function bare(suite: CipherSuite, count: number): number {
  const [ada, bob] = [identityOf(suite, "ada"), identityOf(suite, "bob")];
  const begin = (role: Role): HandshakeState => {
    const staticKey = role === "initiator" ? bob : ada;
    return new HandshakeState({ pattern: "XXpsk2", suite, role, random, staticKey, prologue: NOTHING, psks: [psk] });
  };
  const initiators = Array.from({ length: count }, () => begin("initiator"));
  const first = initiators.map((initiator) => initiator.writeMessage(NOTHING));
  const responders: HandshakeState[] = [];
  const second: Uint8Array[] = [];
  const answering = cpuOf(() => {
    for (const message of first) {
      const responder = begin("responder");
      responders.push(responder);
      responder.readMessage(message);
      second.push(responder.writeMessage(NOTHING));
    }
  });
  const third = initiators.map((initiator, index) => {
    initiator.readMessage(second[index]!);
    return initiator.writeMessage(NOTHING);
  });
  const finishing = cpuOf(() => {
    for (const [index, responder] of responders.entries()) {
      responder.readMessage(third[index]!);
      responder.split();
    }
  });
  return (answering + finishing) / count;
}

/** In µs. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
