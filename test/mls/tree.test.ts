// The check of a tree that somebody has sent: what the RFC allows is taken, also where ts-mls refuses it; and what it
// forbids is refused, each for its own reason.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  decodeMlsMessage,
  joinGroup,
  makePskIndex,
  type CiphersuiteImpl,
  type GroupContext,
  type RatchetTree,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { Fields } from "../../src/mls/fields.ts";
import { decodeState } from "../../src/mls/state.ts";
import { makeSuite } from "../../src/mls/suites.ts";
import { checkTree } from "../../src/mls/tree.ts";
import { OPENSSL_AES_GCM } from "../../src/node/openssl-suite/suite.ts";
import { groupOf, groups, LIFETIME, nowMs, person, random, SUITE, type Seat } from "./people.ts";

const crypto = groups();

async function commit(seats: readonly Seat[], by: number, add: readonly Uint8Array[] = []) {
  const seat = seats[by]!;
  const made = await crypto.commit(seat.state, seat.signer, { add }, { nowMs });
  for (const other of seats) {
    const isOwn = other === seat;
    const taken = isOwn
      ? await crypto.applyOwn(made.state, made.pending, made.commit)
      : await crypto.take(other.state, made.commit);
    assert.ok(taken.kind === "commit");
    other.state = taken.state;
  }
  return made;
}

/** Adds one, who joins by the welcome. */
async function addOne(seats: Seat[], by: number) {
  const signer = person();
  const { keyPackage, secret } = await crypto.newKeyPackage("classic", signer, LIFETIME);
  const { welcome } = await commit(seats, by, [keyPackage]);
  const { state } = await crypto.join(welcome!, secret, signer);
  seats.push({ signer, state });
  return { welcome: welcome!, secret, signer };
}

describe("the check of a tree", () => {
  let cs: CiphersuiteImpl;
  let seats: Seat[];
  let last: Awaited<ReturnType<typeof addOne>>;
  let tree: RatchetTree;
  let context: GroupContext;

  before(async () => {
    cs = await makeSuite("classic", { signature: SUITE.signature, aesGcm: OPENSSL_AES_GCM, random });
    seats = await groupOf(crypto, 6);
    await commit(seats, 4);
    await addOne(seats, 0);
    await commit(seats, 4);
    // Unmerged at the nodes 11 and 7; then merged at 7, and at 11 not.
    await addOne(seats, 1);
    await commit(seats, 0);
    last = await addOne(seats, 0);
    const state = decodeState(seats[0]!.state);
    [tree, context] = [state.ratchetTree, state.groupContext];
  });
  const check = (changed: RatchetTree, changedContext = context) =>
    checkTree(changed, changedContext, defaultClientConfig, cs);

  it("takes a tree in which a leaf is merged above and not below", async () => {
    const unmerged = [11, 7].map((at) => {
      const node = tree[at];
      assert.ok(node?.nodeType === "parent");
      return node.parent.unmergedLeaves;
    });
    assert.deepEqual(unmerged, [[7], []]);
    await check(tree);
    assert.equal((await crypto.view(seats.at(-1)!.state)).roster.length, 9);
  });

  it("is ours because the library's refuses that tree; when this fails, it has been mended", async () => {
    const fields = new Fields(last.secret);
    const keyPackage = decodeMlsMessage(fields.next(), 0)![0];
    const welcome = decodeMlsMessage(last.welcome, 0)![0];
    assert.ok(keyPackage.wireformat === "mls_key_package" && welcome.wireformat === "mls_welcome");
    const keys = {
      initPrivateKey: fields.next(),
      hpkePrivateKey: fields.last(),
      signaturePrivateKey: last.signer.seed,
    };
    const psks = makePskIndex(undefined, {});
    await assert.rejects(
      joinGroup(welcome.welcome, keyPackage.keyPackage, keys, psks, cs),
      /non-blank intermediate node must list leaf node/,
    );
  });

  const withUnmerged = (at: number, unmergedLeaves: number[]): RatchetTree => {
    const node = tree[at];
    assert.ok(node?.nodeType === "parent");
    return tree.with(at, { ...node, parent: { ...node.parent, unmergedLeaves } });
  };

  it("refuses unmerged leaves that can't be", async () => {
    await assert.rejects(check(withUnmerged(7, [7, 6])), /out of order/);
    await assert.rejects(check(withUnmerged(7, [7, 7])), /out of order/);
    await assert.rejects(check(withUnmerged(7, [9])), /nobody has/);
    await assert.rejects(check(withUnmerged(11, [1])), /another subtree/);
    await assert.rejects(check(withUnmerged(7, [6])), /merged below/);
    // Right in itself, but another tree.
    await assert.rejects(check(withUnmerged(7, [7])), /parent hash|another tree/);
  });

  it("refuses keys that two have, nodes in wrong places, and what does not verify", async () => {
    const [leaf, other, above] = [tree[0], tree[2], tree[7]];
    assert.ok(leaf?.nodeType === "leaf" && other?.nodeType === "leaf" && above?.nodeType === "parent");
    await assert.rejects(check(tree.with(2, leaf)), /a key that two have/);
    const { signaturePublicKey } = leaf.leaf;
    await assert.rejects(check(tree.with(2, { ...other, leaf: { ...other.leaf, signaturePublicKey } })), /two have/);
    await assert.rejects(check(tree.with(1, leaf)), /wrong place/);
    await assert.rejects(check(tree.with(2, above)), /wrong place/);
    const signature = leaf.leaf.signature.with(0, leaf.leaf.signature[0]! ^ 1);
    await assert.rejects(check(tree.with(0, { ...leaf, leaf: { ...leaf.leaf, signature } })), /does not verify/);
    const parentHash = random(32);
    await assert.rejects(
      check(tree.with(11, { ...above, parent: { ...above.parent, hpkePublicKey: random(32), parentHash } })),
      /parent hash/,
    );
    await assert.rejects(check(tree, { ...context, treeHash: random(32) }), /another tree/);
    await assert.rejects(
      check(tree, { ...context, groupId: random(32) }),
      /does not verify/,
      "signed for another group",
    );
    const strange = [{ extensionType: 0xf123, extensionData: random(1) }];
    await assert.rejects(check(tree, { ...context, extensions: strange }), /lacks an extension/);
    await assert.rejects(
      checkTree(tree, context, { ...defaultClientConfig, authService: { validateCredential: async () => false } }, cs),
      /without an identity/,
    );
    const capabilities = { ...leaf.leaf.capabilities, credentials: [] };
    await assert.rejects(check(tree.with(0, { ...leaf, leaf: { ...leaf.leaf, capabilities } })), /others' credentials/);
  });
});
