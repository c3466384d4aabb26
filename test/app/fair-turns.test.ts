// Whose work is done in which turn, by a clock and a loop that the test moves.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FairShare, FairTurns } from "../../src/app/fair-turns.ts";
import type { Change } from "../../src/core/delivery/store.ts";
import { SpyStore } from "../core/delivery/spy-store.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { connected, say, turn } from "./fake-carrier.ts";

/** An event loop: what `soon` was asked for comes with the next turn. */
class Loop {
  ms = 0;
  #soon: (() => void)[] = [];
  readonly clock = {
    now: () => ({ monotonicMs: this.ms, wallMs: this.ms }),
    soon: (action: () => void) => void this.#soon.push(action),
  };

  /** False if nothing is due. */
  turn(): boolean {
    const due = this.#soon;
    this.#soon = [];
    for (const action of due) action();
    return due.length > 0;
  }
}

/** Somebody whose pieces of work take `ms` each. */
class Peer {
  readonly share: FairShare;
  todo = 0;
  done = 0;
  readonly #loop: Loop;
  readonly #ms: number;
  readonly #log: string[];
  readonly #name: string;

  constructor(loop: Loop, turns: FairTurns, log: string[], name: string, ms: number) {
    this.#loop = loop;
    this.#ms = ms;
    this.#log = log;
    this.#name = name;
    this.share = turns.share(() => this.#work());
  }

  comes(count: number): void {
    this.todo += count;
    this.share.measure(() => this.#work());
  }

  #work(): void {
    while (this.todo > 0 && this.share.mayGoOn()) {
      this.todo -= 1;
      this.done += 1;
      this.#log.push(this.#name);
      this.#loop.ms += this.#ms;
    }
  }
}

function house() {
  const loop = new Loop();
  const turns = new FairTurns(loop.clock);
  const log: string[] = [];
  const peer = (name: string, ms: number): Peer => new Peer(loop, turns, log, name, ms);
  /** What was done since the last call. */
  const since = (): string => log.splice(0).join("");
  return { loop, turns, peer, since };
}

describe("the turns of a program", () => {
  it("do at once what comes, and nothing more afterwards", () => {
    const { loop, peer, since } = house();
    peer("a", 1).comes(3);
    assert.equal(since(), "aaa");
    assert.equal(loop.turn(), true);
    assert.equal(loop.turn(), false);
  });

  it("give one peer 5 ms of a turn, and the rest in later ones", () => {
    const { loop, peer, since } = house();
    const flooder = peer("a", 2);
    flooder.comes(8);
    assert.equal(since(), "aaa");
    loop.turn();
    assert.equal(since(), "aaa");
    loop.turn();
    assert.deepEqual([since(), flooder.todo], ["aa", 0]);
  });

  it("give all peers together 10 ms of a turn", () => {
    const { loop, peer, since } = house();
    const peers = ["a", "b", "c", "d"].map((name) => peer(name, 5));
    for (const one of peers) one.comes(1);
    assert.equal(since(), "ab");
    loop.turn();
    assert.equal(since(), "cd");
  });

  it("do one piece of work of a peer whose turn it is, however long it takes", () => {
    const { loop, peer, since } = house();
    peer("a", 50).comes(3);
    for (const seen of ["a", "a", "a", ""]) {
      assert.equal(since(), seen);
      loop.turn();
    }
  });

  it("do next what is for the peer for which least was done", () => {
    const { loop, peer, since } = house();
    const flooders = ["a", "b", "c"].map((name) => peer(name, 10));
    for (const flooder of flooders) flooder.comes(20);
    for (let turns = 0; turns < 6; turns++) loop.turn();
    since();
    const quiet = peer("q", 1);
    flooders[0]!.comes(1);
    quiet.comes(1);
    loop.turn();
    assert.match(since(), /^q/);
  });

  it("share evenly among those that want all of it", () => {
    const { loop, peer } = house();
    const [one, other] = [peer("a", 2), peer("b", 3)];
    one.comes(1_000);
    other.comes(1_000);
    for (let turns = 0; turns < 100; turns++) loop.turn();
    assert.ok(Math.abs(one.done * 2 - other.done * 3) <= 15, `${one.done * 2} ms, ${other.done * 3} ms`);
  });

  it("let one that was silent save up no more than a turn", () => {
    const { loop, peer, since } = house();
    const flooder = peer("a", 10);
    flooder.comes(100);
    for (let turns = 0; turns < 90; turns++) loop.turn();
    const late = peer("l", 5);
    flooder.comes(0);
    late.share.measure(() => (loop.ms += 10));
    late.comes(50);
    since();
    for (let turns = 0; turns < 12; turns++) loop.turn();
    assert.match(since(), /a/);
  });

  it("count bytes as well", () => {
    const { loop, turns } = house();
    let took = 0;
    const share = turns.share(() => work());
    const work = (): void => {
      while (took < 10 && share.mayGoOn()) {
        took += 1;
        share.took(65_535);
      }
    };
    share.measure(work);
    const perTurn = [took];
    for (let turn = 0; turn < 4; turn++) {
      const before = took;
      loop.turn();
      perTurn.push(took - before);
    }
    assert.deepEqual(perTurn, [2, 2, 2, 2, 2]);
  });

  it("do nothing more for a peer that has left", () => {
    const { loop, peer, since } = house();
    const [one, other] = [peer("a", 10), peer("b", 10)];
    one.comes(1);
    other.comes(1);
    other.share.leave();
    loop.turn();
    assert.equal(since(), "a");
  });

  it("count what an action takes that throws", () => {
    const { loop, peer, since } = house();
    const one = peer("a", 1);
    assert.throws(() =>
      one.share.measure(() => {
        loop.ms += 10;
        throw new Error("on purpose");
      }),
    );
    one.comes(1);
    assert.equal(since(), "");
    loop.turn();
    assert.equal(since(), "a");
  });
});

type Sides = Awaited<ReturnType<typeof connected>>;

/** What this client says in as many frames, when it comes. */
async function framesOf({ client, clock }: Sides, texts: readonly string[]): Promise<readonly Uint8Array[]> {
  for (const text of texts) {
    say(client, clock, text);
    client.runner.wake();
    await turn();
  }
  const frames = client.carrier.sent.slice(client.carrier.delivered);
  client.carrier.delivered += frames.length;
  return frames;
}

/** `count` clients of one program, each with 20 frames to come; to read a frame takes it 4 ms. */
async function program(count: number, how: "given turns" | "given none" = "given turns") {
  const clock = new ManualClock();
  const turns = how === "given turns" ? new FairTurns(clock) : undefined;
  const floods: { readonly sides: Sides; readonly frames: readonly Uint8Array[] }[] = [];
  for (let index = 0; index < count; index++) {
    const sides = await connected(undefined, clock, turns);
    const { session } = sides.server.runner;
    const receive = session.receive.bind(session);
    session.receive = (frame, now) => {
      clock.time.pass(4);
      return receive(frame, now);
    };
    floods.push({
      sides,
      frames: await framesOf(
        sides,
        Array.from({ length: 20 }, () => "flood"),
      ),
    });
  }
  const come = (): void => {
    for (const { sides, frames } of floods) for (const frame of frames) sides.server.carrier.handlers!.frame(frame);
  };
  return { clock, turns, sides: floods.map(({ sides }) => sides), come };
}

const told = ({ server }: Sides): number => server.events.filter(({ type }) => type === "message").length;

describe("sessions with the same turns", () => {
  it("are paused while they wait, and lose nothing", async () => {
    const { sides, come } = await program(3);
    come();
    for (let turns = 0; turns < 30; turns++) {
      for (const one of sides) assert.equal(one.server.carrier.isPaused, told(one) < 20);
      await turn();
    }
    assert.deepEqual(sides.map(told), [20, 20, 20]);
  });

  for (const how of ["given turns", "given none"] as const) {
    it(`take no longer in a turn than one of them may, and one frame, if they are ${how}`, async () => {
      const { clock, sides, come } = await program(3, how);
      come();
      for (let turns = 0; turns < 30; turns++) {
        const startMs = clock.now().monotonicMs;
        await turn();
        assert.ok(clock.now().monotonicMs - startMs <= 14, "too long");
      }
      assert.deepEqual(sides.map(told), [20, 20, 20]);
    });
  }

  it("store and acknowledge in a turn what was taken in it", async () => {
    const { sides, come } = await program(1);
    const { server } = sides[0]!;
    come();
    // In the last turn there is only something to tell.
    for (let turns = 0; turns < 9; turns++) {
      const before = server.carrier.sent.length;
      await turn();
      assert.ok(server.carrier.sent.length > before, `turn ${turns}`);
    }
  });

  it("tell a line of another before the rest of a flood", async () => {
    const { clock, turns, sides, come } = await program(3);
    const other = await connected(undefined, clock, turns);
    const [line] = await framesOf(other, ["line"]);
    come();
    other.server.carrier.handlers!.frame(line!);
    await turn();
    await turn();
    assert.deepEqual([told(other), other.server.carrier.isPaused], [1, false]);
    assert.ok(
      sides.every((one) => told(one) < 8),
      "the flood came first",
    );
  });
});

/** A store whose commits take a millisecond for 16 changes. */
class SlowStore extends SpyStore {
  readonly clock: ManualClock;

  constructor(clock: ManualClock) {
    super();
    this.clock = clock;
  }

  override commit(peer: Uint8Array, changes: readonly Change[]): void {
    super.commit(peer, changes);
    this.clock.time.pass(Math.round(changes.length / 16));
  }
}

/** A peer that has sent one frame with as many lines as fit, and another one; none of it has come yet. */
async function longFrame() {
  const clock = new ManualClock();
  const turns = new FairTurns(clock);
  const store = new SlowStore(clock);
  const flooder = await connected(store, clock, turns);
  const other = await connected(undefined, clock, turns);
  for (let index = 0; index < 800; index++) say(flooder.client, clock, "x");
  flooder.client.runner.wake();
  await turn();
  const frames = flooder.client.carrier.sent.slice(flooder.client.carrier.delivered);
  flooder.client.carrier.delivered += frames.length;
  assert.equal(frames.length, 1);
  const before = store.commits.length;
  const commits = (): readonly string[][] => store.commits.slice(before);
  const come = (): void => flooder.server.carrier.handlers!.frame(frames[0]!);
  return { clock, store, flooder, other, commits, come };
}

describe("one long frame", () => {
  it("is stored in more than one turn, and another peer's line is stored, told and acknowledged between two of them", async () => {
    const { flooder, other, commits, come } = await longFrame();
    const [line] = await framesOf(other, ["line"]);
    const before = other.server.carrier.sent.length;
    come();
    other.server.carrier.handlers!.frame(line!);
    await turn();
    assert.deepEqual([told(other), other.server.carrier.sent.length > before], [1, true]);
    assert.ok(told(flooder) < 200, `${told(flooder)} lines of the flood came first`);
    for (let turns = 0; turns < 40; turns++) await turn();
    assert.deepEqual([told(flooder), commits().length], [800, 13]);
  });

  it("takes no longer in a turn than a peer may, and one part", async () => {
    const { clock, flooder, come } = await longFrame();
    come();
    const tookMs: number[] = [];
    for (let turns = 0; turns < 40; turns++) {
      const startMs = clock.now().monotonicMs;
      await turn();
      tookMs.push(clock.now().monotonicMs - startMs);
    }
    assert.ok(Math.max(...tookMs) <= 8, `${tookMs.join(", ")} ms`);
    assert.equal(told(flooder), 800);
  });

  it("is not read past, and takes no part in a turn that something else asks for", async () => {
    const { flooder, commits, come } = await longFrame();
    const { server } = flooder;
    come();
    await Promise.resolve();
    const before = commits().length;
    for (let wakes = 0; wakes < 5; wakes++) {
      server.runner.wake();
      await Promise.resolve();
    }
    assert.deepEqual([commits().length, server.carrier.isPaused], [before, true]);
    for (let turns = 0; turns < 40; turns++) await turn();
    assert.deepEqual([told(flooder), server.carrier.isPaused], [800, false]);
  });

  it("that ends with CLOSE ends the session after its last part", async () => {
    const { flooder, come } = await longFrame();
    const { server, client } = flooder;
    client.runner.leave(0, 0);
    await turn();
    come();
    const goodbye = client.carrier.sent.slice(client.carrier.delivered);
    for (const frame of goodbye) server.carrier.handlers!.frame(frame);
    server.carrier.handlers!.closed({ clean: true });
    assert.equal(server.ends.length, 0);
    for (let turns = 0; turns < 40; turns++) await turn();
    assert.deepEqual([told(flooder), server.ends], [800, [{ type: "closed", by: "them", reason: 0 }]]);
  });
});
