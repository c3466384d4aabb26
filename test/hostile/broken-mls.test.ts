// MLS messages that the port would not make: flipped bits, thousands of proposals, proposals outside of commits, and a commit that
// some can take and others cannot. Made with the library itself, by a member with valid keys.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  type CiphersuiteImpl,
  createCommit,
  createProposal,
  defaultLifetimeConfig,
  encodeMlsMessage,
  type Proposal,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { decodeMlsMessage, makePskIndex } from "ts-mls";
import { toHex } from "../../src/core/bytes.ts";
import { encodeAnswer, nameOfCall } from "../../src/core/hub/calls.ts";
import { signatureSeed } from "../../src/core/identity/identity.ts";
import { encodeBundle } from "../../src/core/room/package-bundle.ts";
import { decodeState, encodeState } from "../../src/mls/state.ts";
import { makeSuite } from "../../src/mls/suites.ts";
import type { GroupState } from "../../src/core/room/group-crypto.ts";
import { OPENSSL_AES_GCM } from "../../src/node/openssl-suite/suite.ts";
import { type Program, random, RoomsWorld } from "../app/rooms/rooms-world.ts";
import { effort } from "../effort.ts";
import { LIFETIME, person, SUITE } from "../mls/people.ts";
import { hostile, packageWith } from "../mls/spoiled-keys.ts";
import { inTime, talk } from "./hostile-hub.ts";
import { RawMember } from "./raw-member.ts";

let world: RoomsWorld;
let ada: Program;
let bob: Program;
let mal: Program;
let room: string;
let raw: RawMember;

beforeEach(async () => {
  world = new RoomsWorld();
  [ada, bob, mal] = [await world.connected("ada"), await world.connected("bob"), await world.connected("mal")];
  room = await world.room("ops", ada, bob, mal);
  raw = await RawMember.of(world, mal, room);
});
afterEach(async () => {
  await world.close();
});

/** What the library itself needs. What it seals for this person is garbage; of the keys that it makes, one may be all zeros. */
async function opened(left?: Program, spoiled?: number) {
  const cs = await makeSuite("classic", { signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random });
  const leftKey = left === undefined ? undefined : leafKeyOf(left);
  // In which order the library seals for the others is chance: each is known by the key.
  const garbage = new Set<unknown>();
  let made = 0;
  const hpke: CiphersuiteImpl["hpke"] = {
    ...cs.hpke,
    importPublicKey: async (bytes) => {
      const key = await cs.hpke.importPublicKey(bytes);
      if (leftKey !== undefined && toHex(bytes) === leftKey) garbage.add(key);
      return key;
    },
    seal: async (key, ...args) => {
      const sealed = await cs.hpke.seal(key, ...args);
      return garbage.has(key) ? { ...sealed, ct: random(sealed.ct.length) } : sealed;
    },
    exportPublicKey: async (key) => (made++ === spoiled ? new Uint8Array(32) : await cs.hpke.exportPublicKey(key)),
  };
  const state = {
    ...decodeState(raw.state),
    signaturePrivateKey: raw.signer.seed,
    clientConfig: {
      ...defaultClientConfig,
      lifetimeConfig: defaultLifetimeConfig,
      authService: { validateCredential: async () => true },
    },
  };
  return { state, cipherSuite: { ...cs, hpke }, pskIndex: makePskIndex(undefined, {}) };
}

/** The public key of somebody's leaf, in hex. */
function leafKeyOf({ identity }: Program): string {
  const own = toHex(identity.publicKey);
  const leaves = decodeState(raw.state).ratchetTree.flatMap((node) => (node?.nodeType === "leaf" ? [node.leaf] : []));
  const leaf = leaves.find(
    ({ credential }) => credential.credentialType === "basic" && toHex(credential.identity).startsWith(own),
  );
  assert.ok(leaf !== undefined);
  return toHex(leaf.hpkePublicKey);
}

async function committed(
  proposals: Proposal[],
  left?: Program,
  spoiled?: number,
): Promise<{ bytes: Uint8Array; next: GroupState }> {
  const { commit, newState } = await createCommit(await opened(left, spoiled), {
    extraProposals: proposals,
    ratchetTreeExtension: true,
  });
  return { bytes: encodeMlsMessage(commit), next: encodeState({ ...newState, historicalReceiverData: new Map() }) };
}

async function additions(count: number): Promise<Proposal[]> {
  const proposals: Proposal[] = [];
  for (let at = 0; at < count; at++) {
    const { keyPackage: bytes } = await raw.crypto.newKeyPackage("classic", person(), LIFETIME);
    const [message] = decodeMlsMessage(bytes, 0)!;
    assert.ok(message.wireformat === "mls_key_package");
    proposals.push({ proposalType: "add", add: { keyPackage: message.keyPackage } });
  }
  return proposals;
}

/** Each takes some milliseconds to be made. test/core/room/commit-shape.test.ts has the rule. */
const MANY = { skip: effort<string | false>("npm run test:long has it", false) };

describe("broken MLS of a member with valid keys", () => {
  it("has bits flipped anywhere: nobody follows, and nobody stops", async () => {
    const { bytes: commit } = await committed([]);
    const count = effort(8, 400);
    for (let at = 0; at < count; at++) {
      const flipped = commit.slice();
      flipped[Math.floor((at * commit.length) / count)]! ^= 1 << (at % 8);
      await raw.commit(flipped);
      const { message } = await raw.crypto.seal(raw.state, raw.signer, random(40), random(16));
      message[Math.floor((at * message.length) / count)]! ^= 1 << (at % 8);
      await raw.post({ bytes: message });
      await raw.post({ bytes: commit.slice(0, Math.floor((at * commit.length) / count)) });
      await raw.commit(message);
    }
    await talk(world, room, ada, bob);
    const { epoch } = await world.groups.view((await bob.store.room(raw.room))!.state!);
    assert.equal(epoch, (await raw.crypto.view(raw.state)).epoch);
    assert.deepEqual(world.errors, []);
  });

  it("has more people than a room may have, in one commit: it is refused before it is applied", MANY, async () => {
    const { bytes } = await committed(await additions(1_500));
    const began = performance.now();
    assert.equal((await raw.commit(bytes)).type, "answered");
    const { why } = await bob.hears("not-followed");
    assert.match(why, /250 members at most/);
    assert.ok(performance.now() - began < 10_000);
    await talk(world, room, ada, bob);
  });

  it("proposes what rooms do not use, alone or in a commit: it is refused", async () => {
    const strange: Proposal[] = [
      {
        proposalType: "psk",
        psk: { preSharedKeyId: { psktype: "external", pskId: random(16), pskNonce: random(32) } },
      },
      { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } },
    ];
    const { state, cipherSuite } = await opened();
    for (const proposal of [...strange, ...(await additions(1))]) {
      const { message } = await createProposal(state, false, proposal, cipherSuite);
      await raw.post({ bytes: encodeMlsMessage(message) });
      await raw.commit(encodeMlsMessage(message));
    }
    await bob.hears("not-followed");
    await talk(world, room, ada, bob);
    const { epoch } = await world.groups.view((await bob.store.room(raw.room))!.state!);
    assert.equal(epoch, (await raw.crypto.view(raw.state)).epoch);
  });

  it("is a commit that some can take and others cannot: who is left behind comes back", async () => {
    const { bytes, next } = await committed([], bob);
    const groupInfo = await raw.infoOf(next, [ada, bob]);
    assert.equal((await raw.commit(bytes, { groupInfo })).type, "answered");
    await bob.hears("not-followed");
    ada.do({ type: "say", room, text: "under the new keys" });
    await inTime(world, () => bob.told("came-back").length > 0, "bob comes back");
    assert.deepEqual(ada.told("not-followed"), []);
    await talk(world, room, ada, bob);
  });

  it("renews keys to which nobody can encrypt: nobody follows, and the room's keys are renewed and changed as before", async () => {
    // A parent's, and its own.
    for (const spoiled of [0, 1]) {
      const { bytes, next } = await committed([], undefined, spoiled);
      assert.equal((await raw.commit(bytes, { groupInfo: await raw.infoOf(next, [ada, bob]) })).type, "answered");
    }
    for (const one of [ada, bob]) {
      const { by, why } = await one.hears("not-followed");
      assert.equal(by.name, "mal");
      assert.equal(why, "it cannot be opened or read");
    }
    await talk(world, room, ada, bob);
    ada.do({ type: "remove", room, who: "bob" });
    await inTime(world, () => bob.told("removed").length > 0, "a commit with a path is made and taken");
    assert.deepEqual(ada.errors, []);
  });

  it("is a key package with a key to which nobody can encrypt: nobody is added", async () => {
    const dan = await world.connected("dan");
    const signer = { identity: dan.identity, seed: signatureSeed(SUITE, dan.identity.privateKey) };
    const cs = await makeSuite("classic", { signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random });
    for (const nth of [0, 1]) {
      const { bytes } = await packageWith(
        "classic",
        signer,
        hostile(cs, () => new Uint8Array(32), nth),
      );
      ada.onAnswer = (answer, asked) =>
        nameOfCall(asked) === "take" ? encodeAnswer("take", { package: encodeBundle([bytes]) }) : answer;
      ada.do({ type: "invite", room, who: "dan" });
      await inTime(world, () => ada.told("room-error").length > nth, "it is refused");
      assert.equal(ada.told("room-error")[nth]!.code, "key-package-unusable");
    }
    await talk(world, room, ada, bob);
    assert.deepEqual([...dan.told("invited"), ...bob.told("joined").filter(({ who }) => who?.name === "dan")], []);
  });

  it("is such a commit, with garbage for those who come from outside: they come back after the next one", async () => {
    const { bytes } = await committed([], bob);
    assert.equal((await raw.commit(bytes, { groupInfo: random(100) })).type, "answered");
    await bob.hears("not-followed");
    ada.do({ type: "topic", room, topic: "new keys" });
    await ada.hears("topic-changed");
    await inTime(world, () => bob.told("came-back").length > 0, "bob comes back");
    await talk(world, room, ada, bob);
  });
});
