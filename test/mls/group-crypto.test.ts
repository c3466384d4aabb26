// The port on ts-mls, call by call: what each promises, and what becomes of everything that does not keep to it.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import * as fc from "fast-check";
import {
  createCommit,
  createProposal,
  decodeMlsMessage,
  encodeMlsMessage,
  makePskIndex,
  type CiphersuiteImpl,
  type ClientState,
  type Proposal,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { fromUtf8, toHex, toUtf8 } from "../../src/core/bytes.ts";
import type { LairErrorCode } from "../../src/core/errors.ts";
import {
  MAX_LIFETIME_S,
  type CommitToJudge,
  type GroupCrypto,
  type GroupRules,
  type GroupState,
  type Signer,
  type Taken,
  type TakenCommit,
  type TakenMessage,
} from "../../src/core/room/group-crypto.ts";
import { MAX_GROUP_MESSAGE_BYTES } from "../../src/core/room/limits.ts";
import { credentialOf } from "../../src/mls/leaves.ts";
import { decodeState } from "../../src/mls/state.ts";
import { makeSuite } from "../../src/mls/suites.ts";
import { OPENSSL_AES_GCM } from "../../src/node/openssl-suite/suite.ts";
import { effort } from "../effort.ts";
import { rejectsLair } from "../throws-lair.ts";
import {
  ANYTHING,
  groupOf,
  groups,
  LIFETIME,
  LINK_ID,
  LINK_SECRET,
  nowMs,
  person,
  random,
  SUITE,
  type Seat,
} from "./people.ts";

const crypto = groups();
let classic: CiphersuiteImpl;
before(async () => {
  classic = await makeSuite("classic", { signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random });
});

async function rejects(attempt: Promise<unknown>, code: LairErrorCode, what = ""): Promise<void> {
  const error = await rejectsLair(attempt);
  assert.equal(error.code, code, `${what} ${error.message} ${String(error.cause)}`);
}

function asCommit(taken: Taken): TakenCommit {
  assert.ok(taken.kind === "commit");
  return taken;
}
function asMessage(taken: Taken): TakenMessage {
  assert.ok(taken.kind === "message");
  return taken;
}
const textOf = (taken: Taken): string | undefined => fromUtf8(asMessage(taken).plaintext);

/** A commit of one seat that all others take; those who are removed answer so. */
async function commitAll(by: Seat, others: readonly Seat[], changes: Parameters<GroupCrypto["commit"]>[2]) {
  const made = await crypto.commit(by.state, by.signer, changes, { nowMs });
  by.state = (await crypto.applyOwn(made.state, made.pending, made.commit)).state;
  for (const other of others) {
    const taken = await crypto.take(other.state, made.commit);
    if (taken.kind === "commit") other.state = taken.state;
  }
  return made;
}

async function say(by: Seat, text: string, authenticatedData?: Uint8Array): Promise<Uint8Array> {
  const sealed = await crypto.seal(by.state, by.signer, toUtf8(text), authenticatedData);
  by.state = sealed.state;
  return sealed.message;
}

/** What somebody with valid keys and another program does: the library's own calls, on her state. */
function libraryState({ state, signer }: Seat): ClientState {
  return {
    ...decodeState(state),
    historicalReceiverData: new Map(),
    signaturePrivateKey: signer.seed,
    clientConfig: defaultClientConfig,
  };
}
/** What a commit says, as another member reads it. */
async function commitInside(reader: Seat, commit: Uint8Array, cs: CiphersuiteImpl) {
  const inside = libraryState(reader);
  const read = decodeMlsMessage(commit, 0)![0];
  assert.ok(read.wireformat === "mls_private_message");
  const { content } = await unprotectPrivateMessage(
    inside.keySchedule.senderDataSecret,
    read.privateMessage,
    inside.secretTree,
    inside.ratchetTree,
    inside.groupContext,
    defaultClientConfig.keyRetentionConfig,
    cs,
  );
  assert.ok(content.content.contentType === "commit");
  return content.content.commit;
}
async function hostileCommit(seat: Seat, proposals: Proposal[], state = libraryState(seat), cs = classic) {
  const pskIndex = makePskIndex(state, {});
  const { commit } = await createCommit({ state, pskIndex, cipherSuite: cs }, { extraProposals: proposals });
  return encodeMlsMessage(commit);
}

for (const suite of ["classic", "hybrid"] as const) {
  describe(`a group: ${suite}`, () => {
    it("lives: created, added to, spoken in, joined from outside, rejoined, left", async () => {
      const [ada, bob] = (await groupOf(crypto, 2, suite)) as [Seat, Seat];
      const view = await crypto.view(bob.state);
      assert.equal(view.suite, suite);
      assert.equal(view.epoch, 1n);
      assert.equal(view.ownLeaf, 1);
      assert.deepEqual(
        view.roster.map(({ leafIndex, signatureKey }) => [leafIndex, signatureKey]),
        [ada, bob].map(({ signer }, at) => [at, signer.identity.signatureKey]),
      );
      assert.equal(fromUtf8(view.context), "the room");

      const said = asMessage(await crypto.take(bob.state, await say(ada, "hello", toUtf8("in the open"))));
      assert.equal(fromUtf8(said.plaintext), "hello");
      assert.equal(fromUtf8(said.authenticatedData), "in the open");
      assert.deepEqual(said.sender.publicKey, ada.signer.identity.publicKey);
      bob.state = said.state;

      const cyd = person();
      const info = await crypto.groupInfo(ada.state, ada.signer);
      const read = await crypto.readGroupInfo(info);
      assert.equal(read.epoch, 1n);
      assert.equal(read.signer.leafIndex, 0);
      const joined = await crypto.joinExternally(info, cyd, { psk: { id: LINK_ID, secret: LINK_SECRET } });
      const seen = asCommit(await crypto.take(ada.state, joined.commit));
      assert.equal(seen.sender.kind, "newcomer");
      assert.deepEqual(seen.sender.signatureKey, cyd.identity.signatureKey);
      assert.deepEqual(seen.proposals, [{ kind: "psk", id: LINK_ID }]);
      ada.state = seen.state;
      bob.state = asCommit(await crypto.take(bob.state, joined.commit)).state;
      const own = await crypto.applyOwn(undefined, joined.pending, joined.commit);
      assert.equal(own.before.roster.length, 2);
      const third: Seat = { signer: cyd, state: own.state };
      assert.equal(textOf(await crypto.take(bob.state, await say(third, "it is me"))), "it is me");

      // bob has lost track, and rejoins.
      const again = await crypto.joinExternally(await crypto.groupInfo(ada.state, ada.signer), bob.signer);
      const back = asCommit(await crypto.take(ada.state, again.commit));
      assert.deepEqual(back.proposals, [{ kind: "remove", who: { leafIndex: 1, ...keysOf(bob.signer) } }]);
      assert.equal(back.after.roster.length, 3);
      ada.state = back.state;
      third.state = asCommit(await crypto.take(third.state, again.commit)).state;
      bob.state = (await crypto.applyOwn(undefined, again.pending, again.commit)).state;

      const [a, b, c] = await Promise.all([ada, bob, third].map((seat) => crypto.view(seat.state)));
      assert.deepEqual(b!.epochAuthenticator, a!.epochAuthenticator);
      assert.deepEqual(c!.epochAuthenticator, a!.epochAuthenticator);
      const exported = [ada, bob].map(({ state }) => crypto.exportSecret(state, "a label", toUtf8("for"), 40));
      const [one, other] = await Promise.all(exported);
      assert.equal(one!.length, 40);
      assert.deepEqual(one, other);

      const made = await commitAll(ada, [bob], { remove: [2] });
      const gone = await crypto.take(third.state, made.commit);
      assert.equal(gone.kind, "removed");
      assert.equal(textOf(await crypto.take(bob.state, await say(ada, "they are gone"))), "they are gone");
    });

    it("renews the path with a single Remove, and who is removed reads nothing more", async () => {
      const seats = (await groupOf(crypto, 4, suite)) as [Seat, Seat, Seat, Seat];
      const [ada, bob, cyd, dan] = seats;
      await commitAll(bob, [ada, cyd, dan], {});
      const made = await crypto.commit(ada.state, ada.signer, { remove: [3] }, { nowMs });

      const cs = await makeSuite(suite, { signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random });
      assert.ok((await commitInside(bob, made.commit, cs)).path !== undefined, "the commit has a path");
      const { epoch } = await crypto.view(bob.state);
      // What a program written from the RFC would miss (docs/decisions/ts-mls.md); when this fails, it has been mended.
      const change = await crypto.commit(ada.state, ada.signer, { context: toUtf8("new") }, { nowMs });
      assert.equal((await commitInside(bob, change.commit, cs)).path, undefined);

      ada.state = (await crypto.applyOwn(made.state, made.pending, made.commit)).state;
      bob.state = asCommit(await crypto.take(bob.state, made.commit)).state;
      assert.equal((await crypto.take(dan.state, made.commit)).kind, "removed");
      const line = await say(ada, "without dan");
      assert.equal(textOf(await crypto.take(bob.state, line)), "without dan");
      await rejects(crypto.take(dan.state, line), "group-epoch");
      // Nor with the epoch's number exchanged in everything that names it.
      const forced = decodeMlsMessage(line, 0)![0];
      assert.ok(forced.wireformat === "mls_private_message");
      const privateMessage = { ...forced.privateMessage, epoch };
      await rejects(crypto.take(dan.state, encodeMlsMessage({ ...forced, privateMessage })), "group-malformed");
    });
  });
}

const keysOf = ({ identity }: Signer) => ({ publicKey: identity.publicKey, signatureKey: identity.signatureKey });

/** How many commits of the first member this state has the keys behind it of. */
const generation = (state: GroupState): number => decodeState(state).secretTree[0]!.handshake.generation;

describe("one's own commit", () => {
  it("is applied only when the log has brought it", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    const made = await crypto.commit(ada.state, ada.signer, {}, { nowMs });
    assert.equal((await crypto.view(made.state!)).epoch, 1n);
    // In between the old epoch goes on.
    bob.state = asMessage(await crypto.take(bob.state, await say(ada, "still"))).state;
    const meanwhile = asMessage(await crypto.take(made.state!, await say(bob, "here")));
    const applied = await crypto.applyOwn(meanwhile.state, made.pending, made.commit);
    assert.equal(applied.after.epoch, 2n);
    assert.equal(applied.sender.kind, "member");
  });

  it("is dropped when another one came first, and made anew", async () => {
    const [ada, bob, cyd] = (await groupOf(crypto, 3)) as [Seat, Seat, Seat];
    const late = await crypto.commit(bob.state, bob.signer, {}, { nowMs });
    await commitAll(ada, [bob, cyd], {});
    await rejects(crypto.applyOwn(bob.state, late.pending, late.commit), "group-epoch");
    await rejects(crypto.take(cyd.state, late.commit), "group-epoch");
    await commitAll(bob, [ada, cyd], {});
    assert.equal((await crypto.view(cyd.state)).epoch, 3n);
  });

  it("may be a second one in the same epoch, under another key", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    const first = await crypto.commit(ada.state, ada.signer, {}, { nowMs });
    const second = await crypto.commit(first.state!, ada.signer, { context: toUtf8("new") }, { nowMs });
    await rejects(crypto.applyOwn(second.state, second.pending, first.commit), "group-malformed");
    assert.equal(asCommit(await crypto.take(bob.state, second.commit)).after.epoch, 2n);
    const applied = await crypto.applyOwn(second.state, second.pending, second.commit);
    assert.equal(fromUtf8(applied.after.context), "new");
    assert.deepEqual([ada.state, first.state!, second.state!].map(generation), [0, 1, 2]);
  });

  it("is another group's as little as another's", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    const [other] = (await groupOf(crypto, 2)) as [Seat];
    const made = await crypto.commit(other.state, other.signer, {}, { nowMs });
    await rejects(crypto.applyOwn(ada.state, made.pending, made.commit), "group-epoch");
    await rejects(crypto.take(bob.state, made.commit), "group-malformed");
  });
});

describe("messages", () => {
  it("are opened in the epoch of their sender and three after it, and not a second time", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    const old = [await say(ada, "1"), await say(ada, "2"), await say(ada, "3")] as const;
    const opened = asMessage(await crypto.take(bob.state, old[0]));
    bob.state = opened.state;
    await rejects(crypto.take(bob.state, old[0]), "group-malformed", "twice");
    for (let n = 0; n < 3; n++) await commitAll(bob, [ada], {});
    await rejects(crypto.take(bob.state, old[0]), "group-malformed", "twice, after one's own commits");
    const late = asMessage(await crypto.take(bob.state, old[1]));
    assert.equal(fromUtf8(late.plaintext), "2");
    assert.equal(late.epoch, 1n);
    assert.deepEqual(late.sender.signatureKey, ada.signer.identity.signatureKey);
    await rejects(crypto.take(late.state, old[1]), "group-malformed");
    bob.state = late.state;
    await commitAll(ada, [bob], {});
    await rejects(crypto.take(bob.state, old[2]), "group-epoch", "of four epochs before");
  });

  it("may have gaps, as after a crash, and the part that changes with them is the small one", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    for (let n = 0; n < 40; n++) await say(ada, "never sent");
    const { group } = bob.state;
    const taken = asMessage(await crypto.take(bob.state, await say(ada, "after a gap")));
    assert.equal(taken.state.group, group);
    assert.notDeepEqual(taken.state.ratchets, bob.state.ratchets);
  });

  it("have one length up to some 400 bytes, and few above it", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    const lengths = new Map<number, number>();
    for (const length of [0, 1, 100, 416, 417, 673, 704, 16_384]) {
      const sealed = await crypto.seal(ada.state, ada.signer, new Uint8Array(length));
      ada.state = sealed.state;
      lengths.set(length, sealed.message.length);
      const taken = (await crypto.take(bob.state, sealed.message)) as TakenMessage;
      assert.equal(taken.plaintext.length, length);
      bob.state = taken.state;
    }
    const [of0, of417, of673] = [lengths.get(0)!, lengths.get(417)!, lengths.get(673)!];
    assert.ok(of0 > 512 && of0 < 700, `${of0} bytes`);
    for (const length of [1, 100, 416]) assert.equal(lengths.get(length), of0, `${length} bytes`);
    assert.ok(of417 > of0);
    assert.equal(lengths.get(704), of673);
    assert.ok(lengths.get(16_384)! < 16_384 * 1.07 + 200);
  });

  it("are not one's own to open", async () => {
    const [ada] = (await groupOf(crypto, 2)) as [Seat];
    const line = await say(ada, "mine");
    await rejects(crypto.take(ada.state, line), "group-malformed");
  });
});

const refusing = (): GroupRules & { readonly seen: CommitToJudge[]; isRefusing: boolean } => ({
  seen: [],
  isRefusing: false,
  judge(commit) {
    this.seen.push(commit);
    return this.isRefusing ? "because" : undefined;
  },
  psk: (context, id) => ANYTHING.psk(context, id),
});

describe("the rules", () => {
  it("judge every commit on every path: made, applied, taken, from outside", async () => {
    const rules = refusing();
    const strict = groups(rules);
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    const made = await strict.commit(ada.state, ada.signer, { remove: [1] }, { nowMs });
    assert.deepEqual(rules.seen.at(-1)!.proposals, [{ kind: "remove", who: { leafIndex: 1, ...keysOf(bob.signer) } }]);
    assert.deepEqual(rules.seen.at(-1)!.sender, { kind: "member", leafIndex: 0, ...keysOf(ada.signer) });
    const update = await crypto.commit(ada.state, ada.signer, {}, { nowMs });
    const info = await crypto.groupInfo(ada.state, ada.signer);
    const outside = await crypto.joinExternally(info, person(), { psk: { id: LINK_ID, secret: LINK_SECRET } });
    rules.isRefusing = true;
    await rejects(strict.commit(ada.state, ada.signer, {}, { nowMs }), "group-not-allowed");
    await rejects(strict.applyOwn(made.state, made.pending, made.commit), "group-not-allowed");
    await rejects(strict.joinExternally(info, person()), "group-not-allowed");
    const old = structuredClone(bob.state);
    await rejects(strict.take(bob.state, update.commit), "group-refused");
    await rejects(strict.take(bob.state, outside.commit), "group-refused");
    await rejects(strict.take(bob.state, made.commit), "group-refused", "one's own removal, too");
    assert.deepEqual(bob.state, old);
    rules.isRefusing = false;
    assert.equal((await strict.take(bob.state, update.commit)).kind, "commit");
  });

  it("know the secret of a link, and a wrong one is not enough", async () => {
    const [ada] = (await groupOf(crypto, 2)) as [Seat];
    const info = await crypto.groupInfo(ada.state, ada.signer);
    const wrong = await crypto.joinExternally(info, person(), { psk: { id: LINK_ID, secret: random(32) } });
    await rejects(crypto.take(ada.state, wrong.commit), "group-malformed");
    const unknown = await crypto.joinExternally(info, person(), { psk: { id: random(4), secret: LINK_SECRET } });
    await rejects(crypto.take(ada.state, unknown.commit), "group-malformed");
  });

  it("have a shape that comes first", async () => {
    const [ada, bob, cyd] = (await groupOf(crypto, 3)) as [Seat, Seat, Seat];
    const commit = (changes: Parameters<GroupCrypto["commit"]>[2]) =>
      crypto.commit(ada.state, ada.signer, changes, { nowMs });
    await rejects(commit({ remove: [2], context: toUtf8("new") }), "group-not-allowed");
    await rejects(commit({ remove: [0] }), "group-not-allowed", "herself");
    await rejects(commit({ remove: [2, 2] }), "group-not-allowed", "twice");
    await rejects(commit({ remove: [7] }), "group-not-allowed", "nobody");
    await rejects(commit({ remove: [-1] }), "group-not-allowed", "nothing");
    const present = await crypto.newKeyPackage("classic", cyd.signer, LIFETIME);
    await rejects(commit({ add: [present.keyPackage] }), "group-not-allowed", "who is there");
    // Another seed, and bob's X25519 key.
    const { seed, identity } = person();
    const twin = { seed, identity: { ...identity, publicKey: bob.signer.identity.publicKey } };
    const { keyPackage } = await crypto.newKeyPackage("classic", twin, LIFETIME);
    await rejects(commit({ add: [keyPackage] }), "group-not-allowed", "with bob's key");
    const read = decodeMlsMessage(keyPackage, 0)![0];
    assert.ok(read.wireformat === "mls_key_package");
    const hostile = await hostileCommit(ada, [{ proposalType: "add", add: { keyPackage: read.keyPackage } }]);
    await rejects(crypto.take(bob.state, hostile), "group-refused", "with bob's key");
  });
});

describe("a member with another program", () => {
  it("can't exchange her keys in a commit", async () => {
    const [ada, bob, mallory] = (await groupOf(crypto, 3)) as [Seat, Seat, Seat];
    const state = libraryState(mallory);
    const node = state.ratchetTree[4]!;
    assert.ok(node.nodeType === "leaf");
    const fresh = person();
    const mixed = { publicKey: fresh.identity.publicKey, signatureKey: mallory.signer.identity.signatureKey };
    const tree = state.ratchetTree.with(4, { ...node, leaf: { ...node.leaf, credential: credentialOf(mixed) } });
    const old = structuredClone(bob.state);
    const first = await hostileCommit(mallory, [], { ...state, ratchetTree: tree });
    await rejects(crypto.take(bob.state, first), "group-identity", "another X25519 key");

    // Both keys: the leaf is signed with the new one, the commit with the old one.
    const leaf = {
      ...node.leaf,
      credential: credentialOf(fresh.identity),
      signaturePublicKey: fresh.identity.signatureKey,
    };
    const sign = async (seed: Uint8Array, message: Uint8Array) =>
      SUITE.signature.sign(toHex(message).includes(toHex(toUtf8("LeafNodeTBS"))) ? fresh.seed : seed, message);
    const cs = { ...classic, signature: { ...classic.signature, sign } };
    const both = { ...state, ratchetTree: state.ratchetTree.with(4, { ...node, leaf }) };
    await rejects(crypto.take(bob.state, await hostileCommit(mallory, [], both, cs)), "group-identity", "both keys");
    // And a credential that is none of ours.
    const strange = { credentialType: "basic", identity: toUtf8("mallory") } as const;
    const nobody = {
      ...state,
      ratchetTree: state.ratchetTree.with(4, { ...node, leaf: { ...node.leaf, credential: strange } }),
    };
    await rejects(crypto.take(bob.state, await hostileCommit(mallory, [], nobody)), "group-malformed", "no identity");
    assert.deepEqual(bob.state, old);
    await commitAll(ada, [bob, mallory], {});
  });

  it("can't use proposals of other kinds, by reference, or outside a commit", async () => {
    const [, bob, mallory] = (await groupOf(crypto, 3)) as [Seat, Seat, Seat];
    const state = libraryState(mallory);
    const update: Proposal = { proposalType: "remove", remove: { removed: 0 } };
    for (const isPublic of [true, false]) {
      const { message, newState } = await createProposal(state, isPublic, update, classic);
      await rejects(crypto.take(bob.state, encodeMlsMessage(message)), "group-malformed", "outside");
      await rejects(crypto.take(bob.state, await hostileCommit(mallory, [], newState)), "group-malformed", "reference");
    }
    const extensions = [{ extensionType: 0xf1a1, extensionData: toUtf8("x") }];
    const groupId = random(32);
    const others: Proposal[] = [
      { proposalType: "reinit", reinit: { groupId, version: "mls10", cipherSuite: classic.name, extensions } },
      {
        proposalType: "group_context_extensions",
        groupContextExtensions: {
          extensions: [...extensions, { extensionType: "external_senders", extensionData: random(9) }],
        },
      },
      { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } },
      { proposalType: 0xf0f0, proposalData: random(3) },
    ];
    for (const proposal of others) {
      let bytes: Uint8Array;
      try {
        bytes = await hostileCommit(mallory, [proposal]);
      } catch {
        continue; // The library refuses to make it.
      }
      await rejects(crypto.take(bob.state, bytes), "group-malformed", String(proposal.proposalType));
    }
    const both: Proposal[] = [
      update,
      { proposalType: "group_context_extensions", groupContextExtensions: { extensions } },
    ];
    await rejects(
      crypto.take(bob.state, await hostileCommit(mallory, both)),
      "group-refused",
      "data and Remove at once",
    );
  });

  it("can't send a commit in the open, nor remove others by an external one", async () => {
    const [ada, bob, mallory] = (await groupOf(crypto, 3)) as [Seat, Seat, Seat];
    const state = libraryState(mallory);
    const { commit } = await createCommit({ state, cipherSuite: classic }, { wireAsPublicMessage: true });
    await rejects(crypto.take(bob.state, encodeMlsMessage(commit)), "group-malformed");

    const info = await crypto.groupInfo(ada.state, ada.signer);
    const { externalCommit } = await import("../../src/mls/external-commit.ts");
    const { generateKeyPackageWithKey } = await import("ts-mls");
    const { capabilitiesOf } = await import("../../src/mls/leaves.ts");
    const read = decodeMlsMessage(info, 0)![0];
    assert.ok(read.wireformat === "mls_group_info");
    const { identity, seed } = person();
    const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
      credentialOf(identity),
      capabilitiesOf("classic"),
      { notBefore: 0n, notAfter: 1n },
      [],
      { signKey: seed, publicKey: identity.signatureKey },
      classic,
    );
    const config = { ...defaultClientConfig };
    const none = new Uint8Array(0);
    const made = await externalCommit(
      read.groupInfo,
      publicPackage,
      privatePackage,
      1,
      undefined,
      none,
      config,
      classic,
    );
    await rejects(crypto.take(ada.state, encodeMlsMessage(made.commit)), "group-refused");
  });
});

describe("key packages", () => {
  it("say whose they are, until when, and whether they are the last resort", async () => {
    const signer = person();
    for (const isLastResort of [false, true]) {
      const made = await crypto.newKeyPackage("hybrid", signer, LIFETIME, { isLastResort });
      const read = await crypto.readKeyPackage(made.keyPackage);
      const expected = { suite: "hybrid", who: keysOf(signer), lifetime: LIFETIME, isLastResort, ref: made.ref };
      assert.deepEqual(read, expected);
    }
    const endless = { notBefore: 0, notAfter: MAX_LIFETIME_S + 1 };
    await assert.rejects(crypto.newKeyPackage("classic", signer, endless), RangeError);
  });

  it("are used in their time, for their suite, undamaged", async () => {
    const [ada] = (await groupOf(crypto, 1)) as [Seat];
    const made = await crypto.newKeyPackage("classic", person(), LIFETIME);
    const add = (keyPackage: Uint8Array, at = nowMs) =>
      crypto.commit(ada.state, ada.signer, { add: [keyPackage] }, { nowMs: at });
    await rejects(add(made.keyPackage, LIFETIME.notAfter * 1_000 + 1_000), "key-package-unusable", "too late");
    await rejects(add(made.keyPackage, LIFETIME.notBefore * 1_000 - 1_000), "key-package-unusable", "too early");
    const hybrid = await crypto.newKeyPackage("hybrid", person(), LIFETIME);
    await rejects(add(hybrid.keyPackage), "key-package-unusable", "of the other suite");
    const tries = effort(20, made.keyPackage.length);
    for (let n = 0; n < tries; n++) {
      const at = Math.floor((n * made.keyPackage.length) / tries);
      const damaged = made.keyPackage.with(at, made.keyPackage[at]! ^ 1);
      await rejects(add(damaged), "key-package-unusable", `byte ${at}`);
    }
    const committed = await add(made.keyPackage);
    assert.deepEqual(await crypto.welcomeRefs(committed.welcome!), [made.ref]);
  });

  it("open a welcome for their owner only", async () => {
    const [ada] = (await groupOf(crypto, 1)) as [Seat];
    const [bob, eve] = [person(), person()];
    const [forBob, forEve] = await Promise.all([bob, eve].map((one) => crypto.newKeyPackage("classic", one, LIFETIME)));
    const made = await crypto.commit(ada.state, ada.signer, { add: [forBob!.keyPackage] }, { nowMs });
    await rejects(crypto.join(made.welcome!, forEve!.secret, eve), "group-malformed");
    await rejects(crypto.join(made.welcome!, forBob!.secret, eve), "store-damaged");
    // version 2 ‖ wire format 2 ‖ cipher suite 2, which nothing in a welcome covers.
    for (const at of [4, 5]) {
      await rejects(
        crypto.join(made.welcome!.with(at, made.welcome![at]! ^ 2), forBob!.secret, bob),
        "group-malformed",
      );
    }
    const { by, view } = await crypto.join(made.welcome!, forBob!.secret, bob);
    assert.deepEqual(by, { leafIndex: 0, ...keysOf(ada.signer) });
    assert.equal(view.roster.length, 2);
  });
});

describe("whatever is damaged", () => {
  it("is a LairError, and the state is as it was", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    const info = await crypto.groupInfo(ada.state, ada.signer);
    const outside = await crypto.joinExternally(info, person(), { psk: { id: LINK_ID, secret: LINK_SECRET } });
    const newcomer = person();
    const forNewcomer = await crypto.newKeyPackage("classic", newcomer, LIFETIME);
    const made = await crypto.commit(ada.state, ada.signer, { add: [forNewcomer.keyPackage] }, { nowMs });
    const line = await say(ada, "hello");
    const takes: readonly (readonly [Uint8Array, (bytes: Uint8Array) => Promise<unknown>])[] = [
      [line, (bytes) => crypto.take(bob.state, bytes)],
      [made.commit, (bytes) => crypto.take(bob.state, bytes)],
      [outside.commit, (bytes) => crypto.take(bob.state, bytes)],
      [info, (bytes) => crypto.readGroupInfo(bytes)],
      [info, (bytes) => crypto.joinExternally(bytes, person())],
      [made.welcome!, (bytes) => crypto.join(bytes, forNewcomer.secret, newcomer)],
      [made.pending, (bytes) => crypto.applyOwn(made.state, bytes, line)],
    ];
    const old = structuredClone(bob.state);
    const kinds = new Set(["group-malformed", "group-epoch", "group-refused", "group-identity", "store-damaged"]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(takes.length - 1),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (which, where, mask, isCut) => {
          const [bytes, take] = takes[which]!;
          const at = where % bytes.length;
          const error = await rejectsLair(take(isCut ? bytes.slice(0, at) : bytes.with(at, bytes[at]! ^ mask)));
          assert.ok(kinds.has(error.code), error.code);
          assert.deepEqual(bob.state, old);
        },
      ),
      { numRuns: effort(60, 5_000) },
    );
    for (const [bytes, take] of takes) {
      await rejectsLair(take(new Uint8Array(0)));
      await rejectsLair(take(new Uint8Array([...bytes, 0])));
      await rejectsLair(take(random(100)));
      await rejectsLair(take(new Uint8Array(MAX_GROUP_MESSAGE_BYTES + 1)));
    }
    assert.equal(textOf(await crypto.take(bob.state, line)), "hello");
  });

  it("in the store is said so", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    const line = await say(ada, "hello");
    const { group, ratchets } = bob.state;
    const later = asCommit(await crypto.take(bob.state, (await commitAll(ada, [], {})).commit)).state;
    const states: readonly GroupState[] = [
      { group: group.slice(0, -1), ratchets },
      { group, ratchets: ratchets.slice(0, -1) },
      { group: group.with(0, 9), ratchets },
      { group, ratchets: ratchets.with(0, 9) },
      { group: new Uint8Array(0), ratchets },
      { group, ratchets: new Uint8Array(0) },
      { group: later.group, ratchets },
    ];
    for (const state of states) await rejects(crypto.take(state, line), "store-damaged");
  });

  it("or somebody else's, as a signer is", async () => {
    const [ada, bob] = (await groupOf(crypto, 2)) as [Seat, Seat];
    await assert.rejects(crypto.seal(ada.state, bob.signer, toUtf8("as ada")), RangeError);
    await assert.rejects(crypto.commit(ada.state, bob.signer, {}, { nowMs }), RangeError);
  });
});

describe("the state", () => {
  it("has no key that signs", async () => {
    const [ada] = (await groupOf(crypto, 2)) as [Seat];
    for (const part of [ada.state.group, ada.state.ratchets]) {
      assert.ok(!toHex(part).includes(toHex(ada.signer.seed)));
    }
  });

  it("takes its randomness from what was handed in, where the library lets it", async () => {
    let drawn = 0;
    const { mlsGroupCrypto } = await import("../../src/mls/index.ts");
    const counted = mlsGroupCrypto({
      signature: SUITE.signature,
      aesGcm: OPENSSL_AES_GCM,
      rules: ANYTHING,
      random: (length) => {
        drawn++;
        return random(length);
      },
    });
    await counted.create("classic", person(), random(16), toUtf8("x"));
    assert.ok(drawn > 0);
  });
});
