// The ratchets of a state are encoded by their changed node: whatever was sealed, opened and committed before, a program that
// reads the bytes anew has the keys that are in memory.

import assert from "node:assert/strict";
import { it } from "node:test";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { secretTreeNodeEncoder } from "ts-mls/secretTree.js";
import { toHex, toUtf8 } from "../../src/core/bytes.ts";
import { LairError } from "../../src/core/errors.ts";
import type { GroupState } from "../../src/core/room/group-crypto.ts";
import { decodeState } from "../../src/mls/state.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { effort } from "../effort.ts";
import { groupOf, groups, nowMs } from "./people.ts";

const encodeNode = encode(secretTreeNodeEncoder);
const STEPS = effort(60, 600);

function copyOf({ group, ratchets }: GroupState): GroupState {
  return { group: group.slice(), ratchets: ratchets.slice() };
}

/** The ratchets of all epochs, each leaf encoded by the library: of the state in memory, or of the bytes if it is a copy. */
function nodesOf(state: GroupState): readonly string[] {
  const { secretTree, groupContext, historicalReceiverData } = decodeState(state);
  const trees = [...historicalReceiverData].map(([epoch, data]) => [epoch, data.secretTree] as const);
  return [...trees, [groupContext.epoch, secretTree] as const].flatMap(([epoch, tree]) =>
    // Even indices are leaves, and these are the ones that are kept.
    tree.flatMap((node, index) => (index % 2 === 0 ? [`${epoch} ${index} ${toHex(encodeNode(node))}`] : [])),
  );
}

const seed = Number(process.env.MLS_SEED ?? Date.now() % 2 ** 31);
it(`writes the ratchets that are in memory, after ${STEPS} random steps (MLS_SEED=${seed})`, async () => {
  const random = new SeededRandom(seed);
  const crypto = groups();
  const seats = await groupOf(crypto, 4);
  const messages: Uint8Array[] = [];
  const take = async (state: GroupState, message: Uint8Array): Promise<GroupState> => {
    const taken = await crypto.take(state, message);
    return taken.kind === "removed" ? state : taken.state;
  };
  for (let step = 0; step < STEPS; step++) {
    const seat = random.pick(seats);
    if (random.chance(10)) {
      const { state, pending, commit } = await crypto.commit(seat.state, seat.signer, {}, { nowMs });
      for (const other of seats) {
        other.state =
          other === seat ? (await crypto.applyOwn(state, pending, commit)).state : await take(other.state, commit);
      }
    } else if (messages.length === 0 || random.chance(40)) {
      const { state, message } = await crypto.seal(seat.state, seat.signer, toUtf8(`line ${step}`));
      seat.state = state;
      messages.push(message);
    } else {
      try {
        seat.state = await take(seat.state, random.pick(messages));
      } catch (error) {
        // Its own, one that it has opened already, or one of an epoch that is too long ago.
        if (!(error instanceof LairError)) throw error;
      }
    }
    const here = nodesOf(seat.state);
    assert.ok(here.length >= seats.length);
    assert.deepEqual(here, nodesOf(copyOf(seat.state)), `step ${step}`);
    if (random.chance(20)) seat.state = copyOf(seat.state);
  }
});
