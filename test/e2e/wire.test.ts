// The two programs over a wire that splits, glues, delays and cuts, with the keys renewed every second or two.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import type { Program } from "./program.ts";
import { Proxy } from "./proxy.ts";
import { isAllowedLength, framesOf, lengthsOf } from "./recording.ts";
import { connected, inviteOf, portOf, Fixture } from "./fixture.ts";

const CANARY = "canary-7f3a";
const COUNT = 200;

describe(`200 messages each way over a restless wire (seed ${FIRST_SEED})`, () => {
  const fixture = new Fixture();
  let server: Program;
  let client: Program;
  let proxy: Proxy;
  before(async () => {
    server = fixture.server({ args: ["--rekey", "1-2", "--name", CANARY] });
    proxy = await Proxy.to(fixture, await portOf(server), { shake: new SeededRandom(FIRST_SEED) });
    const file = fixture.file(await inviteOf(server));
    client = fixture.client({ args: [proxy.url, "--invite-file", file, "--name", CANARY] });
    await connected(server, client);
    // Eight turns of 25 each way; the fourth and the last wait for a renewal, so that two fall in between.
    for (let turn = 0; turn < 8; turn++) {
      for (let count = 0; count < COUNT / 8; count++) {
        const number = (turn * COUNT) / 8 + count;
        for (const program of [server, client]) program.tell({ send: `${CANARY} ${number} ${"x".repeat(number * 7)}` });
      }
      await Promise.all([server, client].map((program) => program.count("message", ((turn + 1) * COUNT) / 8)));
      if (turn % 4 === 3) await client.count("rekeyed", (turn + 1) / 4);
    }
    await Promise.all([server, client].map((program) => program.count("delivered", COUNT)));
    client.tell({ command: "quit" });
    await client.leaves(0);
    await server.next("disconnected");
  });
  after(() => fixture.clear());

  it("lose none, double none, and keep their order", () => {
    for (const program of [server, client]) {
      const texts = program.all("message").map(({ text }) => String(text).trim().split(" ")[1]);
      assert.deepEqual(
        texts,
        Array.from({ length: COUNT }, (_, number) => String(number)),
      );
      assert.deepEqual(
        program.all("message").map(({ seq }) => seq),
        texts.map(Number),
      );
    }
  });

  it("are told delivered once each, in order", () => {
    for (const program of [server, client]) {
      assert.deepEqual(
        program.all("delivered").map(({ seq }) => seq),
        Array.from({ length: COUNT }, (_, number) => number),
      );
    }
  });

  it("bring at least two renewals of the keys, the same on both sides", () => {
    assert.ok(server.all("rekeyed").length >= 2);
    const [ours, theirs] = [server, client].map((side) => side.all("rekeyed").map(({ epoch }) => epoch));
    assert.deepEqual(ours, theirs);
  });

  it("leave nothing readable on the wire: no text, no name, no program", () => {
    const [{ toServer, toClient } = { toServer: [], toClient: [] }] = proxy.connections;
    for (const parts of [toServer, toClient]) {
      const frames = framesOf(parts).filter(({ opcode }) => opcode === 2);
      const seen = Buffer.concat([...parts, ...frames.map(({ payload }) => payload)]).toString("latin1");
      assert.ok(seen.length > 100_000);
      for (const word of [CANARY, "kind", "text", "rekey", "agent"]) assert.ok(!seen.includes(word), word);
    }
  });

  it("come in frames of the allowed lengths alone, and nothing but binary messages and one goodbye", () => {
    const [{ toServer, toClient } = { toServer: [], toClient: [] }] = proxy.connections;
    const [message1, message3, ...fromClient] = lengthsOf(toServer);
    const [message2, ...fromServer] = lengthsOf(toClient);
    assert.equal(message1, 96);
    assert.equal(message2, 96 + 256);
    assert.equal(message3, 64 + 256);
    for (const length of [...fromClient, ...fromServer]) assert.ok(isAllowedLength(length), `a frame of ${length}`);
    for (const parts of [toServer, toClient]) {
      const others = framesOf(parts).filter(({ opcode, isFinal }) => opcode !== 2 || !isFinal);
      assert.deepEqual(
        others.map(({ opcode, payload }) => [opcode, payload.length]),
        [[8, 2]],
      );
    }
  });
});
