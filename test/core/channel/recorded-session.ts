// A session of several epochs, recorded from outside (the wire) and from inside (what was in memory, and every key drawn):
// what there is to steal.

import { fromHex } from "../../../src/core/bytes.ts";
import type { CipherSuite, Role } from "../../../src/core/noise/index.ts";
import { LinkedPair, openPair, partyOf, pskOf, resume, type Side, SIDES } from "./pair.ts";
import type { Wire } from "./attacker.ts";
import { Tracker } from "./tracking.ts";

export const EPOCHS = [0, 1, 2];

export interface RecordedSession {
  readonly wire: Wire;
  readonly psk: Uint8Array;
  readonly pairPsk: Uint8Array;
  readonly staticPrivateKeys: Readonly<Record<Role, Uint8Array>>;
  /** By epoch: of the initiator of the handshake that began it, and of its responder. */
  readonly ephemeralPrivateKeys: readonly (readonly [Uint8Array, Uint8Array])[];
  /** By epoch: every secret of both sides that is not erased, while the epoch lasts. */
  readonly memories: readonly (readonly Uint8Array[])[];
  /** Likewise in the middle of the rekey at the end of each epoch, when nothing of it has been read yet. */
  readonly afterInit: readonly (readonly Uint8Array[])[];
  readonly afterReply: readonly (readonly Uint8Array[])[];
}

/** Two frames with data from each side in each epoch, and the rekeys between them. */
export function recordSession(suite: CipherSuite): RecordedSession {
  const tracker = new Tracker();
  const session = new LinkedPair(openPair({ suite, tracker, resumed: false }));
  const pairPsk = session.pair.opened.initiator.derivePairPsk();
  // It is the caller's.
  tracker.forget(pairPsk);
  const statics = {
    initiator: partyOf("initiator", { suite }).staticKey,
    responder: partyOf("responder", { suite }).staticKey,
  };
  const runs: Wire["runs"][number][] = [];
  const remember = (): Uint8Array[] => [...new Set(tracker.live())].map((hex) => fromHex(hex)!);
  const memories: Uint8Array[][] = [];
  const afterInit: Uint8Array[][] = [];
  const afterReply: Uint8Array[][] = [];
  for (const epoch of EPOCHS) {
    const sent: Record<Side, Uint8Array[]> = { driver: [], other: [] };
    if (epoch === 0) for (const [side, frame] of Object.entries(resume(session.pair))) sent[side as Side].push(frame);
    const take = (side: Side): void => {
      session.take(side);
      sent[side].push(...session.underWay[side]);
    };
    const deliver = (side: Side): void => {
      while (session.deliver(side));
    };
    const takeAll = (): void => {
      for (const side of SIDES) {
        take(side);
        deliver(side);
      }
    };
    for (const side of [...SIDES, ...SIDES]) {
      session.pair[side].sendData(new Uint8Array(40).fill(epoch));
      takeAll();
    }
    memories.push(remember());
    session.pair.clock.pass(2_000);
    session.pair.driver.advance(session.pair.clock.now);
    // INIT and REPLY, then DONE: the last frames under the old keys.
    take("driver");
    afterInit.push(remember());
    deliver("driver");
    take("other");
    afterReply.push(remember());
    deliver("other");
    takeAll();
    for (const side of SIDES) runs.push({ epoch, frames: sent[side] });
  }
  const ephemerals = tracker.drawn;
  return {
    wire: {
      messages: session.pair.messages,
      runs,
      publicKeys: { initiator: statics.initiator.publicKey, responder: statics.responder.publicKey },
    },
    psk: pskOf(),
    pairPsk,
    staticPrivateKeys: { initiator: statics.initiator.privateKey, responder: statics.responder.privateKey },
    ephemeralPrivateKeys: EPOCHS.map((epoch) => [ephemerals[2 * epoch]!, ephemerals[2 * epoch + 1]!]),
    memories,
    afterInit,
    afterReply,
  };
}
