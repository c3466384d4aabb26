import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { WebSocketLink } from "../../../src/node/websocket/link.ts";
import { ManualClock } from "../manual-clock.ts";
import { connected, listenerOf, openListener } from "./house.ts";
import { RawPeer } from "./raw-peer.ts";
import { Recorder } from "./recorder.ts";

const LIMIT = { timeout: 60_000 };

/** A link whose peer reads nothing. */
async function stalled(test: TestContext, clock: ManualClock) {
  const { listener, incoming } = await listenerOf(test, { clock });
  const peer = await RawPeer.upgraded(listener.port);
  peer.socket.pause();
  const link = await incoming;
  const recorder = new Recorder();
  link.attach(recorder);
  return { link, recorder };
}

describe("WebSocketLink: slow readers", LIMIT, () => {
  const frame = new Uint8Array(65_535);

  /** Sends until more is queued than the operating system takes. */
  async function fill(link: WebSocketLink, aboveBytes: number, ended: () => boolean): Promise<void> {
    // Loopback sockets buffer a few MB; far beyond that something is wrong.
    for (let sent = 0; sent < 2000 && link.bufferedBytes <= aboveBytes && !ended(); sent++) {
      link.send(frame);
      await nextTurn();
    }
  }

  it("is terminated over 1 MiB queued while others go on", async (test) => {
    // On this clock the 10 s never pass.
    const { link, recorder } = await stalled(test, new ManualClock());
    const other = await openListener(test);
    const good = await connected(other.url);
    await fill(link, Infinity, () => recorder.end !== undefined);
    assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
    good.link.send(Uint8Array.of(1));
    await good.recorder.until(() => good.recorder.frames.length === 1);
  });

  it("is terminated after 10 s over 64 KiB", async (test) => {
    const clock = new ManualClock();
    const { link, recorder } = await stalled(test, clock);
    await fill(link, 64 * 1024, () => recorder.end !== undefined);
    assert.ok(link.bufferedBytes > 64 * 1024);
    clock.pass(9999);
    await nextTurn();
    assert.equal(recorder.end, undefined);
    clock.pass(1);
    assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
  });

  it("is told of by drained() once it reads again, and has its 10 s anew", async (test) => {
    const clock = new ManualClock();
    const { listener, incoming } = await listenerOf(test, { clock });
    const peer = await RawPeer.upgraded(listener.port);
    const link = await incoming;
    const recorder = new Recorder();
    link.attach(recorder);
    for (let round = 1; round <= 2; round++) {
      peer.socket.pause();
      await fill(link, 64 * 1024, () => recorder.end !== undefined);
      const before = recorder.drains; // filling it may have passed 64 KiB and come back, too
      clock.pass(9999);
      peer.socket.resume();
      await recorder.until(() => recorder.drains > before);
      assert.equal(recorder.drains, before + 1);
      assert.ok(link.bufferedBytes < 16 * 1024);
    }
    assert.equal(recorder.end, undefined);
    assert.equal(clock.pending.length, 0);
  });

  it("makes Node warn of nothing, however many frames wait for it", async (test) => {
    const warnings: string[] = [];
    const listen = ({ message }: Error): void => void warnings.push(message);
    process.on("warning", listen);
    test.after(() => process.off("warning", listen));
    const { link, recorder } = await stalled(test, new ManualClock());
    await fill(link, 64 * 1024, () => recorder.end !== undefined);
    for (let sent = 0; sent < 1_000; sent++) link.send(Uint8Array.of(1));
    await nextTurn();
    assert.ok(link.bufferedBytes > 64 * 1024);
    assert.deepEqual(warnings, []);
  });

  it("does not hear drained() for small queues", async (test) => {
    const { url } = await openListener(test);
    const { link, recorder } = await connected(url);
    for (let i = 0; i < 20; i++) link.send(new Uint8Array(1000));
    await recorder.until(() => recorder.frames.length === 20);
    assert.equal(recorder.drains, 0);
  });
});
