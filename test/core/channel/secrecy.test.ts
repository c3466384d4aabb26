// What stolen secrets open (docs/PROTOCOL.md §8, docs/SECURITY.md): those of one epoch nothing of another, the long-term
// ones nothing that was recorded. `attacker.ts` tries; each test also shows that a little more opens what it should.
// Tried on copies of src, each with an attack that succeeds and is red here: no `ee` in XX, in KK, in both; KK without any
// Diffie-Hellman, without those of the static keys, without `ss`; XX with a psk of zeros; the psk of a rekey without k3 or
// without the psk of the session; ephemeral keys, old keys, old k3 that are not erased. A rekey's prologue without h opens
// nothing, since h is in no key; it is red only where a handshake has to authenticate.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHex } from "../../../src/core/bytes.ts";
import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { EPOCHS, recordSession } from "./recorded-session.ts";
import { Attacker } from "./attacker.ts";
import { effort } from "../../effort.ts";

const session = recordSession(OPENSSL_SUITE);
const { wire, psk, pairPsk, memories, afterInit, afterReply, ephemeralPrivateKeys } = session;
const statics = Object.values(session.staticPrivateKeys);
const longTerm = [...statics, psk, pairPsk];
const ONE_OF_TWO = { initiator: 0, responder: 1 } as const;
/** The epochs whose secrets are stolen; `npm test` takes one that begins and ends with a rekey. */
const TRIED = effort([1], EPOCHS);
/** Those of them from which one more follows. */
const RENEWED = TRIED.filter((epoch) => epoch + 1 < EPOCHS.length);

/** Has every secret that ever was, and so knows which is which. */
const omniscient = new Attacker(wire, [...longTerm, ...ephemeralPrivateKeys.flat()]);

/** What was in memory in an epoch, without some of it. */
function memoryWithout(epoch: number, ...missing: readonly Uint8Array[]): Uint8Array[] {
  const names = missing.map((secret) => toHex(secret));
  const rest = memories[epoch]!.filter((secret) => !names.includes(toHex(secret)));
  assert.equal(rest.length, memories[epoch]!.length - missing.length, "what is left out was there");
  return rest;
}

/** The handshake hash of that epoch, which is no secret. */
const hashOf = (epoch: number): Map<number, Uint8Array> =>
  new Map([[epoch, omniscient.solved.get(epoch)!.handshakeHash]]);

/** Which epochs `stolen` opens: each wholly or not at all. */
function epochsOpenedBy(stolen: readonly Uint8Array[], hashes?: ReadonlyMap<number, Uint8Array>): number[] {
  const attacker = new Attacker(wire, stolen, hashes);
  assert.ok(attacker.isComplete, "who can read one frame of an epoch can read all");
  return attacker.epochsRead;
}

describe("a recorded session", () => {
  it("is the same by noble", () => {
    assert.deepEqual(recordSession(NOBLE_SUITE), session);
  });

  it("is opened and authenticated by one who has every key, as the document says", () => {
    assert.deepEqual(omniscient.epochsRead, EPOCHS);
    assert.ok(omniscient.isComplete);
    assert.deepEqual([...omniscient.solved.keys()], EPOCHS);
    for (const [epoch, { isAuthentic }] of omniscient.solved) assert.ok(isAuthentic, `the handshake of epoch ${epoch}`);
  });

  it("is opened by nothing that was on the wire", () => {
    assert.deepEqual(epochsOpenedBy([]), []);
  });
});

describe("the static keys of both sides, the psk and the psk of the pair, after the fact", () => {
  it("open nothing", () => {
    assert.deepEqual(epochsOpenedBy(longTerm), []);
  });

  for (const [owner, which] of Object.entries(ONE_OF_TWO)) {
    it(`open the first epoch, and no other, with the ephemeral key of the ${owner}`, () => {
      assert.deepEqual(epochsOpenedBy([...longTerm, ephemeralPrivateKeys[0]![which]]), [0]);
    });

    it(`open all up to the first rekey of which they lack the ephemeral key of the ${owner}`, () => {
      const ephemerals = ephemeralPrivateKeys.map((two) => two[which]);
      assert.deepEqual(epochsOpenedBy([...longTerm, ...ephemerals]), EPOCHS);
      assert.deepEqual(epochsOpenedBy([...longTerm, ...ephemerals.toSpliced(2, 1)]), [0, 1]);
    });
  }
});

describe("all private keys of both sides, static and ephemeral", () => {
  it("open nothing without the psk", () => {
    assert.deepEqual(epochsOpenedBy([...statics, ...ephemeralPrivateKeys.flat()]), []);
  });
});

describe("all that is in memory during an epoch", () => {
  for (const epoch of TRIED) {
    it(`is its keys, its exporter secret and the psks, in epoch ${epoch}`, () => {
      const { keys, exporterSecret } = omniscient.solved.get(epoch)!;
      // The fifth is the key of the proof, which the Admission keeps.
      assert.equal(memoryWithout(epoch, ...keys, exporterSecret, psk).length, 1);
    });

    it(`opens that epoch and no other, in epoch ${epoch}`, () => {
      assert.deepEqual(epochsOpenedBy(memories[epoch]!, hashOf(epoch)), [epoch]);
    });

    it(`opens no other with both static keys either, in epoch ${epoch}`, () => {
      assert.deepEqual(epochsOpenedBy([...memories[epoch]!, ...statics], hashOf(epoch)), [epoch]);
    });
  }

  for (const epoch of RENEWED) {
    const next = ephemeralPrivateKeys[epoch + 1]!;

    it(`shows both messages of the rekey, in epoch ${epoch}`, () => {
      const attacker = new Attacker(wire, memories[epoch]!, hashOf(epoch));
      assert.ok(attacker.hasRekey(epoch + 1));
      assert.ok(!attacker.solved.has(epoch + 1));
    });

    for (const [owner, which] of Object.entries(ONE_OF_TWO)) {
      it(`opens the next with the static keys and the ephemeral key of the rekey's ${owner}, in epoch ${epoch}`, () => {
        const stolen = [...memories[epoch]!, ...statics, next[which]];
        const attacker = new Attacker(wire, stolen, hashOf(epoch));
        assert.deepEqual(attacker.epochsRead, [epoch, epoch + 1]);
        assert.ok(attacker.solved.get(epoch + 1)!.isAuthentic);
      });
    }

    it(`opens no other with both ephemeral keys of the rekey and no static key, in epoch ${epoch}`, () => {
      assert.deepEqual(epochsOpenedBy([...memories[epoch]!, ...next], hashOf(epoch)), [epoch]);
    });

    it(`opens no other with all private keys of the rekey but without the exporter secret, in epoch ${epoch}`, () => {
      const memory = memoryWithout(epoch, omniscient.solved.get(epoch)!.exporterSecret);
      assert.deepEqual(epochsOpenedBy([...memory, ...statics, ...next], hashOf(epoch)), [epoch]);
    });

    it(`opens no other with all private keys of the rekey but without the psk, in epoch ${epoch}`, () => {
      const memory = memoryWithout(epoch, psk);
      assert.deepEqual(epochsOpenedBy([...memory, ...statics, ...next], hashOf(epoch)), [epoch]);
    });
  }
});

describe("all that is in memory in the middle of a rekey", () => {
  for (const epoch of RENEWED) {
    const [init, reply] = [afterInit[epoch]!, afterReply[epoch]!];
    const hashes = new Map([...hashOf(epoch), ...hashOf(epoch + 1)]);

    it(`opens the epoch that ends and no other between REKEY_INIT and REKEY_REPLY, at the end of epoch ${epoch}`, () => {
      assert.deepEqual(epochsOpenedBy(init, hashOf(epoch)), [epoch]);
    });

    it(`opens the next too there with the static keys, since it has the driver's ephemeral one (epoch ${epoch})`, () => {
      assert.deepEqual(epochsOpenedBy([...init, ...statics], hashOf(epoch)), [epoch, epoch + 1]);
    });

    it(`opens the next as well between REKEY_REPLY and REKEY_DONE, and no other, at the end of epoch ${epoch}`, () => {
      assert.deepEqual(epochsOpenedBy(reply, hashes), [epoch, epoch + 1]);
      assert.deepEqual(epochsOpenedBy([...reply, ...statics], hashes), [epoch, epoch + 1]);
    });

    it(`has the next epoch's keys between the two, at the side that has answered, at the end of epoch ${epoch}`, () => {
      const names = new Set(reply.map((secret) => toHex(secret)));
      const { keys, exporterSecret } = omniscient.solved.get(epoch + 1)!;
      for (const secret of [...keys, exporterSecret]) assert.ok(names.has(toHex(secret)));
    });
  }
});
