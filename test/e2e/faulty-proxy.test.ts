// The bad network itself: what it passes on is what came in, and what it breaks is broken as it was planned.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { type Endings, FaultyProxy, type Wire } from "./faulty-proxy.ts";
import { Watch } from "./watch.ts";

/** One end of a connection: what has come, piece by piece, and how it ended. */
class End {
  readonly socket: Socket;
  readonly pieces: Buffer[] = [];
  /** How many bytes have come. */
  length = 0;
  readonly #watch = new Watch();
  ended: "not" | "end" | "reset" = "not";

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.pieces.push(bytes);
      this.length += bytes.length;
      this.#watch.wake();
    });
    socket.on("end", () => this.#end("end"));
    socket.on("error", () => this.#end("reset"));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }

  async until(what: string, look: () => boolean): Promise<void> {
    const describeEnd = () => `${this.length} bytes, ended: ${this.ended}`;
    await this.#watch.until(what, () => (look() ? true : undefined), 10_000, describeEnd);
  }

  #end(how: "end" | "reset"): void {
    if (this.ended === "not") this.ended = how;
    this.#watch.wake();
  }
}

interface Setup {
  readonly proxy: FaultyProxy;
  readonly random: SeededRandom;
  readonly join: () => Promise<{ readonly client: End; readonly server: End; readonly wire: Wire }>;
}

/** A proxy to a server that only listens; `join` makes a connection through it. */
async function setup(t: TestContext, plan: (wire: Wire) => void = () => {}): Promise<Setup> {
  const endings: Endings = { atEnd: (action) => t.after(action) };
  const random = new SeededRandom(FIRST_SEED);
  const proxy = await FaultyProxy.open(endings, random);
  proxy.onWire = plan;
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endings.atEnd(() => void server.close());
  proxy.target = (server.address() as AddressInfo).port;
  const join = async () => {
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const client = new End(connect({ host: "127.0.0.1", port: proxy.port, allowHalfOpen: true }));
    endings.atEnd(() => void client.socket.destroy());
    const [socket] = await accepted;
    endings.atEnd(() => void socket.destroy());
    return { client, server: new End(socket), wire: proxy.wires.at(-1)! };
  };
  return { proxy, random, join };
}

describe(`a faulty proxy (seed ${FIRST_SEED})`, () => {
  it("passes on every byte in its order both ways, in other pieces, and then the ends", async (t) => {
    const { join, random } = await setup(t);
    const { client, server, wire } = await join();
    const [there, back] = [Buffer.from(random.bytes(700_000)), Buffer.from(random.bytes(300_000))];
    client.socket.end(there);
    await server.until("the way there", () => server.ended === "end");
    // The way back is still open.
    server.socket.end(back);
    await client.until("the way back", () => client.ended === "end");
    await wire.over;
    assert.ok(server.bytes.equals(there), `there: ${server.length} bytes`);
    assert.ok(client.bytes.equals(back), `back: ${client.length} bytes`);
    assert.equal(wire.passedBytes, there.length + back.length);
    assert.equal(wire.swallowedBytes, 0);
    assert.equal(wire.wasCut, false);
  });

  it("splits what was written at once", async (t) => {
    const { join } = await setup(t);
    const { client, server } = await join();
    for (let count = 1; count <= 200; count++) {
      client.socket.write(Buffer.alloc(1_000, count));
      await server.until(`${count} writes`, () => server.length === count * 1_000);
    }
    assert.ok(server.pieces.length > 200, `200 writes came in ${server.pieces.length} pieces`);
  });

  for (const how of ["reset", "end"] as const) {
    it(`cuts at the byte that was planned, both ways counted together: ${how}`, async (t) => {
      const cutAt = new SeededRandom(FIRST_SEED).between(1, 5_000);
      const { join } = await setup(t, (wire) => wire.cutAfter(cutAt, how));
      const { client, server, wire } = await join();
      client.socket.write(Buffer.alloc(5_000, 1));
      // Node reports a RST behind data as an end, so nothing goes to the one who is asked about it.
      if (how === "end") server.socket.write(Buffer.alloc(5_000, 2));
      await client.until("the client's end", () => client.ended !== "not");
      await server.until("the server's end", () => server.ended !== "not");
      assert.equal(wire.passedBytes, cutAt);
      assert.equal(wire.wasCut, true);
      const arrived = client.length + server.length;
      // A RST may overtake what was on its way; a FIN does not.
      if (how === "end") assert.equal(arrived, cutAt);
      else assert.ok(arrived <= cutAt, `${arrived} of ${cutAt} bytes`);
      assert.equal(client.ended, how);
      await wire.over;
    });
  }

  it("cuts at once, and later connections are carried", async (t) => {
    const { join, proxy } = await setup(t);
    const first = await join();
    first.client.socket.write("before");
    await first.server.until("six bytes", () => first.server.length === 6);
    first.wire.cutAfter(0, "reset");
    await first.wire.over;
    const second = await join();
    second.client.socket.write("after");
    await second.server.until("five bytes", () => second.server.length === 5);
    assert.equal(proxy.wires.length, 2);
  });

  it("leaves a connection half open: nothing gets through, no end either, until it is dropped", async (t) => {
    const { join, proxy } = await setup(t, (wire) => wire.halfOpenAfter(100));
    const { client, server, wire } = await join();
    client.socket.write(Buffer.alloc(150));
    await server.until("100 bytes", () => server.length === 100);
    server.socket.write(Buffer.alloc(70));
    client.socket.end(Buffer.alloc(30));
    await proxy.until("what is thrown away", () => (wire.swallowedBytes === 150 ? true : undefined));
    assert.equal(wire.isHalfOpen, true);

    // Somebody else's connection meanwhile is carried; its bytes are far behind the others' end.
    proxy.onWire = () => {};
    const other = await join();
    other.client.socket.end("hello");
    await other.server.until("the other's end", () => other.server.ended === "end");
    assert.equal(server.length, 100);
    assert.equal(client.length, 0);
    assert.deepEqual([client.ended, server.ended], ["not", "not"]);

    wire.destroy();
    await wire.over;
    await server.until("the end", () => server.ended !== "not");
    await client.until("the end", () => client.ended !== "not");
  });

  it("passes a reset on", async (t) => {
    const { join } = await setup(t);
    const { client, server, wire } = await join();
    client.socket.resetAndDestroy();
    await server.until("the end", () => server.ended !== "not");
    assert.equal(server.ended, "reset");
    await wire.over;
    assert.equal(wire.wasCut, false);
  });

  it("holds a writer up whose reader does not read", async (t) => {
    const { join } = await setup(t);
    const { client, server } = await join();
    server.socket.pause();
    const block = Buffer.alloc(1024 * 1024);
    let written = 0;
    while (client.socket.writableLength < 4 * block.length && written < 64) {
      client.socket.write(block);
      written += 1;
      // What the kernels take is taken before this; the rest waits in the program.
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(written < 64, "64 MiB were taken for somebody who reads nothing");
    server.socket.resume();
    await server.until("all of it", () => server.length === written * block.length);
  });

  it("hangs up on everybody while it leads nowhere", async (t) => {
    const { proxy, join } = await setup(t);
    const { target } = proxy;
    proxy.target = undefined;
    const alone = new End(connect({ host: "127.0.0.1", port: proxy.port }));
    await alone.until("the end", () => alone.ended !== "not");
    assert.equal(proxy.wires.length, 0);
    proxy.target = target;
    await join();
    assert.equal(proxy.wires.length, 1);
  });

  it("leaves no socket behind, whatever was going on", async (t) => {
    const { proxy, join } = await setup(t);
    const [talking, halfOpen] = [await join(), await join()];
    talking.client.socket.write(Buffer.alloc(500_000));
    halfOpen.wire.halfOpenAfter(0);
    await proxy.close();
    for (const { client, server } of [talking, halfOpen]) {
      await client.until("the end", () => client.ended !== "not");
      await server.until("the end", () => server.ended !== "not");
    }
    assert.ok(
      proxy.wires.every(({ isOver }) => isOver),
      proxy.wires.join("\n"),
    );
  });
});
