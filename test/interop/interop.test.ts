// The protocol is what docs/PROTOCOL.md says, not what our code happens to do: a peer in Go that was written from that
// document alone (peer/main.go) talks to the real lair-server, and to the real lair-client.
// Needs Go and Debian's sources of two libraries; without them every test here says that it was skipped, and why.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildPeer, missing } from "./go-peer.ts";
import { JsonProgram, until } from "./json-program.ts";

const REKEY = "1-1.2";
const REKEYS = 3;
const MESSAGES = 200;
/** So many messages of each side are under way at a time. */
const IN_FLIGHT = 4;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The longest text, in bytes; more than gorilla/websocket puts into one frame unless told to. */
const LONGEST = 16_384;

/** Says its number; every fiftieth is as long as a text may be. */
function textOf(index: number): string {
  const start = `message ${index} `;
  return start.padEnd(index % 50 === 49 ? LONGEST : start.length + ((index * 37) % 900), "x");
}

/**
 * Both sides talk at the same time, each with a few messages under way, until both have sent {@link MESSAGES} and have
 * renewed their keys {@link REKEYS} times. So there are messages in flight in each rekey, in both directions.
 */
async function converse(sides: readonly [JsonProgram, JsonProgram]): Promise<number[]> {
  const sent = [0, 0];
  const isDone = (): boolean =>
    sent.every((count) => count >= MESSAGES) && sides.every((side) => side.all("rekeyed").length >= REKEYS);
  // An acknowledgement may be read here before the message that it is for.
  const isIdle = (): boolean =>
    sides.every(
      (side, index) => side.all("delivered").length === sent[index] && side.all("message").length === sent[1 - index],
    );
  await until("the conversation", sides, () => {
    for (const [index, side] of sides.entries()) {
      while (!isDone() && sent[index]! - side.all("delivered").length < IN_FLIGHT) {
        side.write({ send: textOf(sent[index]!++) });
      }
    }
    return isDone() && isIdle();
  });
  return sent;
}

/** Everything that `from` sent has arrived at `to`, once and in order, and `from` knows. */
function assertArrived(from: JsonProgram, to: JsonProgram, count: number): void {
  const expected = Array.from({ length: count }, (_, seq) => ({ seq, text: textOf(seq) }));
  assert.deepEqual(messagesOf(to), expected);
  assert.deepEqual(
    from.all("delivered").map(({ seq }) => seq),
    expected.map(({ seq }) => seq),
  );
}

const messagesOf = (program: JsonProgram): object[] => program.all("message").map(({ seq, text }) => ({ seq, text }));

/** What it was told of the two stores. */
const memoryOf = (program: JsonProgram): object[] =>
  program.all("memory").map(({ whose, what, missing }) => ({ whose, what, missing }));

/** What befalls the peer before its link is cut: nothing; it takes nothing in any more; it acknowledges nothing. */
const CUTS = ["", "deaf", "mute", "deaf", "", "mute"] as const;
/** So many messages of each side before each cut, and behind it while the two are apart. */
const BEFORE = 20;
const APART = 5;

/** The peer does what `peer/play.go` says, from now on. */
async function playing(peer: JsonProgram, play: string): Promise<void> {
  const count = peer.all("playing").length;
  peer.write({ play });
  await peer.next("playing", count + 1);
}

const delivered = (side: JsonProgram): number => side.all("delivered").length;

/** Both sides talk, are cut, go on talking while apart, and meet again, several times. Returns how much each has said. */
async function converseWithCuts(
  lairSide: JsonProgram,
  peer: JsonProgram,
  comeBack: (cuts: number) => void,
): Promise<number> {
  let said = 0;
  const say = (count: number): void => {
    for (const end = said + count; said < end; said++) {
      for (const side of [lairSide, peer]) side.write({ send: textOf(said) });
    }
  };
  for (const [index, play] of CUTS.entries()) {
    const before = { lair: delivered(lairSide), peer: delivered(peer) };
    if (play !== "") await playing(peer, play);
    say(BEFORE);
    await until(`what is said before cut ${index}`, [lairSide, peer], () => {
      // The peer still speaks; what it takes in, and what it says of that, is as it is told.
      const hasHeard = play === "deaf" || peer.all("message").length === said;
      return hasHeard && lairSide.all("message").length === said;
    });
    if (play !== "") assert.equal(delivered(lairSide), before.lair, `nothing is acknowledged by a ${play} peer`);
    if (play === "deaf") {
      assert.equal(peer.all("message").length, said - BEFORE, "what was in flight is lost");
      assert.equal(delivered(peer), before.peer);
    }
    peer.write({ cut: true });
    await Promise.all([peer.next("cut", index + 1), lairSide.next("disconnected", index + 1)]);
    say(APART);
    comeBack(index + 1);
    await until(`what is said around cut ${index}`, [lairSide, peer], () =>
      [lairSide, peer].every((side) => delivered(side) === said && side.all("message").length === said),
    );
  }
  return said;
}

function start(context: TestContext, name: string, command: string, args: readonly string[]): JsonProgram {
  const program = new JsonProgram(name, command, args);
  context.after(() => program.stop());
  return program;
}

const lair = (context: TestContext, program: "server" | "client", args: readonly string[]): JsonProgram =>
  start(context, `lair-${program}`, process.execPath, [path(`../../bin/lair-${program}.js`), "--json", ...args]);

const serverOf = (context: TestContext, home: string, ...more: readonly string[]): JsonProgram =>
  lair(context, "server", ["--listen", "127.0.0.1:0", "--rekey", REKEY, "--home", home, ...more]);

/** The peer comes back, to where this server listens. */
async function meet(peer: JsonProgram, server: JsonProgram): Promise<void> {
  const { url } = await server.next("listening");
  peer.write({ connect: `${String(url)}/` });
  await server.next("connected");
}

/** The peer says goodbye, and the server takes it as one. */
async function leave(peer: JsonProgram, server: JsonProgram, count = 1): Promise<void> {
  peer.write({ close: 0 });
  assert.equal(await peer.end(), 0);
  assert.equal((await server.next("disconnected", count)).reason, "closed");
}

describe("another implementation", { skip: missing, concurrency: 4, timeout: 120_000 }, () => {
  let folder = "";
  let binary = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lair-interop-"));
    binary = await buildPeer(folder);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** A lair-server with an open invite, and the peer, which pairs by it. `state` is where the peer keeps its pair. */
  async function pair(
    context: TestContext,
  ): Promise<{ server: JsonProgram; peer: JsonProgram; state: string; home: string }> {
    const place = await mkdtemp(join(folder, "pair-"));
    const state = join(place, "state.json");
    const home = join(place, "home");
    const server = serverOf(context, home);
    const { invite } = await server.next("invite");
    assert.ok(typeof invite === "string", "it has an invite");
    const peer = start(context, "the peer", binary, ["--state", state]);
    peer.write(invite);
    await Promise.all([peer.next("connected"), server.next("connected")]);
    return { server, peer, state, home };
  }

  /** The peer as a server, and a lair-client that has paired with it. */
  async function serve(context: TestContext): Promise<{ peer: JsonProgram; client: JsonProgram }> {
    const place = await mkdtemp(join(folder, "serve-"));
    const peer = start(context, "the peer", binary, ["--serve", REKEY, "--state", join(place, "state.json")]);
    const { invite } = await peer.next("listening");
    assert.ok(typeof invite === "string", "it has an invite");
    const file = join(place, "invite");
    await writeFile(file, `${invite}\n`, { mode: 0o600 });
    const client = lair(context, "client", ["--invite-file", file, "--home", join(place, "home")]);
    await Promise.all([peer.next("connected"), client.next("connected")]);
    return { peer, client };
  }

  it("pairs with lair-server, and nothing is lost in 200 messages each way and three rekeys", async (context) => {
    const { server, peer } = await pair(context);
    const { fingerprint } = await server.next("listening");
    assert.equal((await peer.next("connected")).fingerprint, fingerprint);
    const [fromServer = 0, fromPeer = 0] = await converse([server, peer]);
    assertArrived(server, peer, fromServer);
    assertArrived(peer, server, fromPeer);
    assert.deepEqual(
      server.all("rekeyed").map(({ epoch }) => epoch),
      server.all("rekeyed").map((_, index) => index + 1),
    );
    await leave(peer, server);
    server.write({ command: "quit" });
    assert.equal(await server.end(), 0);
  });

  it("comes back with the psk of the pair, and hears the server say goodbye", async (context) => {
    const { server, peer, state } = await pair(context);
    await leave(peer, server);
    const again = start(context, "the peer, back", binary, ["--state", state]);
    const { fingerprint } = await peer.next("connected");
    assert.equal((await again.next("connected")).fingerprint, fingerprint);
    await server.next("connected", 2);
    again.write({ send: "back" });
    assert.equal((await server.next("message")).text, "back");
    server.write({ send: "welcome" });
    assert.equal((await again.next("message")).text, "welcome");
    await Promise.all([again.next("rekeyed"), server.next("rekeyed")]);
    server.write({ command: "quit" });
    assert.equal((await again.next("closed")).by, "peer");
    assert.deepEqual([await again.end(), await server.end()], [0, 0]);
  });

  it("gets not one byte for a wrong psk, and the server goes on", async (context) => {
    const { server, peer, state } = await pair(context);
    await leave(peer, server);
    const kept = JSON.parse(await readFile(state, "utf8")) as { pairPsk: string };
    const wrong = kept.pairPsk.replace(/^../, (first) => (first === "00" ? "01" : "00"));
    const wrongState = `${state}.wrong`;
    await writeFile(wrongState, JSON.stringify({ ...kept, pairPsk: wrong }), { mode: 0o600 });
    const stranger = start(context, "the stranger", binary, ["--state", wrongState]);
    assert.deepEqual(await stranger.next("refused"), { event: "refused", bytes: 0 });
    assert.equal(await stranger.end(), 1);
    const again = start(context, "the peer, back", binary, ["--state", state]);
    await Promise.all([again.next("connected"), server.next("connected", 2)]);
    assert.equal(server.all("disconnected").length, 1);
    await leave(again, server, 2);
  });

  it("serves lair-client, drives three rekeys, and nothing is lost", async (context) => {
    const { peer, client } = await serve(context);
    const [fromPeer = 0, fromClient = 0] = await converse([peer, client]);
    assertArrived(peer, client, fromPeer);
    assertArrived(client, peer, fromClient);
    client.write({ command: "quit" });
    assert.deepEqual(await peer.next("closed"), { event: "closed", by: "peer", reason: 0 });
    assert.deepEqual([await peer.end(), await client.end()], [0, 0]);
  });

  it("is cut again and again, and every message of both sides arrives once and in order", async (context) => {
    const { server, peer } = await pair(context);
    const count = await converseWithCuts(server, peer, () => peer.write({ connect: "" }));
    assertArrived(server, peer, count);
    assertArrived(peer, server, count);
    assert.deepEqual(peer.all("repeated"), [], "nothing comes twice that RESUME says is there");
    assert.deepEqual([...server.all("memory"), ...peer.all("memory")], []);
    await leave(peer, server, CUTS.length + 1);
  });

  it("cuts lair-client off again and again, which comes back by itself, and nothing is lost or doubled", async (context) => {
    const { peer, client } = await serve(context);
    const count = await converseWithCuts(client, peer, () => {});
    assertArrived(client, peer, count);
    assertArrived(peer, client, count);
    assert.equal(client.all("reconnecting").length, CUTS.length);
    client.write({ command: "quit" });
    assert.deepEqual([await peer.end(), await client.end()], [0, 0]);
  });

  it("says a message again, and it is acknowledged again and shown once", async (context) => {
    const { server, peer } = await pair(context);
    for (const text of ["a", "b"]) peer.write({ send: text });
    await peer.next("delivered", 2);
    const acks = peer.all("ack").length;
    peer.write({ play: "repeat" });
    assert.equal((await peer.next("ack", acks + 1)).next, 2);
    peer.write({ send: "c" });
    await Promise.all([peer.next("delivered", 3), server.next("message", 3)]);
    const texts = server.all("message").map(({ text }) => text);
    assert.deepEqual(texts, ["a", "b", "c"]);
    await leave(peer, server);
  });

  it("sends what is of a kind or on a stream that nobody reads, and it is acknowledged and not shown", async (context) => {
    const { server, peer } = await pair(context);
    await playing(peer, "strange");
    peer.write({ send: "a line" });
    await Promise.all([peer.next("delivered", 3), server.next("message")]);
    assert.equal(server.all("message")[0]?.["text"], "a line");
    assert.deepEqual(
      ["message", "unknown-message", "unreadable-message", "error"].map((name) => server.all(name).length),
      [1, 0, 0, 0],
    );
    await leave(peer, server);
  });

  it("leaves a number out, or sends DATA before RESUME: that ends the session, and the next one goes on", async (context) => {
    const { server, peer } = await pair(context);
    peer.write({ send: "a" });
    await peer.next("delivered");
    await playing(peer, "skip");
    await peer.next("cut");
    await playing(peer, "early");
    peer.write({ connect: "" });
    await peer.next("cut", 2);
    await server.next("disconnected", 2);
    assert.deepEqual(
      server.all("error").map(({ code }) => code),
      ["sequence", "record-unexpected"],
    );
    assert.deepEqual(
      server.all("disconnected").map(({ reason }) => reason),
      ["protocol", "protocol"],
    );
    peer.write({ send: "b" });
    server.write({ send: "c" });
    peer.write({ connect: "" });
    await Promise.all([peer.next("delivered", 2), server.next("delivered"), server.next("message", 2)]);
    assert.deepEqual(messagesOf(server), [
      { seq: 0, text: "a" },
      { seq: 1, text: "b" },
    ]);
    assert.deepEqual(messagesOf(peer), [{ seq: 0, text: "c" }]);
    await leave(peer, server, 3);
  });

  it("loses its store, both are told how much went with it, and they go on", async (context) => {
    const { server, peer } = await pair(context);
    for (const text of ["a", "b"]) server.write({ send: text });
    for (const text of ["c", "d", "e"]) peer.write({ send: text });
    await Promise.all([server.next("delivered", 2), peer.next("delivered", 3)]);
    peer.write({ cut: true });
    await Promise.all([peer.next("cut"), server.next("disconnected")]);
    await playing(peer, "forget");
    peer.write({ send: "f" });
    server.write({ send: "g" });
    peer.write({ connect: "" });
    await Promise.all([server.next("delivered", 3), peer.next("delivered", 4), server.next("message", 4)]);
    const told = { what: "new", missing: 2 };
    assert.deepEqual(memoryOf(peer), [{ whose: "own", ...told }]);
    assert.deepEqual(memoryOf(server), [{ whose: "peer", ...told }]);
    // What it had said is still there at the server, so its numbers go on behind it.
    assert.deepEqual(messagesOf(server).at(-1), { seq: 3, text: "f" });
    assert.deepEqual(messagesOf(peer).at(-1), { seq: 2, text: "g" });
    await leave(peer, server, 2);
  });

  it("meets a server that has forgotten everything but the pair, and their numbers go on", async (context) => {
    const { server, peer, home } = await pair(context);
    for (const text of ["a", "b"]) server.write({ send: text });
    peer.write({ send: "c" });
    await Promise.all([server.next("delivered", 2), peer.next("delivered")]);
    await playing(peer, "mute");
    server.write({ send: "d" });
    await peer.next("message", 3);
    await server.stop();
    await peer.next("cut");
    peer.write({ send: "e" });
    const anew = serverOf(context, home, "--no-store");
    anew.write({ send: "f" });
    await meet(peer, anew);
    await Promise.all([peer.next("delivered", 2), anew.next("delivered"), anew.next("message")]);
    assert.deepEqual(messagesOf(anew), [{ seq: 1, text: "e" }]);
    assert.deepEqual(messagesOf(peer).at(-1), { seq: 3, text: "f" });
    assert.deepEqual([...anew.all("memory"), ...peer.all("memory")], [], "a store of zeros promises nothing");
    await leave(peer, anew);
  });

  it("meets an older copy of lair-server's home: nothing is shown twice, both are told, and they go on", async (context) => {
    const { server, peer, home } = await pair(context);
    peer.write({ send: "a" });
    await peer.next("delivered");
    peer.write({ cut: true });
    await Promise.all([peer.next("cut"), server.next("disconnected")]);
    server.write({ send: "b" });
    await server.next("queued");
    await server.stop();
    const copy = `${home}.copy`;
    await cp(home, copy, { recursive: true });

    const original = serverOf(context, home);
    await meet(peer, original);
    original.write({ send: "c" });
    peer.write({ send: "d" });
    await Promise.all([original.next("delivered", 2), peer.next("delivered", 2)]);
    await original.stop();
    await peer.next("cut", 2);

    const older = serverOf(context, copy);
    older.write({ send: "e" });
    peer.write({ send: "f" });
    await meet(peer, older);
    await Promise.all([older.next("delivered", 2), peer.next("delivered", 3)]);
    assert.deepEqual(messagesOf(peer), [
      { seq: 0, text: "b" },
      { seq: 1, text: "c" },
      { seq: 3, text: "e" },
    ]);
    assert.deepEqual(
      peer.all("passed").map(({ seq }) => seq),
      [2],
      "b again, under a new number",
    );
    assert.deepEqual(messagesOf(older), [{ seq: 2, text: "f" }]);
    assert.deepEqual(memoryOf(peer), [{ whose: "peer", what: "older", missing: 1 }]);
    assert.deepEqual(memoryOf(older), [{ whose: "own", what: "older", missing: 1 }], "d is missing");

    // From here on it is the store, as any other.
    peer.write({ cut: true });
    await Promise.all([peer.next("cut", 3), older.next("disconnected")]);
    older.write({ send: "g" });
    peer.write({ connect: "" });
    await older.next("delivered", 3);
    assert.deepEqual(messagesOf(peer).at(-1), { seq: 4, text: "g" });
    assert.equal([...peer.all("memory"), ...older.all("memory")].length, 2, "both were told once");
    await leave(peer, older, 2);
  });

  it("puts an older copy of its own store back: lair-server shows nothing twice, and both are told", async (context) => {
    const { server, peer } = await pair(context);
    server.write({ send: "a" });
    await server.next("delivered");
    peer.write({ cut: true });
    await Promise.all([peer.next("cut"), server.next("disconnected")]);
    for (const text of ["b", "c"]) peer.write({ send: text });
    await playing(peer, "copy");
    peer.write({ send: "d" });
    peer.write({ connect: "" });
    server.write({ send: "e" });
    await Promise.all([peer.next("delivered", 3), server.next("delivered", 2)]);
    peer.write({ cut: true });
    await Promise.all([peer.next("cut", 2), server.next("disconnected", 2)]);
    await playing(peer, "restore");
    peer.write({ send: "f" });
    peer.write({ connect: "" });
    await Promise.all([peer.next("delivered", 6), server.next("message", 4)]);
    assert.deepEqual(messagesOf(server), [
      { seq: 0, text: "b" },
      { seq: 1, text: "c" },
      { seq: 2, text: "d" },
      { seq: 5, text: "f" },
    ]);
    assert.deepEqual(memoryOf(server), [{ whose: "peer", what: "older", missing: 1 }]);
    assert.deepEqual(memoryOf(peer), [{ whose: "own", what: "older", missing: 1 }], "e is missing");
    await leave(peer, server, 3);
  });

  it("does not say that the stores do not fit: the server waits until it does, and takes no DATA before", async (context) => {
    const { server, peer } = await pair(context);
    server.write({ send: "a" });
    peer.write({ send: "b" });
    await Promise.all([server.next("delivered"), peer.next("delivered")]);
    peer.write({ cut: true });
    await Promise.all([peer.next("cut"), server.next("disconnected")]);
    await playing(peer, "forget");
    server.write({ send: "c" });
    peer.write({ send: "d" });

    await playing(peer, "rash");
    peer.write({ connect: "" });
    await Promise.all([peer.next("cut", 2), server.next("disconnected", 2)]);
    assert.deepEqual(
      server.all("error").map(({ code }) => code),
      ["sequence"],
    );

    await playing(peer, "unsure");
    const confirmed = peer.all("confirmed").length;
    peer.write({ connect: "" });
    await peer.next("confirmed", confirmed + 1);
    // Several frames go either way in a rekey: what came right behind the ACK would be there.
    const rekeyed = peer.all("rekeyed").length;
    await peer.next("rekeyed", rekeyed + 1);
    assert.equal(peer.all("message").length, 1, "c waits");
    assert.equal(server.all("sent").length, 1, "and has not been sent");
    peer.write({ cut: true });
    await Promise.all([peer.next("cut", 3), server.next("disconnected", 3)]);

    peer.write({ connect: "" });
    await Promise.all([server.next("delivered", 2), peer.next("delivered", 2), server.next("message", 2)]);
    assert.deepEqual(messagesOf(peer).at(-1), { seq: 1, text: "c" });
    assert.deepEqual(messagesOf(server).at(-1), { seq: 1, text: "d" });
    const told = { what: "new", missing: 1 };
    assert.deepEqual(
      memoryOf(server),
      Array.from({ length: 3 }, () => ({ whose: "peer", ...told })),
    );
    assert.deepEqual(
      memoryOf(peer),
      Array.from({ length: 3 }, () => ({ whose: "own", ...told })),
    );
    await leave(peer, server, 4);
  });

  for (const { name, how, args } of [
    {
      name: "session",
      how: "vectors.go",
      args: ["--vectors", fileURLToPath(import.meta.resolve("@scure/bip39/wordlists/english.js"))],
    },
    { name: "hub", how: "hubvectors.go", args: ["--hub-vectors", path("../../docs/HUB.md")] },
    { name: "rooms", how: "roomvectors.go", args: ["--room-vectors"] },
  ]) {
    it(`writes test/vectors/${name}.json, byte for byte`, async () => {
      const { stdout } = await promisify(execFile)(binary, args);
      assert.ok(
        stdout === readFileSync(path(`../vectors/${name}.json`), "utf8"),
        `${name}.json differs: see peer/${how} for how to make it`,
      );
    });
  }
});
