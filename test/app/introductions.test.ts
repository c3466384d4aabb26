// Introductions between programs like `lair-server --dial`, over a network in memory: who is asked, what is stored, that an
// answer may come after a restart, and that a mesh grows from one person.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgramEvent } from "../../src/app/events.ts";
import { findPeer, type Peer } from "../../src/core/identity/peer.ts";
import { effort } from "../effort.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { TOY_SUITE } from "../core/channel/toy-suite.ts";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";
import { Network, Node } from "./node-in-memory.ts";

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

type Told<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

function told<Type extends ProgramEvent["type"]>(node: Node, type: Type): readonly Told<Type>[] {
  return node.told.filter((event): event is Told<Type> => event.type === type);
}

const notices = (node: Node): readonly string[] => told(node, "notice").map(({ text }) => text);
const errors = (node: Node): readonly string[] => told(node, "error").map(({ message }) => message);

/** People who each know the first one; it connects to them, or they to it. */
function star(names: readonly string[], seed = 1, hubDials = false) {
  const random = new SeededRandom(seed);
  const clock = new ManualClock();
  const network = new Network(clock);
  const nodes = names.map((name) => new Node(name, network, random));
  const [hub, ...others] = nodes;
  for (const other of others) {
    const psk = random.bytes(32);
    hub!.pair(other, psk, hubDials);
    other.pair(hub!, psk, !hubDials);
  }
  /** Enough for several attempts. */
  const pass = async (ms = 40_000): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 2_000) {
      await clock.passWith(2_000, turn);
      // Without a timer that is due, frames under way need turns of their own.
      await turns(4);
    }
    await turns(20);
  };
  return { random, clock, network, nodes, hub: hub!, pass };
}

/** anna knows bert and cora; all run and are connected. */
async function three(hubDials = false) {
  const { hub: anna, nodes, ...rest } = star(["anna", "bert", "cora"], 1, hubDials);
  const [, bert, cora] = nodes as [Node, Node, Node];
  // Whoever waits is there first.
  for (const node of hubDials ? nodes.toReversed() : nodes) node.start();
  await turns(40);
  const introduce = async (): Promise<void> => {
    anna.command({ type: "introduce", who: ["bert", "cora"] });
    await turns(20);
  };
  return { anna, bert, cora, introduce, ...rest };
}

const stored = (at: Node, who: Node) => findPeer(at.peers, who.identity.publicKey);
/** `who`: a name or an id. */
const accept = (node: Node, who: string): void => node.command({ type: "answer-introduction", who, isAccepted: true });
const forget = (node: Node, who: string): void =>
  node.command({ type: "forget-peer", who, history: true, confirmed: true });
const yes = (node: Node, who: Node): void => accept(node, who.name);
/** How often the node has been connected with this person. */
const connectedWith = (node: Node, who: string): number =>
  told(node, "connected").filter(({ peer }) => peer.name === who).length;

/** bert has accepted an introduction by anna; dora was paired before it, and bears that name now. */
async function renamed(change: (peer: Peer) => Peer = (peer) => peer) {
  const { hub: anna, nodes, random, pass, ...rest } = star(["anna", "bert", "cora", "dora"]);
  const [, bert, cora, dora] = nodes as [Node, Node, Node, Node];
  for (const other of [bert, cora]) {
    const psk = random.bytes(32);
    dora.pair(other, psk, false);
    other.pair(dora, psk, true);
  }
  for (const node of nodes) node.start();
  await pass(4_000);
  anna.command({ type: "introduce", who: ["bert", "cora"] });
  await turns(20);
  yes(bert, cora);
  bert.kill();
  bert.store(change(stored(bert, cora)!));
  bert.start();
  await pass(6_000);
  bert.command({ type: "rename", name: "somebody", to: "anna" });
  bert.command({ type: "rename", name: "anna", to: "dora" });
  const before = stored(bert, cora)!;
  return { anna, bert, cora, dora, before, ...rest };
}

describe("an introduction", () => {
  it("asks both, and stores nobody before the answer", async () => {
    const { anna, bert, cora, introduce } = await three();
    await introduce();
    const [asked] = told(bert, "introduction");
    assert.deepEqual([asked?.peer.name, asked?.by.name], ["cora", "anna"]);
    const [other] = told(cora, "introduction");
    assert.deepEqual([other?.peer.name, other?.by.name, other?.id], ["bert", "anna", asked?.id]);
    // One of them has the address of the other.
    assert.deepEqual([asked?.url, other?.url], [cora.url, undefined]);
    assert.equal(told(anna, "introduced")[0]?.id, asked?.id);
    assert.deepEqual([bert.peers.length, cora.peers.length], [1, 1]);
  });

  for (const first of ["bert", "cora"] as const) {
    it(`connects the two once both have accepted, ${first} first; they talk when the introducer is gone`, async () => {
      const { anna, bert, cora, introduce, pass } = await three();
      await introduce();
      const [one, other] = first === "bert" ? [bert, cora] : [cora, bert];
      yes(one, other);
      await pass();
      // Nobody is let in by an introduction that only one of them has accepted.
      assert.deepEqual([...bert.told, ...cora.told].filter((event) => event.type === "connected").length, 2);
      assert.ok(stored(one, other)?.invitePsk !== undefined);
      yes(other, one);
      await pass();
      anna.kill();
      bert.say(cora, "hello");
      cora.say(bert, "good evening");
      await turns(40);
      assert.deepEqual(cora.received.get("bert"), ["hello"]);
      assert.deepEqual(bert.received.get("cora"), ["good evening"]);
      const [atBert, atCora] = [stored(bert, cora)!, stored(cora, bert)!];
      assert.deepEqual([atBert.introducedBy, atCora.introducedBy], ["anna", "anna"]);
      // The secret that the introducer knows has been replaced.
      assert.deepEqual([atBert.invitePsk, atCora.invitePsk], [undefined, undefined]);
      assert.deepEqual(atBert.psk, atCora.psk);
      assert.deepEqual(atBert.signatureKey, cora.identity.signatureKey);
    });
  }

  it("is asked again after a restart, and can be answered then", async () => {
    const { anna, bert, cora, introduce, pass } = await three();
    await introduce();
    for (const node of [bert, cora]) {
      node.kill();
      node.told.length = 0;
      node.start();
    }
    await turns(40);
    assert.deepEqual([told(bert, "introduction").length, told(cora, "introduction").length], [1, 1]);
    anna.kill();
    yes(bert, cora);
    yes(cora, bert);
    await turns(10);
    // The secrets are stored as well.
    for (const node of [bert, cora]) node.kill();
    for (const node of [cora, bert]) node.start();
    await pass();
    bert.say(cora, "hello");
    await turns(40);
    assert.deepEqual(cora.received.get("bert"), ["hello"]);
  });

  it("is gone when it was declined, for good", async () => {
    const { bert, cora, introduce, pass } = await three();
    await introduce();
    bert.command({ type: "answer-introduction", who: "cora", isAccepted: false });
    assert.equal(told(bert, "introduction-answered")[0]?.isAccepted, false);
    yes(cora, bert);
    await pass();
    bert.kill();
    bert.told.length = 0;
    bert.start();
    await pass();
    assert.deepEqual(told(bert, "introduction"), []);
    assert.equal(stored(bert, cora), undefined);
    assert.ok(stored(cora, bert)?.invitePsk !== undefined);
  });

  it("of the same two again serves both, whatever they answered to the first", async () => {
    const { bert, cora, introduce, pass } = await three();
    await introduce();
    yes(bert, cora);
    cora.command({ type: "answer-introduction", who: "bert", isAccepted: false });
    await introduce();
    assert.match(notices(bert).at(-1)!, /anna introduces cora again/);
    yes(cora, bert);
    await pass();
    bert.say(cora, "at last");
    await turns(40);
    assert.deepEqual(cora.received.get("bert"), ["at last"]);
  });

  it("of people who know each other changes nothing, and they are told so", async () => {
    const { anna, bert, cora, introduce, pass } = await three();
    await introduce();
    yes(bert, cora);
    yes(cora, bert);
    await pass();
    const before = [bert.peers, cora.peers];
    await introduce();
    assert.equal(told(anna, "introduced").length, 2);
    for (const node of [bert, cora]) {
      assert.equal(told(node, "introduction").length, 1);
      assert.match(notices(node).at(-1)!, /whom you know already; nothing was changed/);
    }
    assert.deepEqual([bert.peers, cora.peers], before);
  });

  it("of somebody who has forgotten one of them says to that one what to do, and it works", async () => {
    const { bert, cora, introduce, pass } = await three();
    await introduce();
    yes(bert, cora);
    yes(cora, bert);
    await pass();
    forget(bert, "cora");
    await pass();
    await introduce();
    yes(bert, cora);
    assert.match(
      notices(cora).at(-1)!,
      /If bert has forgotten you: forget-peer bert, and ask anna to introduce you again/,
    );
    await pass();
    forget(cora, "bert");
    await introduce();
    yes(cora, bert);
    await pass();
    bert.say(cora, "good to see you again");
    await turns(40);
    assert.deepEqual(cora.received.get("bert"), ["good to see you again"]);
  });

  describe("of the same two again, with the roles exchanged", () => {
    type Step = (at: { bert: Node; cora: Node; again: () => Promise<void> }) => unknown;
    const cases: Readonly<Record<string, readonly Step[]>> = {
      "the first answered by whom it made connect": [
        ({ bert }) => accept(bert, "cora"),
        ({ again }) => again(),
        ({ cora }) => accept(cora, "bert"),
      ],
      "the first answered by whom it made wait": [
        ({ cora }) => accept(cora, "bert"),
        ({ again }) => again(),
        ({ bert }) => accept(bert, "cora"),
      ],
      "the first answered by nobody": [
        ({ again }) => again(),
        ({ cora }) => accept(cora, "bert"),
        ({ bert }) => accept(bert, "cora"),
      ],
      "the first answered by its id, which the second has replaced": [
        ({ again }) => again(),
        ({ bert }) => accept(bert, told(bert, "introduction")[0]!.id),
        ({ bert }) => assert.equal(told(bert, "error").at(-1)?.code, "peer-unknown"),
        ({ bert }) => accept(bert, told(bert, "introduction")[1]!.id),
        ({ cora }) => accept(cora, "bert"),
      ],
      "both answered before they have met": [
        ({ bert }) => accept(bert, "cora"),
        ({ cora }) => accept(cora, "bert"),
        ({ again }) => void again(),
      ],
    };
    for (const [name, steps] of Object.entries(cases)) {
      it(`ends with one pairing and one connection: ${name}`, async () => {
        const { anna, bert, cora, network, introduce, pass } = await three();
        await introduce();
        const again = async (): Promise<void> => {
          anna.command({ type: "introduce", who: ["cora", "bert"] });
          await turns(20);
        };
        for (const step of steps) await step({ bert, cora, again });
        await pass();
        anna.kill();
        await pass();
        assert.equal(network.up.length, 1);
        assert.deepEqual([connectedWith(bert, "cora"), connectedWith(cora, "bert")], [1, 1]);
        const [atBert, atCora] = [stored(bert, cora)!, stored(cora, bert)!];
        assert.ok(atBert.psk !== undefined && atBert.invitePsk === undefined && atCora.invitePsk === undefined);
        assert.deepEqual(atBert.psk, atCora.psk);
        bert.say(cora, "hello");
        cora.say(bert, "good evening");
        await turns(40);
        assert.deepEqual([cora.received.get("bert"), bert.received.get("cora")], [["hello"], ["good evening"]]);
        // And they find each other again.
        for (const { joined } of network.up) joined.cut();
        await pass();
        assert.equal(network.up.length, 1);
        cora.say(bert, "still there?");
        await turns(40);
        assert.equal(bert.received.get("cora")?.length, 2);
      });
    }
  });

  it("of the same two by somebody else is asked anew, so that both can have the same one's secret", async () => {
    const random = new SeededRandom(1);
    const clock = new ManualClock();
    const network = new Network(clock);
    const [anna, dora, bert, cora] = ["anna", "dora", "bert", "cora"].map(
      (name) => new Node(name, network, random),
    ) as [Node, Node, Node, Node];
    for (const hub of [anna, dora]) {
      for (const other of [bert, cora]) {
        const psk = random.bytes(32);
        hub.pair(other, psk, false);
        other.pair(hub, psk, true);
      }
    }
    for (const node of [anna, dora, bert, cora]) node.start();
    const pass = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 2_000) {
        await clock.passWith(2_000, turn);
        await turns(8);
      }
    };
    await pass(4_000);
    anna.command({ type: "introduce", who: ["bert", "cora"] });
    await pass(2_000);
    yes(bert, cora);
    cora.command({ type: "answer-introduction", who: "bert", isAccepted: false });
    dora.command({ type: "introduce", who: ["cora", "bert"] });
    await pass(2_000);
    yes(cora, bert);
    await pass(10_000);
    assert.deepEqual([connectedWith(bert, "cora"), connectedWith(cora, "bert")], [0, 0]);
    assert.deepEqual(
      told(bert, "introduction").map(({ by }) => by.name),
      ["anna", "dora"],
    );
    assert.equal(stored(bert, cora)!.introducedBy, "anna", "nothing is changed before the answer");
    yes(bert, cora);
    await pass(60_000);
    assert.deepEqual([connectedWith(bert, "cora"), connectedWith(cora, "bert")], [1, 1]);
    assert.equal(stored(bert, cora)!.introducedBy, "dora");
  });

  it("by somebody who is muted is declined", async () => {
    // Who waits stays connected with somebody who is muted.
    const { bert, cora, introduce } = await three(true);
    cora.command({ type: "mute", who: "anna", isMuted: true });
    await introduce();
    assert.equal(told(bert, "introduction").length, 1);
    assert.deepEqual(told(cora, "introduction"), []);
    assert.match(notices(cora).at(-1)!, /anna is muted, so an introduction by anna was declined/);
  });

  it("is accepted without a question if it comes from whom the options name", async () => {
    const { hub, nodes, pass } = star(["anna", "bert", "cora"]);
    const [, bert, cora] = nodes as [Node, Node, Node];
    bert.acceptFrom = ["somebody", "anna"];
    cora.acceptFrom = ["bert"];
    for (const node of nodes) node.start();
    await turns(40);
    hub.command({ type: "introduce", who: ["bert", "cora"] });
    await turns(20);
    assert.equal(told(bert, "introduction-answered")[0]?.isAccepted, true);
    assert.deepEqual(told(cora, "introduction-answered"), []);
    yes(cora, bert);
    await pass();
    cora.say(bert, "hello");
    await turns(40);
    assert.deepEqual(bert.received.get("cora"), ["hello"]);
  });

  it("is asked about if the options name its introducer only nearly, or two people", async () => {
    const { hub, nodes, pass } = star(["anna", "bert", "cora"]);
    const [, bert, cora] = nodes as [Node, Node, Node];
    bert.acceptFrom = ["Anna", "ANNA", "anna ", "\u{ff41}nna"];
    for (const node of nodes) node.start();
    await turns(40);
    hub.command({ type: "introduce", who: ["bert", "cora"] });
    await pass(2_000);
    assert.deepEqual([told(bert, "introduction").length, told(bert, "introduction-answered")], [1, []]);
    // By the start of a fingerprint.
    bert.kill();
    bert.acceptFrom = [fingerprint(TOY_SUITE, hub.identity).slice(0, 14).toUpperCase()];
    bert.start();
    await pass();
    assert.equal(told(bert, "introduction-answered")[0]?.isAccepted, true);
    assert.equal(stored(bert, cora)!.introducedBy, "anna");
  });

  it("by somebody who was paired later, and has the name of the first introducer, is asked anew", async () => {
    const { anna, bert, cora, introduce, network, random, pass } = await three();
    await introduce();
    yes(bert, cora);
    const before = stored(bert, cora)!.invitePsk!.slice();
    await pass(2_000);
    bert.command({ type: "forget-peer", who: "anna", history: true, confirmed: true });
    anna.kill();
    bert.kill();
    const other = new Node("anna", network, random);
    cora.kill();
    for (const node of [bert, cora]) {
      const psk = random.bytes(32);
      other.pair(node, psk, false);
      node.pair(other, psk, true);
    }
    other.start();
    for (const node of [bert, cora]) node.start();
    await pass();
    other.command({ type: "introduce", who: ["bert", "cora"] });
    await turns(20);
    const asked = told(bert, "introduction").filter(
      ({ by }) => by.fingerprint === fingerprint(TOY_SUITE, other.identity),
    );
    assert.deepEqual([asked.length, stored(bert, cora)!.invitePsk], [1, before]);
  });

  it("by somebody who bears the first introducer's name now is asked anew, although that pairing is older", async () => {
    const { bert, cora, dora, before } = await renamed();
    dora.command({ type: "introduce", who: ["bert", "cora"] });
    await turns(20);
    assert.deepEqual(stored(bert, cora), before);
    assert.equal(told(bert, "introduction").length, 2);
  });

  it("by the same person under another name brings the newer secret", async () => {
    const { anna, bert, cora, before } = await renamed();
    anna.command({ type: "introduce", who: ["bert", "cora"] });
    await turns(20);
    assert.notDeepEqual(stored(bert, cora)!.invitePsk, before.invitePsk);
    assert.equal(told(bert, "introduction").length, 1);
  });

  it("that an earlier version has accepted is told apart by the name, as before", async () => {
    const { anna, dora, bert, cora, before } = await renamed((peer) => ({ ...peer, introducerKey: undefined }));
    anna.command({ type: "introduce", who: ["bert", "cora"] });
    await turns(20);
    assert.deepEqual([stored(bert, cora), told(bert, "introduction").length], [before, 2]);
    dora.command({ type: "introduce", who: ["bert", "cora"] });
    await turns(20);
    assert.notDeepEqual(stored(bert, cora)!.invitePsk, before.invitePsk);
  });

  it("needs both to be connected, able to read it, and one to reach the other", async () => {
    const { anna, bert, cora, introduce, pass } = await three();
    anna.command({ type: "introduce", who: ["bert", "bert"] });
    cora.kill();
    await introduce();
    cora.capabilities = [];
    cora.start();
    await pass();
    await introduce();
    for (const node of [bert, cora]) {
      node.kill();
      node.capabilities = ["introductions"];
      node.start();
    }
    await pass();
    await introduce();
    assert.match(errors(anna)[0]!, /Both names mean the same person/);
    assert.match(errors(anna)[1]!, /cora is not connected/);
    assert.match(errors(anna)[2]!, /The Lair of cora does not support/);
    assert.match(errors(anna)[3]!, /Neither bert nor cora can connect to the other/);
    assert.deepEqual([told(anna, "introduced"), told(bert, "introduction")], [[], []]);
  });
});

const SCHEDULES = effort(1, 300);

describe(`a mesh from introductions, random schedules (seeds from ${FIRST_SEED})`, () => {
  it(`connects all whom somebody has introduced, over cuts and restarts: ${SCHEDULES}`, async () => {
    for (let index = 0; index < SCHEDULES; index++) await grow(FIRST_SEED + index);
  });
});

/** Six people of whom all know only the first one, until all know each other. */
async function grow(seed: number): Promise<void> {
  const names = ["ada", "bob", "cyd", "dan", "eve", "fay"];
  const { nodes, hub, random, network, clock, pass } = star(names, seed);
  for (const node of nodes) {
    node.acceptFrom = names;
    node.start();
  }
  await turns(40);
  const pairs = nodes.slice(1).flatMap((one, index) => nodes.slice(index + 2).map((other) => [one, other] as const));
  const missing = (): typeof pairs =>
    pairs.filter(([one, other]) => stored(one, other) === undefined || stored(other, one) === undefined);
  for (let step = 0; step < 300 && missing().length > 0; step++) {
    const [one, other] = random.pick(missing());
    if (hub.isRunning) hub.command({ type: "introduce", who: [one.name, other.name] });
    const what = random.below(10);
    if (what < 2) network.cutOne(random);
    if (what === 2) {
      const node = random.pick(nodes);
      await turn();
      node.kill();
      await clock.passWith(random.below(2_000), turn);
      node.start();
    }
    await turns(random.below(30));
    await clock.passWith(random.below(3_000), turn);
  }
  assert.deepEqual(missing(), [], `seed ${seed}`);
  await pass(120_000);
  hub.kill();
  for (const [one, other] of pairs) {
    one.say(other, `to ${other.name}`);
    other.say(one, `to ${one.name}`);
  }
  await pass(60_000);
  for (const [one, other] of pairs) {
    assert.deepEqual(other.received.get(one.name), [`to ${other.name}`], `${one.name} to ${other.name}, seed ${seed}`);
    assert.deepEqual(one.received.get(other.name), [`to ${one.name}`], `${other.name} to ${one.name}, seed ${seed}`);
  }
  for (const node of nodes) if (node.isRunning) node.kill();
}
