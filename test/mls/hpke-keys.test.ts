// Keys that nobody can encrypt to: which they are, as the library that encrypts sees them, and that none of them comes into
// a group, whichever way it is brought.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  createCommit,
  createGroupInfoWithExternalPubAndRatchetTree,
  decodeMlsMessage,
  encodeMlsMessage,
  makePskIndex,
  type CiphersuiteImpl,
  type ClientState,
  type KeyPackage,
  type Proposal,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { fromHex, toUtf8 } from "../../src/core/bytes.ts";
import type { GroupSuite } from "../../src/core/room/group-crypto.ts";
import { externalCommit } from "../../src/mls/external-commit.ts";
import { isHpkeKey } from "../../src/mls/hpke-keys.ts";
import { decodeState, encodeState } from "../../src/mls/state.ts";
import { makeSuite } from "../../src/mls/suites.ts";
import { OPENSSL_AES_GCM } from "../../src/node/openssl-suite/suite.ts";
import { effort } from "../effort.ts";
import { rejectsLair } from "../throws-lair.ts";
import { groupOf, groups, LIFETIME, nowMs, person, random, SUITE, type Seat } from "./people.ts";
import { hostile, packageWith } from "./spoiled-keys.ts";

const SUITES = ["classic", "hybrid"] as const;
const crypto = groups();
const suites = {} as Record<GroupSuite, CiphersuiteImpl>;
before(async () => {
  for (const suite of SUITES)
    suites[suite] = await makeSuite(suite, { signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random });
});

/** The u of every point of low order, also where it is written as a number of 2^255 - 19 and above. */
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((hex) => fromHex(hex)!);
const X25519_AT = { classic: 0, hybrid: 1_184 };

async function goodKey(suite: GroupSuite): Promise<Uint8Array> {
  const { hpke } = suites[suite];
  return hpke.exportPublicKey((await hpke.generateKeyPair()).publicKey);
}

/** What the library that encrypts says. */
async function canEncrypt(key: Uint8Array, { hpke }: CiphersuiteImpl): Promise<boolean> {
  try {
    await hpke.seal(await hpke.importPublicKey(key), toUtf8("a secret"), new Uint8Array(0));
    return true;
  } catch {
    return false;
  }
}

async function agrees(suite: GroupSuite, key: Uint8Array, isUsable: boolean, what: string): Promise<void> {
  assert.equal(isHpkeKey(key, suites[suite]), isUsable, `ours: ${what}`);
  assert.equal(await canEncrypt(key, suites[suite]), isUsable, `the library: ${what}`);
}

/** The number at a place among those of the part that is ML-KEM's: 12 bits each. */
function withNumber(key: Uint8Array, place: number, value: number): Uint8Array {
  const changed = key.slice();
  const at = Math.floor(place / 2) * 3;
  if (place % 2 === 0) {
    changed[at] = value & 0xff;
    changed[at + 1] = (changed[at + 1]! & 0xf0) | (value >> 8);
  } else {
    changed[at + 1] = (changed[at + 1]! & 0x0f) | ((value & 0x0f) << 4);
    changed[at + 2] = value >> 4;
  }
  return changed;
}

describe("a public key of HPKE", () => {
  for (const suite of SUITES) {
    it(`is refused for the same bytes as the library refuses: ${suite}`, async () => {
      const good = await goodKey(suite);
      await agrees(suite, good, true, "a key");
      for (const length of [0, 31, 32, 1_215, 1_216, 1_217].filter((one) => one !== good.length)) {
        await agrees(suite, new Uint8Array(length).fill(9), false, `${length} bytes`);
      }
      for (const point of LOW_ORDER) {
        for (const top of [0, 0x80]) {
          const key = good.slice();
          key.set(point, X25519_AT[suite]);
          key[key.length - 1]! |= top;
          await agrees(suite, key, false, "a point of low order");
        }
      }
      // 2^255 - 17 is another way to write 2, which is no point of low order.
      const other = good.slice();
      other.set(LOW_ORDER[5]!.with(0, 0xef), X25519_AT[suite]);
      await agrees(suite, other, true, "not canonical, and of another order");
    });
  }

  it("has numbers below q only, in the part that is ML-KEM's", async () => {
    const good = await goodKey("hybrid");
    const places = new Set([0, 1, 2, 255, 256, 766, 767]);
    for (let n = effort(8, 200); n > 0; n--) places.add(Math.floor(Math.random() * 768));
    for (const place of places) {
      await agrees("hybrid", withNumber(good, place, 3_328), true, `q - 1 at ${place}`);
      await agrees("hybrid", withNumber(good, place, 3_329), false, `q at ${place}`);
      await agrees("hybrid", withNumber(good, place, 4_095), false, `4,095 at ${place}`);
    }
    await agrees("hybrid", good.slice().fill(0xff, 1_152, 1_184), true, "any seed");
  });
});

/** The keys that an attacker tries, made from a good one. */
const SPOILERS: readonly (readonly [suite: GroupSuite, what: string, spoil: (key: Uint8Array) => Uint8Array])[] = [
  ["hybrid", "an X25519 part of zeros", (key) => key.slice().fill(0, 1_184)],
  ["classic", "all zeros", (key) => key.slice().fill(0)],
  ["hybrid", "an ML-KEM part out of range", (key) => key.slice().fill(0xff, 0, 3)],
];

const add = (keyPackage: KeyPackage): Proposal => ({ proposalType: "add", add: { keyPackage } });

/** A commit by another program, and the group as it is for that program alone. */
async function commitOf({ state, signer }: Seat, extraProposals: Proposal[], cs: CiphersuiteImpl) {
  const opened: ClientState = {
    ...decodeState(state),
    historicalReceiverData: new Map(),
    signaturePrivateKey: signer.seed,
    clientConfig: defaultClientConfig,
  };
  const context = { state: opened, cipherSuite: cs, pskIndex: makePskIndex(undefined, {}) };
  const made = await createCommit(context, { extraProposals, ratchetTreeExtension: true });
  const welcome =
    made.welcome && encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: made.welcome });
  return { bytes: encodeMlsMessage(made.commit), next: made.newState, welcome };
}

async function refuses(attempt: Promise<unknown>, code = "group-malformed"): Promise<void> {
  const error = await rejectsLair(attempt);
  assert.equal(error.code, code);
  assert.match(`${error.message} ${String(error.cause)}`, /a key that nobody can encrypt to/);
}

// Which keys they are is tested above. Here: that they are looked at wherever one may come in.
for (const [suite, what, spoil] of SPOILERS.slice(effort(1, 0))) {
  describe(`a key that nobody can encrypt to: ${suite}, ${what}`, () => {
    let seats: [Seat, Seat, Seat];
    before(async () => {
      seats = (await groupOf(crypto, 3, suite)) as [Seat, Seat, Seat];
    });

    it("is in no key package that is added, by this program or by another", async () => {
      const [ada, bob, mal] = seats;
      const spoiled = [];
      for (const nth of [0, 1]) {
        const cs = hostile(suites[suite], spoil, nth);
        const { bytes, publicPackage } = await packageWith(suite, person(), cs);
        spoiled.push([publicPackage.initKey, publicPackage.leafNode.hpkePublicKey].map((key) => isHpkeKey(key, cs)));
        await refuses(crypto.readKeyPackage(bytes), "key-package-unusable");
        await refuses(crypto.commit(ada.state, ada.signer, { add: [bytes] }, { nowMs }), "key-package-unusable");
        const { bytes: commit } = await commitOf(mal, [add(publicPackage)], cs);
        for (const one of [ada, bob]) await refuses(crypto.take(one.state, commit));
      }
      assert.deepEqual(spoiled.map(String).toSorted(), ["false,true", "true,false"], "once each of the two");
    });

    it("is in no path that is taken, neither in the leaf nor above it, also by who is removed", async () => {
      const [ada, bob, mal] = seats;
      const removal: Proposal = { proposalType: "remove", remove: { removed: 1 } };
      // Mal is the third of three: one parent, then the leaf.
      for (const nth of [0, 1]) {
        for (const proposals of [[], [removal]]) {
          const { bytes } = await commitOf(mal, proposals, hostile(suites[suite], spoil, nth));
          for (const one of [ada, bob]) await refuses(crypto.take(one.state, bytes));
        }
      }
      const { bytes } = await commitOf(mal, [removal], suites[suite]);
      assert.equal((await crypto.take(ada.state, bytes)).kind, "commit", "without it, it is taken");
      assert.equal((await crypto.take(bob.state, bytes)).kind, "removed");
    });

    it("is in no commit from outside", async () => {
      const [ada, bob] = seats;
      const stranger = person();
      const info = decodeMlsMessage(await crypto.groupInfo(ada.state, ada.signer), 0)![0];
      assert.ok(info.wireformat === "mls_group_info");
      const made = await packageWith(suite, stranger, suites[suite]);
      // The newcomer is the fourth: two parents, then the leaf.
      for (const nth of [0, 1, 2, undefined]) {
        const { commit } = await externalCommit(
          info.groupInfo,
          made.publicPackage,
          made.privatePackage,
          undefined,
          undefined,
          new Uint8Array(0),
          { ...defaultClientConfig, authService: { validateCredential: async () => true } },
          nth === undefined ? suites[suite] : hostile(suites[suite], spoil, nth),
        );
        for (const one of [ada, bob]) {
          const taken = crypto.take(one.state, encodeMlsMessage(commit));
          if (nth === undefined) assert.equal((await taken).kind, "commit", "without it, it is taken");
          else await refuses(taken);
        }
      }
    });

    it("is in no tree of a welcome or a GroupInfo", async () => {
      const mal = seats[2];
      for (const nth of [0, 1]) {
        const newcomer = person();
        const { keyPackage, secret } = await crypto.newKeyPackage(suite, newcomer, LIFETIME);
        const read = decodeMlsMessage(keyPackage, 0)![0];
        assert.ok(read.wireformat === "mls_key_package");
        // A path beside the one who is added: the removal asks for it.
        const proposals: Proposal[] = [add(read.keyPackage), { proposalType: "remove", remove: { removed: 1 } }];
        const { next, welcome } = await commitOf(mal, proposals, hostile(suites[suite], spoil, nth));
        await refuses(crypto.join(welcome!, secret, newcomer));
        const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(next, [], suites[suite]);
        const info = encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo });
        await refuses(crypto.readGroupInfo(info));
        await refuses(crypto.joinExternally(info, person()));
      }
    });

    it("is told as what it is where a tree of before has it, and goes with its member", async () => {
      const [ada] = seats;
      const decoded = decodeState(ada.state);
      const node = decoded.ratchetTree[2];
      assert.ok(node?.nodeType === "leaf");
      const leaf = { ...node.leaf, hpkePublicKey: spoil(node.leaf.hpkePublicKey) };
      const ratchetTree = decoded.ratchetTree.with(2, { ...node, leaf });
      const state = encodeState({ ...decoded, ratchetTree });
      for (const changes of [{}, { remove: [2] }]) {
        const error = await rejectsLair(crypto.commit(state, ada.signer, changes, { nowMs }));
        assert.equal(error.code, "group-malformed");
        assert.match(error.message, /key of a member/);
        assert.match(error.hint!, /^Remove the member/);
      }
      const made = await crypto.commit(state, ada.signer, { remove: [1] }, { nowMs });
      const { after, state: next } = await crypto.applyOwn(made.state, made.pending, made.commit);
      assert.deepEqual(
        after.roster.map(({ leafIndex }) => leafIndex),
        [0, 2],
      );
      await crypto.commit(next, ada.signer, {}, { nowMs });
    });
  });
}
