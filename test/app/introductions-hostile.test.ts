// Introductions by somebody who means no good: ids that stand for others, and more people than anybody would introduce.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgramEvent } from "../../src/app/events.ts";
import { Introductions, MOST_IN_A_DAY, MOST_STORED } from "../../src/app/introductions.ts";
import type { Introduction } from "../../src/core/chat/introduction.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { findPeer, type Peer, pairedPeer } from "../../src/core/identity/peer.ts";
import { keyPair } from "../core/channel/pair.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { TOY_SUITE } from "../core/channel/toy-suite.ts";

const DAY_MS = 86_400_000;
const random = new SeededRandom(7);

function introduction(id: string, name: string): Introduction {
  const { publicKey, signatureKey } = keyPair(TOY_SUITE, random.bytes);
  return { id, atMs: 0, name, publicKey, signatureKey, psk: random.bytes(32), url: undefined };
}

/** A program that knows the introducer, anna, who has introduced these. */
function program(open: readonly Introduction[], acceptFrom: readonly string[] = []) {
  const keys = keyPair(TOY_SUITE, random.bytes);
  const pairing = { psk: random.bytes(32), invitePsk: undefined };
  const anna = pairedPeer(TOY_SUITE, { ...keys, claimedName: "anna", atMs: 0, pairing }, []);
  const now = { wallMs: 1_795_132_980_000, monotonicMs: 0 };
  const events: ProgramEvent[] = [];
  let peers: readonly Peer[] = [anna];
  let introductions = open;
  const ours = new Introductions({
    frontend: { show: (event) => void events.push(event) },
    clock: { now: () => ({ ...now }) },
    suite: TOY_SUITE,
    self: keyPair(TOY_SUITE, random.bytes),
    random: random.bytes,
    acceptFrom,
    known: () => peers,
    recipients: undefined as never,
    conversation: () => ({ isOpen: false }) as never,
    chatWith: (peer) =>
      ({
        introductions: peer.name === "anna" ? introductions : [],
        settle: (id: string) => void (introductions = introductions.filter((one) => one.id !== id)),
      }) as never,
    savePeer: (peer) => void (peers = [...peers.filter((one) => findPeer([one], peer.publicKey) === undefined), peer]),
    added: () => {},
    wake: () => {},
  });
  const accept = (who: string): void => ours.carryOut({ type: "answer-introduction", who, isAccepted: true });
  return {
    accept,
    events,
    now,
    notices: () => events.flatMap((event) => (event.type === "notice" ? [event.text] : [])),
    names: () => peers.map(({ name }) => name).filter((name) => name !== "anna"),
    arrives: (one: Introduction): void => {
      introductions = [...introductions, one];
      ours.arrived(anna, one);
    },
    told: (why: "too-many" | "replaced" | "id-in-use") => ours.arrived(anna, why),
  };
}

describe("an introducer who chooses ids", () => {
  it("cannot let one stand for the name of somebody else who was introduced", () => {
    const { accept, names } = program([introduction("x1", "carol"), introduction("carol", "mallory")]);
    assert.throws(() => accept("carol"), { code: "peer-unknown", message: /More than one/ });
    assert.deepEqual(names(), []);
    accept("mallory");
    accept("carol");
    assert.deepEqual(names(), ["mallory", "carol"]);
  });

  it("cannot let one stand for somebody else's fingerprint", () => {
    const carol = introduction("x1", "carol");
    const print = fingerprint(TOY_SUITE, carol).replaceAll(" ", "");
    const { accept, names } = program([carol, introduction(print, "mallory")]);
    accept(print);
    assert.deepEqual(names(), ["carol"]);
  });

  it("is told of if one is in use; of one who was introduced twice at once nothing is said", () => {
    const { notices, told } = program([introduction("x1", "carol")]);
    told("replaced");
    assert.deepEqual(notices(), []);
    told("id-in-use");
    assert.match(notices()[0]!, /^anna introduces somebody under the id of another open introduction/);
    told("too-many");
    assert.match(notices()[1]!, /too many open introductions/);
  });
});

describe("an introducer who is trusted", () => {
  it("decides about so many people a day and in all; the others wait for an answer", () => {
    const { accept, arrives, names, notices, now } = program([], ["anna"]);
    let count = 0;
    const introduce = (): void => arrives(introduction(`id${++count}`, `person ${count}`));
    for (let day = 1; day <= MOST_STORED / MOST_IN_A_DAY; day++) {
      for (let i = 0; i < MOST_IN_A_DAY; i++) introduce();
      assert.deepEqual([names().length, notices().length], [day * MOST_IN_A_DAY, day - 1]);
      introduce();
      assert.equal(names().length, day * MOST_IN_A_DAY);
      assert.match(notices().at(-1)!, /anna has introduced more people than are accepted without asking/);
      now.wallMs += DAY_MS;
    }
    introduce();
    assert.equal(names().length, MOST_STORED);
    accept(`id${count}`);
    assert.equal(names().length, MOST_STORED + 1);
  });
});
