import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { connect as connectTcp } from "node:net";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { connect } from "../../../src/node/websocket/connect.ts";
import { connected, listenerOf, authenticateAtFirstFrame, openListener, openTcp } from "./house.ts";
import { dribble, frameOf, RawPeer, upgradeHead } from "./raw-peer.ts";
import { Recorder } from "./recorder.ts";
import { effort } from "../../effort.ts";

const LIMIT = { timeout: 60_000 };

describe("WebSocketLink: frames", LIMIT, () => {
  it("carries frames of 0 to 65,535 bytes both ways, in order", async (test) => {
    const { url } = await openListener(test);
    const { link, recorder } = await connected(url);
    const frames = [0, 1, 125, 126, 1024, 1025, 16_384, 65_535].map((length) =>
      new Uint8Array(length).fill(length % 251),
    );
    for (const frame of frames) link.send(frame);
    await recorder.until(() => recorder.frames.length === frames.length);
    assert.deepEqual(recorder.frames, frames);
    assert.equal(recorder.frames[1]!.constructor, Uint8Array);
  });

  it("leaves the sender's bytes as they are", async (test) => {
    const { url } = await openListener(test);
    const { link, recorder } = await connected(url);
    const frame = new Uint8Array(300).fill(5);
    link.send(frame);
    await recorder.until(() => recorder.frames.length === 1);
    assert.deepEqual(frame, new Uint8Array(300).fill(5));
  });

  it("refuses to send 65,536 bytes", async (test) => {
    const { url } = await openListener(test);
    const { link } = await connected(url);
    assert.throws(() => link.send(new Uint8Array(65_536)), TypeError);
  });

  it("takes a frame of a stranger and one of a peer that come byte by byte", async (test) => {
    const { port } = await openListener(test, { onLink: authenticateAtFirstFrame });
    const peer = await RawPeer.upgraded(port);
    for (const length of [80, 1000, 2000]) {
      const before = peer.afterHead.length;
      await peer.dribble(frameOf(Buffer.alloc(length, 3)));
      const answer = frameOf(Buffer.alloc(length, 3), { masked: false });
      await peer.until(() => peer.afterHead.length === before + answer.length);
      assert.ok(peer.afterHead.subarray(before).equals(answer));
    }
  });

  it("takes a server's answer, its head included, byte by byte", async (test) => {
    const { port } = await openListener(test);
    const proxy = await openTcp(test, (near) => {
      const far = connectTcp({ host: "127.0.0.1", port });
      near.setNoDelay(true);
      near.pipe(far);
      far.on("error", () => near.destroy());
      let last = Promise.resolve();
      far.on("data", (chunk: Buffer) => {
        last = last.then(() => dribble(near, chunk));
      });
    });
    const { link, recorder } = await connected(`ws://127.0.0.1:${proxy}`);
    link.send(new Uint8Array(5000).fill(1));
    link.send(new Uint8Array(10).fill(2));
    await recorder.until(() => recorder.frames.length === 2);
    assert.deepEqual(recorder.frames, [new Uint8Array(5000).fill(1), new Uint8Array(10).fill(2)]);
  });

  it("holds what comes before attach(), at the server", async (test) => {
    const { listener, incoming } = await listenerOf(test);
    const frames = Array.from({ length: 100 }, (_, index) => frameOf(Buffer.alloc(1000, index)));
    const peer = await RawPeer.open(listener.port);
    peer.socket.write(Buffer.concat([Buffer.from(upgradeHead()), ...frames.slice(0, 1)]));
    const link = await incoming;
    peer.socket.write(Buffer.concat(frames.slice(1)));
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    const recorder = new Recorder();
    link.attach(recorder);
    assert.equal(recorder.frames.length, 0, "nothing is called before attach() returns");
    await recorder.until(() => recorder.frames.length === 100);
    assert.deepEqual(
      recorder.frames.map((frame) => frame[0]),
      Array.from({ length: 100 }, (_, index) => index),
    );
  });

  it("holds what comes before attach(), at the client", async (test) => {
    const { listener, incoming } = await listenerOf(test);
    const link = await connect(listener.url);
    const far = await incoming;
    for (let i = 0; i < 5; i++) far.send(Uint8Array.of(i));
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    const recorder = new Recorder();
    link.attach(recorder);
    await recorder.until(() => recorder.frames.length === 5);
    assert.deepEqual(
      recorder.frames.map((frame) => frame[0]),
      [0, 1, 2, 3, 4],
    );
    far.terminate();
  });

  it("lets the peer wait rather than hold much, until attach()", async (test) => {
    const { listener, incoming } = await listenerOf(test);
    const peer = await RawPeer.upgraded(listener.port);
    const link = await incoming;
    const frame = frameOf(Buffer.alloc(65_535));
    for (let i = 0; i < 500; i++) peer.socket.write(frame);
    // Far longer than these 32 MB take when they are read.
    for (let turn = 0; turn < 5000; turn++) await nextTurn();
    assert.ok(peer.socket.writableLength > 0);
    const recorder = new Recorder();
    link.attach(recorder);
    await recorder.until(() => recorder.frames.length === 500);
  });

  it("reads nothing while it is paused, and everything afterwards, in order", async (test) => {
    const { listener, incoming } = await listenerOf(test);
    const peer = await RawPeer.upgraded(listener.port);
    const link = await incoming;
    const recorder = new Recorder();
    link.attach(recorder);
    link.pause();
    const frame = frameOf(Buffer.alloc(65_535));
    for (let i = 0; i < 500; i++) peer.socket.write(frame);
    for (let turn = 0; turn < 5000; turn++) await nextTurn();
    assert.ok(peer.socket.writableLength > 0, "the peer waits");
    const read = recorder.frames.length;
    assert.ok(read < 10, `${read} were on their way already`);
    link.resume();
    await recorder.until(() => recorder.frames.length === 500);
  });

  it("tells an end that came before attach()", async (test) => {
    const { listener, incoming } = await listenerOf(test);
    const peer = await RawPeer.upgraded(listener.port, frameOf(Buffer.alloc(1)));
    const link = await incoming;
    link.terminate();
    await peer.closed;
    const recorder = new Recorder();
    link.attach(recorder);
    assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
    assert.equal(recorder.frames.length, 0, "after terminate() no frame comes");
  });

  it("can be attached once", async (test) => {
    const { url } = await openListener(test);
    const { link, recorder } = await connected(url);
    assert.throws(() => link.attach(recorder), TypeError);
  });
});

describe("WebSocketLink: misbehaving peers that have authenticated", LIMIT, () => {
  const bad: [string, Buffer][] = [
    ["text", frameOf(Buffer.from("hello"), { opcode: 1 })],
    ["a fragment", frameOf(Buffer.alloc(10), { fin: false })],
    ["a compressed message", frameOf(Buffer.alloc(10), { rsv1: true })],
    ["65,536 bytes", frameOf(Buffer.alloc(65_536))],
    ["33 pings in a row", Buffer.concat(Array.from({ length: 33 }, () => frameOf(Buffer.alloc(4), { opcode: 9 })))],
    ["a close code that does not exist", frameOf(Buffer.from([0, 1]), { opcode: 8 })],
    ["a close of one byte", frameOf(Buffer.from([3]), { opcode: 8 })],
    ["a close with code 1005", frameOf(Buffer.from([3, 0xed]), { opcode: 8 })],
    ["a close with a reason that is not UTF-8", frameOf(Buffer.from([3, 0xe8, 0xff]), { opcode: 8 })],
  ];
  for (const [name, bytes] of bad) {
    it(`ends at ${name}`, async (test) => {
      const { listener, incoming } = await listenerOf(test);
      const peer = await RawPeer.upgraded(listener.port);
      const recorder = new Recorder();
      (await incoming).attach(recorder);
      const before = peer.received.length;
      peer.socket.write(bytes);
      await peer.closed;
      // The pings before the 33rd are; a close would begin with 0x88.
      assert.equal(peer.received.subarray(before).includes(0x88), false, "it was answered");
      assert.equal((await recorder.ended()).clean, false);
      assert.equal(recorder.frames.length, 0);
    });
  }

  it("survives whatever bytes they send", async (test) => {
    const { port } = await openListener(test);
    const begin = fc.constantFrom(0x82, 0x88, 0x89, 0x8a, 0x81, 0x02, 0xc2);
    const second = fc.integer({ min: 0x80, max: 0xff });
    const bytes = fc.tuple(begin, second, fc.uint8Array({ maxLength: 200 }));
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 5 }), async (pieces) => {
        const peer = await RawPeer.upgraded(port);
        for (const [first, next, rest] of pieces) peer.socket.write(Buffer.of(first, next, ...rest));
        peer.socket.end();
        await peer.closed;
      }),
      { numRuns: effort(40, 300) },
    );
    const { link, recorder } = await connected(`ws://127.0.0.1:${port}`);
    link.send(Uint8Array.of(1));
    await recorder.until(() => recorder.frames.length === 1);
  });

  it("answers pings between messages", async (test) => {
    const { port } = await openListener(test);
    const peer = await RawPeer.upgraded(port);
    peer.socket.write(frameOf(Buffer.from("abc"), { opcode: 9 }));
    await peer.until(() => peer.afterHead.length === 5);
    assert.ok(peer.afterHead.equals(frameOf(Buffer.from("abc"), { opcode: 10, masked: false })));
  });
});

describe("WebSocketLink: the end", LIMIT, () => {
  it("says goodbye with the code given, on both sides", async (test) => {
    for (const code of [1000, 1001, 1011] as const) {
      const { listener, incoming } = await listenerOf(test);
      const near = await connected(listener.url);
      const far = await incoming;
      const recorder = new Recorder();
      far.attach(recorder);
      near.link.close(code);
      assert.deepEqual(await recorder.ended(), { code, clean: true });
      assert.deepEqual(await near.recorder.ended(), { code, clean: true });
      near.link.send(Uint8Array.of(1));
      near.link.close(1000);
      near.link.terminate();
    }
  });

  it("delivers everything that was sent before the goodbye", async (test) => {
    const { listener, incoming } = await listenerOf(test);
    const near = await connected(listener.url);
    const recorder = new Recorder();
    (await incoming).attach(recorder);
    for (let i = 0; i < 50; i++) near.link.send(new Uint8Array(20_000));
    near.link.close(1000);
    assert.deepEqual(await recorder.ended(), { code: 1000, clean: true });
    assert.equal(recorder.frames.length, 50);
  });

  it("is a cut when the connection breaks", async (test) => {
    const { listener, incoming } = await listenerOf(test);
    const peer = await RawPeer.upgraded(listener.port);
    const recorder = new Recorder();
    (await incoming).attach(recorder);
    peer.socket.resetAndDestroy();
    assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
  });

  it("is a cut when the other side ends without a goodbye", async (test) => {
    const { listener, incoming } = await listenerOf(test);
    const peer = await RawPeer.upgraded(listener.port);
    const recorder = new Recorder();
    (await incoming).attach(recorder);
    peer.socket.end();
    assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
  });

  it("terminates when the goodbye is not answered", async (test) => {
    const { listener, incoming } = await listenerOf(test, { limits: { closeMs: 50 } });
    const peer = await RawPeer.upgraded(listener.port);
    const recorder = new Recorder();
    const link = await incoming;
    link.attach(recorder);
    link.close(1000);
    assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
    await peer.closed;
  });

  it("hands what a handler throws to onFault, and terminates", async (test) => {
    const faults: unknown[] = [];
    const broken = new Error("broken");
    const { listener, incoming } = await listenerOf(test, { onFault: (fault) => void faults.push(fault) });
    const peer = await RawPeer.upgraded(
      listener.port,
      Buffer.concat([frameOf(Buffer.alloc(1)), frameOf(Buffer.alloc(1))]),
    );
    const frame = (): never => {
      throw broken;
    };
    (await incoming).attach({ frame, closed() {}, drained() {} });
    await peer.closed;
    assert.deepEqual(faults, [broken]);
  });
});

describe("rethrow", LIMIT, () => {
  it("ends a process that has no handler for uncaught exceptions, and says why", async () => {
    const here = new URL("../../", import.meta.url);
    const source = new URL("../src/node/websocket/link.ts", here).href;
    const script = `import { rethrow } from "${source}"; rethrow(new Error("a handler is broken"));`;
    const args = ["--import", new URL("tsx.js", here).href, "--input-type=module", "--eval", script];
    await assert.rejects(promisify(execFile)(process.execPath, args), /a handler is broken/);
  });
});
