import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connect } from "../../../src/node/websocket/connect.ts";
import type { IncomingLink } from "../../../src/node/websocket/link.ts";
import { ManualClock } from "../manual-clock.ts";
import { authenticateAtFirstFrame, connected, deferred, holdStill, openListener } from "./house.ts";
import { frameOf, RawPeer, upgradeHead } from "./raw-peer.ts";
import { Recorder } from "./recorder.ts";

const LIMIT = { timeout: 60_000 };

function proveAtFirstFrame(link: IncomingLink): void {
  link.attach({ frame: () => link.proven(), closed() {}, drained() {} });
}

describe("listen: strangers", LIMIT, () => {
  const mute: [string, (port: number) => Promise<RawPeer>][] = [
    ["a silent socket", (port) => RawPeer.open(port)],
    ["an upgraded but mute socket", (port) => RawPeer.upgraded(port)],
    ["half a frame", (port) => RawPeer.upgraded(port, frameOf(Buffer.alloc(80)).subarray(0, 50))],
    ["a frame that is not authenticated", (port) => RawPeer.upgraded(port, frameOf(Buffer.alloc(80)))],
  ];
  mute.push([
    "half a head",
    async (port) => {
      const peer = await RawPeer.open(port);
      peer.socket.write(upgradeHead().slice(0, 40));
      return peer;
    },
  ]);
  for (const [name, open] of mute) {
    it(`drops ${name} at the deadline, without a byte`, async (test) => {
      const reasons: string[] = [];
      const clock = new ManualClock();
      const limits = { handshakeMs: 60 };
      const onRefused = (reason: string, address?: string): void => void reasons.push(`${address}: ${reason}`);
      const { port } = await openListener(test, { clock, limits, onLink: holdStill, onRefused });
      const peer = await open(port);
      await clock.waits(1);
      clock.pass(60);
      await peer.closed;
      assert.ok(peer.status === 101 ? peer.afterHead.length === 0 : peer.received.length === 0);
      assert.deepEqual(reasons, ["127.0.0.1: not authenticated within 0.06 s"]);
    });
  }

  it("counts the deadline from accept, not from the last sign of life", async (test) => {
    const clock = new ManualClock();
    const arrival = deferred<IncomingLink>();
    const { port } = await openListener(test, { clock, onLink: arrival.resolve });
    const peer = await RawPeer.open(port);
    peer.socket.write("GET / ");
    // Accepted for sure once the second connection is let in; then time passes before the first goes on.
    await RawPeer.upgraded(port);
    await arrival.promise;
    clock.pass(4999);
    peer.socket.write(upgradeHead().slice("GET / ".length));
    await peer.until(() => peer.received.includes("\r\n\r\n"));
    clock.pass(1);
    await peer.closed;
    assert.equal(peer.afterHead.length, 0);
  });

  it("lifts the deadline at authenticated()", async (test) => {
    const clock = new ManualClock();
    const { port } = await openListener(test, { clock });
    const peer = await RawPeer.upgraded(port);
    clock.pass(3_600_000);
    peer.socket.write(frameOf(Buffer.from("still here")));
    await peer.until(() => peer.afterHead.length === 12);
    assert.ok(peer.afterHead.equals(frameOf(Buffer.from("still here"), { masked: false })));
  });

  const bad: [string, Buffer][] = [
    ["1,025 bytes", frameOf(Buffer.alloc(1025))],
    ["a header that announces 1,025 bytes", frameOf(Buffer.alloc(1025)).subarray(0, 4)],
    ["text", frameOf(Buffer.from("hello"), { opcode: 1 })],
    ["a fragment", frameOf(Buffer.alloc(10), { fin: false })],
    ["a compressed message", frameOf(Buffer.alloc(10), { rsv1: true })],
    ["an unmasked frame", frameOf(Buffer.alloc(10), { masked: false })],
    ["a ping", frameOf(Buffer.alloc(0), { opcode: 9 })],
    ["a close", frameOf(Buffer.from([3, 232]), { opcode: 8 })],
  ];
  for (const [name, bytes] of bad) {
    it(`drops a stranger for ${name}, without a byte and without a frame`, async (test) => {
      const recorder = new Recorder();
      const { port } = await openListener(test, { onLink: (link) => link.attach(recorder) });
      const peer = await RawPeer.upgraded(port);
      peer.socket.write(bytes);
      await peer.closed;
      assert.equal(peer.afterHead.length, 0);
      assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
      assert.equal(recorder.frames.length, 0);
    });
    it(`drops a stranger for ${name} that comes along with the head`, async (test) => {
      const { port } = await openListener(test, { onLink: holdStill });
      const peer = await RawPeer.open(port);
      peer.socket.write(Buffer.concat([Buffer.from(upgradeHead()), bytes]));
      await peer.closed;
      assert.ok(peer.status === 0 || peer.afterHead.length === 0);
    });
  }

  it("takes 1,024 bytes from a stranger", async (test) => {
    const recorder = new Recorder();
    const { port } = await openListener(test, { onLink: (link) => link.attach(recorder) });
    await RawPeer.upgraded(port, frameOf(Buffer.alloc(1024, 9)));
    await recorder.until(() => recorder.frames.length === 1);
    assert.deepEqual(recorder.frames[0], new Uint8Array(1024).fill(9));
  });

  it("says nothing when it closes on a stranger", async (test) => {
    const { port } = await openListener(test, { onLink: (link) => link.close(1011) });
    const peer = await RawPeer.upgraded(port);
    await peer.closed;
    assert.equal(peer.afterHead.length, 0);
  });

  it("keeps 63 of 100 mute sockets, and a real peer gets in meanwhile", async (test) => {
    let dropped = 0;
    const onRefused = (): void => void (dropped += 1);
    const limits = { handshakeMs: 60_000 };
    const { port, url } = await openListener(test, { limits, onRefused, onLink: authenticateAtFirstFrame });
    const crowd = await Promise.all(Array.from({ length: 100 }, () => RawPeer.open(port)));

    let answered = false;
    for (let attempt = 0; attempt < 10 && !answered; attempt++) {
      const link = await connect(url).catch(() => undefined);
      if (link === undefined) continue;
      const recorder = new Recorder();
      link.attach(recorder);
      link.send(Uint8Array.of(attempt));
      await recorder.until(() => recorder.frames.length > 0 || recorder.end !== undefined);
      answered = recorder.frames.length > 0;
    }
    assert.ok(answered);
    assert.ok(dropped >= 37, `${dropped} dropped`);
    assert.ok(dropped < 100, "and by far not all of them");
    for (const peer of crowd) peer.socket.destroy();
  });

  it("has room again when strangers leave", async (test) => {
    const limits = { maxUnauthenticated: 2, dropFrom: 2, handshakeMs: 60_000 };
    const { url, port } = await openListener(test, { limits, random: () => 0 });
    // random() = 0 always drops the oldest, so each newcomer pushes the one before it out.
    const first = await RawPeer.open(port);
    const second = await RawPeer.open(port);
    await first.closed;
    const link = await connect(url);
    await second.closed;
    const recorder = new Recorder();
    link.attach(recorder);
    // Authenticated at once, so nobody is in the way of the next.
    for (let i = 0; i < 3; i++) (await connect(url)).attach(new Recorder());
    link.send(Uint8Array.of(1));
    await recorder.until(() => recorder.frames.length === 1);
  });

  it("does not draw whoever has proven a secret, however many strangers come", async (test) => {
    const limits = { maxUnauthenticated: 2, dropFrom: 2, handshakeMs: 60_000 };
    const proven = deferred<void>();
    const onLink = (link: IncomingLink): void => {
      const frame = (bytes: Uint8Array): void => {
        link.proven();
        proven.resolve();
        if (bytes[0] === 2) link.send(bytes);
      };
      link.attach({ frame, closed() {}, drained() {} });
    };
    // random() = 0 always draws the oldest, which would be this one.
    const { url, port } = await openListener(test, { limits, onLink, random: () => 0 });
    const { link, recorder } = await connected(url);
    link.send(Uint8Array.of(1));
    await proven.promise;
    const crowd = await Promise.all(Array.from({ length: 20 }, () => RawPeer.open(port)));
    await Promise.all(crowd.slice(0, -1).map(({ closed }) => closed));
    link.send(Uint8Array.of(2));
    await recorder.until(() => recorder.frames.length === 1 || recorder.end !== undefined);
    assert.equal(recorder.end, undefined);
  });

  it("draws among those who have proven one, too, when they are too many", async (test) => {
    const limits = { maxUnauthenticated: 2, dropFrom: 2, handshakeMs: 60_000 };
    const { url } = await openListener(test, { limits, onLink: proveAtFirstFrame, random: () => 0 });
    const first = await connected(url);
    first.link.send(Uint8Array.of(1));
    const second = await connected(url);
    second.link.send(Uint8Array.of(1));
    assert.equal((await first.recorder.ended()).clean, false);
  });
});
